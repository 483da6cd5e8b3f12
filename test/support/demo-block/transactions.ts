/** Signed transactions without keys. */

import { RLP } from '@ethereumjs/rlp'
import type { Hex } from '../../../lib/hex/index.js'
import { keccak256, recoverAddresses } from '../../../lib/native/load.js'

/** What a transaction of the demo does. */
export interface DemoCall {
  /** The recipient; undefined creates a contract. */
  readonly to: Hex | undefined
  readonly value: bigint
  readonly data: Uint8Array
  readonly gasLimit: bigint
}

/** A signed transaction and who sent it. */
export interface SignedTransaction {
  /** The EIP-2718 envelope. */
  readonly encoded: Uint8Array
  readonly sender: Hex
}

const chainId = 1n
const maxPriorityFeePerGas = 1_000_000_000n
const maxFeePerGas = 30_000_000_000n

/** The x-coordinate of secp256k1's generator (SEC 2): any x on the curve is a valid r. */
const r = Buffer.from('79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798', 'hex')

/**
 * Signs EIP-1559 transactions with made-up signatures: whatever r and s are, they belong to some
 * sender whose key nobody knows. Each transaction gets a sender of its own.
 */
export function signAll(calls: readonly DemoCall[]): SignedTransaction[] {
  const recordSize = 97
  const records = Buffer.alloc(recordSize * calls.length)
  const payloads = calls.map((call, index) => {
    const payload = fields(call)
    const record = records.subarray(recordSize * index, recordSize * (index + 1))
    record.set(keccak256(envelope(payload)))
    record.set(r, 32)
    record.set(scalar(index), 64)
    return payload
  })
  const recovered = recoverAddresses(records)
  return payloads.map((payload, index) => {
    const [valid, ...address] = recovered.subarray(21 * index, 21 * index + 21)
    if (valid !== 1) throw new Error(`no sender for transaction ${index}`)
    return {
      encoded: envelope([...payload, 0n, r, trimmed(scalar(index))]),
      sender: `0x${Buffer.from(address).toString('hex')}`,
    }
  })
}

function fields({ to, value, data, gasLimit }: DemoCall) {
  const nonce = 0n
  return [chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to ?? '', value, data, []]
}

/** The EIP-2718 envelope of type 2 around a list. */
function envelope(list: Parameters<typeof RLP.encode>[0]): Uint8Array {
  return Buffer.concat([Uint8Array.of(2), RLP.encode(list)])
}

/** The s of a signature: any number that is not zero and below half the group's order. */
function scalar(index: number): Uint8Array {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt32BE(index + 1, 28)
  return bytes
}

function trimmed(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0))
}
