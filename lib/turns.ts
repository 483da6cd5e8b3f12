/** One at a time, in the order in which they came. */

/** Hands out turns, each of which begins when the one before has ended. */
export class TurnQueue {
  #last: Promise<void> = Promise.resolve()

  /** Waits for a turn, which lasts until the returned function is called. */
  async take(): Promise<() => void> {
    const before = this.#last
    let end = (): void => {}
    this.#last = new Promise((resolve) => {
      end = resolve
    })
    await before
    return end
  }

  /** Runs when its turn comes, which lasts until what it returns is settled. */
  async run<Value>(act: () => Promise<Value>): Promise<Value> {
    const end = await this.take()
    try {
      return await act()
    } finally {
      end()
    }
  }
}
