/** What engines are made of, and how they execute. */

import type { Common } from '@ethereumjs/common'
import { checkFlags } from '../arguments.js'
import type { BlockHashes } from '../block/index.js'
import type { PolicyName, SchedulingPolicy } from '../schedule/policy.js'
import type { MemoryState } from '../state/memory-state.js'
import type { SourceState } from '../state/source-state.js'

/** What an engine is made of. */
export interface EngineOptions {
  /** The chain. Default: Ethereum mainnet with every hardfork that is scheduled. */
  readonly common?: Common
  /**
   * The EVM: `builtin`, `evmone` (the shared library that BRAID_EVMONE names, else `libevmone` on the
   * library path), or the path of any EVMC 12 VM. Default `builtin`.
   */
  readonly vm?: string
  /** The most threads that one block uses. Default 0: as many as there are cores. */
  readonly threads?: number
  /**
   * Who decides how a block's transactions are executed: `sequential`, `optimistic` (ahead of their
   * turn on several threads, committed in order), `adaptive` (learns from block to block when and how
   * that pays), or a policy of your own. The result does not depend on it. Default `adaptive`.
   */
  readonly policy?: PolicyName | SchedulingPolicy
  /**
   * How many bytes of decoded code the process keeps at most: the built-in EVM decodes code where it is
   * run, once for all engines and states. What was not run for the longest time is given up, and decoded
   * again when it is needed. One number for the whole process: an engine that names none leaves it as
   * it is. Default 64 MiB (67108864).
   */
  readonly decodedCodeBytes?: number
}

/** How a block is executed on the JavaScript thread. */
export interface ExecuteBlockSyncOptions {
  /** The state after the block's parent. It is read and left as it is. */
  readonly state: MemoryState
  /** Hashes of ancestors that BLOCKHASH may ask for. The parent's is known from the header. */
  readonly blockHashes?: BlockHashes
  /**
   * Whether to compare the outcome with the header and fail at the first difference. With false,
   * {@link BlockResult.verify} tells all of them. Default true.
   */
  readonly verify?: boolean
  /**
   * Take `from` of JSON transactions without a signature as their sender. Default false: such a
   * transaction is an error.
   */
  readonly trustSenders?: boolean
  /**
   * Skip system contracts that have no code instead of failing the block: for states that hold only
   * what a block's transactions touch. Default false.
   */
  readonly forgiveMissingSystemContracts?: boolean
  /**
   * Compute the state root after each transaction of a block before Byzantium, whose receipts hold
   * it: needed for their root. It takes a second run and a root per transaction. Ignored from
   * Byzantium on. Default false.
   */
  readonly transactionRoots?: boolean
}

/** How a block is executed. */
export interface ExecuteBlockOptions extends ExecuteBlockSyncOptions {
  /**
   * Ends the execution when it is aborted: the promise is rejected with `CANCELLED`, whose `cause` is
   * the signal's reason, and the state is as it was. Aborted before, nothing is executed; aborted
   * after the promise has settled, nothing happens. A block that waits for a thread is dropped at
   * once. One that runs stops at the next transaction or call frame, and inside of frames after some
   * hundred thousand gas, mostly within a millisecond; a single precompile or hash of megabytes is
   * not interrupted. EVMs other than the built-in one stop at the next transaction or call frame.
   */
  readonly signal?: AbortSignal
}

/** How a block is executed on a state that lies elsewhere. */
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
  readonly state: MemoryState | SourceState
  /**
   * The rules, by the hardfork's name in `@ethereumjs/common` or in test suites. Default: those of
   * the engine's chain at the environment's number and timestamp.
   */
  readonly hardfork?: string
  /** Ends the execution when it is aborted, as {@link ExecuteBlockOptions.signal} does. */
  readonly signal?: AbortSignal
}

/** Throws `OPTION_INVALID` where an option that every way to execute a block has is no boolean. */
export function checkBlockFlags(options: Omit<ExecuteBlockSyncOptions, 'state'>): void {
  checkFlags(options, 'verify', 'trustSenders', 'forgiveMissingSystemContracts', 'transactionRoots')
}
