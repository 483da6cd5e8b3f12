/** What reports of real runs on several workers tell about what running ahead costs. */

import type { ExecutionReport, RunReport } from 'braid-evm'
import { median } from '../support/measure.js'

const microsecondsPerMillisecond = 1000

/** Of fewer runs the middle one may be any. */
const fewest = 3

/** Adds up how long runs of each transaction took over several executions of a block. */
export class RunTimes {
  readonly #times: number[][]

  constructor(transactions: number) {
    this.#times = Array.from({ length: transactions }, () => [])
  }

  /** Notes a run. */
  add(index: number, { start, end }: RunReport): void {
    this.#times[index]!.push((end - start) * microsecondsPerMillisecond)
  }

  /** The median of a transaction's runs in microseconds; undefined where there were too few. */
  of(index: number): number | undefined {
    const times = this.#times[index]!
    return times.length < fewest ? undefined : median(times)
  }

  /**
   * The medians of all transactions. Those with too few runs take as much longer than `alone` as, in
   * the middle, those that have enough, or `otherwise` longer where there are none.
   */
  completed(alone: readonly number[], otherwise: number): readonly number[] {
    const known = alone.map((_, index) => this.of(index))
    const differences = known.flatMap((time, i) => (time === undefined ? [] : [time - alone[i]!]))
    const usual = differences.length === 0 ? otherwise : median(differences)
    return known.map((time, i) => time ?? Math.max(0, alone[i]! + usual))
  }
}

/**
 * What workers did between runs, per commit of a run ahead, in microseconds: committing, and the
 * little that claiming takes. No worker waits for another while there is something to claim, so that
 * the gaps between its runs are that. Undefined where no run ahead was committed.
 *
 * @param sendersKnown when the last sender was recovered, in milliseconds: gaps before are recovery
 */
export function commitTime(report: ExecutionReport, sendersKnown: number): number | undefined {
  const byWorker = Array.from({ length: report.workers }, (): RunReport[] => [])
  let commits = 0
  for (const { runs } of report.transactions) {
    for (const run of runs) byWorker[run.worker]!.push(run)
    if (runs.some((run) => !run.atHead)) commits++
  }
  if (commits === 0) return undefined
  let idle = 0
  for (const runs of byWorker) {
    runs.sort((a, b) => a.start - b.start)
    for (const [i, run] of runs.entries()) {
      const before = runs[i - 1]?.end ?? Number.NEGATIVE_INFINITY
      if (before >= sendersKnown) idle += Math.max(0, run.start - before)
    }
  }
  return (idle * microsecondsPerMillisecond) / commits
}
