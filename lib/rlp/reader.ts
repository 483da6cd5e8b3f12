/** Strict reading of RLP (Yellow Paper, appendix B) in place, without a tree. */

import type { ErrorCode } from '../error-codes.js'
import type { ErrorDetails } from '../error-details.js'
import { type BraidError, errorFor } from '../errors.js'

/** What errors are called by where no field is known. */
const anonymous = 'item'

/**
 * A cursor over RLP. It holds one item at a time: {@link start}, {@link end} and {@link isList} say
 * where the payload of the item that was read last lies in {@link bytes}. Only canonical RLP is
 * accepted: shortest lengths, single bytes below 0x80 as themselves, no item beyond its list.
 *
 * The `field` that most methods take names the item in errors.
 */
export class RlpReader {
  /** The input; borrowed. */
  readonly bytes: Uint8Array
  /** Where the next item starts. */
  position: number
  /** Where the innermost list that was entered ends. */
  limit: number
  /** Where the payload of the last item starts. */
  start = 0
  /** Where it ends. */
  end = 0
  /** Whether the last item is a list. */
  isList = false
  /** The high 32 bits of the number that {@link uint64} read last. */
  high = 0
  /** The low 32 bits of it. */
  low = 0
  /** Index of the transaction being read, for errors; -1 outside of transactions. */
  txIndex = -1

  constructor(bytes: Uint8Array, position = 0, limit = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.limit = limit
  }

  /** Whether the innermost list has no more items. */
  get done(): boolean {
    return this.position >= this.limit
  }

  /** Reads the next item, whatever it is, and moves behind it. */
  next(field: string = anonymous): void {
    const { bytes, position, limit } = this
    if (position >= limit) throw this.fail('DECODE_FIELD_MISSING', field)
    const prefix = bytes[position]
    if (prefix < 0x80) {
      this.isList = false
      this.start = position
      this.end = this.position = position + 1
      return
    }
    this.isList = prefix >= 0xc0
    // 0..55: the payload's size; 56..63: the size of the size.
    const code = prefix & 0x3f
    const start = position + 1
    if (code >= 56) {
      this.long(field, start, code - 55)
      return
    }
    const end = start + code
    if (end > limit) throw this.fail('DECODE_RLP_TRUNCATED', field)
    if (code === 1 && prefix === 0x81 && bytes[start] < 0x80) {
      throw this.fail('DECODE_RLP_NON_CANONICAL', field)
    }
    this.start = start
    this.end = this.position = end
  }

  /** The rest of {@link next} for payloads of 56 bytes and more. */
  private long(field: string, sizeStart: number, sizeBytes: number): void {
    const { bytes, limit } = this
    const start = sizeStart + sizeBytes
    if (start > limit) throw this.fail('DECODE_RLP_TRUNCATED', field)
    if (bytes[sizeStart] === 0) throw this.fail('DECODE_RLP_NON_CANONICAL', field)
    // Eight bytes may round as a number, but only far beyond any input's size.
    let size = 0
    for (let i = sizeStart; i < start; i++) size = size * 256 + bytes[i]
    if (size < 56) throw this.fail('DECODE_RLP_NON_CANONICAL', field)
    const end = start + size
    if (end > limit) throw this.fail('DECODE_RLP_TRUNCATED', field)
    this.start = start
    this.end = this.position = end
  }

  /** Reads the next item, which must be a byte string. */
  string(field: string): void {
    this.next(field)
    if (this.isList)
      throw this.fail('DECODE_FIELD_TYPE', field, { expected: 'bytes', actual: 'list' })
  }

  /** Reads a byte string of a fixed size. */
  sized(field: string, size: number): void {
    this.string(field)
    const actual = this.end - this.start
    if (actual !== size) throw this.fail('DECODE_FIELD_SIZE', field, { expected: size, actual })
  }

  /** Reads an address, or nothing: the size is 20 or 0. */
  optionalAddress(field: string): void {
    this.string(field)
    const actual = this.end - this.start
    if (actual !== 20 && actual !== 0) {
      throw this.fail('DECODE_FIELD_SIZE', field, { expected: 20, actual })
    }
  }

  /** Reads a number of at most `maxBytes` bytes without leading zeros. */
  number(field: string, maxBytes: number): void {
    this.string(field)
    const { start, end } = this
    if (end > start && this.bytes[start] === 0) throw this.fail('DECODE_LEADING_ZERO', field)
    if (end - start > maxBytes) {
      throw this.fail('DECODE_FIELD_RANGE', field, { expected: `${maxBytes} bytes at most` })
    }
  }

  /** Reads a number of at most 64 bits into {@link high} and {@link low}. */
  uint64(field: string): void {
    this.number(field, 8)
    this.halves()
  }

  /** Sets {@link high} and {@link low} from the last item, a number of at most 8 bytes. */
  halves(): void {
    const { bytes, start, end } = this
    const split = end - start > 4 ? end - 4 : start
    let low = 0
    let high = 0
    for (let i = start; i < split; i++) high = (high << 8) | bytes[i]
    for (let i = split; i < end; i++) low = (low << 8) | bytes[i]
    this.high = high >>> 0
    this.low = low >>> 0
  }

  /** Reads a number of at most `maxBytes` bytes as a bigint. */
  bigint(field: string, maxBytes: number): bigint {
    if (maxBytes === 8) {
      this.uint64(field)
      return this.high === 0 ? BigInt(this.low) : (BigInt(this.high) << 32n) | BigInt(this.low)
    }
    this.number(field, maxBytes)
    let value = 0n
    for (let i = this.start; i < this.end; i++) value = (value << 8n) | BigInt(this.bytes[i])
    return value
  }

  /** Goes into the next item, which must be a list; the returned mark is for {@link leave}. */
  enter(field: string): number {
    this.next(field)
    if (!this.isList)
      throw this.fail('DECODE_FIELD_TYPE', field, { expected: 'list', actual: 'bytes' })
    const outer = this.limit
    this.limit = this.end
    this.position = this.start
    return outer
  }

  /** Goes out of a list, all of whose items must have been read. */
  leave(field: string, outer: number): void {
    if (this.position !== this.limit) throw this.fail('DECODE_RLP_TRAILING', field)
    this.limit = outer
  }

  /** Counts the items from here to the end of the list, without moving. */
  count(field: string): number {
    const { position } = this
    let count = 0
    while (this.position < this.limit) {
      this.next(field)
      count++
    }
    this.position = position
    return count
  }

  /** The payload of the last item, in place. */
  payload(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  /** Makes the error of `code` at this place. */
  fail(code: ErrorCode, field: string, details: ErrorDetails = {}): BraidError {
    const place: ErrorDetails = { field, offset: this.position, ...details }
    return errorFor(code, this.txIndex < 0 ? place : { txIndex: this.txIndex, ...place })
  }
}
