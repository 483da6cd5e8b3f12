/** Puts the page together: reads its data and connects its parts. */

import { Chart } from './chart.js'
import { slowestTransactions, transactionDetails } from './details.js'
import { byId } from './dom.js'
import { listenToKeys } from './keyboard.js'
import type { PageModel } from './model.js'
import { listenToPointer } from './pointer.js'
import { Scene } from './scene.js'
import { listenToSearch } from './search.js'
import { listenToTheme } from './theme.js'

/** How many of the slowest transactions are listed. */
const slowestShown = 12

/** Starts the page. */
function start(): void {
  const model = JSON.parse(byId('data').textContent ?? '') as PageModel
  const scene = new Scene(model)
  const chart = new Chart(byId<HTMLCanvasElement>('chart'), scene)
  const details = byId('details')

  const show = (index: number | undefined) => {
    const transaction = index === undefined ? undefined : scene.transaction(index)
    chart.selected = transaction?.index
    details.replaceChildren(
      ...(transaction === undefined
        ? slowestTransactions(scene, slowestShown, choose)
        : transactionDetails(scene, transaction, choose)),
    )
    // A page that is passed on opens with the same selection.
    const place = transaction === undefined ? '#' : `#tx=${transaction.index}`
    history.replaceState(null, '', place)
  }
  const choose = (index: number) => {
    show(index)
    chart.reveal(index)
  }

  const field = byId<HTMLInputElement>('search')
  const search = listenToSearch(field, byId('search-count'), chart, choose)
  listenToPointer(chart, byId('tooltip'), show)
  listenToTheme(byId('theme'), () => chart.recolour())

  const critical = byId<HTMLInputElement>('critical-path')
  const markCriticalPath = () => {
    chart.criticalPath = critical.checked
  }
  critical.addEventListener('change', markCriticalPath)
  listenToKeys(chart, {
    step(places) {
      const next = (chart.selected ?? (places > 0 ? -1 : 0)) + places
      if (scene.transaction(next) !== undefined) choose(next)
    },
    clear() {
      search.set('')
      field.blur()
      show(undefined)
    },
    search: () => field.focus(),
    toggleCriticalPath() {
      critical.checked = !critical.checked
      markCriticalPath()
    },
  })
  for (const row of document.querySelectorAll<HTMLElement>('[data-search]')) {
    row.addEventListener('click', () => search.set(row.dataset.search ?? ''))
  }

  const opened = /^#tx=(\d+)$/.exec(location.hash)
  if (opened === null) show(undefined)
  else choose(Number(opened[1]))
}

start()
