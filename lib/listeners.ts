/** Functions that are told of what happens. */

/** Tells any number of functions of something, each whatever the others do. */
export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>()

  /** Adds one, also one that is among them already; gives what takes it away. */
  add(listener: (event: Event) => void): () => void {
    const own = (event: Event) => listener(event)
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  /** Tells all of them, in the order in which they came. What one throws is nobody's here: it is thrown later. */
  tell(event: Event): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
