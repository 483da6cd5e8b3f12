/** Transactions: from their RLP into the packed records. */

import {
  AccessEntry,
  Authorization,
  AuthorizationFlag,
  Transaction,
  TransactionFlag,
} from '../native/wire.js'
import type { RlpReader } from '../rlp/reader.js'
import { copyBytes, copyNumber } from './column.js'
import { addRange } from './encoded-list.js'
import type { InputColumns } from './input-columns.js'
import { writeLegacyPayload, writeTypedPayload } from './signing-payload.js'

/** What the parity field says when the signature's `v` stands for no parity: never valid. */
const noParity = 255

/**
 * Reads the transactions of a list, of which `reader` is inside, and appends their records, their
 * signing payloads and their lists to `columns`. Only the form is checked here; whether a
 * transaction may be in a block is for the executor.
 */
export function readTransactions(reader: RlpReader, columns: InputColumns): void {
  for (let index = 0; !reader.done; index++) {
    reader.txIndex = index
    readEnvelope(reader, columns)
  }
  reader.txIndex = -1
}

/** One transaction in a block's list: a list if it is legacy, else a string of type and list. */
function readEnvelope(reader: RlpReader, columns: InputColumns): void {
  const { position } = reader
  reader.next('transaction')
  const { start, end, isList, limit } = reader
  addRange(columns.transactionRanges, isList ? position : start, end)
  if (isList) {
    reader.position = start
    reader.limit = end
    readLegacy(reader, columns)
  } else {
    if (start === end) throw reader.fail('DECODE_FIELD_SIZE', 'transaction', { actual: 0 })
    const type = reader.bytes[start]
    if (type < 1 || type > 4) {
      throw reader.fail('TX_TYPE_NOT_SUPPORTED', 'type', { actual: type })
    }
    reader.position = start + 1
    reader.limit = end
    const outer = reader.enter('transaction')
    readTyped(reader, columns, type)
    reader.leave('transaction', outer)
  }
  reader.leave('transaction', limit)
}

/** `nonce, gasPrice, gasLimit, to, value, data, v, r, s` (EIP-155 for v). */
function readLegacy(reader: RlpReader, columns: InputColumns): void {
  const at = columns.transactions.record(Transaction.SIZE)
  const unsignedStart = reader.position
  readUint64(reader, columns, at + Transaction.nonce, 'nonce')
  readNumber(reader, columns, at + Transaction.maxFeePerGas, 'gasPrice')
  copyField(columns, at + Transaction.maxPriorityFeePerGas, at + Transaction.maxFeePerGas)
  readUint64(reader, columns, at + Transaction.gasLimit, 'gasLimit')
  readTo(reader, columns, at)
  readNumber(reader, columns, at + Transaction.value, 'value')
  const dataStart = readData(reader, columns, at)
  const unsignedEnd = reader.position
  readLegacyV(reader, columns, at)
  readNumber(reader, columns, at + Transaction.r, 'r')
  readNumber(reader, columns, at + Transaction.s, 's')
  const poolStart = writeLegacyPayload(reader.bytes, columns, at, unsignedStart, unsignedEnd)
  columns.transactions.view.setUint32(
    at + Transaction.dataOffset,
    poolStart + dataStart - unsignedStart,
    true,
  )
}

/** The lists of types 1 to 4 (EIP-2930, EIP-1559, EIP-4844, EIP-7702). */
function readTyped(reader: RlpReader, columns: InputColumns, type: number): void {
  const at = columns.transactions.record(Transaction.SIZE)
  columns.transactions.bytes[at + Transaction.type] = type
  columns.transactions.bytes[at + Transaction.flags] = TransactionFlag.HasChainId
  const unsignedStart = reader.position
  readChainId(reader, columns, at)
  readUint64(reader, columns, at + Transaction.nonce, 'nonce')
  if (type === 1) {
    readNumber(reader, columns, at + Transaction.maxFeePerGas, 'gasPrice')
    copyField(columns, at + Transaction.maxPriorityFeePerGas, at + Transaction.maxFeePerGas)
  } else {
    readNumber(reader, columns, at + Transaction.maxPriorityFeePerGas, 'maxPriorityFeePerGas')
    readNumber(reader, columns, at + Transaction.maxFeePerGas, 'maxFeePerGas')
  }
  readUint64(reader, columns, at + Transaction.gasLimit, 'gasLimit')
  readTo(reader, columns, at)
  readNumber(reader, columns, at + Transaction.value, 'value')
  const dataStart = readData(reader, columns, at)
  readAccessList(reader, columns, at)
  if (type === 3) {
    readNumber(reader, columns, at + Transaction.maxFeePerBlobGas, 'maxFeePerBlobGas')
    readBlobHashes(reader, columns, at)
  } else if (type === 4) {
    readAuthorizations(reader, columns, at)
  }
  const unsignedEnd = reader.position
  reader.number('yParity', 32)
  columns.transactions.bytes[at + Transaction.yParity] = parityOf(reader)
  readNumber(reader, columns, at + Transaction.r, 'r')
  readNumber(reader, columns, at + Transaction.s, 's')
  const poolStart = writeTypedPayload(reader.bytes, columns, at, unsignedStart, unsignedEnd, type)
  columns.transactions.view.setUint32(
    at + Transaction.dataOffset,
    poolStart + dataStart - unsignedStart,
    true,
  )
}

function readUint64(reader: RlpReader, columns: InputColumns, field: number, name: string): void {
  reader.uint64(name)
  writeHalves(columns, field, reader.low, reader.high)
}

function writeHalves(columns: InputColumns, field: number, low: number, high: number): void {
  const { view } = columns.transactions
  view.setUint32(field, low, true)
  view.setUint32(field + 4, high, true)
}

function readNumber(reader: RlpReader, columns: InputColumns, field: number, name: string): void {
  reader.number(name, 32)
  copyNumber(columns.transactions.bytes, field + 32, reader.bytes, reader.start, reader.end)
}

/** Copies one 32-byte field of a record to another. */
function copyField(columns: InputColumns, target: number, source: number): void {
  columns.transactions.bytes.copyWithin(target, source, source + 32)
}

/** The chain id of a typed transaction; one beyond 64 bits is that of no chain. */
function readChainId(reader: RlpReader, columns: InputColumns, at: number): void {
  reader.number('chainId', 32)
  if (reader.end - reader.start > 8) throw reader.fail('TX_WRONG_CHAIN_ID', 'chainId')
  reader.halves()
  writeHalves(columns, at + Transaction.chainId, reader.low, reader.high)
}

function readTo(reader: RlpReader, columns: InputColumns, at: number): void {
  reader.optionalAddress('to')
  if (reader.start === reader.end) return
  const { bytes } = columns.transactions
  bytes[at + Transaction.flags] |= TransactionFlag.HasTo
  copyBytes(bytes, at + Transaction.to, reader.bytes, reader.start, reader.end)
}

/** Reads the data's size; returns where the data starts in the source. */
function readData(reader: RlpReader, columns: InputColumns, at: number): number {
  reader.string('data')
  columns.transactions.view.setUint32(at + Transaction.dataSize, reader.end - reader.start, true)
  return reader.start
}

function parityOf(reader: RlpReader): number {
  if (reader.start === reader.end) return 0
  return reader.end - reader.start === 1 && reader.bytes[reader.start] === 1 ? 1 : noParity
}

/** `v` is 27 or 28, or 35 and more for a parity and a chain id (EIP-155). */
function readLegacyV(reader: RlpReader, columns: InputColumns, at: number): void {
  reader.number('v', 32)
  // A chain id beyond 63 bits is that of no chain that can be named here.
  if (reader.end - reader.start > 8) throw reader.fail('TX_WRONG_CHAIN_ID', 'v')
  reader.halves()
  const { high, low } = reader
  const { bytes } = columns.transactions
  if (high === 0 && low < 35) {
    bytes[at + Transaction.yParity] = low === 27 || low === 28 ? low - 27 : noParity
    return
  }
  const restLow = (low - 35) >>> 0
  const restHigh = low < 35 ? high - 1 : high
  bytes[at + Transaction.flags] |= TransactionFlag.HasChainId
  bytes[at + Transaction.yParity] = restLow & 1
  writeHalves(
    columns,
    at + Transaction.chainId,
    ((restLow >>> 1) | (restHigh << 31)) >>> 0,
    restHigh >>> 1,
  )
}

function readAccessList(reader: RlpReader, columns: InputColumns, at: number): void {
  const { accessEntries, storageKeys, transactions } = columns
  const outer = reader.enter('accessList')
  const first = accessEntries.size / AccessEntry.SIZE
  while (!reader.done) {
    const entry = accessEntries.record(AccessEntry.SIZE)
    const outerEntry = reader.enter('accessList')
    reader.sized('accessList.address', 20)
    copyBytes(accessEntries.bytes, entry, reader.bytes, reader.start, reader.end)
    const outerKeys = reader.enter('accessList.storageKeys')
    const firstKey = storageKeys.size / 32
    while (!reader.done) {
      reader.sized('accessList.storageKeys', 32)
      storageKeys.append(reader.bytes, reader.start, reader.end)
    }
    reader.leave('accessList.storageKeys', outerKeys)
    reader.leave('accessList', outerEntry)
    accessEntries.view.setUint32(entry + AccessEntry.keyStart, firstKey, true)
    accessEntries.view.setUint32(
      entry + AccessEntry.keyCount,
      storageKeys.size / 32 - firstKey,
      true,
    )
  }
  reader.leave('accessList', outer)
  transactions.view.setUint32(at + Transaction.accessStart, first, true)
  const count = accessEntries.size / AccessEntry.SIZE - first
  transactions.view.setUint32(at + Transaction.accessCount, count, true)
}

function readBlobHashes(reader: RlpReader, columns: InputColumns, at: number): void {
  const { blobHashes, transactions } = columns
  const outer = reader.enter('blobVersionedHashes')
  const first = blobHashes.size / 32
  while (!reader.done) {
    reader.sized('blobVersionedHashes', 32)
    blobHashes.append(reader.bytes, reader.start, reader.end)
  }
  reader.leave('blobVersionedHashes', outer)
  transactions.view.setUint32(at + Transaction.blobStart, first, true)
  transactions.view.setUint32(at + Transaction.blobCount, blobHashes.size / 32 - first, true)
}

/**
 * `chainId, address, nonce, yParity, r, s` each. Numbers beyond the sizes that EIP-7702 names make
 * the transaction undecodable; a parity above 1 only makes the authorization void.
 */
function readAuthorizations(reader: RlpReader, columns: InputColumns, at: number): void {
  const { authorizations, transactions } = columns
  const outer = reader.enter('authorizationList')
  const first = authorizations.size / Authorization.SIZE
  while (!reader.done) {
    const entry = authorizations.record(Authorization.SIZE)
    const { bytes, view } = authorizations
    const outerEntry = reader.enter('authorizationList')
    reader.number('authorizationList.chainId', 32)
    copyNumber(bytes, entry + Authorization.chainId + 32, reader.bytes, reader.start, reader.end)
    reader.sized('authorizationList.address', 20)
    copyBytes(bytes, entry + Authorization.address, reader.bytes, reader.start, reader.end)
    reader.uint64('authorizationList.nonce')
    view.setUint32(entry + Authorization.nonce, reader.low, true)
    view.setUint32(entry + Authorization.nonce + 4, reader.high, true)
    reader.number('authorizationList.yParity', 1)
    const parity = reader.start === reader.end ? 0 : reader.bytes[reader.start]
    bytes[entry + Authorization.yParity] = parity
    if (parity > 1) bytes[entry + Authorization.flags] = AuthorizationFlag.Malformed
    reader.number('authorizationList.r', 32)
    copyNumber(bytes, entry + Authorization.r + 32, reader.bytes, reader.start, reader.end)
    reader.number('authorizationList.s', 32)
    copyNumber(bytes, entry + Authorization.s + 32, reader.bytes, reader.start, reader.end)
    reader.leave('authorizationList', outerEntry)
  }
  reader.leave('authorizationList', outer)
  transactions.view.setUint32(at + Transaction.authorizationStart, first, true)
  const count = authorizations.size / Authorization.SIZE - first
  transactions.view.setUint32(at + Transaction.authorizationCount, count, true)
}
