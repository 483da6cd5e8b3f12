/** Transactions with numbers of any size, which geth can read and not execute. */

import { RLP } from '@ethereumjs/rlp'

/** A transaction as far as it is looked at. */
export interface ReadTransaction {
  readonly type: number
  readonly items: readonly unknown[]
  readonly nonce: bigint
  readonly gas: bigint
  readonly gasPrice: bigint
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
  readonly to: Uint8Array
  readonly value: bigint
  readonly data: Uint8Array
  readonly accessList: readonly (readonly [Uint8Array, readonly Uint8Array[]])[]
  readonly authorizations: number
}

/** The number that bytes are. */
export const numberOf = (bytes: unknown): bigint =>
  BigInt(`0x${Buffer.from(bytes as Uint8Array).toString('hex') || '0'}`)

/** The fields of an encoding that is a transaction. */
export function fieldsOf(encoding: Uint8Array): ReadTransaction {
  const isLegacy = encoding[0] >= 0xc0
  const type = isLegacy ? 0 : encoding[0]
  const items = RLP.decode(isLegacy ? encoding : encoding.subarray(1)) as unknown[]
  // Typed ones begin with the chain, and from type 2 on have two prices.
  const first = isLegacy ? 0 : 1
  const prices = type >= 2 ? 2 : 1
  const price = numberOf(items[first + 1])
  const fee = prices === 2 ? numberOf(items[first + 2]) : price
  const rest = first + 1 + prices
  return {
    type,
    items,
    nonce: numberOf(items[first]),
    gasPrice: fee,
    maxPriorityFeePerGas: price,
    maxFeePerGas: fee,
    gas: numberOf(items[rest]),
    to: items[rest + 1] as Uint8Array,
    value: numberOf(items[rest + 2]),
    data: items[rest + 3] as Uint8Array,
    accessList: (isLegacy ? [] : items[rest + 4]) as ReadTransaction['accessList'],
    authorizations: type === 4 ? (items[rest + 5] as unknown[]).length : 0,
  }
}
