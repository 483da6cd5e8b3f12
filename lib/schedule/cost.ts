/** How long execution takes, roughly: the numbers that the adaptive policy decides with. */

/**
 * Measured on one core of a 2.x GHz x86-64 server with the mainnet fixtures (least squares over 43
 * blocks) and with blocks of transfers. Another machine scales all of them alike, which leaves the
 * decisions as they are; only their proportions matter.
 */
export const nanoseconds = {
  /** A plain transfer. */
  transfer: 700,
  /** What a call costs beside its gas: validation, receipt, applying its writes. */
  call: 1000,
  /** Per unit of gas that code burns: 2 µs for 10,000. */
  gas: 0.2,
  /** Waking the other workers and waiting for the last to end. */
  wakeUp: 40_000,
  /**
   * What running ahead costs per call on top: noting what was read, publishing what was written,
   * comparing at commit, and moving all that from one core to another.
   */
  speculation: 1500,
  /** The same for plain transfers, many of which share a claim. */
  transferSpeculation: 700,
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
  /** All transactions one after another, in nanoseconds. */
  readonly total: number
  /** What running ahead adds, in nanoseconds, over all workers. */
  readonly speculation: number
  /** The longest chain of transactions that wait for each other, in nanoseconds. */
  readonly criticalPath: number
}

/** How long a block takes on several workers, in nanoseconds. */
export function parallelCost(cost: BlockCost, workers: number): number {
  const shared = (cost.total + cost.speculation) / workers
  return nanoseconds.wakeUp + Math.max(shared, cost.criticalPath)
}
