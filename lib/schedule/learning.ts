/** From how a block went to what is remembered of its calls. */

import { type CallKeys, transferGas } from './call-keys.js'
import { type ConflictMemory, findCall, none } from './conflict-memory.js'
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
 * Learns where calls conflict, from a block that ran on several workers: from conflicts, from what
 * depended on what although it did not happen to conflict, and from whether those that waited
 * (`links`) had to. A call of which nothing of that is told counts as one that does not conflict.
 */
export function learnConflicts(
  memory: ConflictMemory,
  feedback: ExecutionFeedback,
  keys: CallKeys,
  links: readonly Link[],
): void {
  const meetings = [...conflictsIn(feedback.conflicts), ...successionsIn(feedback, keys)]
  sortByFrequency(meetings)
  enterArguments(memory, meetings, keys)
  for (let i = 0; i < keys.functions.length; i++) {
    const entry = findCall(memory, keys, i)
    if (entry !== none) memory.see(entry)
  }
  const evidence = new Evidence(memory, keys.functions.length)
  for (const { transaction, writer, location } of meetings) {
    for (const side of [transaction, writer]) {
      const entry = findCall(memory, keys, side)
      if (entry !== none) evidence.add(memory.wayOf(entry, location), side)
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

/** Two transactions at one location. */
interface Meeting {
  readonly transaction: number
  /** The earlier one; -1 where it is not known. */
  readonly writer: number
  readonly location: number
}

/** Most frequent locations first: a call has room for few, and the rest are chance. */
function sortByFrequency(meetings: Meeting[]): void {
  const counts = new Map<number, number>()
  for (const { location } of meetings) counts.set(location, (counts.get(location) ?? 0) + 1)
  const countOf = ({ location }: Meeting) => counts.get(location) ?? 0
  meetings.sort((a, b) => countOf(b) - countOf(a))
}

function* conflictsIn(conflicts: ConflictFeedback): Iterable<Meeting> {
  for (let i = 0; i < conflicts.length; i++) {
    yield {
      transaction: conflicts.transaction(i),
      writer: conflicts.writer(i),
      location: conflicts.locationKey(i),
    }
  }
}

/**
 * The transactions that depended on the latest call of some function, or on the latest call with some
 * first argument. Whether two that depend on each other conflict is a matter of luck; and a conflict
 * names the first location that differs, where several may. So what calls of a function (or with an
 * argument) write counts as a location of its own, whose key is theirs. Dependencies on calls further
 * back are left out: a chain of all calls in between would be wrong.
 */
function* successionsIn({ transactions }: ExecutionFeedback, keys: CallKeys): Iterable<Meeting> {
  const latest = new Map<number, number>()
  for (let i = 0; i < keys.functions.length; i++) {
    const writer = transactions.dependsOn(i)
    if (writer >= 0 && keys.functions[writer] !== 0) {
      const names = [keys.functions[writer], keys.arguments[writer]]
      const location = names.find((key) => key !== 0 && latest.get(key) === writer)
      if (location !== undefined) yield { transaction: i, writer, location }
    }
    if (keys.functions[i] !== 0) latest.set(keys.functions[i], i)
    if (keys.arguments[i] !== 0) latest.set(keys.arguments[i], i)
  }
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
 * Enters the first arguments of calls that met others. They are many, and one that occurs once does
 * not tell what the function alone would not: those that occur again are entered. From then on such
 * calls teach nothing about the function's other calls.
 */
function enterArguments(
  memory: ConflictMemory,
  meetings: readonly Meeting[],
  keys: CallKeys,
): void {
  const transactions = new Set<number>()
  for (const { transaction, writer } of meetings) transactions.add(transaction).add(writer)
  const met = new Set<number>()
  for (const transaction of transactions) {
    // A writer that is not known is -1, and has no key.
    const key = keys.arguments[transaction] ?? 0
    if (key === 0) continue
    if (met.has(key)) memory.enter(key)
    met.add(key)
  }
}
