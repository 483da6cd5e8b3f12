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

/**
 * Runs a block with one and two workers in turns. Only the quickest quarter of the executions counts:
 * whatever else the machine does makes them slower, and a worker that is held up for long makes the
 * others do what they would not.
 */
export async function record(subject: Subject, repetitions: number): Promise<Recording> {
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
    const model = modelOf(subject, learner, { ...runs, quickOne, quickTwo })
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

/** Executions with one and two workers: all of them, and those that count for times. */
interface Executions {
  readonly two: readonly BlockResult[]
  readonly quickOne: readonly BlockResult[]
  readonly quickTwo: readonly BlockResult[]
}

function modelOf(
  { state }: Subject,
  { summary }: Learner,
  { two: all, quickOne: one, quickTwo: two }: Executions,
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
  for (const { report } of two) {
    for (const { index, runs } of report.transactions) {
      for (const run of runs) (run.atHead ? atHead : ahead).add(index, run)
    }
  }
  // What is seen at a time depends on luck: every execution adds to what depends on what.
  for (const { report } of all) {
    for (const { index, dependsOn, conflicts } of report.transactions) {
      for (const writer of [dependsOn, ...conflicts.map((conflict) => conflict.writer)]) {
        if (writer !== undefined) dependencies[index]!.add(writer)
      }
    }
  }
  const times = receipts.map((_, index) => alone.of(index)!)
  const headTimes = atHead.completed(times, 0)
  const aheadTimes = ahead.completed(times, nanoseconds.speculation / microseconds)
  const commits = two.flatMap(({ report, timings }) => commitTime(report, timings.senders) ?? [])
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
    recovery: (median(one.map(({ timings }) => timings.senders)) * microseconds) / (count || 1),
    before: median(one.map(timeBefore)) * microseconds,
    ...summaryTimes(one, two),
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

/** From the start of a sequential execution to its first transaction, in milliseconds. */
function timeBefore({ report }: BlockResult): number {
  return report.transactions[0]?.start ?? 0
}

/** What of the time after the transactions is shared, and what is one worker's. */
function summaryTimes(
  one: readonly BlockResult[],
  two: readonly BlockResult[],
): Pick<BlockModel, 'blooms' | 'changes'> {
  const all = median(one.map(({ report, timings }) => timings.execute - endOf(report)))
  const shared = median(
    two.map(({ report, timings }) => timings.senders + timings.execute - endOf(report)),
  )
  // With two workers the longer part is left; where that is half of all, it was the shared one.
  const changes = Math.min(all, Math.max(all / 2, shared))
  return { blooms: (all - changes) * microseconds, changes: changes * microseconds }
}

/** When the last run ended, in milliseconds. */
function endOf({ transactions }: ExecutionReport): number {
  let end = 0
  for (const { runs } of transactions) for (const run of runs) end = Math.max(end, run.end)
  return end
}
