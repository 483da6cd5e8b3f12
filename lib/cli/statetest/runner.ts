/** Runs state tests: one transaction per case on a pre-state, compared by roots. */

import { isRecord } from '../../arguments.js'
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
import { logsHash } from '../../output/receipt-encoding.js'
import { poolOf, resolvePolicy, Scheduler } from '../../schedule/plan.js'
import type { PolicyName } from '../../schedule/policy.js'
import { packAlloc } from '../../state/alloc.js'
import { StateTrie } from '../../trie/state-trie.js'
import { isBlockTest } from '../blocktest/format.js'
import { describeError } from '../console.js'
import { readJson } from '../files.js'
import { addCases, emptyOutcome, skipFork, type TestOutcome } from '../test-outcome.js'
import { environmentOf, RulesetCache, transactionOf } from './case.js'
import { isStateTest, type StateTest, type StateTestPost } from './format.js'

/** How state tests are run. */
export interface StateTestRunnerOptions {
  /** Only this fork, as the tests spell it. Default: all. */
  readonly fork?: string | undefined
  /** The EVM, as for an engine. */
  readonly vm: string
  /** The most threads that one test uses, as for an engine. Default 0: as many as there are cores. */
  readonly threads?: number
  /** Who decides how a test's transactions are executed, as for an engine. Default `sequential`. */
  readonly policy?: PolicyName
}

/** Runs state tests on one EVM, on the thread that made it. */
export class StateTestRunner {
  private readonly fork: string | undefined
  private readonly engine: NativeEngine
  private readonly scheduler: Scheduler
  private readonly rulesets = new RulesetCache()

  constructor({ fork, vm, threads = 0, policy = 'sequential' }: StateTestRunnerOptions) {
    const pool = poolOf(threads)
    this.fork = fork
    this.scheduler = new Scheduler(resolvePolicy(policy), pool)
    this.engine = new NativeEngine({ vm: vm === 'builtin' ? '' : vm, threads: pool.size })
  }

  /** Runs all tests of a file. */
  runFile(path: string): TestOutcome {
    const outcome = emptyOutcome()
    const value = readJson(path)
    const entries = isRecord(value) ? Object.entries(value) : []
    if (!entries.some(([, test]) => isStateTest(test))) outcome.withoutTests.push(path)
    for (const [name, test] of entries) {
      if (isStateTest(test)) {
        this.runTest(test, path, name, outcome)
      } else {
        outcome.skipped++
        if (isBlockTest(test)) outcome.otherKind++
      }
    }
    return outcome
  }

  private runTest(test: StateTest, file: string, name: string, outcome: TestOutcome): void {
    let preState: PreState | undefined
    for (const [fork, posts] of Object.entries(test.post)) {
      if (this.fork !== undefined && fork !== this.fork) {
        addCases(outcome.otherForks, fork, posts.length)
        continue
      }
      const fail = (index: number, reason: string): void => {
        outcome.failed++
        outcome.failures.push({ file, test: name, fork, index, reason })
      }
      try {
        const ruleset = this.rulesets.get(fork, test.config)
        if (ruleset === undefined) {
          skipFork(outcome, fork, posts.length)
          continue
        }
        preState ??= new PreState(test)
        const environment = environmentOf(test.env, ruleset)
        for (const [index, post] of posts.entries()) {
          const reason = this.check(test, post, environment, ruleset, preState)
          if (reason === undefined) outcome.passed++
          else fail(index, reason)
        }
      } catch (error) {
        // What all cases share is malformed.
        fail(-1, describeError(error))
      }
    }
  }

  /** Why a case fails, or undefined where it passes. */
  private check(
    test: StateTest,
    post: StateTestPost,
    environment: BlockEnvironment,
    ruleset: Ruleset,
    preState: PreState,
  ): string | undefined {
    try {
      const transaction = transactionOf(test.transaction, post)
      const outcome = this.execute(transaction, environment, ruleset, preState)
      const rejected = !(outcome instanceof PackedReader)
      if (rejected && !isRejection(outcome)) return describeError(outcome)
      if (rejected && post.expectException === undefined) {
        return `rejected: ${describeError(outcome)}`
      }
      if (!rejected && post.expectException !== undefined) {
        return `accepted, expected ${post.expectException}`
      }
      const root = rejected
        ? preState.rootAfterRejection(environment, ruleset, post.hash)
        : preState.trie.rootAfter({ packed: outcome.bytes })
      if (root !== post.hash) return `state root: expected ${post.hash}, got ${root}`
      if (rejected) return undefined
      const logs = hexOf(logsHash(outcome))
      return logs === post.logs ? undefined : `logs hash: expected ${post.logs}, got ${logs}`
    } catch (error) {
      return describeError(error)
    }
  }

  /** The packed output, or why there is none. */
  private execute(
    transaction: TransactionSource,
    environment: BlockEnvironment,
    ruleset: Ruleset,
    preState: PreState,
  ): PackedReader | BraidError {
    let input: Uint8Array
    try {
      input = packTransactions(environment, ruleset, [transaction])
    } catch (error) {
      if (isRejection(error)) return error
      throw error
    }
    const scheduled = this.scheduler.schedule(input)
    const packed = this.engine.executeSync(preState.native, scheduled.input)
    const output = new PackedReader(packed)
    const error = executionError(output)
    if (error !== undefined) return error
    this.scheduler.learn(scheduled, packed)
    return output
  }
}

/** The state before a test's transactions, in native memory and as a trie. */
class PreState {
  readonly native = new NativeState()
  readonly trie: StateTrie
  private root: string | undefined

  constructor(private readonly test: StateTest) {
    const packed = packAlloc(test.pre)
    this.native.load(packed)
    this.trie = new StateTrie(packed)
  }

  /**
   * The root where no transaction ran. Some generators of tests pay the coinbase a reward of nothing
   * even then, which creates the account where EIP-161 does not hold yet: both roots are right.
   */
  rootAfterRejection({ coinbase }: BlockEnvironment, ruleset: Ruleset, expected: string): string {
    this.root ??= this.trie.root
    const { pre } = this.test
    const rewarded = ruleset.revision < Revision.SpuriousDragon && !Object.hasOwn(pre, coinbase)
    if (this.root === expected || !rewarded) return this.root
    return new StateTrie(packAlloc({ ...pre, [coinbase]: {} })).root
  }
}

/** Whether an error says that a transaction is malformed or not valid in its block. */
function isRejection(error: unknown): error is BraidError {
  return error instanceof InvalidTransactionError || error instanceof BlockDecodeError
}

function hexOf(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}
