/** Writing of RLP (Yellow Paper, appendix B) into one buffer. */

const EMPTY_STRING = 0x80

/**
 * Writes RLP from the last byte to the first, so that a list's header is written when its payload's
 * size is known: write the items of a list last to first, then call {@link list}.
 */
export class RlpWriter {
  private buffer = new Uint8Array(1024)
  private start = this.buffer.length

  /** How many bytes are written; to be kept as the mark where a list ends. */
  get size(): number {
    return this.buffer.length - this.start
  }

  /** Forgets what is written. */
  clear(): void {
    this.start = this.buffer.length
  }

  /** A copy of what is written. */
  finish(): Uint8Array {
    return this.buffer.slice(this.start)
  }

  /** What is written, in place: valid until the next write. */
  peek(): Uint8Array {
    return this.buffer.subarray(this.start)
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.start -= bytes.length
    this.buffer.set(bytes, this.start)
  }

  /** One byte as it is. */
  byte(value: number): void {
    this.reserve(1)
    this.buffer[--this.start] = value
  }

  /** A byte string. */
  string(bytes: Uint8Array): void {
    this.raw(bytes)
    if (bytes.length !== 1 || bytes[0] >= EMPTY_STRING) this.header(bytes.length, EMPTY_STRING)
  }

  /** A big-endian number as a string without leading zero bytes. */
  trimmed(bytes: Uint8Array): void {
    let first = 0
    while (first < bytes.length && bytes[first] === 0) first++
    this.string(first === 0 ? bytes : bytes.subarray(first))
  }

  /** A number that is not negative. */
  number(value: bigint | number): void {
    this.reserve(33)
    const end = this.start
    if (typeof value === 'number' || value <= 0xffff_ffffn) {
      for (let rest = Number(value); rest > 0; rest = Math.floor(rest / 256)) {
        this.buffer[--this.start] = rest & 0xff
      }
    } else {
      for (let rest = value; rest > 0n; rest >>= 8n) {
        this.byte(Number(rest & 0xffn))
      }
    }
    const size = end - this.start
    if (size !== 1 || this.buffer[this.start] >= EMPTY_STRING) this.header(size, EMPTY_STRING)
  }

  /** Makes what was written since `mark` (a former {@link size}) the payload of a list. */
  list(mark: number): void {
    this.header(this.size - mark, 0xc0)
  }

  private header(size: number, base: number): void {
    this.reserve(9)
    if (size < 56) {
      this.buffer[--this.start] = base + size
      return
    }
    let bytes = 0
    for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) {
      this.buffer[--this.start] = rest & 0xff
      bytes++
    }
    this.buffer[--this.start] = base + 55 + bytes
  }

  private reserve(more: number): void {
    if (this.start >= more) return
    const { size } = this
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, size + more + 64))
    grown.set(this.buffer.subarray(this.start), grown.length - size)
    this.start = grown.length - size
    this.buffer = grown
  }
}
