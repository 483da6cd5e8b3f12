/** Writing of RLP (Yellow Paper, appendix B) out of JSON values and bytes. */

import type { ErrorCode } from '../error-codes.js'
import type { ErrorDetails } from '../error-details.js'
import { type BraidError, errorFor } from '../errors.js'
import { isPrefixed, writeHex } from '../hex/index.js'
import { headerSize, listBase, stringBase, writeHeader } from './header.js'

const zeroDigit = 0x30

/** Up to so many bytes a loop is faster than a typed array's `set`. */
const shortCopy = 64

/**
 * Writes RLP from the last byte to the first, so that a list's header is written when the size of its
 * payload is known: write the items of a list last to first, then call {@link list} with the
 * {@link size} from before them.
 */
export class RlpWriter {
  /** Index of the transaction being written, for errors; -1 outside of transactions. */
  txIndex = -1
  private buffer: Buffer
  private start: number

  /** @param capacity bytes to begin with; more come when they are needed */
  constructor(capacity = 1024) {
    this.buffer = Buffer.alloc(capacity)
    this.start = capacity
  }

  /** How many bytes are written. */
  get size(): number {
    return this.buffer.length - this.start
  }

  /** What is written, in place: valid until the next write. */
  peek(): Uint8Array {
    return new Uint8Array(this.buffer.buffer, this.buffer.byteOffset + this.start, this.size)
  }

  /** Forgets what is written. */
  clear(): void {
    this.start = this.buffer.length
  }

  /** Bytes as they are, without a header. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.start -= bytes.length
    this.buffer.set(bytes, this.start)
  }

  /** One byte as it is, without a header. */
  byte(value: number): void {
    this.reserve(1)
    this.buffer[--this.start] = value
  }

  /** A byte string. */
  bytes(bytes: Uint8Array): void {
    this.raw(bytes)
    this.stringHeader(bytes.length)
  }

  /**
   * A byte string out of larger bytes. Short ones are copied byte by byte: a subarray for each is
   * garbage that costs more.
   */
  bytesOf(source: Uint8Array, at: number, size: number): void {
    if (size > shortCopy) {
      this.bytes(source.subarray(at, at + size))
      return
    }
    this.reserve(size)
    this.start -= size
    const { buffer, start } = this
    for (let i = 0; i < size; i++) buffer[start + i] = source[at + i]!
    this.stringHeader(size)
  }

  /** Makes what was written since `mark` (a former {@link size}) a list. */
  list(mark: number): void {
    this.header(this.size - mark, listBase)
  }

  /** Makes what was written since `mark` one byte string. */
  string(mark: number): void {
    this.stringHeader(this.size - mark)
  }

  /**
   * Bytes out of a `0x` hex string or as they are.
   *
   * @param size how many bytes there must be; -1 for any number
   */
  data(value: unknown, field: string, size = -1): void {
    if (value instanceof Uint8Array) {
      if (size >= 0 && value.length !== size) throw this.wrongSize(field, size, value.length)
      this.bytes(value)
      return
    }
    if (!isPrefixed(value)) throw this.wrongType(field, '0x hex', value)
    const digits = value.length - 2
    if ((digits & 1) !== 0) throw this.wrongType(field, 'whole bytes', value)
    const count = digits >> 1
    if (size >= 0 && count !== size) throw this.wrongSize(field, size, count)
    this.hex(value, 2, field)
    this.stringHeader(count)
  }

  /**
   * A number that is not negative, out of a `0x` hex string (leading zeros or no digits at all are
   * allowed: sources exist that write them), a bigint or a safe integer.
   */
  quantity(value: unknown, field: string, maxBytes: number): void {
    let text: string
    let first = 0
    if (typeof value === 'string') {
      if (!isPrefixed(value)) throw this.wrongType(field, 'quantity', value)
      text = value
      first = 2
    } else if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
      const number = value as bigint | number
      if (number < 0) throw this.fail('DECODE_FIELD_RANGE', field, { actual: number })
      text = number.toString(16)
    } else {
      throw this.wrongType(field, 'quantity', value)
    }
    while (first < text.length && text.charCodeAt(first) === zeroDigit) first++
    const count = (text.length - first + 1) >> 1
    if (count > maxBytes) {
      throw this.fail('DECODE_FIELD_RANGE', field, { expected: `${maxBytes} bytes at most` })
    }
    this.hex(text, first, field)
    this.stringHeader(count)
  }

  /** Makes the error of `code` at this place. */
  fail(code: ErrorCode, field: string, details: ErrorDetails = {}): BraidError {
    const place: ErrorDetails = { field, ...details }
    return errorFor(code, this.txIndex < 0 ? place : { txIndex: this.txIndex, ...place })
  }

  /** The error for a value of the wrong type. */
  wrongType(field: string, expected: string, value: unknown): BraidError {
    if (value === undefined || value === null) return this.fail('DECODE_FIELD_MISSING', field)
    const actual = typeof value === 'string' ? value : typeof value
    return this.fail('DECODE_FIELD_TYPE', field, { expected, actual })
  }

  private wrongSize(field: string, expected: number, actual: number): BraidError {
    return this.fail('DECODE_FIELD_SIZE', field, { expected, actual })
  }

  private hex(text: string, first: number, field: string): void {
    const count = (text.length - first + 1) >> 1
    this.reserve(count)
    if (!writeHex(this.buffer, this.start, text, first)) {
      throw this.fail('DECODE_FIELD_TYPE', field, { expected: 'hex digits', actual: text })
    }
    this.start -= count
  }

  private stringHeader(size: number): void {
    if (size !== 1 || this.buffer[this.start] >= stringBase) this.header(size, stringBase)
  }

  private header(size: number, base: number): void {
    const bytes = headerSize(size)
    this.reserve(bytes)
    this.start -= bytes
    writeHeader(this.buffer, this.start, size, base)
  }

  private reserve(more: number): void {
    if (this.start >= more) return
    const { size } = this
    const grown = Buffer.alloc(Math.max(this.buffer.length * 2, size + more))
    grown.set(this.buffer.subarray(this.start), grown.length - size)
    this.start = grown.length - size
    this.buffer = grown
  }
}
