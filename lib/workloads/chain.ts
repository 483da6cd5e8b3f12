/** Chains of made blocks. */

import { decodeBlock, encodeBlock } from '../block/decode.js'
import type { BlockHeader } from '../block/header.js'
import type { RpcBlock } from '../block/types.js'
import { nextBaseFee } from '../chain/index.js'
import type { Engine } from '../engine/engine.js'
import type { MemoryState } from '../state/memory-state.js'
import { StateTrie } from '../trie/state-trie.js'
import { type CompletedBlock, completeBlock, draftBlock } from './draft.js'

/** Adds blocks to a chain, whose headers are right, on a state of its own. */
export class ChainMaker {
  /** The state after the last block. */
  readonly state: MemoryState
  readonly #trie: StateTrie
  readonly #engine: Engine
  #parent: BlockHeader

  /**
   * @param state the state before the first block, which stays as it is
   * @param parent what is not usual about the block before the first one
   */
  constructor(engine: Engine, state: MemoryState, parent: Partial<RpcBlock> = {}) {
    this.#engine = engine
    this.state = state.clone()
    this.#trie = new StateTrie(state)
    const before = draftBlock({ stateRoot: this.#trie.root, ...parent })
    this.#parent = decodeBlock(encodeBlock(before)).header
  }

  /** The header of the last block, or of the one before the first. */
  get parent(): BlockHeader {
    return this.#parent
  }

  /** Adds a block with these members, 12 seconds after the last one. */
  add(members: Partial<RpcBlock>): CompletedBlock {
    const { hash, number, timestamp, gasLimit } = this.#parent
    const draft = draftBlock({
      parentHash: hash,
      number: number + 1n,
      timestamp: timestamp + 12n,
      gasLimit,
      baseFeePerGas: nextBaseFee(this.#parent),
      ...members,
    })
    const completed = completeBlock(this.#engine, draft, { state: this.state, trie: this.#trie })
    this.state.commit(completed.result)
    this.#trie.update(completed.result)
    this.#parent = decodeBlock(completed.encoded).header
    return completed
  }
}
