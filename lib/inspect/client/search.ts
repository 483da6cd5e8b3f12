/** The search field. */

import type { Chart } from './chart.js'

/** What the search field can do for others. */
export interface Search {
  /** Searches for a text as if it had been typed. */
  set(text: string): void
}

/** Lets the field find transactions. The chart emphasises all of them; Enter goes from one to the next. */
export function listenToSearch(
  field: HTMLInputElement,
  count: HTMLElement,
  chart: Chart,
  select: (index: number) => void,
): Search {
  let found: readonly number[] = []
  let position = -1
  const find = () => {
    const isEmpty = field.value.trim() === ''
    found = chart.scene.find(field.value)
    position = -1
    chart.matches = found.length === 0 ? undefined : new Set(found)
    count.textContent = isEmpty ? '' : found.length === 0 ? 'none' : String(found.length)
  }
  field.addEventListener('input', find)
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || found.length === 0) return
    position = (position + (event.shiftKey ? -1 : 1) + found.length) % found.length
    count.textContent = `${position + 1} of ${found.length}`
    select(found[position])
  })
  return {
    set(text) {
      field.value = text
      find()
    },
  }
}
