/** One state that stands after any block of a chain with branches. */

import type { BlockReference, StateChanges } from '../../state/block-reference.js'
import type { State } from '../../state/state.js'

/** A block of a tree, with what it changed. */
export interface BranchBlock {
  readonly parent: BranchBlock | undefined
  /** The number of blocks before it. */
  readonly height: number
  readonly reference: BlockReference
  /** What it changed; undefined for the first. */
  readonly result: StateChanges | undefined
}

/** Moves a state back and forth between the blocks of a tree. */
export class StateOfBranch {
  readonly state: State
  #at: BranchBlock

  /** @param first the block that the state stands after; the state can undo as many as the tree is high */
  constructor(state: State, first: BranchBlock) {
    this.state = state
    this.#at = first
  }

  /** Moves the state to after a block. */
  async moveTo(block: BranchBlock): Promise<void> {
    const forward: BranchBlock[] = []
    let target = block
    while (target !== this.#at) {
      if (target.height > this.#at.height) {
        forward.unshift(target)
        target = target.parent as BranchBlock
      } else {
        await this.state.revert()
        this.#at = this.#at.parent as BranchBlock
      }
    }
    for (const next of forward) {
      await this.state.commit(next.result as StateChanges)
      this.#at = next
    }
  }
}
