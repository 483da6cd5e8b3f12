/** From how a block went to what is remembered of its calls. */

import { type CallKeys, transferGas } from './call-keys.js'
import { type ConflictMemory, none } from './conflict-memory.js'
import type { ConflictFeedback, ExecutionFeedback } from './feedback.js'
import type { Link } from './forecast.js'
import type { TransactionSummaries } from './summary.js'

/** Learns how much gas calls use. */
export function learnGas(
  memory: ConflictMemory,
  feedback: ExecutionFeedback,
  transactions: TransactionSummaries,
  { functions }: CallKeys,
): void {
  for (let i = 0; i < transactions.length; i++) {
    if (functions[i] === 0) continue
    const gasUsed = feedback.transactions.gasUsed(i)
    // Recipients that run no code are too many to remember, and there is nothing to learn of them.
    const runsCode = gasUsed > transferGas || !transactions.isTransfer(i)
    const entry = runsCode ? memory.enter(functions[i]) : memory.find(functions[i])
    if (entry !== none) memory.noteGas(entry, gasUsed)
  }
}

/**
 * Learns where calls conflict, from a block that ran on several workers: from conflicts, and from
 * whether those that waited (`links`) had to. A call that neither conflicted nor waited counts as
 * one that does not conflict.
 */
export function learnConflicts(
  memory: ConflictMemory,
  feedback: ExecutionFeedback,
  keys: CallKeys,
  links: readonly Link[],
): void {
  const { conflicts } = feedback
  enterArguments(memory, conflicts, keys)
  for (let i = 0; i < keys.functions.length; i++) {
    for (const entry of entriesOf(memory, keys, i)) memory.see(entry)
  }
  const evidence = new Evidence(memory, keys.functions.length)
  for (let i = 0; i < conflicts.length; i++) {
    const location = conflicts.locationKey(i)
    for (const transaction of [conflicts.transaction(i), conflicts.writer(i)]) {
      for (const entry of entriesOf(memory, keys, transaction)) {
        evidence.add(memory.wayOf(entry, location), transaction)
      }
    }
  }
  for (const { transaction, way, location, previous } of links) {
    // The way may have gone to another location since the plan.
    if (memory.location(way) !== location || evidence.has(way, transaction)) continue
    const dependency = feedback.transactions.dependsOn(transaction)
    if (previous !== -1 && dependency === previous) evidence.add(way, transaction)
    // The first at a location waits for nobody. Of all that one depends on only one is told, most
    // often the last: where that comes after, nothing is known of the link.
    else if (previous === -1 || dependency > previous) memory.exempt(way)
  }
  memory.endBlock()
}

/** Counts a transaction once per way, however often it conflicted. */
class Evidence {
  readonly #memory: ConflictMemory
  readonly #count: number
  readonly #pairs = new Set<number>()

  constructor(memory: ConflictMemory, count: number) {
    this.#memory = memory
    this.#count = count
  }

  has(way: number, transaction: number): boolean {
    return this.#pairs.has(way * this.#count + transaction)
  }

  add(way: number, transaction: number): void {
    if (way === none || this.has(way, transaction)) return
    this.#pairs.add(way * this.#count + transaction)
    this.#memory.hit(way)
  }
}

/**
 * Enters the first arguments of calls that conflicted. They are many, and one that occurs once does
 * not tell what the function alone would not: those that occur again are entered.
 */
function enterArguments(memory: ConflictMemory, conflicts: ConflictFeedback, keys: CallKeys): void {
  const transactions = new Set<number>()
  for (let i = 0; i < conflicts.length; i++) {
    transactions.add(conflicts.transaction(i)).add(conflicts.writer(i))
  }
  const met = new Set<number>()
  for (const transaction of transactions) {
    // A writer that is not known is -1, and has no key.
    const key = keys.arguments[transaction] ?? 0
    if (key === 0) continue
    if (met.has(key)) memory.enter(key)
    met.add(key)
  }
}

/** The entries of a transaction: of the function it calls, and of its argument as well. */
function* entriesOf(memory: ConflictMemory, keys: CallKeys, transaction: number): Iterable<number> {
  for (const key of [keys.functions[transaction] ?? 0, keys.arguments[transaction] ?? 0]) {
    const entry = key === 0 ? none : memory.find(key)
    if (entry !== none) yield entry
  }
}
