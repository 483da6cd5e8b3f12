/** One transaction's way through a simulated block: native/parallel/turn.hpp without the atomics. */

import type { Observation } from './versions.js'

/** Where a transaction is on its way; the names are those of the native side. */
export type TurnState = 'unclaimed' | 'transfer' | 'parked' | 'running' | 'executed' | 'committing'

/** The state and the latest run ahead of one transaction. */
export class Turn {
  state: TurnState = 'unclaimed'
  /** What its run ahead saw. */
  seen: Observation = []
  /** Whether it was run ahead a second time. */
  isRenewed = false
  /** Those that wait for it; undefined once it has run. */
  #waiting: number[] | undefined = []

  /** Takes it where it is executed, else gives false. */
  take(as: TurnState): boolean {
    if (this.state !== 'executed') return false
    this.state = as
    return true
  }

  /** Parks a transaction until this one has run. False: it has already. */
  park(turn: Turn, index: number): boolean {
    if (this.#waiting === undefined) return false
    turn.state = 'parked'
    this.#waiting.push(index)
    return true
  }

  /** Ends the waiting: this one has run. Those that waited, the latest first. */
  close(): readonly number[] {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    return waiting.reverse()
  }
}
