/** Who may move a chain. */

import { errorFor } from '../errors.js'

/**
 * Lets one at a time move a chain; others wait in the order in which they came. A replay goes on only when its
 * consumer asks for more, who would wait for ever for a turn behind it: while there is one, others are refused.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()
  #isHeld = false
  #isClosed = false

  /** Runs when its turn comes. @throws ChainError `CHAIN_BUSY`, `CHAIN_CLOSED` */
  async run<Value>(act: () => Promise<Value>): Promise<Value> {
    this.#check()
    const turn = this.#last.then(() => {
      if (this.#isClosed) throw errorFor('CHAIN_CLOSED')
      return act()
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }

  /** Waits for a turn that lasts until the returned function is called. */
  async hold(): Promise<() => void> {
    this.#check()
    this.#isHeld = true
    const before = this.#last
    let release = (): void => {}
    this.#last = new Promise<void>((resolve) => {
      release = () => {
        this.#isHeld = false
        resolve()
      }
    })
    await before
    if (!this.#isClosed) return release
    release()
    throw errorFor('CHAIN_CLOSED')
  }

  /** Refuses whoever comes from now on, or is waiting; waits for who has the turn. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last
  }

  #check(): void {
    if (this.#isClosed) throw errorFor('CHAIN_CLOSED')
    if (this.#isHeld) throw errorFor('CHAIN_BUSY')
  }
}
