/** The consensus encoding of receipts, out of the packed output without objects in between. */

import { keccak256 } from '../native/load.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, Log, Receipt } from '../native/wire.js'
import { RlpWriter, stringBase } from '../rlp/index.js'
import { listRoot } from '../trie/list-root.js'

const writer = new RlpWriter()

/**
 * The encoding of a receipt that the receipts trie holds: rlp([status, cumulative gas, bloom, logs])
 * (EIP-658), behind the type byte for typed transactions (EIP-2718).
 *
 * @param stateRoot what the receipt holds instead of the status before Byzantium
 */
export function encodeReceipt(
  output: PackedReader,
  index: number,
  stateRoot?: Uint8Array,
): Uint8Array {
  const at = output.sectionOffset(BlockOutput.receipts) + index * Receipt.SIZE
  writer.clear()
  writeLogs(output, output.u32(at + Receipt.logStart), output.u32(at + Receipt.logCount))
  writer.bytes(output.slice(at + Receipt.bloom, 256))
  writeUint64(output, at + Receipt.cumulativeGasUsed)
  if (stateRoot !== undefined) writer.bytes(stateRoot)
  else writer.byte(output.u8(at + Receipt.status) === 1 ? 1 : stringBase)
  writer.list(0)
  const type = output.u8(at + Receipt.type)
  if (type !== 0) writer.byte(type)
  return writer.peek().slice()
}

/**
 * The root of the trie of receipts that hold state roots. From Byzantium on the packed output has the
 * root.
 *
 * @param stateRoots the state root after each transaction
 */
export function receiptsRootBeforeByzantium(
  output: PackedReader,
  stateRoots: readonly Uint8Array[],
): Uint8Array {
  return listRoot(stateRoots.map((root, index) => encodeReceipt(output, index, root)))
}

/** keccak256 of the RLP list of all logs of the output: what state tests compare. */
export function logsHash(output: PackedReader): Uint8Array {
  writer.clear()
  writeLogs(output, 0, output.sectionCount(BlockOutput.logs))
  return keccak256(writer.peek())
}

/** Writes a packed number: its bytes ascend in weight, which is the order the writer takes them in. */
function writeUint64(output: PackedReader, at: number): void {
  const end = writer.size
  let size = 8
  while (size > 0 && output.u8(at + size - 1) === 0) size--
  for (let i = 0; i < size; i++) writer.byte(output.u8(at + i))
  writer.string(end)
}

/** Writes the logs [first, first + count) as a list. */
function writeLogs(output: PackedReader, first: number, count: number): void {
  const logs = output.sectionOffset(BlockOutput.logs)
  const topics = output.sectionOffset(BlockOutput.topics)
  const pool = output.sectionOffset(BlockOutput.pool)
  const end = writer.size
  for (let index = first + count - 1; index >= first; index--) {
    const at = logs + index * Log.SIZE
    const logEnd = writer.size
    const data = pool + output.u32(at + Log.dataOffset)
    writer.bytesOf(output.bytes, data, output.u32(at + Log.dataSize))
    const topicsEnd = writer.size
    const topicStart = output.u32(at + Log.topicStart)
    for (let topic = output.u32(at + Log.topicCount) - 1; topic >= 0; topic--) {
      writer.bytesOf(output.bytes, topics + 32 * (topicStart + topic), 32)
    }
    writer.list(topicsEnd)
    writer.bytesOf(output.bytes, at + Log.address, 20)
    writer.list(logEnd)
  }
  writer.list(end)
}
