/** Receipts, read out of the packed output when they are looked at. */

import type { Hex } from '../block/types.js'
import { displayAs } from '../display.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, ReceiptFlag, Receipt as ReceiptLayout } from '../native/wire.js'
import type { BlockReceiptContext, ReceiptContext } from './context.js'
import { BlockLog, Log } from './log.js'
import { type RpcReceipt, rpcReceipt } from './rpc.js'
import { TRANSACTION_TYPES, type TransactionType } from './transaction-type.js'

/** The outcome of a transaction: the shape of viem's `TransactionReceipt`. */
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

  /**
   * The address of the contract where the transaction is a creation, whether or not it succeeded, as
   * nodes give it; else null.
   */
  get contractAddress(): Hex | null {
    const flags = this.#output.u16(this.#at + ReceiptLayout.flags)
    return flags & ReceiptFlag.HasContractAddress
      ? this.#output.hex(this.#at + ReceiptLayout.contractAddress, 20)
      : null
  }

  /**
   * What the outermost call frame returned, or its revert data; of a creation that succeeded the code
   * that its contract was given.
   */
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
      this.#logs = Array.from({ length }, (_, i) => this.makeLog(this.#output, first + i))
    }
    return this.#logs
  }

  /** @internal */
  protected makeLog(output: PackedReader, logIndex: number): Log {
    return new Log(output, this.#context, logIndex, this.transactionIndex)
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

  static {
    displayAs(Receipt, (receipt) => receipt.toJSON())
  }
}

/** The receipt of a transaction that is in a block. */
export class BlockReceipt extends Receipt {
  readonly #context: BlockReceiptContext

  /** @internal */
  constructor(output: PackedReader, context: BlockReceiptContext, transactionIndex: number) {
    super(output, context, transactionIndex)
    this.#context = context
  }

  /** Whether the block's receipts hold a status, as they do since Byzantium, and no state root. */
  get hasStatus(): boolean {
    return this.#context.hasStatus
  }

  /** The logs of the transaction. */
  override get logs(): BlockLog[] {
    return super.logs as BlockLog[]
  }

  /** The hash of the transaction. */
  override get transactionHash(): Hex {
    return this.#context.transactionHash(this.transactionIndex)
  }

  /** The hash of the transaction's block. */
  override get blockHash(): Hex {
    return this.#context.blockHash
  }

  /** The receipt as a plain object: viem's `TransactionReceipt`. Numbers are bigint as everywhere. */
  override toJSON() {
    const { blockHash, transactionHash } = this
    const logs = this.logs.map((log) => log.toJSON())
    return { ...super.toJSON(), blockHash, transactionHash, logs }
  }

  /**
   * The receipt as nodes give it by JSON-RPC: an element of what `eth_getBlockReceipts` answers.
   * Before Byzantium it has neither `status` nor `root` unless the block was executed with
   * `transactionRoots`.
   */
  toRpcReceipt(): RpcReceipt {
    return rpcReceipt(this)
  }

  /** @internal */
  protected override makeLog(output: PackedReader, logIndex: number): BlockLog {
    return new BlockLog(output, this.#context, logIndex, this.transactionIndex)
  }
}

/** The receipts of a packed output, one object per transaction. */
export function readReceipts(output: PackedReader, context: ReceiptContext): readonly Receipt[] {
  return Array.from(
    { length: output.sectionCount(BlockOutput.receipts) },
    (_, index) => new Receipt(output, context, index),
  )
}

/** The receipts of a block's packed output, one object per transaction. */
export function readBlockReceipts(
  output: PackedReader,
  context: BlockReceiptContext,
): readonly BlockReceipt[] {
  return Array.from(
    { length: output.sectionCount(BlockOutput.receipts) },
    (_, index) => new BlockReceipt(output, context, index),
  )
}
