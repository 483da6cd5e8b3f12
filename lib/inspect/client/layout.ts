/** Where things are on the chart, in CSS pixels. */

/** The places of the chart's parts. */
export interface Layout {
  readonly width: number
  readonly height: number
  /** The width of the workers' names. */
  readonly gutter: number
  /** The height of the time axis. */
  readonly axis: number
  /** The height of a timeline, and of it the height of its bars; below them runs the critical path. */
  readonly timeline: number
  readonly bar: number
  /** From the top of one timeline to that of the next. */
  readonly pitch: number
  /** Where the overview lies. */
  readonly overviewTop: number
  readonly overviewHeight: number
}

/** Arranges the timelines of so many workers in a given width. */
export function arrange(workers: number, width: number): Layout {
  const timeline = Math.round(Math.min(72, Math.max(22, 264 / Math.max(1, workers))))
  const pitch = timeline + (timeline > 40 ? 10 : 5)
  const axis = 28
  const overviewTop = axis + workers * pitch + 10
  const overviewHeight = Math.min(48, Math.max(20, 3 * workers))
  return {
    width,
    height: overviewTop + overviewHeight + 2,
    gutter: width < 640 ? 44 : 104,
    axis,
    timeline,
    bar: timeline - (timeline > 40 ? 7 : 5),
    pitch,
    overviewTop,
    overviewHeight,
  }
}

/** The top of a worker's timeline. */
export function timelineTop(layout: Layout, worker: number): number {
  return layout.axis + worker * layout.pitch
}

/** The worker whose timeline is at `y`; undefined outside of the timelines. */
export function workerAt(layout: Layout, workers: number, y: number): number | undefined {
  const worker = Math.floor((y - layout.axis) / layout.pitch)
  return worker >= 0 && worker < workers ? worker : undefined
}
