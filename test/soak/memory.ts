/** Whether the resident memory of this process stays what it is. */

/** A look at the memory. */
interface Sample {
  /** Milliseconds since the start. */
  readonly time: number
  readonly resident: number
}

/** What a watch has found. */
export interface MemoryVerdict {
  readonly flat: boolean
  readonly text: string
}

/** How much memory may grow, over the median at the end of the warm-up, in runs of some minutes. */
const tolerance = 0.05

/** Runs too short to tell slow growth from warming up are judged by this. */
const shortTolerance = 0.5
const shortRun = 3 * 60_000

const minute = 60_000

/** Samples resident memory after full collections, and judges it by medians of samples. */
export class MemoryWatch {
  readonly #start = performance.now()
  /** When memory has to be flat from, and what the time before is compared by. */
  readonly #warm: number
  readonly #tolerance: number
  readonly #samples: Sample[] = []

  /** @param duration of the whole run, in milliseconds */
  constructor(duration: number) {
    this.#warm = Math.min(minute, duration / 2)
    this.#tolerance = duration < shortRun ? shortTolerance : tolerance
    if (typeof globalThis.gc !== 'function') throw new Error('node needs --expose-gc')
  }

  /** Milliseconds since the start. */
  get elapsed(): number {
    return performance.now() - this.#start
  }

  /** Takes a sample. Nothing may be under way. */
  async sample(): Promise<void> {
    // Finalisers of native objects run after a collection, and free what the next one finds.
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#samples.push({ time: this.elapsed, resident: process.memoryUsage.rss() })
  }

  /** The median of the samples of a stretch of time, in bytes; undefined where there is none. */
  median(from: number, to: number): number | undefined {
    const sizes = this.#samples
      .filter(({ time }) => time >= from && time < to)
      .map(({ resident }) => resident)
      .sort((a, b) => a - b)
    return sizes[sizes.length >> 1]
  }

  /** What later samples are compared with: the last third of the warm-up. */
  get baseline(): number | undefined {
    return this.median((this.#warm * 2) / 3, this.#warm)
  }

  /** Judges every minute after the warm-up, and the rest. */
  verdict(): MemoryVerdict {
    const { baseline } = this
    const end = this.elapsed
    let worst = 0
    for (let from = this.#warm; from < end; from += minute) {
      worst = Math.max(worst, this.median(from, from + minute) ?? 0)
    }
    if (baseline === undefined || worst === 0) {
      return { flat: false, text: 'too few samples to judge memory by' }
    }
    const growth = worst / baseline - 1
    return {
      flat: growth <= this.#tolerance,
      text:
        `resident memory ${megabytes(baseline)} MB after ${Math.round(this.#warm / 1000)} s, ` +
        `later at most ${percent(growth)} (medians; allowed ${percent(this.#tolerance)})`,
    }
  }
}

/** Bytes in MB (10⁶ bytes). */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

/** A signed share of one hundred. */
export function percent(share: number): string {
  return `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)} %`
}
