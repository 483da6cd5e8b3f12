/** A block executed on the state that a node has, which answers in 20 ms. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, RpcState } from 'braid-evm'
import { NodeProcess, readMainnetFile } from '../test/support/node-process.js'
import { fixturePath } from './support/fixtures.js'
import { median, shown } from './support/measure.js'
import { type BenchOptions, type Section, table } from './support/section.js'

const blockName = '19932148'
/** Milliseconds until the node answers a request. */
const latency = 20

/** The ways, from a node that can do everything to one that answers questions alone. */
const ways = [
  { name: 'traces', abilities: { traces: true, accessLists: true } },
  {
    name: 'traces, and a cache that knows the block',
    abilities: { traces: true, accessLists: true },
    cache: true,
  },
  { name: 'access lists', abilities: { traces: false, accessLists: true } },
  {
    name: 'reads alone, after a refusal of each of the others',
    abilities: { traces: false, accessLists: false },
  },
] as const

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const path = fixturePath('mainnet_blocks', `${blockName}.json.gz`)
  const { block } = readMainnetFile(path)
  const node = await NodeProcess.start(path)
  const engine = await Engine.create()
  const folder = mkdtempSync(join(tmpdir(), 'braid-bench-'))
  const runs = ways.map(
    () => [] as { ms: number; depth: number; requests: number; calls: number }[],
  )
  try {
    // In turns, so that a machine that is busy for a while is so for all.
    for (let i = 0; i < (quick ? 3 : 11); i++) {
      for (const [way, { abilities, ...rest }] of ways.entries()) {
        const parent = BigInt(block.number) - 1n
        const cache = 'cache' in rest ? join(folder, 'answers') : undefined
        if (cache !== undefined && i === 0) {
          await using state = new RpcState({ url: node.url, block: parent, cache })
          await engine.executeBlock(block, { state })
        }
        await node.set({ abilities, latency })
        await using state = new RpcState({ url: node.url, block: parent, cache })
        const start = performance.now()
        await engine.executeBlock(block, { state })
        const ms = performance.now() - start
        const { depth, requests } = await node.set({ abilities, latency })
        runs[way].push({ ms, depth, requests, calls: state.requests.calls })
      }
    }
  } finally {
    node.stop()
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const rows = ways.map(({ name }, way) => {
    const of = (field: 'ms' | 'depth' | 'requests' | 'calls') =>
      median(runs[way].map((each) => each[field]))
    const ms = of('ms')
    return { name, ms, depth: of('depth'), requests: of('requests'), calls: of('calls') }
  })
  const [traced, cached, listed, read] = rows as [Row, Row, Row, Row]
  return {
    title: 'A block from a node',
    text: [
      `Mainnet block ${blockName} on an \`RpcState\` of its parent that knows nothing yet. The node is a process of`,
      `this machine that answers every request after ${latency} ms. *In a row*: requests that came in when the one before`,
      'had been answered. The node is asked for what it cannot do, too. Medians.',
      '',
      table(
        ['what the node has', '>ms', '>in a row', '>requests', '>calls'],
        rows.map(({ name, ms, depth, requests, calls }) => [
          name,
          shown(ms),
          String(depth),
          String(requests),
          String(calls),
        ]),
      ),
    ].join('\n'),
    verdicts: [
      {
        target: `mainnet block ${blockName} from a node that traces and answers in ${latency} ms within 250 ms`,
        measured: `${shown(traced.ms)} ms`,
        met: traced.ms < 250,
      },
      {
        target: 'the same a second time, with a cache, in one request and sooner',
        measured: `${cached.depth} in a row, ${shown(cached.ms)} ms`,
        met: cached.depth === 1 && cached.ms < traced.ms,
      },
      {
        target: 'the same without traces in at most 10 requests in a row and 600 ms',
        measured: `${listed.depth} in a row, ${shown(listed.ms)} ms`,
        met: listed.depth <= 10 && listed.ms < 600,
      },
    ],
    losses: [
      `A node that has neither traces nor access lists is asked ${read.depth} times in a row for mainnet block ${blockName}: ${shown(read.ms)} ms.`,
    ],
    data: { rows: rows.map((row) => ({ ...row })) },
  }
}

/** What one way took. */
interface Row {
  readonly name: string
  readonly ms: number
  readonly depth: number
  readonly requests: number
  readonly calls: number
}
