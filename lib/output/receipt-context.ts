/** What receipts and logs say that the executor's output lacks. */

import type { Hex } from '../hex/index.js'

/** What receipts say about their block and its transactions; the executor's output lacks it. */
export interface ReceiptContext {
  /** The block's hash, or undefined where the transactions stand in no block. */
  readonly blockHash: Hex | undefined
  /** The block's number. */
  readonly blockNumber: bigint
  /** The block's timestamp, in seconds. */
  readonly blockTimestamp: bigint
  /** What a unit of blob gas costs, in wei; undefined before Cancun. */
  readonly blobGasPrice: bigint | undefined
  /** The hash of a transaction by its index. */
  transactionHash(index: number): Hex | undefined
  /** The recipient of a transaction by its index, or null where it creates a contract. */
  to(index: number): Hex | null
  /** The state root after a transaction, before Byzantium and where it was asked for. */
  stateRoot?(index: number): Hex | undefined
}

/** What receipts say about a block that is there as a whole. */
export interface BlockReceiptContext extends ReceiptContext {
  readonly blockHash: Hex
  /** Whether receipts hold the status (EIP-658, from Byzantium on) instead of a state root. */
  readonly hasStatus: boolean
  transactionHash(index: number): Hex
}
