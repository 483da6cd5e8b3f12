/** The demo's block, finished, with the state before it. */

import { encodeBlock } from '../../lib/block/index.js'
import type { Engine } from '../../lib/engine/engine.js'
import type { Hex } from '../../lib/hex/index.js'
import { MemoryState } from '../../lib/state/memory-state.js'
import { StateTrie } from '../../lib/trie/state-trie.js'
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

/**
 * Makes the demo's block and the header that belongs to it. `Chain.buildBlock` makes blocks that are right; this
 * one can be encoded with another outcome, too.
 */
export function finishedBlock(engine: Engine): FinishedBlock {
  const demo = makeBlock()
  const state = new MemoryState(demo.alloc)
  const result = engine.executeBlockSync(demo.draft, { state, verify: false })
  // What differs from the header is what it should say.
  const outcome = result.verify().map(({ field, actual }) => [field, actual])
  const stateRoot = new StateTrie(state).rootAfter(result)
  const block = { ...demo.draft, ...Object.fromEntries(outcome), stateRoot }
  const { receiptsRoot, logsBloom, gasUsed } = result
  return {
    demo: { ...demo, encode: (given) => encodeBlock({ ...block, ...given }) },
    state,
    outcome: { stateRoot, receiptsRoot: receiptsRoot as Hex, logsBloom, gasUsed },
    encoded: encodeBlock(block),
  }
}
