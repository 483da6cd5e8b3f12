/** Draws what connects runs: the critical path, and who read from, aborted or waited for whom. */

import { timelineTop } from './layout.js'
import type { PageRun } from './model.js'
import type { Link } from './scene.js'
import type { Drawing } from './timelines.js'

interface Point {
  readonly x: number
  readonly y: number
}

/** Draws lines from each transaction of the critical path to the next one. */
export function drawCriticalPath(drawing: Drawing): void {
  const { context, scene, view, layout, palette } = drawing
  const underline = (run: PageRun) => timelineTop(layout, run.worker) + layout.bar + 3
  withinTimelines(drawing, () => {
    context.strokeStyle = palette.critical
    context.lineWidth = 1.5
    let before: PageRun | undefined
    for (const index of scene.model.criticalPath) {
      const run = scene.committedRun(index)
      if (run === undefined) continue
      if (before !== undefined) {
        const from = { x: view.x(before.end), y: underline(before) }
        const to = { x: view.x(run.start), y: underline(run) }
        if (from.y === to.y) drawLine(context, from, to)
        else drawCurve(context, from, to, Math.max(6, Math.abs(to.x - from.x) / 2))
      }
      before = run
    }
  })
}

/** Draws arrows for what connects a transaction with others. */
export function drawLinks(drawing: Drawing, links: readonly Link[]): void {
  withinTimelines(drawing, () => {
    // A halo keeps arrows apart from the bars that they cross.
    for (const link of links) drawLink(drawing, link, drawing.palette.paper, 4)
    for (const link of links) drawLink(drawing, link, drawing.palette.link[link.kind], 1.75)
  })
}

function drawLink(drawing: Drawing, link: Link, colour: string, width: number): void {
  const { context, view, layout } = drawing
  const { kind, from, to } = link
  const middle = (run: PageRun) => timelineTop(layout, run.worker) + layout.bar / 2
  const source = { x: view.x(from.end), y: middle(from) }
  // Whoever reads or waits gets going afterwards; whoever is aborted has already run.
  const target = { x: view.x(kind === 'aborts' ? to.end : to.start), y: middle(to) }
  context.strokeStyle = colour
  context.fillStyle = colour
  context.lineWidth = width
  context.setLineDash(kind === 'waits' ? [5, 3] : [])
  const heading =
    source.y === target.y
      ? drawArc(context, source, target, layout.bar)
      : drawCurve(context, source, target, clampReach(target.x - source.x))
  context.setLineDash([])
  drawHead(context, target, heading, width)
}

/** Everything in here is cut off where the timelines end. */
function withinTimelines({ context, layout, scene }: Drawing, draw: () => void): void {
  context.save()
  context.beginPath()
  const bottom = timelineTop(layout, scene.timelines.length)
  context.rect(layout.gutter, layout.axis - 8, layout.width - layout.gutter, bottom)
  context.clip()
  draw()
  context.restore()
}

function drawLine(context: CanvasRenderingContext2D, from: Point, to: Point): void {
  context.beginPath()
  context.moveTo(from.x, from.y)
  context.lineTo(to.x, to.y)
  context.stroke()
}

/** How far a curve goes sideways before it turns: further where it has to come back. */
function clampReach(distance: number): number {
  const least = distance > 0 ? 12 : 30
  return Math.min(160, Math.max(least, Math.abs(distance) / 2))
}

/** An S from left to right. Returns the direction in which it arrives. */
function drawCurve(
  context: CanvasRenderingContext2D,
  from: Point,
  to: Point,
  reach: number,
): number {
  context.beginPath()
  context.moveTo(from.x, from.y)
  context.bezierCurveTo(from.x + reach, from.y, to.x - reach, to.y, to.x, to.y)
  context.stroke()
  return 0
}

/** A bow over the bars of one timeline. Returns the direction in which it arrives. */
function drawArc(
  context: CanvasRenderingContext2D,
  from: Point,
  to: Point,
  barHeight: number,
): number {
  const span = Math.max(12, Math.abs(to.x - from.x))
  const rise = Math.min(0.62 * barHeight, 0.4 * span + 6)
  const sideways = (to.x - from.x) / 4
  context.beginPath()
  context.moveTo(from.x, from.y)
  context.bezierCurveTo(from.x + sideways, from.y - rise, to.x - sideways, to.y - rise, to.x, to.y)
  context.stroke()
  return Math.atan2(rise, sideways)
}

function drawHead(
  context: CanvasRenderingContext2D,
  tip: Point,
  heading: number,
  width: number,
): void {
  const size = 5 + width
  context.save()
  context.translate(tip.x, tip.y)
  context.rotate(heading)
  context.beginPath()
  context.moveTo(1, 0)
  context.lineTo(-size, -size / 2)
  context.lineTo(-size, size / 2)
  context.closePath()
  context.fill()
  context.restore()
}
