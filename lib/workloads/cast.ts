/** Who takes part in a workload: accounts and chance, both out of its seed. */

import { bytesToHex, type Hex } from '../hex/index.js'
import { addressOfSecretKey, keccak256 } from '../native/load.js'

/** Somebody who can send transactions. */
export interface Sender {
  readonly address: Hex
  readonly secretKey: Uint8Array
}

/** The first `count` senders in a role. Their keys are no secret. */
export function sendersOf(role: string, count: number, seed: number): Sender[] {
  return Array.from({ length: count }, (_, index) => senderOf(hashOf(role, index, seed)))
}

/** Who has a secret key of 32 bytes. */
export function senderOf(secretKey: Uint8Array): Sender {
  return { address: bytesToHex(addressOfSecretKey(secretKey)), secretKey }
}

/** The address of the `index`th account in a role, which has no known key. */
export function addressOf(role: string, index: number, seed: number): Hex {
  return bytesToHex(hashOf(role, index, seed).subarray(12))
}

/** The addresses of the first `count` accounts in a role. */
export function addressesOf(role: string, count: number, seed: number): Hex[] {
  return Array.from({ length: count }, (_, index) => addressOf(role, index, seed))
}

function hashOf(role: string, index: number, seed: number): Uint8Array {
  return keccak256(Buffer.from(`braid workload ${seed} ${role} ${index}`))
}

/** Numbers from 0 up to 1, the same ones for the same seed (xorshift, Marsaglia 2003). */
export class Chance {
  #state: number

  constructor(seed: number) {
    // The generator has no way out of zero, and small seeds start alike: spread them first.
    this.#state = Math.imul(seed + 1, 0x9e37_79b1) | 1
    for (let i = 0; i < 8; i++) this.next()
  }

  /** The next number. */
  next(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return (x >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to `end` - 1. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }
}
