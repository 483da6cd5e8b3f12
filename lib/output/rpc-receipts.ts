/** Receipts and logs as nodes give them by JSON-RPC. */

import type { Hex } from '../hex/index.js'

/**
 * A log of `eth_getBlockReceipts`, `eth_getLogs` and the like. The same type as viem's `RpcLog` of a
 * log that is in a block.
 */
export interface RpcLog {
  /** The contract that emitted the log. */
  readonly address: Hex
  /** The indexed topics, 0 to 4 of 32 bytes each. */
  readonly topics: [] | [Hex, ...Hex[]]
  /** The data of the log. */
  readonly data: Hex
  /** The number of the log's block. */
  readonly blockNumber: Hex
  /** The hash of the log's transaction. */
  readonly transactionHash: Hex
  /** The position of the log's transaction in its block. */
  readonly transactionIndex: Hex
  /** The hash of the log's block. */
  readonly blockHash: Hex
  /** The timestamp of the log's block, in seconds. */
  readonly blockTimestamp: Hex
  /** The position of the log in its block. */
  readonly logIndex: Hex
  /** Whether the block has left the chain, which executing it cannot tell: false. */
  readonly removed: false
}

/**
 * A receipt of `eth_getBlockReceipts` and `eth_getTransactionReceipt`: what viem calls
 * `RpcTransactionReceipt` and turns into a receipt with `formatTransactionReceipt`. Members that do
 * not apply are absent.
 */
export interface RpcReceipt {
  /** What a unit of blob gas cost, in wei: for blob transactions (EIP-4844). */
  readonly blobGasPrice?: Hex
  /** The blob gas: for blob transactions (EIP-4844). */
  readonly blobGasUsed?: Hex
  /** The hash of the transaction's block. */
  readonly blockHash: Hex
  /** The number of the transaction's block. */
  readonly blockNumber: Hex
  /** The contract's address where the transaction is a creation, failed or not; else null. */
  readonly contractAddress: Hex | null
  /** The gas used in the block up to and including this transaction. */
  readonly cumulativeGasUsed: Hex
  /** What the sender paid for a unit of gas, in wei. */
  readonly effectiveGasPrice: Hex
  /** The sender. */
  readonly from: Hex
  /** The gas the transaction paid for. */
  readonly gasUsed: Hex
  /** The logs of the transaction. */
  readonly logs: RpcLog[]
  /** The bloom filter of the transaction's logs, 256 bytes. */
  readonly logsBloom: Hex
  /**
   * The state root after the transaction: before Byzantium, and where the block was executed with
   * `transactionRoots`.
   */
  readonly root?: Hex
  /**
   * `0x1` for success, `0x0` for failure. Absent before Byzantium, where there is {@link root}
   * instead; the type does not say so, like viem's.
   */
  readonly status: '0x0' | '0x1'
  /** The recipient, or null for a contract creation. */
  readonly to: Hex | null
  /** The hash of the transaction. */
  readonly transactionHash: Hex
  /** The position of the transaction in its block. */
  readonly transactionIndex: Hex
  /** The transaction's type. */
  readonly type: '0x0' | '0x1' | '0x2' | '0x3' | '0x4'
}

/** {@link RpcLog} of a log that may be in no block: hashes that there are none of are null. */
export type AnyRpcLog = Omit<RpcLog, 'blockHash' | 'transactionHash'> & NullableHashes

/** {@link RpcReceipt} of a transaction that may be in no block. */
export type AnyRpcReceipt = Omit<RpcReceipt, 'blockHash' | 'transactionHash' | 'logs'> &
  NullableHashes & { readonly logs: AnyRpcLog[] }

interface NullableHashes {
  readonly blockHash: Hex | null
  readonly transactionHash: Hex | null
}
