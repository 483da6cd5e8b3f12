/** What the commands say about an executed block. */

import type { BlockResult, HeaderDifference } from '../engine/block-result.js'
import type { Timings } from '../engine/execution-result.js'
import type { ExecutionReport } from '../report/execution-report.js'
import { formatTable, print, printJson } from './console.js'
import { summaryLines } from './execution-lines.js'

/** An executed block, or one that could not be executed. */
export interface BlockReport {
  /** Where the block came from. */
  readonly block: string
  readonly number?: bigint
  readonly hash?: string
  readonly hardfork?: string
  readonly transactions?: number
  readonly gasUsed?: bigint
  /** The root of the state after the block, where it was computed. */
  readonly stateRoot?: string
  readonly milliseconds?: Timings
  /** Millions of gas per second of execution alone. */
  readonly megagasPerSecond?: number
  readonly differences: readonly HeaderDifference[]
  /** How the block was executed, where that was asked for. */
  readonly execution?: ExecutionReport
  /** Why the block is invalid, where it could not be executed to its end. */
  readonly error?: string
}

/** The report of a block that was executed to its end. */
export function reportOf(block: string, result: BlockResult): BlockReport {
  const differences = result.verify()
  const { execute } = result.timings
  return {
    block,
    number: result.number,
    hash: result.hash,
    hardfork: result.hardfork,
    transactions: result.transactionCount,
    gasUsed: result.gasUsed,
    ...(result.stateRoot === undefined ? {} : { stateRoot: result.stateRoot }),
    milliseconds: result.timings,
    megagasPerSecond: execute > 0 ? Number(result.gasUsed) / 1000 / execute : 0,
    differences,
  }
}

/** Prints reports as a table with a line per difference, or as one JSON document. */
export function printReports(reports: readonly BlockReport[], json: boolean): void {
  if (json) {
    printJson({ blocks: reports })
    return
  }
  if (reports.length > 0) for (const line of formatTable(columns, reports.map(row))) print(line)
  for (const { block, stateRoot, differences, error, execution } of reports) {
    if (execution !== undefined) {
      for (const line of summaryLines(execution)) print(`${block}: ${line}`)
    }
    if (error !== undefined) print(`${block}: ${error}`)
    if (stateRoot !== undefined && differences.every(({ field }) => field !== 'stateRoot')) {
      print(`${block}: the state root ${stateRoot} matches the header`)
    }
    for (const { field, expected, actual } of differences) {
      print(`${block}: ${field}: expected ${shown(expected)}, header has ${shown(actual)}`)
    }
  }
}

const columns = [
  'block',
  'fork',
  'transactions',
  'gas',
  'decode ms',
  'senders ms',
  'execute ms',
  'receipts ms',
  'Mgas/s',
  'header',
]

function row(report: BlockReport): string[] {
  const { number, hardfork, transactions, gasUsed, milliseconds, megagasPerSecond } = report
  if (milliseconds === undefined) {
    return [report.block, '', '', '', '', '', '', '', '', 'invalid']
  }
  const { decode, senders, execute, receipts } = milliseconds
  return [
    String(number),
    hardfork ?? '',
    String(transactions),
    String(gasUsed),
    decode.toFixed(2),
    senders.toFixed(2),
    execute.toFixed(2),
    receipts.toFixed(2),
    (megagasPerSecond ?? 0).toFixed(0),
    report.differences.length === 0 ? 'matches' : 'differs',
  ]
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : String(value)
}
