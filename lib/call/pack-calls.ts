/** Packing of calls: one BlockInput whose transactions have nothing to do with each other. */

import { demand, putHex } from '../arguments.js'
import type { Column } from '../block/column.js'
import type { RpcAccessListEntry } from '../block/index.js'
import { assembleInput, contextSize } from '../block/input-assembly.js'
import { type InputColumns, withColumns } from '../block/input-columns.js'
import { completeInput } from '../block/input-context.js'
import { bufferOf, putUint256, writeHex } from '../hex/index.js'
import {
  AccessEntry,
  Authorization,
  AuthorizationFlag,
  BlockFlag,
  BlockInput,
  Transaction,
  TransactionFlag,
} from '../native/wire.js'
import type { CallContext } from './environment.js'
import {
  type CallAuthorization,
  type CallFees,
  type CallRequest,
  checkData,
  checkRequest,
  creates,
  dataOf,
  feesOf,
  numberOf,
} from './request.js'

/** A request, and what is to be said of it in errors: `requests[3].`, or nothing. */
export interface PlacedRequest {
  readonly request: CallRequest
  readonly place: string
  /** In place of the request's gas and the cap. */
  readonly gas?: bigint | undefined
}

/** Gas is counted in signed numbers of 64 bits. */
const mostGas = (1n << 63n) - 1n

/** How calls are run. */
export interface CallMode {
  /** The most gas that one may use. */
  readonly gasCap: bigint
  /** Whether it is recorded what they look up. */
  readonly recordsAccesses?: boolean
  /** Whether it matters why they fail. */
  readonly explains?: boolean
}

/**
 * The packed input of calls.
 *
 * @throws OptionsError `OPTION_INVALID` with the member that is wrong
 */
export function packCalls(
  requests: readonly PlacedRequest[],
  context: CallContext,
  { gasCap, recordsAccesses = false, explains = true }: CallMode,
): Uint8Array {
  const flags =
    (recordsAccesses ? BlockFlag.RecordAccesses : 0) | (explains ? BlockFlag.ExplainFailures : 0)
  const cap = gasCap < mostGas ? gasCap : mostGas
  const input = withColumns((columns) => {
    for (const placed of requests) writeCall(columns, placed, cap)
    return assembleInput(columns, contextSize(0, context.blockHashes.length))
  })
  const packed = completeInput(input, { ...context, flags })
  const { blobBaseFee } = context
  if (blobBaseFee !== undefined) {
    putUint256(new DataView(packed.buffer, packed.byteOffset), BlockInput.blobBaseFee, blobBaseFee)
  }
  return packed
}

/**
 * Throws `OPTION_INVALID` with the member that is wrong, for requests that are packed by somebody else.
 */
export function checkCalls(requests: readonly PlacedRequest[]): void {
  withColumns((columns) => {
    for (const placed of requests) {
      checkRequest(placed.request, placed.place)
      writeCall(columns, placed, mostGas)
    }
  })
}

function writeCall(
  columns: InputColumns,
  { request, place, gas }: PlacedRequest,
  cap: bigint,
): void {
  const { transactions } = columns
  const at = transactions.record(Transaction.SIZE)
  const { bytes, view } = transactions
  let flags =
    TransactionFlag.HasSender |
    TransactionFlag.SkipNonceCheck |
    TransactionFlag.Simulated |
    TransactionFlag.FreeWithoutFees
  const { from, to, value, chainId, accessList, authorizationList, blobVersionedHashes } = request
  if (from !== undefined) putHex(bytes, at + Transaction.sender, 20, from, `${place}from`)
  if (!creates(request)) {
    putHex(bytes, at + Transaction.to, 20, to, `${place}to`)
    flags |= TransactionFlag.HasTo
  }
  if (chainId !== undefined) {
    flags |= TransactionFlag.HasChainId
    view.setBigUint64(at + Transaction.chainId, numberOf(chainId, 64, `${place}chainId`), true)
  }
  bytes[at + Transaction.flags] = flags
  const wanted = gas ?? (request.gas === undefined ? cap : numberOf(request.gas, 64, `${place}gas`))
  view.setBigUint64(at + Transaction.gasLimit, wanted < cap ? wanted : cap, true)
  if (value !== undefined) {
    putNonZero(view, at + Transaction.value, numberOf(value, 256, `${place}value`))
  }
  writeFees(view, at, feesOf(request, place))
  const data = dataOf(request, place)
  if (data !== undefined) writeData(columns, at, data, `${place}data`)
  if (accessList !== undefined) writeAccessList(columns, at, accessList, `${place}accessList`)
  let type = accessList === undefined ? 0 : 1
  if (blobVersionedHashes !== undefined) {
    writeBlobHashes(columns, at, blobVersionedHashes, `${place}blobVersionedHashes`)
    type = 3
  }
  if (authorizationList !== undefined) {
    writeAuthorizations(columns, at, authorizationList, `${place}authorizationList`)
    type = 4
  }
  transactions.bytes[at + Transaction.type] = type
}

function writeFees(view: DataView, at: number, fees: CallFees): void {
  putNonZero(view, at + Transaction.maxFeePerGas, fees.maxFeePerGas)
  putNonZero(view, at + Transaction.maxPriorityFeePerGas, fees.maxPriorityFeePerGas)
  putNonZero(view, at + Transaction.maxFeePerBlobGas, fees.maxFeePerBlobGas)
}

/** Writes a number of 256 bits where zeros are; most are zero, or small. */
function putNonZero(view: DataView, at: number, value: bigint): void {
  if (value === 0n) return
  if (value >> 64n === 0n) view.setBigUint64(at + 24, value)
  else putUint256(view, at, value)
}

function writeData(
  { transactions, pool }: InputColumns,
  at: number,
  data: string | Uint8Array,
  field: string,
): void {
  checkData(data, field)
  const start = pool.size
  if (data instanceof Uint8Array) {
    pool.append(data, 0, data.length)
  } else {
    const size = data.length / 2 - 1
    pool.reserve(size)
    demand(writeHex(bufferOf(pool.bytes), start + size, data, 2), field, '0x hex', data)
    pool.size += size
  }
  transactions.view.setUint32(at + Transaction.dataOffset, start, true)
  transactions.view.setUint32(at + Transaction.dataSize, pool.size - start, true)
}

function writeAccessList(
  { transactions, accessEntries, storageKeys }: InputColumns,
  at: number,
  list: readonly RpcAccessListEntry[],
  field: string,
): void {
  demand(Array.isArray(list), field, 'an array', list)
  const first = accessEntries.size / AccessEntry.SIZE
  list.forEach((entry, i) => {
    const name = `${field}[${i}]`
    demand(typeof entry === 'object' && entry !== null, name, 'an object', entry)
    const { address, storageKeys: keys } = entry
    demand(Array.isArray(keys), `${name}.storageKeys`, 'an array', keys)
    const entryAt = accessEntries.record(AccessEntry.SIZE)
    putHex(accessEntries.bytes, entryAt + AccessEntry.address, 20, address, `${name}.address`)
    accessEntries.view.setUint32(entryAt + AccessEntry.keyStart, storageKeys.size / 32, true)
    accessEntries.view.setUint32(entryAt + AccessEntry.keyCount, keys.length, true)
    writeHashes(storageKeys, keys, `${name}.storageKeys`)
  })
  transactions.view.setUint32(at + Transaction.accessStart, first, true)
  transactions.view.setUint32(at + Transaction.accessCount, list.length, true)
}

function writeHashes(column: Column, hashes: readonly string[], field: string): void {
  hashes.forEach((hash, i) => {
    const at = column.record(32)
    putHex(column.bytes, at, 32, hash, `${field}[${i}]`)
  })
}

function writeBlobHashes(
  { transactions, blobHashes }: InputColumns,
  at: number,
  hashes: readonly string[],
  field: string,
): void {
  demand(Array.isArray(hashes), field, 'an array', hashes)
  transactions.view.setUint32(at + Transaction.blobStart, blobHashes.size / 32, true)
  transactions.view.setUint32(at + Transaction.blobCount, hashes.length, true)
  writeHashes(blobHashes, hashes, field)
}

function writeAuthorizations(
  { transactions, authorizations }: InputColumns,
  at: number,
  list: readonly CallAuthorization[],
  field: string,
): void {
  demand(Array.isArray(list), field, 'an array', list)
  const first = authorizations.size / Authorization.SIZE
  for (const [i, item] of list.entries()) {
    writeAuthorization(authorizations, item, `${field}[${i}]`)
  }
  transactions.view.setUint32(at + Transaction.authorizationStart, first, true)
  transactions.view.setUint32(at + Transaction.authorizationCount, list.length, true)
}

function writeAuthorization(column: Column, item: CallAuthorization, name: string): void {
  demand(typeof item === 'object' && item !== null, name, 'an object', item)
  const at = column.record(Authorization.SIZE)
  const { bytes, view } = column
  const { chainId, nonce, address, authority, r, s } = item
  putUint256(view, at + Authorization.chainId, numberOf(chainId, 256, `${name}.chainId`))
  view.setBigUint64(at + Authorization.nonce, numberOf(nonce, 64, `${name}.nonce`), true)
  putHex(bytes, at + Authorization.address, 20, address, `${name}.address`)
  if (authority !== undefined) {
    putAuthority(bytes, at, authority, name)
    return
  }
  putUint256(view, at + Authorization.r, numberOf(r, 256, `${name}.r`))
  putUint256(view, at + Authorization.s, numberOf(s, 256, `${name}.s`))
  bytes[at + Authorization.yParity] = parityOf(item, name)
}

/** Names who authorizes in the record of an authorization. */
export function putAuthority(bytes: Uint8Array, at: number, authority: string, name: string): void {
  bytes.fill(0, at + Authorization.r, at + Authorization.r + 32)
  putHex(bytes, at + Authorization.r + 12, 20, authority, `${name}.authority`)
  bytes[at + Authorization.flags] |= AuthorizationFlag.HasAuthority
}

/** The parity of an authorization's signature; some sources give 27 or 28 for it. */
export function parityOf({ yParity, v }: CallAuthorization, name: string): number {
  const parity = Number(numberOf(yParity ?? v, 8, `${name}.yParity`))
  return yParity === undefined && parity >= 27 ? parity - 27 : parity
}
