/** `braid tracetest`: runs tests of geth's tracers. */

import { basename, dirname, resolve } from 'node:path'
import { Engine } from '../engine/engine.js'
import { MemoryState } from '../state/memory-state.js'
import type { TracerConfigs, TracerName } from '../trace/index.js'
import { describeError, type ExitCode, print, printJson } from './console.js'
import { findJsonFiles, readJson } from './files.js'
import { emptyOutcome, type TestOutcome } from './test-outcome.js'
import { endOf, failureLine, summaryLine } from './test-report.js'
import {
  blockOf,
  comparable,
  isTraceTest,
  rulesOf,
  type TraceTest,
  tracerOfFolder,
} from './tracetest/case.js'

/** The options of the command. */
interface TraceTestOptions {
  /** The tracer of all files, where their folders do not say. */
  readonly tracer?: TracerName
  readonly json?: boolean
}

/** Runs the command on the tests of files and folders. */
export async function traceTest(
  paths: readonly string[],
  { tracer, json }: TraceTestOptions,
): Promise<ExitCode> {
  const files = findJsonFiles(paths)
  const outcome = emptyOutcome()
  for (const { path } of files) await runFile(path, tracer, outcome)
  const { passed, failed, skipped, failures } = outcome
  if (json) printJson({ passed, failed, skipped, failures })
  else {
    for (const failure of failures) print(failureLine(failure))
    print(summaryLine(outcome))
  }
  const otherKind = { name: 'state tests', command: 'statetest' }
  return endOf(outcome, { kind: 'trace tests', otherKind, files, fork: undefined })
}

async function runFile(
  path: string,
  given: TracerName | undefined,
  outcome: TestOutcome,
): Promise<void> {
  const test = readJson(path)
  if (!isTraceTest(test)) {
    outcome.skipped++
    outcome.withoutTests.push(path)
    return
  }
  const tracer = given ?? tracerOfFolder(basename(dirname(resolve(path))))
  if (tracer === undefined) {
    outcome.skipped++
    return
  }
  const reason = await check(test, tracer)
  if (reason === undefined) {
    outcome.passed++
    return
  }
  outcome.failed++
  const name = basename(path).replace(/\.json(\.gz)?$/, '')
  outcome.failures.push({ file: path, test: name, fork: tracer, index: 0, reason })
}

/** Why a test fails; undefined where it passes. */
async function check(test: TraceTest, tracer: TracerName): Promise<string | undefined> {
  try {
    const common = rulesOf(test)
    const engine = await Engine.create({ common, policy: 'sequential', threads: 1 })
    try {
      const { value } = await engine.traceTransaction(blockOf(test, common), 0, {
        state: new MemoryState(test.genesis.alloc),
        tracer,
        config: configOf(test, tracer),
      })
      return differenceOf(comparable(value, tracer), comparable(test.result, tracer))
    } finally {
      engine.close()
    }
  } catch (error) {
    return describeError(error)
  }
}

/** geth passes the configuration of flatCallTracer's own on, and some files have callTracer's. */
function configOf({ tracerConfig }: TraceTest, tracer: TracerName): TracerConfigs[TracerName] {
  const { onlyTopCall, withLog, ...own } = (tracerConfig ?? {}) as Record<string, unknown>
  return (tracer === 'flatCallTracer' ? own : (tracerConfig ?? {})) as TracerConfigs[TracerName]
}

/** Where two texts part. */
function differenceOf(actual: string, expected: string): string | undefined {
  if (actual === expected) return undefined
  let at = 0
  while (actual[at] === expected[at]) at++
  const around = (text: string) => text.slice(Math.max(0, at - 30), at + 50)
  return `expected ...${around(expected)}..., got ...${around(actual)}...`
}
