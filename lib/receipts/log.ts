/** Logs, read out of the packed output when they are looked at. */

import type { Hex } from '../block/types.js'
import { displayAs } from '../display.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, Log as LogLayout } from '../native/wire.js'
import type { BlockReceiptContext, ReceiptContext } from './context.js'
import { type RpcLog, rpcLog } from './rpc.js'

/** A log entry of a transaction: the shape of viem's `Log`. */
export class Log {
  readonly #output: PackedReader
  readonly #at: number
  readonly #context: ReceiptContext

  /** The position of the log in its block. */
  readonly logIndex: number

  /** The position of the log's transaction in its block. */
  readonly transactionIndex: number

  /** @internal */
  constructor(
    output: PackedReader,
    context: ReceiptContext,
    logIndex: number,
    transactionIndex: number,
  ) {
    this.#output = output
    this.#context = context
    this.#at = output.sectionOffset(BlockOutput.logs) + logIndex * LogLayout.SIZE
    this.logIndex = logIndex
    this.transactionIndex = transactionIndex
  }

  /** The contract that emitted the log. */
  get address(): Hex {
    return this.#output.hex(this.#at + LogLayout.address, 20)
  }

  /** The indexed topics, 0 to 4 of 32 bytes each. */
  get topics(): [] | [Hex, ...Hex[]] {
    const output = this.#output
    const first =
      output.sectionOffset(BlockOutput.topics) + 32 * output.u32(this.#at + LogLayout.topicStart)
    const count = output.u32(this.#at + LogLayout.topicCount)
    return Array.from({ length: count }, (_, i) => output.hex(first + 32 * i, 32)) as
      | []
      | [Hex, ...Hex[]]
  }

  /** The data of the log. */
  get data(): Hex {
    const output = this.#output
    const offset = output.u32(this.#at + LogLayout.dataOffset)
    const size = output.u32(this.#at + LogLayout.dataSize)
    return output.hex(output.sectionOffset(BlockOutput.pool) + offset, size)
  }

  /** The hash of the log's block. */
  get blockHash(): Hex | undefined {
    return this.#context.blockHash
  }

  /** The number of the log's block. */
  get blockNumber(): bigint {
    return this.#context.blockNumber
  }

  /** The timestamp of the log's block, in seconds. */
  get blockTimestamp(): bigint {
    return this.#context.blockTimestamp
  }

  /** The hash of the log's transaction. */
  get transactionHash(): Hex | undefined {
    return this.#context.transactionHash(this.transactionIndex)
  }

  /** Whether the log's block has left the chain, which executing it cannot tell: false. */
  get removed(): false {
    return false
  }

  /** The log as a plain object; numbers are bigint as everywhere. */
  toJSON() {
    const { address, topics, data, logIndex, transactionIndex } = this
    const { blockHash, blockNumber, blockTimestamp, transactionHash, removed } = this
    return {
      address,
      topics,
      data,
      blockHash,
      blockNumber,
      blockTimestamp,
      transactionHash,
      transactionIndex,
      logIndex,
      removed,
    }
  }

  static {
    displayAs(Log, (log) => log.toJSON())
  }
}

/** A log of a transaction that is in a block. */
export class BlockLog extends Log {
  readonly #context: BlockReceiptContext

  /** @internal */
  constructor(
    output: PackedReader,
    context: BlockReceiptContext,
    logIndex: number,
    transactionIndex: number,
  ) {
    super(output, context, logIndex, transactionIndex)
    this.#context = context
  }

  /** The hash of the log's block. */
  override get blockHash(): Hex {
    return this.#context.blockHash
  }

  /** The hash of the log's transaction. */
  override get transactionHash(): Hex {
    return this.#context.transactionHash(this.transactionIndex)
  }

  /** The log as a plain object: viem's `Log`. Numbers are bigint as everywhere. */
  override toJSON() {
    const { blockHash, transactionHash } = this
    return { ...super.toJSON(), blockHash, transactionHash }
  }

  /** The log as nodes give it by JSON-RPC (`eth_getLogs`). */
  toRpcLog(): RpcLog {
    return rpcLog(this)
  }
}
