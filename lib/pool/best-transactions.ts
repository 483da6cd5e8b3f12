/** What a block builder takes, in its order. */

import type { Hex } from '../hex/index.js'
import { Heap } from './heap.js'
import type { PoolBook } from './pool-book.js'
import type { PooledTransaction } from './pooled-transaction.js'
import { type PoolFees, pays } from './sender-queue.js'

/** A transaction whose turn has come as far as its sender is concerned. */
interface Entry {
  readonly transaction: PooledTransaction
  readonly tip: bigint
}

/**
 * The transactions that a block of these fees may have, those that pay the most first, each sender's by
 * nonce. What the pool takes in meanwhile is among them.
 */
export class BestTransactions implements IterableIterator<PooledTransaction> {
  readonly #book: PoolBook
  readonly #fees: PoolFees
  readonly #heap = new Heap<Entry>(comesBefore)
  /** The nonce of each sender that comes next; null: nothing more of it. */
  readonly #next = new Map<Hex, bigint | null>()
  readonly #forget: () => void
  #hasEnded = false

  /** @internal `follow` has `arrived` called of whatever the pool takes in, until what it returns is called. */
  constructor(
    book: PoolBook,
    fees: PoolFees,
    follow: (arrived: (transaction: PooledTransaction) => void) => () => void,
  ) {
    this.#book = book
    this.#fees = fees
    for (const { sender, account } of book.queues()) this.#offer(sender, account.nonce)
    this.#forget = follow((transaction) => this.#arrived(transaction))
  }

  /** The next one. */
  next(): IteratorResult<PooledTransaction, undefined> {
    while (!this.#hasEnded) {
      const entry = this.#heap.pop()
      if (entry === undefined) break
      const { transaction } = entry
      const { sender, nonce } = transaction
      if (this.#next.get(sender) !== nonce) continue
      // It may have been replaced, or have left.
      if (this.#book.get(transaction.hash) !== transaction) {
        this.#offer(sender, nonce)
        continue
      }
      this.#offer(sender, nonce + 1n)
      return { done: false, value: transaction }
    }
    return { done: true, value: undefined }
  }

  /** Leaves out the rest of an account: one of its transactions did not fit. */
  skip({ sender }: PooledTransaction): void {
    this.#next.set(sender, null)
  }

  /** Ends it: nothing that arrives is looked at any more. */
  return(): IteratorResult<PooledTransaction, undefined> {
    this.#hasEnded = true
    this.#forget()
    return { done: true, value: undefined }
  }

  /** Itself: it is read once. */
  [Symbol.iterator](): this {
    return this
  }

  #offer(sender: Hex, nonce: bigint): void {
    this.#next.set(sender, nonce)
    const transaction = this.#book.queue(sender)?.at(nonce)
    if (transaction?.isReady && pays(transaction, this.#fees)) {
      this.#heap.push({ transaction, tip: transaction.tipAt(this.#fees.baseFee) })
    }
  }

  #arrived({ sender, nonce }: PooledTransaction): void {
    if (this.#hasEnded) return
    const next = this.#next.get(sender)
    if (next === null) return
    if (next === undefined) {
      const nonce = this.#book.queue(sender)?.account.nonce
      if (nonce !== undefined) this.#offer(sender, nonce)
    } else if (nonce === next) {
      this.#offer(sender, next)
    }
  }
}

function comesBefore(a: Entry, b: Entry): boolean {
  if (a.tip !== b.tip) return a.tip > b.tip
  return a.transaction.addedAt < b.transaction.addedAt
}
