/** A chain with all its branches, grown block by block. */

import { type BlockHeader, type DecodedBlock, decodeBlock } from '../../block/index.js'
import { blockHashWindow, ommerAncestors } from '../../chain/index.js'
import { errorFor } from '../../errors.js'
import type { Hex } from '../../hex/index.js'
import type { MemoryState } from '../../state/memory-state.js'
import { StateTrie } from '../../trie/state-trie.js'
import { type Ancestor, checkBlock } from '../../validation/index.js'
import type { Network, Stage } from './network.js'

/** A block of the chain, with the state after it. */
export interface ChainBlock extends Ancestor {
  readonly parent: ChainBlock | undefined
  readonly totalDifficulty: bigint
  readonly state: MemoryState
  /** The trie of the state. */
  readonly trie: StateTrie
}

/** All blocks that descend from a genesis block, and which of them is the head. */
export class Chain {
  readonly #network: Network
  readonly #blocks = new Map<Hex, ChainBlock>()
  #head: ChainBlock

  constructor(network: Network, genesis: BlockHeader, state: MemoryState) {
    this.#network = network
    this.#head = {
      header: genesis,
      ommers: [],
      parent: undefined,
      totalDifficulty: genesis.difficulty,
      state,
      trie: new StateTrie(state),
    }
    this.#blocks.set(genesis.hash, this.#head)
  }

  /**
   * The last block of the chain: before the merge that with the greatest total difficulty, of which
   * the first that came, then the last that came.
   */
  get head(): ChainBlock {
    return this.#head
  }

  /**
   * Adds a block behind its parent: checks it, executes it, and compares the state root.
   *
   * @throws what `validateBlock` and `Engine.executeBlock` do; InvalidBlockError
   *   `BLOCK_PARENT_UNKNOWN`, and `BLOCK_FIELD_MISMATCH` for the state root
   */
  async import(rlp: Uint8Array): Promise<void> {
    const block = decodeBlock(rlp)
    const { header, ommers } = block
    if (this.#blocks.has(header.hash)) return
    const parent = this.#blocks.get(header.parentHash)
    if (parent === undefined) {
      throw errorFor('BLOCK_PARENT_UNKNOWN', { field: 'parentHash', actual: header.parentHash })
    }
    const stage = this.#network.stageAt(parent.totalDifficulty)
    checkBlock(block, parent.header, lineOf(parent, ommerAncestors), stage.rules)
    const added: ChainBlock = {
      header,
      ommers,
      parent,
      totalDifficulty: parent.totalDifficulty + header.difficulty,
      ...(await execute(stage, rlp, block, parent)),
    }
    this.#blocks.set(header.hash, added)
    const proofOfStake = header.difficulty === 0n
    if (proofOfStake || added.totalDifficulty > this.#head.totalDifficulty) this.#head = added
  }
}

/** The state after a block. */
async function execute(
  { engine }: Stage,
  rlp: Uint8Array,
  { header }: DecodedBlock,
  parent: ChainBlock,
): Promise<Pick<ChainBlock, 'state' | 'trie'>> {
  const blockHashes = new Map(
    lineOf(parent, blockHashWindow).map((ancestor) => [
      ancestor.header.number,
      ancestor.header.hash,
    ]),
  )
  const options = { state: parent.state, blockHashes, transactionRoots: true }
  const result = await engine.executeBlock(rlp, options)
  const state = parent.state.clone()
  state.commit(result)
  const trie = parent.trie.clone()
  trie.update(result)
  const actual = trie.root
  if (actual !== header.stateRoot) {
    const expected = header.stateRoot
    throw errorFor('BLOCK_FIELD_MISMATCH', { field: 'stateRoot', expected, actual })
  }
  return { state, trie }
}

/** A block and those before it, newest first. */
function lineOf(block: ChainBlock, limit: number): ChainBlock[] {
  const line: ChainBlock[] = []
  for (let next: ChainBlock | undefined = block; next !== undefined; next = next.parent) {
    if (line.push(next) === limit) break
  }
  return line
}
