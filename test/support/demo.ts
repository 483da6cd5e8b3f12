/** The demo's block, finished, with the state before it. */

import type { Engine } from '../../lib/engine/engine.js'
import type { Hex } from '../../lib/hex/index.js'
import { MemoryState } from '../../lib/state/memory-state.js'
import { type DemoBlock, type DemoOutcome, makeBlock } from './demo-block/block.js'

/** A block that matches its header. */
export interface FinishedBlock {
  readonly demo: DemoBlock
  readonly state: MemoryState
  readonly outcome: DemoOutcome
  readonly encoded: Uint8Array
}

/** Makes the demo's block and the header that belongs to it. */
export function finishedBlock(engine: Engine): FinishedBlock {
  const demo = makeBlock()
  const state = new MemoryState(demo.alloc)
  const unknown = {
    stateRoot: `0x${'00'.repeat(32)}`,
    receiptsRoot: `0x${'00'.repeat(32)}`,
    logsBloom: `0x${'00'.repeat(256)}`,
    gasUsed: 0n,
  } as const
  const built = engine.executeBlockSync(demo.encode(unknown), { state, verify: false })
  const after = state.clone()
  after.commit(built)
  const outcome = {
    stateRoot: after.stateRoot(),
    receiptsRoot: built.receiptsRoot as Hex,
    logsBloom: built.logsBloom,
    gasUsed: built.gasUsed,
  }
  return { demo, state, outcome, encoded: demo.encode(outcome) }
}
