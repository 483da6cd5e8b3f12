/** Who decides how a block is executed. */

/** What a policy knows of a block before it is executed. */
export interface BlockSummary {
  readonly number: bigint
  readonly transactionCount: number
  readonly gasLimit: bigint
}

/** What a policy may use. */
export interface WorkerPool {
  /** The most workers that a block may have. */
  readonly size: number
}

/** How a block is to be executed. Whatever the plan, the result is the same to the last byte. */
export interface ExecutionPlan {
  /**
   * `sequential`: one transaction after another. `optimistic`: transactions run ahead of their turn
   * on several workers, and are committed in order where what they rest on still holds.
   */
  readonly mode: 'sequential' | 'optimistic'
  /** How many workers, at most the pool's size. Default: all. */
  readonly workers?: number
}

/** Decides, block by block, how transactions are executed. */
export interface SchedulingPolicy {
  /** What reports call it. */
  readonly name: string
  /** Decides about a block. Called on the JavaScript thread, before every block. */
  plan(summary: BlockSummary, pool: WorkerPool): ExecutionPlan
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

/** The policies that go by a name. */
export const policies: Readonly<Record<PolicyName, SchedulingPolicy>> = { sequential, optimistic }

/** The name of a built-in policy. */
export type PolicyName = 'sequential' | 'optimistic'
