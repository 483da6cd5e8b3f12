/** Logs, read out of the packed output. */

import { displayAs } from '../display.js'
import { type Hex, quantity } from '../hex/index.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, Log as LogLayout } from '../native/wire.js'
import { lazyMember } from '../own-members.js'
import type { ReceiptContext } from './receipt-context.js'
import type { AnyRpcLog, RpcLog } from './rpc-receipts.js'

/** Bytes beyond which a member is made when it is looked at: before, making it at once is cheaper. */
export const largeSize = 1024

/**
 * A log entry of a transaction: the shape of viem's `Log`. All members are its own: `{ ...log }` and
 * `structuredClone(log)` have them too.
 */
export class Log {
  /** The contract that emitted the log. */
  declare readonly address: Hex
  /** The indexed topics, 0 to 4 of 32 bytes each. */
  declare readonly topics: [] | [Hex, ...Hex[]]
  /** The data of the log. */
  declare readonly data: Hex
  /** The hash of the log's block. */
  declare readonly blockHash: Hex | undefined
  /** The number of the log's block. */
  declare readonly blockNumber: bigint
  /** The timestamp of the log's block, in seconds. */
  declare readonly blockTimestamp: bigint
  /** The hash of the log's transaction. */
  declare readonly transactionHash: Hex | undefined
  /** The position of the log's transaction in its block. */
  declare readonly transactionIndex: number
  /** The position of the log in its block. */
  declare readonly logIndex: number
  /** Whether the log's block has left the chain, which executing it cannot tell: false. */
  declare readonly removed: false

  /** @internal */
  constructor(
    output: PackedReader,
    context: ReceiptContext,
    logIndex: number,
    transactionIndex: number,
  ) {
    const at = output.sectionOffset(BlockOutput.logs) + logIndex * LogLayout.SIZE
    this.address = output.hex(at + LogLayout.address, 20)
    this.topics = readTopics(output, at)
    const size = output.u32(at + LogLayout.dataSize)
    const offset = output.sectionOffset(BlockOutput.pool) + output.u32(at + LogLayout.dataOffset)
    if (size <= largeSize) this.data = output.hex(offset, size)
    else lazyMember(this, 'data', () => output.hex(offset, size))
    this.blockHash = context.blockHash
    this.blockNumber = context.blockNumber
    this.blockTimestamp = context.blockTimestamp
    this.transactionHash = context.transactionHash(transactionIndex)
    this.transactionIndex = transactionIndex
    this.logIndex = logIndex
    this.removed = false
  }

  /** The log as JSON-RPC gives it; null for hashes that there are none of. */
  toJSON(): object {
    return rpcLog(this)
  }

  static {
    displayAs(Log, (log) => ({ ...log }))
  }
}

/** A log of a transaction that is in a block. */
export class BlockLog extends Log {
  /** The hash of the log's block. */
  declare readonly blockHash: Hex
  /** The hash of the log's transaction. */
  declare readonly transactionHash: Hex

  /** The log as JSON-RPC gives it; see {@link toRpcLog}. */
  override toJSON(): RpcLog {
    return rpcLog(this) as RpcLog
  }

  /** The log as nodes give it by JSON-RPC (`eth_getLogs`). */
  toRpcLog(): RpcLog {
    return this.toJSON()
  }
}

function readTopics(output: PackedReader, log: number): [] | [Hex, ...Hex[]] {
  const first =
    output.sectionOffset(BlockOutput.topics) + 32 * output.u32(log + LogLayout.topicStart)
  const count = output.u32(log + LogLayout.topicCount)
  const topics: Hex[] = []
  for (let i = 0; i < count; i++) topics.push(output.hex(first + 32 * i, 32))
  return topics as [] | [Hex, ...Hex[]]
}

/** A log as nodes give it, its members in the order that geth writes them. */
export function rpcLog(log: Log): AnyRpcLog {
  return {
    address: log.address,
    topics: log.topics,
    data: log.data,
    blockNumber: quantity(log.blockNumber),
    transactionHash: log.transactionHash ?? null,
    transactionIndex: quantity(log.transactionIndex),
    blockHash: log.blockHash ?? null,
    blockTimestamp: quantity(log.blockTimestamp),
    logIndex: quantity(log.logIndex),
    removed: log.removed,
  }
}
