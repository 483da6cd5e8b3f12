/** What a block will most likely read, told before its transactions ask. */

import type { ConflictFeedback } from './feedback.js'
import type { PrefetchItem } from './policy.js'
import type { TransactionSummaries } from './summary.js'

/** A key costs a microsecond to make; more of them would delay the block that they shall hasten. */
const maxItems = 4096

/** Slots where transactions conflicted, by their location's key; the oldest make room. */
export class SlotMemory {
  readonly #slots = new Map<number, PrefetchItem>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** The slot of a location, if it is one and known. */
  get(location: number): PrefetchItem | undefined {
    return this.#slots.get(location)
  }

  /** Remembers the slots of a block's conflicts. */
  note(conflicts: ConflictFeedback): void {
    for (let i = 0; i < conflicts.length; i++) {
      const key = conflicts.slot(i)
      const location = conflicts.locationKey(i)
      if (key === undefined || this.#slots.has(location)) continue
      this.#slots.set(location, { address: conflicts.address(i), key })
      if (this.#slots.size > this.#capacity) {
        const [oldest] = this.#slots.keys()
        this.#slots.delete(oldest)
      }
    }
  }
}

/** Collects items, each once. */
export class PrefetchList {
  readonly items: PrefetchItem[] = []
  readonly #known = new Set<string>()

  add(item: PrefetchItem): void {
    const name = `${item.address}${item.key ?? ''}`
    if (this.items.length >= maxItems || this.#known.has(name)) return
    this.#known.add(name)
    this.items.push(item)
  }

  /** Adds what transactions name themselves: senders, recipients, access lists. */
  addNamed(transactions: TransactionSummaries): void {
    for (let i = 0; i < transactions.length; i++) {
      const sender = transactions.sender(i)
      const to = transactions.to(i)
      if (sender !== undefined) this.add({ address: sender })
      if (to !== null) this.add({ address: to })
      if (transactions.accessListLength(i) === 0) continue
      for (const { address, storageKeys } of transactions.accessList(i)) {
        this.add({ address })
        for (const key of storageKeys) this.add({ address, key })
      }
    }
  }
}
