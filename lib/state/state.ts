/** What every state can do, wherever it is kept. */

import type { Hex } from '../hex/index.js'
import type { BlockReference, StateChanges } from './block-reference.js'
import { ChangeFeed, type ChangesOptions, type StateChange } from './changes.js'
import type { StateOverrides } from './overrides.js'
import { ReadableState } from './readable-state.js'
import type { Snapshot } from './snapshot.js'
import type { Awaitable } from './state-source.js'

/**
 * A state that has moved on by a block that is not decided on yet.
 * @internal
 */
export interface Advance {
  /** The root after it; undefined where the state keeps none. */
  root(): Awaitable<Hex | undefined>
  /** Makes it final, once. */
  keep(): Awaitable<void>
  /** Takes it back, once; nothing came after it. */
  drop(): Awaitable<void>
}

/**
 * A state that moves on: {@link commit} by the result of a block, {@link revert} back.
 *
 * Where it is kept differs: whole in memory (`MemoryState`), elsewhere (`SourceState`), in a witness
 * (`WitnessState`). All of them are executed on, forked by {@link snapshot} and
 * {@link override}, and followed by {@link changes}.
 */
export abstract class State extends ReadableState implements AsyncDisposable {
  readonly #feed = new ChangeFeed()

  /** How many commits can be undone now. */
  abstract readonly undoable: number

  /**
   * Applies what a block's execution on this state changed; the block becomes the {@link head}.
   *
   * @throws StateError `STATE_RESULT_STALE` where the accounts and slots concerned are not what they
   *   were when the block was executed: the result is of another state, is committed a second time, or
   *   another one was committed in between. The state is as it was.
   */
  abstract commit(result: StateChanges): Awaitable<void>

  /**
   * Undoes commits: the last one, or all after the block `to`, which becomes the head again. Its cost
   * is that of what the blocks changed.
   *
   * @throws StateError `STATE_UNAVAILABLE` where that cannot be undone, or `to` is not known. The state
   *   is as it was.
   */
  abstract revert(to?: BlockReference): Awaitable<void>

  /**
   * The state as it is now, for ever, however this one moves on. Nothing is copied: what changes from
   * here on is kept beside it for as long as the snapshot is in use.
   */
  abstract snapshot(): Snapshot

  /** The state as it is now with some values replaced: see {@link ReadableState.override}. */
  override override(overrides: StateOverrides): Snapshot {
    return this.snapshot().override(overrides)
  }

  /**
   * The commits and reverts from now on, in their order, for subscribers and caches. The iteration
   * ends when the state is disposed of, and rejects with `STATE_CHANGES_LOST` where the consumer fell
   * more than `limit` changes behind.
   */
  changes(options: ChangesOptions = {}): AsyncIterableIterator<StateChange> {
    return this.#feed.subscribe(options)
  }

  /** Lets go of what the state holds: files, sockets, subscribers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#feed.close()
  }

  /**
   * Moves the state on before it is known whether the block is right. Undefined where the state cannot
   * do that: then `commit` is called afterwards.
   * @internal
   */
  advance(_changes: StateChanges): Awaitable<Advance | undefined> {
    return undefined
  }

  /** @internal Tells subscribers. */
  protected publish(
    kind: StateChange['kind'],
    packed: Uint8Array | undefined,
    block: BlockReference | undefined,
  ): void {
    this.#feed.publish(kind, packed, block)
  }
}
