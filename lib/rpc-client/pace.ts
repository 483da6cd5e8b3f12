/** When the next request may be sent. */

/**
 * A bucket of tokens, one per call, that fills at a steady rate up to those of a second; and pauses
 * that a node asks for.
 */
export class Pace {
  readonly #perSecond: number
  readonly #now: () => number
  #tokens: number
  #filledAt: number
  #pausedUntil = 0

  /** @param now the time in milliseconds */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#now = now
    this.#tokens = Math.max(1, perSecond)
    this.#filledAt = now()
  }

  /** How many calls may be sent now. */
  get free(): number {
    const now = this.#now()
    if (now < this.#pausedUntil) return 0
    if (this.#perSecond === Number.POSITIVE_INFINITY) return this.#perSecond
    const gained = ((now - this.#filledAt) / 1000) * this.#perSecond
    this.#tokens = Math.min(Math.max(1, this.#perSecond), this.#tokens + gained)
    this.#filledAt = now
    return Math.floor(this.#tokens)
  }

  /** Takes the tokens of calls that are sent. */
  take(calls: number): void {
    this.#tokens -= calls
  }

  /** Milliseconds until a call may be sent. */
  get wait(): number {
    if (this.free > 0) return 0
    const token = ((1 - this.#tokens) / this.#perSecond) * 1000
    return Math.max(this.#pausedUntil - this.#now(), token, 1)
  }

  /** Sends nothing for so many milliseconds. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + milliseconds)
  }
}

/** The longest pause that a node gets, in milliseconds. */
const longestPause = 60_000

/** The milliseconds that a `Retry-After` header says (RFC 9110, 10.2.3); undefined where it says none. */
export function retryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const milliseconds = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  if (Number.isNaN(milliseconds)) return undefined
  return Math.min(Math.max(milliseconds, 0), longestPause)
}

/** The delay before another attempt: between half and all of a time that doubles. */
export function backoffDelay(
  attempt: number,
  { initial, longest }: { readonly initial: number; readonly longest: number },
  random = Math.random(),
): number {
  const whole = Math.min(longest, initial * 2 ** Math.min(attempt - 1, 31))
  return whole / 2 + (whole / 2) * random
}
