/** Transactions that wait for a block. */

import { demand } from '../arguments.js'
import type { Chain, ChainStep } from '../chain-head/index.js'
import type { BlockResult } from '../engine/block-result.js'
import type { PoolError } from '../errors.js'
import { bytesOf, type Hex } from '../hex/index.js'
import { Listeners } from '../listeners.js'
import type { Candidate } from './admission.js'
import { Batches, type Given, type Looked } from './batches.js'
import { BestTransactions } from './best-transactions.js'
import { type PoolEventName, type PoolEvents, PoolListeners } from './events.js'
import { Journal, type JournalRecord } from './journal.js'
import { feesAfter } from './next-block.js'
import {
  type AddOptions,
  originOf,
  type PoolSettings,
  resolvePoolOptions,
  type TransactionPoolOptions,
} from './options.js'
import { PoolBook } from './pool-book.js'
import { PooledTransaction, type TransactionOrigin } from './pooled-transaction.js'
import { RecentBlocks } from './recent-blocks.js'
import { isRefusal, refusal } from './refusal.js'
import type { PoolFees, SubPoolCounts } from './sender-queue.js'
import { checkSidecar, putTogether } from './sidecar.js'

/** A transaction that a pool has taken in. */
export interface TakenTransaction {
  /** The transaction. */
  readonly transaction: PooledTransaction
  /** Nothing is wrong with it. */
  readonly error: undefined
}

/** A transaction that a pool has refused. */
export interface RefusedTransaction {
  /** It is not in the pool. */
  readonly transaction: undefined
  /** Why: a code `POOL_…`, with the rule that it breaks as `cause`. */
  readonly error: PoolError
}

/** What has become of a transaction that was given to a pool. */
export type AddOutcome = TakenTransaction | RefusedTransaction

/**
 * Transactions that wait for a block: those that may be in the next one, and those that may be in a later one. The pool
 * follows a chain: what is in a block leaves, what a reorganisation takes out of blocks comes back, and what the state
 * and the fees say of the others is kept up to date.
 *
 * What is given to it is looked at in batches, on the engine's threads: signatures, rules, the senders' accounts.
 */
export class TransactionPool implements AsyncDisposable, Iterable<PooledTransaction> {
  readonly #settings: PoolSettings
  readonly #chain: Chain
  readonly #book: PoolBook
  readonly #batches: Batches<AddOutcome>
  readonly #listeners = new PoolListeners()
  readonly #recent = new RecentBlocks()
  readonly #forget: () => void
  /** Who is told of what arrives. */
  readonly #readers = new Listeners<PooledTransaction>()
  /** Counts the steps of the chain: what was read of the state before one may be wrong. */
  #steps = 0
  #settled: Promise<void> = Promise.resolve()
  #journal: Journal | undefined
  #isClosed = false

  private constructor(settings: PoolSettings) {
    this.#settings = settings
    this.#chain = settings.chain
    this.#book = new PoolBook(settings.limits, settings.bumps, {
      added: (transaction) => {
        this.#listeners.tell('added', { transaction })
        this.#readers.tell(transaction)
      },
      replaced: (old, transaction) => {
        this.#listeners.tell('replaced', { transaction, old })
        this.#readers.tell(transaction)
      },
      dropped: (transaction, reason) => this.#listeners.tell('dropped', { transaction, reason }),
    })
    this.#batches = new Batches({
      chain: this.#chain,
      mostBytes: settings.limits.transactionBytes,
      steps: () => this.#steps,
      isKnown: (hash) => this.#book.get(hash) !== undefined,
      take: (given, looked) => this.#takeBatch(given, looked),
    })
    this.#book.setFees(feesAfter(this.#chain))
    this.#forget = this.#chain.follow((step) => this.#follow(step))
  }

  /**
   * Opens a pool. What is in its journal is taken in again, as far as it is still valid.
   *
   * @throws OptionsError `OPTION_INVALID`; PoolError `POOL_JOURNAL_FAILED`; ChainError `CHAIN_HEAD_UNKNOWN`
   */
  static async open(options: TransactionPoolOptions): Promise<TransactionPool> {
    const settings = resolvePoolOptions(options)
    const pool = new TransactionPool(settings)
    if (settings.journal === undefined) return pool
    try {
      await pool.#openJournal(settings.journal)
    } catch (error) {
      pool.#forget()
      throw error
    }
    return pool
  }

  /** How many transactions there are. */
  get size(): number {
    return this.#book.size
  }

  /** How many bytes they take, encoded. */
  get bytes(): number {
    return this.#book.bytes
  }

  /** How many wait where. */
  get counts(): SubPoolCounts {
    return this.#book.counts()
  }

  /** The fees of the next block, in wei, by which it is said where transactions wait. */
  get fees(): PoolFees {
    return this.#book.fees
  }

  /**
   * Takes a transaction in, encoded as it travels (EIP-2718; one with blobs with its sidecar): bytes or hex. Those that
   * are given at about the same time are looked at together. A local one is in the journal when this resolves.
   *
   * @throws PoolError `POOL_…` where it is refused, with the rule that it breaks as `cause`
   */
  async add(
    transaction: Uint8Array | string,
    options: AddOptions = {},
  ): Promise<PooledTransaction> {
    const origin = originOf(options)
    const travelling = encodingOf(transaction, 'transaction')
    this.#checkOpen()
    const outcome = await this.#batches.add({ travelling, origin })
    if (outcome.error !== undefined) throw outcome.error
    return outcome.transaction
  }

  /**
   * Takes many transactions in, as {@link add} does, in their order; refusals are among the outcomes.
   *
   * @throws what is no refusal of one transaction: PoolError `POOL_CLOSED`, StateError
   */
  async addMany(
    transactions: Iterable<Uint8Array | string>,
    options: AddOptions = {},
  ): Promise<AddOutcome[]> {
    const origin = originOf(options)
    demand(
      typeof transactions === 'object' && transactions !== null && Symbol.iterator in transactions,
      'transactions',
      'an iterable',
      transactions,
    )
    this.#checkOpen()
    const travelling = Array.from(transactions, (each, i) => encodingOf(each, `transactions[${i}]`))
    return this.#batches.addAll(travelling.map((each) => ({ travelling: each, origin })))
  }

  /** The transaction of a hash. */
  get(hash: string): PooledTransaction | undefined {
    return this.#book.get(hash.toLowerCase() as Hex)
  }

  /** What an account has in the pool, by nonce. */
  of(sender: string): readonly PooledTransaction[] {
    return this.#book.queue(sender.toLowerCase() as Hex)?.transactions.slice() ?? []
  }

  /** All transactions, those that came first before the others. */
  [Symbol.iterator](): IterableIterator<PooledTransaction> {
    return this.#book.transactions()
  }

  /** The nonce that an account's next transaction should have: behind those that may be in a block. */
  async nextNonce(sender: string): Promise<bigint> {
    const queue = this.#book.queue(sender.toLowerCase() as Hex)
    if (queue !== undefined) return queue.nextNonce
    return (await this.#chain.state.getAccount(sender))?.nonce ?? 0n
  }

  /**
   * What a block of these fees may have, what pays the most first, each sender's by nonce. What arrives while
   * it is read is among it. Default: the fees of the next block.
   */
  best(fees: Partial<PoolFees> = {}): BestTransactions {
    const { baseFee, blobFee } = { ...this.#book.fees, ...fees }
    return new BestTransactions(this.#book, { baseFee, blobFee }, (arrived) =>
      this.#readers.add(arrived),
    )
  }

  /** Takes a transaction out; whether it was there. Those of its sender behind it stay, queued. */
  remove(hash: string): boolean {
    return this.#book.remove(hash.toLowerCase() as Hex, 'removed')
  }

  /**
   * Calls `listener` whenever something happens. It should not take long, and not throw.
   *
   * @returns what ends that
   */
  on<Name extends PoolEventName>(
    name: Name,
    listener: (event: PoolEvents[Name]) => void,
  ): () => void {
    return this.#listeners.on(name, listener)
  }

  /** Resolves when the pool has caught up with the chain: after a reorganisation that takes a moment. */
  async settled(): Promise<void> {
    await this.#settled
  }

  /** Closes the pool: it follows the chain no longer, and its journal is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#forget()
    await this.#settled
    await this.#journal?.close()
  }

  #checkOpen(): void {
    if (this.#isClosed) throw refusal('POOL_CLOSED')
  }

  /** Takes in what has been looked at. */
  async #takeBatch(given: readonly Given[], looked: readonly Looked[]): Promise<AddOutcome[]> {
    this.#checkOpen()
    const outcomes = looked.map((each, i): AddOutcome => {
      if (!('facts' in each)) return { transaction: undefined, error: each }
      return this.#take(each, given[i].origin)
    })
    const kept = outcomes.flatMap(({ transaction }) =>
      transaction === undefined || transaction.origin === 'external' ? [] : [recordOf(transaction)],
    )
    if (kept.length > 0) await this.#journal?.append(kept)
    return outcomes
  }

  #take({ facts, account }: Candidate, origin: TransactionOrigin): AddOutcome {
    const transaction = new PooledTransaction(facts, origin, Date.now())
    try {
      this.#checkWorth(transaction)
      this.#book.add(transaction, account)
      return { transaction, error: undefined }
    } catch (error) {
      if (!isRefusal(error)) throw error
      return { transaction: undefined, error }
    }
  }

  #checkWorth({
    origin,
    maxPriorityFeePerGas,
    hasBlobs,
    sidecar,
    hash,
    ...rest
  }: PooledTransaction) {
    const { minimumTip } = this.#settings
    if (origin === 'external' && maxPriorityFeePerGas < minimumTip) {
      throw refusal('POOL_UNDERPRICED', {
        expected: minimumTip,
        actual: maxPriorityFeePerGas,
        hash,
      })
    }
    if (!hasBlobs) return
    if (sidecar === undefined) throw refusal('POOL_SIDECAR_MISSING', { hash })
    const { kzg } = this.#chain.engine.common.customCrypto
    checkSidecar(sidecar, rest.blobVersionedHashes, kzg)
  }

  async #openJournal(path: string): Promise<void> {
    const { journal, records } = await Journal.open(path)
    await this.#batches.addAll(
      records.map(({ travelling, isPrivate }) => {
        return { travelling, origin: isPrivate ? ('private' as const) : ('local' as const) }
      }),
    )
    this.#journal = journal
    await this.#shrinkJournal()
  }

  async #shrinkJournal(): Promise<void> {
    await this.#journal?.shrink(() =>
      [...this.#book.transactions()].filter(({ origin }) => origin !== 'external').map(recordOf),
    )
  }

  /** The chain has moved. */
  #follow({ kind, head, result }: ChainStep): void {
    this.#steps++
    if (kind === 'import' && result !== undefined) {
      this.#include(result)
      return
    }
    const returning = this.#recent.takeBehind(head)
    this.#settled = this.#settled.then(async () => {
      await this.#readAccounts()
      const given = returning.map(({ encoded, pooled }): Given => {
        const travelling = pooled === undefined ? encoded : putTogether(pooled)
        return { travelling, origin: pooled?.origin ?? 'external' }
      })
      await this.#batches.addAll(given)
    })
    this.#settled = this.#settled.catch(() => {})
  }

  #include(result: BlockResult): void {
    const { number, hash, block, stateDiff } = result
    const taken: PooledTransaction[] = []
    for (const each of block.transactions.hashes) {
      const transaction = this.#book.take(each)
      if (transaction === undefined) continue
      taken.push(transaction)
      this.#listeners.tell('included', { transaction, block: { number, hash } })
    }
    this.#recent.add(result, taken)
    for (const { address, nonce, balance, code } of stateDiff) {
      const queue = this.#book.queue(address)
      if (queue === undefined) continue
      const isDelegated = code === undefined ? queue.account.isDelegated : isDelegation(code)
      if (code !== undefined && code !== '0x' && !isDelegated) {
        this.#book.drop(address, 'senderHasCode')
      } else {
        this.#book.setAccount(address, { nonce: nonce.after, balance: balance.after, isDelegated })
      }
    }
    this.#book.setFees(feesAfter(this.#chain))
    this.#expire()
    void this.#shrinkJournal().catch(() => {})
  }

  /** Reads the accounts of all senders anew. */
  async #readAccounts(): Promise<void> {
    const { state } = this.#chain
    for (const { sender } of [...this.#book.queues()]) {
      const account = await state.getAccount(sender)
      const code = account === undefined ? '0x' : await state.getCode(sender)
      const isDelegated = isDelegation(code)
      if (code !== '0x' && !isDelegated) this.#book.drop(sender, 'senderHasCode')
      const { nonce = 0n, balance = 0n } = account ?? {}
      this.#book.setAccount(sender, { nonce, balance, isDelegated })
    }
    this.#book.setFees(feesAfter(this.#chain))
  }

  #expire(): void {
    const oldest = Date.now() - this.#settings.lifetime
    for (const { hash, place, origin, addedAt } of [...this.#book.transactions()]) {
      // Those behind came later.
      if (addedAt > oldest) break
      if (place === 'queued' && origin === 'external') this.#book.remove(hash, 'expired')
    }
  }
}

function encodingOf(transaction: unknown, field: string): Uint8Array {
  const bytes = bytesOf(transaction)
  demand(bytes !== undefined, field, 'bytes, or hex', transaction)
  return bytes
}

function recordOf(transaction: PooledTransaction): JournalRecord {
  return { travelling: putTogether(transaction), isPrivate: transaction.origin === 'private' }
}

/** Whether an account's code is a delegation designator (EIP-7702). */
function isDelegation(code: Hex): boolean {
  return code.length === 2 + 2 * 23 && code.startsWith('0xef0100')
}
