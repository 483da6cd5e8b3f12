/** Runs state tests: one transaction per case on a pre-state, compared by roots. */

import { isRecord } from '../../arguments.js'
import type { BlockEnvironment } from '../../block/index.js'
import type { Ruleset } from '../../chain/index.js'
import { PackedReader } from '../../native/packed-reader.js'
import { logsHash } from '../../output/receipt-encoding.js'
import { isBlockTest } from '../blocktest/format.js'
import { describeError } from '../console.js'
import { readJson } from '../files.js'
import { addCases, emptyOutcome, skipFork, type TestOutcome } from '../test-outcome.js'
import { environmentOf, prefixed, RulesetCache, transactionOf } from './case.js'
import { CaseExecutor, type CaseExecutorOptions, isRejection, PreState } from './execution.js'
import { isStateTest, type StateTest, type StateTestPost } from './format.js'
import { tracedDifference } from './trace-check.js'

/** How state tests are run. */
export interface StateTestRunnerOptions extends CaseExecutorOptions {
  /** Only this fork, as the tests spell it. Default: all. */
  readonly fork?: string | undefined
  /** Whether each case is traced as well, and must end as it does untraced. Default false. */
  readonly traceCheck?: boolean | undefined
}

/** Runs state tests on one EVM, on the thread that made it. */
export class StateTestRunner {
  private readonly fork: string | undefined
  private readonly traceCheck: boolean
  private readonly executor: CaseExecutor
  private readonly rulesets = new RulesetCache()

  constructor({ fork, traceCheck = false, ...options }: StateTestRunnerOptions) {
    this.fork = fork
    this.traceCheck = traceCheck
    this.executor = new CaseExecutor(options)
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
      const what = { transaction, environment, ruleset, preState }
      const outcome = this.executor.execute(what)
      const rejected = !(outcome instanceof PackedReader)
      if (rejected && !isRejection(outcome)) return describeError(outcome)
      if (rejected && post.expectException === undefined) {
        return `rejected: ${describeError(outcome)}`
      }
      if (!rejected && post.expectException !== undefined) {
        return `accepted, expected ${post.expectException}`
      }
      const hash = prefixed(post.hash)
      const root = rejected
        ? preState.rootAfterRejection(environment, ruleset, hash)
        : preState.trie.rootAfter({ packed: outcome.bytes })
      if (root !== hash) return `state root: expected ${hash}, got ${root}`
      if (rejected) return undefined
      const logs = hexOf(logsHash(outcome))
      const expected = prefixed(post.logs)
      if (logs !== expected) return `logs hash: expected ${expected}, got ${logs}`
      return this.traceCheck ? tracedDifference(this.executor, what, outcome, root) : undefined
    } catch (error) {
      return describeError(error)
    }
  }
}

function hexOf(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}
