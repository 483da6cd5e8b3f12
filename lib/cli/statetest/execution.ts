/** Execution of a state test's case: its transaction on its pre-state, untraced or traced. */

import {
  type BlockEnvironment,
  packTransactions,
  type TransactionSource,
} from '../../block/index.js'
import { Revision, type Ruleset } from '../../chain/index.js'
import { executionError } from '../../engine/execution-error.js'
import { BlockDecodeError, type BraidError, InvalidTransactionError } from '../../errors.js'
import { NativeEngine, NativeState } from '../../native/load.js'
import { PackedReader } from '../../native/packed-reader.js'
import { poolOf, resolvePolicy, Scheduler } from '../../schedule/plan.js'
import type { PolicyName } from '../../schedule/policy.js'
import { packAlloc } from '../../state/alloc.js'
import { type NativeTracer, tracedInput, tracesIn } from '../../trace/index.js'
import { StateTrie } from '../../trie/state-trie.js'
import type { StateTest } from './format.js'

/** What executes cases. */
export interface CaseExecutorOptions {
  /** The EVM, as for an engine. */
  readonly vm: string
  /** The most threads that one test uses, as for an engine. Default 0: as many as there are cores. */
  readonly threads?: number
  /** Who decides how a test's transactions are executed, as for an engine. Default `sequential`. */
  readonly policy?: PolicyName
}

/** A case to be executed. */
export interface Case {
  readonly transaction: TransactionSource
  readonly environment: BlockEnvironment
  readonly ruleset: Ruleset
  readonly preState: PreState
}

/** What executing a traced case gives. */
export interface TracedOutcome {
  /** The packed output, or why there is none. */
  readonly outcome: PackedReader | BraidError
  /** What the tracer has written. */
  readonly trace: Uint8Array
}

/** Executes cases on one EVM, on the thread that made it. */
export class CaseExecutor {
  readonly #engine: NativeEngine
  readonly #scheduler: Scheduler

  constructor({ vm, threads = 0, policy = 'sequential' }: CaseExecutorOptions) {
    const pool = poolOf(threads)
    this.#scheduler = new Scheduler(resolvePolicy(policy), pool)
    this.#engine = new NativeEngine({ vm: vm === 'builtin' ? '' : vm, threads: pool.size })
  }

  /** The packed output, or why there is none. */
  execute(what: Case): PackedReader | BraidError {
    const input = packed(what)
    if (!(input instanceof Uint8Array)) return input
    const scheduled = this.#scheduler.schedule(input)
    const bytes = this.#engine.executeSync(what.preState.native, scheduled.input)
    const output = new PackedReader(bytes)
    const error = executionError(output)
    if (error !== undefined) return error
    this.#scheduler.learn(scheduled, bytes)
    return output
  }

  /** As {@link execute} does, with what a tracer says of it. */
  trace(what: Case, tracer: NativeTracer): TracedOutcome {
    const input = packed(what)
    if (!(input instanceof Uint8Array)) return { outcome: input, trace: new Uint8Array() }
    const traced = tracedInput(input, tracer, [], 0)
    const output = new PackedReader(this.#engine.executeSync(what.preState.native, traced))
    const error = executionError(output)
    if (error !== undefined) return { outcome: error, trace: new Uint8Array() }
    const [trace] = tracesIn(output.bytes)
    return { outcome: output, trace }
  }
}

/** The packed input of a case, or why its transaction cannot be one. */
function packed({ transaction, environment, ruleset }: Case): Uint8Array | BraidError {
  try {
    return packTransactions(environment, ruleset, [transaction])
  } catch (error) {
    if (isRejection(error)) return error
    throw error
  }
}

/** The state before a test's transactions, in native memory and as a trie. */
export class PreState {
  readonly native = new NativeState()
  readonly trie: StateTrie
  private root: string | undefined

  constructor(private readonly test: StateTest) {
    const dump = packAlloc(test.pre)
    this.native.load(dump)
    this.trie = new StateTrie(dump)
  }

  /** The root before the transactions. */
  get rootBefore(): string {
    this.root ??= this.trie.root
    return this.root
  }

  /**
   * The root where no transaction ran. Some generators of tests pay the coinbase a reward of nothing
   * even then, which creates the account where EIP-161 does not hold yet: both roots are right.
   */
  rootAfterRejection({ coinbase }: BlockEnvironment, ruleset: Ruleset, expected: string): string {
    const { pre } = this.test
    const rewarded = ruleset.revision < Revision.SpuriousDragon && !Object.hasOwn(pre, coinbase)
    if (this.rootBefore === expected || !rewarded) return this.rootBefore
    return new StateTrie(packAlloc({ ...pre, [coinbase]: {} })).root
  }
}

/** Whether an error says that a transaction is malformed or not valid in its block. */
export function isRejection(error: unknown): error is BraidError {
  return error instanceof InvalidTransactionError || error instanceof BlockDecodeError
}
