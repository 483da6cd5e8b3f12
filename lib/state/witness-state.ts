/** A state of which a witness is all that there is. */

import type { Hex } from '../hex/index.js'
import type { StateTrie } from '../trie/state-trie.js'
import type { BlockReference, StateChanges } from './block-reference.js'
import { SourceState, type SourceStateOptions } from './source-state.js'
import { witnessRootAfter } from './witness-root.js'
import { type BlockWitness, WitnessSource } from './witness-source.js'

/**
 * The part of a state that a witness proves: enough to execute a block without the state, and to
 * compute the root of the state after it.
 *
 * `engine.executeBlock` and `executeBlocks` give {@link BlockResult.stateRoot} on it and compare it with
 * the header. Where a node is needed that the witness does not hold, or not as its hash says, they fail
 * with `STATE_NODE_MISSING`: `details.hash` names the node, and `details.address` and `details.field`
 * the account and the slot that it was needed for, where it is one of them. A node with the right hash
 * that is not one of a state trie is `STATE_NODE_INVALID`; absent code `STATE_MISSING_CODE`. The state
 * is as it was then.
 *
 * ```ts
 * const state = new WitnessState({ parentStateRoot, state: nodes, codes, blockHashes })
 * const { stateRoot } = await engine.executeBlock(block, { state })
 * ```
 */
export class WitnessState extends SourceState {
  readonly #source: WitnessSource
  /** Never changed in place: executions go on with the one that they began on. */
  #trie: StateTrie
  /** Before each commit that can be undone. */
  #tries: StateTrie[] = []

  /** Throws a `StateError` of code `STATE_MALFORMED` where the witness has not the documented shape. */
  constructor(witness: BlockWitness, options?: SourceStateOptions)
  /** @internal A state that shares what was read of a witness. */
  constructor(witness: WitnessSource, options?: SourceStateOptions)
  constructor(witness: BlockWitness | WitnessSource, options: SourceStateOptions = {}) {
    const source = witness instanceof WitnessSource ? witness : new WitnessSource(witness)
    super(source, options)
    this.#source = source
    this.#trie = source.trie
  }

  /** The root of the state as it is now. */
  override get root(): Hex {
    return this.#trie.root
  }

  /** The same as {@link root}. */
  get stateRoot(): Hex {
    return this.root
  }

  /** @internal */
  override rootsAfter(): (result: StateChanges) => Hex {
    const trie = this.#trie
    return (result) => witnessRootAfter(trie, result)
  }

  /**
   * Applies what a block's execution on this state changed, see {@link SourceState.commit}; the root
   * moves on too. Throws `STATE_NODE_MISSING` or `STATE_NODE_INVALID` where the witness is not enough
   * for that, and leaves the state as it is.
   */
  override commit(result: StateChanges): void {
    // Whether it fits is found out on a copy: the trie could not tell.
    super.clone().commit(result)
    const trie = this.#trie.clone()
    trie.update(result)
    const before = this.#trie
    this.#trie = trie
    super.commit(result)
    this.#tries.push(before)
    // As many as there are commits to undo.
    this.#tries.splice(0, this.#tries.length - this.undoable)
  }

  /** Undoes commits: see {@link State.revert}. */
  override revert(to?: BlockReference): void {
    const before = this.undoable
    super.revert(to)
    const trie = this.#tries.at(this.undoable)
    this.#tries.length = this.undoable
    if (this.undoable < before && trie !== undefined) this.#trie = trie
  }

  /** A fork: a state that knows the same and changes on its own, trie included. */
  override clone(): WitnessState {
    const copy = this.copyTo(new WitnessState(this.#source, this.options))
    copy.#trie = this.#trie
    copy.#tries = [...this.#tries]
    return copy
  }
}
