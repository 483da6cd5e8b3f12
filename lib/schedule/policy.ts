/** Who decides how a block is executed. */

import type { Hex } from '../hex/index.js'
import type { ExecutionFeedback } from './feedback.js'
import type { BlockSummary } from './summary.js'

/** What a policy may use. */
export interface WorkerPool {
  /** The most workers that a block may have. */
  readonly size: number
}

/** An account, or one of its storage slots. */
export interface PrefetchItem {
  /** The account. */
  readonly address: Hex
  /** The slot, 32 bytes. Default: the account itself. */
  readonly key?: Hex | undefined
}

/** How a block is to be executed. Whatever the plan, the result is the same to the last byte. */
export interface ExecutionPlan {
  /**
   * `sequential`: one transaction after another. `optimistic`: transactions run ahead of their turn
   * on several workers, and are committed in order where what they rest on still holds. `ahead`: the
   * same, and nothing is run at its turn that could be run before it; slower, for tests that look for
   * differences.
   */
  readonly mode: 'sequential' | 'optimistic' | 'ahead'
  /** How many workers, at most the pool's size. Default: all. */
  readonly workers?: number | undefined
  /**
   * Per transaction the index of an earlier one that has to run before it is worth running this one,
   * -1 or undefined for none. Default: none at all. A hint: without it a transaction that reads what
   * an earlier one is about to write runs twice. Sequential execution does not look at it.
   */
  readonly predecessors?: ArrayLike<number | undefined> | undefined
  /**
   * What the workers touch before the transactions do, so that a state that is slow to read answers
   * early. Default: nothing.
   */
  readonly prefetch?: readonly PrefetchItem[] | undefined
}

/** Decides, block by block, how transactions are executed. */
export interface SchedulingPolicy {
  /** What reports call it. */
  readonly name: string
  /**
   * Decides about a block. Called on the JavaScript thread, before every block. Where it throws, the
   * block is not executed: `POLICY_FAILED`, with what was thrown as `cause`.
   */
  plan(summary: BlockSummary, pool: WorkerPool): ExecutionPlan
  /**
   * Learns how a block went that was planned with `summary`. Called on the JavaScript thread, once
   * for every block that was executed to its end; with several blocks under way, not always in the
   * order of the plans. Where it throws, the block's result stands: the engine emits a process
   * warning (`BRAID_POLICY_LEARN_FAILED`) and does not call it again.
   */
  readonly learn?: ((feedback: ExecutionFeedback, summary: BlockSummary) => void) | undefined
}

/** One transaction after another. */
export const sequential: SchedulingPolicy = {
  name: 'sequential',
  plan: () => ({ mode: 'sequential' }),
}

/** All workers run ahead, on every block. */
export const optimistic: SchedulingPolicy = {
  name: 'optimistic',
  plan: () => ({ mode: 'optimistic' }),
}

/** Every transaction ahead of its turn, whether or not that is of use: for tests. */
export const ahead: SchedulingPolicy = {
  name: 'ahead',
  plan: () => ({ mode: 'ahead' }),
}

/** The name of a built-in policy. */
export type PolicyName = 'sequential' | 'optimistic' | 'adaptive' | 'ahead'
