/** Which senders are known when: workers recover them in chunks, in order. */

/** Signatures per chunk, as in native/executor/senders.hpp. */
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

  /** Claims the next chunk: its number and how many signatures it has; undefined where none is left. */
  claim(): { readonly chunk: number; readonly signatures: number } | undefined {
    if (this.#claimed >= this.chunkCount) return undefined
    const chunk = this.#claimed++
    return { chunk, signatures: Math.min(chunkSize, this.#count - chunk * chunkSize) }
  }

  finish(chunk: number): void {
    this.#isDone[chunk] = true
  }

  /** Whether the sender of a transaction is known. */
  isReady(transaction: number): boolean {
    return this.#isDone[Math.floor(transaction / chunkSize)] === true
  }
}
