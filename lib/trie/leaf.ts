/** Writing of leaves: accounts and plain values. For their layout see `node-pool.ts`. */

import { emptyCodeHashBytes } from '../empty-hashes.js'
import type { ChangeBatch } from './change-batch.js'
import { copyBytes } from './nibbles.js'
import {
  accountCode,
  accountNumbers,
  accountWords,
  hashWords,
  Kind,
  leafWords,
  NONE,
  NodeFlag,
  type NodePool,
  Part,
} from './node-pool.js'

/** What an account's leaf holds beside its key and its storage; the numbers are big-endian, trimmed. */
export interface AccountValue {
  readonly bytes: Uint8Array
  readonly nonceAt: number
  readonly nonceSize: number
  readonly balanceAt: number
  readonly balanceSize: number
  readonly codeHashAt: number
}

/** The byte at which the key of a leaf or an account begins. */
export function leafKey(leaf: number): number {
  return (leaf + Part.key) * 4
}

/** Writes the value of an entry as a leaf in place of `old`, a leaf of the same key or NONE. */
export function putValue(pool: NodePool, old: number, batch: ChangeBatch, entry: number): number {
  const leaf = valueLeaf(pool, old, batch.values, batch.valueAt[entry], batch.valueSize[entry])
  copyBytes(pool.bytes, leafKey(leaf), batch.keys, 32 * entry, 32)
  return leaf
}

/** A leaf with a value, in place of `old`; its key is not written. */
export function valueLeaf(
  pool: NodePool,
  old: number,
  source: Uint8Array,
  at: number,
  size: number,
): number {
  const leaf = replace(pool, old, leafWords(size))
  pool.words[leaf] = Kind.Leaf | (size << 16)
  copyBytes(pool.bytes, (leaf + Part.value) * 4, source, at, size)
  return leaf
}

/**
 * An account's leaf in place of `old`; its key is not written. Where the account has storage, `storage`
 * is the storage trie's root, whose hash is to be written.
 */
export function accountLeaf(
  pool: NodePool,
  old: number,
  value: AccountValue,
  storage: number,
): number {
  const { bytes: source, nonceSize, balanceSize, codeHashAt } = value
  const head =
    (Kind.Account |
      (storage === NONE ? 0 : NodeFlag.HasStorage | NodeFlag.Dirty) |
      (isEmptyCode(source, codeHashAt) ? 0 : NodeFlag.HasCode) |
      (balanceSize << 16) |
      (nonceSize << 24)) >>>
    0
  const leaf = replace(pool, old, accountWords(head))
  const { words, bytes } = pool
  words[leaf] = head
  if (storage !== NONE) words[leaf + Part.storage] = storage
  if (head & NodeFlag.HasCode) {
    copyBytes(bytes, (leaf + accountCode(head)) * 4, source, codeHashAt, 32)
  }
  const numbers = (leaf + accountNumbers(head)) * 4
  copyBytes(bytes, numbers, source, value.nonceAt, nonceSize)
  copyBytes(bytes, numbers + nonceSize, source, value.balanceAt, balanceSize)
  return leaf
}

/** Sets the hash of an account's storage. */
export function setStorageHash(pool: NodePool, leaf: number, hash: Uint32Array): void {
  const { words } = pool
  for (let i = 0; i < hashWords; i++) words[leaf + Part.storageHash + i] = hash[i]
  words[leaf] &= ~NodeFlag.Dirty
}

/** The root of an account's storage trie, or NONE. */
export function storageOf(pool: NodePool, leaf: number): number {
  return pool.words[leaf] & NodeFlag.HasStorage ? pool.words[leaf + Part.storage] : NONE
}

/** The hash of an account's storage trie as words; it is right unless the account is dirty. */
export function storageHashOf(pool: NodePool, leaf: number): Uint32Array {
  const at = leaf + Part.storageHash
  return pool.words.slice(at, at + hashWords)
}

/** A record of a size for what was in `old`: `old` itself where it has that size. */
function replace(pool: NodePool, old: number, size: number): number {
  if (old !== NONE) {
    if (pool.sizeOf(old) === size) return old
    pool.release(old)
  }
  return pool.allocate(size)
}

function isEmptyCode(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 32; i++) if (bytes[at + i] !== emptyCodeHashBytes[i]) return false
  return true
}

/** Numbers of accounts, trimmed; one at a time. */
const value = {
  bytes: new Uint8Array(72),
  nonceAt: 0,
  nonceSize: 0,
  balanceAt: 8,
  balanceSize: 0,
  codeHashAt: 40,
}

/** What the record of an entry, an account, says; valid until the next call. */
export function accountValue(
  { source, recordAt, fields }: ChangeBatch,
  entry: number,
): AccountValue {
  const record = recordAt[entry]
  const { bytes } = value
  let size = 8
  while (size > 0 && source[record + fields.nonce + size - 1] === 0) size--
  // The packed nonce is little-endian.
  for (let i = 0; i < size; i++) bytes[i] = source[record + fields.nonce + size - 1 - i]
  value.nonceSize = size
  const balance = record + fields.balance
  let zeros = 0
  while (zeros < 32 && source[balance + zeros] === 0) zeros++
  value.balanceSize = 32 - zeros
  copyBytes(bytes, value.balanceAt, source, balance + zeros, 32 - zeros)
  copyBytes(bytes, value.codeHashAt, source, record + fields.codeHash, 32)
  return value
}
