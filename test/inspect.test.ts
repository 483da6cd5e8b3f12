import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine } from '../lib/engine/engine.js'
import { formatCount } from '../lib/inspect/client/format.js'
import type { PageModel } from '../lib/inspect/client/model.js'
import { Scene } from '../lib/inspect/client/scene.js'
import { TimeView } from '../lib/inspect/client/time-view.js'
import { escapeHtml, scriptJson } from '../lib/inspect/escape.js'
import { inspectionPage } from '../lib/inspect/page.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { LocationKind } from '../lib/native/wire.js'
import { ExecutionReport } from '../lib/output/execution-report.js'
import { braid } from './support/braid-command.js'
import { finishedBlock } from './support/demo.js'
import { address, word } from './support/packed.js'
import { packExecution, type SampleRun } from './support/packed-execution.js'

const inspect = suite('inspect')

const folder = mkdtempSync(join(tmpdir(), 'braid-inspect-'))
inspect.after(() => rmSync(folder, { recursive: true }))

const engine = await Engine.create()
const { demo, state, encoded } = finishedBlock(engine)
const result = engine.executeBlockSync(encoded, { state })

/** An execution of the demo's block on two workers, in which transaction 3 was aborted by 2. */
const runs: SampleRun[] = result.receipts.map(({ transactionIndex: index, gasUsed }) => ({
  transaction: index,
  worker: index % 2,
  incarnation: index === 3 ? 1 : 0,
  atHead: index === 3,
  start: index * 1000,
  end: index * 1000 + 1500,
  gasUsed,
  ...(index === 3 ? { dependsOn: 2 } : {}),
  ...(index === 5 ? { waitedFor: 3 } : {}),
}))
runs.push({ transaction: 3, worker: 1, committed: false, start: 2000, end: 2600, gasUsed: 999n })
const packed = packExecution({
  workers: 2,
  runs,
  conflicts: [
    {
      transaction: 3,
      writer: 2,
      kind: LocationKind.Storage,
      address: address(0xab),
      key: word(0x1234),
    },
  ],
  hotLocations: [
    {
      kind: LocationKind.Storage,
      address: address(0xab),
      key: word(0x1234),
      dependents: 7,
      conflicts: 1,
    },
  ],
})
const report = new ExecutionReport(new PackedReader(packed), 'optimistic')
const page = inspectionPage({ result, report, vm: 'braidvm 1.2.3' })

/** The content of the one element that matches. */
function content(html: string, opening: string): string {
  const start = html.indexOf(opening)
  assert.ok(start >= 0, `no ${opening}`)
  assert.is(html.indexOf(opening, start + 1), -1, `two of ${opening}`)
  return html.slice(start + opening.length, html.indexOf('</', start))
}

const modelOf = (html: string) =>
  JSON.parse(content(html, '<script type="application/json" id="data">')) as PageModel

const voidElements = new Set(['meta', 'input', 'br', 'link', 'img'])

/** Fails where tags are not nested properly, or an attribute is not in quotes. */
function checkNesting(html: string): void {
  const withoutRawText = html.replace(/<(script|style)([^>]*)>.*?<\/\1>/gs, '<$1$2></$1>')
  const open: string[] = []
  for (const [tag, closing, name, attributes] of withoutRawText.matchAll(
    /<(\/?)([a-z][a-z0-9]*)([^>]*)>/g,
  )) {
    assert.match(attributes, /^(\s+[a-z-]+(="[^"<>]*")?)*$/, `attributes of ${tag}`)
    if (closing !== '') assert.is(open.pop(), name, `nesting at ${tag}`)
    else if (!voidElements.has(name)) open.push(name)
  }
  assert.equal(open, [])
  const text = withoutRawText.replace(/<!doctype html>|<\/?[a-z][^>]*>/g, '')
  assert.not.match(text, /[<>]/)
}

inspect('makes a page that is well-formed', () => {
  assert.ok(page.startsWith('<!doctype html>\n<html lang="en">'))
  checkNesting(page)
  for (const id of ['chart', 'details', 'data', 'search', 'theme', 'tooltip', 'critical-path']) {
    assert.is(page.split(`id="${id}"`).length, 2, id)
  }
})

inspect('needs nothing from elsewhere', () => {
  assert.not.match(page, /https?:|\/\/[a-z]+\.|url\(|@import|\ssrc=|<link|<iframe|<img/)
  assert.not.match(page, /\b(fetch|XMLHttpRequest|import)\s*\(/)
  assert.match(page, /Content-Security-Policy" content="default-src 'none'/)
})

inspect('brings a script that compiles, without imports or exports', () => {
  const [, script] = /<script>\n(.*?)<\/script>/s.exec(page) ?? []
  assert.not.match(script, /^(import|export) /m)
  assert.ok(new Script(script))
  // What runs last starts the page: without a document it fails for lack of one, and nothing else.
  assert.throws(() => new Script(script).runInNewContext({}), /document is not defined/)
  assert.ok(script.length < 30_000, `${script.length} characters`)
})

inspect('shows the figures of the block', () => {
  for (const text of [
    `<h1>Block ${formatCount(result.number)}</h1>`,
    result.hash,
    'optimistic, 2 workers',
    'braidvm 1.2.3',
    '1 thrown away',
    '999 gas',
    'slot 0x1234',
    `data-search="0x${'1234'.padStart(64, '0')}"`,
  ]) {
    assert.ok(page.includes(text), text)
  }
})

inspect('holds every run and why it was thrown away', () => {
  const model = modelOf(page)
  assert.is(model.workers, 2)
  assert.ok(Math.abs(model.senders - result.timings.senders) < 1e-6)
  assert.is(model.transactions.length, result.transactionCount)
  assert.is(model.transactions[3].hash, result.receipts[3].transactionHash)
  assert.is(model.runs.length, runs.length)
  const ofThird = model.runs.filter(({ transaction }) => transaction === 3)
  assert.equal(
    ofThird.map(({ outcome, incarnation, start, end, gas, dependsOn }) => ({
      outcome,
      incarnation,
      start,
      end,
      gas,
      dependsOn,
    })),
    [
      {
        outcome: 'discarded',
        incarnation: 0,
        start: 0.002,
        end: 0.0026,
        gas: 999,
        dependsOn: undefined,
      },
      {
        outcome: 'head',
        incarnation: 1,
        start: 0.003,
        end: 0.0045,
        gas: Number(result.receipts[3].gasUsed),
        dependsOn: 2,
      },
    ],
  )
  assert.equal(model.criticalPath, [2, 3])
})

inspect('escapes what comes from elsewhere', () => {
  const hostile = `</script><script>alert("1")</script>&'`
  const report = new ExecutionReport(new PackedReader(packed), hostile)
  const named = inspectionPage({ result, report, vm: hostile })
  assert.not.ok(named.includes('alert("1")'))
  assert.is(named.split(escapeHtml(hostile)).length, 3)
  checkNesting(named)
  assert.is(escapeHtml(`<a b="c" d='e'>&`), '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;')

  const value = { text: `${hostile}<!--\u2028\u2029` }
  assert.not.match(scriptJson(value), /[<>&\u2028\u2029]/)
  assert.equal(JSON.parse(scriptJson(value)), value)
})

inspect('makes a page for a block that nothing was recorded of', () => {
  const report = new ExecutionReport(new PackedReader(packExecution({})), 'sequential')
  const empty = inspectionPage({ result, report, vm: 'braidvm' })
  checkNesting(empty)
  assert.match(empty, /<canvas id="chart" hidden/)
  assert.match(empty, /No runs were recorded/)
})

inspect('stays small', () => {
  const many = Array.from({ length: 200 }, (_, transaction) => ({
    transaction,
    worker: transaction % 2,
    start: transaction * 1000,
    end: transaction * 1000 + 900,
    gasUsed: 100_000n,
    dependsOn: transaction - 1,
  }))
  const report = new ExecutionReport(
    new PackedReader(packExecution({ workers: 2, runs: many })),
    'optimistic',
  )
  const size = inspectionPage({ result, report, vm: 'braidvm' }).length
  // Each of 200 transactions would add its hash, two addresses and a few numbers.
  assert.ok(size + 200 * 300 < 200_000, `${size} characters`)
})

inspect('finds runs by time and by what connects them', () => {
  const scene = new Scene(modelOf(page))
  assert.is(scene.timelines.length, 2)
  assert.is(scene.runAt(1, 0.0023, 0)?.transaction, 3)
  assert.is(scene.runAt(1, 0.0023, 0)?.outcome, 'discarded')
  assert.is(scene.runAt(0, -1, 0.5), undefined)
  assert.is(scene.runAt(0, -0.1, 0.5)?.transaction, 0)
  assert.is(scene.runAt(9, 0, 1), undefined)
  const kinds = (index: number) =>
    scene
      .linksOf(index)
      .map(({ kind, from, to }) => `${kind} ${from.transaction} ${to.transaction}`)
      .sort()
  assert.equal(kinds(3), ['aborts 2 3', 'reads 2 3', 'waits 3 5'])
  assert.equal(kinds(2), ['aborts 2 3', 'reads 2 3'])
  assert.equal(kinds(5), ['waits 3 5'])
  assert.equal(kinds(0), [])
})

inspect('searches by index, hash, address and slot', () => {
  const scene = new Scene(modelOf(page))
  assert.equal(scene.find('4'), [4])
  assert.equal(scene.find('#4'), [4])
  assert.equal(scene.find('99999'), [])
  assert.equal(scene.find(' '), [])
  assert.equal(scene.find(result.receipts[2].transactionHash?.toUpperCase() ?? ''), [2])
  assert.equal(scene.find('ab'.repeat(20)), [3])
  assert.equal(scene.find(`0x${'1234'.padStart(64, '0')}`), [3])
  const { from } = result.receipts[1]
  const sent = result.receipts.filter((receipt) => receipt.from === from || receipt.to === from)
  assert.equal(
    scene.find(from),
    sent.map(({ transactionIndex }) => transactionIndex),
  )
})

inspect('zooms and pans within the execution', () => {
  const view = new TimeView(10)
  view.left = 100
  view.width = 1000
  assert.is(view.x(5), 600)
  assert.is(view.time(600), 5)
  view.zoom(0.5, 350)
  assert.equal([view.start, view.end], [1.25, 6.25])
  assert.is(view.time(350), 2.5)
  view.pan(-100_000)
  assert.equal([view.start, view.end], [0, 5])
  view.pan(100_000)
  assert.equal([view.start, view.end], [5, 10])
  view.zoom(1000, 350)
  assert.equal([view.start, view.end], [0, 10])
  view.zoom(1e-12, 600)
  assert.ok(view.end > view.start)
  view.show(2, 2)
  view.reveal(8, 9)
  assert.ok(view.start <= 8 && view.end >= 9)
  view.reset()
  assert.equal(view.ticks(100), { step: 1, times: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] })
})

const block = join(folder, 'block.rlp')
writeFileSync(block, encoded)
const stateFile = join(folder, 'state.json')
writeFileSync(
  stateFile,
  JSON.stringify(demo.alloc, (_, value) => {
    if (typeof value === 'bigint') return `0x${value.toString(16)}`
    if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`
    return value?.type === 'Buffer' ? `0x${Buffer.from(value.data).toString('hex')}` : value
  }),
)

inspect('is a command that writes the page', () => {
  const html = join(folder, 'timelines.html')
  const { status, stdout, stderr } = braid([
    ...['inspect', block, '--state', stateFile, '--html', html, '--threads', '2', '--repeat', '2'],
  ])
  assert.is(stderr, '')
  assert.is(status, 0)
  assert.match(stdout, /matches/)
  assert.match(stdout, /optimistic, \d workers?, senders and execution/)
  const written = readFileSync(html, 'utf8')
  checkNesting(written)
  assert.is(modelOf(written).transactions.length, result.transactionCount)
})

inspect('tells one time for one thing: in the table, below it and on the page', () => {
  const html = join(folder, 'times.html')
  const options = ['--state', stateFile, '--threads', '2']
  const { stdout } = braid(['inspect', block, ...options, '--html', html])
  const [titles, row] = stdout.split('\n')
  const cells = row.split(/ {2,}/)
  const cellOf = (title: string) => Number(cells[titles.split(/ {2,}/).indexOf(title)])
  const [, summary] = /senders and execution (\d+\.\d\d) ms$/m.exec(stdout) ?? []
  // Both parts are rounded in the table.
  const sum = cellOf('senders ms') + cellOf('execute ms')
  assert.ok(Math.abs(Number(summary) - sum) < 0.011, `${summary} is not ${sum}`)
  assert.is(stdout.match(/\d ms/g)?.length, 2, 'of the whole and of the critical path')
  const page = readFileSync(html, 'utf8')
  const figure = (name: string) =>
    (new RegExp(`<dt>${name}</dt><dd>([^<]*)`).exec(page) ?? [])[1].replace(/[^\d.]+/g, ' ').trim()
  const shown = Number(figure('Execution'))
  assert.ok(Math.abs(Number(summary) - shown) < 0.011 || shown > 100, `${summary} is not ${shown}`)
  assert.is(Number(figure('Speed').replace(' ', '')), cellOf('Mgas/s'))

  const { blocks } = JSON.parse(braid(['inspect', block, ...options, '--json']).stdout)
  const { senders, execute } = blocks[0].milliseconds
  const speed = Number(blocks[0].gasUsed) / 1000 / (senders + execute)
  assert.ok(Math.abs(blocks[0].megagasPerSecond - speed) < 1e-6 * speed)
})

inspect('is a command that can also only print', () => {
  const { status, stdout } = braid([
    'inspect',
    block,
    '--state',
    stateFile,
    '--policy',
    'sequential',
  ])
  assert.is(status, 0)
  assert.match(stdout, /sequential, 1 worker, senders and execution/)
})

inspect('exits with 2 where it cannot work', () => {
  for (const args of [
    [],
    [block, block],
    [block],
    [block, '--state', stateFile, '--policy', 'guess'],
    [block, '--state', stateFile, '--repeat', '0'],
    [block, '--state', stateFile, '--html', join(folder, 'nowhere', 'timelines.html')],
  ]) {
    const { status, stderr } = braid(['inspect', ...args])
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, /^braid: /)
  }
})

inspect.run()
