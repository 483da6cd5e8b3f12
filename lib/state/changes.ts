/** What happens to a state, told to those who follow it. */

import { checkOptions, demand } from '../arguments.js'
import { errorFor } from '../errors.js'
import { PackedReader } from '../native/packed-reader.js'
import { StateDiff } from '../output/state-diff.js'
import type { BlockReference } from './block-reference.js'

/** A step of a state, forward or back. */
export interface StateChange {
  /** Whether a block was committed, or one taken back. */
  readonly kind: 'commit' | 'revert'
  /** The block that was committed or taken back, where the result was that of one. */
  readonly block: BlockReference | undefined
  /**
   * What the block changed: with `before` and `after`, whichever way the state went. Built when it is
   * looked at. Undefined where a lasting state takes back a block that an earlier process committed.
   */
  readonly diff: StateDiff | undefined
}

/** How changes are followed. */
export interface ChangesOptions {
  /**
   * How many changes are kept for a consumer that is busy. Each keeps the packed result of its block.
   * Default 256.
   */
  readonly limit?: number | undefined
}

const defaultLimit = 256

/** Tells the changes of one state to any number of subscribers. */
export class ChangeFeed {
  readonly #subscriptions = new Set<Subscription>()

  subscribe(options: ChangesOptions): AsyncIterableIterator<StateChange> {
    checkOptions(options, { limit: true })
    const { limit = defaultLimit } = options
    demand(Number.isSafeInteger(limit) && limit > 0, 'limit', 'a number above 0', limit)
    const subscription = new Subscription(limit, () => this.#subscriptions.delete(subscription))
    this.#subscriptions.add(subscription)
    return subscription
  }

  publish(
    kind: StateChange['kind'],
    packed: Uint8Array | undefined,
    block: BlockReference | undefined,
  ): void {
    if (this.#subscriptions.size === 0) return
    let diff: StateDiff | undefined
    const change: StateChange = {
      kind,
      block,
      get diff() {
        if (packed !== undefined) diff ??= new StateDiff(new PackedReader(packed))
        return diff
      },
    }
    for (const subscription of this.#subscriptions) subscription.push(change)
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.end()
    this.#subscriptions.clear()
  }
}

/** One consumer of the changes. */
class Subscription implements AsyncIterableIterator<StateChange> {
  readonly #limit: number
  readonly #forget: () => void
  #queue: StateChange[] = []
  #waiting: PromiseWithResolvers<IteratorResult<StateChange, undefined>>[] = []
  #hasEnded = false
  #hasLost = false

  constructor(limit: number, forget: () => void) {
    this.#limit = limit
    this.#forget = forget
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  push(change: StateChange): void {
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value: change })
    } else if (this.#queue.length < this.#limit) {
      this.#queue.push(change)
    } else {
      // What is left would not be all that happened.
      this.#queue = []
      this.#hasLost = true
      this.end()
      this.#forget()
    }
  }

  end(): void {
    this.#hasEnded = true
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined })
  }

  async next(): Promise<IteratorResult<StateChange, undefined>> {
    const change = this.#queue.shift()
    if (change !== undefined) return { done: false, value: change }
    if (this.#hasLost) {
      this.#hasLost = false
      throw errorFor('STATE_CHANGES_LOST', { expected: `at most ${this.#limit} waiting` })
    }
    if (this.#hasEnded) return { done: true, value: undefined }
    const waiting = withResolvers<IteratorResult<StateChange, undefined>>()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  async return(): Promise<IteratorResult<StateChange, undefined>> {
    this.#queue = []
    this.#hasLost = false
    this.end()
    this.#forget()
    return { done: true, value: undefined }
  }
}

interface PromiseWithResolvers<Value> {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
}

/** A promise and what settles it. */
function withResolvers<Value>(): PromiseWithResolvers<Value> {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
