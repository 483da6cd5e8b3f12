/** The table of hot locations. */

import type { ExecutionReport, HotLocation } from '../output/execution-report.js'
import { formatKind, shortHex } from './client/format.js'
import { escapeHtml } from './escape.js'

/** The most rows of the table. */
const rowsShown = 40

/** The table as HTML; a line of text where there are no such locations. */
export function hotLocationTable({ hotLocations, workers }: ExecutionReport): string {
  if (hotLocations.length === 0) {
    const reason =
      workers === 1
        ? 'Sequential execution does not find out what depends on what.'
        : 'No transaction read what another one of the block had written.'
    return `<p class="quiet">${reason}</p>`
  }
  const most = Math.max(1, ...hotLocations.map(({ dependents }) => dependents))
  const rows = hotLocations.slice(0, rowsShown).map((location) => row(location, most))
  return `<table>
<thead><tr><th>account</th><th>what</th><th class="number">dependents</th><th class="number">conflicts</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`
}

function row({ address, kind, key, dependents, conflicts }: HotLocation, most: number): string {
  const share = Math.round((100 * dependents) / most)
  const what = key === undefined ? formatKind(kind) : `slot ${shortHex(key)}`
  // Slots are known of conflicts alone, addresses also of senders and recipients.
  const wanted = key !== undefined && conflicts > 0 ? key : address
  const title = key === undefined ? address : `${address} ${key}`
  return (
    `<tr class="link" data-search="${escapeHtml(wanted)}" title="${escapeHtml(title)}">` +
    `<td class="mono">${escapeHtml(shortHex(address))}</td>` +
    `<td${key === undefined ? '' : ' class="mono"'}>${escapeHtml(what)}</td>` +
    `<td class="number"><span class="meter" style="--share:${share}%"></span><span class="count">${dependents}</span></td>` +
    `<td class="number${conflicts > 0 ? ' conflict' : ''}">${conflicts}</td></tr>`
  )
}
