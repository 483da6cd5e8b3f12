/** What happens in a pool. */

import { demand } from '../arguments.js'
import type { BlockReference } from '../state/block-reference.js'
import type { PooledTransaction } from './pooled-transaction.js'
import type { DropReason } from './refusal.js'

/** What happens in a pool, and what listeners are told of it. */
export interface PoolEvents {
  /** A transaction was taken in. */
  readonly added: { readonly transaction: PooledTransaction }
  /** A transaction was taken in, in place of one of the same sender and nonce. */
  readonly replaced: { readonly transaction: PooledTransaction; readonly old: PooledTransaction }
  /** A transaction has left, and is in no block. */
  readonly dropped: { readonly transaction: PooledTransaction; readonly reason: DropReason }
  /** A transaction has left: it is in a block of the chain. */
  readonly included: { readonly transaction: PooledTransaction; readonly block: BlockReference }
}

/** The names of what happens in a pool. */
export type PoolEventName = keyof PoolEvents

type Listener = (event: never) => void

/** Listeners by what they listen to. */
export class PoolListeners {
  readonly #listeners: Readonly<Record<PoolEventName, Set<Listener>>> = {
    added: new Set(),
    replaced: new Set(),
    dropped: new Set(),
    included: new Set(),
  }

  /** Adds a listener; gives what takes it away. Throws `OPTION_INVALID`. */
  on<Name extends PoolEventName>(
    name: Name,
    listener: (event: PoolEvents[Name]) => void,
  ): () => void {
    const names = Object.keys(this.#listeners)
    demand(names.includes(name), 'event', names.join(', '), name)
    demand(typeof listener === 'function', 'listener', 'a function', listener)
    const each: Listener = (event) => listener(event)
    this.#listeners[name].add(each)
    return () => this.#listeners[name].delete(each)
  }

  tell<Name extends PoolEventName>(name: Name, event: PoolEvents[Name]): void {
    for (const listener of this.#listeners[name]) listener(event as never)
  }
}
