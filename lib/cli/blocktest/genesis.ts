/** The first block of a test's chain. */

import { type BlockHeader, decodeBlock, encodeBlock, type RpcBlock } from '../../block/index.js'
import { MemoryState } from '../../state/memory-state.js'
import type { BlockTest } from './format.js'

/** The header of a test's genesis block and the state after it. Throws where they do not fit. */
export function makeGenesis(test: BlockTest): { header: BlockHeader; state: MemoryState } {
  const header = headerOf(test)
  const { hash } = test.genesisBlockHeader
  if (header.hash !== hash) throw new Error(`genesis hash: expected ${hash}, got ${header.hash}`)
  const state = new MemoryState(test.pre)
  const root = state.stateRoot()
  if (root !== header.stateRoot) {
    throw new Error(`genesis state root: expected ${header.stateRoot}, got ${root}`)
  }
  return { header, state }
}

/** The header, encoded from its fields. */
function headerOf({ genesisBlockHeader }: BlockTest): BlockHeader {
  const { uncleHash, coinbase, transactionsTrie, receiptTrie, bloom, ...rest } = genesisBlockHeader
  const block: RpcBlock = {
    ...rest,
    sha3Uncles: uncleHash,
    miner: coinbase,
    transactionsRoot: transactionsTrie,
    receiptsRoot: receiptTrie,
    logsBloom: bloom,
    transactions: [],
  }
  return decodeBlock(encodeBlock(block)).header
}
