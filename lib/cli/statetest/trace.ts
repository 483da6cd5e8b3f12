/** `braid statetest --trace`: what geth's `evm statetest --trace` prints, for tools that compare EVMs. */

import { createInterface } from 'node:readline'
import { isRecord } from '../../arguments.js'
import type { Ruleset } from '../../chain/index.js'
import { emptyOmmersHash } from '../../empty-hashes.js'
import type { BraidError } from '../../errors.js'
import { bytesToHex, quantity } from '../../hex/index.js'
import { PackedReader } from '../../native/packed-reader.js'
import { BlockOutput } from '../../native/wire.js'
import { logsHash } from '../../output/receipt-encoding.js'
import { type Eip3155Line, type NativeTracer, nativeTracer } from '../../trace/index.js'
import { describeError, ExitCode, print, UsageError, written, writtenOn } from '../console.js'
import { gethRejection } from '../evm-tool/rejection-text.js'
import { lineConfigOf, type TraceFlags } from '../evm-tool/trace-flags.js'
import { findJsonFiles, readJson } from '../files.js'
import { besuHalt, besuLines } from './besu-lines.js'
import { environmentOf, prefixed, RulesetCache, transactionOf } from './case.js'
import { CaseExecutor, isRejection, PreState } from './execution.js'
import { isStateTest, type StateTest, type StateTestPost } from './format.js'
import { returnedBy } from './trace-check.js'

/** What is traced, and how. */
export interface StateTraceOptions extends TraceFlags {
  /** Only this fork. */
  readonly fork?: string | undefined
  /** Only the case at this place among those of each test. */
  readonly index?: number | undefined
  /** Only tests whose names match. */
  readonly run?: RegExp | undefined
  readonly vm: string
  /** Whose tool it stands for. Default geth. */
  readonly form?: 'geth' | 'besu' | undefined
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
    if (options.form !== 'besu') print(JSON.stringify(results, undefined, 2))
    return ExitCode.Success
  }
  if (options.form === 'besu') throw new UsageError('--form besu needs a path')
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
    const config = lineConfigOf(options)
    const callFrames = config.callFrames || options.form === 'besu'
    this.#tracer = nativeTracer('eip3155', { ...config, callFrames })
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
          results.push({
            name,
            ...(await this.#case({ name, fork }, test, post, ruleset, preState)),
            fork,
          })
        } catch (error) {
          results.push({ name, pass: false, fork, error: describeError(error) })
        }
      }
    }
    return results.map(inOrder)
  }

  /** Besu tells everything on standard output, each case ended by what became of it. */
  async #tellAsBesu(told: ToldCase): Promise<void> {
    const { name, fork, post, pre, trace, outcome, root, pass } = told
    const isPlain = this.#options['trace.noeip3155'] === true
    const text = Buffer.from(trace).toString('utf8').trimEnd()
    const lines: Eip3155Line[] = text === '' ? [] : text.split('\n').map((line) => JSON.parse(line))
    const codeSizeOf = (address: string) => {
      const code = pre[address]?.code
      return code === undefined ? undefined : (code.length - 2) / 2
    }
    for (const line of besuLines(lines, this.#options, codeSizeOf)) {
      if (!(await written(`${line}\n`))) return
    }
    const isRejected = !(outcome instanceof PackedReader)
    const gas = isRejected ? 0n : outcome.u64(BlockOutput.gasUsed)
    const { data: d, gas: g, value: v } = post.indexes
    const summary = {
      output: isRejected ? '' : returnedBy(outcome).slice(2),
      gasUsed: isPlain ? Number(gas) : quantity(gas),
      test: name,
      fork,
      ...{ d, g, v },
      stateRoot: root,
      postLogsHash: isRejected ? emptyOmmersHash : bytesToHex(logsHash(outcome)),
      pass,
      error: besuHalt(lines),
    }
    await written(`${JSON.stringify(summary)}\n`)
  }

  async #case(
    { name, fork }: { readonly name: string; readonly fork: string },
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
    // Too many lines for what may be kept, say: that is no rejection.
    if (isRejected && !isRejection(outcome)) throw outcome
    const root = isRejected
      ? preState.rootAfterRejection(environment, ruleset, prefixed(post.hash))
      : preState.trie.rootAfter({ packed: outcome.bytes })
    if (this.#options.form !== 'besu') {
      const { stderr } = process
      if (trace.length > 0) await writtenOn(stderr, trace)
      await writtenOn(stderr, `{"stateRoot": "${root}"}\n`)
    }
    const sender = 'sender' in transaction ? transaction.sender : undefined
    const error = isRejected
      ? problemOfRejection(gethRejection(outcome, sender), post, root)
      : problemOf(outcome, post, root)
    if (this.#options.form === 'besu') {
      await this.#tellAsBesu({
        ...{ name, fork, post, trace, outcome, root },
        pre: test.pre,
        pass: error === undefined,
      })
    }
    return { pass: error === undefined, stateRoot: root, ...(error === undefined ? {} : { error }) }
  }
}

/** A case that was traced. */
interface ToldCase {
  readonly name: string
  readonly fork: string
  readonly post: StateTestPost
  readonly pre: StateTest['pre']
  readonly trace: Uint8Array
  readonly outcome: PackedReader | BraidError
  readonly root: string
  readonly pass: boolean
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
