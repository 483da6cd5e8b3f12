/** What a call asks for, in the names that JSON-RPC and viem have. */

import { checkMembers, demand, type MembersOf, putHex } from '../arguments.js'
import type { RpcAccessListEntry, RpcAuthorization } from '../block/index.js'
import { bytesOf, isPrefixed, type Quantity } from '../hex/index.js'

/** An authorization (EIP-7702), signed, or by somebody who is named in place of a signature. */
export interface CallAuthorization
  extends Omit<RpcAuthorization, 'yParity' | 'v' | 'r' | 's'>,
    Partial<Pick<RpcAuthorization, 'yParity' | 'v' | 'r' | 's'>> {
  /** Who authorizes. Nobody looks at a signature then. */
  readonly authority?: string | undefined
}

/**
 * A call, a transaction that nobody signs. Numbers are bigint, safe integers or `0x` hex. What it costs,
 * and whom, follows from its members as it does with geth's `eth_call`: without prices nothing is paid.
 */
export interface CallRequest {
  /** Who calls. Default: the zero address. */
  readonly from?: string | undefined
  /** Absent, or null: a contract is created. */
  readonly to?: string | null | undefined
  /** The most gas that it may use. Default, and at most: the `gasCap` of the options. */
  readonly gas?: Quantity | undefined
  /** In wei per gas; not beside the two that follow. Default 0. */
  readonly gasPrice?: Quantity | undefined
  /** In wei per gas (EIP-1559). Default 0. */
  readonly maxFeePerGas?: Quantity | undefined
  /** In wei per gas (EIP-1559). Default 0. */
  readonly maxPriorityFeePerGas?: Quantity | undefined
  /** In wei per blob gas (EIP-4844). Default 0. */
  readonly maxFeePerBlobGas?: Quantity | undefined
  /** What is moved to the recipient, in wei. Default 0. */
  readonly value?: Quantity | undefined
  /** The data of the call, or the init code: `0x` hex or bytes. Default: none. */
  readonly data?: string | Uint8Array | undefined
  /** The same by the name that JSON-RPC has for it; where both are given they must be equal. */
  readonly input?: string | Uint8Array | undefined
  /** Only simulations with `validation` compare it. Default: the sender's. */
  readonly nonce?: Quantity | undefined
  /** Must be that of the chain. */
  readonly chainId?: Quantity | undefined
  /** Nobody looks at it: what the call is follows from its other members. */
  readonly type?: Quantity | undefined
  /** Accounts and slots that are warm from the start, and paid for (EIP-2930). */
  readonly accessList?: readonly RpcAccessListEntry[] | undefined
  /** Code that accounts are given before the call (EIP-7702). */
  readonly authorizationList?: readonly CallAuthorization[] | undefined
  /** The hashes of blobs (EIP-4844). */
  readonly blobVersionedHashes?: readonly string[] | undefined
}

const members: MembersOf<CallRequest> = {
  from: true,
  to: true,
  gas: true,
  gasPrice: true,
  maxFeePerGas: true,
  maxPriorityFeePerGas: true,
  maxFeePerBlobGas: true,
  value: true,
  data: true,
  input: true,
  nonce: true,
  chainId: true,
  type: true,
  accessList: true,
  authorizationList: true,
  blobVersionedHashes: true,
}

/** What members of JSON-RPC's transactions and of others' are called here. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['sender', 'from'],
  ['account', 'from'],
  ['gasLimit', 'gas'],
])

/** Throws `OPTION_INVALID` for what is no request, or one with a member that is not known. */
export function checkRequest(request: unknown, place: string): asserts request is CallRequest {
  const name = place === '' ? 'request' : place.slice(0, -1)
  demand(typeof request === 'object' && request !== null, name, 'an object', request)
  checkMembers(request, members, { prefix: place, synonyms })
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = request as CallRequest
  if (gasPrice === undefined) return
  const isAlone = maxFeePerGas === undefined && maxPriorityFeePerGas === undefined
  demand(isAlone, `${place}gasPrice`, 'none beside maxFeePerGas and maxPriorityFeePerGas', gasPrice)
}

const hexNumber = /^0x[0-9a-fA-F]+$/

/** The number that a member says; `field` names it in errors. */
export function numberOf(value: unknown, bits: number, field: string): bigint {
  let number: bigint | undefined
  if (typeof value === 'bigint') number = value
  else if (Number.isSafeInteger(value)) number = BigInt(value as number)
  else if (typeof value === 'string' && hexNumber.test(value)) number = BigInt(value)
  const fits = number !== undefined && number >= 0n && number >> BigInt(bits) === 0n
  demand(fits, field, `a number of at most ${bits} bits`, value)
  return number as bigint
}

/** What a call pays for gas, and for blobs. */
export interface CallFees {
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
  readonly maxFeePerBlobGas: bigint
}

const noFees: CallFees = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n, maxFeePerBlobGas: 0n }

/** The fees of a request, 0 where it names none. */
export function feesOf(request: CallRequest, place: string): CallFees {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas } = request
  const isFree =
    gasPrice === undefined &&
    maxFeePerGas === undefined &&
    maxPriorityFeePerGas === undefined &&
    maxFeePerBlobGas === undefined
  if (isFree) return noFees
  const fee = (value: Quantity | undefined, name: string): bigint =>
    value === undefined ? 0n : numberOf(value, 256, `${place}${name}`)
  const blobFee = fee(maxFeePerBlobGas, 'maxFeePerBlobGas')
  if (gasPrice !== undefined) {
    const price = fee(gasPrice, 'gasPrice')
    return { maxFeePerGas: price, maxPriorityFeePerGas: price, maxFeePerBlobGas: blobFee }
  }
  return {
    maxFeePerGas: fee(maxFeePerGas, 'maxFeePerGas'),
    maxPriorityFeePerGas: fee(maxPriorityFeePerGas, 'maxPriorityFeePerGas'),
    maxFeePerBlobGas: blobFee,
  }
}

/** The data of a request: what `data` or `input` says, hex or bytes; undefined where there are none. */
export function dataOf(request: CallRequest, place: string): string | Uint8Array | undefined {
  const { data, input } = request
  if (data === undefined || input === undefined) return data ?? input
  const [a, b] = [bytesOf(data), bytesOf(input)]
  const isSame = a !== undefined && b !== undefined && Buffer.compare(a, b) === 0
  demand(isSame, `${place}input`, 'what `data` says', input)
  return data
}

/** Whether a request creates a contract. */
export function creates({ to }: CallRequest): boolean {
  return to === undefined || to === null || to === '' || to === '0x'
}

/** The address that calls, in lower case. */
export function senderOf({ from }: CallRequest, place: string): string {
  if (from === undefined) return `0x${'00'.repeat(20)}`
  const bytes = Buffer.alloc(20)
  putHex(bytes, 0, 20, from, `${place}from`)
  return `0x${bytes.toString('hex')}`
}

/** Throws `OPTION_INVALID` for what is neither bytes nor whole bytes as hex. */
export function checkData(data: unknown, field: string): asserts data is string | Uint8Array {
  const isData = data instanceof Uint8Array || (isPrefixed(data) && data.length % 2 === 0)
  demand(isData, field, '0x hex of whole bytes', data)
}
