/** The caches of `@ethereumjs/statemanager` in front of tries that are written directly. */

import { RLP } from '@ethereumjs/rlp'
import type { Hex } from '../hex/index.js'
import type { PackedReader } from '../native/packed-reader.js'
import { AccountChange, AccountFlag, BlockOutput, SlotChange } from '../native/wire.js'
import { accountRecords } from './account-records.js'

/** An address as caches look at it. */
interface Keyed {
  readonly bytes: Uint8Array
}

/** What the three caches have in common. */
export interface MerkleCache {
  /** What was changed, and so not written yet, since each checkpoint was made. */
  readonly _diffCache: readonly ReadonlyMap<string, unknown>[]
  /** Forgets what was changed since the last checkpoint. */
  flush(): unknown
}

interface AccountCache extends MerkleCache {
  get(address: Keyed): unknown
  put(address: Keyed, account: { serialize(): Uint8Array }): void
}

interface CodeCache extends MerkleCache {
  get(address: Keyed): unknown
  put(address: Keyed, code: Uint8Array): void
}

interface StorageCache extends MerkleCache {
  get(address: Keyed, key: Uint8Array): Uint8Array | undefined
  put(address: Keyed, key: Uint8Array, value: Uint8Array): void
  clearStorage(address: Keyed): void
}

/** `Caches`; each of them may have been left out. */
export interface MerkleCaches {
  readonly account?: AccountCache
  readonly code?: CodeCache
  readonly storage?: StorageCache
  clear(): void
  deleteAccount(address: Keyed): void
}

/** The caches that there are. */
export function cachesOf({ account, code, storage }: MerkleCaches): MerkleCache[] {
  return [account, code, storage].filter((cache) => cache !== undefined)
}

/** Whether everything that the caches hold is in the tries. What was only read counts as changed. */
export function areWritten(caches: MerkleCaches): boolean {
  return cachesOf(caches).every(({ _diffCache }) => _diffCache.every(({ size }) => size === 0))
}

/**
 * Tells caches what an execution changed in the tries below them, where they hold it. A revert does not
 * bring back what they held.
 *
 * @param storageRootOf the root of an account's storage after the execution
 */
export function updateCaches(
  caches: MerkleCaches,
  output: PackedReader,
  storageRootOf: (address: Uint8Array) => Hex,
): void {
  const { account, code, storage } = caches
  for (const at of accountRecords(output)) {
    const address = { bytes: new Uint8Array(output.slice(at + AccountChange.address, 20)) }
    const flags = output.u32(at + AccountChange.flags)
    if ((flags & AccountFlag.ExistsAfter) === 0) {
      caches.deleteAccount(address)
    } else {
      if (account?.get(address) !== undefined) {
        const storageRoot = storageRootOf(address.bytes)
        account.put(address, { serialize: () => encodeAccount(output, at, storageRoot) })
      }
      if ((flags & AccountFlag.CodeChanged) !== 0 && code?.get(address) !== undefined) {
        code.put(address, codeAfter(output, at))
      }
      if (storage !== undefined) {
        if ((flags & AccountFlag.StorageCleared) !== 0) storage.clearStorage(address)
        updateSlots(storage, address, output, at)
      }
    }
    // At once: a cache of limited size may give the account up at the next one.
    for (const cache of cachesOf(caches)) cache.flush()
  }
}

function updateSlots(cache: StorageCache, address: Keyed, output: PackedReader, at: number): void {
  const slots = output.sectionOffset(BlockOutput.slots)
  const first = slots + SlotChange.SIZE * output.u32(at + AccountChange.slotStart)
  const end = first + SlotChange.SIZE * output.u32(at + AccountChange.slotCount)
  for (let slot = first; slot < end; slot += SlotChange.SIZE) {
    const key = new Uint8Array(output.slice(slot + SlotChange.key, 32))
    if (cache.get(address, key) === undefined) continue
    cache.put(address, key, RLP.encode(output.u256(slot + SlotChange.after)))
  }
}

function encodeAccount(output: PackedReader, at: number, storageRoot: Hex): Uint8Array {
  return RLP.encode([
    output.u64(at + AccountChange.nonceAfter),
    output.u256(at + AccountChange.balanceAfter),
    storageRoot,
    new Uint8Array(output.slice(at + AccountChange.codeHashAfter, 32)),
  ])
}

/** The code of an account whose code changed, on its own. */
export function codeAfter(output: PackedReader, at: number): Uint8Array {
  const pool = output.sectionOffset(BlockOutput.pool)
  const start = pool + output.u32(at + AccountChange.codeOffset)
  return new Uint8Array(output.slice(start, output.u32(at + AccountChange.codeSize)))
}
