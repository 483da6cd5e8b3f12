/** Where things are on the chart, in CSS pixels. */

/** The places of the chart's parts. */
export interface Layout {
  readonly width: number
  readonly height: number
  /** The width of the workers' names. */
  readonly gutter: number
  /** The height of the time axis. */
  readonly axis: number
  /** The height of a lane, and of it the height of its bars; below them runs the critical path. */
  readonly lane: number
  readonly bar: number
  /** From the top of one lane to that of the next. */
  readonly pitch: number
  /** Where the overview lies. */
  readonly overviewTop: number
  readonly overviewHeight: number
}

/** Arranges a number of lanes in a given width. */
export function arrange(lanes: number, width: number): Layout {
  const lane = Math.round(Math.min(72, Math.max(22, 264 / Math.max(1, lanes))))
  const pitch = lane + (lane > 40 ? 10 : 5)
  const axis = 28
  const overviewTop = axis + lanes * pitch + 10
  const overviewHeight = Math.min(48, Math.max(20, 3 * lanes))
  return {
    width,
    height: overviewTop + overviewHeight + 2,
    gutter: width < 640 ? 44 : 104,
    axis,
    lane,
    bar: lane - (lane > 40 ? 7 : 5),
    pitch,
    overviewTop,
    overviewHeight,
  }
}

/** The top of a worker's lane. */
export function laneTop(layout: Layout, worker: number): number {
  return layout.axis + worker * layout.pitch
}

/** The worker whose lane is at `y`; undefined outside of the lanes. */
export function laneAt(layout: Layout, lanes: number, y: number): number | undefined {
  const worker = Math.floor((y - layout.axis) / layout.pitch)
  return worker >= 0 && worker < lanes ? worker : undefined
}
