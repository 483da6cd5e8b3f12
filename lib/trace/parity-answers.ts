/** What `trace_*` answers: OpenEthereum's members, as `JSON.parse` gives them. */

import type { Hex } from '../hex/index.js'
import type { FlatCallAction, FlatCallResult } from './flat-call.js'

/** A call, a creation or a self-destruction, as `parity` shows it. */
export interface ParityCall {
  /** What is done. */
  readonly type: 'call' | 'create' | 'suicide'
  /** What is done, in full. Gas is without what the transaction costs before it begins. */
  readonly action: FlatCallAction
  /** What came of it. Null for self-destructions; null or absent where it failed: see {@link ParityClient}. */
  readonly result?: FlatCallResult | null
  /** Why it failed, in the words of the client. */
  readonly error?: string
  /** Of `besu`: what it said with REVERT. */
  readonly revertReason?: Hex
  /** How many of the others it made itself. */
  readonly subtraces: number
  /** Its place in the tree: its number among those that its parent made, after that of its parent, and so on. */
  readonly traceAddress: readonly number[]
}

/** The same with its place in the chain, as `trace_block`, `trace_transaction` and `trace_filter` show it. */
export interface ParityLocatedCall extends ParityCall {
  /** The block's hash. */
  readonly blockHash: Hex
  /** The block's number. */
  readonly blockNumber: number
  /** The transaction's hash. */
  readonly transactionHash: Hex
  /** The transaction's place in the block. */
  readonly transactionPosition: number
}

/** A value before and after. */
export interface ParityChange {
  /** Before. */
  readonly from: Hex
  /** After. */
  readonly to: Hex
}

/** A value that is another. */
export interface ParityChanged {
  /** What it was and is. */
  readonly '*': ParityChange
}

/** A value of an account that is new. */
export interface ParityBorn {
  /** What it is. */
  readonly '+': Hex
}

/** A value of an account that is gone. */
export interface ParityDied {
  /** What it was. */
  readonly '-': Hex
}

/** How a value differs: not at all, from one to another, new with an account, gone with one. */
export type ParityDifference = '=' | ParityChanged | ParityBorn | ParityDied

/** How an account differs. */
export interface ParityAccountDiff {
  /** In wei. */
  readonly balance: ParityDifference
  /** The code itself. */
  readonly code: ParityDifference
  /** A quantity. */
  readonly nonce: ParityDifference
  /** The slots that differ, by their keys, 32 bytes each as their values are. Of accounts that are gone: none. */
  readonly storage: Readonly<Record<Hex, ParityDifference>>
}

/** A part of memory. */
export interface ParityMemory {
  /** What is there. */
  readonly data: Hex
  /** Where it begins. */
  readonly off: number
}

/** A slot that was written. */
export interface ParityStore {
  /** Which one: a quantity. */
  readonly key: Hex
  /** What it holds now: a quantity. */
  readonly val: Hex
}

/** What an instruction has left. */
export interface ParityEffect {
  /** What is in memory where it has written or read, if anywhere. */
  readonly mem: ParityMemory | null
  /** What is on the stack in the place of what it took; of DUP and SWAP all that they touch. */
  readonly push: readonly Hex[]
  /** The slot that it has written, if any. */
  readonly store: ParityStore | null
  /** The gas that is left. */
  readonly used: number
}

/** An instruction, as `vmTrace` shows it. */
export interface ParityInstruction {
  /** What it costs, with what it gives to a call. */
  readonly cost: number
  /** What it has left; null where it failed. */
  readonly ex: ParityEffect | null
  /** Its place in the code. */
  readonly pc: number
  /** What the code that it entered has done, if any. */
  readonly sub: ParityVmTrace | null
}

/** Code that was executed. */
export interface ParityVmTrace {
  /** The code. */
  readonly code: Hex
  /** Its instructions, in the order of their execution. */
  readonly ops: readonly ParityInstruction[]
}

/** What `parity` shows of a transaction: an item of what `trace_replayBlockTransactions` answers. */
export interface ParityTrace {
  /** What the transaction returned, or said with REVERT; `0x` where it failed otherwise. */
  readonly output: Hex
  /** Of `besu`, for transactions of blocks: what was said with REVERT, which is not in `output` then. */
  readonly revertReason?: Hex
  /** The accounts that differ, by address; null where it was not asked for. */
  readonly stateDiff: Readonly<Record<Hex, ParityAccountDiff>> | null
  /** The calls; empty where they were not asked for. */
  readonly trace: readonly ParityCall[]
  /** The transaction's hash; absent of calls. */
  readonly transactionHash?: Hex
  /** The instructions; null where they were not asked for. */
  readonly vmTrace: ParityVmTrace | null
}
