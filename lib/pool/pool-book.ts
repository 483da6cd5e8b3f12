/** What is in a pool, and the rules by which it gets there and leaves: nothing that needs a chain or a state. */

import type { Hex } from '../hex/index.js'
import { EvictionOrder, rankOf, ranksBelow } from './eviction-order.js'
import type { ResolvedLimits } from './limits.js'
import type { PooledTransaction } from './pooled-transaction.js'
import { type DropReason, refusal } from './refusal.js'
import {
  type PoolFees,
  type SenderAccount,
  SenderQueue,
  type SubPoolCounts,
} from './sender-queue.js'

/** How much more than a transaction pays whoever replaces it, in percent. */
export interface PriceBumps {
  readonly plain: bigint
  readonly blob: bigint
}

/** Who is told of what happens in the book. */
export interface BookListener {
  added(transaction: PooledTransaction): void
  replaced(transaction: PooledTransaction, by: PooledTransaction): void
  dropped(transaction: PooledTransaction, reason: DropReason): void
}

/** Transactions that share limits: those with blobs, or all others. */
class Shelf {
  readonly order: EvictionOrder
  count = 0
  bytes = 0
  readonly mostCount: number
  readonly mostBytes: number

  constructor(order: EvictionOrder, mostCount: number, mostBytes: number) {
    this.order = order
    this.mostCount = mostCount
    this.mostBytes = mostBytes
  }

  get isOverfull(): boolean {
    return this.count > this.mostCount || this.bytes > this.mostBytes
  }
}

/**
 * The transactions of a pool: by hash, by sender and nonce, and in the order in which they make way for others. All that
 * changes them costs at most what one account's transactions cost, and the logarithm of the number of accounts.
 */
export class PoolBook {
  readonly #limits: ResolvedLimits
  readonly #bumps: PriceBumps
  readonly #listener: BookListener
  readonly #byHash = new Map<Hex, PooledTransaction>()
  readonly #queues = new Map<Hex, SenderQueue>()
  /** How many transactions authorize something in an account's name. */
  readonly #authorities = new Map<Hex, number>()
  readonly #plain: Shelf
  readonly #blobs: Shelf
  #locals = 0
  #fees: PoolFees = { baseFee: 0n, blobFee: 1n }

  constructor(limits: ResolvedLimits, bumps: PriceBumps, listener: BookListener) {
    this.#limits = limits
    this.#bumps = bumps
    this.#listener = listener
    const order = () => new EvictionOrder((transaction) => rankOf(transaction, this.#fees.baseFee))
    this.#plain = new Shelf(order(), limits.transactions, limits.bytes)
    this.#blobs = new Shelf(order(), limits.blobTransactions, limits.blobBytes)
  }

  /** The fees by which it is said where transactions wait. */
  get fees(): PoolFees {
    return this.#fees
  }

  /** How many transactions there are. */
  get size(): number {
    return this.#byHash.size
  }

  /** How many bytes they take. */
  get bytes(): number {
    return this.#plain.bytes + this.#blobs.bytes
  }

  /** How many wait where. */
  counts(): SubPoolCounts {
    const counts: SubPoolCounts = { pending: 0, baseFee: 0, blob: 0, queued: 0 }
    for (const queue of this.#queues.values()) {
      for (const place of Object.keys(counts) as (keyof SubPoolCounts)[]) {
        counts[place] += queue.counts[place]
      }
    }
    return counts
  }

  /** The transaction of a hash. */
  get(hash: Hex): PooledTransaction | undefined {
    return this.#byHash.get(hash)
  }

  /** What an account has in the pool. */
  queue(sender: Hex): SenderQueue | undefined {
    return this.#queues.get(sender)
  }

  /** Every account that has something in the pool. */
  queues(): IterableIterator<SenderQueue> {
    return this.#queues.values()
  }

  /** Every transaction. */
  transactions(): IterableIterator<PooledTransaction> {
    return this.#byHash.values()
  }

  /**
   * Takes a transaction in that is valid by itself, or refuses it: then nothing has changed.
   *
   * @param account what the state says of its sender
   * @throws PoolError `POOL_…`
   */
  add(transaction: PooledTransaction, account: SenderAccount): void {
    const { hash, sender, nonce } = transaction
    if (this.#byHash.has(hash)) throw refusal('POOL_KNOWN', { hash })
    if (nonce < account.nonce) {
      throw refusal('POOL_NONCE_TOO_LOW', {
        expected: account.nonce,
        actual: nonce,
        address: sender,
      })
    }
    const known = this.#queues.get(sender)
    if (known !== undefined) this.#refresh(known, account)
    // What was there may all be gone by now.
    const queue = this.#queues.get(sender) ?? new SenderQueue(sender, account)
    const old = queue.at(nonce)
    this.#checkSender(transaction, queue, old)
    this.#checkAuthorities(transaction)
    this.#checkFunds(transaction, queue, old)
    if (old !== undefined) this.#checkBump(transaction, old)
    const displaced = old === undefined ? this.#displacedBy(transaction, queue) : undefined
    if (old !== undefined) this.#takeOut(queue, old)
    if (displaced !== undefined) this.#takeOut(queue, displaced)
    this.#putIn(queue, transaction)
    const victims = this.#makeRoom(transaction)
    if (victims === undefined) {
      this.#takeOut(queue, transaction)
      for (const back of [displaced, old]) if (back !== undefined) this.#putIn(queue, back)
      throw refusal('POOL_FULL', { hash })
    }
    if (displaced !== undefined) this.#listener.dropped(displaced, 'evicted')
    for (const { victim } of victims) this.#listener.dropped(victim, 'evicted')
    if (old !== undefined) this.#listener.replaced(old, transaction)
    else this.#listener.added(transaction)
  }

  /** Takes a transaction out; whether it was there. */
  remove(hash: Hex, reason: DropReason): boolean {
    const transaction = this.take(hash)
    if (transaction !== undefined) this.#listener.dropped(transaction, reason)
    return transaction !== undefined
  }

  /** Takes a transaction out and tells nobody: it is in a block. */
  take(hash: Hex): PooledTransaction | undefined {
    const transaction = this.#byHash.get(hash)
    const queue = transaction && this.#queues.get(transaction.sender)
    if (queue === undefined) return undefined
    this.#takeOut(queue, transaction as PooledTransaction)
    return transaction
  }

  /** Takes note of what has become of an account. */
  setAccount(sender: Hex, account: SenderAccount): void {
    const queue = this.#queues.get(sender)
    if (queue !== undefined) this.#refresh(queue, account)
  }

  /** Drops all that an account has. */
  drop(sender: Hex, reason: DropReason): void {
    for (const { hash } of this.#queues.get(sender)?.transactions.slice() ?? []) {
      this.remove(hash, reason)
    }
  }

  /** Takes note of the fees of the next block. */
  setFees(fees: PoolFees): void {
    if (fees.baseFee === this.#fees.baseFee && fees.blobFee === this.#fees.blobFee) return
    this.#fees = fees
    for (const queue of this.#queues.values()) queue.place(0, fees)
    this.#plain.order.rebuild()
    this.#blobs.order.rebuild()
  }

  #refresh(queue: SenderQueue, account: SenderAccount): void {
    const { nonce, balance, isDelegated } = queue.account
    const isSame = nonce === account.nonce && balance === account.balance
    if (isSame && isDelegated === account.isDelegated) return
    queue.account = account
    for (const transaction of queue.transactions.slice(0, queue.indexOf(account.nonce))) {
      this.remove(transaction.hash, 'nonceUsed')
    }
    queue.place(0, this.#fees)
    this.#shelfOf(queue).order.update(queue)
  }

  /** An account sends with blobs or without; one whose code is not its own any more has one at a time in the pool. */
  #checkSender(
    { sender, nonce, hasBlobs }: PooledTransaction,
    queue: SenderQueue,
    old: PooledTransaction | undefined,
  ): void {
    const { transactions, account } = queue
    if (transactions.length > 0 && queue.hasBlobs !== hasBlobs) {
      throw refusal('POOL_SENDER_RESERVED', { address: sender })
    }
    const isBound = account.isDelegated || this.#authorities.has(sender)
    if (isBound && old === undefined && transactions.length > 0) {
      throw refusal('POOL_IN_FLIGHT_LIMIT', { address: sender })
    }
    const next = account.nonce + BigInt(transactions.length)
    if ((isBound || hasBlobs) && old === undefined && nonce !== next) {
      throw refusal('POOL_NONCE_GAP', { expected: next, actual: nonce, address: sender })
    }
  }

  /** Who authorizes a delegation has no more than one transaction under way, and none with blobs. */
  #checkAuthorities({ authorities, sender }: PooledTransaction): void {
    for (const authority of authorities) {
      const queue = authority === sender ? undefined : this.#queues.get(authority)
      if (queue !== undefined && (queue.hasBlobs || queue.transactions.length > 1)) {
        throw refusal('POOL_AUTHORITY_RESERVED', { address: authority })
      }
    }
  }

  #checkFunds(
    { cost, sender }: PooledTransaction,
    queue: SenderQueue,
    old: PooledTransaction | undefined,
  ): void {
    const expected = queue.cost - (old?.cost ?? 0n) + cost
    const actual = queue.account.balance
    if (expected > actual) throw refusal('POOL_OVERDRAFT', { expected, actual, address: sender })
  }

  #checkBump(by: PooledTransaction, old: PooledTransaction): void {
    const percent = 100n + (old.hasBlobs ? this.#bumps.blob : this.#bumps.plain)
    const fees = ['maxFeePerGas', 'maxPriorityFeePerGas', 'maxFeePerBlobGas'] as const
    for (const field of fees) {
      const expected = (old[field] * percent + 99n) / 100n
      const actual = by[field]
      // A price that cannot rise by a part of it rises by one.
      const least =
        field !== 'maxFeePerBlobGas' && expected === old[field] ? expected + 1n : expected
      if (actual < least) {
        throw refusal('POOL_REPLACEMENT_UNDERPRICED', {
          field,
          expected: least,
          actual,
          hash: old.hash,
        })
      }
    }
  }

  /** What an account that has as much as it may gives up for an earlier nonce. */
  #displacedBy({ nonce, sender, origin }: PooledTransaction, queue: SenderQueue) {
    if (origin !== 'external' && this.#locals >= this.#limits.local) {
      throw refusal('POOL_LOCAL_LIMIT', { expected: this.#limits.local })
    }
    const { tail, transactions } = queue
    if (transactions.length < this.#limits.ofAccount) return undefined
    if (tail !== undefined && nonce < tail.nonce && tail.origin === 'external') return tail
    throw refusal('POOL_SENDER_FULL', { expected: this.#limits.ofAccount, address: sender })
  }

  /**
   * Takes out what is worth less than a newcomer until there is room. Undefined where that does not do, and
   * nothing is taken out.
   */
  #makeRoom(newcomer: PooledTransaction): Eviction[] | undefined {
    const shelf = this.#shelfOf(newcomer)
    const rank = rankOf(newcomer, this.#fees.baseFee)
    const evictions: Eviction[] = []
    while (shelf.isOverfull) {
      const queue = shelf.order.first
      const victim = queue?.tail
      if (queue === undefined || victim === undefined) break
      if (!ranksBelow(rankOf(victim, this.#fees.baseFee), rank)) {
        for (const { queue, victim } of evictions.reverse()) this.#putIn(queue, victim)
        return undefined
      }
      this.#takeOut(queue, victim)
      evictions.push({ queue, victim })
    }
    return evictions
  }

  #putIn(queue: SenderQueue, transaction: PooledTransaction): void {
    this.#queues.set(queue.sender, queue)
    this.#byHash.set(transaction.hash, transaction)
    queue.put(transaction, this.#fees)
    this.#count(transaction, 1)
    this.#shelfOf(transaction).order.update(queue)
  }

  #takeOut(queue: SenderQueue, transaction: PooledTransaction): void {
    this.#byHash.delete(transaction.hash)
    queue.remove(transaction, this.#fees)
    if (queue.tail === undefined) this.#queues.delete(queue.sender)
    this.#count(transaction, -1)
    this.#shelfOf(transaction).order.update(queue)
  }

  #count(transaction: PooledTransaction, by: 1 | -1): void {
    const shelf = this.#shelfOf(transaction)
    shelf.count += by
    shelf.bytes += by * transaction.size
    if (transaction.origin !== 'external') this.#locals += by
    for (const authority of transaction.authorities) {
      const count = (this.#authorities.get(authority) ?? 0) + by
      if (count === 0) this.#authorities.delete(authority)
      else this.#authorities.set(authority, count)
    }
  }

  #shelfOf({ hasBlobs }: { readonly hasBlobs: boolean }): Shelf {
    return hasBlobs ? this.#blobs : this.#plain
  }
}

/** What made way for something else. */
interface Eviction {
  readonly queue: SenderQueue
  readonly victim: PooledTransaction
}
