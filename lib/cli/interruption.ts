/** Signals that ask a command to end. */

import { constants } from 'node:os'
import { isBraidError } from '../errors.js'

const names = ['SIGINT', 'SIGTERM'] as const

/**
 * Takes the first SIGINT or SIGTERM for a request to come to an end; a second one ends the process, as ever.
 */
export class Interruption implements Disposable {
  readonly #aborter = new AbortController()
  #name: (typeof names)[number] | undefined

  constructor() {
    for (const name of names) process.once(name, this.#take)
  }

  /** Aborts when the command is asked to end. */
  get signal(): AbortSignal {
    return this.#aborter.signal
  }

  /** What the shell takes for the end by the signal that came; undefined where none did. */
  get exitCode(): number | undefined {
    return this.#name && 128 + constants.signals[this.#name]
  }

  /** Whether an error is only the end that was asked for. */
  isCauseOf(error: unknown): boolean {
    return this.#name !== undefined && isBraidError(error, 'CANCELLED')
  }

  /** Leaves signals to the system again. */
  [Symbol.dispose](): void {
    for (const name of names) process.off(name, this.#take)
  }

  readonly #take = (name: NodeJS.Signals): void => {
    this.#name = names.find((known) => known === name)
    this[Symbol.dispose]()
    this.#aborter.abort()
  }
}
