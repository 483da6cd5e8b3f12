/** What can be read of a state and executed on it. */

import { demand } from '../arguments.js'
import type { Hex } from '../hex/index.js'
import type { NativePartialView, NativeStateView } from '../native/addon.js'
import type { Account } from './account.js'
import type { BlockReference } from './block-reference.js'
import type { StateOverrides } from './overrides.js'
import type { SourceAccess } from './source-access.js'
import type { Awaitable } from './state-source.js'

/**
 * How blocks are run on a state: on a native view of all of it; on one that takes down what it was not
 * given (`strict`); or in rounds, between which a source is asked.
 * @internal
 */
export type StateAccess =
  | { readonly kind: 'whole'; readonly view: NativeStateView }
  | { readonly kind: 'strict'; readonly view: NativePartialView }
  | {
      readonly kind: 'source'
      /** Calls `execute` with access to the state as it is now; commits in between do not change it. */
      during<Result>(
        execute: (access: SourceAccess) => Promise<Result>,
        signal: AbortSignal,
      ): Promise<Result>
    }

/**
 * The state after a transaction, and after each that follows.
 * @internal
 */
export interface TransactionFork {
  /** What the next transaction runs on. */
  view(): NativeStateView
  /** Moves it on by the packed output of a transaction; gives the root after it. */
  advance(packed: Uint8Array): Awaitable<Hex>
  /** Lets go of it, once. */
  end(): Awaitable<void>
}

/** A state as it can be read and executed on: a `State` as it is now, or a snapshot. */
export abstract class ReadableState {
  /** What has the prototype only and was not constructed has it not. */
  readonly #isMade = true

  /** The block after which the state is what it is; undefined where that is not known. */
  abstract readonly head: BlockReference | undefined
  /** The root of the state's trie, where the state keeps one. */
  abstract readonly root: Hex | undefined

  /** An account, or undefined where none exists at the address. */
  abstract getAccount(address: string): Awaitable<Account | undefined>
  /** The value of a storage slot, 32 bytes; zero where nothing is stored. */
  abstract getStorage(address: string, slot: string | bigint | number): Awaitable<Hex>
  /**
   * The code of an account, `0x` where it has none. Fails with `STATE_MISSING_CODE` where only the
   * code's hash is known.
   */
  abstract getCode(address: string): Awaitable<Hex>

  /**
   * The state as it is now with some values replaced, for simulations. Nothing is copied, and this
   * state stays as it is. Throws a `StateError` of code `STATE_MALFORMED` that names the account and
   * the field.
   */
  abstract override(overrides: StateOverrides): ReadableState

  /** @internal How to run blocks on the state as it is now. */
  abstract access(): StateAccess

  /**
   * What tells the root that an execution on the state as it is now would give; undefined where the
   * state keeps no root, or has moved on since.
   * @internal
   */
  rootsAfter(): (result: { readonly packed: Uint8Array }) => Awaitable<Hex | undefined> {
    return () => undefined
  }

  /** @internal What transactions are run on one by one for the root after each, where that can be. */
  transactionFork(): TransactionFork | undefined {
    return undefined
  }

  /** @internal Whether a value is a state that was constructed. */
  static isState(value: unknown): value is ReadableState {
    return value instanceof ReadableState && #isMade in value && value.#isMade
  }
}

/** Throws `OPTION_INVALID` where an argument is nothing that can be executed on. */
export function checkState(state: unknown): asserts state is ReadableState {
  demand(ReadableState.isState(state), 'state', 'a state', state)
}
