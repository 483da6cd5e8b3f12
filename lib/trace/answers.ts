/** What the tracers say of a transaction: geth's members, as `JSON.parse` gives them. */

import type { Hex } from '../hex/index.js'
import type {
  MuxedTracerName,
  TracerConfigs,
  TracerName,
  WithDiffMode,
  WithoutDiffMode,
} from './configs.js'
import type { FlatCall } from './flat-call.js'
import type { ParityTrace } from './parity-answers.js'

/** A log of a {@link CallFrame}. */
export interface CallFrameLog {
  /** The contract that emitted it. */
  readonly address: Hex
  /** Up to four, 32 bytes each. */
  readonly topics: readonly Hex[]
  /** Its data. */
  readonly data: Hex
  /** Its number in the block. */
  readonly index: Hex
  /** How many calls its frame had made before. */
  readonly position: Hex
}

/** A call, a creation or a self-destruction, as `callTracer` shows it. Numbers are hex. */
export interface CallFrame {
  /** The instruction that it comes from. */
  readonly type:
    | 'CALL'
    | 'CALLCODE'
    | 'DELEGATECALL'
    | 'STATICCALL'
    | 'CREATE'
    | 'CREATE2'
    | 'SELFDESTRUCT'
  /** Who calls. */
  readonly from: Hex
  /** Who is called; the new contract, or who gets the balance. Absent where a creation has failed. */
  readonly to?: Hex
  /** In wei. Absent for STATICCALL; of a DELEGATECALL that of the frame that makes it. */
  readonly value?: Hex
  /** What it was given; of the transaction's own call the transaction's gas limit. */
  readonly gas: Hex
  /** Of the transaction's own call what the receipt says. */
  readonly gasUsed: Hex
  /** The data of the call, or the init code. */
  readonly input: Hex
  /** What it returned, or the code that it left. */
  readonly output?: Hex
  /** Why it failed. */
  readonly error?: string
  /** What it said with REVERT, where that is a text or a panic of Solidity's. */
  readonly revertReason?: string
  /** The calls that it made, in their order. */
  readonly calls?: readonly CallFrame[]
  /** With `withLog`, what it logged itself, if that stands. */
  readonly logs?: readonly CallFrameLog[]
}

/** An account, as `prestateTracer` shows it. */
export interface TracedAccount {
  /** In wei. */
  readonly balance?: Hex
  /** Absent where it is 0. */
  readonly nonce?: number
  /** Absent where there is none. */
  readonly code?: Hex
  /** The hash of the code; absent where there is none. */
  readonly codeHash?: Hex
  /** Slots by their keys, 32 bytes each. */
  readonly storage?: Readonly<Record<Hex, Hex>>
}

/** Accounts by address. */
export type TracedAccounts = Readonly<Record<Hex, TracedAccount>>

/** What `prestateTracer` shows in `diffMode`. */
export interface TracedChanges {
  /** What was changed, after the transaction. Accounts that are gone are absent. */
  readonly post: TracedAccounts
  /** The accounts that were changed, before it. */
  readonly pre: TracedAccounts
}

/** An instruction, as `structLogs` shows it. */
export interface StructLog {
  /** Its place in the code. */
  readonly pc: number
  /** Its name. */
  readonly op: string
  /** The gas before it. */
  readonly gas: number
  /** What it costs, with what it gives to a call. */
  readonly gasCost: number
  /** That of the frame; 1: the transaction's own. */
  readonly depth: number
  /** Why it cannot be executed. */
  readonly error?: string
  /** Before it, the top at the end; absent with `disableStack`. */
  readonly stack?: readonly Hex[]
  /** With `enableReturnData`, what the latest call has returned, if anything. */
  readonly returnData?: Hex
  /** With `enableMemory`, the memory before it in words of 32 bytes. */
  readonly memory?: readonly Hex[]
  /** Of SLOAD and SSTORE: all slots of the contract that the transaction has looked at so far. */
  readonly storage?: Readonly<Record<Hex, Hex>>
  /** The transaction's refunds so far; absent where they are 0. */
  readonly refund?: number
}

/** What `structLogs` shows of a transaction. */
export interface StructLogs {
  /** The gas used, as the receipt says. */
  readonly gas: number
  /** Whether the transaction failed. */
  readonly failed: boolean
  /** What it returned, or reverted with. */
  readonly returnValue: Hex
  /** The instructions in the order of their execution. */
  readonly structLogs: readonly StructLog[]
}

/** An instruction, as `eip3155` shows it; once more where it has failed in its execution. */
export interface Eip3155Step {
  /** Its place in the code. */
  readonly pc: number
  /** Its number. */
  readonly op: number
  /** The gas before it. */
  readonly gas: Hex
  /** What it costs, with what it gives to a call. */
  readonly gasCost: Hex
  /** With `enableMemory`, the memory before it, if there is any. */
  readonly memory?: Hex
  /** The bytes of that memory. */
  readonly memSize: number
  /** Before it, the top at the end; null with `disableStack`. */
  readonly stack: readonly Hex[] | null
  /** With `enableReturnData`, what the latest call has returned, if anything. */
  readonly returnData?: Hex
  /** That of the frame; 1: the transaction's own. */
  readonly depth: number
  /** The transaction's refunds so far. */
  readonly refund: number
  /** Its name. */
  readonly opName: string
  /** Why it failed, or cannot be executed. */
  readonly error?: string
}

/** With `callFrames`, a frame that is entered, as `eip3155` shows it. */
export interface Eip3155Entry {
  /** Who calls or creates. */
  readonly from: Hex
  /** Who is called, or the new contract. */
  readonly to: Hex
  /** With `enableMemory`, what it is given, if anything. */
  readonly input?: Hex
  /** The gas that it is given. */
  readonly gas: Hex
  /** In wei. */
  readonly value: Hex
  /** The instruction that it comes from. */
  readonly type: CallFrame['type']
}

/** A frame that has ended, as `eip3155` shows it. */
export interface Eip3155Exit {
  /** What it returned, or reverted with: hex without `0x`. */
  readonly output: string
  /** The gas that it used; of the transaction's own frame without its intrinsic gas. */
  readonly gasUsed: Hex
  /** Why it failed. */
  readonly error?: string
}

/** A line of `eip3155`. */
export type Eip3155Line = Eip3155Step | Eip3155Entry | Eip3155Exit

/** The slots that a frame looked at. */
export interface Erc7562Slots {
  /** What each slot held when it was first read, where the frame had not written it before. */
  readonly reads: Readonly<Record<Hex, readonly Hex[]>>
  /** How often each was written. */
  readonly writes: Readonly<Record<Hex, number>>
  /** How often each was read with TLOAD. */
  readonly transientReads: Readonly<Record<Hex, number>>
  /** How often each was written with TSTORE. */
  readonly transientWrites: Readonly<Record<Hex, number>>
}

/** A contract that was called or looked at. */
export interface Erc7562Contract {
  /** The bytes of its code. */
  readonly contractSize: number
  /** The first opcode that had to do with it, as a number. */
  readonly opcode: number
}

/** A call as `erc7562Tracer` shows it. */
export interface Erc7562Frame extends Omit<CallFrame, 'calls'> {
  /** The slots that it looked at. */
  readonly accessedSlots: Erc7562Slots
  /** Whose code was looked at, one after another; not where EXTCODESIZE is asked for zero alone. */
  readonly extCodeAccessInfo: readonly Hex[]
  /** How often each opcode was executed, by its number in hex; GAS not where a call follows. */
  readonly usedOpcodes: Readonly<Record<Hex, number>>
  /** The contracts that were called or looked at: their sizes, and the first opcode that did. */
  readonly contractSize: Readonly<Record<Hex, Erc7562Contract>>
  /** Whether it ran out of gas; of the transaction's own call it is never said. */
  readonly outOfGas: boolean
  /** Of the transaction's own call: what KECCAK256 has hashed. */
  readonly keccak?: readonly Hex[]
  /** The calls that it made, in their order. */
  readonly calls?: readonly Erc7562Frame[]
}

/** What each tracer says of a transaction. */
export interface TracerAnswers {
  /** The transaction's own call, with all others below it. */
  readonly callTracer: CallFrame
  /** All calls in the order in which they began. */
  readonly flatCallTracer: readonly FlatCall[]
  /** The accounts that were looked up; in `diffMode` those that changed. */
  readonly prestateTracer: TracedAccounts | TracedChanges
  /** How often, by `0x<selector>-<size of the arguments>`. */
  readonly '4byteTracer': Readonly<Record<string, number>>
  /** The instructions. */
  readonly structLogs: StructLogs
  /** The lines, one after another. */
  readonly eip3155: readonly Eip3155Line[]
  /** Nothing. */
  readonly noopTracer: Readonly<Record<string, never>>
  /** What was hashed, by the hash. */
  readonly keccak256PreimageTracer: Readonly<Record<Hex, Hex>>
  /** The transaction's own call, with all others below it. */
  readonly erc7562Tracer: Erc7562Frame
  /** The calls, what was changed, the instructions: what was asked for. */
  readonly parity: ParityTrace
  /** What each of them says, by its name. */
  readonly muxTracer: { readonly [Name in MuxedTracerName]?: TracerAnswers[Name] }
}

/** What a tracer says of a transaction with these options. */
export type TracerAnswer<
  Name extends TracerName,
  Config extends TracerConfigs[Name] = TracerConfigs[Name],
> = Name extends 'prestateTracer'
  ? Config extends WithDiffMode
    ? TracedChanges
    : Config extends WithoutDiffMode
      ? TracedAccounts
      : TracerAnswers['prestateTracer']
  : TracerAnswers[Name]
