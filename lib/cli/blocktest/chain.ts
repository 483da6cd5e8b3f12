/** A chain with all its branches, grown block by block. */

import { type BlockHeader, decodeBlock } from '../../block/index.js'
import { blockHashWindow, ommerAncestors } from '../../chain/index.js'
import type { BlockResult } from '../../engine/block-result.js'
import { errorFor } from '../../errors.js'
import type { Hex } from '../../hex/index.js'
import type { State } from '../../state/state.js'
import { type Ancestor, checkBlock } from '../../validation/index.js'
import type { Network, Stage } from './network.js'
import { type BranchBlock, StateOfBranch } from './state-of-branch.js'

/** A block of the chain. */
export interface ChainBlock extends Ancestor, BranchBlock {
  readonly parent: ChainBlock | undefined
  readonly totalDifficulty: bigint
}

/** All blocks that descend from a genesis block, and which of them is the head. */
export class Chain {
  readonly #network: Network
  readonly #blocks = new Map<Hex, ChainBlock>()
  readonly #state: StateOfBranch
  #head: ChainBlock

  /** @param state the state after the genesis block, which keeps its root and can undo all blocks */
  constructor(network: Network, genesis: BlockHeader, state: State) {
    this.#network = network
    this.#head = {
      header: genesis,
      ommers: [],
      parent: undefined,
      totalDifficulty: genesis.difficulty,
      height: 0,
      reference: { number: genesis.number, hash: genesis.hash },
      result: undefined,
    }
    this.#state = new StateOfBranch(state, this.#head)
    this.#blocks.set(genesis.hash, this.#head)
  }

  /**
   * The last block of the chain: before the merge that with the greatest total difficulty, of which
   * the first that came, then the last that came.
   */
  get head(): ChainBlock {
    return this.#head
  }

  /** The state after the {@link head}. */
  async headState(): Promise<State> {
    await this.#state.moveTo(this.#head)
    return this.#state.state
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
      height: parent.height + 1,
      reference: { number: header.number, hash: header.hash },
      result: await execute(stage, rlp, parent, this.#state),
    }
    this.#blocks.set(header.hash, added)
    const proofOfStake = header.difficulty === 0n
    if (proofOfStake || added.totalDifficulty > this.#head.totalDifficulty) this.#head = added
  }
}

/** Executes a block on the state after its parent, whose root is compared, and moves it on. */
async function execute(
  { engine }: Stage,
  rlp: Uint8Array,
  parent: ChainBlock,
  states: StateOfBranch,
): Promise<BlockResult> {
  const blockHashes = new Map(
    lineOf(parent, blockHashWindow).map((ancestor) => [
      ancestor.header.number,
      ancestor.header.hash,
    ]),
  )
  await states.moveTo(parent)
  return engine.executeBlock(rlp, { state: states.state, blockHashes, transactionRoots: true })
}

/** A block and those before it, newest first. */
function lineOf(block: ChainBlock, limit: number): ChainBlock[] {
  const line: ChainBlock[] = []
  for (let next: ChainBlock | undefined = block; next !== undefined; next = next.parent) {
    if (line.push(next) === limit) break
  }
  return line
}
