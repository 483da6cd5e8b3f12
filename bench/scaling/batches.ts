/** What workers claim in one go, by the limits of native/parallel/optimistic_loop.cpp. */

import type { TransactionModel } from './model.js'

const maxBatchGas = 1_000_000
const maxBatchSize = 16

/** What a transfer that has no gas for anything else asks for (Yellow Paper, appendix G). */
const transferGas = 21_000

/** Whether nobody claims a transaction, as can be seen before the block. */
export function belongsToLane({ gasLimit, isTransfer }: TransactionModel): boolean {
  return isTransfer && gasLimit === transferGas
}

/** Cuts a block into batches of transactions, by index. What belongs to the lane is in none. */
export function cutBatches(transactions: readonly TransactionModel[]): readonly number[][] {
  const batches: number[][] = []
  let gas = 0
  for (const [index, transaction] of transactions.entries()) {
    if (belongsToLane(transaction)) continue
    const { gasLimit } = transaction
    const batch = batches.at(-1)
    if (batch === undefined || batch.length === maxBatchSize || gasLimit > maxBatchGas - gas) {
      batches.push([index])
      gas = 0
    } else {
      batch.push(index)
    }
    gas = Math.min(gas + gasLimit, maxBatchGas)
  }
  return batches
}
