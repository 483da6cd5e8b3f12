/** How a block would run, as far as is remembered of its calls. */

import type { CallKeys } from './call-keys.js'
import { type ConflictMemory, findCall, none, waysPerEntry } from './conflict-memory.js'
import { type BlockCost, callCost, expectedGas, nanoseconds } from './cost.js'
import type { TransactionSummaries } from './summary.js'

/**
 * Calls are chained where at least half of them conflict: waiting in vain costs about as much as
 * running in vain.
 */
export const chainProbability = 0.5

/** A transaction and a location where an earlier one of the block is expected. */
export interface Link {
  readonly transaction: number
  /** Where the memory has the location. */
  readonly way: number
  readonly location: number
  /** The latest earlier transaction that is expected there; -1: this is the first. */
  readonly previous: number
}

/** What is expected of a block. */
export interface Forecast {
  readonly cost: BlockCost
  /** Per transaction the latest one that it will meet somewhere, or -1. */
  readonly predecessors: Int32Array
  readonly links: readonly Link[]
}

/** Goes through a block's transactions, chaining those that will most likely meet somewhere. */
export function forecast(
  transactions: TransactionSummaries,
  keys: CallKeys,
  memory: ConflictMemory,
): Forecast {
  const chains = new Chains(transactions.length, memory)
  let recovery = 0
  let total = 0
  let speculation = 0
  let lane = 0
  for (let i = 0; i < transactions.length; i++) {
    if (!transactions.hasSender(i)) recovery += nanoseconds.recovery
    const key = keys.functions[i]
    const entry = key === 0 ? none : memory.find(key)
    // Recipients of which nothing is known run no code: those that do are remembered.
    if (transactions.isTransfer(i) && entry === none) {
      total += nanoseconds.transfer
      lane += nanoseconds.transfer
      continue
    }
    const cost = callCost(gasOf(memory, entry, transactions.gasLimit(i)))
    total += cost
    speculation += nanoseconds.speculation
    lane += nanoseconds.commit
    chains.add(i, cost, findCall(memory, keys, i))
  }
  return {
    cost: {
      recovery,
      total,
      speculation: speculation + chains.inVain,
      criticalPath: chains.criticalPath,
      lane,
    },
    predecessors: chains.predecessors,
    links: chains.links,
  }
}

/** The gas that a call most likely uses. */
function gasOf(memory: ConflictMemory, entry: number, gasLimit: number): number {
  const known = entry === none ? 0 : memory.gas(entry)
  return known === 0 ? expectedGas(gasLimit) : Math.min(known, gasLimit)
}

/** Chains of transactions that meet at locations. */
class Chains {
  readonly predecessors: Int32Array
  readonly links: Link[] = []
  /** The longest chain of two and more, in nanoseconds. */
  criticalPath = 0
  /** What runs that no chain prevents will cost in vain, in nanoseconds. */
  inVain = 0
  readonly #memory: ConflictMemory
  /** When a chained transaction ends, were there workers for everything. */
  readonly #ends: Float64Array
  readonly #latestAt = new Map<number, number>()

  constructor(count: number, memory: ConflictMemory) {
    this.predecessors = new Int32Array(count).fill(-1)
    this.#ends = new Float64Array(count)
    this.#memory = memory
  }

  /** Adds the next transaction, and what the memory has of its call. */
  add(transaction: number, cost: number, entry: number): void {
    if (entry === none) return
    const memory = this.#memory
    let start = 0
    for (let way = entry * waysPerEntry; way < (entry + 1) * waysPerEntry; way++) {
      const location = memory.location(way)
      if (location === 0) continue
      const probability = memory.probability(way)
      if (probability < chainProbability) this.inVain += probability * cost
      else start = Math.max(start, this.#meet(transaction, way, location))
    }
    this.#ends[transaction] = start + cost
    if (start > 0) this.criticalPath = Math.max(this.criticalPath, start + cost)
  }

  /** Puts the transaction at the end of a location's chain; when those before it have ended. */
  #meet(transaction: number, way: number, location: number): number {
    const previous = this.#latestAt.get(location) ?? -1
    this.links.push({ transaction, way, location, previous })
    this.#latestAt.set(location, transaction)
    if (previous === -1) return 0
    this.predecessors[transaction] = Math.max(this.predecessors[transaction], previous)
    return this.#ends[previous]
  }
}
