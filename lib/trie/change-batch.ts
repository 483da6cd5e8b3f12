/** The changes of one update, sorted by hashed key, ready to be merged into the tries. */

import { keccak256Batch } from '../native/load.js'
import { copyBytes } from './nibbles.js'

/** Flags of an entry. */
export const EntryFlag = {
  /** The key is to be removed. */
  Remove: 1,
  /** The storage that the account has is to go first. */
  ClearStorage: 2,
} as const

/** Where an account's fields are in a packed record. */
export interface AccountFields {
  readonly nonce: number
  readonly balance: number
  readonly codeHash: number
}

/** A storage trie that was taken off its account. */
export interface DetachedStorage {
  /** Its root: a node or UNRESOLVED. */
  readonly node: number
  /** The hash of its root, right unless `isDirty`. */
  readonly hash: Uint32Array
  readonly isDirty: boolean
}

/** Entries are sorted by a number of 53 bits: 32 of the key and these of the index. */
const indexBits = 21

/** The most entries of one batch. */
export const largestBatch = 2 ** indexBits

/** Up to this many entries are sorted by insertion. */
const insertionLimit = 16

/**
 * Entries are numbered: the accounts first, then the slots. {@link order} holds their numbers: those
 * of the accounts, then those of each account's slots, each range in the order of the hashed keys.
 */
export class ChangeBatch {
  /** The hashed keys, 32 bytes for each entry. */
  readonly keys: Uint8Array
  readonly order: Uint32Array
  readonly flags: Uint8Array
  /** Where in {@link source} the records of the accounts begin. */
  readonly recordAt: Uint32Array
  /** Which part of {@link order} holds the slots of an account. */
  readonly slotFrom: Uint32Array
  readonly slotTo: Uint32Array
  /** The values that leaves are to hold: where in {@link values}, and how long. */
  readonly valueAt: Uint32Array
  readonly valueSize: Uint16Array
  /** Storage to put back on an account, whose own is cleared. */
  attached: ReadonlyMap<number, DetachedStorage> | undefined
  private valueBytes = new Uint8Array(0)
  private valueEnd = 0

  /**
   * @param source the packed buffer with the records of the accounts
   * @param keys the hashed keys, where they are known
   */
  constructor(
    readonly accountCount: number,
    readonly slotCount: number,
    readonly source: Uint8Array,
    readonly fields: AccountFields,
    keys?: Uint8Array,
  ) {
    const count = accountCount + slotCount
    if (count > largestBatch) throw new RangeError(`${count} changes in one batch`)
    this.keys = keys ?? new Uint8Array(32 * count)
    this.order = new Uint32Array(count)
    this.flags = new Uint8Array(count)
    this.recordAt = new Uint32Array(accountCount)
    this.slotFrom = new Uint32Array(accountCount)
    this.slotTo = new Uint32Array(accountCount)
    this.valueAt = new Uint32Array(count)
    this.valueSize = new Uint16Array(count)
    this.valueBytes = new Uint8Array(34 * slotCount)
    for (let i = 0; i < count; i++) this.order[i] = i
  }

  /** The bytes that {@link valueAt} points into. */
  get values(): Uint8Array {
    return this.valueBytes
  }

  /** Gives a leaf its value as it is. */
  setValue(entry: number, value: Uint8Array): void {
    this.reserveValue(value.length)
    this.valueBytes.set(value, this.valueEnd)
    this.valueAt[entry] = this.valueEnd
    this.valueSize[entry] = value.length
    this.valueEnd += value.length
  }

  /** Gives a leaf the RLP of a 256-bit number out of {@link source}; zero removes it. */
  setNumber(entry: number, at: number): void {
    const { source } = this
    let first = at
    const end = at + 32
    while (first < end && source[first] === 0) first++
    if (first === end) {
      this.flags[entry] = EntryFlag.Remove
      return
    }
    this.reserveValue(33)
    const { valueBytes } = this
    const start = this.valueEnd
    const size = end - first
    let to = start
    if (size > 1 || source[first] >= 0x80) valueBytes[to++] = 0x80 + size
    copyBytes(valueBytes, to, source, first, size)
    this.valueAt[entry] = start
    this.valueEnd = to + size
    this.valueSize[entry] = this.valueEnd - start
  }

  /**
   * Hashes the keys: `addressAt` and `keyAt` say where in {@link source} the address of an account and
   * the key of a slot, by its number among the slots, begin.
   */
  hashKeys(addressAt: (account: number) => number, keyAt: (slot: number) => number): void {
    const { accountCount, slotCount, source } = this
    const pool = new Uint8Array(20 * accountCount + 32 * slotCount)
    const offsets = new Uint32Array(accountCount + slotCount + 1)
    let end = 0
    for (let i = 0; i < accountCount; i++) {
      copyBytes(pool, end, source, addressAt(i), 20)
      offsets[i + 1] = end += 20
    }
    for (let i = 0; i < slotCount; i++) {
      copyBytes(pool, end, source, keyAt(i), 32)
      offsets[accountCount + i + 1] = end += 32
    }
    keccak256Batch(pool, offsets, this.keys)
  }

  /** Sorts the accounts and the slots of each. */
  sort(): void {
    this.sortRange(0, this.accountCount)
    for (let i = 0; i < this.accountCount; i++) this.sortRange(this.slotFrom[i], this.slotTo[i])
  }

  /**
   * Sorts a range of {@link order} by hashed key.
   *
   * @param known leading bytes in which all keys of the range agree
   */
  sortRange(from: number, to: number, known = 0): void {
    if (to - from <= insertionLimit || known === 32) {
      this.insertionSort(from, to)
      return
    }
    const { keys, order } = this
    const packed = new Float64Array(to - from)
    for (let i = from; i < to; i++) {
      packed[i - from] = wordAt(keys, 32 * order[i] + known) * largestBatch + order[i]
    }
    packed.sort()
    for (let i = from; i < to; i++) order[i] = packed[i - from] % largestBatch
    // Keys that agree on these 32 bits too are next to each other now. They are rare, unless somebody
    // looked for many such.
    for (let i = from; i < to; ) {
      const word = Math.floor(packed[i - from] / largestBatch)
      let end = i + 1
      while (end < to && Math.floor(packed[end - from] / largestBatch) === word) end++
      if (end > i + 1) this.sortRange(i, end, known + 4)
      i = end
    }
  }

  private insertionSort(from: number, to: number): void {
    const { keys, order } = this
    for (let i = from + 1; i < to; i++) {
      const entry = order[i]
      let place = i
      while (place > from && isGreater(keys, 32 * order[place - 1], 32 * entry)) {
        order[place] = order[place - 1]
        place--
      }
      order[place] = entry
    }
  }

  private reserveValue(size: number): void {
    if (this.valueEnd + size <= this.valueBytes.length) return
    const grown = new Uint8Array(2 * this.valueBytes.length + size)
    grown.set(this.valueBytes)
    this.valueBytes = grown
  }
}

/** Four bytes as a big-endian number. */
function wordAt(keys: Uint8Array, at: number): number {
  return ((keys[at] << 24) | (keys[at + 1] << 16) | (keys[at + 2] << 8) | keys[at + 3]) >>> 0
}

function isGreater(keys: Uint8Array, a: number, b: number): boolean {
  for (let i = 0; i < 32; i++) {
    const difference = keys[a + i] - keys[b + i]
    if (difference !== 0) return difference > 0
  }
  return false
}
