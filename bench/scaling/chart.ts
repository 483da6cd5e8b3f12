/** Curves of speed-up over workers, as an SVG without anything from elsewhere. */

/** One line of the chart. */
export interface Curve {
  readonly name: string
  readonly points: readonly Point[]
  /** What was measured, to be compared with the line. */
  readonly measured: readonly Point[]
}

export interface Point {
  readonly workers: number
  readonly speedUp: number
}

const width = 760
const height = 470
const plot = { left: 50, right: 560, top: 46, bottom: 415 }

/** Between two names on the right. */
const lineHeight = 14

/** Colours that can be told apart on white and on black. */
const colours = [
  '#d33f49',
  '#1f83c7',
  '#2f9e44',
  '#e67700',
  '#9c36b5',
  '#0c8599',
  '#b08900',
  '#e64980',
  '#5f6fd8',
  '#74923c',
  '#a0613a',
  '#7d8790',
  '#00a37a',
]

const style = `
text { font: 12px system-ui, sans-serif; fill: #333 }
.title { font-size: 14px; font-weight: 600 }
.grid { stroke: #8884; stroke-width: 1 }
.ideal { stroke: #888; stroke-dasharray: 4 4; fill: none }
.curve { fill: none; stroke-width: 1.8 }
.leader { stroke-width: 0.6; fill: none; opacity: 0.7 }
.measured { fill: #fff; stroke-width: 1.8 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .measured { fill: #111 } }
`

/** Draws curves. All have points at the same numbers of workers, ascending from 1. */
export function drawChart(title: string, curves: readonly Curve[]): string {
  const workers = curves[0]?.points.map((point) => point.workers) ?? [1]
  const most = Math.max(2, ...curves.flatMap(({ points }) => points.map(({ speedUp }) => speedUp)))
  const step = most > 8 ? 2 : 1
  const top = Math.ceil(most / step) * step
  const doublings = Math.max(1, Math.log2(workers.at(-1)!))
  const x = (at: number) => plot.left + (Math.log2(at) / doublings) * (plot.right - plot.left)
  const y = (speedUp: number) => plot.bottom - (speedUp / top) * (plot.bottom - plot.top)
  const sorted = [...curves].sort((a, b) => finalOf(b) - finalOf(a))
  const labels = spread(sorted.map((curve) => y(finalOf(curve))))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    `<text class="title" x="${plot.left}" y="22">${escaped(title)}</text>`,
    ...horizontalGrid(top, step, y),
    ...workers.map((at) => label(x(at), plot.bottom + 18, String(at), 'middle')),
    label((plot.left + plot.right) / 2, height - 14, 'workers', 'middle'),
    `<path class="ideal" d="${idealPath(top, workers.at(-1)!, x, y)}"/>`,
    ...sorted.map((curve, i) => drawCurve(curve, colours[i % colours.length]!, labels[i]!, x, y)),
    '</svg>',
    '',
  ].join('\n')
}

type Scale = (value: number) => number

function finalOf({ points }: Curve): number {
  return points.at(-1)!.speedUp
}

function horizontalGrid(top: number, step: number, y: Scale): string[] {
  const lines: string[] = []
  for (let at = 0; at <= top; at += step) {
    const height = round(y(at))
    lines.push(`<path class="grid" d="M${plot.left} ${height}H${plot.right}"/>`)
    lines.push(label(plot.left - 8, height + 4, `${at}×`, 'end'))
  }
  return lines
}

/** As many times faster as there are workers, as far as the chart goes. */
function idealPath(top: number, workers: number, x: Scale, y: Scale): string {
  const steps = Array.from({ length: 33 }, (_, i) => Math.min(top, workers) ** (i / 32))
  return pathOf(steps.map((at): [number, number] => [x(at), y(at)]))
}

function drawCurve(curve: Curve, colour: string, labelY: number, x: Scale, y: Scale): string {
  const { points, measured } = curve
  const end = finalOf(curve)
  const place = ({ workers, speedUp }: Point): [number, number] => [x(workers), y(speedUp)]
  return [
    `<g stroke="${colour}">`,
    `<path class="curve" d="${pathOf(points.map(place))}"/>`,
    `<path class="leader" d="${pathOf([
      [plot.right + 3, y(end)],
      [plot.right + 18, labelY],
    ])}"/>`,
    ...measured.map(place).map(([cx, cy]) => {
      return `<circle class="measured" cx="${round(cx)}" cy="${round(cy)}" r="3.5"/>`
    }),
    '</g>',
    label(plot.right + 22, labelY + 4, `${curve.name} ${end.toFixed(1)}×`, 'start'),
  ].join('\n')
}

function pathOf(points: readonly (readonly [number, number])[]): string {
  return `M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join('L')}`
}

function label(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escaped(text)}</text>`
}

/** Moves places, ascending, as far apart as lines of text have to be, and back into the plot. */
function spread(places: readonly number[]): number[] {
  const moved: number[] = []
  for (const place of places) moved.push(Math.max(place, (moved.at(-1) ?? 0) + lineHeight))
  let limit = plot.bottom
  for (let i = moved.length - 1; i >= 0; i--) {
    moved[i] = Math.min(moved[i]!, limit)
    limit = moved[i]! - lineHeight
  }
  return moved
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
