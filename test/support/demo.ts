/** The demo's block, finished, with the state before it. */

import { encodeBlock } from '../../lib/block/index.js'
import type { Engine } from '../../lib/engine/engine.js'
import type { Hex } from '../../lib/hex/index.js'
import { MemoryState } from '../../lib/state/memory-state.js'
import { completeBlock } from '../../lib/workloads/draft.js'
import { type DemoBlock, makeBlock } from './demo-block/block.js'

/** What the header says about the outcome. */
export interface DemoOutcome {
  readonly stateRoot: Hex
  readonly receiptsRoot: Hex
  readonly logsBloom: Hex
  readonly gasUsed: bigint
}

/** A block that matches its header. */
export interface FinishedBlock {
  readonly demo: DemoBlock & {
    /** The block's RLP with the given outcome in its header. */
    encode(outcome: DemoOutcome): Uint8Array
  }
  readonly state: MemoryState
  readonly outcome: DemoOutcome
  readonly encoded: Uint8Array
}

/** Makes the demo's block and the header that belongs to it. */
export function finishedBlock(engine: Engine): FinishedBlock {
  const demo = makeBlock()
  const state = new MemoryState(demo.alloc)
  const { block, encoded, result } = completeBlock(engine, demo.draft, { state })
  const { stateRoot, receiptsRoot } = block as { stateRoot: Hex; receiptsRoot: Hex }
  const { logsBloom, gasUsed } = result
  return {
    demo: { ...demo, encode: (outcome) => encodeBlock({ ...block, ...outcome }) },
    state,
    outcome: { stateRoot, receiptsRoot, logsBloom, gasUsed },
    encoded,
  }
}
