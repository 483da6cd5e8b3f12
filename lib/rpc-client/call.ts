/** One call of a node, from the asking to the answer. */

import { errorFor } from '../errors.js'
import { onAbort } from '../on-abort.js'

/** A call that has not been answered yet. It settles once; what comes later is nobody's. */
export class Call {
  /** How often it was sent. */
  attempts = 0
  /** Called when it settles, by whoever has it under way. */
  onSettled: (() => void) | undefined
  readonly answer: Promise<unknown>
  #isSettled = false
  #resolve!: (result: unknown) => void
  #reject!: (error: unknown) => void
  #forget: (() => void) | undefined

  /**
   * @param id unlike that of any other call of the client
   * @param body the call in JSON
   */
  constructor(
    readonly id: number,
    readonly method: string,
    readonly body: string,
    signal: AbortSignal | undefined,
  ) {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    if (signal === undefined) return
    const giveUp = () => this.reject(errorFor('CANCELLED', {}, { cause: signal.reason }))
    if (signal.aborted) giveUp()
    else this.#forget = onAbort(signal, giveUp)
  }

  /** Whether there is nothing left to be done for it. */
  get isSettled(): boolean {
    return this.#isSettled
  }

  resolve(result: unknown): void {
    if (this.#settle()) this.#resolve(result)
  }

  reject(error: unknown): void {
    if (this.#settle()) this.#reject(error)
  }

  #settle(): boolean {
    if (this.#isSettled) return false
    this.#isSettled = true
    this.#forget?.()
    this.onSettled?.()
    return true
  }
}
