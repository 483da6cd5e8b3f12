/** Draws the time axis, the timelines and the runs on them. */

import { formatPercent } from './format.js'
import { type Layout, timelineTop } from './layout.js'
import type { PageRun } from './model.js'
import type { Palette } from './palette.js'
import type { Scene } from './scene.js'
import type { TimeView } from './time-view.js'

/** What a drawing is made with. */
export interface Drawing {
  readonly context: CanvasRenderingContext2D
  readonly scene: Scene
  readonly view: TimeView
  readonly layout: Layout
  readonly palette: Palette
}

/** What is emphasised. */
export interface Emphasis {
  /** The transactions that stand out; all where it is undefined. */
  readonly standingOut: ReadonlySet<number> | undefined
  readonly selected: number | undefined
  readonly hovered: PageRun | undefined
  readonly criticalPath: boolean
}

const smallText = '11px system-ui, sans-serif'

/** Draws the time axis with its grid. */
export function drawAxis({ context, scene, view, layout, palette }: Drawing): void {
  const { step, times } = view.ticks(96)
  const bottom = timelineTop(layout, scene.timelines.length) - 4
  context.font = smallText
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.lineWidth = 1
  for (const time of times) {
    const x = Math.round(view.x(time)) + 0.5
    context.strokeStyle = palette.line
    context.beginPath()
    context.moveTo(x, layout.axis - 6)
    context.lineTo(x, bottom)
    context.stroke()
    const label = tickLabel(time, step, view.end)
    const half = context.measureText(label).width / 2
    context.fillStyle = palette.muted
    context.fillText(label, Math.min(x, layout.width - half), layout.axis - 15)
  }
}

function tickLabel(time: number, step: number, last: number): string {
  if (time === 0) return '0'
  const isShort = last < 2 || step < 0.01
  const [value, size, unit] = isShort ? [1000 * time, 1000 * step, 'µs'] : [time, step, 'ms']
  const decimals = Math.max(0, -Math.floor(Math.log10(size) + 1e-9))
  return `${value.toFixed(decimals)}\u202f${unit}`
}

/** Draws the timelines without anything on them, and the names of their workers. */
export function drawTimelines({ context, scene, layout, palette }: Drawing): void {
  context.textBaseline = 'middle'
  for (const [worker] of scene.timelines.entries()) {
    const top = timelineTop(layout, worker)
    context.fillStyle = palette.timeline
    context.fillRect(layout.gutter, top, layout.width - layout.gutter, layout.bar)
    const middle = top + layout.bar / 2
    context.textAlign = 'left'
    const busy = formatPercent(scene.model.utilisation[worker] ?? 0)
    if (layout.gutter < 100) {
      context.font = smallText
      context.fillStyle = palette.ink
      context.fillText(String(worker), 4, middle)
    } else if (layout.bar > 36) {
      context.font = '600 12px system-ui, sans-serif'
      context.fillStyle = palette.ink
      context.fillText(`Worker ${worker}`, 0, middle - 8)
      context.font = smallText
      context.fillStyle = palette.muted
      context.fillText(`${busy} busy`, 0, middle + 8)
    } else {
      context.font = smallText
      context.fillStyle = palette.ink
      context.fillText(`Worker ${worker}`, 0, middle)
      context.fillStyle = palette.muted
      context.textAlign = 'right'
      context.fillText(busy, layout.gutter - 10, middle)
    }
  }
}

/** Marks the time in which the workers recovered senders, as far as it is in sight. */
export function drawSenders({ context, scene, view, layout, palette }: Drawing): void {
  const left = Math.max(layout.gutter, view.x(0))
  const right = Math.min(layout.width, view.x(scene.model.senders))
  if (right <= left) return
  const label = 'recovering senders'
  context.font = smallText
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  const labelWidth = context.measureText(label).width + 12
  for (const [worker, runs] of scene.timelines.entries()) {
    const top = timelineTop(layout, worker)
    context.fillStyle = palette.line
    context.fillRect(left, top, right - left, layout.bar)
    context.fillStyle = palette.muted
    // One worker runs transactions meanwhile: the label is for what lies before them.
    const end = runs.length === 0 ? right : Math.min(right, view.x(runs[0].start))
    if (labelWidth < end - left) context.fillText(label, (left + end) / 2, top + layout.bar / 2)
  }
}

/** Draws the runs that are in sight. What was thrown away comes last: it is what is looked for. */
export function drawRuns(drawing: Drawing, emphasis: Emphasis): void {
  const { context, scene, view, layout } = drawing
  context.save()
  context.beginPath()
  context.rect(layout.gutter, 0, layout.width - layout.gutter, layout.overviewTop)
  context.clip()
  const discarded: PageRun[] = []
  for (const timeline of scene.timelines) {
    for (const run of timeline) {
      if (run.end < view.start || run.start > view.end) continue
      if (run.outcome === 'discarded') discarded.push(run)
      else drawRun(drawing, emphasis, run)
    }
  }
  for (const run of discarded) drawRun(drawing, emphasis, run)
  context.restore()
}

function drawRun(drawing: Drawing, emphasis: Emphasis, run: PageRun): void {
  const { context, view, layout, palette, scene } = drawing
  const { standingOut, selected, hovered } = emphasis
  const left = view.x(run.start)
  const full = view.x(run.end) - left
  const width = Math.max(full > 4 ? full - 1 : full, 1)
  const top = timelineTop(layout, run.worker)
  const height = layout.bar
  const isFaint = standingOut !== undefined && !standingOut.has(run.transaction)
  context.globalAlpha = isFaint ? 0.28 : 1

  // Stripes need some room to be seen as such.
  const isStriped = run.outcome === 'discarded' && width > 4
  context.fillStyle = isStriped ? palette.hatch : palette.outcome[run.outcome]
  context.fillRect(left, top, width, height)
  if (isStriped) {
    context.strokeStyle = palette.outcome.discarded
    context.lineWidth = 1
    context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1)
  }
  if (emphasis.criticalPath && isOnCriticalPath(scene, run)) {
    context.fillStyle = palette.critical
    context.fillRect(left, top + height + 1.5, Math.max(width, 1.5), 3)
  }
  if (width > 18) drawLabel(drawing, run, left, width, isStriped)
  if (run.transaction === selected || run === hovered) {
    context.globalAlpha = 1
    context.strokeStyle = palette.ink
    context.lineWidth = run.transaction === selected ? 2 : 1.25
    context.strokeRect(left - 1, top - 1, width + 2, height + 2)
  }
  context.globalAlpha = 1
}

function drawLabel(
  { context, layout, palette }: Drawing,
  run: PageRun,
  left: number,
  width: number,
  isStriped: boolean,
): void {
  const text = String(run.transaction)
  context.font = layout.bar > 36 ? '600 12px system-ui, sans-serif' : smallText
  const needed = context.measureText(text).width
  // The label stays within the part of the bar that is in sight.
  const first = Math.max(left, layout.gutter)
  const last = Math.min(left + width, layout.width)
  // Stripes are to be seen beside it.
  if (needed + (isStriped ? 16 : 6) > last - first) return
  const x = (first + last) / 2
  const y = timelineTop(layout, run.worker) + layout.bar / 2
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  if (isStriped) {
    context.fillStyle = palette.paper
    context.fillRect(x - needed / 2 - 3, y - 8, needed + 6, 16)
    context.fillStyle = palette.outcome.discarded
  } else {
    context.fillStyle = palette.label
  }
  context.fillText(text, x, y + 0.5)
}

/** Whether a run counts for the critical path: the committed run of a transaction on it. */
export function isOnCriticalPath(scene: Scene, run: PageRun): boolean {
  return run.outcome !== 'discarded' && scene.criticalPosition(run.transaction) !== undefined
}
