/** The chart: a canvas that shows the scene, and what is selected in it. */

import { arrange, type Layout, workerAt } from './layout.js'
import { drawCriticalPath, drawLinks } from './links.js'
import type { PageRun } from './model.js'
import { drawOverview } from './overview.js'
import { type Palette, readPalette } from './palette.js'
import type { Scene } from './scene.js'
import { TimeView } from './time-view.js'
import {
  type Drawing,
  drawAxis,
  drawRuns,
  drawSenders,
  drawTimelines,
  type Emphasis,
} from './timelines.js'

/** Draws a scene on a canvas whenever something about it has changed. */
export class Chart {
  readonly canvas: HTMLCanvasElement
  readonly scene: Scene
  readonly view: TimeView
  readonly #context: CanvasRenderingContext2D
  #layout: Layout
  #palette: Palette
  #selected: number | undefined
  #hovered: PageRun | undefined
  #matches: ReadonlySet<number> | undefined
  #criticalPath = true
  #frame = 0

  constructor(canvas: HTMLCanvasElement, scene: Scene) {
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('the browser has no canvas')
    this.canvas = canvas
    this.scene = scene
    this.view = new TimeView(scene.end)
    this.#context = context
    this.#layout = arrange(scene.timelines.length, canvas.clientWidth)
    this.#palette = readPalette(context)
    new ResizeObserver(() => this.#resize()).observe(canvas)
    this.#resize()
  }

  /** Where the chart's parts are. */
  get layout(): Layout {
    return this.#layout
  }

  /** The transaction that is selected. */
  get selected(): number | undefined {
    return this.#selected
  }

  set selected(index: number | undefined) {
    this.#selected = index
    this.redraw()
  }

  /** The run under the pointer. */
  get hovered(): PageRun | undefined {
    return this.#hovered
  }

  set hovered(run: PageRun | undefined) {
    if (run === this.#hovered) return
    this.#hovered = run
    this.redraw()
  }

  /** The transactions that were searched for; undefined where nothing is. */
  set matches(matches: ReadonlySet<number> | undefined) {
    this.#matches = matches
    this.redraw()
  }

  /** Whether the critical path is marked. */
  get criticalPath(): boolean {
    return this.#criticalPath
  }

  set criticalPath(marked: boolean) {
    this.#criticalPath = marked
    this.redraw()
  }

  /** Takes over the colours of a scheme that has changed. */
  recolour(): void {
    this.#palette = readPalette(this.#context)
    this.redraw()
  }

  /** Draws with the next frame. */
  redraw(): void {
    if (this.#frame !== 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.#draw()
    })
  }

  /** The run at a point of the canvas. */
  runAt(x: number, y: number): PageRun | undefined {
    if (x < this.#layout.gutter) return undefined
    const worker = workerAt(this.#layout, this.scene.timelines.length, y)
    if (worker === undefined) return undefined
    return this.scene.runAt(worker, this.view.time(x), 4 * this.view.scale)
  }

  /** Brings the runs of a transaction into sight. */
  reveal(index: number): void {
    const run = this.scene.committedRun(index)
    if (run !== undefined) this.view.reveal(run.start, run.end)
    this.redraw()
  }

  /** Shows the runs of a transaction, large. */
  focus(index: number): void {
    const runs = this.scene.runsOf(index)
    if (runs.length === 0) return
    const start = Math.min(...runs.map((run) => run.start))
    const end = Math.max(...runs.map((run) => run.end))
    const span = 3 * (end - start)
    this.view.show((start + end) / 2 - span / 2, span)
    this.redraw()
  }

  #resize(): void {
    const ratio = window.devicePixelRatio || 1
    const width = this.canvas.clientWidth
    this.#layout = arrange(this.scene.timelines.length, width)
    this.canvas.style.height = `${this.#layout.height}px`
    this.canvas.width = Math.round(width * ratio)
    this.canvas.height = Math.round(this.#layout.height * ratio)
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.view.left = this.#layout.gutter
    this.view.width = Math.max(1, width - this.#layout.gutter - 1)
    // A canvas that changes its size is empty: waiting for the next frame would flicker.
    this.#draw()
  }

  #draw(): void {
    const context = this.#context
    const layout = this.#layout
    const { scene, view } = this
    const drawing: Drawing = { context, scene, view, layout, palette: this.#palette }
    const emphasis = this.#emphasis()
    context.clearRect(0, 0, layout.width, layout.height)
    drawTimelines(drawing)
    drawAxis(drawing)
    drawSenders(drawing)
    drawRuns(drawing, emphasis)
    if (this.#criticalPath) drawCriticalPath(drawing)
    const centre = this.#hovered?.transaction ?? this.#selected
    if (centre !== undefined) drawLinks(drawing, scene.linksOf(centre))
    drawOverview(drawing, emphasis)
  }

  #emphasis(): Emphasis {
    const selected = this.#selected
    let standingOut = this.#matches
    if (standingOut === undefined && selected !== undefined) {
      const links = this.scene.linksOf(selected)
      const others = links.flatMap(({ from, to }) => [from.transaction, to.transaction])
      standingOut = new Set([selected, ...others])
    }
    return {
      standingOut,
      selected,
      hovered: this.#hovered,
      criticalPath: this.#criticalPath,
    }
  }
}
