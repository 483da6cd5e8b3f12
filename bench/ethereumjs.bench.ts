/** The same blocks on `@ethereumjs/vm`, in the same process. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Engine, MemoryState } from 'braid-evm'
import { mainnetCommon } from '../lib/chain/index.js'
import { execute } from './mainnet.bench.js'
import { type EthereumjsRun, runEthereumjs } from './support/ethereumjs.js'
import { type MainnetBlock, mainnetBlocks, root } from './support/fixtures.js'
import { grouped, median, repeat, shown, sum } from './support/measure.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** How much faster the whole set must be. */
const leastRatio = 50

interface Row {
  readonly block: MainnetBlock
  readonly hardfork: string
  /** Milliseconds from RLP bytes to the compared header. */
  readonly ours: number
  /** The same in the first run, on a new engine and a new state. */
  readonly oursFirst: number
  /** Undefined where the other VM cannot run the block. */
  readonly theirs: number | undefined
  readonly failure: string | undefined
}

type ComparedRow = Row & { readonly theirs: number }

async function measureBlock(block: MainnetBlock, { quick }: BenchOptions): Promise<Row> {
  const common = mainnetCommon()
  const engine = await Engine.create({ common, threads: 1 })
  const state = new MemoryState(block.preState)
  const once = () => {
    const start = performance.now()
    execute(engine, block, state)
    return performance.now() - start
  }
  const oursFirst = once()
  const limits = { least: 5, most: 51, milliseconds: quick ? 20 : 200 }
  const ours = median(repeat(limits, once))
  const result = execute(engine, block, state)
  engine.close()

  const { header, hardfork } = result
  const runs: EthereumjsRun[] = []
  let failure: string | undefined
  try {
    for (let i = 0; i < (quick ? 1 : 3); i++) {
      runs.push(await runEthereumjs(block, common, header))
      // Long blocks are timed well enough by fewer runs.
      if (sum(runs, ({ milliseconds }) => milliseconds) > 2000) break
    }
    const gasUsed = runs.at(-1)!.result.gasUsed
    if (gasUsed !== result.gasUsed) failure = `gas used: ${gasUsed} instead of ${result.gasUsed}`
  } catch (error) {
    failure = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
  }
  const theirs =
    failure === undefined ? median(runs.map(({ milliseconds }) => milliseconds)) : undefined
  return { block, hardfork, ours, oursFirst, theirs, failure }
}

/** Runs the benchmark. */
export async function run(options: BenchOptions): Promise<Section> {
  // Once through a few blocks, so that both sides' JavaScript is compiled when it is timed.
  const warming = [...mainnetBlocks()].filter((_, i) => i % 8 === 0)
  for (const block of warming) await measureBlock(block, { quick: true })

  const rows: Row[] = []
  for (const block of mainnetBlocks()) rows.push(await measureBlock(block, options))
  const compared = rows.filter((row): row is ComparedRow => row.theirs !== undefined)
  const failed = rows.filter(({ failure }) => failure !== undefined)
  const theirs = sum(compared, (row) => row.theirs)
  const ratio = theirs / sum(compared, (row) => row.ours)
  const firstRatio = theirs / sum(compared, (row) => row.oursFirst)
  const perBlock = compared.filter(({ block }) => block.transactionCount > 0)
  const nearest = perBlock.reduce((a, b) => (a.theirs / a.ours < b.theirs / b.ours ? a : b))
  const ratios = perBlock.map((row) => row.theirs / row.ours).sort((a, b) => a - b)
  const version = installedVersion()

  return {
    title: 'Against @ethereumjs/vm',
    text: [
      `The same ${rows.length} blocks on \`@ethereumjs/vm\` ${version} in the same process, one after`,
      'the other, block by block: milliseconds from RLP bytes to the compared header, on one thread (ours with',
      'one thread for signatures, too). Both decode, recover senders, validate the transactions root,',
      'withdrawals root and ommers hash, execute, and compare gas used, bloom and receipts root with the header',
      '(before Byzantium receipts need state roots that nobody has here, so theirs are made but not compared;',
      'blocks whose ommers the data lacks skip their block validation). Its state is filled before the clock',
      "starts, in a state manager of ours made of plain maps with an undo list: faster than the package's",
      '`SimpleStateManager`, which copies all accounts at every checkpoint, and than its Merkle one, which',
      'would compute a state root; its KZG library is one that agrees at no cost. Its figure is the median of',
      '1 to 3 runs on a new VM each, after a warm-up; ours the median of repeated runs, and beside it the',
      'first run on a new engine and state.',
      '',
      `In total **${shown(ratio)} times** faster, ${shown(firstRatio)} times with the first run. Per block: least ${shown(ratios[0]!)}, median ${shown(median(ratios))}, most ${shown(ratios.at(-1)!)}.`,
      '',
      ...(failed.length === 0
        ? ['It agrees on the gas used by every block.', '']
        : [
            '**Not run there (left out of the totals):**',
            '',
            ...failed.map(({ block, failure }) => `- ${block.name}: ${failure}`),
            '',
          ]),
      table(
        [
          'block',
          'hardfork',
          '>transactions',
          '>gas',
          '>braid ms',
          '>braid first ms',
          '>@ethereumjs/vm ms',
          '>ratio',
        ],
        [
          ...rows.map((row) => [
            row.block.name,
            row.hardfork,
            grouped(row.block.transactionCount),
            grouped(row.block.gasUsed),
            shown(row.ours),
            shown(row.oursFirst),
            row.theirs === undefined ? 'failed' : shown(row.theirs),
            row.theirs === undefined ? '' : shown(row.theirs / row.ours),
          ]),
          [
            '**total**',
            '',
            grouped(sum(compared, ({ block }) => block.transactionCount)),
            grouped(sum(compared, ({ block }) => block.gasUsed)),
            shown(sum(compared, (row) => row.ours)),
            shown(sum(compared, (row) => row.oursFirst)),
            shown(theirs),
            shown(ratio),
          ],
        ],
      ),
    ].join('\n'),
    verdicts: [
      {
        target: `the whole set, RLP bytes to compared header, at least ${leastRatio} times faster than @ethereumjs/vm`,
        measured: `${shown(ratio)} times, ${shown(firstRatio)} times with our first runs; ${failed.length} blocks fail there`,
        met: ratio >= leastRatio && compared.length > failed.length,
      },
    ],
    losses: [
      `Least ahead of @ethereumjs/vm: block ${nearest.block.name}, ${shown(nearest.theirs / nearest.ours)} times.`,
    ],
    data: {
      version,
      ratio,
      firstRatio,
      blocks: rows.map(({ block, hardfork, ours, oursFirst, theirs, failure }) => ({
        block: block.name,
        hardfork,
        transactions: block.transactionCount,
        gas: block.gasUsed,
        ours,
        oursFirst,
        theirs,
        failure,
      })),
    },
  }
}

/** The package keeps its package.json to itself, as far as imports go. */
function installedVersion(): string {
  const path = join(root, 'node_modules/@ethereumjs/vm/package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version
}
