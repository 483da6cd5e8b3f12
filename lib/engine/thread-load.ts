/** How busy the JavaScript thread is, and how many cores that leaves to the blocks of a chain. */

import {
  type EventLoopUtilityFunction,
  type EventLoopUtilization,
  performance,
} from 'node:perf_hooks'
import { processorCount } from '../native/load.js'
import type { WorkerPool } from '../schedule/policy.js'

/**
 * A thread that works for more than this share of the time needs a core of its own. Below, a block is
 * done sooner with all of them: beside a block that takes twice as long as the thread's own work, a
 * second worker gains about what disturbing the thread costs.
 */
const busyShare = 0.6

/** How much the latest block weighs in the share of time that is reckoned with. */
const latestWeight = 0.25

/**
 * Watches the thread that finishes one block of a chain while the next one executes. Whatever keeps it
 * busy counts: roots and checks, the consumer, the rest of the program.
 */
export class ThreadLoad {
  readonly #cores: number
  readonly #measure: EventLoopUtilityFunction
  #last: EventLoopUtilization
  #share = 0

  /**
   * @param cores what the machine has
   * @param measure how long the event loop of the thread waited and worked
   */
  constructor(
    cores: number = processorCount(),
    measure: EventLoopUtilityFunction = performance.eventLoopUtilization,
  ) {
    this.#cores = cores
    this.#measure = measure
    this.#last = measure()
  }

  /**
   * What the next block of the chain may use of a pool: all of it, or, while the thread is busy, a core
   * less than the machine has.
   */
  poolBeside(pool: WorkerPool): WorkerPool {
    const now = this.#measure()
    const { utilization } = this.#measure(now, this.#last)
    this.#last = now
    this.#share += latestWeight * (utilization - this.#share)
    if (this.#share <= busyShare) return pool
    return { size: Math.max(1, Math.min(pool.size, this.#cores - 1)) }
  }
}
