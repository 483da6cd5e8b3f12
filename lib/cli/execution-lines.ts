/** What the commands say about how a block was executed. */

import type { ExecutionReport, HotLocation } from '../output/execution-report.js'
import type { StateLocation } from '../output/location.js'
import { formatTable } from './table.js'
import { type OutputStream, roomOf } from './terminal.js'

/**
 * The report in a few lines.
 *
 * @param milliseconds how long recovering senders and executing took, which workers do in one go
 */
export function summaryLines(report: ExecutionReport, milliseconds: number): string[] {
  const { policy, workers, executions, reExecutions, wastedGas } = report
  const { utilisation, criticalPath, parallelismBound } = report
  const lines = [
    `${policy}, ${count(workers, 'worker')}, senders and execution ${milliseconds.toFixed(2)} ms`,
    `${count(executions, 'run')}, ${reExecutions} thrown away with ${wastedGas} gas`,
    `workers busy ${percent(utilisation)} of the time between the first run and the last`,
  ]
  if (criticalPath !== undefined) {
    const bound = parallelismBound === undefined ? '' : `: at most ${parallelismBound.toFixed(1)}x`
    lines.push(
      `critical path ${criticalPath.milliseconds.toFixed(2)} ms, ` +
        `${count(criticalPath.transactions.length, 'transaction')}${bound}`,
    )
  }
  return lines
}

/** The hottest locations as lines of a table; none where there are no such locations. */
export function hotLocationLines(
  locations: readonly HotLocation[],
  limit: number,
  stream: OutputStream = process.stdout,
): readonly string[] {
  if (locations.length === 0) return []
  const table = (nameOf: (location: StateLocation) => string) =>
    formatTable(
      [{ title: 'hot location' }, { title: 'dependents' }, { title: 'conflicts' }],
      locations
        .slice(0, limit)
        .map((location) => [
          nameOf(location),
          String(location.dependents),
          String(location.conflicts),
        ]),
      stream,
    ).lines
  const lines = table(describeLocation)
  return lines.every((line) => line.length <= roomOf(stream)) ? lines : table(describeBriefly)
}

function describeLocation({ address, kind, key }: StateLocation): string {
  return key === undefined ? `${address} ${kind}` : `${address} ${kind} ${key}`
}

/** A location with addresses and keys that are only told from one another. */
function describeBriefly(location: StateLocation): string {
  return describeLocation(location).replace(/(0x[0-9a-f]{8})[0-9a-f]{10,}([0-9a-f]{8})/g, '$1…$2')
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
