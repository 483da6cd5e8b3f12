/** States that stay what they are. */

import { errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { type Account, addressBytes, slotKey } from './account.js'
import type { BlockReference } from './block-reference.js'
import { packOverrides, type StateOverrides } from './overrides.js'
import { ReadableState, type StateAccess } from './readable-state.js'
import type { Awaitable } from './state-source.js'

/**
 * Where a snapshot lies.
 * @internal
 */
export interface SnapshotBacking {
  /** As the methods of states, of addresses and slots as bytes. */
  getAccount(address: Uint8Array): Awaitable<Account | undefined>
  getStorage(address: Uint8Array, slot: Uint8Array): Awaitable<Hex>
  getCode(address: Uint8Array): Awaitable<Hex>
  /** How blocks are run on it. */
  access(): StateAccess
  /** The same under one more layer of differences. */
  override(packed: Uint8Array): SnapshotBacking
  /** The same moved on by what a packed BlockOutput changed. */
  after(packed: Uint8Array): SnapshotBacking
  /** Lets go of it; it is not used any more. */
  release(): void
}

/**
 * A state as it was at a time, for ever. It is read and executed on as the state that it was taken of,
 * and never moves.
 *
 * What has changed since is kept beside it for as long as it is in use: let go of it by `await using`,
 * or leave that to the garbage collector.
 */
export class Snapshot extends ReadableState implements AsyncDisposable {
  /** The block after which the state is what it is; undefined where that is not known. */
  readonly head: BlockReference | undefined
  /** The root of the state, where it was known; undefined under overrides. */
  readonly root: Hex | undefined
  #backing: SnapshotBacking | undefined

  /** @internal */
  constructor(backing: SnapshotBacking, head: BlockReference | undefined, root: Hex | undefined) {
    super()
    this.#backing = backing
    this.head = head
    this.root = root
  }

  /** An account, or undefined where none exists at the address. */
  getAccount(address: string): Awaitable<Account | undefined> {
    return this.#open().getAccount(addressBytes(address))
  }

  /** The value of a storage slot, 32 bytes; zero where nothing is stored. */
  getStorage(address: string, slot: string | bigint | number): Awaitable<Hex> {
    return this.#open().getStorage(addressBytes(address), slotKey(slot))
  }

  /** The code of an account, `0x` where it has none; `STATE_MISSING_CODE` where only its hash is known. */
  getCode(address: string): Awaitable<Hex> {
    return this.#open().getCode(addressBytes(address))
  }

  /**
   * The same with some values replaced. The snapshot stays as it is, and may be closed.
   */
  override(overrides: StateOverrides): Snapshot {
    return new Snapshot(this.#open().override(packOverrides(overrides)), this.head, undefined)
  }

  /**
   * The same moved on by what a packed output changed. One with overrides of a state that is not known
   * whole cannot be: `OPTION_UNSUPPORTED`.
   * @internal
   */
  after(packed: Uint8Array): Snapshot {
    return new Snapshot(this.#open().after(packed), undefined, undefined)
  }

  /** @internal */
  access(): StateAccess {
    return this.#open().access()
  }

  /** Lets go of it: reading it fails with `STATE_CLOSED` from here on. Executions under way go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#backing?.release()
    this.#backing = undefined
  }

  #open(): SnapshotBacking {
    if (this.#backing === undefined) throw errorFor('STATE_CLOSED')
    return this.#backing
  }
}
