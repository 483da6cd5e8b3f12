/** Whether running ahead is in vain, by the rule of native/parallel/optimistic_loop.cpp. */

/** So many of the latest commits of runs ahead are looked at. */
const window = 32

/** So many stale ones among them, and workers go. */
const mostStale = 18

/** Remembers how the latest commits went. */
export class StaleWindow {
  readonly #latest: boolean[] = []
  #inVain = false

  /** Notes a commit of a run ahead. */
  note(isStale: boolean): void {
    this.#latest.push(isStale)
    if (this.#latest.length > window) this.#latest.shift()
    if (this.#latest.filter(Boolean).length >= mostStale) this.#inVain = true
  }

  /** Whether there were too many stale ones at any time. */
  get inVain(): boolean {
    return this.#inVain
  }
}
