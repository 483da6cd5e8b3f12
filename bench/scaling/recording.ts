/** Real runs of a block, and the model that the simulation gets out of them. */

import {
  adaptive,
  type BlockResult,
  type BlockSummary,
  Engine,
  type ExecuteBlockOptions,
  type ExecutionPlan,
  type ExecutionReport,
  type Hex,
  type MemoryState,
  optimistic,
  type SchedulingPolicy,
  type TransactionType,
} from 'braid-evm'
import { nanoseconds } from '../../lib/schedule/cost.js'
import { median } from '../support/measure.js'
import type { BlockModel, TransactionModel } from './model.js'
import { commitTime, RunTimes } from './overheads.js'

/** A block to be measured. */
export interface Subject {
  readonly name: string
  readonly rlp: Uint8Array
  readonly state: MemoryState
  readonly options: Omit<ExecuteBlockOptions, 'state'>
}

/** How the adaptive policy would have a block executed. */
export interface AdaptiveModel {
  readonly model: BlockModel
  readonly mode: 'sequential' | 'optimistic'
  readonly workers: number
}

/** What was measured of a block. */
export interface Recording {
  readonly model: BlockModel
  /** Senders and execution together, by the number of workers, in microseconds. */
  readonly measured: { readonly one: number; readonly two: number }
  /** The median of the runs that two workers threw away. */
  readonly reExecutions: number
  /**
   * The model as the adaptive policy sees it for so many workers once it knows the block: with its
   * hints, and with as many workers as it finds useful.
   */
  readonly adaptive: (workers: number) => AdaptiveModel
}

/**
 * What each worker beyond the second waits longer, in microseconds: they are woken one after another.
 * Assumed, not measured.
 */
const wakeUpOfFurther = 3

/** The workers that the adaptive policy believes in while it learns. */
const mostWorkers = 16

const microseconds = 1000

/** How a block is recorded. */
export interface RecordOptions {
  /** How often it is executed with each number of workers. */
  readonly repetitions: number
  /**
   * Whether a second worker has a core to itself. Without one the times of two workers say nothing:
   * what running ahead and committing add is taken from what the adaptive policy reckons with.
   */
  readonly secondWorker: 'timed' | 'untimed'
}

/**
 * Runs a block with one and two workers in turns. What is measured of all of it, and of two workers, is
 * the quickest quarter of the executions: whatever else the machine does makes them slower, and a
 * worker that is held up for long makes the other do what it would not.
 */
export async function record(
  subject: Subject,
  { repetitions, secondWorker }: RecordOptions,
): Promise<Recording> {
  const learner = new Learner()
  const one = await Engine.create({ threads: 1, policy: 'sequential' })
  const two = await Engine.create({ threads: 2, policy: learner })
  try {
    const runs: { readonly one: BlockResult[]; readonly two: BlockResult[] } = { one: [], two: [] }
    const execute = (engine: Engine) =>
      engine.executeBlock(subject.rlp, { ...subject.options, state: subject.state, verify: false })
    // Once unmeasured: code is analysed and memory is there.
    for (const engine of [one, two]) await execute(engine)
    for (let i = 0; i < repetitions; i++) {
      runs.one.push(await execute(one))
      runs.two.push(await execute(two))
    }
    learner.isLearning = true
    for (let i = 0; i < Learner.blocks; i++) await execute(two)
    const [quickOne, quickTwo] = [quickest(runs.one), quickest(runs.two)]
    const model = modelOf(subject, learner, {
      ...runs,
      timed: secondWorker === 'timed' ? quickTwo : [],
    })
    return {
      model,
      measured: {
        one: median(quickOne.map(totalTime)) * microseconds,
        two: median(quickTwo.map(totalTime)) * microseconds,
      },
      reExecutions: median(quickTwo.map(({ report }) => report.reExecutions)),
      adaptive: (workers) => adapted(model, learner.planFor(workers), workers),
    }
  } finally {
    one.close()
    two.close()
  }
}

function quickest(results: readonly BlockResult[]): readonly BlockResult[] {
  const sorted = [...results].sort((a, b) => totalTime(a) - totalTime(b))
  return sorted.slice(0, Math.ceil(sorted.length / 4))
}

/** The middle of the lower half: each part of an execution may have been disturbed at another time. */
function lowerQuartile(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return median(sorted.slice(0, Math.ceil(sorted.length / 2)))
}

/** In milliseconds. */
function totalTime({ timings }: BlockResult): number {
  return timings.senders + timings.execute
}

/** Runs blocks on all workers without hints; then lets the adaptive policy decide, and learn. */
class Learner implements SchedulingPolicy {
  /** How many executions it takes to know a block well. */
  static readonly blocks = 12

  readonly name = 'optimistic'
  readonly #adaptive = adaptive()
  isLearning = false
  summary: BlockSummary | undefined

  plan(summary: BlockSummary): ExecutionPlan {
    this.summary = summary
    const plan = this.isLearning ? this.planFor(mostWorkers) : optimistic.plan(summary, { size: 2 })
    // Blocks of one worker say nothing of conflicts.
    return plan.mode === 'sequential' ? { mode: 'optimistic' } : { ...plan, workers: 2 }
  }

  learn(...[feedback, summary]: Parameters<NonNullable<SchedulingPolicy['learn']>>): void {
    if (this.isLearning) this.#adaptive.learn?.(feedback, summary)
  }

  planFor(workers: number): ExecutionPlan {
    return this.#adaptive.plan(this.summary!, { size: workers })
  }
}

function adapted(model: BlockModel, plan: ExecutionPlan, available: number): AdaptiveModel {
  const { mode, workers = available, predecessors } = plan
  // A block that only probes whether it is still hopeless comes without hints.
  if (mode === 'sequential' || predecessors === undefined) {
    return { model, mode: 'sequential', workers: available }
  }
  const transactions = model.transactions.map((transaction, index) => {
    const predecessor = predecessors[index] ?? -1
    return predecessor < 0 ? transaction : { ...transaction, predecessor }
  })
  return { model: { ...model, transactions }, mode: 'optimistic', workers }
}

/** Executions with one and two workers, and those of the latter that count for times. */
interface Executions {
  readonly one: readonly BlockResult[]
  readonly two: readonly BlockResult[]
  readonly timed: readonly BlockResult[]
}

function modelOf(
  { state }: Subject,
  { summary }: Learner,
  { one, two, timed }: Executions,
): BlockModel {
  const receipts = one[0]!.receipts
  const count = receipts.length
  const alone = new RunTimes(count)
  for (const { report } of one) {
    for (const { index, runs } of report.transactions) alone.add(index, runs[0]!)
  }
  const atHead = new RunTimes(count)
  const ahead = new RunTimes(count)
  const dependencies = receipts.map(() => new Set<number>())
  for (const { report } of timed) {
    for (const { index, runs } of report.transactions) {
      for (const run of runs) (run.atHead ? atHead : ahead).add(index, run)
    }
  }
  // What is seen at a time depends on luck: every execution adds to what depends on what.
  for (const { report } of two) {
    for (const { index, dependsOn, conflicts } of report.transactions) {
      for (const writer of [dependsOn, ...conflicts.map((conflict) => conflict.writer)]) {
        if (writer !== undefined) dependencies[index]!.add(writer)
      }
    }
  }
  const times = receipts.map((_, index) => alone.of(index)!)
  const headTimes = atHead.completed(times, 0)
  const aheadTimes = ahead.completed(times, nanoseconds.speculation / microseconds)
  const commits = timed.flatMap(({ report, timings }) => commitTime(report, timings.senders) ?? [])
  return {
    transactions: receipts.map(
      ({ type }, index): TransactionModel => ({
        gasLimit: summary!.transactions.gasLimit(index),
        isTransfer: isTransfer(type, summary!.transactions.to(index), state),
        alone: times[index]!,
        atHead: headTimes[index]!,
        ahead: aheadTimes[index]!,
        dependsOn: [...dependencies[index]!],
      }),
    ),
    recovery:
      (lowerQuartile(one.map(({ timings }) => timings.senders)) * microseconds) / (count || 1),
    before: lowerQuartile(one.map(timeBefore)) * microseconds,
    after: lowerQuartile(one.map(timeAfter)) * microseconds,
    commit: commits.length === 0 ? nanoseconds.commit / microseconds : median(commits),
    wakeUp: [nanoseconds.wakeUp / microseconds, wakeUpOfFurther],
  }
}

/** Blob transactions and those that delegate do more than to move ether. */
const plainTypes: readonly TransactionType[] = ['legacy', 'eip2930', 'eip1559']

/** Precompiled contracts lie at or below this address. */
const lastPrecompile = 0x100n

function isTransfer(type: TransactionType, to: Hex | null, state: MemoryState): boolean {
  if (to === null || !plainTypes.includes(type) || BigInt(to) <= lastPrecompile) return false
  return state.getCode(to) === '0x'
}

/** From the last sender to the first transaction of a sequential execution, in milliseconds. */
function timeBefore({ report, timings }: BlockResult): number {
  return Math.max(0, (report.transactions[0]?.start ?? 0) - timings.senders)
}

/** From the end of the last transaction to the end of a sequential execution, in milliseconds. */
function timeAfter(result: BlockResult): number {
  return totalTime(result) - endOf(result.report)
}

/** When the last run ended, in milliseconds. */
function endOf({ transactions }: ExecutionReport): number {
  let end = 0
  for (const { runs } of transactions) for (const run of runs) end = Math.max(end, run.end)
  return end
}
