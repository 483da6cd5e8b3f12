/** How blocks are replayed, and what is told about it on the way. */

import { checkOptions, checkUint64, demand, type MembersOf } from '../arguments.js'
import { checkSignal, checkTimeout } from '../engine/cancellation.js'
import {
  type BlockSequence,
  type ChainProgress,
  checkAhead,
  isBlockSequence,
} from '../engine/chain-options.js'
import { withJson } from '../json.js'
import type { CheckpointStore } from './checkpoint.js'
import type { ImportOptions } from './options.js'

/** Blocks in the order of the chain, or what gives them from a number on. */
export type ReplayBlocks = BlockSequence | ((from: bigint) => BlockSequence)

/** How blocks are replayed. */
export interface ReplayOptions extends ImportOptions {
  /**
   * The first block, where there is no checkpoint. Where the head is that block or a later one, the chain goes back
   * to the block before it. Default: the one that follows the head.
   */
  readonly from?: bigint | undefined
  /** The last block. Default: the last one that there is. */
  readonly to?: bigint | undefined
  /**
   * Where it is noted how far the consumer has come: a block is done when the next one is asked for. With a
   * checkpoint in it the replay goes on behind that block, or behind the head, whichever is less: every block is
   * given once at least, however a process ends.
   */
  readonly checkpoint?: CheckpointStore | undefined
  /** After how many blocks a checkpoint is saved. The state must be able to undo so many. Default 1. */
  readonly every?: number | undefined
  /** How many blocks behind the one that executes are prepared, as `executeBlocks` does. Default 2. */
  readonly ahead?: number | undefined
}

/** How far a replay has come. */
export interface ReplayProgress extends ChainProgress {
  /** How many blocks there are in all, where that is known: by `to`, or the length of an array. */
  readonly total: number | undefined
  /** How many milliseconds the rest will take at the pace so far, where the end is known. */
  readonly eta: number | undefined
}

const members: MembersOf<ReplayOptions> = {
  from: true,
  to: true,
  checkpoint: true,
  every: true,
  ahead: true,
  signal: true,
  timeout: true,
}

/** Throws `OPTION_INVALID` where blocks cannot be replayed in this way. */
export function checkReplayOptions(blocks: ReplayBlocks, options: ReplayOptions): void {
  checkOptions(options, members)
  const areBlocks = isBlockSequence(blocks) || typeof blocks === 'function'
  demand(areBlocks, 'blocks', 'an iterable of blocks, or a function that gives one', blocks)
  const { from, to, checkpoint, every = 1, ahead } = options
  if (from !== undefined) checkUint64(from, 'from')
  if (to !== undefined) checkUint64(to, 'to')
  demand(from !== 0n, 'from', '1 or more: nothing leads to block 0', from)
  demand(Number.isSafeInteger(every) && every > 0, 'every', 'a number of blocks above 0', every)
  const isStore =
    checkpoint === undefined ||
    (typeof checkpoint?.load === 'function' && typeof checkpoint.save === 'function')
  demand(isStore, 'checkpoint', 'a CheckpointStore', checkpoint)
  checkAhead(ahead)
  checkSignal(options.signal)
  checkTimeout(options.timeout)
}

/** The progress of so many blocks of a number in all. */
export function progressOf(done: ChainProgress, total: number | undefined): ReplayProgress {
  const { blocks, elapsed } = done
  const eta =
    total === undefined || blocks === 0 ? undefined : (elapsed / blocks) * (total - blocks)
  return withJson({ ...done, total, eta })
}
