/** What the keys do. */

import type { Chart } from './chart.js'

/** What keys can ask for beside moving the chart. */
export interface KeyActions {
  /** Selects the transaction so many places further. */
  step(places: number): void
  clear(): void
  search(): void
  toggleCriticalPath(): void
}

/** Lets the keys work wherever no text is being written. */
export function listenToKeys(chart: Chart, actions: KeyActions): void {
  const { view } = chart
  const zoom = (factor: number) => view.zoom(factor, view.left + view.width / 2)
  const pan = (share: number) => view.pan(share * view.width)
  const keys: Readonly<Record<string, () => void>> = {
    '+': () => zoom(0.7),
    '=': () => zoom(0.7),
    w: () => zoom(0.7),
    '-': () => zoom(1 / 0.7),
    s: () => zoom(1 / 0.7),
    ArrowLeft: () => pan(-0.15),
    a: () => pan(-0.15),
    ArrowRight: () => pan(0.15),
    d: () => pan(0.15),
    '0': () => view.reset(),
    Home: () => view.reset(),
    f: () => (chart.selected === undefined ? view.reset() : chart.focus(chart.selected)),
    j: () => actions.step(1),
    k: () => actions.step(-1),
    c: () => actions.toggleCriticalPath(),
    '/': () => actions.search(),
    Escape: () => actions.clear(),
  }
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === 'search'
    if (event.ctrlKey || event.metaKey || event.altKey || (isTyping && event.key !== 'Escape')) {
      return
    }
    if (!Object.hasOwn(keys, event.key)) return
    event.preventDefault()
    keys[event.key]()
    chart.redraw()
  })
}
