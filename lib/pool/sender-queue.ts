/** What one account has in the pool. */

import type { Hex } from '../hex/index.js'
import type { PooledTransaction, SubPool } from './pooled-transaction.js'

/** What the state says of an account that sends transactions. */
export interface SenderAccount {
  readonly nonce: bigint
  readonly balance: bigint
  /** Whether its code is a delegation (EIP-7702). */
  readonly isDelegated: boolean
}

/** The fees of the next block, in wei. */
export interface PoolFees {
  /** What a unit of gas costs at least (EIP-1559). */
  readonly baseFee: bigint
  /** What a unit of blob gas costs (EIP-4844). */
  readonly blobFee: bigint
}

/** How many transactions wait where. */
export type SubPoolCounts = Record<SubPool, number>

/** One account's transactions in the order of their nonces. */
export class SenderQueue {
  readonly sender: Hex
  account: SenderAccount
  /** By nonce, ascending; no nonce twice. */
  readonly transactions: PooledTransaction[] = []
  /** How many of them wait where. */
  readonly counts: SubPoolCounts = { pending: 0, baseFee: 0, blob: 0, queued: 0 }
  /** Its place in the order of eviction; -1: in none. */
  heapIndex = -1

  constructor(sender: Hex, account: SenderAccount) {
    this.sender = sender
    this.account = account
  }

  /** The one with the highest nonce. */
  get tail(): PooledTransaction | undefined {
    return this.transactions.at(-1)
  }

  /** What all of them cost, in wei. */
  get cost(): bigint {
    return this.tail?.costUpToHere ?? 0n
  }

  /** The nonce behind those that nothing but fees keeps from the next block. */
  get nextNonce(): bigint {
    const { transactions, account } = this
    const ready = transactions.findIndex(({ isReady }) => !isReady)
    return account.nonce + BigInt(ready < 0 ? transactions.length : ready)
  }

  /** Whether they carry blobs: all of them do, or none. */
  get hasBlobs(): boolean {
    return this.transactions[0]?.hasBlobs ?? false
  }

  /** Where a nonce is, or would be. */
  indexOf(nonce: bigint): number {
    const { transactions } = this
    let low = 0
    let high = transactions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (transactions[middle].nonce < nonce) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The transaction of a nonce. */
  at(nonce: bigint): PooledTransaction | undefined {
    const found = this.transactions[this.indexOf(nonce)]
    return found?.nonce === nonce ? found : undefined
  }

  /** Puts a transaction in, in place of the one of its nonce where there is one. */
  put(transaction: PooledTransaction, fees: PoolFees): void {
    const at = this.indexOf(transaction.nonce)
    const replaced = this.transactions[at]?.nonce === transaction.nonce
    if (replaced) this.counts[this.transactions[at].place]--
    this.transactions.splice(at, replaced ? 1 : 0, transaction)
    this.counts[transaction.place]++
    this.place(at, fees)
  }

  /** Takes a transaction out. */
  remove(transaction: PooledTransaction, fees: PoolFees): void {
    const at = this.indexOf(transaction.nonce)
    this.transactions.splice(at, 1)
    this.counts[transaction.place]--
    this.place(at, fees)
  }

  /** Says anew where the transactions wait, from one of them on. */
  place(from: number, fees: PoolFees): void {
    const { transactions, account, counts } = this
    const before = transactions[from - 1]
    let cost = before?.costUpToHere ?? 0n
    let nonce = before === undefined ? account.nonce : before.nonce + 1n
    let isReady = before === undefined || before.isReady
    let isPayable = before === undefined || before.place === 'pending'
    for (let i = from; i < transactions.length; i++) {
      const transaction = transactions[i]
      cost += transaction.cost
      transaction.costUpToHere = cost
      isReady &&= transaction.nonce === nonce && cost <= account.balance
      isPayable &&= isReady && pays(transaction, fees)
      nonce++
      counts[transaction.place]--
      transaction.moveTo(placeOf(transaction, isReady, isPayable), isReady)
      counts[transaction.place]++
    }
  }
}

/** Whether a transaction pays what a block of these fees demands. */
export function pays(
  { maxFeePerGas, maxFeePerBlobGas, hasBlobs }: PooledTransaction,
  { baseFee, blobFee }: PoolFees,
): boolean {
  return maxFeePerGas >= baseFee && (!hasBlobs || maxFeePerBlobGas >= blobFee)
}

function placeOf({ hasBlobs }: PooledTransaction, isReady: boolean, isPayable: boolean): SubPool {
  if (isPayable) return 'pending'
  if (hasBlobs) return 'blob'
  return isReady ? 'baseFee' : 'queued'
}
