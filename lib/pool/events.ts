/** What happens in a pool. */

import { demand } from '../arguments.js'
import { Listeners } from '../listeners.js'
import type { BlockReference } from '../state/block-reference.js'
import type { PooledTransaction } from './pooled-transaction.js'
import type { DropReason } from './refusal.js'

/** A transaction was taken in. */
export interface AddedEvent {
  /** The transaction. */
  readonly transaction: PooledTransaction
}

/** A transaction was taken in, in place of one of the same sender and nonce. */
export interface ReplacedEvent extends AddedEvent {
  /** The one that it takes the place of. */
  readonly old: PooledTransaction
}

/** A transaction has left, and is in no block. */
export interface DroppedEvent {
  /** The transaction. */
  readonly transaction: PooledTransaction
  /** Why. */
  readonly reason: DropReason
}

/** A transaction has left: it is in a block of the chain. */
export interface IncludedEvent {
  /** The transaction. */
  readonly transaction: PooledTransaction
  /** The block. */
  readonly block: BlockReference
}

/** What happens in a pool, and what listeners are told of it. */
export interface PoolEvents {
  /** A transaction was taken in. */
  readonly added: AddedEvent
  /** A transaction was taken in, in place of one of the same sender and nonce. */
  readonly replaced: ReplacedEvent
  /** A transaction has left, and is in no block. */
  readonly dropped: DroppedEvent
  /** A transaction has left: it is in a block of the chain. */
  readonly included: IncludedEvent
}

/** The names of what happens in a pool. */
export type PoolEventName = keyof PoolEvents

/** Listeners by what they listen to. */
export class PoolListeners {
  readonly #listeners: { readonly [Name in PoolEventName]: Listeners<PoolEvents[Name]> } = {
    added: new Listeners(),
    replaced: new Listeners(),
    dropped: new Listeners(),
    included: new Listeners(),
  }

  /** Adds a listener; gives what takes it away. Throws `OPTION_INVALID`. */
  on<Name extends PoolEventName>(
    name: Name,
    listener: (event: PoolEvents[Name]) => void,
  ): () => void {
    const names = Object.keys(this.#listeners)
    demand(names.includes(name), 'event', names.join(', '), name)
    demand(typeof listener === 'function', 'listener', 'a function', listener)
    return this.#listeners[name].add(listener)
  }

  tell<Name extends PoolEventName>(name: Name, event: PoolEvents[Name]): void {
    this.#listeners[name].tell(event)
  }
}
