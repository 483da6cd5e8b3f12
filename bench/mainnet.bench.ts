/** Real blocks, from RLP bytes to checked receipts, phase by phase. */

import { type BlockResult, Engine, MemoryState, type Timings } from 'braid-evm'
import { type MainnetBlock, mainnetBlocks } from './support/fixtures.js'
import { grouped, median, megagasPerSecond, repeat, shown, sum } from './support/measure.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** Milliseconds of a block's phases, and of all from the RLP bytes to the checked header. */
interface Phases extends Timings {
  readonly total: number
}

interface Row {
  readonly block: MainnetBlock
  readonly hardfork: string
  /** Medians of runs on a new engine and a new state: no code is analysed, no memory is mapped. */
  readonly cold: Phases
  /** Medians of repeated runs on one engine and one state. */
  readonly warm: Phases
  /** Milliseconds in all of repeated runs with senders recovered on all cores. */
  readonly allCores: number
}

/** Runs a block and checks that it is what its header says, as far as the data goes. */
export function execute(engine: Engine, block: MainnetBlock, state: MemoryState): BlockResult {
  const { rlp, blockHashes, missingOmmers, name } = block
  const result = engine.executeBlockSync(rlp, {
    state,
    blockHashes,
    forgiveMissingSystemContracts: true,
    verify: false,
  })
  const differences = result.verify().map(({ field }) => field)
  const wrong = differences.filter((field) => missingOmmers === 0 || field !== 'ommersHash')
  if (wrong.length > 0) throw new Error(`block ${name} differs from its header: ${wrong}`)
  return result
}

function measure(engine: Engine, block: MainnetBlock, state: MemoryState): Phases {
  const start = performance.now()
  const result = execute(engine, block, state)
  return { ...result.timings, total: performance.now() - start }
}

function medians(runs: readonly Phases[]): Phases {
  const of = (phase: keyof Phases) => median(runs.map((run) => run[phase]))
  return {
    decode: of('decode'),
    senders: of('senders'),
    execute: of('execute'),
    receipts: of('receipts'),
    total: of('total'),
  }
}

async function measureBlock(block: MainnetBlock, options: BenchOptions): Promise<Row> {
  const { quick } = options
  const cold: Phases[] = []
  for (let i = 0; i < (quick ? 1 : 3); i++) {
    const engine = await Engine.create({ threads: 1 })
    cold.push(measure(engine, block, new MemoryState(block.preState)))
    engine.close()
  }
  const state = new MemoryState(block.preState)
  const limits = { least: quick ? 3 : 9, most: 101, milliseconds: quick ? 50 : 400 }
  const one = await Engine.create({ threads: 1 })
  measure(one, block, state)
  const warm = repeat(limits, () => measure(one, block, state))
  const all = await Engine.create()
  measure(all, block, state)
  const allCores = repeat({ ...limits, milliseconds: limits.milliseconds / 2 }, () =>
    measure(all, block, state),
  )
  const { hardfork } = execute(one, block, state)
  one.close()
  all.close()
  return {
    block,
    hardfork,
    cold: medians(cold),
    warm: medians(warm),
    allCores: median(allCores.map(({ total }) => total)),
  }
}

/** Runs the benchmark. */
export async function run(options: BenchOptions): Promise<Section> {
  // Once through, so that the JavaScript side is compiled when it is timed.
  const warming = await Engine.create({ threads: 1 })
  for (const block of mainnetBlocks()) {
    execute(warming, block, new MemoryState(block.preState))
  }
  warming.close()
  const rows: Row[] = []
  for (const block of mainnetBlocks()) rows.push(await measureBlock(block, options))

  const gas = sum(rows, ({ block }) => block.gasUsed)
  const total = (of: (row: Row) => number) => sum(rows, of)
  const warm = megagasPerSecond(
    gas,
    total(({ warm }) => warm.execute),
  )
  const cold = megagasPerSecond(
    gas,
    total(({ cold }) => cold.execute),
  )
  const endToEnd = megagasPerSecond(
    gas,
    total(({ warm }) => warm.total),
  )
  const allCores = megagasPerSecond(
    gas,
    total(({ allCores }) => allCores),
  )
  const slowest = [...rows]
    .filter(({ block }) => block.gasUsed > 0)
    .sort((a, b) => speed(a) - speed(b))
    .slice(0, 5)

  return {
    title: 'Mainnet blocks',
    text: [
      `${rows.length} real blocks, Frontier to Osaka, each on the part of its parent's state that it`,
      'reads, in memory. One thread. Times are milliseconds, medians; every run compares gas used, logs',
      'bloom, receipts root (from Byzantium on), transactions root, withdrawals root and requests hash with',
      'the header. *Warm* repeats a block on one engine and state: code analysis and memory are there',
      'already. *Cold* is the first run of a new engine on a new state: all code is analysed, all memory is',
      'touched for the first time. *Decode* is RLP to packed input, *senders* is signature recovery,',
      '*execute* is everything between the first and the last access to the state, *receipts* is receipts,',
      'roots and comparing. *All* is from RLP bytes to the compared header, by the clock around the call;',
      '*all cores* is the same with senders recovered on all cores.',
      '',
      table(
        ['', '>execute, Mgas/s', '>all, Mgas/s'],
        [
          ['warm', shown(warm), shown(endToEnd)],
          [
            'cold',
            shown(cold),
            shown(
              megagasPerSecond(
                gas,
                total(({ cold }) => cold.total),
              ),
            ),
          ],
          ['warm, all cores', '', shown(allCores)],
        ],
      ),
      '',
      table(
        [
          'block',
          'hardfork',
          '>transactions',
          '>gas',
          '>decode',
          '>senders',
          '>execute',
          '>receipts',
          '>all',
          '>all cores',
          '>Mgas/s execute',
          '>Mgas/s all',
          '>cold execute',
          '>cold Mgas/s',
        ],
        [
          ...rows.map((row) => cells(row.block.name, row.hardfork, [row])),
          cells('**total**', '', rows),
        ],
      ),
    ].join('\n'),
    verdicts: [
      {
        target: 'the whole set, execution alone on one thread, at 1000 Mgas/s or more (aim 4000)',
        measured: `${shown(warm)} Mgas/s warm, ${shown(cold)} Mgas/s cold`,
        met: warm >= 1000,
      },
    ],
    losses: [
      `Mainnet blocks, slowest in execution: ${slowest
        .map((row) => `${row.block.name} (${shown(speed(row))} Mgas/s)`)
        .join(', ')}.`,
      `Code seen for the first time: ${shown(warm / cold)} times the warm time over all mainnet blocks.`,
    ],
    data: {
      megagasPerSecond: { warm, cold, endToEnd, endToEndAllCores: allCores },
      blocks: rows.map(({ block, hardfork, cold, warm, allCores }) => ({
        block: block.name,
        hardfork,
        transactions: block.transactionCount,
        gas: block.gasUsed,
        warm: { ...warm },
        cold: { ...cold },
        allCores,
      })),
    },
  }
}

function speed({ block, warm }: Row): number {
  return megagasPerSecond(block.gasUsed, warm.execute)
}

/** A line of the table for the sum of some rows. */
function cells(name: string, hardfork: string, rows: readonly Row[]): string[] {
  const gas = sum(rows, ({ block }) => block.gasUsed)
  const warm = (phase: keyof Phases) => sum(rows, (row) => row.warm[phase])
  const coldExecute = sum(rows, ({ cold }) => cold.execute)
  return [
    name,
    hardfork,
    grouped(sum(rows, ({ block }) => block.transactionCount)),
    grouped(gas),
    shown(warm('decode')),
    shown(warm('senders')),
    shown(warm('execute')),
    shown(warm('receipts')),
    shown(warm('total')),
    shown(sum(rows, ({ allCores }) => allCores)),
    shown(megagasPerSecond(gas, warm('execute'))),
    shown(megagasPerSecond(gas, warm('total'))),
    shown(coldExecute),
    shown(megagasPerSecond(gas, coldExecute)),
  ]
}
