/** How a block was executed: who ran what and when, what was in vain, and what stood in the way. */

import { displayAs } from '../display.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, HotLocation as HotLocationLayout } from '../native/wire.js'
import { type CriticalPath, findCriticalPath } from './critical-path.js'
import { readLocation, type StateLocation } from './location.js'
import {
  type RunReport,
  readTransactionReports,
  type TransactionReport,
} from './transaction-report.js'

/** What one worker did. */
export interface WorkerReport {
  /** How many runs it did. */
  readonly runs: number
  /** How long it ran transactions, in milliseconds. */
  readonly busy: number
  /** The share of the block's time that it ran transactions, 0 to 1. */
  readonly utilisation: number
}

/** A location that transactions depended on. */
export interface HotLocation extends StateLocation {
  /** How many transactions read here what an earlier one of the block had written. */
  readonly dependents: number
  /** How many runs were thrown away because of it. */
  readonly conflicts: number
}

/**
 * How a block was executed. The result of a block does not depend on it; the report is for finding
 * out what the time was spent on. It is read out of the packed output when it is looked at.
 */
export class ExecutionReport {
  readonly #output: PackedReader
  #transactions: readonly TransactionReport[] | undefined
  #criticalPath: CriticalPath | undefined

  /** The name of the policy that decided how the block is executed. */
  readonly policy: string

  /** @internal */
  constructor(output: PackedReader, policy: string) {
    this.#output = output
    this.policy = policy
  }

  /** How many workers the block had; 1 is sequential execution. */
  get workers(): number {
    return Math.max(1, this.#output.u32(BlockOutput.workers))
  }

  /** How each transaction was run, in the order of the block. */
  get transactions(): readonly TransactionReport[] {
    this.#transactions ??= readTransactionReports(this.#output)
    return this.#transactions
  }

  /** The time from the start of the first run to the end of the last one. */
  get milliseconds(): number {
    let first = Number.POSITIVE_INFINITY
    let last = 0
    for (const { start, end } of this.#runs()) {
      first = Math.min(first, start)
      last = Math.max(last, end)
    }
    return Math.max(0, last - first)
  }

  /** How many runs there were. */
  get executions(): number {
    return this.#output.sectionCount(BlockOutput.runs)
  }

  /** How many runs were thrown away. */
  get reExecutions(): number {
    return this.executions - this.transactions.length
  }

  /** The gas of the runs that were thrown away. */
  get wastedGas(): bigint {
    let gas = 0n
    for (const run of this.#runs()) if (!run.committed) gas += run.gasUsed
    return gas
  }

  /** What each worker did. */
  get workerReports(): readonly WorkerReport[] {
    const { milliseconds } = this
    const totals = Array.from({ length: this.workers }, () => ({ runs: 0, busy: 0 }))
    for (const { worker, start, end } of this.#runs()) {
      totals[worker].runs += 1
      totals[worker].busy += end - start
    }
    return totals.map(({ runs, busy }) => ({
      runs,
      busy,
      utilisation: milliseconds > 0 ? busy / milliseconds : 0,
    }))
  }

  /** The share of the workers' time in which they ran transactions, 0 to 1. */
  get utilisation(): number {
    const reports = this.workerReports
    return reports.reduce((sum, { utilisation }) => sum + utilisation, 0) / reports.length
  }

  /**
   * The chain of dependent transactions that takes longest. Undefined for sequential execution, which
   * does not find out what depends on what.
   */
  get criticalPath(): CriticalPath | undefined {
    if (this.workers === 1) return undefined
    this.#criticalPath ??= findCriticalPath(this.transactions)
    return this.#criticalPath
  }

  /**
   * How many times faster than one worker any number of workers can be: the time of all committed runs
   * over that of the critical path. Undefined where the critical path is not known or empty.
   */
  get parallelismBound(): number | undefined {
    const path = this.criticalPath
    if (path === undefined || path.milliseconds === 0) return undefined
    const committed = this.transactions.reduce((sum, { start, end }) => sum + end - start, 0)
    return committed / path.milliseconds
  }

  /** The locations that most transactions depended on, hottest first. */
  get hotLocations(): readonly HotLocation[] {
    const output = this.#output
    const first = output.sectionOffset(BlockOutput.hotLocations)
    return Array.from({ length: output.sectionCount(BlockOutput.hotLocations) }, (_, i) => {
      const at = first + i * HotLocationLayout.SIZE
      return {
        ...readLocation(output, at, HotLocationLayout),
        dependents: output.u32(at + HotLocationLayout.dependents),
        conflicts: output.u32(at + HotLocationLayout.conflicts),
      }
    })
  }

  /** The report as a plain object; gas is bigint as everywhere. */
  toJSON() {
    const { policy, workers, milliseconds, executions, reExecutions, wastedGas } = this
    const { workerReports, utilisation, criticalPath, parallelismBound } = this
    const { hotLocations, transactions } = this
    return {
      policy,
      workers,
      milliseconds,
      executions,
      reExecutions,
      wastedGas,
      utilisation,
      workerReports,
      criticalPath,
      parallelismBound,
      hotLocations,
      transactions,
    }
  }

  *#runs(): Iterable<RunReport> {
    for (const { runs } of this.transactions) yield* runs
  }

  static {
    displayAs(ExecutionReport, (report) => report.toJSON())
  }
}
