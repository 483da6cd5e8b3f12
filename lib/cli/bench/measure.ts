/** Measures blocks under several policies and numbers of threads, one beside the other. */

import type { Common } from '@ethereumjs/common'
import type { BlockResult } from '../../engine/block-result.js'
import { Engine } from '../../engine/engine.js'
import { bytesToHex } from '../../hex/index.js'
import { keccak256 } from '../../native/load.js'
import type { PolicyName } from '../../schedule/policy.js'
import { InputError, jsonValue } from '../console.js'
import type { StartProgress } from '../progress.js'
import type { BenchCase } from './cases.js'

/** One way to execute blocks. */
export interface Setting {
  readonly policy: string
  readonly threads: number
}

/** What everything is compared with. */
export const baseline: Setting = { policy: 'sequential', threads: 1 }

/** What was measured of a block, or of all of them together, under one setting. Times in milliseconds. */
export interface Measurement extends Setting {
  /** The median of the native time: recovering the senders and executing, which workers do in one go. */
  readonly native: number
  /** The median of the time from the block's source to its compared header. */
  readonly whole: number
  /** The median of the runs that were thrown away. */
  readonly reExecutions: number
  /** Every repetition in the order they were done. */
  readonly samples: readonly Sample[]
}

/** One repetition. Times in milliseconds. */
export interface Sample {
  readonly native: number
  readonly whole: number
  readonly reExecutions: number
}

/** A block and what was measured of it. */
export interface BlockMeasurements {
  readonly block: string
  readonly transactions: number
  readonly gasUsed: bigint
  /** In the order of the settings; the first is the {@link baseline}. */
  readonly measurements: readonly Measurement[]
}

/** How and how often to measure. */
export interface MeasureOptions {
  readonly vm: string
  /** Whose rules hold. */
  readonly common: Common
  /** Without the baseline, which is always measured. */
  readonly settings: readonly Setting[]
  readonly repeat: number
  /** How to say how far the measuring has come; that happens while no clock runs. */
  readonly startProgress: StartProgress
}

/**
 * Executes every block `repeat` times under each setting. A repetition goes through all blocks, and
 * with each block through all settings, so that what disturbs the machine disturbs them alike. Throws
 * an `InputError` where the outcome of a block depends on the setting, or is not what its header says.
 */
export async function measure(
  cases: readonly BenchCase[],
  { vm, common, settings, repeat, startProgress }: MeasureOptions,
): Promise<BlockMeasurements[]> {
  const all = [baseline, ...settings]
  const engines: Engine[] = []
  const progress = startProgress(cases.length * (1 + repeat), 'measurements')
  let done = 0
  const proceed = (current: string): void => progress.update(done++, { current })
  try {
    for (const { policy, threads } of all) {
      // An unknown policy is a typed error.
      engines.push(await Engine.create({ common, vm, threads, policy: policy as PolicyName }))
    }
    const blocks: BlockSamples[] = []
    for (const item of cases) {
      proceed(item.name)
      blocks.push(await prepare(item, engines[0], all.length))
    }
    for (let round = 0; round < repeat; round++) {
      for (const block of blocks) {
        proceed(block.item.name)
        await measureOnce(block, engines, round)
      }
    }
    return blocks.map(({ item, reference, samples }) => ({
      block: item.name,
      transactions: reference.transactionCount,
      gasUsed: reference.gasUsed,
      measurements: all.map((setting, index) => summary(setting, samples[index])),
    }))
  } finally {
    progress.clear()
    for (const engine of engines) engine.close()
  }
}

/** What is known of a block while it is measured. */
interface BlockSamples {
  readonly item: BenchCase
  readonly reference: BlockResult
  /** What the outcome must be. */
  readonly digest: string
  /** By setting. */
  readonly samples: readonly Sample[][]
}

/** Executes a block once, unmeasured: its code is decoded, and its outcome known. */
async function prepare(item: BenchCase, engine: Engine, settings: number): Promise<BlockSamples> {
  const reference = await engine.executeBlock(item.block, item.options)
  const fields = reference.verify().map(({ field }) => field)
  if (fields.length > 0) {
    throw new InputError(`${item.name} differs from its header: ${fields.join(', ')}`)
  }
  const samples = Array.from({ length: settings }, () => [])
  return { item, reference, digest: digestOf(reference), samples }
}

async function measureOnce(
  { item, digest, samples }: BlockSamples,
  engines: readonly Engine[],
  round: number,
): Promise<void> {
  for (let i = 0; i < engines.length; i++) {
    // Every setting comes after every other one at some time.
    const index = (i + round) % engines.length
    const start = performance.now()
    const result = await engines[index].executeBlock(item.block, item.options)
    result.verify()
    const whole = performance.now() - start
    if (round === 0 && digestOf(result) !== digest) {
      throw new Error(`the outcome of ${item.name} depends on how it is executed`)
    }
    const { reExecutions } = result.report
    samples[index].push({
      native: result.timings.senders + result.timings.execute,
      whole,
      reExecutions,
    })
  }
}

/** A hash of everything that executing a block gives. */
function digestOf(result: BlockResult): string {
  const changes = [...result.stateDiff].sort((a, b) => (a.address < b.address ? -1 : 1))
  const outcome = [result.receiptsRoot, result.gasUsed, result.requestsHash, changes]
  return bytesToHex(keccak256(Buffer.from(JSON.stringify(outcome, jsonValue))))
}

function summary(setting: Setting, samples: readonly Sample[]): Measurement {
  return {
    ...setting,
    native: median(samples.map(({ native }) => native)),
    whole: median(samples.map(({ whole }) => whole)),
    reExecutions: median(samples.map(({ reExecutions }) => reExecutions)),
    samples,
  }
}

/** All blocks together, setting by setting: the sums of their medians. */
export function totalOf(blocks: readonly BlockMeasurements[]): BlockMeasurements {
  const sum = (index: number, key: 'native' | 'whole' | 'reExecutions') =>
    blocks.reduce((total, { measurements }) => total + measurements[index][key], 0)
  const { measurements: settings = [] } = blocks[0] ?? {}
  return {
    block: 'total',
    transactions: blocks.reduce((total, { transactions }) => total + transactions, 0),
    gasUsed: blocks.reduce((total, { gasUsed }) => total + gasUsed, 0n),
    measurements: settings.map(({ policy, threads }, index) => ({
      policy,
      threads,
      native: sum(index, 'native'),
      whole: sum(index, 'whole'),
      reExecutions: sum(index, 'reExecutions'),
      samples: [],
    })),
  }
}

/** The middle value; the mean of the two middle ones where their number is even. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
