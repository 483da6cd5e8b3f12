/** Logs and receipts as columns: typed arrays for tables and analytics, copied out of the packed output at once. */

import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, Log, Receipt, ReceiptFlag } from '../native/wire.js'
import { everyLog, filteredLogs, type LogFilter, logAt, mostTopics } from './log-filter.js'
import type { ReceiptContext } from './receipt-context.js'

/** Logs as columns; row `i` of each is the same log. */
export interface LogColumns {
  /** How many there are. */
  readonly length: number
  /** Positions in the block. */
  readonly logIndex: Uint32Array
  /** The positions of their transactions in the block. */
  readonly transactionIndex: Uint32Array
  /** 20 bytes each. */
  readonly address: Uint8Array
  /** How many topics each has. */
  readonly topicCount: Uint8Array
  /** 128 bytes each: four topics of 32; those that are not there are zeros. */
  readonly topics: Uint8Array
  /** The data of log `i` is `data.subarray(dataOffset[i], dataOffset[i + 1])`: one more than there are logs. */
  readonly dataOffset: Uint32Array
  /** The data of all, one behind the other. */
  readonly data: Uint8Array
}

/** Receipts as columns; row `i` of each is that of transaction `i`. */
export interface ReceiptColumns {
  /** How many there are. */
  readonly length: number
  /** 32 bytes each; zeros where a transaction has none, which nobody signed. */
  readonly transactionHash: Uint8Array
  /** Type bytes (EIP-2718); 0: legacy. */
  readonly type: Uint8Array
  /** 1: succeeded. */
  readonly status: Uint8Array
  /** How the outermost call frames ended: EVMC status codes. */
  readonly evmStatus: Int32Array
  /** 20 bytes each. */
  readonly from: Uint8Array
  /** 20 bytes each; zeros where {@link creates} is 1. */
  readonly to: Uint8Array
  /** 1: a contract is created. */
  readonly creates: Uint8Array
  /** 20 bytes each; zeros where none is created. */
  readonly contractAddress: Uint8Array
  /** The gas that was paid for. */
  readonly gasUsed: BigUint64Array
  /** The gas used in the block up to and including the transaction. */
  readonly cumulativeGasUsed: BigUint64Array
  /** 0: no blobs. */
  readonly blobGasUsed: BigUint64Array
  /** 32 bytes each, big-endian: in wei. */
  readonly effectiveGasPrice: Uint8Array
  /** The position in the block of each one's first log. */
  readonly logStart: Uint32Array
  /** How many logs each has. */
  readonly logCount: Uint32Array
}

/** What executing gave, as columns. They are copies, made when they are looked at. */
export interface ResultColumns {
  /** The logs: those of the filter, or all. */
  readonly logs: LogColumns
  /** All receipts. */
  readonly receipts: ReceiptColumns
}

/** The logs of an output that a filter wants. */
export function logColumns(output: PackedReader, filter: LogFilter | undefined): LogColumns {
  const logs = filter === undefined ? [...everyLog(output)] : filteredLogs(output, filter)
  const { length } = logs
  const dataOffset = new Uint32Array(length + 1)
  for (const [i, { logIndex }] of logs.entries()) {
    dataOffset[i + 1] = dataOffset[i] + output.u32(logAt(output, logIndex) + Log.dataSize)
  }
  const columns: LogColumns = {
    length,
    logIndex: Uint32Array.from(logs, ({ logIndex }) => logIndex),
    transactionIndex: Uint32Array.from(logs, ({ transactionIndex }) => transactionIndex),
    address: new Uint8Array(20 * length),
    topicCount: new Uint8Array(length),
    topics: new Uint8Array(32 * mostTopics * length),
    dataOffset,
    data: new Uint8Array(dataOffset[length]),
  }
  const topics = output.sectionOffset(BlockOutput.topics)
  const pool = output.sectionOffset(BlockOutput.pool)
  for (const [i, { logIndex }] of logs.entries()) {
    const at = logAt(output, logIndex)
    const count = output.u32(at + Log.topicCount)
    const first = topics + 32 * output.u32(at + Log.topicStart)
    columns.address.set(output.slice(at + Log.address, 20), 20 * i)
    columns.topicCount[i] = count
    columns.topics.set(output.slice(first, 32 * count), 32 * mostTopics * i)
    const offset = pool + output.u32(at + Log.dataOffset)
    columns.data.set(output.slice(offset, dataOffset[i + 1] - dataOffset[i]), dataOffset[i])
  }
  return columns
}

/** The receipts of an output. */
export function receiptColumns(output: PackedReader, context: ReceiptContext): ReceiptColumns {
  const length = output.sectionCount(BlockOutput.receipts)
  const first = output.sectionOffset(BlockOutput.receipts)
  const rows = Array.from({ length }, (_, i) => first + i * Receipt.SIZE)
  const bytesOf = (field: number, size: number) => {
    const column = new Uint8Array(size * length)
    for (const [i, at] of rows.entries()) column.set(output.slice(at + field, size), size * i)
    return column
  }
  const hexes = (size: number, hexOf: (index: number) => string | null | undefined) => {
    const column = Buffer.alloc(size * length)
    for (let i = 0; i < length; i++) column.write(hexOf(i)?.slice(2) ?? '', size * i, 'hex')
    return new Uint8Array(column.buffer, column.byteOffset, column.length)
  }
  const u64 = (field: number) => BigUint64Array.from(rows, (at) => output.u64(at + field))
  const u32 = (field: number) => Uint32Array.from(rows, (at) => output.u32(at + field))
  return {
    length,
    transactionHash: hexes(32, (i) => context.transactionHash(i)),
    type: bytesOf(Receipt.type, 1),
    status: bytesOf(Receipt.status, 1),
    evmStatus: Int32Array.from(rows, (at) => output.i32(at + Receipt.evmStatus)),
    from: bytesOf(Receipt.sender, 20),
    to: hexes(20, (i) => context.to(i)),
    creates: Uint8Array.from(rows, (at) => createsContract(output, at)),
    contractAddress: withoutStale(bytesOf(Receipt.contractAddress, 20), output, rows),
    gasUsed: u64(Receipt.gasUsed),
    cumulativeGasUsed: u64(Receipt.cumulativeGasUsed),
    blobGasUsed: u64(Receipt.blobGasUsed),
    effectiveGasPrice: bytesOf(Receipt.effectiveGasPrice, 32),
    logStart: u32(Receipt.logStart),
    logCount: u32(Receipt.logCount),
  }
}

function createsContract(output: PackedReader, at: number): number {
  return (output.u16(at + Receipt.flags) & ReceiptFlag.HasContractAddress) === 0 ? 0 : 1
}

/** Addresses only where there are such. */
function withoutStale(
  column: Uint8Array,
  output: PackedReader,
  rows: readonly number[],
): Uint8Array {
  for (const [i, at] of rows.entries()) {
    if (createsContract(output, at) === 0) column.fill(0, 20 * i, 20 * i + 20)
  }
  return column
}
