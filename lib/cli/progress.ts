/** A bar on standard error that says how far long work has come. */

import { SingleBar } from 'cli-progress'
import { canRedraw, type OutputStream, toned } from './terminal.js'

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
  /** Says that `done` things are done. */
  update(done: number, details?: ProgressDetails): void
  /** Takes the bar away, so that something else can be printed; the next update draws it again. */
  clear(): void
}

/** Begins to say how far work has come: of `total` things, called by `unit` in the plural. */
export type StartProgress = (total: number, unit: string) => Progress

/** On what a bar is drawn. */
export interface ProgressOptions {
  /** Whether the command prints for programs: nothing is drawn. Default: false. */
  readonly json?: boolean | undefined
  /** Default: standard error. */
  readonly stream?: OutputStream
}

/** Shows no progress. */
export const hiddenProgress: Progress = { update: () => {}, clear: () => {} }

/**
 * How a command shows progress: as a bar on a terminal. There is none in pipes, files and logs, on dumb
 * terminals, for programs, and for a single thing.
 */
export function progressOn({
  json = false,
  stream = process.stderr,
}: ProgressOptions): StartProgress {
  if (json || !canRedraw(stream)) return () => hiddenProgress
  return (total, unit) => (total > 1 ? new Bar(total, unit, stream) : hiddenProgress)
}

/** The steps of a bar, so that shares of the work need not be whole things. */
const steps = 1000

class Bar implements Progress {
  readonly #total: number
  readonly #unit: string
  readonly #stream: OutputStream
  readonly #bar: SingleBar

  constructor(total: number, unit: string, stream: OutputStream) {
    this.#total = total
    this.#unit = unit
    this.#stream = stream
    this.#bar = new SingleBar({
      stream,
      format: '{bar} {percentage} %  {done} of {things}{failures}{eta_formatted}  {current}',
      formatTime: timeLeft,
      etaBuffer: 200,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      // A timer draws too, and something may be measured meanwhile.
      fps: 4,
      clearOnComplete: true,
      // Ctrl-C must not leave a terminal behind that no longer wraps lines.
      linewrap: true,
    })
  }

  update(done: number, details: ProgressDetails = {}): void {
    const { share = done / this.#total, failed = 0, current = '' } = details
    const payload = {
      done,
      things: `${this.#total} ${this.#unit}`,
      failures: failed > 0 ? toned('fail', `, ${failed} failed`, this.#stream) : '',
      current: plain(current),
    }
    const value = steps * share
    if (this.#bar.isActive) this.#bar.update(value, payload)
    else this.#bar.start(steps, value, payload)
  }

  clear(): void {
    this.#bar.stop()
  }
}

/** What remains, in words; nothing where that is not known yet (then it is no number). */
function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return ''
  return seconds < 100 ? `, ${seconds} s left` : `, ${Math.ceil(seconds / 60)} min left`
}

/** A text of characters that are one column wide and do nothing else, control characters above all. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}
