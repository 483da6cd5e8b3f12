/** How long execution takes, roughly: the numbers that the adaptive policy decides with. */

/**
 * Measured on one core of a 2-core x86-64 server: the mainnet fixtures (least squares over 43 blocks)
 * and made workloads, of which code that mostly stores takes 0.04 ns per gas, tokens 0.13, a game 0.2,
 * swaps 0.5. Another machine scales all of them alike, which leaves most decisions as they are.
 */
export const nanoseconds = {
  /** Recovering a sender from a signature. */
  recovery: 4800,
  /** A plain transfer. */
  transfer: 350,
  /** What a call costs beside its gas: validation, receipt, applying its writes. */
  call: 700,
  /** Per unit of gas that code burns: 2 µs for 10,000. */
  gas: 0.2,
  /** Waking the other workers and waiting for the last to end. */
  wakeUp: 40_000,
  /** What running ahead costs per call on top: noting what was read, publishing what was written. */
  speculation: 700,
  /** What of a call only the commit lane does: comparing what was read, applying what was written. */
  commit: 500,
} as const

/** What every transaction pays before its code runs (EIP-2). */
const intrinsicGas = 21_000

/** How much of its gas limit a call uses, where nothing better is known: the fixtures' median. */
const usedShare = 0.45

/** How long a transaction takes that uses this much gas. */
export function callCost(gasUsed: number): number {
  return nanoseconds.call + nanoseconds.gas * Math.max(0, gasUsed - intrinsicGas)
}

/** The gas that a transaction with this limit most likely uses. */
export function expectedGas(gasLimit: number): number {
  return Math.min(gasLimit, Math.max(intrinsicGas, gasLimit * usedShare))
}

/** What a block's transactions come to. */
export interface BlockCost {
  /** Recovering the senders, in nanoseconds over all workers, whatever the mode. */
  readonly recovery: number
  /** All transactions one after another, in nanoseconds. */
  readonly total: number
  /** What running ahead adds, in nanoseconds, over all workers. */
  readonly speculation: number
  /** The longest chain of transactions that wait for each other, in nanoseconds. */
  readonly criticalPath: number
  /**
   * What is done in the order of the block, by one worker at a time: commits, and plain transfers,
   * which take less than handing them to somebody. In nanoseconds.
   */
  readonly lane: number
}

/**
 * How long a block takes whose transactions run one after another, in nanoseconds: one worker executes
 * while the others recover the senders, of which it does its share.
 */
export function sequentialCost({ recovery, total }: BlockCost, workers: number): number {
  return Math.max(total, (recovery + total) / workers)
}

/** Whether a block has so many senders to recover that so many workers are awake for them in any mode. */
export function wakesForSenders({ recovery }: BlockCost, workers: number): boolean {
  return recovery > nanoseconds.wakeUp * workers
}

/**
 * How long a block takes on several workers, in nanoseconds. It begins as if one after another; once
 * all senders are known, the workers share what is left of the calls.
 */
export function parallelCost(cost: BlockCost, workers: number): number {
  const { recovery, total, speculation, criticalPath, lane } = cost
  const wakeUp = wakesForSenders(cost, workers) ? 0 : nanoseconds.wakeUp
  const recovered = recovery / (workers - 1)
  if (total <= recovered) return wakeUp + sequentialCost(cost, workers)
  const left = (total - recovered) / total
  const shared = (total + speculation) / workers
  return wakeUp + recovered + left * Math.max(shared, criticalPath, lane)
}
