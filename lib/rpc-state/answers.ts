/** What nodes answer, checked: whatever has not its method's form is `RPC_RESPONSE_INVALID`. */

import { isRecord } from '../arguments.js'
import { emptyCodeHash } from '../empty-hashes.js'
import { type BraidError, errorFor, shownValue } from '../errors.js'
import { bytesOf, type Hex, uint256Of, zeroHash } from '../hex/index.js'

/** A number of at most 256 bits. */
export function numberIn(method: string, value: unknown): bigint {
  const number = uint256Of(value)
  if (number === undefined) throw wrong(method, 'a number of at most 256 bits', value)
  return number
}

/** A nonce. */
export function nonceIn(method: string, value: unknown): bigint {
  const number = numberIn(method, value)
  if (number >> 64n !== 0n) throw wrong(method, 'a number of at most 64 bits', value)
  return number
}

/** Bytes of any length. */
export function bytesIn(method: string, value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? bytesOf(value) : undefined
  if (bytes === undefined) throw wrong(method, '0x hex', value)
  return bytes
}

/** A hash, or another word of 32 bytes, in lower case. */
export function wordIn(method: string, value: unknown): Hex {
  return fixedIn(method, value, 32)
}

/** An address in lower case. */
export function addressIn(method: string, value: unknown): Hex {
  return fixedIn(method, value, 20)
}

function fixedIn(method: string, value: unknown, size: number): Hex {
  if (bytesIn(method, value).length !== size) throw wrong(method, `${size} bytes`, value)
  return (value as string).toLowerCase() as Hex
}

/** An object. */
export function recordIn(method: string, value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw wrong(method, 'an object', value)
  return value
}

/** A list. */
export function listIn(method: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(method, 'a list', value)
  return value
}

/** The error for an answer that does not have its form. */
export function wrong(method: string, expected: string, actual: unknown): BraidError {
  return errorFor('RPC_RESPONSE_INVALID', { field: method, expected, actual: shownValue(actual) })
}

/** Whether a code hash says that there is no code. */
export function isNoCode(codeHash: Hex): boolean {
  return codeHash === emptyCodeHash || codeHash === zeroHash
}
