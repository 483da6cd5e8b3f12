/** A scheduling policy of one's own at work: see docs/policies.md. */

import { Engine, MemoryState } from 'braid-evm'
import { chainHotContracts } from './chain-hot-contracts.mjs'
import { alloc, makeChain } from './support/chain.mjs'

const blocks = await makeChain(4)
const engine = await Engine.create({ policy: chainHotContracts(), threads: 2 })
const state = new MemoryState(alloc)

for await (const { number, receiptsRoot, header, report } of engine.executeBlocks(blocks, {
  state,
})) {
  const isRight = receiptsRoot === header.receiptsRoot
  console.log(
    `${number}: ${report.policy}, workers: ${report.workers}, ${isRight ? 'right' : 'wrong'}`,
  )
}
engine.close()
