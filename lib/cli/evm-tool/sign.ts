/** Signatures of transactions by keys that files of tests name. */

import { createECDH, createHmac } from 'node:crypto'

import { addressOfSecretKey } from '../../native/load.js'
import { wordOf, wrongMember } from './json-fields.js'

/** A secret key in hex; `name` is for the error where it is none. */
export function secretKeyOf(value: unknown, name: string): Uint8Array {
  const key = Buffer.from(wordOf(value, name).slice(2), 'hex')
  try {
    addressOfSecretKey(key)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw wrongMember(name, 'a key of secp256k1', value)
  }
  return key
}

/** The order of secp256k1 (SEC 2, section 2.4.1). */
const order = 0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n

/** A signature whose s is the lower one of the two (EIP-2). */
export interface Signature {
  readonly yParity: number
  readonly r: bigint
  readonly s: bigint
}

/**
 * Signs a hash of 32 bytes: always the same signature for the same key and hash, as RFC 6979 makes it with
 * HMAC-SHA256. The arithmetic takes a time that depends on the key: for keys that everybody may know.
 *
 * @param secretKey 32 bytes, from 1 to the group's order - 1
 */
export function signDeterministically(hash: Uint8Array, secretKey: Uint8Array): Signature {
  const digest = numberOf(hash)
  const key = numberOf(secretKey)
  for (const ephemeral of candidates(secretKey, hash)) {
    const nonce = numberOf(ephemeral)
    if (nonce === 0n || nonce >= order) continue
    const curve = createECDH('secp256k1')
    curve.setPrivateKey(ephemeral)
    const point = curve.getPublicKey()
    const x = numberOf(point.subarray(1, 33))
    const r = x % order
    const s = (inverse(nonce) * ((digest + r * key) % order)) % order
    if (r === 0n || s === 0n || x !== r) continue
    const parity = point[64] & 1
    return 2n * s < order ? { yParity: parity, r, s } : { yParity: parity ^ 1, r, s: order - s }
  }
  throw new Error('unreachable: there are always further candidates')
}

/** Ephemeral keys one after another (RFC 6979, section 3.2). */
function* candidates(secretKey: Uint8Array, hash: Uint8Array): Generator<Buffer> {
  const reduced = Buffer.from((numberOf(hash) % order).toString(16).padStart(64, '0'), 'hex')
  const mac = (key: Buffer, ...parts: readonly Uint8Array[]): Buffer => {
    const hmac = createHmac('sha256', key)
    for (const part of parts) hmac.update(part)
    return hmac.digest()
  }
  let value: Buffer = Buffer.alloc(32, 1)
  let key: Buffer = Buffer.alloc(32)
  for (const round of [0, 1]) {
    key = mac(key, value, Uint8Array.of(round), secretKey, reduced)
    value = mac(key, value)
  }
  for (;;) {
    value = mac(key, value)
    yield value
    key = mac(key, value, Uint8Array.of(0))
    value = mac(key, value)
  }
}

/** By the extended Euclidean algorithm; the value is from 1 to the order - 1. */
function inverse(value: bigint): bigint {
  let [a, b] = [value, order]
  let [x, y] = [1n, 0n]
  while (a !== 1n) {
    const quotient = b / a
    ;[a, b] = [b - quotient * a, a]
    ;[x, y] = [y - quotient * x, x]
  }
  return ((x % order) + order) % order
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
