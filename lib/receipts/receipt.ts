/** Receipts and logs, read out of the packed output when they are looked at. */

import type { Hex } from '../block/types.js'
import type { PackedReader } from '../native/packed-reader.js'
import {
  BlockOutput,
  Log as LogLayout,
  ReceiptFlag,
  Receipt as ReceiptLayout,
} from '../native/wire.js'

/** Transaction types by their EIP-2718 number. */
export const TRANSACTION_TYPES = ['legacy', 'eip2930', 'eip1559', 'eip4844', 'eip7702'] as const

/** The name of a transaction type, as viem spells it. */
export type TransactionType = (typeof TRANSACTION_TYPES)[number]

/** What receipts say about their block and its transactions; the executor's output lacks it. */
export interface ReceiptContext {
  /** The block's hash, or undefined where the transactions stand in no block. */
  readonly blockHash: Hex | undefined
  /** The block's number. */
  readonly blockNumber: bigint
  /** What a unit of blob gas costs, in wei; undefined before Cancun. */
  readonly blobGasPrice: bigint | undefined
  /** The hash of a transaction by its index. */
  transactionHash(index: number): Hex | undefined
  /** The recipient of a transaction by its index, or null where it creates a contract. */
  to(index: number): Hex | null
  /** The state root after a transaction, before Byzantium and where it was asked for. */
  stateRoot?(index: number): Hex | undefined
}

/** A log entry of a transaction. */
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
  get topics(): Hex[] {
    const output = this.#output
    const first =
      output.sectionOffset(BlockOutput.topics) + 32 * output.u32(this.#at + LogLayout.topicStart)
    const count = output.u32(this.#at + LogLayout.topicCount)
    return Array.from({ length: count }, (_, i) => output.hex(first + 32 * i, 32))
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

  /** The hash of the log's transaction. */
  get transactionHash(): Hex | undefined {
    return this.#context.transactionHash(this.transactionIndex)
  }

  /** The log as a plain object; numbers are bigint as everywhere. */
  toJSON() {
    const { address, topics, data, logIndex, transactionIndex } = this
    const { blockHash, blockNumber, transactionHash } = this
    return {
      address,
      topics,
      data,
      blockHash,
      blockNumber,
      transactionHash,
      transactionIndex,
      logIndex,
    }
  }
}

/** The outcome of a transaction. */
export class Receipt {
  readonly #output: PackedReader
  readonly #at: number
  readonly #context: ReceiptContext
  #logs: readonly Log[] | undefined

  /** The position of the transaction in its block. */
  readonly transactionIndex: number

  /** @internal */
  constructor(output: PackedReader, context: ReceiptContext, transactionIndex: number) {
    this.#output = output
    this.#context = context
    this.#at = output.sectionOffset(BlockOutput.receipts) + transactionIndex * ReceiptLayout.SIZE
    this.transactionIndex = transactionIndex
  }

  /** The transaction's type. */
  get type(): TransactionType {
    return TRANSACTION_TYPES[this.#output.u8(this.#at + ReceiptLayout.type)]
  }

  /** Whether the transaction succeeded. Known for every fork, though receipts hold it since Byzantium. */
  get status(): 'success' | 'reverted' {
    return this.#output.u8(this.#at + ReceiptLayout.status) === 1 ? 'success' : 'reverted'
  }

  /**
   * The state root after the transaction, which receipts hold before Byzantium; undefined from then
   * on, and where the block was executed without `transactionRoots`.
   */
  get root(): Hex | undefined {
    return this.#context.stateRoot?.(this.transactionIndex)
  }

  /** How the outermost call frame ended: an EVMC status code (0 success, 2 revert, 3 out of gas…). */
  get evmStatus(): number {
    return this.#output.i32(this.#at + ReceiptLayout.evmStatus)
  }

  /** The gas the transaction paid for. */
  get gasUsed(): bigint {
    return this.#output.u64(this.#at + ReceiptLayout.gasUsed)
  }

  /** The gas used in the block up to and including this transaction. */
  get cumulativeGasUsed(): bigint {
    return this.#output.u64(this.#at + ReceiptLayout.cumulativeGasUsed)
  }

  /** What the sender paid for a unit of gas, in wei. */
  get effectiveGasPrice(): bigint {
    return this.#output.u256(this.#at + ReceiptLayout.effectiveGasPrice)
  }

  /** The blob gas of a blob transaction (EIP-4844); undefined for other types. */
  get blobGasUsed(): bigint | undefined {
    return this.type === 'eip4844'
      ? this.#output.u64(this.#at + ReceiptLayout.blobGasUsed)
      : undefined
  }

  /** What a unit of blob gas cost, in wei, for a blob transaction; undefined for other types. */
  get blobGasPrice(): bigint | undefined {
    return this.type === 'eip4844' ? this.#context.blobGasPrice : undefined
  }

  /** The sender. */
  get from(): Hex {
    return this.#output.hex(this.#at + ReceiptLayout.sender, 20)
  }

  /** The recipient, or null for a contract creation. */
  get to(): Hex | null {
    return this.#context.to(this.transactionIndex)
  }

  /** The address of the contract that the transaction created, or null. */
  get contractAddress(): Hex | null {
    const flags = this.#output.u16(this.#at + ReceiptLayout.flags)
    return flags & ReceiptFlag.HasContractAddress
      ? this.#output.hex(this.#at + ReceiptLayout.contractAddress, 20)
      : null
  }

  /** What the outermost call frame returned, or its revert data. */
  get output(): Hex {
    const output = this.#output
    const offset = output.u32(this.#at + ReceiptLayout.outputOffset)
    const size = output.u32(this.#at + ReceiptLayout.outputSize)
    return output.hex(output.sectionOffset(BlockOutput.pool) + offset, size)
  }

  /** The bloom filter of the transaction's logs, 256 bytes. */
  get logsBloom(): Hex {
    return this.#output.hex(this.#at + ReceiptLayout.bloom, 256)
  }

  /** The logs of the transaction. */
  get logs(): readonly Log[] {
    if (this.#logs === undefined) {
      const first = this.#output.u32(this.#at + ReceiptLayout.logStart)
      const length = this.#output.u32(this.#at + ReceiptLayout.logCount)
      this.#logs = Array.from(
        { length },
        (_, i) => new Log(this.#output, this.#context, first + i, this.transactionIndex),
      )
    }
    return this.#logs
  }

  /** The hash of the transaction. */
  get transactionHash(): Hex | undefined {
    return this.#context.transactionHash(this.transactionIndex)
  }

  /** The hash of the transaction's block. */
  get blockHash(): Hex | undefined {
    return this.#context.blockHash
  }

  /** The number of the transaction's block. */
  get blockNumber(): bigint {
    return this.#context.blockNumber
  }

  /** The receipt as a plain object; numbers are bigint as everywhere. */
  toJSON() {
    return {
      transactionHash: this.transactionHash,
      transactionIndex: this.transactionIndex,
      blockHash: this.blockHash,
      blockNumber: this.blockNumber,
      type: this.type,
      status: this.status,
      root: this.root,
      from: this.from,
      to: this.to,
      contractAddress: this.contractAddress,
      gasUsed: this.gasUsed,
      cumulativeGasUsed: this.cumulativeGasUsed,
      effectiveGasPrice: this.effectiveGasPrice,
      blobGasUsed: this.blobGasUsed,
      blobGasPrice: this.blobGasPrice,
      logsBloom: this.logsBloom,
      logs: this.logs.map((log) => log.toJSON()),
    }
  }
}

/** The receipts of a packed output, one object per transaction. */
export function readReceipts(output: PackedReader, context: ReceiptContext): readonly Receipt[] {
  return Array.from(
    { length: output.sectionCount(BlockOutput.receipts) },
    (_, index) => new Receipt(output, context, index),
  )
}
