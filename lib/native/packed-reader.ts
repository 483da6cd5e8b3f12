/** Reading of packed buffers: numbers, byte strings and sections at byte offsets. */

import type { Hex } from '../hex/index.js'

/**
 * Reads one packed buffer in place. Offsets come from the layouts in `wire.ts`; the reader trusts
 * them, so it is for buffers that this process made.
 */
export class PackedReader {
  /** The whole buffer. */
  readonly bytes: Buffer
  private readonly view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** An 8-bit number. */
  u8(at: number): number {
    return this.bytes[at]
  }

  /** A 16-bit number. */
  u16(at: number): number {
    return this.view.getUint16(at, true)
  }

  /** A 32-bit number. */
  u32(at: number): number {
    return this.view.getUint32(at, true)
  }

  /** A signed 32-bit number. */
  i32(at: number): number {
    return this.view.getInt32(at, true)
  }

  /** A 64-bit number. */
  u64(at: number): bigint {
    return this.view.getBigUint64(at, true)
  }

  /** A 64-bit number that is known to be small, or need not be exact above 2^53. */
  u64AsNumber(at: number): number {
    return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 0x1_0000_0000
  }

  /** A 256-bit big-endian number. */
  u256(at: number): bigint {
    const { view } = this
    // Most are far smaller, and operations on bigints are what takes time here.
    if (this.isSmall(at)) return view.getBigUint64(at + 24)
    const high = (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)
    const low = (view.getBigUint64(at + 16) << 64n) | view.getBigUint64(at + 24)
    return high === 0n ? low : (high << 128n) | low
  }

  /** Whether a 256-bit number fits 64 bits. */
  private isSmall(at: number): boolean {
    const { view } = this
    for (let i = at; i < at + 24; i += 4) if (view.getUint32(i) !== 0) return false
    return true
  }

  /** Bytes as hex. */
  hex(at: number, size: number): Hex {
    return `0x${this.bytes.toString('hex', at, at + size)}`
  }

  /** Bytes in place, not a copy. */
  slice(at: number, size: number): Uint8Array {
    return this.bytes.subarray(at, at + size)
  }

  /** Whether all bytes of a range are zero. */
  isZero(at: number, size: number): boolean {
    for (let i = at; i < at + size; i++) if (this.bytes[i] !== 0) return false
    return true
  }

  /** Where a section begins: its field holds {offset u32, count u32}. */
  sectionOffset(field: number): number {
    return this.u32(field)
  }

  /** How many records a section has; for the pool, how many bytes. */
  sectionCount(field: number): number {
    return this.u32(field + 4)
  }
}
