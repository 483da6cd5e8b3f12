/** The first block of a test's chain. */

import { type BlockHeader, decodeBlock, encodeBlock, type RpcBlock } from '../../block/index.js'
import type { State } from '../../state/state.js'
import type { BlockTest } from './format.js'
import type { StateMaker } from './state-maker.js'

/** The header of a test's genesis block and the state after it. Throws where they do not fit. */
export async function makeGenesis(
  test: BlockTest,
  make: StateMaker,
): Promise<{ header: BlockHeader; state: State }> {
  const header = headerOf(test)
  const { hash } = test.genesisBlockHeader
  if (header.hash !== hash) throw new Error(`genesis hash: expected ${hash}, got ${header.hash}`)
  const head = { number: header.number, hash: header.hash }
  const state = await make(test.pre, head)
  const { root } = state
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
