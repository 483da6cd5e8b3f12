/** The colours of the page's scheme, for drawing. */

import type { RunOutcome } from './model.js'
import type { LinkKind } from './scene.js'

/** Colours as CSS writes them. */
export interface Palette {
  readonly paper: string
  readonly ink: string
  readonly muted: string
  readonly line: string
  readonly timeline: string
  readonly label: string
  readonly critical: string
  readonly outcome: Readonly<Record<RunOutcome, string>>
  readonly link: Readonly<Record<LinkKind, string>>
  /** How runs that were thrown away are filled. */
  readonly hatch: CanvasPattern | string
}

/** Reads the colours that the style sheet has set. */
export function readPalette(context: CanvasRenderingContext2D): Palette {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const discarded = colour('discarded')
  return {
    paper: colour('paper'),
    ink: colour('ink'),
    muted: colour('muted'),
    line: colour('line'),
    timeline: colour('timeline'),
    label: colour('label'),
    critical: colour('critical'),
    outcome: { ahead: colour('ahead'), head: colour('head'), discarded },
    link: { reads: colour('reads'), aborts: discarded, waits: colour('waits') },
    hatch: hatching(context, colour('discarded-tint'), discarded),
  }
}

/** Diagonal stripes: outcomes can be told apart without telling colours apart. */
function hatching(
  context: CanvasRenderingContext2D,
  ground: string,
  stripe: string,
): CanvasPattern | string {
  const size = 6
  const ratio = window.devicePixelRatio || 1
  const tile = document.createElement('canvas')
  tile.width = Math.round(size * ratio)
  tile.height = tile.width
  const pen = tile.getContext('2d')
  if (pen === null) return stripe
  pen.scale(tile.width / size, tile.height / size)
  pen.fillStyle = ground
  pen.fillRect(0, 0, size, size)
  pen.strokeStyle = stripe
  pen.lineWidth = 1.6
  for (const shift of [-size, 0, size]) {
    pen.beginPath()
    pen.moveTo(shift - 1, size + 1)
    pen.lineTo(shift + size + 1, -1)
    pen.stroke()
  }
  const pattern = context.createPattern(tile, 'repeat')
  pattern?.setTransform(new DOMMatrix().scale(size / tile.width))
  return pattern ?? stripe
}
