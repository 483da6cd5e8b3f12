/** The transactions of simulated blocks. */

import { demand } from '../arguments.js'
import type { RpcAuthorization, RpcTransaction } from '../block/index.js'
import { bytesToHex } from '../hex/index.js'
import {
  type CallAuthorization,
  type CallRequest,
  creates,
  dataOf,
  feesOf,
  numberOf,
} from './request.js'

/** A request as a transaction with a signature of zeros; what it does not say is 0. */
export function transactionOf(call: CallRequest, place: string, chainId: bigint): RpcTransaction {
  const { gas, nonce, value, accessList, blobVersionedHashes, authorizationList } = call
  const fees = feesOf(call, place)
  const isPriced = call.gasPrice !== undefined
  const type = isPriced
    ? 0
    : authorizationList !== undefined
      ? 4
      : blobVersionedHashes !== undefined
        ? 3
        : 2
  const data = dataOf(call, place) ?? '0x'
  const number = (given: unknown, bits: number, name: string): bigint =>
    given === undefined ? 0n : numberOf(given, bits, `${place}${name}`)
  if (call.chainId !== undefined) {
    const id = numberOf(call.chainId, 64, `${place}chainId`)
    demand(id === chainId, `${place}chainId`, String(chainId), id)
  }
  return {
    type,
    nonce: number(nonce, 64, 'nonce'),
    gas: number(gas, 64, 'gas'),
    to: creates(call) ? null : call.to,
    value: number(value, 256, 'value'),
    input: typeof data === 'string' ? data : bytesToHex(data),
    r: 0n,
    s: 0n,
    ...(isPriced
      ? { gasPrice: fees.maxFeePerGas, v: 0n }
      : {
          chainId,
          maxFeePerGas: fees.maxFeePerGas,
          maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
          accessList: accessList ?? [],
          yParity: 0n,
        }),
    ...(type === 3 ? { blobVersionedHashes, maxFeePerBlobGas: fees.maxFeePerBlobGas } : {}),
    ...(type === 4 ? { authorizationList: authorizationList?.map(signed) } : {}),
  }
}

/** An authorization with a signature; where it names who made it, that which Besu takes for none. */
function signed({ authority, ...authorization }: CallAuthorization): RpcAuthorization {
  const none = authority === undefined ? {} : { yParity: 0n, r: 1n, s: 1n }
  return { ...authorization, ...none } as RpcAuthorization
}
