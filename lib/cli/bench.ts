/** `braid bench`: how fast blocks are executed, by policy and number of threads. */

import { availableParallelism } from 'node:os'
import { Engine } from '../engine/engine.js'
import { type WorkloadOptions, workloadNames } from '../workloads/index.js'
import { type BenchCase, fileCases, workloadCases } from './bench/cases.js'
import { baseline, measure, type Setting } from './bench/measure.js'
import { printMeasurements, printMeasurementsJson } from './bench/output.js'
import { givenState } from './block-run.js'
import { ExitCode, UsageError } from './console.js'
import { choice, parseOptions, policyName, share, threadCount, wholeNumber } from './options.js'
import { progressOn, type StartProgress } from './progress.js'

/** Runs the command; `args` are those after its name. */
export async function bench(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: {
      workload: { type: 'string', default: '' },
      state: { type: 'string' },
      vm: { type: 'string', default: 'builtin' },
      threads: { type: 'string', default: [...new Set([1, availableParallelism()])].join() },
      policy: { type: 'string', default: 'sequential,optimistic' },
      repeat: { type: 'string', default: '7' },
      latency: { type: 'string', default: '0' },
      transactions: { type: 'string' },
      accounts: { type: 'string' },
      hot: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const names = listOf(values.workload).map((name) =>
    choice('workload', name, ['all', ...workloadNames]),
  )
  if (positionals.length === 0 && names.length === 0) {
    throw new UsageError('bench needs a block or a workload')
  }
  const repeat = wholeNumber('repeat', values.repeat, 1, 10_000)
  const latency = wholeNumber('latency', values.latency, 0, longestLatency)
  const settings = settingsOf(listOf(values.policy), listOf(values.threads))
  const startProgress = progressOn(values)
  const workloads = await workloadCases(names, knobsOf(values), startProgress)
  const cases = [...workloads, ...(await filesOf(positionals, values, startProgress))]
  delayReads(cases, latency)
  const blocks = await measure(cases, { vm: values.vm, settings, repeat, startProgress })
  const conditions = { vm: values.vm, repeat, latency }
  if (values.json) printMeasurementsJson(blocks, conditions)
  else printMeasurements(blocks, conditions)
  return ExitCode.Success
}

/** A second, in microseconds: what is slower is not a state that blocks are executed on. */
const longestLatency = 1e6

/** Every policy with every number of threads, without the baseline. */
function settingsOf(policies: readonly string[], threads: readonly string[]): Setting[] {
  const counts = threads.map((count) => threadCount(count, 1))
  return policies
    .map(policyName)
    .flatMap((policy) => counts.map((count): Setting => ({ policy, threads: count })))
    .filter(({ policy, threads }) => policy !== baseline.policy || threads !== baseline.threads)
}

/** The options that say how workloads are made, as they were given. */
interface KnobValues {
  readonly transactions?: string
  readonly accounts?: string
  readonly hot?: string
  readonly seed?: string
}

/** Numbers that workloads cannot be made with are typed errors of theirs. */
function knobsOf({ transactions, accounts, hot, seed }: KnobValues): WorkloadOptions {
  const count = (name: string, text: string) => wholeNumber(name, text, 0)
  return {
    ...(transactions === undefined ? {} : { transactions: count('transactions', transactions) }),
    ...(accounts === undefined ? {} : { accounts: count('accounts', accounts) }),
    ...(hot === undefined ? {} : { hotRatio: share('hot', hot) }),
    ...(seed === undefined ? {} : { seed: count('seed', seed) }),
  }
}

async function filesOf(
  paths: readonly string[],
  { vm, state }: { readonly vm: string; readonly state?: string },
  startProgress: StartProgress,
): Promise<BenchCase[]> {
  const engine = await Engine.create({ vm })
  try {
    return await fileCases(paths, givenState({ state }, paths), engine, startProgress)
  } finally {
    engine.close()
  }
}

function delayReads(cases: readonly BenchCase[], microseconds: number): void {
  for (const { options } of cases) options.state.native.setReadDelay(1000 * microseconds)
}

function listOf(text: string): string[] {
  return text.split(',').filter(Boolean)
}
