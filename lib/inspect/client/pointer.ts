/** Zooming, panning and choosing with the mouse, the pen or a finger. */

import type { Chart } from './chart.js'
import { showTooltip } from './tooltip.js'

/** How far the pointer may move in a click. */
const clickTolerance = 4

/** Lets the pointer work on the chart. `select` gets the run that was clicked on, if any. */
export function listenToPointer(
  chart: Chart,
  tooltip: HTMLElement,
  select: (index: number | undefined) => void,
): void {
  const { canvas, view } = chart
  let drag: { startX: number; lastX: number; inOverview: boolean; moved: boolean } | undefined

  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault()
      const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1
      if (isSideways) view.pan((event.deltaX || event.deltaY) * lines)
      else view.zoom(Math.exp(event.deltaY * lines * 0.0022), event.offsetX)
      chart.redraw()
    },
    { passive: false },
  )

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    canvas.setPointerCapture(event.pointerId)
    const inOverview = event.offsetY >= chart.layout.overviewTop
    drag = { startX: event.offsetX, lastX: event.offsetX, inOverview, moved: false }
    if (inOverview) centre(chart, event.offsetX)
  })

  canvas.addEventListener('pointermove', (event) => {
    if (drag === undefined) {
      hover(chart, tooltip, event)
      return
    }
    if (Math.abs(event.offsetX - drag.startX) > clickTolerance) drag.moved = true
    if (!drag.moved) return
    tooltip.hidden = true
    canvas.classList.add('dragging')
    if (drag.inOverview) centre(chart, event.offsetX)
    else view.pan(drag.lastX - event.offsetX)
    drag.lastX = event.offsetX
    chart.redraw()
  })

  canvas.addEventListener('pointerup', (event) => {
    canvas.classList.remove('dragging')
    const isClick = drag !== undefined && !drag.moved && !drag.inOverview
    drag = undefined
    if (isClick) select(chart.runAt(event.offsetX, event.offsetY)?.transaction)
  })

  canvas.addEventListener('pointercancel', () => {
    canvas.classList.remove('dragging')
    drag = undefined
  })

  canvas.addEventListener('dblclick', (event) => {
    const run = chart.runAt(event.offsetX, event.offsetY)
    if (run !== undefined) chart.focus(run.transaction)
  })

  canvas.addEventListener('pointerleave', () => {
    tooltip.hidden = true
    chart.hovered = undefined
  })
}

function hover(chart: Chart, tooltip: HTMLElement, event: PointerEvent): void {
  const run = chart.runAt(event.offsetX, event.offsetY)
  chart.hovered = run
  chart.canvas.classList.toggle('over-run', run !== undefined)
  if (run === undefined) tooltip.hidden = true
  else showTooltip(tooltip, chart.scene, run, event.clientX, event.clientY)
}

/** Moves what is in sight to a place in the overview. */
function centre(chart: Chart, x: number): void {
  const { view } = chart
  const span = view.end - view.start
  const time = ((x - view.left) / view.width) * view.total
  view.show(time - span / 2, span)
  chart.redraw()
}
