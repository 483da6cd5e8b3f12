/** Lists of encodings that lie in one buffer. */

import type { Column } from './column.js'

/** Adds a range to a column of them. */
export function addRange(ranges: Column, start: number, end: number): void {
  ranges.reserve(8)
  ranges.view.setUint32(ranges.size, start, true)
  ranges.view.setUint32(ranges.size + 4, end, true)
  ranges.size += 8
}

/** Ranges of a buffer, each the encoding of one item: of a transaction, or of a withdrawal. */
export class EncodedList {
  readonly length: number
  readonly #source: Uint8Array
  readonly #ranges: DataView

  /** Takes a copy of the ranges, not of the source. */
  constructor(source: Uint8Array, ranges: Column) {
    this.#source = source
    this.#ranges = new DataView(ranges.bytes.slice(0, ranges.size).buffer)
    this.length = ranges.size / 8
  }

  /** The encoding of an item, in place. */
  at(index: number): Uint8Array {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`no item ${index}`)
    return this.#source.subarray(this.#start(index), this.#end(index))
  }

  /** All encodings, in place. */
  toArray(): Uint8Array[] {
    return Array.from(this)
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (let i = 0; i < this.length; i++) yield this.at(i)
  }

  /** The encodings one behind the other, and where each starts: what hashing in batches takes. */
  concatenated(): { pool: Uint8Array; offsets: Uint32Array } {
    const offsets = new Uint32Array(this.length + 1)
    for (let i = 0; i < this.length; i++) {
      offsets[i + 1] = offsets[i] + this.#end(i) - this.#start(i)
    }
    const pool = new Uint8Array(offsets[this.length])
    for (let i = 0; i < this.length; i++) pool.set(this.at(i), offsets[i])
    return { pool, offsets }
  }

  #start(index: number): number {
    return this.#ranges.getUint32(8 * index, true)
  }

  #end(index: number): number {
    return this.#ranges.getUint32(8 * index + 4, true)
  }
}
