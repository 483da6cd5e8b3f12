/** The part of the time that is in sight, and its place on the screen. */

/** Maps times to pixels. Never shows anything outside of the execution. */
export class TimeView {
  /** The whole time, in milliseconds. */
  readonly total: number
  /** The first time in sight. */
  start = 0
  /** The last time in sight. */
  end: number
  /** Where the first time is on the screen. */
  left = 0
  /** How many pixels there are. */
  width = 1

  constructor(total: number) {
    this.total = total > 0 ? total : 1
    this.end = this.total
  }

  /** The pixel of a time. */
  x(time: number): number {
    return this.left + ((time - this.start) / (this.end - this.start)) * this.width
  }

  /** The time of a pixel. */
  time(x: number): number {
    return this.start + ((x - this.left) / this.width) * (this.end - this.start)
  }

  /** How many milliseconds a pixel is. */
  get scale(): number {
    return (this.end - this.start) / this.width
  }

  /** Shows `factor` times as much, with what is at `x` staying there. */
  zoom(factor: number, x: number): void {
    const fixed = this.time(x)
    // A nanosecond per pixel is finer than any clock.
    const shortest = Math.min(this.total, this.width * 1e-6)
    const span = clamp((this.end - this.start) * factor, shortest, this.total)
    const share = (fixed - this.start) / (this.end - this.start)
    this.show(fixed - share * span, span)
  }

  /** Moves by a number of pixels. */
  pan(pixels: number): void {
    this.show(this.start + pixels * this.scale, this.end - this.start)
  }

  /** Shows everything. */
  reset(): void {
    this.show(0, this.total)
  }

  /** Shows `span` milliseconds from `start` on, as far as there are any. */
  show(start: number, span: number): void {
    const length = Math.min(span, this.total)
    this.start = clamp(start, 0, this.total - length)
    this.end = this.start + length
  }

  /** Moves as little as it takes to have a stretch of time in sight. */
  reveal(start: number, end: number): void {
    const span = this.end - this.start
    const isInSight = end > this.start + 0.02 * span && start < this.end - 0.02 * span
    if (!isInSight) this.show((start + end) / 2 - span / 2, span)
  }

  /** Round times in sight, about `spacing` pixels apart. */
  ticks(spacing: number): { readonly step: number; readonly times: readonly number[] } {
    const least = this.scale * spacing
    const power = 10 ** Math.floor(Math.log10(least))
    const step = power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10)
    const times: number[] = []
    const first = Math.ceil(this.start / step)
    for (let i = first; i * step <= this.end; i++) times.push(i * step)
    return { step, times }
  }
}

/** A value between two others. */
export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most))
}
