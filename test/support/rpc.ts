/** Blocks of @ethereumjs as JSON-RPC gives them. */

import type { Block, BlockHeader } from '@ethereumjs/block'
import type { TypedTransaction } from '@ethereumjs/tx'
import { bytesToHex } from '@ethereumjs/util'
import type { RpcBlock, RpcHeader, RpcTransaction } from '../../lib/block/index.js'

/** A header with its hash. */
export function rpcHeaderOf(header: BlockHeader): RpcHeader {
  const { uncleHash, coinbase, transactionsTrie, receiptTrie, ...same } = header.toJSON()
  return {
    ...same,
    sha3Uncles: uncleHash,
    miner: coinbase,
    transactionsRoot: transactionsTrie,
    receiptsRoot: receiptTrie,
    hash: bytesToHex(header.hash()),
  } as RpcHeader
}

/** A signed transaction. */
export function rpcTransactionOf(transaction: TypedTransaction): RpcTransaction {
  const { gasLimit, data, ...same } = transaction.toJSON()
  const type = `0x${transaction.type.toString(16)}`
  return { ...same, type, gas: gasLimit, input: data } as RpcTransaction
}

/** A block; of its ommers JSON-RPC gives the hashes. */
export function rpcBlockOf(block: Block): RpcBlock {
  const { withdrawals } = block.toJSON()
  return {
    ...rpcHeaderOf(block.header),
    transactions: block.transactions.map(rpcTransactionOf),
    uncles: block.uncleHeaders.map((ommer) => bytesToHex(ommer.hash())),
    ...(withdrawals === undefined ? {} : { withdrawals: withdrawals as RpcBlock['withdrawals'] }),
  }
}
