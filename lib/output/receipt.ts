/** Receipts, read out of the packed output. */

import { displayAs } from '../display.js'
import { type Hex, quantity } from '../hex/index.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, ReceiptFlag, Receipt as ReceiptLayout } from '../native/wire.js'
import { lazyMember, ownMembers } from '../own-members.js'
import { BlockLog, Log, largeSize, rpcLog } from './log.js'
import type { BlockReceiptContext, ReceiptContext } from './receipt-context.js'
import type { AnyRpcReceipt, RpcReceipt } from './rpc-receipts.js'
import { TRANSACTION_TYPES, type TransactionType } from './transaction-type.js'

/**
 * The outcome of a transaction: the shape of viem's `TransactionReceipt`. All members are its own:
 * `{ ...receipt }` and `structuredClone(receipt)` have them too.
 */
export class Receipt {
  /** The hash of the transaction. */
  declare readonly transactionHash: Hex | undefined
  /** The position of the transaction in its block. */
  declare readonly transactionIndex: number
  /** The hash of the transaction's block. */
  declare readonly blockHash: Hex | undefined
  /** The number of the transaction's block. */
  declare readonly blockNumber: bigint
  /** The transaction's type. */
  declare readonly type: TransactionType
  /** Whether the transaction succeeded. Known for every fork, though receipts hold it since Byzantium. */
  declare readonly status: 'success' | 'reverted'
  /**
   * The state root after the transaction, which receipts hold before Byzantium; undefined from then
   * on, and where the block was executed without `transactionRoots`.
   */
  declare readonly root: Hex | undefined
  /** How the outermost call frame ended: an EVMC status code (0 success, 2 revert, 3 out of gas…). */
  declare readonly evmStatus: number
  /** The sender. */
  declare readonly from: Hex
  /** The recipient, or null for a contract creation. */
  declare readonly to: Hex | null
  /**
   * The address of the contract where the transaction is a creation, whether or not it succeeded, as
   * nodes give it; else null.
   */
  declare readonly contractAddress: Hex | null
  /** The gas the transaction paid for. */
  declare readonly gasUsed: bigint
  /** The gas used in the block up to and including this transaction. */
  declare readonly cumulativeGasUsed: bigint
  /** What the sender paid for a unit of gas, in wei. */
  declare readonly effectiveGasPrice: bigint
  /** The blob gas of a blob transaction (EIP-4844); undefined for other types. */
  declare readonly blobGasUsed: bigint | undefined
  /** What a unit of blob gas cost, in wei, for a blob transaction; undefined for other types. */
  declare readonly blobGasPrice: bigint | undefined
  /**
   * What the outermost call frame returned, or its revert data; of a creation that succeeded the code
   * that its contract was given.
   */
  declare readonly output: Hex
  /** The bloom filter of the transaction's logs, 256 bytes. */
  declare readonly logsBloom: Hex
  /** The logs of the transaction, made when they are looked at. */
  declare readonly logs: Log[]

  readonly #packed: PackedReader
  readonly #context: ReceiptContext
  #logs: Log[] | undefined

  static readonly #members = ownMembers<Receipt>({
    logs(receipt) {
      receipt.#logs ??= receipt.#readLogs()
      return receipt.#logs
    },
  })

  /** @internal */
  constructor(packed: PackedReader, context: ReceiptContext, transactionIndex: number) {
    const at = packed.sectionOffset(BlockOutput.receipts) + transactionIndex * ReceiptLayout.SIZE
    this.transactionHash = context.transactionHash(transactionIndex)
    this.transactionIndex = transactionIndex
    this.blockHash = context.blockHash
    this.blockNumber = context.blockNumber
    this.type = TRANSACTION_TYPES[packed.u8(at + ReceiptLayout.type)]
    this.status = packed.u8(at + ReceiptLayout.status) === 1 ? 'success' : 'reverted'
    this.root = context.stateRoot?.(transactionIndex)
    this.evmStatus = packed.i32(at + ReceiptLayout.evmStatus)
    this.from = packed.hex(at + ReceiptLayout.sender, 20)
    this.to = context.to(transactionIndex)
    this.contractAddress =
      packed.u16(at + ReceiptLayout.flags) & ReceiptFlag.HasContractAddress
        ? packed.hex(at + ReceiptLayout.contractAddress, 20)
        : null
    this.gasUsed = packed.u64(at + ReceiptLayout.gasUsed)
    this.cumulativeGasUsed = packed.u64(at + ReceiptLayout.cumulativeGasUsed)
    this.effectiveGasPrice = packed.u256(at + ReceiptLayout.effectiveGasPrice)
    const isBlob = this.type === 'eip4844'
    this.blobGasUsed = isBlob ? packed.u64(at + ReceiptLayout.blobGasUsed) : undefined
    this.blobGasPrice = isBlob ? context.blobGasPrice : undefined
    const size = packed.u32(at + ReceiptLayout.outputSize)
    const offset =
      packed.sectionOffset(BlockOutput.pool) + packed.u32(at + ReceiptLayout.outputOffset)
    if (size <= largeSize) this.output = packed.hex(offset, size)
    else lazyMember(this, 'output', () => packed.hex(offset, size))
    this.logsBloom = packed.hex(at + ReceiptLayout.bloom, 256)
    Receipt.#members(this)
    this.#packed = packed
    this.#context = context
  }

  /** The receipt as JSON-RPC gives it; null for hashes that there are none of. */
  toJSON(): object {
    return rpcReceipt(this, true)
  }

  /** @internal */
  protected logAt(packed: PackedReader, context: ReceiptContext, logIndex: number): Log {
    return new Log(packed, context, logIndex, this.transactionIndex)
  }

  #readLogs(): Log[] {
    const packed = this.#packed
    const at =
      packed.sectionOffset(BlockOutput.receipts) + this.transactionIndex * ReceiptLayout.SIZE
    const first = packed.u32(at + ReceiptLayout.logStart)
    const length = packed.u32(at + ReceiptLayout.logCount)
    return Array.from({ length }, (_, i) => this.logAt(packed, this.#context, first + i))
  }

  static {
    displayAs(Receipt, (receipt) => ({ ...receipt }))
  }
}

/** The receipt of a transaction that is in a block. */
export class BlockReceipt extends Receipt {
  /** The hash of the transaction. */
  declare readonly transactionHash: Hex
  /** The hash of the transaction's block. */
  declare readonly blockHash: Hex
  /** The logs of the transaction, made when they are looked at. */
  declare readonly logs: BlockLog[]
  /** Whether the block's receipts hold a status, as they do since Byzantium, and no state root. */
  declare readonly hasStatus: boolean

  /** @internal */
  constructor(packed: PackedReader, context: BlockReceiptContext, transactionIndex: number) {
    super(packed, context, transactionIndex)
    this.hasStatus = context.hasStatus
  }

  /** The receipt as JSON-RPC gives it; see {@link toRpcReceipt}. */
  override toJSON(): RpcReceipt {
    return this.toRpcReceipt()
  }

  /**
   * The receipt as nodes give it by JSON-RPC: an element of what `eth_getBlockReceipts` answers.
   * Before Byzantium it has neither `status` nor `root` unless the block was executed with
   * `transactionRoots`.
   */
  toRpcReceipt(): RpcReceipt {
    return rpcReceipt(this, this.hasStatus) as RpcReceipt
  }

  /** @internal */
  protected override logAt(
    packed: PackedReader,
    context: ReceiptContext,
    logIndex: number,
  ): BlockLog {
    return new BlockLog(packed, context, logIndex, this.transactionIndex)
  }
}

/** The receipts of a packed output, one object per transaction. */
export function readReceipts(packed: PackedReader, context: ReceiptContext): readonly Receipt[] {
  return Array.from(
    { length: packed.sectionCount(BlockOutput.receipts) },
    (_, index) => new Receipt(packed, context, index),
  )
}

/** The receipts of a block's packed output, one object per transaction. */
export function readBlockReceipts(
  packed: PackedReader,
  context: BlockReceiptContext,
): readonly BlockReceipt[] {
  return Array.from(
    { length: packed.sectionCount(BlockOutput.receipts) },
    (_, index) => new BlockReceipt(packed, context, index),
  )
}

/**
 * A receipt as nodes give it, its members in the order that geth writes them.
 *
 * @param hasStatus whether receipts of its block hold a status, and no state root
 */
function rpcReceipt(receipt: Receipt, hasStatus: boolean): AnyRpcReceipt {
  const { blobGasPrice, blobGasUsed, root } = receipt
  const outcome = hasStatus
    ? { status: receipt.status === 'success' ? '0x1' : '0x0' }
    : root !== undefined && { root }
  return {
    ...(blobGasPrice !== undefined && { blobGasPrice: quantity(blobGasPrice) }),
    ...(blobGasUsed !== undefined && { blobGasUsed: quantity(blobGasUsed) }),
    blockHash: receipt.blockHash ?? null,
    blockNumber: quantity(receipt.blockNumber),
    contractAddress: receipt.contractAddress,
    cumulativeGasUsed: quantity(receipt.cumulativeGasUsed),
    effectiveGasPrice: quantity(receipt.effectiveGasPrice),
    from: receipt.from,
    gasUsed: quantity(receipt.gasUsed),
    logs: receipt.logs.map(rpcLog),
    logsBloom: receipt.logsBloom,
    ...(outcome as { readonly status: RpcReceipt['status'] }),
    to: receipt.to,
    transactionHash: receipt.transactionHash ?? null,
    transactionIndex: quantity(receipt.transactionIndex),
    type: quantity(TRANSACTION_TYPES.indexOf(receipt.type)) as RpcReceipt['type'],
  }
}
