/** `braid statetest --trace`: what geth's `evm statetest --trace` prints, for tools that compare EVMs. */

import { createInterface } from 'node:readline'
import { isRecord } from '../../arguments.js'
import type { Ruleset } from '../../chain/index.js'
import { PackedReader } from '../../native/packed-reader.js'
import { logsHash } from '../../output/receipt-encoding.js'
import { type NativeTracer, nativeTracer } from '../../trace/index.js'
import { describeError, ExitCode, print, UsageError, writtenOn } from '../console.js'
import { gethRejection } from '../evm-tool/rejection-text.js'
import { lineConfigOf, type TraceFlags } from '../evm-tool/trace-flags.js'
import { findJsonFiles, readJson } from '../files.js'
import { environmentOf, prefixed, RulesetCache, transactionOf } from './case.js'
import { CaseExecutor, PreState } from './execution.js'
import { isStateTest, type StateTest, type StateTestPost } from './format.js'

/** What is traced, and how. */
export interface StateTraceOptions extends TraceFlags {
  /** Only this fork. */
  readonly fork?: string | undefined
  /** Only the case at this place among those of each test. */
  readonly index?: number | undefined
  /** Only tests whose names match. */
  readonly run?: RegExp | undefined
  readonly vm: string
}

/** What became of a case, as geth tells it. */
interface CaseResult {
  readonly name: string
  readonly pass: boolean
  readonly stateRoot?: string
  readonly fork: string
  readonly error?: string
}

/**
 * Runs the command: lines go to standard error, each case ended by its state root; what became of the cases
 * is a JSON array on standard output. Without paths files are named on standard input, a line each, and what
 * became of one comes before the next is read.
 */
export async function traceStateTests(
  paths: readonly string[],
  options: StateTraceOptions,
): Promise<ExitCode> {
  if (options.vm !== 'builtin') throw new UsageError('--trace tells what the builtin EVM does')
  const tracing = new StateTracing(options)
  if (paths.length > 0) {
    const results: CaseResult[] = []
    for (const { path } of findJsonFiles(paths)) results.push(...(await tracing.file(path)))
    print(JSON.stringify(results, undefined, 2))
    return ExitCode.Success
  }
  for await (const path of createInterface({ input: process.stdin })) {
    if (path === '') break
    print(JSON.stringify(await tracing.file(path), undefined, 2))
  }
  return ExitCode.Success
}

/** Traces the cases of files. */
class StateTracing {
  readonly #options: StateTraceOptions
  readonly #executor: CaseExecutor
  readonly #rulesets = new RulesetCache()
  readonly #tracer: NativeTracer

  constructor(options: StateTraceOptions) {
    this.#options = options
    this.#executor = new CaseExecutor({ vm: options.vm, threads: 1 })
    this.#tracer = nativeTracer('eip3155', lineConfigOf(options))
  }

  /** What became of the cases of a file. */
  async file(path: string): Promise<CaseResult[]> {
    const { fork: onlyFork, index: onlyIndex, run } = this.#options
    const value = readJson(path)
    const results: CaseResult[] = []
    for (const [name, test] of isRecord(value) ? Object.entries(value) : []) {
      if (!isStateTest(test) || run?.test(name) === false) continue
      const cases = Object.entries(test.post).flatMap(([fork, posts]) =>
        posts.map((post) => ({ fork, post })),
      )
      let preState: PreState | undefined
      for (const [index, { fork, post }] of cases.entries()) {
        if (onlyFork !== undefined && fork !== onlyFork) continue
        if (onlyIndex !== undefined && index !== onlyIndex) continue
        const ruleset = this.#rulesets.get(fork, test.config)
        if (ruleset === undefined) {
          results.push({ name, pass: false, fork, error: `unsupported fork "${fork}"` })
          continue
        }
        try {
          preState ??= new PreState(test)
          results.push({ name, ...(await this.#case(test, post, ruleset, preState)), fork })
        } catch (error) {
          results.push({ name, pass: false, fork, error: describeError(error) })
        }
      }
    }
    return results.map(inOrder)
  }

  async #case(
    test: StateTest,
    post: StateTestPost,
    ruleset: Ruleset,
    preState: PreState,
  ): Promise<Omit<CaseResult, 'name' | 'fork'>> {
    const environment = environmentOf(test.env, ruleset)
    const transaction = transactionOf(test.transaction, post)
    const what = { transaction, environment, ruleset, preState }
    const { outcome, trace } = this.#executor.trace(what, this.#tracer)
    const isRejected = !(outcome instanceof PackedReader)
    const root = isRejected
      ? preState.rootAfterRejection(environment, ruleset, prefixed(post.hash))
      : preState.trie.rootAfter({ packed: outcome.bytes })
    const { stderr } = process
    if (trace.length > 0) await writtenOn(stderr, trace)
    await writtenOn(stderr, `{"stateRoot": "${root}"}\n`)
    const sender = 'sender' in transaction ? transaction.sender : undefined
    const error = isRejected
      ? problemOfRejection(gethRejection(outcome, sender), post, root)
      : problemOf(outcome, post, root)
    return { pass: error === undefined, stateRoot: root, ...(error === undefined ? {} : { error }) }
  }
}

/** Members as geth orders them. */
function inOrder({ name, pass, stateRoot, fork, error }: CaseResult): CaseResult {
  return {
    name,
    pass,
    ...(stateRoot === undefined ? {} : { stateRoot }),
    fork,
    ...(error === undefined ? {} : { error }),
  }
}

function problemOfRejection(text: string, post: StateTestPost, root: string): string | undefined {
  if (post.expectException === undefined) return `unexpected error: ${text}`
  const expected = prefixed(post.hash)
  if (/^0x0*$/.test(expected) || root === expected) return undefined
  return `post-state root does not match the pre-state root, indicates an error in the test: ${butGot(root, expected)}`
}

function problemOf(output: PackedReader, post: StateTestPost, root: string): string | undefined {
  if (post.expectException !== undefined) {
    return `expected error "${post.expectException}", got no error`
  }
  const expected = prefixed(post.hash)
  if (root !== expected) return `post state root mismatch: ${butGot(root, expected)}`
  const logs = `0x${Buffer.from(logsHash(output)).toString('hex')}`
  const expectedLogs = prefixed(post.logs)
  if (logs === expectedLogs) return undefined
  return `post state logs hash mismatch: ${butGot(logs, expectedLogs)}`
}

function butGot(actual: string, expected: string): string {
  return `got ${actual.slice(2)}, want ${expected.slice(2)}`
}
