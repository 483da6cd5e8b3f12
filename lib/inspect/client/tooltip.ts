/** The small panel at the pointer. */

import { element } from './dom.js'
import { formatGas, formatSpeed, formatTime, shortHex } from './format.js'
import type { PageRun } from './model.js'
import type { Scene } from './scene.js'
import { describeConflict, describeIncarnation, describeOutcome } from './wording.js'

/** Shows what is known of a run beside a point of the window. */
export function showTooltip(
  tooltip: HTMLElement,
  scene: Scene,
  run: PageRun,
  x: number,
  y: number,
): void {
  tooltip.replaceChildren(...content(scene, run))
  tooltip.hidden = false
  const { width, height } = tooltip.getBoundingClientRect()
  const margin = 14
  const left = x + margin + width > window.innerWidth ? x - margin - width : x + margin
  const top = y + margin + height > window.innerHeight ? y - margin - height : y + margin
  tooltip.style.left = `${Math.max(4, left)}px`
  tooltip.style.top = `${Math.max(4, top)}px`
}

function content(scene: Scene, run: PageRun): Node[] {
  const transaction = scene.transaction(run.transaction)
  const milliseconds = run.end - run.start
  const heading = element('strong', {}, `Transaction ${run.transaction}`)
  const others = scene.runsOf(run.transaction).length
  const which = others > 1 ? ` · ${describeIncarnation(run)} of ${others}` : ''
  const nodes: Node[] = [
    element('div', { className: 'tooltip-title' }, heading, which),
    element('div', { className: `outcome ${run.outcome}` }, describeOutcome(run)),
  ]
  const facts = element('dl')
  const add = (name: string, value: string) =>
    facts.append(element('dt', {}, name), element('dd', {}, value))
  if (transaction !== undefined) {
    if (transaction.hash !== '') add('hash', shortHex(transaction.hash))
    add(transaction.creates ? 'creates' : 'to', shortHex(transaction.to))
  }
  add('took', formatTime(milliseconds))
  add('gas', `${formatGas(run.gas)} · ${formatSpeed(run.gas, milliseconds)}`)
  if (run.dependsOn !== undefined) add('reads from', `transaction ${run.dependsOn}`)
  if (run.waitedFor !== undefined) add('waited for', `transaction ${run.waitedFor}`)
  nodes.push(facts)
  for (const conflict of run.conflicts) {
    nodes.push(element('div', { className: 'conflict' }, describeConflict(conflict)))
  }
  return nodes
}
