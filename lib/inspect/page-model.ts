/** What of a result goes into the page. */

import type { BlockResult } from '../engine/block-result.js'
import type { ExecutionReport } from '../output/execution-report.js'
import type { RunReport, TransactionReport } from '../output/transaction-report.js'
import type { PageModel, PageRun, PageTransaction } from './client/model.js'

/** Gathers the data of the page. */
export function pageModel(result: BlockResult, report: ExecutionReport): PageModel {
  return {
    workers: report.workers,
    utilisation: report.workerReports.map(({ utilisation }) => rounded(utilisation)),
    senders: rounded(result.timings.senders),
    transactions: pageTransactions(result),
    runs: report.transactions.flatMap((transaction) =>
      transaction.runs.map((run) => pageRun(transaction, run)),
    ),
    criticalPath: report.criticalPath?.transactions ?? [],
  }
}

function pageTransactions(result: BlockResult): PageTransaction[] {
  return result.receipts.map((receipt) => {
    const { to, contractAddress } = receipt
    return {
      index: receipt.transactionIndex,
      hash: receipt.transactionHash ?? '',
      from: receipt.from,
      to: to ?? contractAddress ?? '',
      creates: to === null,
      type: receipt.type,
      reverted: receipt.status === 'reverted',
      gas: Number(receipt.gasUsed),
    }
  })
}

function pageRun(transaction: TransactionReport, run: RunReport): PageRun {
  const { dependsOn } = transaction
  return {
    transaction: transaction.index,
    incarnation: run.incarnation,
    worker: run.worker,
    start: rounded(run.start),
    end: rounded(run.end),
    gas: Number(run.gasUsed),
    outcome: run.committed ? (run.atHead ? 'head' : 'ahead') : 'discarded',
    conflicts: run.conflicts,
    ...(run.committed && dependsOn !== undefined ? { dependsOn } : {}),
    ...(run.waitedFor === undefined ? {} : { waitedFor: run.waitedFor }),
  }
}

/** Nanoseconds are enough, and shorter than what division leaves behind. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1e6) / 1e6
}
