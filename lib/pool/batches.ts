/** Transactions that are looked at together. */

import type { Chain } from '../chain-head/index.js'
import type { PoolError } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { type Arrival, arrivals, type Candidate, candidates } from './admission.js'
import { environmentAfter } from './next-block.js'
import type { TransactionOrigin } from './pooled-transaction.js'
import { refusal } from './refusal.js'

/** A transaction as it was given. */
export interface Given {
  readonly travelling: Uint8Array
  readonly origin: TransactionOrigin
}

/** What is known of a transaction that has been looked at, or why it is refused. */
export type Looked = Candidate | PoolError

/** What batches are looked at for. */
export interface BatchHost<Outcome> {
  readonly chain: Chain
  /** The most bytes of a transaction. */
  readonly mostBytes: number
  /** Counts the steps of the chain: what was read of the state before one may be wrong. */
  steps(): number
  isKnown(hash: Hex): boolean
  /** Takes a batch in: an outcome for each. */
  take(given: readonly Given[], looked: readonly Looked[]): Promise<Outcome[]>
}

/** A batch as it was looked at. */
interface LookedBatch {
  readonly looked: readonly Looked[]
  /** The steps of the chain before: the senders' accounts may not be what they were. */
  readonly steps: number
}

/** How many transactions are looked at together. */
const batchSize = 1024
/** How many single transactions wait to be looked at. */
const mostWaiting = 16_384

/** A transaction that was given by itself. */
interface Waiting<Outcome> extends Given {
  settle(outcome: Outcome): void
  fail(error: unknown): void
}

/**
 * Has transactions looked at in batches, on the engine's threads, and taken in in their order. Those that are given one by
 * one at about the same time are a batch.
 */
export class Batches<Outcome> {
  readonly #host: BatchHost<Outcome>
  #waiting: Waiting<Outcome>[] = []

  constructor(host: BatchHost<Outcome>) {
    this.#host = host
  }

  /** Takes one in. Throws `POOL_BUSY` where too many wait already. */
  add(given: Given): Promise<Outcome> {
    if (this.#waiting.length >= mostWaiting) throw refusal('POOL_BUSY')
    return new Promise((settle, fail) => {
      this.#waiting.push({ ...given, settle, fail })
      if (this.#waiting.length === 1) setImmediate(() => this.#takeWaiting())
    })
  }

  /** Takes many in; while one batch is looked at, the next one is made ready. */
  async addAll(given: readonly Given[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    let before: Promise<Outcome[]> | undefined
    for (let start = 0; start < given.length; start += batchSize) {
      const batch = given.slice(start, start + batchSize)
      const looking = this.#lookAt(batch)
      // A failure is found when its turn comes.
      looking.catch(() => {})
      if (before !== undefined) outcomes.push(...(await before))
      before = this.#take(batch, looking)
    }
    if (before !== undefined) outcomes.push(...(await before))
    return outcomes
  }

  async #takeWaiting(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    try {
      const outcomes = await this.addAll(waiting)
      for (const [i, outcome] of outcomes.entries()) waiting[i].settle(outcome)
    } catch (error) {
      for (const { fail } of waiting) fail(error)
    }
  }

  /** Takes a batch in as it was looked at, or once more where the chain has moved since. */
  async #take(batch: readonly Given[], looking: Promise<LookedBatch>): Promise<Outcome[]> {
    let { looked, steps } = await looking
    while (steps !== this.#host.steps()) ({ looked, steps } = await this.#lookAt(batch))
    return this.#host.take(batch, looked)
  }

  async #lookAt(given: readonly Given[]): Promise<LookedBatch> {
    const { chain, mostBytes, isKnown, steps } = this.#host
    const arrived = arrivals(given.map(({ travelling }) => travelling)).map((each) => {
      if (!('encoded' in each)) return each
      const { encoded, hash } = each
      if (isKnown(hash)) return refusal('POOL_KNOWN', { hash })
      if (encoded.length <= mostBytes) return each
      return refusal('POOL_TOO_LARGE', { expected: mostBytes, actual: encoded.length, hash })
    })
    const worthy = arrived.filter((each): each is Arrival => 'encoded' in each)
    const before = steps()
    const { engine, state } = chain
    const found = await candidates(engine, state, environmentAfter(chain), worthy)
    let next = 0
    const looked = arrived.map((each) => ('encoded' in each ? found[next++] : each))
    return { looked, steps: before }
  }
}
