/** JSON-RPC blocks and transactions given as fields: into their RLP. */

import type { Hex } from '../hex/index.js'
import { RlpReader } from '../rlp/reader.js'
import { RlpWriter } from '../rlp/writer.js'
import { rpcNames, type TransactionNames } from './transaction-names.js'
import type { RpcBlock, RpcHeader, RpcTransaction } from './types.js'

/** A JSON-RPC block in the form that RLP blocks come in, and what RLP has no place for. */
export interface EncodedRpcBlock {
  /** The RLP of the block. */
  readonly encoded: Uint8Array
  /** Senders of the transactions that have no signature, by index. */
  readonly senders: ReadonlyMap<number, string>
  /** How many ommers were given by hash alone; they are not in {@link encoded}. */
  readonly missingOmmers: number
  /** The block hash that the JSON names. */
  readonly claimedHash: Hex | undefined
}

/** Names that viem gives to transaction types. */
const typeNames: ReadonlyMap<unknown, number> = new Map([
  ['legacy', 0],
  ['eip2930', 1],
  ['eip1559', 2],
  ['eip4844', 3],
  ['eip7702', 4],
])

/** What a block without its transactions' data takes, per transaction and at all. */
const bytesPerTransaction = 320
const bytesPerBlock = 2048

/**
 * Encodes a JSON-RPC block.
 *
 * @param trustSenders whether `from` stands for the sender where there is no signature
 * @throws BlockDecodeError, InvalidTransactionError with the transaction's index and the field
 */
export function encodeRpcBlock(block: RpcBlock, trustSenders: boolean): EncodedRpcBlock {
  const transactions = arrayOf<RpcTransaction | Uint8Array>(block.transactions)
  const writer = new RlpWriter(bytesPerBlock + bytesPerTransaction * (transactions?.length ?? 0))
  if (transactions === undefined)
    throw writer.wrongType('transactions', 'array', block.transactions)
  const mark = writer.size
  writeWithdrawals(writer, block)
  const missingOmmers = writeOmmers(writer, block)
  const senders = new Map<number, string>()
  const transactionsMark = writer.size
  for (let i = transactions.length - 1; i >= 0; i--) {
    writer.txIndex = i
    const transaction = transactions[i]
    if (transaction instanceof Uint8Array) {
      writeEncoded(writer, transaction)
      continue
    }
    if (typeof transaction !== 'object' || transaction === null) {
      throw writer.wrongType('transaction', 'full transaction', transaction)
    }
    const sender = senderOf(writer, transaction, trustSenders)
    if (sender !== undefined) senders.set(i, sender)
    writeTransaction(writer, transaction, sender === undefined)
  }
  writer.txIndex = -1
  writer.list(transactionsMark)
  writeHeaderOf(writer, block, '')
  writer.list(mark)
  const { hash } = block
  return {
    encoded: writer.peek(),
    senders,
    missingOmmers,
    claimedHash: typeof hash === 'string' ? (hash.toLowerCase() as Hex) : undefined,
  }
}

/** Writes an encoded transaction as it stands in a block's list: a list, or a string of type and list. */
function writeEncoded(writer: RlpWriter, encoded: Uint8Array): void {
  if (encoded.length > 0 && encoded[0] < 0x80) {
    writer.bytes(encoded)
    return
  }
  const reader = new RlpReader(encoded)
  reader.txIndex = writer.txIndex
  reader.next('transaction')
  if (!reader.isList) throw reader.fail('DECODE_FIELD_TYPE', 'transaction', { expected: 'list' })
  if (!reader.done) throw reader.fail('DECODE_RLP_TRAILING', 'transaction')
  writer.raw(encoded)
}

/**
 * Writes a transaction as it stands in a block's list: a list, or a string of type and list.
 *
 * @param signed whether it has a signature; else zeros stand for one
 * @param names what whoever gave the transaction calls its fields. Default: as JSON-RPC
 */
export function writeTransaction(
  writer: RlpWriter,
  tx: RpcTransaction,
  signed: boolean,
  names: TransactionNames = rpcNames,
): void {
  const type = typeOf(writer, tx)
  const mark = writer.size
  writer.quantity(signed ? tx.s : 0, 's', 32)
  writer.quantity(signed ? tx.r : 0, 'r', 32)
  if (type === 0) {
    writeLegacyItems(writer, tx, signed, names)
    writer.list(mark)
    return
  }
  const parity = signed ? (tx.yParity ?? tx.v) : 0
  writer.quantity(parity, tx.yParity == null ? 'v' : 'yParity', 32)
  if (type === 4) writeAuthorizations(writer, tx)
  if (type === 3) {
    writeHashes(writer, tx.blobVersionedHashes, 'blobVersionedHashes')
    writer.quantity(tx.maxFeePerBlobGas, 'maxFeePerBlobGas', 32)
  }
  writeAccessList(writer, tx)
  writeCommonItems(writer, tx, names)
  if (type === 1) {
    writer.quantity(tx.gasPrice, 'gasPrice', 32)
  } else {
    writer.quantity(tx.maxFeePerGas, 'maxFeePerGas', 32)
    writer.quantity(tx.maxPriorityFeePerGas, 'maxPriorityFeePerGas', 32)
  }
  writer.quantity(tx.nonce, 'nonce', 8)
  writer.quantity(tx.chainId, 'chainId', 32)
  writer.list(mark)
  writer.byte(type)
  writer.string(mark)
}

function typeOf(writer: RlpWriter, tx: RpcTransaction): number {
  const { type } = tx
  if (type === undefined || type === null) return 0
  const known = typeNames.get(type) ?? (/^0x0*[0-4]$/.test(String(type)) ? Number(type) : type)
  if (known === 0 || known === 1 || known === 2 || known === 3 || known === 4) return known
  const number = typeof known === 'bigint' ? Number(known) : Number.NaN
  if (number >= 0 && number <= 4) return number
  if (typeof type !== 'string' && typeof type !== 'number' && typeof type !== 'bigint') {
    throw writer.wrongType('type', 'quantity', type)
  }
  throw writer.fail('TX_TYPE_NOT_SUPPORTED', 'type', { actual: type })
}

const addressPattern = /^0x[0-9a-fA-F]{40}$/

/** The sender of a transaction without a signature; undefined for signed ones. */
function senderOf(
  writer: RlpWriter,
  tx: RpcTransaction,
  trustSenders: boolean,
): string | undefined {
  if (tx.r != null && tx.s != null) return undefined
  if (tx.r != null || tx.s != null)
    throw writer.fail('DECODE_FIELD_MISSING', tx.r == null ? 'r' : 's')
  if (!trustSenders) throw writer.fail('TX_UNSIGNED', 'r')
  const { from } = tx
  if (typeof from !== 'string' || !addressPattern.test(from)) {
    throw writer.wrongType('from', 'address', from)
  }
  return from
}

/** `nonce, gasPrice, gasLimit, to, value, data, v`, last to first. */
function writeLegacyItems(
  writer: RlpWriter,
  tx: RpcTransaction,
  signed: boolean,
  names: TransactionNames,
): void {
  if (signed) {
    writer.quantity(tx.v, 'v', 32)
  } else {
    writer.quantity(tx.chainId == null ? 27n : unsignedV(writer, tx.chainId), 'v', 32)
  }
  writeCommonItems(writer, tx, names)
  writer.quantity(tx.gasPrice, 'gasPrice', 32)
  writer.quantity(tx.nonce, 'nonce', 8)
}

/** The `v` of EIP-155 for parity 0. */
function unsignedV(writer: RlpWriter, chainId: unknown): bigint {
  if (typeof chainId !== 'string' && typeof chainId !== 'bigint' && typeof chainId !== 'number') {
    throw writer.wrongType('chainId', 'quantity', chainId)
  }
  let id: bigint
  try {
    id = BigInt(chainId)
  } catch {
    throw writer.wrongType('chainId', 'quantity', String(chainId))
  }
  if (id < 0n) throw writer.fail('DECODE_FIELD_RANGE', 'chainId', { actual: id })
  const v = 2n * id + 35n
  // A chain that `v` has no room for is one that cannot be named.
  if (v >> 64n !== 0n) throw writer.fail('TX_WRONG_CHAIN_ID', 'chainId', { actual: id })
  return v
}

/** `gasLimit, to, value, data`, last to first. */
function writeCommonItems(writer: RlpWriter, tx: RpcTransaction, names: TransactionNames): void {
  writer.data(tx.input, names.input)
  writer.quantity(tx.value, 'value', 32)
  const { to } = tx
  if (to === undefined || to === null || to === '' || to === '0x') writer.data('0x', 'to')
  else writer.data(to, 'to', 20)
  writer.quantity(tx.gas, names.gas, 8)
}

function writeAccessList(writer: RlpWriter, tx: RpcTransaction): void {
  const mark = writer.size
  const entries = arrayOf<unknown>(tx.accessList ?? [])
  if (entries === undefined) throw writer.wrongType('accessList', 'array', tx.accessList)
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = memberOf(writer, entries[i], 'accessList')
    const entryMark = writer.size
    writeHashes(writer, entry.storageKeys, 'accessList.storageKeys')
    writer.data(entry.address, 'accessList.address', 20)
    writer.list(entryMark)
  }
  writer.list(mark)
}

function writeHashes(writer: RlpWriter, value: unknown, field: string): void {
  const mark = writer.size
  const hashes = arrayOf<unknown>(value)
  if (hashes === undefined) throw writer.wrongType(field, 'array', value)
  for (let i = hashes.length - 1; i >= 0; i--) writer.data(hashes[i], field, 32)
  writer.list(mark)
}

function writeAuthorizations(writer: RlpWriter, tx: RpcTransaction): void {
  const field = 'authorizationList'
  const mark = writer.size
  const list = arrayOf<unknown>(tx.authorizationList)
  if (list === undefined) throw writer.wrongType(field, 'array', tx.authorizationList)
  for (let i = list.length - 1; i >= 0; i--) {
    const item = memberOf(writer, list[i], field)
    const itemMark = writer.size
    writer.quantity(item.s, `${field}.s`, 32)
    writer.quantity(item.r, `${field}.r`, 32)
    writer.quantity(item.yParity ?? parityOfV(item.v), `${field}.yParity`, 1)
    writer.quantity(item.nonce, `${field}.nonce`, 8)
    writer.data(item.address, `${field}.address`, 20)
    writer.quantity(item.chainId, `${field}.chainId`, 32)
    writer.list(itemMark)
  }
  writer.list(mark)
}

/** Some sources give 27 or 28 where the parity belongs. */
function parityOfV(v: unknown): unknown {
  if (v === 27 || v === 27n || v === '0x1b') return 0
  if (v === 28 || v === 28n || v === '0x1c') return 1
  return v
}

function writeWithdrawals(writer: RlpWriter, block: RpcBlock): void {
  const { withdrawals } = block
  // Sources exist that give an empty list to blocks from before withdrawals.
  if (withdrawals == null || block.withdrawalsRoot == null) {
    if (Array.isArray(withdrawals) && withdrawals.length > 0) {
      throw writer.fail('DECODE_FIELD_MISSING', 'withdrawalsRoot')
    }
    return
  }
  const list = arrayOf<unknown>(withdrawals)
  if (list === undefined) throw writer.wrongType('withdrawals', 'array', withdrawals)
  const mark = writer.size
  for (let i = list.length - 1; i >= 0; i--) {
    const item = memberOf(writer, list[i], 'withdrawals')
    const itemMark = writer.size
    writer.quantity(item.amount, 'withdrawals.amount', 8)
    writer.data(item.address, 'withdrawals.address', 20)
    writer.quantity(item.validatorIndex, 'withdrawals.validatorIndex', 8)
    writer.quantity(item.index, 'withdrawals.index', 8)
    writer.list(itemMark)
  }
  writer.list(mark)
}

/** Writes the ommers that are given with their headers; returns how many are not. */
function writeOmmers(writer: RlpWriter, block: RpcBlock): number {
  const mark = writer.size
  const ommers = arrayOf<unknown>(block.uncles ?? [])
  if (ommers === undefined) throw writer.wrongType('uncles', 'array', block.uncles)
  let missing = 0
  for (let i = ommers.length - 1; i >= 0; i--) {
    if (typeof ommers[i] === 'string') {
      missing++
    } else {
      memberOf(writer, ommers[i], 'uncles')
      writeHeaderOf(writer, ommers[i] as RpcHeader, 'uncles.')
    }
  }
  writer.list(mark)
  return missing
}

/** Writes a header's list. Fields that are absent may only be absent at the end. */
function writeHeaderOf(writer: RlpWriter, header: RpcHeader, prefix: string): void {
  const mark = writer.size
  const { requestsHash, parentBeaconBlockRoot, excessBlobGas, blobGasUsed } = header
  if (requestsHash != null) writer.data(requestsHash, `${prefix}requestsHash`, 32)
  if (requestsHash != null || parentBeaconBlockRoot != null || blobGasUsed != null) {
    writer.data(parentBeaconBlockRoot, `${prefix}parentBeaconBlockRoot`, 32)
    writer.quantity(excessBlobGas, `${prefix}excessBlobGas`, 8)
    writer.quantity(blobGasUsed, `${prefix}blobGasUsed`, 8)
  }
  if (writer.size > mark || header.withdrawalsRoot != null) {
    writer.data(header.withdrawalsRoot, `${prefix}withdrawalsRoot`, 32)
  }
  if (writer.size > mark || header.baseFeePerGas != null) {
    writer.quantity(header.baseFeePerGas, `${prefix}baseFeePerGas`, 32)
  }
  writer.data(header.nonce, `${prefix}nonce`, 8)
  writer.data(header.mixHash, `${prefix}mixHash`, 32)
  writer.data(header.extraData, `${prefix}extraData`)
  writer.quantity(header.timestamp, `${prefix}timestamp`, 8)
  writer.quantity(header.gasUsed, `${prefix}gasUsed`, 8)
  writer.quantity(header.gasLimit, `${prefix}gasLimit`, 8)
  writer.quantity(header.number, `${prefix}number`, 8)
  writer.quantity(header.difficulty, `${prefix}difficulty`, 32)
  writer.data(header.logsBloom, `${prefix}logsBloom`, 256)
  writer.data(header.receiptsRoot, `${prefix}receiptsRoot`, 32)
  writer.data(header.transactionsRoot, `${prefix}transactionsRoot`, 32)
  writer.data(header.stateRoot, `${prefix}stateRoot`, 32)
  writer.data(header.miner, `${prefix}miner`, 20)
  writer.data(header.sha3Uncles, `${prefix}sha3Uncles`, 32)
  writer.data(header.parentHash, `${prefix}parentHash`, 32)
  writer.list(mark)
}

function arrayOf<T>(value: unknown): readonly T[] | undefined {
  return Array.isArray(value) ? value : undefined
}

function memberOf(writer: RlpWriter, value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw writer.wrongType(field, 'object', value)
  return value as Record<string, unknown>
}
