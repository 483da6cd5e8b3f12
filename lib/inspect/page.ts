/** The page that shows how a block was executed: one HTML file that needs nothing else. */

import type { BlockResult } from '../engine/block-result.js'
import type { ExecutionReport } from '../output/execution-report.js'
import { formatCount } from './client/format.js'
import { escapeHtml, scriptJson } from './escape.js'
import { hotLocationTable } from './hot-locations.js'
import { legend } from './legend.js'
import { pageModel } from './page-model.js'
import { pageScript } from './script.js'
import { style } from './style.js'
import { type Figure, summaryFigures } from './summary.js'

/** What the page is about. */
export interface InspectedBlock {
  readonly result: BlockResult
  /** How it was executed. Default: the result's own report. */
  readonly report?: ExecutionReport
  /** The EVM that executed it. */
  readonly vm: string
}

/** Makes the page. */
export function inspectionPage({ result, report = result.report, vm }: InspectedBlock): string {
  const title = `Block ${formatCount(result.number)}`
  const workers = report.workers === 1 ? '1 worker' : `${report.workers} workers`
  const subject = [
    `<span class="mono">${escapeHtml(result.hash)}</span>`,
    `<span>${escapeHtml(result.hardfork)}</span>`,
    `<span>${escapeHtml(report.policy)}, ${workers}</span>`,
    `<span>${escapeHtml(vm)}</span>`,
  ]
  const model = pageModel(result, report)
  const figures = summaryFigures(result, report).map(figure)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<div>
<h1>${escapeHtml(title)}</h1>
<p class="subject">${subject.join('')}</p>
</div>
<div class="tools">
<div class="search">
<input type="search" id="search" placeholder="Index, hash, address or slot" aria-label="Search transactions" autocomplete="off" spellcheck="false">
<span id="search-count" aria-live="polite"></span>
</div>
<button type="button" id="theme">Dark</button>
</div>
</header>
<dl class="figures">
${figures.join('\n')}
</dl>
<main>
<div class="bar">
${legend(model)}
${keys}
</div>
${report.executions === 0 ? emptyNote(result) : ''}
<canvas id="chart"${report.executions === 0 ? ' hidden' : ''} role="img" aria-label="The runs of all transactions over time, one timeline per worker"></canvas>
<div class="panels">
<section id="details" aria-live="polite"></section>
<section>
<h2>Hot locations</h2>
${hotLocationTable(report)}
</section>
</div>
</main>
<div id="tooltip" role="tooltip" hidden></div>
<script type="application/json" id="data">${scriptJson(model)}</script>
<script>
${pageScript()}
</script>
</body>
</html>
`
}

function figure({ name, value, note, meaning }: Figure): string {
  return (
    `<div title="${escapeHtml(meaning)}"><dt>${escapeHtml(name)}</dt>` +
    `<dd>${escapeHtml(value)}<p>${escapeHtml(note)}</p></dd></div>`
  )
}

function emptyNote({ transactionCount }: BlockResult): string {
  const reason =
    transactionCount === 0 ? 'This block has no transactions.' : 'No runs were recorded.'
  return `<p class="empty">${reason}</p>`
}

const keys = `<span class="keys"><kbd>scroll</kbd> zoom <kbd>drag</kbd> pan <kbd>j</kbd><kbd>k</kbd> next, previous <kbd>f</kbd> fit <kbd>/</kbd> search</span>`
