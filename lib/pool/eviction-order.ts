/** Which account's last transaction goes first where there is no room. */

import type { PooledTransaction } from './pooled-transaction.js'
import type { SenderQueue } from './sender-queue.js'

/**
 * What a transaction is worth to the pool. Those that cannot be in the next block are worth less than those that can,
 * whatever they pay.
 */
export interface Rank {
  /** 0: queued; 1: waits for fees; 2: pending; 3: makes way for nothing. */
  readonly level: number
  /** The tip that it pays at the base fee of the next block, in wei. */
  readonly tip: bigint
}

/** The rank of a transaction at a base fee. */
export function rankOf(transaction: PooledTransaction, baseFee: bigint): Rank {
  const { place, origin } = transaction
  const level = origin !== 'external' ? 3 : place === 'pending' ? 2 : place === 'queued' ? 0 : 1
  return { level, tip: transaction.tipAt(baseFee) }
}

/** Whether one is worth less than another. */
export function ranksBelow(a: Rank, b: Rank): boolean {
  return a.level !== b.level ? a.level < b.level : a.tip < b.tip
}

/**
 * Accounts by what their last transactions are worth, the least first: a binary heap. Only an account's last
 * transaction ever goes, so that none is left behind without the nonce before it.
 */
export class EvictionOrder {
  readonly #queues: SenderQueue[] = []
  readonly #ranks: Rank[] = []
  readonly #rank: (transaction: PooledTransaction) => Rank

  constructor(rank: (transaction: PooledTransaction) => Rank) {
    this.#rank = rank
  }

  /** The account whose last transaction goes first. */
  get first(): SenderQueue | undefined {
    return this.#queues[0]
  }

  /** Takes note of what has become of an account's transactions; one without any leaves the order. */
  update(queue: SenderQueue): void {
    const { tail, heapIndex } = queue
    if (tail === undefined) {
      if (heapIndex >= 0) this.#remove(queue)
      return
    }
    const rank = this.#rank(tail)
    if (heapIndex < 0) {
      this.#set(this.#queues.length, queue, rank)
      this.#rise(queue.heapIndex)
      return
    }
    this.#ranks[heapIndex] = rank
    this.#rise(heapIndex)
    this.#sink(queue.heapIndex)
  }

  /** Looks at the worth of all anew: after the fees have changed. */
  rebuild(): void {
    for (const [i, { tail }] of this.#queues.entries()) {
      if (tail !== undefined) this.#ranks[i] = this.#rank(tail)
    }
    for (let i = (this.#queues.length >> 1) - 1; i >= 0; i--) this.#sink(i)
  }

  #remove(queue: SenderQueue): void {
    const at = queue.heapIndex
    queue.heapIndex = -1
    const last = this.#queues.pop()
    const rank = this.#ranks.pop()
    if (last === undefined || rank === undefined || last === queue) return
    this.#set(at, last, rank)
    this.#rise(at)
    this.#sink(last.heapIndex)
  }

  #set(at: number, queue: SenderQueue, rank: Rank): void {
    this.#queues[at] = queue
    this.#ranks[at] = rank
    queue.heapIndex = at
  }

  #swap(a: number, b: number): void {
    const queue = this.#queues[a]
    const rank = this.#ranks[a]
    this.#set(a, this.#queues[b], this.#ranks[b])
    this.#set(b, queue, rank)
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!ranksBelow(this.#ranks[at], this.#ranks[parent])) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #sink(from: number): void {
    const { length } = this.#queues
    for (let at = from; ; ) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < length && ranksBelow(this.#ranks[child], this.#ranks[least])) least = child
      }
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }
}
