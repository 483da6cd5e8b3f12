/** What the page knows of an executed block: the data that is embedded in it. */

/** A transaction. */
export interface PageTransaction {
  readonly index: number
  readonly hash: string
  readonly from: string
  /** The recipient, or the contract that was created. */
  readonly to: string
  readonly creates: boolean
  readonly type: string
  readonly reverted: boolean
  readonly gas: number
}

/** A place in the state. */
export interface PageLocation {
  readonly kind: string
  readonly address: string
  readonly key?: string
}

/** Why a run was thrown away. */
export interface PageConflict extends PageLocation {
  readonly writer?: number
}

/** What became of a run: kept, kept after running at the head of the block, or thrown away. */
export type RunOutcome = 'ahead' | 'head' | 'discarded'

/** One run of a transaction; times in milliseconds since execution began. */
export interface PageRun {
  readonly transaction: number
  readonly incarnation: number
  readonly worker: number
  readonly start: number
  readonly end: number
  readonly gas: number
  readonly outcome: RunOutcome
  readonly conflicts: readonly PageConflict[]
  readonly dependsOn?: number
  readonly waitedFor?: number
}

/** Everything that the page shows over time. */
export interface PageModel {
  readonly workers: number
  /** The share of the time that each worker was busy, 0 to 1. */
  readonly utilisation: readonly number[]
  /** Until when the workers recovered senders. */
  readonly senders: number
  readonly transactions: readonly PageTransaction[]
  readonly runs: readonly PageRun[]
  /** Indices of the transactions on the critical path; empty where it is not known. */
  readonly criticalPath: readonly number[]
}
