/** Decoding of blocks: RLP, JSON-RPC and `@ethereumjs/block`. */

import { putHex } from '../arguments.js'
import { type BraidError, errorFor, isBraidError } from '../errors.js'
import { Ommer, Transaction, TransactionFlag, Withdrawal } from '../native/wire.js'
import { RlpReader } from '../rlp/reader.js'
import { copyBytes } from './column.js'
import { DecodedBlock } from './decoded-block.js'
import { addRange, EncodedList } from './encoded-list.js'
import { BlockHeader } from './header.js'
import { assembleInput, usualContextSize } from './input-assembly.js'
import { type InputColumns, withColumns } from './input-columns.js'
import { type EncodedRpcBlock, encodeRpcBlock } from './rpc-writer.js'
import { fieldNames, rpcNames } from './transaction-names.js'
import { readTransactions } from './transaction-reader.js'
import type { BlockSource, DecodeOptions, RpcBlock, SerializableBlock } from './types.js'

/**
 * Largest RLP of a block that is decoded, in bytes. Blocks are below 10 MiB from Osaka on (EIP-7934);
 * before, their gas limit keeps them below a few MiB.
 */
const maxBlockSize = 64 << 20

/**
 * Decodes a block.
 *
 * Only the form is checked: every value is of its type and size, RLP is canonical, nothing is
 * missing and nothing follows. What the hardfork decides is checked when the block is packed, what
 * the state decides when it is executed.
 *
 * @throws BlockDecodeError for what is not a block, with the field and the transaction's index;
 *   InvalidTransactionError for transactions of unknown type or of another chain, or unsigned ones
 */
export function decodeBlock(source: BlockSource, options: DecodeOptions = {}): DecodedBlock {
  if (typeof source !== 'object' || source === null) throw unknownSource(source)
  const bytes = guarded(() => (source instanceof Uint8Array ? copyOf(source) : undefined))
  if (bytes !== undefined) return decodeBlockRlp(bytes)
  return decodeObject(source as Exclude<BlockSource, Uint8Array>, options.trustSenders === true)
}

/**
 * A copy of the caller's bytes: what was decoded is looked at again as long as the result lives,
 * whatever becomes of the caller's buffer. Also frees the hot paths of subclasses like Buffer, which
 * would make their accesses polymorphic.
 */
function copyOf(source: Uint8Array): Uint8Array {
  if (source.length > maxBlockSize) {
    throw errorFor('DECODE_SOURCE_TOO_LARGE', { actual: source.length })
  }
  return new Uint8Array(source)
}

/** Encodes a JSON-RPC block as RLP: `[header, transactions, ommers, withdrawals?]`. */
export function encodeBlock(block: RpcBlock): Uint8Array {
  return guarded(() => encodeRpcBlock(block, false)).encoded
}

function decodeObject(source: RpcBlock | SerializableBlock, trustSenders: boolean): DecodedBlock {
  const read = guarded(() => {
    if (isSerializable(source)) {
      const encoded: unknown = source.serialize()
      if (encoded instanceof Uint8Array) return { encoded: copyOf(encoded) }
    } else if (Array.isArray(source.transactions)) {
      return encodeRpcBlock(source, trustSenders)
    }
    throw unknownSource(source)
  })
  return decodeBlockRlp(read.encoded, 'senders' in read ? read : undefined)
}

function isSerializable(source: RpcBlock | SerializableBlock): source is SerializableBlock {
  return 'serialize' in source && typeof source.serialize === 'function'
}

/** Runs code that reads a caller's objects: what their getters throw becomes an error of ours. */
function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (isBraidError(cause)) throw cause
    throw errorFor('DECODE_SOURCE_FAILED', {}, { cause })
  }
}

function unknownSource(source: unknown): BraidError {
  return errorFor('DECODE_SOURCE_UNKNOWN', { actual: source === null ? null : typeof source })
}

/** @param json what a JSON-RPC block says beyond its RLP */
function decodeBlockRlp(bytes: Uint8Array, json?: EncodedRpcBlock): DecodedBlock {
  if (bytes.length > maxBlockSize) {
    throw errorFor('DECODE_SOURCE_TOO_LARGE', { actual: bytes.length })
  }
  return withColumns((columns) => readBlock(new RlpReader(bytes), columns, json))
}

function readBlock(
  reader: RlpReader,
  columns: InputColumns,
  json: EncodedRpcBlock | undefined,
): DecodedBlock {
  const { bytes } = reader
  const outer = reader.enter('block')
  const header = BlockHeader.read(reader)

  const afterHeader = reader.enter('transactions')
  readTransactions(reader, columns)
  reader.leave('transactions', afterHeader)
  if (json !== undefined) putSenders(columns, json.senders)

  const ommersStart = reader.position
  const ommers = readOmmers(reader, columns, header)
  const ommersEncoding = bytes.subarray(ommersStart, reader.position)

  const hasWithdrawals = !reader.done
  if (hasWithdrawals) readWithdrawals(reader, columns)
  reader.leave('block', outer)
  if (!reader.done) throw reader.fail('DECODE_RLP_TRAILING', 'block')

  const systemInputsOffset = putSystemInputs(columns, header)
  return new DecodedBlock({
    size: bytes.length,
    header,
    transactions: new EncodedList(bytes, columns.transactionRanges),
    withdrawals: hasWithdrawals ? new EncodedList(bytes, columns.withdrawalRanges) : undefined,
    ommers,
    ommersEncoding,
    missingOmmers: json?.missingOmmers ?? 0,
    claimedHash: json?.claimedHash,
    names: json === undefined ? fieldNames : rpcNames,
    systemInputsOffset,
    input: assembleInput(columns, usualContextSize),
  })
}

function putSenders(columns: InputColumns, senders: ReadonlyMap<number, string>): void {
  const { bytes } = columns.transactions
  for (const [index, sender] of senders) {
    const at = index * Transaction.SIZE
    bytes[at + Transaction.flags] |= TransactionFlag.HasSender
    putHex(bytes, at + Transaction.sender, 20, sender, 'from')
  }
}

function readOmmers(reader: RlpReader, columns: InputColumns, block: BlockHeader): BlockHeader[] {
  const ommers: BlockHeader[] = []
  const outer = reader.enter('ommers')
  while (!reader.done) {
    const ommer = BlockHeader.read(reader, `ommers[${ommers.length}]`)
    ommers.push(ommer)
    const at = columns.ommers.record(Ommer.SIZE)
    columns.ommers.bytes.set(ommer.bytesOf('coinbase') ?? [], at + Ommer.coinbase)
    // Any depth that is not an ommer's is told when the block is packed.
    columns.ommers.view.setUint32(at + Ommer.depth, Number(block.number - ommer.number) >>> 0, true)
  }
  reader.leave('ommers', outer)
  return ommers
}

/** `index, validatorIndex, address, amount` each. */
function readWithdrawals(reader: RlpReader, columns: InputColumns): void {
  const { withdrawals } = columns
  const outer = reader.enter('withdrawals')
  while (!reader.done) {
    const start = reader.position
    const outerItem = reader.enter('withdrawals')
    reader.uint64('withdrawals.index')
    reader.uint64('withdrawals.validatorIndex')
    reader.sized('withdrawals.address', 20)
    const at = withdrawals.record(Withdrawal.SIZE)
    copyBytes(withdrawals.bytes, at + Withdrawal.address, reader.bytes, reader.start, reader.end)
    reader.uint64('withdrawals.amount')
    withdrawals.view.setUint32(at + Withdrawal.amount, reader.low, true)
    withdrawals.view.setUint32(at + Withdrawal.amount + 4, reader.high, true)
    reader.leave('withdrawals', outerItem)
    addRange(columns.withdrawalRanges, start, reader.position)
  }
  reader.leave('withdrawals', outer)
}

/** Puts what system calls are given behind the transactions' bytes in the pool. */
function putSystemInputs(columns: InputColumns, header: BlockHeader): number {
  const { pool } = columns
  const offset = pool.size
  for (const field of ['parentHash', 'parentBeaconBlockRoot'] as const) {
    const bytes = header.bytesOf(field)
    const at = pool.record(32)
    if (bytes !== undefined) pool.bytes.set(bytes, at)
  }
  return offset
}
