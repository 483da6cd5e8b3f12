/** The growing parts that a packed buffer is put together from. */

import { errorFor } from '../errors.js'

/** Packed offsets are 32 bits wide; half of that leaves room for sums. */
const maxSize = 0x7fff_ffff

/** Space that a scratch column keeps between blocks. */
const keptSize = 4 << 20

/** Bytes that grow by doubling; the space is used again for the next block. */
export class Column {
  /** The space; what lies behind {@link size} is stale. Replaced when it grows. */
  bytes: Uint8Array
  /** Little-endian access to the space. */
  view: DataView
  /** How many bytes are in use. */
  size = 0
  private readonly initial: number

  constructor(initial: number) {
    this.initial = initial
    this.bytes = new Uint8Array(initial)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Makes room for `more` bytes behind the used ones, without using them. */
  reserve(more: number): void {
    const needed = this.size + more
    if (needed > this.bytes.length) this.grow(needed)
  }

  /** Appends a record of zeros; returns where it starts. */
  record(size: number): number {
    this.reserve(size)
    const at = this.size
    this.size = at + size
    this.bytes.fill(0, at, this.size)
    return at
  }

  /** Appends a copy of a range. */
  append(source: Uint8Array, start: number, end: number): void {
    const count = end - start
    this.reserve(count)
    copyBytes(this.bytes, this.size, source, start, end)
    this.size += count
  }

  /** Empties the column; space that one large block took is given back. */
  clear(): void {
    this.size = 0
    if (this.bytes.length > keptSize) this.replace(new Uint8Array(this.initial))
  }

  private grow(needed: number): void {
    if (needed > maxSize) throw errorFor('DECODE_SOURCE_TOO_LARGE', { actual: needed })
    const grown = new Uint8Array(Math.min(maxSize, Math.max(this.bytes.length * 2, needed)))
    grown.set(this.bytes.subarray(0, this.size))
    this.replace(grown)
  }

  private replace(bytes: Uint8Array): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
  }
}

/** Ranges shorter than this are copied faster by a loop than by a view and a call. */
const loopedCopy = 72

/** Copies `source[start, end)` to `target` at `at`. */
export function copyBytes(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
): void {
  if (end - start < loopedCopy) {
    for (let i = start, j = at; i < end; i++, j++) target[j] = source[i]
  } else {
    target.set(source.subarray(start, end), at)
  }
}

/** Copies a number so that it ends before `end`; the field must be zero. */
export function copyNumber(
  target: Uint8Array,
  end: number,
  source: Uint8Array,
  sourceStart: number,
  sourceEnd: number,
): void {
  for (let i = sourceEnd - 1, j = end - 1; i >= sourceStart; i--, j--) target[j] = source[i]
}
