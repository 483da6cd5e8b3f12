/** The policy that learns: chains what conflicts, and leaves alone what gains nothing. */

import { checkFlags, checkOptions, demand } from '../arguments.js'
import { type CallKeys, callKeysOf, isPlainTransfer } from './call-keys.js'
import { ConflictMemory } from './conflict-memory.js'
import {
  type BlockCost,
  callCost,
  nanoseconds,
  parallelCost,
  sequentialCost,
  wakesForSenders,
} from './cost.js'
import type { ExecutionFeedback } from './feedback.js'
import { forecast, type Link } from './forecast.js'
import { learnConflicts, learnGas } from './learning.js'
import type { ExecutionPlan, SchedulingPolicy, WorkerPool } from './policy.js'
import { PrefetchList, SlotMemory } from './prefetch.js'
import type { BlockSummary, TransactionSummaries } from './summary.js'

/** How an adaptive policy behaves. */
export interface AdaptiveOptions {
  /**
   * How many kinds of calls it remembers, rounded up to a power of two, about 100 bytes each. Those
   * not seen for longest make room. Default 4096: what some twenty mainnet blocks call.
   */
  readonly memory?: number | undefined
  /**
   * Of so many blocks that are hopeless for their conflicts one runs on all workers nevertheless, to
   * see whether they still are; sooner at first. Default 16: a hopeless block loses up to a tenth that
   * way, all of them together less than a hundredth.
   */
  readonly probeInterval?: number | undefined
  /**
   * Whether to name what a block will most likely read, for states that are slow to read. Default
   * false: reading from memory costs less than naming.
   */
  readonly prefetch?: boolean | undefined
}

/** Blocks are run in parallel for a twentieth of gain and more: below that it is not worth the heat. */
const worthwhileShare = 0.95

/**
 * Code may run this many times as fast as its gas lets expect, and be over before others help. Where
 * they are awake for the senders anyway, there is nothing to lose.
 */
const doubt = 2

/** The interval of the first probe; each is followed by one of twice the length. */
const firstPatience = 2

/** More workers than twice a block's parallelism find nothing to do. */
const workersPerParallelism = 2

/**
 * Makes a policy with a memory of its own, for one engine.
 *
 * From the gas that calls used before, it estimates how long a block takes on one worker and on
 * several, and takes the quicker way. It remembers, per contract and selector and per first argument,
 * at which locations calls conflicted, chains calls that will most likely meet at one, and forgets
 * what no longer conflicts. Its decisions rest on blocks, gas and conflicts alone, not on clocks; where
 * the memory is full, what makes room for what differs from process to process.
 * Throws `OPTION_INVALID`.
 */
export function adaptive(options: AdaptiveOptions = {}): SchedulingPolicy {
  checkOptions(options, { memory: true, probeInterval: true, prefetch: true })
  checkFlags(options, 'prefetch')
  const { memory = 4096, probeInterval = 16, prefetch = false } = options
  checkInteger(memory, 'memory', 2 ** 20)
  checkInteger(probeInterval, 'probeInterval', 2 ** 31)
  return new AdaptivePolicy({ memory, probeInterval, prefetch })
}

/** What a plan rests on, kept until the block was executed. */
interface Planned {
  readonly keys: CallKeys
  readonly links: readonly Link[]
}

class AdaptivePolicy implements SchedulingPolicy {
  readonly name = 'adaptive'
  readonly #memory: ConflictMemory
  readonly #slots: SlotMemory | undefined
  readonly #probeInterval: number
  readonly #planned = new WeakMap<BlockSummary, Planned>()
  /** How many hopeless blocks pass before the next one that is not given up. */
  #untilProbe: number
  #patience: number

  constructor({ memory, probeInterval, prefetch }: Required<AdaptiveOptions>) {
    this.#memory = new ConflictMemory(memory)
    this.#slots = prefetch ? new SlotMemory(memory) : undefined
    this.#probeInterval = probeInterval
    this.#patience = Math.min(firstPatience, probeInterval)
    this.#untilProbe = this.#patience
  }

  plan(summary: BlockSummary, pool: WorkerPool): ExecutionPlan {
    const { transactions } = summary
    if (pool.size < 2 || transactions.length < 2 || isEasy(transactions, pool.size)) {
      return { mode: 'sequential' }
    }
    const keys = callKeysOf(transactions)
    const { cost, predecessors, links } = forecast(transactions, keys, this.#memory)
    const workers = usefulWorkers(cost, pool.size)
    if (isWorthwhile(cost, workers)) {
      this.#planned.set(summary, { keys, links })
      return { mode: 'optimistic', workers, predecessors, ...this.#prefetch(transactions, links) }
    }
    if (this.#isTimeToProbe(cost, pool)) return { mode: 'optimistic' }
    return { mode: 'sequential' }
  }

  learn(feedback: ExecutionFeedback, summary: BlockSummary): void {
    const { keys, links } = this.#planned.get(summary) ?? {
      keys: callKeysOf(summary.transactions),
      links: [],
    }
    learnGas(this.#memory, feedback, summary.transactions, keys)
    if (feedback.workers < 2) return
    this.#slots?.note(feedback.conflicts)
    learnConflicts(this.#memory, feedback, keys, links)
  }

  /** Whether to run a block that is hopeless, but for what is remembered, on all workers. */
  #isTimeToProbe(cost: BlockCost, pool: WorkerPool): boolean {
    if (!isWorthwhile({ ...cost, criticalPath: 0 }, pool.size)) return false
    this.#untilProbe--
    if (this.#untilProbe > 0) return false
    // What was learnt from one other block is soon seen to be wrong, what is right rarely doubted.
    this.#patience = Math.min(2 * this.#patience, this.#probeInterval)
    this.#untilProbe = this.#patience
    return true
  }

  #prefetch(
    transactions: TransactionSummaries,
    links: readonly Link[],
  ): Pick<ExecutionPlan, 'prefetch'> {
    if (this.#slots === undefined) return {}
    const list = new PrefetchList()
    for (const { location } of links) {
      const slot = this.#slots.get(location)
      if (slot !== undefined) list.add(slot)
    }
    list.addNamed(transactions)
    return { prefetch: list.items }
  }
}

/** Whether a block gains by running on so many workers, even if it takes less than expected. */
function isWorthwhile(cost: BlockCost, workers: number): boolean {
  const factor = wakesForSenders(cost, workers) ? 1 : doubt
  const least = { ...cost, total: cost.total / factor, criticalPath: cost.criticalPath / factor }
  return parallelCost(least, workers) < worthwhileShare * sequentialCost(least, workers)
}

/**
 * Whether a block is over before other workers are awake, or executed by one while the others recover
 * its senders, whatever its transactions do with their gas.
 */
function isEasy(transactions: TransactionSummaries, workers: number): boolean {
  let recovery = 0
  for (let i = 0; i < transactions.length; i++) {
    if (!transactions.hasSender(i)) recovery += nanoseconds.recovery
  }
  const enough = Math.max(nanoseconds.wakeUp / worthwhileShare, recovery / (workers - 1))
  let most = 0
  for (let i = 0; i < transactions.length && most <= enough; i++) {
    most += isPlainTransfer(transactions, i)
      ? nanoseconds.transfer
      : callCost(transactions.gasLimit(i))
  }
  return most <= enough
}

/** How many workers find something to do that takes longer than waking them. */
function usefulWorkers(cost: BlockCost, available: number): number {
  const { recovery, total, criticalPath } = cost
  const work = recovery + total
  const parallelism = criticalPath === 0 ? available : work / criticalPath
  const busy = Math.min(workersPerParallelism * parallelism, work / nanoseconds.wakeUp)
  return Math.max(2, Math.min(available, Math.ceil(busy)))
}

function checkInteger(value: unknown, field: string, most: number): void {
  const holds = Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most
  demand(holds, field, `an integer from 1 to ${most}`, value)
}
