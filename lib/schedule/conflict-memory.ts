/** What is remembered of calls: the gas they use, and the locations where they conflict. */

import type { CallKeys } from './call-keys.js'

/** Locations remembered per call: enough for a pool's price, balances and counters. */
export const waysPerEntry = 4

/**
 * Entries that share a place. A call looks through one such set and replaces the entry that was not
 * seen for longest, so eight keep what recurs although hashing is uneven.
 */
const entriesPerSet = 8

/**
 * How much one transaction counts: after about eight, half of what is remembered is of them. Fast
 * enough to learn a hot contract within its first block, slow enough not to forget it for one
 * transaction that went another way.
 */
const weight = 1 / 12

/** Probabilities below this are as good as none; their place is for others. */
const negligible = 0.02

/** No entry, or no way. */
export const none = -1

/**
 * A cache of a fixed size, like those of processors: nothing in it grows. About 100 bytes per entry.
 *
 * An entry stands for a kind of call, named by a key. It has up to {@link waysPerEntry} ways: a
 * location, and the share of such calls that conflicted there. Within a block, evidence is gathered
 * with {@link hit} and {@link exempt}, and applied by {@link endBlock}.
 */
export class ConflictMemory {
  readonly #setMask: number
  readonly #keys: Float64Array
  /** The block in which an entry was last looked for. */
  readonly #lastSeen: Uint32Array
  /** The mean gas of the calls; 0: not known. */
  readonly #gas: Float64Array
  readonly #locations: Float64Array
  readonly #probabilities: Float32Array

  // Of the block under way.
  readonly #seen: Uint32Array
  readonly #hits: Uint32Array
  readonly #exempt: Uint32Array
  readonly #touched: number[] = []
  #clock = 1

  /** A memory of at least so many entries. */
  constructor(entries: number) {
    const sets = 2 ** Math.ceil(Math.log2(Math.max(1, entries / entriesPerSet)))
    const size = sets * entriesPerSet
    this.#setMask = sets - 1
    this.#keys = new Float64Array(size)
    this.#lastSeen = new Uint32Array(size)
    this.#gas = new Float64Array(size)
    this.#locations = new Float64Array(size * waysPerEntry)
    this.#probabilities = new Float32Array(size * waysPerEntry)
    this.#seen = new Uint32Array(size)
    this.#hits = new Uint32Array(size * waysPerEntry)
    this.#exempt = new Uint32Array(size * waysPerEntry)
  }

  /** How many entries there may be. */
  get capacity(): number {
    return this.#keys.length
  }

  /** The entry of a key, or {@link none}. */
  find(key: number): number {
    const first = this.#firstOf(key)
    for (let entry = first; entry < first + entriesPerSet; entry++) {
      if (this.#keys[entry] === key) return entry
    }
    return none
  }

  /** The entry of a key; a new one takes the place of that of its set seen longest ago. */
  enter(key: number): number {
    const found = this.find(key)
    if (found !== none) return found
    const first = this.#firstOf(key)
    let oldest = first
    for (let entry = first + 1; entry < first + entriesPerSet; entry++) {
      if (this.#lastSeen[entry] < this.#lastSeen[oldest]) oldest = entry
    }
    this.#keys[oldest] = key
    this.#lastSeen[oldest] = this.#clock
    this.#gas[oldest] = 0
    this.#seen[oldest] = 0
    const ways = oldest * waysPerEntry
    this.#locations.fill(0, ways, ways + waysPerEntry)
    this.#probabilities.fill(0, ways, ways + waysPerEntry)
    this.#hits.fill(0, ways, ways + waysPerEntry)
    this.#exempt.fill(0, ways, ways + waysPerEntry)
    return oldest
  }

  /** The mean gas of an entry's calls; 0: not known. */
  gas(entry: number): number {
    return this.#gas[entry]
  }

  /** The location of a way; 0: none. */
  location(way: number): number {
    return this.#locations[way]
  }

  /** The share of an entry's calls that conflict at a way's location. */
  probability(way: number): number {
    return this.#probabilities[way]
  }

  /** Notes the gas of one call. */
  noteGas(entry: number, gasUsed: number): void {
    this.#lastSeen[entry] = this.#clock
    const known = this.#gas[entry]
    this.#gas[entry] = known === 0 ? gasUsed : known + (gasUsed - known) * weight
  }

  /** Notes that one more call of the entry is in the block under way. */
  see(entry: number): void {
    this.#lastSeen[entry] = this.#clock
    if (this.#seen[entry]++ === 0) this.#touched.push(entry)
  }

  /**
   * The way of a location, which takes the place of the least probable one; {@link none} where all of
   * them are in use in this block.
   */
  wayOf(entry: number, location: number): number {
    const first = entry * waysPerEntry
    let least = none
    for (let way = first; way < first + waysPerEntry; way++) {
      if (this.#locations[way] === location) return way
      const free = this.#hits[way] === 0 && this.#exempt[way] === 0
      if (free && (least === none || this.#probabilities[way] < this.#probabilities[least])) {
        least = way
      }
    }
    if (least === none) return none
    this.#locations[least] = location
    this.#probabilities[least] = 0
    return least
  }

  /** Notes that one of the calls seen conflicted, or would have without a hint. */
  hit(way: number): void {
    this.#hits[way]++
  }

  /** Notes that one of the calls seen says nothing about a way. */
  exempt(way: number): void {
    this.#exempt[way]++
  }

  /**
   * Ends the block under way: calls without a hit count against the locations of their entry. Without
   * calls that were seen it only lets time pass.
   */
  endBlock(): void {
    for (const entry of this.#touched) {
      const seen = this.#seen[entry]
      for (let way = entry * waysPerEntry; way < (entry + 1) * waysPerEntry; way++) {
        if (this.#locations[way] !== 0) this.#apply(way, seen)
      }
      this.#seen[entry] = 0
    }
    this.#touched.length = 0
    this.#clock++
  }

  #apply(way: number, seen: number): void {
    const calls = seen - this.#exempt[way]
    if (calls > 0) {
      const share = Math.min(1, this.#hits[way] / calls)
      const known = this.#probabilities[way]
      this.#probabilities[way] = known + (share - known) * (1 - (1 - weight) ** calls)
      if (this.#probabilities[way] < negligible) this.#locations[way] = 0
    }
    this.#hits[way] = 0
    this.#exempt[way] = 0
  }

  /** The first entry of a key's set. Keys are hashes that nobody can choose: any of their bits do. */
  #firstOf(key: number): number {
    return (key & this.#setMask) * entriesPerSet
  }
}

/**
 * The entry of a transaction's call: that of its function with its first argument, where that is known
 * to matter, else that of the function; or {@link none}.
 */
export function findCall(memory: ConflictMemory, keys: CallKeys, transaction: number): number {
  // A transaction that is not known is -1, and has no keys.
  const special = keys.arguments[transaction] ?? 0
  const entry = special === 0 ? none : memory.find(special)
  if (entry !== none) return entry
  const key = keys.functions[transaction] ?? 0
  return key === 0 ? none : memory.find(key)
}
