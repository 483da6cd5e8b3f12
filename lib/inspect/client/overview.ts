/** Draws the whole execution in a strip, with a frame around what is in sight. */

import { type Drawing, type Emphasis, isOnCriticalPath } from './timelines.js'

/** Draws the overview. */
export function drawOverview(drawing: Drawing, emphasis: Emphasis): void {
  const { context, scene, view, layout, palette } = drawing
  const { gutter, overviewTop: top, overviewHeight: height } = layout
  const width = layout.width - gutter
  const scale = width / view.total
  const row = height / Math.max(1, scene.timelines.length)
  context.fillStyle = palette.timeline
  context.fillRect(gutter, top, width, height)
  for (const [worker, timeline] of scene.timelines.entries()) {
    for (const run of timeline) {
      const isFaint =
        emphasis.standingOut !== undefined && !emphasis.standingOut.has(run.transaction)
      context.globalAlpha = isFaint ? 0.15 : 0.8
      const isCritical = emphasis.criticalPath && isOnCriticalPath(scene, run)
      context.fillStyle = isCritical ? palette.critical : palette.outcome[run.outcome]
      const x = gutter + run.start * scale
      const length = Math.max(0.75, (run.end - run.start) * scale)
      context.fillRect(x, top + worker * row, length, Math.max(1, row - (row > 4 ? 1 : 0)))
    }
  }
  context.globalAlpha = 1
  const left = gutter + view.start * scale
  const right = gutter + view.end * scale
  context.fillStyle = palette.paper
  context.globalAlpha = 0.72
  context.fillRect(gutter, top, left - gutter, height)
  context.fillRect(right, top, gutter + width - right, height)
  context.globalAlpha = 1
  context.strokeStyle = palette.muted
  context.lineWidth = 1
  context.strokeRect(left + 0.5, top + 0.5, Math.max(2, right - left - 1), height - 1)
  context.font = '11px system-ui, sans-serif'
  context.fillStyle = palette.muted
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  if (gutter > 100) context.fillText('Overview', 0, top + height / 2)
}
