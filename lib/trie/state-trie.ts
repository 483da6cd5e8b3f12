/** Roots of the whole-state trie, with a storage trie per account (Yellow Paper, section 4.1). */

import { keccak256Batch } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import {
  AccountChange,
  AccountFlag,
  BlockOutput,
  SlotChange,
  StateAccount,
  StateDump,
  StateSlot,
} from '../native/wire.js'
import { RlpWriter } from '../rlp/index.js'
import { compareEntries, sortedTrieRoot, type TrieEntry } from './trie-root.js'

const writer = new RlpWriter()

/** What an account's leaf holds, in the form of the packed records. */
interface Leaf {
  readonly nonce: bigint
  readonly balance: Uint8Array
  readonly codeHash: Uint8Array
}

/** An account of the base state. */
interface BaseAccount extends Leaf {
  readonly hashedAddress: Uint8Array
  /** Sorted by hashed slot. */
  readonly storage: readonly TrieEntry[]
  readonly storageRoot: Uint8Array
  /** The account's leaf in the state trie. */
  readonly entry: TrieEntry
}

/**
 * A state as a trie of accounts. It is built once from a whole state; the root after a block's
 * changes is computed by merging them, with the storage roots of untouched accounts kept.
 */
export class StateTrie {
  private readonly accounts: readonly BaseAccount[]
  private readonly byAddress = new Map<string, BaseAccount>()
  private readonly entries: readonly TrieEntry[]

  /** Takes a packed `StateDump` whose accounts and slots are distinct, in any order. */
  constructor(packed: Uint8Array) {
    const dump = new PackedReader(packed)
    this.accounts = readAccounts(dump)
    for (const account of this.accounts) {
      this.byAddress.set(latin1(account.hashedAddress), account)
    }
    this.entries = this.accounts.map((account) => account.entry).sort(compareEntries)
  }

  /** The state root. */
  root(): Uint8Array {
    return sortedTrieRoot(this.entries)
  }

  /** The state root once the account and slot changes of a packed `BlockOutput` are applied. */
  rootAfter(output: PackedReader): Uint8Array {
    const changes = readChanges(output)
    if (changes.length === 0) return this.root()
    const changed = new Map<string, TrieEntry | undefined>()
    for (const change of changes) {
      changed.set(latin1(change.hashedAddress), this.entryAfter(change))
    }
    const entries: TrieEntry[] = []
    for (const entry of this.entries) {
      const key = latin1(entry.key)
      if (!changed.has(key)) {
        entries.push(entry)
        continue
      }
      const replacement = changed.get(key)
      if (replacement !== undefined) entries.push(replacement)
      changed.delete(key)
    }
    const kept = entries.length
    for (const entry of changed.values()) if (entry !== undefined) entries.push(entry)
    if (entries.length > kept) entries.sort(compareEntries)
    return sortedTrieRoot(entries)
  }

  private entryAfter(change: ChangedAccount): TrieEntry | undefined {
    if (!change.exists) return undefined
    const known = this.byAddress.get(latin1(change.hashedAddress))
    const base = change.storageCleared ? undefined : known
    const storageRoot =
      base !== undefined && change.slots.length === 0
        ? base.storageRoot
        : sortedTrieRoot(mergeSlots(base?.storage ?? [], change.slots))
    return { key: change.hashedAddress, value: encodeAccount(change, storageRoot) }
  }
}

/** The net effect of a block on an account. */
interface ChangedAccount extends Leaf {
  readonly hashedAddress: Uint8Array
  readonly exists: boolean
  readonly storageCleared: boolean
  /** New values by hashed slot; an empty value removes the slot. */
  readonly slots: readonly TrieEntry[]
}

function readAccounts(dump: PackedReader): BaseAccount[] {
  const count = dump.sectionCount(StateDump.accounts)
  const first = dump.sectionOffset(StateDump.accounts)
  const addresses = hashFields(dump, first, count, StateAccount.SIZE, StateAccount.address, 20)
  const slotCount = dump.sectionCount(StateDump.slots)
  const slotsAt = dump.sectionOffset(StateDump.slots)
  const slots = readSlots(dump, slotsAt, slotCount, StateSlot.SIZE, StateSlot.key, StateSlot.value)
  return addresses.map((hashedAddress, index) => {
    const at = first + index * StateAccount.SIZE
    const slotStart = dump.u32(at + StateAccount.slotStart)
    const storage = slots
      .slice(slotStart, slotStart + dump.u32(at + StateAccount.slotCount))
      .sort(compareEntries)
    const leaf: Leaf = {
      nonce: dump.u64(at + StateAccount.nonce),
      balance: dump.slice(at + StateAccount.balance, 32),
      codeHash: dump.slice(at + StateAccount.codeHash, 32),
    }
    const storageRoot = sortedTrieRoot(storage)
    const entry = { key: hashedAddress, value: encodeAccount(leaf, storageRoot) }
    return { ...leaf, hashedAddress, storage, storageRoot, entry }
  })
}

function readChanges(output: PackedReader): ChangedAccount[] {
  const count = output.sectionCount(BlockOutput.accounts)
  const first = output.sectionOffset(BlockOutput.accounts)
  const addresses = hashFields(output, first, count, AccountChange.SIZE, AccountChange.address, 20)
  const slotCount = output.sectionCount(BlockOutput.slots)
  const slotsAt = output.sectionOffset(BlockOutput.slots)
  const { SIZE, key, after } = SlotChange
  const slots = readSlots(output, slotsAt, slotCount, SIZE, key, after)
  return addresses.map((hashedAddress, index) => {
    const at = first + index * AccountChange.SIZE
    const flags = output.u32(at + AccountChange.flags)
    const slotStart = output.u32(at + AccountChange.slotStart)
    return {
      hashedAddress,
      exists: (flags & AccountFlag.ExistsAfter) !== 0,
      storageCleared: (flags & AccountFlag.StorageCleared) !== 0,
      nonce: output.u64(at + AccountChange.nonceAfter),
      balance: output.slice(at + AccountChange.balanceAfter, 32),
      codeHash: output.slice(at + AccountChange.codeHashAfter, 32),
      slots: slots.slice(slotStart, slotStart + output.u32(at + AccountChange.slotCount)),
    }
  })
}

/** Slots with their keys hashed and their values as RLP, which is empty for a zero value. */
function readSlots(
  reader: PackedReader,
  first: number,
  count: number,
  size: number,
  keyField: number,
  valueField: number,
): TrieEntry[] {
  const keys = hashFields(reader, first, count, size, keyField, 32)
  return keys.map((key, index) => {
    const at = first + index * size + valueField
    if (reader.isZero(at, 32)) return { key, value: EMPTY }
    writer.clear()
    writer.bytes(withoutLeadingZeros(reader.slice(at, 32)))
    return { key, value: writer.peek().slice() }
  })
}

const EMPTY = new Uint8Array(0)

/** The keccak256 of one field of every record of a section. */
function hashFields(
  reader: PackedReader,
  first: number,
  count: number,
  recordSize: number,
  field: number,
  fieldSize: number,
): Uint8Array[] {
  if (count === 0) return []
  const pool = new Uint8Array(count * fieldSize)
  const ends = new Uint32Array(count + 1)
  for (let i = 0; i < count; i++) {
    pool.set(reader.slice(first + i * recordSize + field, fieldSize), i * fieldSize)
    ends[i + 1] = (i + 1) * fieldSize
  }
  const hashes = new Uint8Array(32 * count)
  keccak256Batch(pool, ends, hashes)
  return Array.from({ length: count }, (_, i) => hashes.subarray(32 * i, 32 * i + 32))
}

/** Base slots with changes applied; the result is sorted and holds no empty value. */
function mergeSlots(base: readonly TrieEntry[], changes: readonly TrieEntry[]): TrieEntry[] {
  if (changes.length === 0) return [...base]
  const sorted = [...changes].sort(compareEntries)
  const merged: TrieEntry[] = []
  let next = 0
  for (const entry of base) {
    while (next < sorted.length && compareEntries(sorted[next], entry) < 0) {
      if (sorted[next].value.length > 0) merged.push(sorted[next])
      next++
    }
    if (next < sorted.length && compareEntries(sorted[next], entry) === 0) {
      if (sorted[next].value.length > 0) merged.push(sorted[next])
      next++
    } else {
      merged.push(entry)
    }
  }
  for (; next < sorted.length; next++) if (sorted[next].value.length > 0) merged.push(sorted[next])
  return merged
}

/** rlp([nonce, balance, storage root, code hash]). */
function encodeAccount(leaf: Leaf, storageRoot: Uint8Array): Uint8Array {
  writer.clear()
  writer.bytes(leaf.codeHash)
  writer.bytes(storageRoot)
  writer.bytes(withoutLeadingZeros(leaf.balance))
  writer.quantity(leaf.nonce, 'nonce', 8)
  writer.list(0)
  return writer.peek().slice()
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  let first = 0
  while (first < bytes.length && bytes[first] === 0) first++
  return first === 0 ? bytes : bytes.subarray(first)
}

/** A short key for maps, made from bytes. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
