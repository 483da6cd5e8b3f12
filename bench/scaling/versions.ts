/** What transactions have published, as far as it matters whether it is what they will leave. */

/**
 * What the transaction leaves in the end. 0 is nothing; anything else is wrong, and a number that no
 * other version has.
 */
const final = 1

/** What a run saw of the transactions that it depends on, in their order. */
export type Observation = readonly number[]

/** The latest versions of a block's transactions. */
export class Versions {
  readonly #latest: Uint32Array
  #next = final + 1

  constructor(transactions: number) {
    this.#latest = new Uint32Array(transactions)
  }

  /** What a run sees that reads now. */
  observe(dependencies: readonly number[]): Observation {
    return dependencies.map((index) => this.#latest[index]!)
  }

  /** Whether a run that saw this did what the transaction does in the end. */
  holds(seen: Observation): boolean {
    return seen.every((version) => version === final)
  }

  /** Publishes what a run wrote that saw this. What rests on something wrong is wrong too. */
  publish(index: number, seen: Observation): void {
    this.#latest[index] = this.holds(seen) ? final : this.#next++
  }

  /** Publishes what a transaction wrote at its turn. */
  publishFinal(index: number): void {
    this.#latest[index] = final
  }
}
