/** Which senders are known when: workers recover them in chunks, in order. */

import type { Process } from './processes.js'

/** Signatures per chunk, as in native/block/senders.hpp. */
const chunkSize = 32

/** The senders of a block, one to a transaction. */
export class Recovery {
  readonly #count: number
  readonly #isDone: boolean[] = []
  #claimed = 0

  constructor(count: number) {
    this.#count = count
  }

  get chunkCount(): number {
    return Math.ceil(this.#count / chunkSize)
  }

  /**
   * Recovers the next chunk that nobody has claimed; false where none is left.
   *
   * @param cost of one signature, in microseconds
   */
  *recoverNext(cost: number): Generator<number, boolean, void> {
    if (this.#claimed >= this.chunkCount) return false
    const chunk = this.#claimed++
    yield Math.min(chunkSize, this.#count - chunk * chunkSize) * cost
    this.#isDone[chunk] = true
    return true
  }

  /** Recovers as long as a chunk is left. */
  *recoverAll(cost: number): Process {
    while (yield* this.recoverNext(cost)) {}
  }

  /** Whether the sender of a transaction is known. */
  isReady(transaction: number): boolean {
    return this.#isDone[Math.floor(transaction / chunkSize)] === true
  }
}
