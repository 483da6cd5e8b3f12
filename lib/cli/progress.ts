/** A line on standard error that says how far long work has come. */

import {
  canRedraw,
  type Environment,
  type OutputStream,
  roomOf,
  type Tone,
  toned,
} from './terminal.js'

/** Where long work has come to. */
export interface ProgressDetails {
  /** The share of the work that is done, 0 to 1. Default: that of the things that are done. */
  readonly share?: number
  /** How many of the things that are done have failed. Default: 0. */
  readonly failed?: number
  /** What is worked on. */
  readonly current?: string
}

/** Says how far work has come. */
export interface Progress {
  /** Says that `done` things are done; draws the line unless that happened a moment ago. */
  update(done: number, details?: ProgressDetails): void
  /** Takes the line away, so that something else can be printed; the next update may draw it again. */
  clear(): void
}

/** Begins to say how far work has come: of `total` things, called by `unit` in the plural. */
export type StartProgress = (total: number, unit: string) => Progress

/** On what a progress line is drawn. */
export interface ProgressOptions {
  /** Whether the command prints for programs: nothing is drawn. */
  readonly json: boolean
  /** Default: standard error. */
  readonly stream?: OutputStream
  /** Default: that of the process. */
  readonly env?: Environment
  /** The time in milliseconds. Default: `performance.now`. */
  readonly now?: () => number
}

/** The least time between two drawings, in milliseconds. */
const interval = 100

/** When the time that is left can be told from the time that has passed, in milliseconds. */
const settled = 2000

const barLength = 24

/** Shows no progress. */
export const hiddenProgress: Progress = { update: () => {}, clear: () => {} }

/**
 * How a command shows progress: as a line that is drawn over and over on a terminal. There is none in
 * pipes, files and logs, on dumb terminals, for programs, and for a single thing.
 */
export function progressOn({
  json,
  stream = process.stderr,
  env = process.env,
  now = () => performance.now(),
}: ProgressOptions): StartProgress {
  if (json || !canRedraw(stream, env)) return () => hiddenProgress
  return (total, unit) =>
    total > 1 ? new ProgressLine(total, unit, { stream, env, now }) : hiddenProgress
}

/** A stretch of the line, all of one tone. */
interface Part {
  readonly text: string
  readonly tone?: Tone
}

/** Draws only when it is told of progress: no timer wakes up while something is measured. */
class ProgressLine implements Progress {
  readonly #total: number
  readonly #unit: string
  readonly #stream: OutputStream
  readonly #env: Environment
  readonly #now: () => number
  readonly #start: number
  #drawn = Number.NEGATIVE_INFINITY
  #isVisible = false

  constructor(
    total: number,
    unit: string,
    { stream, env, now }: Required<Omit<ProgressOptions, 'json'>>,
  ) {
    this.#total = total
    this.#unit = unit
    this.#stream = stream
    this.#env = env
    this.#now = now
    this.#start = now()
  }

  update(done: number, details: ProgressDetails = {}): void {
    const time = this.#now()
    if (time - this.#drawn < interval) return
    this.#drawn = time
    this.#isVisible = true
    const line = this.#line(this.#parts(done, details, time - this.#start))
    this.#stream.write(`\r${line}\x1b[K`)
  }

  clear(): void {
    if (this.#isVisible) this.#stream.write('\r\x1b[K')
    this.#isVisible = false
  }

  #parts(done: number, details: ProgressDetails, elapsed: number): Part[] {
    const { share = done / this.#total, failed = 0, current = '' } = details
    const filled = Math.round(barLength * share)
    const left = elapsed < settled || share === 0 ? undefined : elapsed / share - elapsed
    return [
      { text: '█'.repeat(filled), tone: failed > 0 ? 'fail' : 'pass' },
      { text: '░'.repeat(barLength - filled), tone: 'dim' },
      { text: ` ${Math.floor(100 * share)} %  ${done} of ${this.#total} ${this.#unit}` },
      { text: failed > 0 ? `, ${failed} failed` : '', tone: 'fail' },
      { text: left === undefined ? '' : `, ${duration(left)} left` },
      { text: current === '' ? '' : `  ${printable(current)}`, tone: 'dim' },
    ]
  }

  /** The parts in their tones, as far as there is room; the last column would begin a new line. */
  #line(parts: readonly Part[]): string {
    let room = roomOf(this.#stream) - 1
    let line = ''
    for (const { text, tone } of parts) {
      const shown = text.slice(0, room)
      room -= shown.length
      line += tone === undefined ? shown : toned(tone, shown, this.#stream, this.#env)
    }
    return line
  }
}

/** A text of characters that are one column wide and do nothing else, control characters above all. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}

function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
