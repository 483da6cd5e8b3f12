/** `braid bench`: how fast blocks are executed, by policy and number of threads. */

import type { Common } from '@ethereumjs/common'
import { Engine } from '../engine/engine.js'
import type { PolicyName } from '../schedule/policy.js'
import { type WorkloadOptions, workloadNames } from '../workloads/index.js'
import { type BenchCase, fileCases, workloadCases } from './bench/cases.js'
import { baseline, measure, type Setting } from './bench/measure.js'
import { printMeasurements, printMeasurementsJson } from './bench/output.js'
import { givenState } from './block-run.js'
import { chainOf } from './chain-option.js'
import { ExitCode, UsageError } from './console.js'
import { choice } from './options.js'
import { progressOn, type StartProgress } from './progress.js'

/** The options of the command. */
interface BenchOptions extends KnobOptions {
  /** The name of a network, or the path of a genesis file. */
  readonly chain: string
  readonly workload?: readonly string[]
  readonly state?: string
  readonly vm: string
  readonly threads: readonly number[]
  readonly policy: readonly PolicyName[]
  readonly repeat: number
  /** In microseconds. */
  readonly latency: number
  readonly json?: boolean
}

/** Runs the command on the blocks of files and folders, and on workloads. */
export async function bench(paths: readonly string[], options: BenchOptions): Promise<ExitCode> {
  const { workload = [], vm, repeat, latency } = options
  const names = workload.map((name) => choice('workload', name, ['all', ...workloadNames]))
  if (paths.length === 0 && names.length === 0) {
    throw new UsageError('bench needs a block or a workload')
  }
  if (names.length > 0 && options.chain !== 'mainnet') {
    throw new UsageError('workloads are blocks of mainnet: --chain does not go with them')
  }
  const common = await chainOf(options.chain)
  const settings = settingsOf(options.policy, options.threads)
  const startProgress = progressOn(options)
  const workloads = await workloadCases(names, knobsOf(options), startProgress)
  const cases = [...workloads, ...(await filesOf(paths, { ...options, common }, startProgress))]
  delayReads(cases, latency)
  const blocks = await measure(cases, { vm, common, settings, repeat, startProgress })
  const conditions = { vm, repeat, latency }
  if (options.json) printMeasurementsJson(blocks, conditions)
  else printMeasurements(blocks, conditions)
  return ExitCode.Success
}

/** Every policy with every number of threads, without the baseline. */
function settingsOf(policies: readonly PolicyName[], counts: readonly number[]): Setting[] {
  return policies
    .flatMap((policy) => counts.map((threads): Setting => ({ policy, threads })))
    .filter(({ policy, threads }) => policy !== baseline.policy || threads !== baseline.threads)
}

/** The options that say how workloads are made. */
interface KnobOptions {
  readonly transactions?: number
  readonly accounts?: number
  /** The share that goes to one place. */
  readonly hot?: number
  readonly seed?: number
}

/** Numbers that workloads cannot be made with are typed errors of theirs. */
function knobsOf({ transactions, accounts, hot, seed }: KnobOptions): WorkloadOptions {
  return {
    ...(transactions === undefined ? {} : { transactions }),
    ...(accounts === undefined ? {} : { accounts }),
    ...(hot === undefined ? {} : { hotRatio: hot }),
    ...(seed === undefined ? {} : { seed }),
  }
}

async function filesOf(
  paths: readonly string[],
  { vm, common, state }: { readonly vm: string; readonly common: Common; readonly state?: string },
  startProgress: StartProgress,
): Promise<BenchCase[]> {
  const engine = await Engine.create({ common, vm })
  try {
    return await fileCases(paths, givenState({ state }, paths), engine, startProgress)
  } finally {
    engine.close()
  }
}

function delayReads(cases: readonly BenchCase[], microseconds: number): void {
  for (const { options } of cases) options.state.native.setReadDelay(1000 * microseconds)
}
