/** The figures at the head of the page. */

import type { BlockResult } from '../engine/block-result.js'
import type { ExecutionReport } from '../output/execution-report.js'
import { formatCount, formatGas, formatPercent, formatSpeed, formatTime } from './client/format.js'

/** A figure with its name, what it means and what stands under it. */
export interface Figure {
  readonly name: string
  readonly value: string
  readonly note: string
  readonly meaning: string
}

/** The figures of a block. */
export function summaryFigures(result: BlockResult, report: ExecutionReport): Figure[] {
  const execute = result.timings.senders + result.timings.execute
  const gasUsed = Number(result.gasUsed)
  const wasted = Number(report.wastedGas)
  const { executions, reExecutions, utilisation, workers } = report
  return [
    {
      name: 'Execution',
      value: formatTime(execute),
      note: `${formatGas(gasUsed)} gas`,
      meaning: 'From the first signature to the root of the receipts, beside JavaScript.',
    },
    {
      name: 'Speed',
      value: formatSpeed(gasUsed, execute),
      note: `${formatCount(result.transactionCount)} transactions`,
      meaning: 'Gas of the block over the time of execution.',
    },
    {
      name: 'Runs',
      value: formatCount(executions),
      note: `${formatCount(reExecutions)} thrown away`,
      meaning: 'How often transactions were run, and how many runs were in vain.',
    },
    {
      name: 'Wasted gas',
      value: formatPercent(wasted + gasUsed > 0 ? wasted / (wasted + gasUsed) : 0),
      note: `${formatGas(wasted)} gas`,
      meaning: 'Gas of the runs that were thrown away, as a share of all gas that was run.',
    },
    {
      name: 'Utilisation',
      value: formatPercent(utilisation),
      note: workers === 1 ? 'of 1 worker' : `of ${workers} workers`,
      meaning: 'The share of the workers’ time in which they ran transactions.',
    },
    ...pathFigures(report),
  ]
}

function pathFigures({ criticalPath, parallelismBound }: ExecutionReport): Figure[] {
  const pathMeaning = 'The longest chain of transactions that each read what the one before wrote.'
  const boundMeaning =
    'All committed runs over the critical path: no number of workers can be faster than this many times one.'
  if (criticalPath === undefined) {
    const note = 'not known sequentially'
    return [
      { name: 'Critical path', value: '–', note, meaning: pathMeaning },
      { name: 'Parallelism bound', value: '–', note, meaning: boundMeaning },
    ]
  }
  const length = criticalPath.transactions.length
  return [
    {
      name: 'Critical path',
      value: formatTime(criticalPath.milliseconds),
      note: length === 1 ? '1 transaction' : `${formatCount(length)} transactions`,
      meaning: pathMeaning,
    },
    {
      name: 'Parallelism bound',
      value: parallelismBound === undefined ? '–' : `${parallelismBound.toFixed(1)}×`,
      note: 'of one worker’s speed',
      meaning: boundMeaning,
    },
  ]
}
