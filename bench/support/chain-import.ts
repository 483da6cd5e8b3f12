/** Importing a chain by the clock. */

import { type Engine, LmdbState, type MemoryState } from '../../lib/index.js'
import type { MixedChain } from './mixed-chain.js'

/** A fork of the chain's first state whose memory is its own before the clock starts. */
export async function forkOf(engine: Engine, { state, blocks }: MixedChain): Promise<MemoryState> {
  const fork = state.clone()
  const [first] = blocks
  if (first === undefined) throw new Error('a chain without blocks')
  const step = fork.advance(await engine.executeBlock(first, { state, verify: false }))
  step.drop()
  return fork
}

/** Imports the chain into memory with all checks, receipts' and state roots included; gives milliseconds. */
export async function together(engine: Engine, chain: MixedChain, ahead?: number): Promise<number> {
  const state = await forkOf(engine, { ...chain, state: chain.state.withTrie() })
  return imported(engine, chain, state, ahead)
}

/** Imports the chain into its first state; gives milliseconds. */
export async function imported(
  engine: Engine,
  { blocks, parent }: MixedChain,
  state: MemoryState | LmdbState,
  ahead?: number,
): Promise<number> {
  if (state.root !== parent.stateRoot) throw new Error('the trie is another')
  let count = 0
  const start = performance.now()
  for await (const _ of engine.executeBlocks(blocks, { state, parent, ahead })) count++
  if (state instanceof LmdbState) await state.flush()
  const milliseconds = performance.now() - start
  if (count !== blocks.length) throw new Error('blocks are missing')
  return milliseconds
}
