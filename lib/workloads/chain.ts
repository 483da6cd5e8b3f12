/** Chains of made blocks. */

import { decodeBlock, encodeBlock } from '../block/decode.js'
import type { RpcBlock } from '../block/types.js'
import { type BuildBlockOptions, type BuiltBlock, Chain } from '../chain-head/index.js'
import type { Engine } from '../engine/engine.js'
import { errorFor } from '../errors.js'
import type { MemoryState } from '../state/memory-state.js'
import { coinbase, draftBlock } from './draft.js'

/** Seconds from a block to the next. */
const blockTime = 12n

/**
 * A chain on a fork of a state, whose head is a made block of Cancun.
 *
 * @param state the state after the head, which stays as it is
 * @param head what is not usual about the head
 */
export async function openChain(
  engine: Engine,
  state: MemoryState,
  head: Partial<RpcBlock> = {},
): Promise<Chain> {
  const fork = state.withTrie()
  const block = draftBlock({ stateRoot: fork.root, ...head })
  const { header } = decodeBlock(encodeBlock(block))
  return Chain.open({ engine, state: fork, head: header })
}

/** Builds a block 12 seconds behind the head, and makes it the head. */
export async function addBlock(
  chain: Chain,
  options: Omit<BuildBlockOptions, 'timestamp'>,
): Promise<BuiltBlock> {
  const { header } = chain
  if (header === undefined) throw errorFor('CHAIN_HEAD_UNKNOWN')
  const built = await chain.buildBlock({
    timestamp: header.timestamp + blockTime,
    coinbase,
    ...options,
  })
  await chain.import(built)
  return built
}
