/** How a chain of blocks is executed, and what is told about it on the way. */

import { checkFlags, checkOptions, demand, isSequence, type MembersOf } from '../arguments.js'
import { BlockHeader, type BlockSource } from '../block/index.js'
import type { Hex } from '../hex/index.js'
import { State } from '../state/state.js'
import { type Ancestor, checkAncestors } from '../validation/index.js'
import { mostAhead, usualAhead } from './block-window.js'
import { checkSignal, checkTimeout } from './cancellation.js'
import { blockMembers, checkBlockFlags, type ExecuteBlockOptions } from './options.js'

/** Blocks in the order of the chain. */
export type BlockSequence = Iterable<BlockSource> | AsyncIterable<BlockSource>

/** How far `executeBlocks` has come. */
export interface ChainProgress {
  /** The number of the last finished block. */
  readonly blockNumber: bigint
  /** Its hash. */
  readonly blockHash: Hex
  /** How many blocks are finished. */
  readonly blocks: number
  /** How many transactions they hold in all. */
  readonly transactions: number
  /** How much gas they used in all. */
  readonly gasUsed: bigint
  /** Milliseconds since the first block was asked for. */
  readonly elapsed: number
  /** Millions of gas per second in that time. */
  readonly mgasPerSecond: number
}

/** How a chain of blocks is executed. */
export interface ExecuteBlocksOptions extends Omit<ExecuteBlockOptions, 'state'> {
  /**
   * The state after the parent of the first block. Every block that is finished moves it on; nobody
   * else may meanwhile (`STATE_RESULT_STALE`).
   */
  readonly state: State
  /**
   * Whether to compute the state root after each block, which `verify` compares with the header's.
   * Default: whether the state keeps one, as a `MemoryState` with `trie` and a `WitnessState` do.
   */
  readonly stateRoot?: boolean | undefined
  /**
   * The header of the parent of the first block. That every block names the one before as its parent
   * and has the next number is always checked; with this it is for the first one, too. BLOCKHASH knows
   * its hash and its parent's. Default: none.
   */
  readonly parent?: BlockHeader | undefined
  /**
   * Check what consensus demands of headers, ommers and sizes, as `validateBlock` does. Needs
   * `parent`. Default false.
   */
  readonly validate?: boolean | undefined
  /**
   * The blocks before the first, from its parent on, newest first: for BLOCKHASH, and for `validate`,
   * where one of the first blocks has ommers. Default: the parent, where it has no ommers.
   */
  readonly ancestors?: readonly Ancestor[] | undefined
  /** With `validate`, check the proofs of work as well. Default false. */
  readonly proofOfWork?: boolean | undefined
  /**
   * How many blocks behind the one that executes are prepared, at most 64: read from `blocks`, decoded,
   * and, by threads that have nothing better to do, their senders recovered and transactions run ahead.
   * Packed they take at most 64 MiB together; the last one may go beyond. With 0 the next block is read
   * and decoded, no more. What results say does not depend on it. Default 2.
   */
  readonly ahead?: number | undefined
  /**
   * Called for every block that is finished, just before it is yielded. What it throws ends the
   * iteration after that block.
   */
  readonly onProgress?: ((progress: ChainProgress) => void) | undefined
}

const chainMembers: MembersOf<ExecuteBlocksOptions> = {
  ...blockMembers,
  stateRoot: true,
  parent: true,
  validate: true,
  ancestors: true,
  proofOfWork: true,
  ahead: true,
  onProgress: true,
}

/** Throws `OPTION_INVALID` where options are unknown, have wrong types, or contradict each other. */
export function checkChainOptions(blocks: BlockSequence, options: ExecuteBlocksOptions): void {
  checkOptions(options, chainMembers)
  demand(isBlockSequence(blocks), 'blocks', 'an iterable of blocks', blocks)
  checkBlockFlags(options)
  checkFlags(options, 'stateRoot', 'validate', 'proofOfWork')
  checkAhead(options.ahead)
  const { state, stateRoot, parent, validate = false, onProgress, signal } = options
  checkSignal(signal)
  checkTimeout(options.timeout)
  demand(state instanceof State && State.isState(state), 'state', 'a state that moves on', state)
  const hasRoot = state.root !== undefined
  demand(stateRoot !== true || hasRoot, 'stateRoot', 'false on a state without a root', stateRoot)
  const isHeader = parent === undefined ? !validate : parent instanceof BlockHeader
  demand(isHeader, 'parent', 'the header of the parent', parent)
  if (options.ancestors !== undefined) checkAncestors(options.ancestors)
  const hasCallback = onProgress === undefined || typeof onProgress === 'function'
  demand(hasCallback, 'onProgress', 'a function', onProgress)
}

/** Throws `OPTION_INVALID` for what is no number of blocks to prepare. */
export function checkAhead(ahead: number | undefined): void {
  const isCount = Number.isInteger(ahead) && Number(ahead) >= 0 && Number(ahead) <= mostAhead
  demand(ahead === undefined || isCount, 'ahead', `a number of blocks, 0 to ${mostAhead}`, ahead)
}

/** How many blocks are prepared. */
export function aheadOf({ ahead = usualAhead }: Pick<ExecuteBlocksOptions, 'ahead'>): number {
  return ahead
}

/** Whether a value can be iterated over for blocks; the bytes of one cannot. */
export function isBlockSequence(value: unknown): value is BlockSequence {
  return isSequence(value) && !(value instanceof Uint8Array)
}

/** The iterator of a sequence, whichever kind it is. */
export function iteratorOf(
  blocks: BlockSequence,
): Iterator<BlockSource> | AsyncIterator<BlockSource> {
  return Symbol.asyncIterator in blocks ? blocks[Symbol.asyncIterator]() : blocks[Symbol.iterator]()
}
