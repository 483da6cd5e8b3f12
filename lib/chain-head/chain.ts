/** A chain: its head, the blocks before it, and the ways to move it. */

import { demand } from '../arguments.js'
import { type BlockHeader, type BlockSource, decodeBlock } from '../block/index.js'
import type { BlockResult } from '../engine/block-result.js'
import { checkSuccession } from '../engine/chain-link.js'
import { type BlockSequence, isBlockSequence, iteratorOf } from '../engine/chain-options.js'
import type { Engine } from '../engine/engine.js'
import { errorFor } from '../errors.js'
import { Listeners } from '../listeners.js'
import { type BlockReference, checkReference } from '../state/block-reference.js'
import type { State } from '../state/state.js'
import { checkBlock, rulesOfChain } from '../validation/index.js'
import {
  type BuildBlockOptions,
  type BuiltBlock,
  buildBlock,
  checkBuildOptions,
} from './block-builder.js'
import { type KnownBlock, Lineage } from './lineage.js'
import { type ChainOptions, checkImportOptions, type ImportOptions, startOf } from './options.js'
import { Replay, type ReplayHost } from './replay.js'
import { checkReplayOptions, type ReplayBlocks, type ReplayOptions } from './replay-options.js'
import { resumed } from './sequences.js'
import { Turns } from './turns.js'

type Settings = Required<
  Pick<ChainOptions, 'validate' | 'proofOfWork' | 'transactionRoots' | 'trustSenders'>
>

/** Where a branch begins. */
interface ForkPlace {
  readonly fork: BlockReference
  /** The blocks behind it, which the branch takes the place of. */
  readonly old: readonly KnownBlock[]
}

/** A step of a chain, forward or back. */
export interface ChainStep {
  /**
   * `import`: a block has become the head; `revert`: the chain has gone back to a block; `restore`: a block
   * that it had gone back behind is the head again, because a branch was given up.
   */
  readonly kind: 'import' | 'revert' | 'restore'
  /** The head since then. */
  readonly head: BlockReference
  /** What executing the block gave, where it was imported. */
  readonly result: BlockResult | undefined
}

/**
 * A chain with a head. It moves a state from block to block, and keeps what the next block needs of those
 * before: the head's header, the last 256 hashes, ancestors of ommers, and what a reorganisation that fails has to
 * bring back.
 *
 * One at a time moves it: {@link import}, {@link reorganise}, {@link revert} and {@link buildBlock} wait for
 * their turn. While a {@link replay} is under way they are refused with `CHAIN_BUSY`.
 */
export class Chain implements AsyncDisposable {
  readonly #engine: Engine
  readonly #state: State
  readonly #settings: Settings
  readonly #lineage: Lineage
  readonly #turns = new Turns()
  /** What was built here. */
  readonly #built = new WeakSet<object>()
  /** Where the state could not say of which block it is: the block that it was opened at. */
  readonly #unnamed: BlockReference | undefined
  #replay: Replay | undefined
  readonly #followers = new Listeners<ChainStep>()

  private constructor(options: ChainOptions) {
    const { engine, state } = options
    this.#lineage = new Lineage(startOf(options))
    this.#engine = engine
    this.#state = state
    this.#unnamed = state.head === undefined ? this.#lineage.head : undefined
    const { validate = true, proofOfWork = false } = options
    const { transactionRoots = false, trustSenders = false } = options
    this.#settings = { validate, proofOfWork, transactionRoots, trustSenders }
  }

  /**
   * Makes a chain of a state and the block that it is after.
   *
   * @throws OptionsError `OPTION_INVALID` where they contradict each other
   */
  static async open(options: ChainOptions): Promise<Chain> {
    return new Chain(options)
  }

  /** The last block. */
  get head(): BlockReference {
    return this.#lineage.head
  }

  /** Its header; undefined where only number and hash are known: see {@link ChainOptions.head}. */
  get header(): BlockHeader | undefined {
    return this.#lineage.header
  }

  /** What executes its blocks. */
  get engine(): Engine {
    return this.#engine
  }

  /** The state after the head. */
  get state(): State {
    return this.#state
  }

  /**
   * Executes the block that follows the head, checks it, its state root included where the state keeps one, and
   * makes it the head. One that {@link buildBlock} gave for this head is not executed again.
   *
   * @throws what `engine.executeBlocks` does: the chain and its state are as they were
   * @throws ChainError `CHAIN_HEAD_UNKNOWN`, `CHAIN_BUSY`, `CHAIN_CLOSED`
   */
  async import(block: BlockSource | BuiltBlock, options: ImportOptions = {}): Promise<BlockResult> {
    checkImportOptions(options)
    return this.#turns.run(async () => {
      if (this.#isOwn(block)) return this.#take(block)
      const results = await this.#importAll([block], options)
      return results[0]
    })
  }

  /**
   * Takes another branch: blocks one after another, the first of which follows the head or a block before it. Goes
   * back to that block, and imports the branch. Returns the results of its blocks.
   *
   * Where a block of it fails, the chain goes back to where it was, without executing again. Two things it cannot
   * do: go back behind blocks that were not imported here (`STATE_UNAVAILABLE`, before anything
   * moves: use {@link revert}); give up a branch of which more blocks were right than the state can undo.
   * Then the chain stays at the last of them.
   *
   * @throws InvalidBlockError `BLOCK_PARENT_UNKNOWN` where the branch begins elsewhere
   * @throws StateError `STATE_UNAVAILABLE` where the state cannot go back so far
   * @throws what {@link import} does
   */
  async reorganise(branch: BlockSequence, options: ImportOptions = {}): Promise<BlockResult[]> {
    checkImportOptions(options)
    demand(isBlockSequence(branch), 'branch', 'an iterable of blocks', branch)
    return this.#turns.run(() => this.#reorganise(branch, options))
  }

  /**
   * Goes back: to the block before the head, or to `to`, which is one of those before it.
   *
   * @throws StateError `STATE_UNAVAILABLE` where the state cannot go back so far, or the block is not known
   */
  async revert(to?: BlockReference): Promise<void> {
    checkReference(to, 'to')
    return this.#turns.run(async () => {
      this.#checkState()
      const { header, hashes } = this.#lineage
      const number = this.head.number - 1n
      const hash = header?.parentHash ?? hashes.get(number)
      const target = to ?? (hash === undefined ? undefined : { number, hash })
      if (target === undefined) throw errorFor('STATE_UNAVAILABLE', { field: 'to' })
      await this.#goBack(target)
    })
  }

  /**
   * Imports many blocks, and gives their results one after another. Blocks up to the head are passed over, so that
   * a source may begin anywhere before. With a {@link ReplayOptions.checkpoint} it goes on where an earlier one
   * ended, however that was.
   *
   * @throws OptionsError at once; iterating rejects with what {@link import} does: the chain is then at the last
   *   block whose result was given
   */
  replay(blocks: ReplayBlocks, options: ReplayOptions = {}): Replay {
    checkReplayOptions(blocks, options)
    const host: ReplayHost = {
      lineage: this.#lineage,
      hold: async (replay) => {
        const release = await this.#turns.hold()
        this.#replay = replay
        return () => {
          this.#replay = undefined
          release()
        }
      },
      goBack: (to) => this.#goBack(to),
      execute: (sequence, settings) => this.#execute(sequence, settings),
      checkState: () => this.#checkState(),
    }
    return new Replay(host, blocks, options)
  }

  /**
   * Builds the block that follows the head, and leaves the chain as it is: {@link import} takes the block. Fees,
   * difficulty and the excess of blob gas follow from the head, roots and gas from executing it.
   *
   * @throws InvalidTransactionError `TX_…` with `txIndex`, where a transaction may not be in it
   * @throws BlockDecodeError where a transaction is malformed
   * @throws OptionsError where an option is wrong, or the state keeps no root
   */
  async buildBlock(options: BuildBlockOptions): Promise<BuiltBlock> {
    checkBuildOptions(options)
    const state = this.#state
    return this.#turns.run(async () => {
      this.#checkState()
      demand(state.root !== undefined, 'state', 'one that keeps its root', undefined)
      const { header, hashes } = this.#lineage
      if (header === undefined) throw errorFor('CHAIN_HEAD_UNKNOWN')
      const built = await buildBlock(this.#engine, header, options, { state, blockHashes: hashes })
      this.#built.add(built)
      return built
    })
  }

  /**
   * Calls `follower` after every step of the chain, before whoever asked for the step hears of it. It should not
   * take long, and not throw.
   *
   * @returns what ends that
   */
  follow(follower: (step: ChainStep) => void): () => void {
    demand(typeof follower === 'function', 'follower', 'a function', follower)
    return this.#followers.add(follower)
  }

  /**
   * Ends the chain: whoever waits is refused with `CHAIN_CLOSED`, what is under way ends, a replay at the
   * block that it is at. Engine and state stay as they are.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#turns.close()
    await this.#replay?.return()
    await closed
  }

  #isOwn(block: BlockSource | BuiltBlock): block is BuiltBlock {
    return this.#built.has(block)
  }

  /** Takes in a block that was built, with what executing it gave. */
  async #take({ result }: BuiltBlock): Promise<BlockResult> {
    this.#checkState()
    const { header: parent, ancestors } = this.#lineage
    if (parent === undefined) throw errorFor('CHAIN_HEAD_UNKNOWN')
    const { validate, proofOfWork } = this.#settings
    const { block } = result
    if (validate)
      checkBlock(block, parent, ancestors, rulesOfChain(this.#engine.common, proofOfWork))
    else checkSuccession(block.header, parent)
    await this.#state.commit(result)
    this.#add(result)
    return result
  }

  async #importAll(blocks: BlockSequence, options: ImportOptions): Promise<BlockResult[]> {
    this.#checkState()
    const results: BlockResult[] = []
    for await (const result of this.#execute(blocks, options)) results.push(result)
    return results
  }

  /** Executes blocks behind the head, each of which becomes the head before it is yielded. */
  async *#execute(
    blocks: BlockSequence,
    options: ImportOptions,
  ): AsyncGenerator<BlockResult, void, undefined> {
    const { header: parent, ancestors, hashes } = this.#lineage
    if (parent === undefined) throw errorFor('CHAIN_HEAD_UNKNOWN')
    const state = this.#state
    const results = this.#engine.executeBlocks(blocks, {
      ...this.#settings,
      ...options,
      state,
      parent,
      ancestors,
      blockHashes: new Map(hashes),
    })
    for await (const result of results) {
      this.#add(result)
      yield result
    }
  }

  #add(result: BlockResult): void {
    const { packed, header, number, hash, block } = result
    const changes = { packed, number, hash }
    this.#lineage.add({ header, ommers: block.ommers, changes }, this.#state.undoable)
    this.#tell('import', result)
  }

  #tell(kind: ChainStep['kind'], result?: BlockResult): void {
    this.#followers.tell({ kind, head: this.head, result })
  }

  async #reorganise(branch: BlockSequence, options: ImportOptions): Promise<BlockResult[]> {
    this.#checkState()
    const blocks = iteratorOf(branch)
    const first = await blocks.next()
    demand(first.done !== true, 'branch', 'at least one block', 'none')
    let place: ForkPlace
    try {
      place = this.#forkOf(decodeBlock(first.value, this.#settings).header)
      await this.#goBack(place.fork)
    } catch (error) {
      await blocks.return?.()
      throw error
    }
    try {
      return await this.#importAll(resumed(first.value, blocks), options)
    } catch (error) {
      await this.#restore(place)
      throw error
    }
  }

  /** Where a branch leaves the chain, which must be able to come back. */
  #forkOf(header: BlockHeader): ForkPlace {
    const fork = { number: header.number - 1n, hash: header.parentHash }
    const lineage = this.#lineage
    if (!lineage.has(fork)) {
      const { number: blockNumber, parentHash: actual } = header
      throw errorFor('BLOCK_PARENT_UNKNOWN', { blockNumber, field: 'parentHash', actual })
    }
    const old = lineage.after(fork)
    const isComplete = old?.every(({ changes }) => changes !== undefined)
    const isKnown = old !== undefined && isComplete && lineage.headerAt(fork) !== undefined
    if (isKnown) return { fork, old }
    throw errorFor('STATE_UNAVAILABLE', { field: 'branch' })
  }

  /** Goes back from a branch to the blocks that were there before it. */
  async #restore({ fork, old }: ForkPlace): Promise<void> {
    const state = this.#state
    if (this.head.number - fork.number > BigInt(state.undoable)) return
    await this.#goBack(fork)
    for (const block of old) {
      if (block.changes !== undefined) await state.commit(block.changes)
      this.#lineage.add(block, state.undoable)
      this.#tell('restore')
    }
  }

  async #goBack(to: BlockReference): Promise<void> {
    const { head } = this
    if (to.hash === head.hash && to.number === head.number) return
    const steps = head.number - to.number
    const isKnown = steps > 0n && this.#lineage.isPossible(to)
    if (!isKnown || steps > BigInt(this.#state.undoable)) {
      throw errorFor('STATE_UNAVAILABLE', {
        field: 'to',
        expected: 'a block that can be gone back to',
      })
    }
    if (to.hash === this.#unnamed?.hash) {
      // The state does not know it by its hash.
      for (let i = 0n; i < steps; i++) await this.#state.revert()
    } else {
      await this.#state.revert({ number: to.number, hash: to.hash })
    }
    this.#lineage.cut(to)
    this.#tell('revert')
  }

  /** Throws where somebody else has moved the state. */
  #checkState(): void {
    const expected = this.head.hash
    const actual = this.#state.head?.hash
    if (actual === undefined || actual === expected) return
    throw errorFor('STATE_RESULT_STALE', { field: 'state.head', expected, actual })
  }
}
