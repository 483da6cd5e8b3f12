/** Receipts and results of transactions as `@ethereumjs/vm` gives them, out of the packed output. */

import type { Block } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import type { Log } from '@ethereumjs/evm'
import type { TypedTransaction } from '@ethereumjs/tx'
import type { RunTxResult, TxReceipt } from '@ethereumjs/vm'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, Log as LogLayout, Receipt, ReceiptFlag } from '../native/wire.js'
import type { AddressClass } from './state-manager.js'
import { frameError, LogsBloom } from './vm-objects.js'

/** At most this part of the gas is refunded (EIP-3529). */
const refundQuotient = 5n

/** What the results of a block's transactions have in common. */
export interface ResultContext {
  readonly block: Block
  readonly common: Common
  readonly Address: AddressClass
}

/** Where a transaction stands in its block when its outcome stands alone in an output. */
export interface ResultPlace {
  /** Gas used in the block before. */
  readonly gasBefore: bigint
  /** The state's root after the transaction: what receipts hold before Byzantium. */
  readonly stateRoot?: Uint8Array
}

/** The result of a transaction: the `index`-th of a packed output. */
export function readResult(
  output: PackedReader,
  index: number,
  tx: TypedTransaction,
  { block, common, Address }: ResultContext,
  { gasBefore, stateRoot }: ResultPlace = { gasBefore: 0n },
): RunTxResult {
  const at = output.sectionOffset(BlockOutput.receipts) + index * Receipt.SIZE
  const totalGasSpent = output.u64(at + Receipt.gasUsed)
  const gasBeforeRefund = output.u64(at + Receipt.gasBeforeRefund)
  const gasRefund = output.u64(at + Receipt.gasRefund)
  const refund = gasRefund + output.u64(at + Receipt.authorizationRefund)
  const gasPrice = output.u256(at + Receipt.effectiveGasPrice)
  const baseFee = block.header.baseFeePerGas
  const exceptionError = frameError(output.i32(at + Receipt.evmStatus))
  const logs = readLogs(output, at)
  const bloom = new LogsBloom(copied(output.slice(at + Receipt.bloom, 256)))
  const amountSpent = totalGasSpent * gasPrice
  // EIP-7623: refunds do not count where the floor of the data's cost is above what they leave.
  const largestRefund = gasBeforeRefund / refundQuotient
  const isFloored =
    common.isActivatedEIP(7623) &&
    totalGasSpent > gasBeforeRefund - (refund < largestRefund ? refund : largestRefund)
  const isBlob = tx.type === 3
  const blobGasUsed = output.u64(at + Receipt.blobGasUsed)
  const receipt: TxReceipt = {
    ...(stateRoot === undefined ? { status: exceptionError === undefined ? 1 : 0 } : { stateRoot }),
    cumulativeBlockGasUsed: gasBefore + output.u64(at + Receipt.cumulativeGasUsed),
    bitvector: bloom.bitvector,
    logs,
    ...(isBlob ? { blobGasUsed, blobGasPrice: block.header.getBlobGasPrice() } : {}),
  }
  const hasContract = (output.u16(at + Receipt.flags) & ReceiptFlag.HasContractAddress) !== 0
  return {
    execResult: {
      returnValue: poolBytes(output, at + Receipt.outputOffset, at + Receipt.outputSize),
      executionGasUsed: gasBeforeRefund - tx.getIntrinsicGas(),
      gasRefund,
      logs,
      ...(exceptionError === undefined ? {} : { exceptionError }),
    },
    ...(hasContract
      ? { createdAddress: new Address(copied(output.slice(at + Receipt.contractAddress, 20))) }
      : {}),
    bloom,
    amountSpent,
    receipt,
    totalGasSpent,
    blockGasSpent: totalGasSpent,
    gasRefund: isFloored ? 0n : refund,
    minerValue:
      common.isActivatedEIP(1559) && baseFee !== undefined
        ? totalGasSpent * (gasPrice - baseFee)
        : amountSpent,
    ...(isBlob ? { blobGasUsed } : {}),
  }
}

function readLogs(output: PackedReader, receipt: number): Log[] {
  const first = output.u32(receipt + Receipt.logStart)
  const length = output.u32(receipt + Receipt.logCount)
  const logs = output.sectionOffset(BlockOutput.logs)
  const topics = output.sectionOffset(BlockOutput.topics)
  return Array.from({ length }, (_, i): Log => {
    const at = logs + (first + i) * LogLayout.SIZE
    const topicStart = topics + 32 * output.u32(at + LogLayout.topicStart)
    return [
      copied(output.slice(at + LogLayout.address, 20)),
      Array.from({ length: output.u32(at + LogLayout.topicCount) }, (_, topic) =>
        copied(output.slice(topicStart + 32 * topic, 32)),
      ),
      poolBytes(output, at + LogLayout.dataOffset, at + LogLayout.dataSize),
    ]
  })
}

function poolBytes(output: PackedReader, offset: number, size: number): Uint8Array {
  const start = output.sectionOffset(BlockOutput.pool) + output.u32(offset)
  return copied(output.slice(start, output.u32(size)))
}

/** A plain array that does not keep the whole output alive. */
export function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}
