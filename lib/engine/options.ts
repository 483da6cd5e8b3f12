/** What engines are made of, and how they execute. */

import type { Common } from '@ethereumjs/common'
import { checkFlags, checkObject, checkOptions, demand, type MembersOf } from '../arguments.js'
import type { BlockHashes } from '../chain/index.js'
import type { PolicyName, SchedulingPolicy } from '../schedule/policy.js'
import type { ReadableState } from '../state/readable-state.js'
import type { SourceState } from '../state/source-state.js'

/** What an engine is made of. */
export interface EngineOptions {
  /**
   * The chain. Its blob schedule, reward, deposit contract and chain id are followed; where another
   * parameter (a gas cost, a limit) is not the protocol's, blocks fail with `OPTION_UNSUPPORTED`.
   * Default: Ethereum mainnet with every hardfork that is scheduled.
   */
  readonly common?: Common | undefined
  /**
   * The EVM: `builtin`, `evmone` (the shared library that BRAID_EVMONE names, else `libevmone` on the
   * library path), or the path of any EVMC 12 or 18 VM. Default `builtin`.
   */
  readonly vm?: string | undefined
  /** The most threads that one block uses. Default 0: as many as there are cores. */
  readonly threads?: number | undefined
  /**
   * Who decides how a block's transactions are executed: `sequential`, `optimistic` (ahead of their
   * turn on several threads, committed in order), `adaptive` (learns from block to block when and how
   * that pays), or a policy of your own. The result does not depend on it. Default `adaptive`.
   */
  readonly policy?: PolicyName | SchedulingPolicy | undefined
  /**
   * How many bytes of decoded code the process keeps at most: the built-in EVM decodes code where it is
   * run, once for all engines and states. What was not run for the longest time is given up, and decoded
   * again when it is needed. One number for the whole process: an engine that names none leaves it as
   * it is. Default 64 MiB (67108864).
   */
  readonly decodedCodeBytes?: number | undefined
}

/** How a block is executed on the JavaScript thread. */
export interface ExecuteBlockSyncOptions {
  /**
   * The state after the block's parent, or a snapshot of it; none that has a source. It is read and left
   * as it is.
   */
  readonly state: ReadableState
  /** Hashes of ancestors that BLOCKHASH may ask for. The parent's is known from the header. */
  readonly blockHashes?: BlockHashes | undefined
  /**
   * Whether to compare the outcome with the header and fail at the first difference. With false,
   * {@link BlockResult.verify} tells all of them, and what could not be compared. Default true.
   */
  readonly verify?: boolean | undefined
  /**
   * Take `from` of JSON transactions without a signature as their sender. Default false: such a
   * transaction is an error.
   */
  readonly trustSenders?: boolean | undefined
  /**
   * Skip system contracts that have no code instead of failing the block: for states that hold only
   * what a block's transactions touch. Default false.
   */
  readonly forgiveMissingSystemContracts?: boolean | undefined
  /**
   * Execute JSON-RPC blocks that name ommers by hash alone. Nobody is paid for these ommers, so the
   * state afterwards is not that of the chain, and `ommersHash` is not checked. Default false: such a
   * block fails with `DECODE_OMMERS_MISSING`; give the headers in `uncles`.
   */
  readonly forgiveMissingOmmers?: boolean | undefined
  /**
   * Compute the state root after each transaction of a block before Byzantium, whose receipts hold
   * it: needed for their root. It takes a second run and a root per transaction, on a
   * `MemoryState`. Ignored from Byzantium on. Default false.
   */
  readonly transactionRoots?: boolean | undefined
}

/** How a block is executed. */
export interface ExecuteBlockOptions extends Omit<ExecuteBlockSyncOptions, 'state'> {
  /**
   * The state after the block's parent. It is left as it is; one with a source is known better
   * afterwards. Where it keeps a root (a `MemoryState` with `trie`, a `WitnessState`) that after the
   * block is computed too, and compared with the header's. A snapshot is as good as the state.
   */
  readonly state: ReadableState
  /**
   * Ends the execution when it is aborted: the promise is rejected with `CANCELLED`, whose `cause` is
   * the signal's reason, and the state is as it was. Aborted before, nothing is executed; aborted
   * after the promise has settled, nothing happens. A block that waits for a thread is dropped at
   * once. One that runs stops at the next transaction or call frame, and inside of frames after some
   * hundred thousand gas, mostly within a millisecond; a single precompile or hash of megabytes is
   * not interrupted. EVMs other than the built-in one stop at the next transaction or call frame. One
   * that waits for a {@link StateSource} is ended at once; the source is handed a signal.
   */
  readonly signal?: AbortSignal | undefined
  /**
   * How many milliseconds executing the block may take: then it ends as if `signal` were aborted, and
   * the promise is rejected with `TIMEOUT`. Decoding before and checks afterwards do not count.
   * Default: as long as it takes.
   */
  readonly timeout?: number | undefined
}

/** How a block is executed on a state that lies elsewhere: {@link ExecuteBlockOptions} for such a state. */
export interface ExecuteOnSourceOptions
  extends Omit<ExecuteBlockOptions, 'state' | 'transactionRoots'> {
  /**
   * The state after the block's parent. It is left as it is, and known better afterwards. On a
   * `WitnessState` the state root is computed too, and compared with the header's.
   */
  readonly state: SourceState
}

/** How transactions are executed outside of a block. */
export interface ExecuteTransactionsOptions {
  /** The state before the first transaction. It is read and left as it is. */
  readonly state: ReadableState
  /**
   * The rules, by the hardfork's name in `@ethereumjs/common` or in test suites, with the parameters
   * (chain id, blob schedule) that the engine's chain has for it. Default: those of the engine's chain
   * at the environment's number and timestamp.
   */
  readonly hardfork?: string | undefined
  /** Ends the execution when it is aborted, as {@link ExecuteBlockOptions.signal} does. */
  readonly signal?: AbortSignal | undefined
  /** How many milliseconds executing may take, as {@link ExecuteBlockOptions.timeout} says. */
  readonly timeout?: number | undefined
}

const engineMembers: MembersOf<EngineOptions> = {
  common: true,
  vm: true,
  threads: true,
  policy: true,
  decodedCodeBytes: true,
}

const blockSyncMembers: MembersOf<ExecuteBlockSyncOptions> = {
  state: true,
  blockHashes: true,
  verify: true,
  trustSenders: true,
  forgiveMissingSystemContracts: true,
  forgiveMissingOmmers: true,
  transactionRoots: true,
}

/** The options of {@link ExecuteBlockOptions}. */
export const blockMembers: MembersOf<ExecuteBlockOptions> = {
  ...blockSyncMembers,
  signal: true,
  timeout: true,
}

const transactionsMembers: MembersOf<ExecuteTransactionsOptions> = {
  state: true,
  hardfork: true,
  signal: true,
  timeout: true,
}

/** Throws `OPTION_INVALID` for options that an engine does not have. */
export function checkEngineOptions(options: EngineOptions): void {
  checkOptions(options, engineMembers)
}

/** Throws `OPTION_INVALID` for options that executing a block does not have. */
export function checkBlockOptions(options: ExecuteBlockOptions): void {
  checkOptions(options, blockMembers)
}

/** Throws `OPTION_INVALID` for options that executing a block on the calling thread does not have. */
export function checkBlockSyncOptions(options: ExecuteBlockSyncOptions): void {
  checkObject(options, 'options')
  const { signal, timeout } = options as ExecuteBlockOptions
  demand(signal === undefined, 'signal', 'none: nothing could abort it', signal)
  demand(timeout === undefined, 'timeout', 'none: nothing could end it', timeout)
  checkOptions(options, blockSyncMembers)
}

/** Throws `OPTION_INVALID` for options that executing transactions does not have. */
export function checkTransactionsOptions(options: ExecuteTransactionsOptions): void {
  checkOptions(options, transactionsMembers)
}

/** Throws `OPTION_INVALID` where an option that every way to execute a block has is no boolean. */
export function checkBlockFlags(options: Omit<ExecuteBlockSyncOptions, 'state'>): void {
  checkFlags(options, 'verify', 'trustSenders', 'transactionRoots')
  checkFlags(options, 'forgiveMissingSystemContracts', 'forgiveMissingOmmers')
}
