/** The panel about the selected transaction. */

import { element } from './dom.js'
import { formatCount, formatSpeed, formatTime, shortHex } from './format.js'
import type { PageRun, PageTransaction } from './model.js'
import type { Scene } from './scene.js'
import { describeConflict, describeOutcome } from './wording.js'

/** Selects a transaction. */
export type Select = (index: number) => void

/** How many transactions a list names before it only counts the others. */
const longestList = 24

/** What there is to say about a transaction. */
export function transactionDetails(
  scene: Scene,
  transaction: PageTransaction,
  select: Select,
): Node[] {
  const { index } = transaction
  const nodes: Node[] = [
    element('h2', {}, `Transaction ${index}`),
    facts(transaction),
    runTable(scene.runsOf(index)),
  ]
  const relations = element('dl', { className: 'relations' })
  const add = (name: string, ...values: (Node | string)[]) =>
    relations.append(element('dt', {}, name), element('dd', {}, ...values))
  const run = scene.committedRun(index)
  if (run?.dependsOn !== undefined) add('Reads from', links([run.dependsOn], select))
  const dependents = scene.dependentsOf(index)
  if (dependents.length > 0) add('Read by', links(dependents, select))
  const waits = scene.runsOf(index).flatMap(({ waitedFor }) => waitedFor ?? [])
  if (waits.length > 0) add('Waited for', links(waits, select))
  const hindered = scene.hinderedBy(index)
  const aborted = hindered.filter(({ conflicts }) => conflicts.some((one) => one.writer === index))
  if (aborted.length > 0) add('Aborted', links(indices(aborted), select))
  const kept = hindered.filter(({ waitedFor }) => waitedFor === index)
  if (kept.length > 0) add('Kept waiting', links(indices(kept), select))
  const position = scene.criticalPosition(index)
  if (position !== undefined) {
    add('Critical path', `number ${position + 1} of ${scene.model.criticalPath.length}`)
  }
  if (relations.childElementCount > 0) nodes.push(relations)
  return nodes
}

/** What there is to say where nothing is selected: which transactions took longest. */
export function slowestTransactions(scene: Scene, limit: number, select: Select): Node[] {
  const slowest = scene.model.runs
    .filter(({ outcome }) => outcome !== 'discarded')
    .sort((a, b) => b.end - b.start - (a.end - a.start))
    .slice(0, limit)
  const heading = element('h2', {}, 'Slowest transactions')
  if (slowest.length === 0) return [heading, element('p', { className: 'quiet' }, 'None ran.')]
  const rows = slowest.map((run) => {
    const { transaction: index, gas } = run
    const milliseconds = run.end - run.start
    const row = element(
      'tr',
      { className: 'link', onClick: () => select(index) },
      element('td', {}, links([index], select)),
      element('td', { className: 'mono' }, shortHex(scene.transaction(index)?.to ?? '')),
      element('td', { className: 'number' }, formatTime(milliseconds)),
      element('td', { className: 'number' }, formatCount(gas)),
      element('td', { className: 'number' }, formatSpeed(gas, milliseconds)),
      element('td', { className: 'number' }, String(scene.runsOf(index).length)),
    )
    return row
  })
  return [heading, table(['', 'to', 'time', 'gas', 'speed', 'runs'], rows)]
}

function facts({ hash, from, to, creates, type, reverted, gas }: PageTransaction): Node {
  const list = element('dl', { className: 'facts' })
  const add = (name: string, value: string, className: string) =>
    list.append(element('dt', {}, name), element('dd', { className }, value))
  if (hash !== '') add('Hash', hash, 'mono')
  add('From', from, 'mono')
  add(creates ? 'Creates' : 'To', to, 'mono')
  add('Gas', `${formatCount(gas)} · ${type}${reverted ? ' · reverted' : ''}`, '')
  return list
}

function runTable(runs: readonly PageRun[]): Node {
  const rows = runs.map((run) => {
    const milliseconds = run.end - run.start
    const outcome = element(
      'td',
      {},
      element('span', { className: `outcome ${run.outcome}` }, describeOutcome(run)),
    )
    for (const conflict of run.conflicts) {
      const title = [conflict.address, conflict.key ?? ''].join(' ').trim()
      outcome.append(element('div', { className: 'conflict', title }, describeConflict(conflict)))
    }
    return element(
      'tr',
      {},
      element('td', {}, String(run.incarnation + 1)),
      element('td', { className: 'number' }, String(run.worker)),
      element('td', { className: 'number' }, formatTime(run.start)),
      element('td', { className: 'number' }, formatTime(milliseconds)),
      element('td', { className: 'number' }, formatCount(run.gas)),
      outcome,
    )
  })
  return table(['run', 'worker', 'start', 'time', 'gas', 'outcome'], rows)
}

function table(titles: readonly string[], rows: readonly HTMLTableRowElement[]): Node {
  const words = new Set(['', 'run', 'to', 'outcome'])
  const head = titles.map((title) =>
    element('th', { className: words.has(title) ? '' : 'number' }, title),
  )
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows),
  )
}

function links(targets: readonly number[], select: Select): Node {
  const list = element('span', { className: 'links' })
  for (const index of targets.slice(0, longestList)) {
    const button = element('button', { className: 'reference' }, String(index))
    button.type = 'button'
    button.addEventListener('click', (event) => {
      event.stopPropagation()
      select(index)
    })
    list.append(button)
  }
  const more = targets.length - longestList
  if (more > 0) list.append(` and ${more} more`)
  return list
}

function indices(runs: readonly PageRun[]): number[] {
  return [...new Set(runs.map(({ transaction }) => transaction))]
}
