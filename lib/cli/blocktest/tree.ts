/** A chain with all its branches, grown block by block. */

import { type BlockHeader, decodeBlock } from '../../block/index.js'
import { blockHashWindow, ommerAncestors } from '../../chain/index.js'
import { Chain } from '../../chain-head/index.js'
import { errorFor } from '../../errors.js'
import type { Hex } from '../../hex/index.js'
import type { State } from '../../state/state.js'
import type { Ancestor } from '../../validation/index.js'
import type { Network, Stage } from './network.js'

/** A block of the tree. */
export interface TreeBlock extends Ancestor {
  /** Undefined for the genesis block, which has none. */
  readonly rlp: Uint8Array | undefined
  readonly parent: TreeBlock | undefined
  /** How many blocks are before it; its number may be wrong. */
  readonly height: number
  readonly totalDifficulty: bigint
}

/** All blocks that descend from a genesis block, and which of them is the head. */
export class BlockTree {
  readonly #network: Network
  readonly #state: State
  readonly #blocks = new Map<Hex, TreeBlock>()
  #head: TreeBlock
  /** The block that the state is after. */
  #at: TreeBlock
  #open: { readonly chain: Chain; readonly stage: Stage; readonly first: TreeBlock } | undefined

  /** @param state the state after the genesis block, which keeps its root and can undo all blocks */
  constructor(network: Network, genesis: BlockHeader, state: State) {
    this.#network = network
    this.#state = state
    this.#head = {
      header: genesis,
      ommers: [],
      rlp: undefined,
      parent: undefined,
      height: 0,
      totalDifficulty: genesis.difficulty,
    }
    this.#at = this.#head
    this.#blocks.set(genesis.hash, this.#head)
  }

  /**
   * The last block of the chain: before the merge that with the greatest total difficulty, of which
   * the first that came, then the last that came.
   */
  get head(): TreeBlock {
    return this.#head
  }

  /** The state after the {@link head}. */
  async headState(): Promise<State> {
    await this.#moveTo(this.#head)
    return this.#state
  }

  /**
   * Adds a block behind its parent, and checks it.
   *
   * @throws what `Chain.import` does; InvalidBlockError `BLOCK_PARENT_UNKNOWN`
   */
  async import(rlp: Uint8Array): Promise<void> {
    const { header, ommers } = decodeBlock(rlp)
    if (this.#blocks.has(header.hash)) return
    const parent = this.#blocks.get(header.parentHash)
    if (parent === undefined) {
      throw errorFor('BLOCK_PARENT_UNKNOWN', { field: 'parentHash', actual: header.parentHash })
    }
    const totalDifficulty = parent.totalDifficulty + header.difficulty
    const height = parent.height + 1
    const added = { header, ommers, rlp, parent, height, totalDifficulty }
    await this.#moveTo(added)
    this.#blocks.set(header.hash, added)
    const proofOfStake = header.difficulty === 0n
    if (proofOfStake || totalDifficulty > this.#head.totalDifficulty) this.#head = added
  }

  /** Moves the chain to a block, which is executed where it does not lie before the one it is at. */
  async #moveTo(block: TreeBlock): Promise<void> {
    const { fork, branch } = this.#wayTo(block)
    if (fork !== this.#at) {
      const { chain, stage, first } = await this.#chainFor(this.#at)
      const isCovered =
        fork.height >= first.height &&
        branch.every(({ parent }) => this.#stageBehind(parent as TreeBlock) === stage)
      if (isCovered && branch.length > 0) {
        await chain.reorganise(branch.map(({ rlp }) => rlp as Uint8Array))
        this.#at = block
        return
      }
      await chain.revert(fork.header)
      this.#at = fork
      this.#open = undefined
    }
    for (const next of branch) {
      const { chain } = await this.#chainFor(this.#at)
      await chain.import(next.rlp as Uint8Array)
      this.#at = next
    }
  }

  /** The blocks that lead to a block, from where its branch leaves that of the block that the chain is at. */
  #wayTo(block: TreeBlock): { readonly fork: TreeBlock; readonly branch: TreeBlock[] } {
    const branch: TreeBlock[] = []
    let fork = this.#at
    let target = block
    while (target !== fork) {
      if (target.height > fork.height) {
        branch.unshift(target)
        target = target.parent as TreeBlock
      } else {
        fork = fork.parent as TreeBlock
      }
    }
    return { fork, branch }
  }

  #stageBehind({ totalDifficulty }: TreeBlock): Stage {
    return this.#network.stageAt(totalDifficulty)
  }

  /** The chain that takes the block behind one that the state is after. */
  async #chainFor(block: TreeBlock) {
    const stage = this.#stageBehind(block)
    if (this.#open?.stage === stage) return this.#open
    const { engine, proofOfWork } = stage
    const chain = await Chain.open({
      engine,
      state: this.#state,
      head: block.header,
      ancestors: lineOf(block, ommerAncestors),
      blockHashes: new Map(
        lineOf(block, blockHashWindow).map(({ header: { number, hash } }) => [number, hash]),
      ),
      transactionRoots: true,
      proofOfWork,
    })
    this.#open = { chain, stage, first: block }
    return this.#open
  }
}

/** A block and those before it, newest first. */
function lineOf(block: TreeBlock, limit: number): TreeBlock[] {
  const line: TreeBlock[] = []
  for (let next: TreeBlock | undefined = block; next !== undefined; next = next.parent) {
    if (line.push(next) === limit) break
  }
  return line
}
