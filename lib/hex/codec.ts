/** Bytes and numbers as `0x` hex and back. */

import { isPrefixed, writeHex } from './digits.js'
import type { Hex } from './types.js'

/** 32 zero bytes: in place of a hash that there is none of, and the value of a slot that is not set. */
export const zeroHash: Hex = `0x${'00'.repeat(32)}`

/** A view of bytes that can print ranges of itself. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The bytes in hex. */
export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${bufferOf(bytes).toString('hex')}`
}

/** Bytes given as such or as `0x` hex of any length; undefined for what is neither. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (!isPrefixed(value) || value.length % 2 !== 0) return undefined
  const bytes = new Uint8Array(value.length / 2 - 1)
  return writeHex(bufferOf(bytes), bytes.length, value, 2) ? bytes : undefined
}

/** A number the way JSON-RPC writes quantities: hex without leading zeros. */
export function quantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`
}

/**
 * The number of 256 bits that a bigint is or `0x` hex of 1 to 64 digits stands for; undefined for
 * anything else.
 */
export function uint256Of(value: unknown): bigint | undefined {
  const isHex = typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value)
  if (!isHex && typeof value !== 'bigint') return undefined
  const number = BigInt(value)
  return number >= 0n && number >> 256n === 0n ? number : undefined
}

/** A number of at most 256 bits as 32 big-endian bytes. */
export function uint256ToBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  putUint256(new DataView(bytes.buffer), 0, value)
  return bytes
}

/** Writes a number of at most 256 bits big-endian into 32 bytes. */
export function putUint256(view: DataView, at: number, value: bigint): void {
  view.setBigUint64(at, value >> 192n)
  view.setBigUint64(at + 8, value >> 128n)
  view.setBigUint64(at + 16, value >> 64n)
  view.setBigUint64(at + 24, value)
}
