/** What senders want done, and the signed transactions that say so. */

import { RLP } from '@ethereumjs/rlp'
import type { RpcTransaction } from '../block/types.js'
import type { Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import type { MemoryState } from '../state/memory-state.js'
import type { Sender } from './cast.js'
import { QuickSigner } from './signatures.js'

/** A transaction before it is signed; where the recipient is null, it creates a contract. */
export interface Call<Recipient extends Hex | null = Hex> {
  readonly from: Sender
  readonly to: Recipient
  readonly gasLimit: number
  readonly value?: bigint
  readonly data?: Hex
}

/** What all transactions of a block pay for gas, in wei. */
export interface Fees {
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

/** Mainnet's. */
const chainId = 1

/** The transactions (EIP-1559) of calls on a state: who sends several has consecutive nonces. */
export function signCalls(
  calls: readonly Call<Hex | null>[],
  state: MemoryState,
  fees: Fees,
): RpcTransaction[] {
  const signer = new QuickSigner()
  const nonces = new Map<Hex, bigint>()
  return calls.map(({ from, to, gasLimit, value = 0n, data = '0x' }) => {
    const { address, secretKey } = from
    const nonce = nonces.get(address) ?? state.getAccount(address)?.nonce ?? 0n
    nonces.set(address, nonce + 1n)
    const { maxFeePerGas, maxPriorityFeePerGas } = fees
    const prices = [maxPriorityFeePerGas, maxFeePerGas]
    const list = RLP.encode([chainId, nonce, ...prices, gasLimit, to ?? '0x', value, data, []])
    const signed = keccak256(Buffer.concat([Uint8Array.of(2), list]))
    const signature = signer.sign(signed, secretKey)
    return { type: 2, chainId, nonce, ...fees, gas: gasLimit, to, value, input: data, ...signature }
  })
}
