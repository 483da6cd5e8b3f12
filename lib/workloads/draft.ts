/** Blocks as they are before they are executed. */

import type { RpcBlock, RpcHeader } from '../block/types.js'
import { emptyOmmersHash, emptyTrieRoot } from '../empty-hashes.js'
import type { BlockResult } from '../engine/block-result.js'
import type { Hex } from '../hex/index.js'

/** 20,000,000: in Cancun on mainnet (EIP-7569). */
export const blockNumber = 20_000_000n
/** In seconds. */
export const blockTimestamp = 1_717_281_407n

/** Who gets the fees of made blocks. */
export const coinbase: Hex = `0x${'fe'.repeat(20)}`

const zeros = (size: number): Hex => `0x${'00'.repeat(size)}`

/** The header of a block of Frontier with nothing in it. */
export const emptyHeader: RpcHeader = {
  parentHash: zeros(32),
  sha3Uncles: emptyOmmersHash,
  miner: zeros(20),
  stateRoot: zeros(32),
  transactionsRoot: emptyTrieRoot,
  receiptsRoot: emptyTrieRoot,
  logsBloom: zeros(256),
  difficulty: 0n,
  number: 0n,
  gasLimit: 0n,
  gasUsed: 0n,
  timestamp: 0n,
  extraData: '0x',
  mixHash: zeros(32),
  nonce: zeros(8),
}

/** A block of Cancun with nothing in it, and these members in place of its own. */
export function draftBlock(members: Partial<RpcBlock>): RpcBlock {
  return {
    ...emptyHeader,
    miner: coinbase,
    number: blockNumber,
    gasLimit: 30_000_000n,
    timestamp: blockTimestamp,
    baseFeePerGas: 7_000_000_000n,
    withdrawalsRoot: emptyTrieRoot,
    withdrawals: [],
    blobGasUsed: 0n,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: zeros(32),
    transactions: [],
    uncles: [],
    ...members,
  }
}

/** Throws where a transaction of a made block fails. */
export function demandSuccess({ receipts, number }: BlockResult): void {
  const failed = receipts.findIndex(({ status }) => status !== 'success')
  if (failed >= 0) throw new Error(`transaction ${failed} of block ${number} fails`)
}
