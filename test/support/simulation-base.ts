/** The block that simulations of tests begin after. */

import { decodeBlock } from '../../lib/block/index.js'
import { type BlockHeader, encodeBlock, MemoryState } from '../../lib/index.js'
import { draftBlock } from '../../lib/workloads/draft.js'
import { callAlloc } from './call-contracts.js'

/** A block of Cancun, and the state after it, which keeps its trie. */
export async function simulationBase(): Promise<{ header: BlockHeader; state: MemoryState }> {
  const state = new MemoryState(callAlloc, { trie: true, history: 4 })
  const draft = draftBlock({ stateRoot: state.stateRoot(), gasUsed: 15_000_000n })
  const { header } = decodeBlock(encodeBlock(draft))
  return { header, state }
}
