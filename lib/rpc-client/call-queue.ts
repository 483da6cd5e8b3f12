/** Calls that wait to be sent, in their order. */

import type { Call } from './call.js'

/** A queue that can also be entered at its front. Calls that were given up are passed over. */
export class CallQueue {
  #calls: Call[] = []
  #head = 0

  /** How many calls wait, those that were given up since counted in. */
  get size(): number {
    return this.#calls.length - this.#head
  }

  add(call: Call): void {
    this.#calls.push(call)
  }

  /** Puts calls before all others. */
  addFirst(calls: readonly Call[]): void {
    this.#calls = [...calls, ...this.#calls.slice(this.#head)]
    this.#head = 0
  }

  /** The next calls: so many at most, and of so many bytes in all, but always one if any waits. */
  take(most: number, mostBytes: number): Call[] {
    const taken: Call[] = []
    let bytes = 0
    while (taken.length < most && this.#head < this.#calls.length) {
      const call = this.#calls[this.#head]
      if (!call.isSettled) {
        bytes += Buffer.byteLength(call.body) + 1
        if (taken.length > 0 && bytes > mostBytes) break
        taken.push(call)
      }
      this.#head++
    }
    if (this.#head === this.#calls.length) {
      this.#calls = []
      this.#head = 0
    }
    return taken
  }
}
