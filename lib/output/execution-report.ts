/** How a block was executed: who ran what and when, what was in vain, and what stood in the way. */

import { displayAs } from '../display.js'
import { toRpcForm } from '../json.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, HotLocation as HotLocationLayout } from '../native/wire.js'
import { ownMembers } from '../own-members.js'
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
  /** The name of the policy that decided how the block is executed. */
  readonly policy: string
  /** How many workers the block had; 1 is sequential execution. */
  readonly workers: number
  /** The time from the start of the first run to the end of the last one. */
  declare readonly milliseconds: number
  /** How many runs there were. */
  readonly executions: number
  /** How many runs were thrown away. */
  declare readonly reExecutions: number
  /** The gas of the runs that were thrown away. */
  declare readonly wastedGas: bigint
  /** The share of the workers' time in which they ran transactions, 0 to 1. */
  declare readonly utilisation: number
  /** What each worker did. */
  declare readonly workerReports: readonly WorkerReport[]
  /**
   * The chain of dependent transactions that takes longest. Undefined for sequential execution, which
   * does not find out what depends on what.
   */
  declare readonly criticalPath: CriticalPath | undefined
  /**
   * How many times faster than one worker any number of workers can be: the time of all committed runs
   * over that of the critical path. Undefined where the critical path is not known or empty.
   */
  declare readonly parallelismBound: number | undefined
  /** The locations that most transactions depended on, hottest first. */
  declare readonly hotLocations: readonly HotLocation[]
  /** How each transaction was run, in the order of the block. */
  declare readonly transactions: readonly TransactionReport[]

  readonly #output: PackedReader
  #transactions: readonly TransactionReport[] | undefined
  #criticalPath: CriticalPath | undefined

  static readonly #members = ownMembers<ExecutionReport>({
    milliseconds: durationOf,
    reExecutions: ({ executions, transactions }) => executions - transactions.length,
    wastedGas: (report) =>
      runsOf(report).reduce((gas, run) => (run.committed ? gas : gas + run.gasUsed), 0n),
    utilisation({ workerReports: reports }) {
      return reports.reduce((sum, { utilisation }) => sum + utilisation, 0) / reports.length
    },
    workerReports: workersOf,
    criticalPath(report) {
      if (report.workers === 1) return undefined
      report.#criticalPath ??= findCriticalPath(report.transactions)
      return report.#criticalPath
    },
    parallelismBound({ criticalPath, transactions }) {
      if (criticalPath === undefined || criticalPath.milliseconds === 0) return undefined
      const committed = transactions.reduce((sum, { start, end }) => sum + end - start, 0)
      return committed / criticalPath.milliseconds
    },
    hotLocations: (report) => readHotLocations(report.#output),
    transactions(report) {
      report.#transactions ??= readTransactionReports(report.#output)
      return report.#transactions
    },
  })

  /** @internal */
  constructor(output: PackedReader, policy: string) {
    this.#output = output
    this.policy = policy
    this.workers = Math.max(1, output.u32(BlockOutput.workers))
    this.executions = output.sectionCount(BlockOutput.runs)
    ExecutionReport.#members(this)
  }

  /** The report in JSON, gas in hex. */
  toJSON(): object {
    return toRpcForm({ ...this }) as object
  }

  static {
    displayAs(ExecutionReport, (report) => ({ ...report }))
  }
}

function runsOf({ transactions }: ExecutionReport): readonly RunReport[] {
  return transactions.flatMap(({ runs }) => runs)
}

function durationOf(report: ExecutionReport): number {
  let first = Number.POSITIVE_INFINITY
  let last = 0
  for (const { start, end } of runsOf(report)) {
    first = Math.min(first, start)
    last = Math.max(last, end)
  }
  return Math.max(0, last - first)
}

function workersOf(report: ExecutionReport): readonly WorkerReport[] {
  const { milliseconds, workers } = report
  const totals = Array.from({ length: workers }, () => ({ runs: 0, busy: 0 }))
  for (const { worker, start, end } of runsOf(report)) {
    totals[worker].runs += 1
    totals[worker].busy += end - start
  }
  return totals.map(({ runs, busy }) => ({
    runs,
    busy,
    utilisation: milliseconds > 0 ? busy / milliseconds : 0,
  }))
}

function readHotLocations(output: PackedReader): readonly HotLocation[] {
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
