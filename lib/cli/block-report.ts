/** What the commands say about an executed block. */

import { basename } from 'node:path'
import type { BlockResult, HeaderCheck, HeaderDifference } from '../engine/block-result.js'
import type { Timings } from '../engine/execution-result.js'
import type { ExecutionReport } from '../output/execution-report.js'
import { print, printable, printJson } from './console.js'
import { summaryLines } from './execution-lines.js'
import { nameOf } from './files.js'
import { type Cell, type Column, printTable } from './table.js'
import { toned } from './terminal.js'

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
  /** Millions of gas per second of recovering senders and executing, which workers do in one go. */
  readonly megagasPerSecond?: number
  readonly differences: readonly HeaderDifference[]
  /** Fields of the header that could not be compared. */
  readonly unchecked?: readonly HeaderCheck[]
  /** How the block was executed, where that was asked for. */
  readonly execution?: ExecutionReport
  /** Why the block is invalid, where it could not be executed to its end. */
  readonly error?: string
}

/** The report of a block that was executed to its end. */
export function reportOf(block: string, result: BlockResult): BlockReport {
  const differences = result.verify()
  const native = nativeTime(result.timings)
  return {
    block,
    number: result.number,
    hash: result.hash,
    hardfork: result.hardfork,
    transactions: result.transactionCount,
    gasUsed: result.gasUsed,
    ...(result.stateRoot === undefined ? {} : { stateRoot: result.stateRoot }),
    milliseconds: result.timings,
    megagasPerSecond: native > 0 ? Number(result.gasUsed) / 1000 / native : 0,
    differences,
    unchecked: differences.unchecked,
  }
}

/** How long recovering senders and executing took, in milliseconds. */
export function nativeTime({ senders, execute }: Timings): number {
  return senders + execute
}

/** Prints reports as a table with what else there is to say of each block, or as one JSON document. */
export function printReports(reports: readonly BlockReport[], json = false): void {
  if (json) {
    printJson({ blocks: reports })
    return
  }
  if (reports.length > 0) printTable(columns, reports.map(row))
  for (const report of reports) {
    const remarks = remarksOn(report)
    if (remarks.length > 0) print(`${printable(nameOf(report.block))}:`)
    for (const remark of remarks) print(`  ${remark}`)
  }
}

/** What there is to say of a block beside its row, in lines. */
function remarksOn(report: BlockReport): string[] {
  const { stateRoot, differences, unchecked = [], error, execution, milliseconds } = report
  const remarks =
    execution === undefined || milliseconds === undefined
      ? []
      : summaryLines(execution, nativeTime(milliseconds))
  if (error !== undefined) remarks.push(toned('fail', error))
  if (unchecked.includes('ommersHash')) {
    remarks.push('ommers are known by their hashes alone: nobody was paid for them')
  }
  if (stateRoot !== undefined && differences.every(({ field }) => field !== 'stateRoot')) {
    remarks.push(`the state root ${stateRoot} matches the header`)
  }
  for (const { field, expected, actual } of differences) {
    const difference = `the header has ${shown(expected)}, the block gives ${shown(actual)}`
    remarks.push(`${toned('fail', `${field}:`)} ${difference}`)
  }
  return remarks
}

const columns: readonly Column[] = [
  { title: 'block' },
  { title: 'fork' },
  { title: 'transactions' },
  { title: 'gas' },
  { title: 'decode ms', rank: 3 },
  { title: 'senders ms', rank: 2 },
  { title: 'execute ms' },
  { title: 'receipts ms', rank: 1 },
  { title: 'Mgas/s', rank: 4 },
  { title: 'header' },
]

function row(report: BlockReport): Cell[] {
  const { number, hardfork, transactions, gasUsed, milliseconds, megagasPerSecond } = report
  if (milliseconds === undefined) {
    return [
      printable(basename(nameOf(report.block))),
      '',
      '',
      '',
      '',
      '',
      '',
      '',
      '',
      { text: 'invalid', tone: 'fail' },
    ]
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
    report.differences.length === 0
      ? { text: 'matches', tone: 'pass' }
      : { text: 'differs', tone: 'fail' },
  ]
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : String(value)
}
