/** What the simulation is given: a block as its transactions' costs and dependencies. */

/** A transaction. Times in microseconds. */
export interface TransactionModel {
  readonly gasLimit: number
  /** Whether it can do nothing but move ether: such a one is the lane's. */
  readonly isTransfer: boolean
  /** How long it takes where there is one worker. */
  readonly alone: number
  /** How long it takes at the head of a block of several workers. */
  readonly atHead: number
  /** How long it takes ahead of its turn, publishing included, its commit not. */
  readonly ahead: number
  /** The earlier transactions whose writes it reads. */
  readonly dependsOn: readonly number[]
  /** A hint: the earlier transaction that has to run before it is worth running this one. */
  readonly predecessor?: number
}

/** A block. Times in microseconds. */
export interface BlockModel {
  readonly transactions: readonly TransactionModel[]
  /** Recovering a sender; each transaction has one. */
  readonly recovery: number
  /** What comes before the transactions: system calls. */
  readonly before: number
  /** What comes after them and one worker does: the net changes, the last receipts. */
  readonly after: number
  /** Comparing what an outcome rests on and applying it: what the lane does of a run ahead. */
  readonly commit: number
  /** From the start of a block until the second worker is there, and what each further one adds. */
  readonly wakeUp: readonly [second: number, further: number]
}

/** What is simulated of a block. */
export interface Outcome {
  /** From the first sender to the end of the block, in microseconds. */
  readonly microseconds: number
  /** How many runs were thrown away. */
  readonly reExecutions: number
}
