/** What kinds of calls the transactions of a block are. */

import { combineKeys } from './key.js'
import type { TransactionSummaries } from './summary.js'

/** The gas of a transfer that runs no code (EIP-2). */
export const transferGas = 21_000

/** Whether a transaction can do nothing but move ether. */
export function isPlainTransfer(transactions: TransactionSummaries, index: number): boolean {
  return transactions.gasLimit(index) === transferGas && transactions.isTransfer(index)
}

/** Keys of calls, per transaction. */
export interface CallKeys {
  /** Stands for contract and selector; 0 for what is no call: plain transfers, creations. */
  readonly functions: Float64Array
  /** Stands for contract, selector and first argument; 0 where there is none. */
  readonly arguments: Float64Array
}

/** The keys of a block's calls. */
export function callKeysOf(transactions: TransactionSummaries): CallKeys {
  const functions = new Float64Array(transactions.length)
  const special = new Float64Array(transactions.length)
  for (let i = 0; i < transactions.length; i++) {
    if (isPlainTransfer(transactions, i) || transactions.isCreation(i)) continue
    const selector = transactions.selector(i)
    const key = combineKeys(transactions.recipientKey(i), selector ?? 0)
    functions[i] = key
    const argument = transactions.argumentKey(i)
    if (argument !== 0) special[i] = combineKeys(key, argument)
  }
  return { functions, arguments: special }
}
