/** Blocks that fill a gas budget with one kind of work each. */

import { Engine, MemoryState } from 'braid-evm'
import { type FillCase, fillCases } from './support/fixtures.js'
import { grouped, median, megagasPerSecond, repeat, shown } from './support/measure.js'
import { osakaCommon } from './support/osaka.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** Mgas/s that every case must reach. */
const floor = 50

/** Mgas/s below which work is named among the weak places. */
const slowWork = 150

/** Blocks of less gas measure overheads, not the work that fills them. */
const leastGas = 100_000

interface Row {
  readonly name: string
  /** Mgas, as the case's name says. */
  readonly budget: number
  readonly gas: number
  /** Milliseconds of native execution: of the first run on a new state, and the median of more. */
  readonly first: number
  readonly warm: number
}

/** Imports all blocks but the last one, then runs the last one again and again. */
function measure(engine: Engine, { name, budget, pre, blocks }: FillCase, quick: boolean): Row {
  const state = new MemoryState(pre)
  for (const block of blocks.slice(0, -1)) state.commit(engine.executeBlockSync(block, { state }))
  const last = blocks.at(-1)!
  const once = () => engine.executeBlockSync(last, { state })
  const result = once()
  const limits = { least: 1, most: quick ? 1 : 5, milliseconds: quick ? 0 : 250 }
  return {
    name,
    budget,
    gas: Number(result.gasUsed),
    first: result.timings.execute,
    warm: median(repeat(limits, () => once().timings.execute)),
  }
}

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const engine = await Engine.create({ common: osakaCommon(), threads: 1 })
  const rows: Row[] = []
  const failures: { readonly name: string; readonly reason: string }[] = []
  for (const fillCase of fillCases()) {
    if (quick && fillCase.budget !== 10) continue
    try {
      rows.push(measure(engine, fillCase, quick))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      failures.push({ name: `${fillCase.name}, ${fillCase.budget} Mgas`, reason })
    }
  }
  engine.close()
  const timed = rows.filter(({ gas }) => gas >= leastGas).sort((a, b) => speed(a) - speed(b))
  const untimed = rows.length - timed.length
  const slow = timed.filter((row) => Math.min(speed(row), firstSpeed(row)) < floor)
  const slowest = timed[0]

  return {
    title: 'Blocks of one kind of work',
    text: [
      `The ${rows.length + failures.length} blocks of eest/benchmark (Osaka): each fills a gas budget with`,
      'one kind of work. Native execution on one thread, without decoding, signatures and receipts; the',
      'outcome is compared with the header. *First* is the first run on a new state, which analyses the',
      'code; *warm* is the median of the runs after it. Blocks that set the stage are imported before and not',
      `timed. ${untimed} cases without work to fill them (empty blocks) are run but not listed.`,
      '',
      ...(failures.length === 0
        ? []
        : ['**Failed:**', '', ...failures.map(({ name, reason }) => `- ${name}: ${reason}`), '']),
      slow.length === 0
        ? `No case is under ${floor} Mgas/s, first run or warm.`
        : `**Under ${floor} Mgas/s:**\n\n${rowsTable(slow)}`,
      '',
      'All cases, slowest first:',
      '',
      rowsTable(timed),
    ].join('\n'),
    verdicts: [
      {
        target: `every case at ${floor} Mgas/s or more`,
        measured:
          slowest === undefined
            ? 'nothing was timed'
            : `slowest: ${slowest.name} (${slowest.budget} Mgas), ${shown(speed(slowest))} Mgas/s warm; ${slow.length} under the floor, ${failures.length} failed`,
        met: slowest !== undefined && slow.length === 0 && failures.length === 0,
      },
    ],
    losses: [
      `Kinds of work under ${slowWork} Mgas/s: ${listed(timed.filter((row) => speed(row) < slowWork))}.`,
    ],
    data: {
      failures,
      cases: timed.map((row) => ({
        ...row,
        megagasPerSecond: speed(row),
        firstMegagasPerSecond: firstSpeed(row),
      })),
    },
  }
}

/** The kinds of work, each with its slowest case. */
function listed(rows: readonly Row[]): string {
  const slowest = new Map<string, number>()
  for (const row of rows) {
    if (!slowest.has(row.name)) slowest.set(row.name, speed(row))
  }
  if (slowest.size === 0) return 'none'
  return [...slowest].map(([name, value]) => `${name} (${shown(value)})`).join(', ')
}

function speed({ gas, warm }: Row): number {
  return megagasPerSecond(gas, warm)
}

function firstSpeed({ gas, first }: Row): number {
  return megagasPerSecond(gas, first)
}

function rowsTable(rows: readonly Row[]): string {
  return table(
    ['work', '>budget, Mgas', '>gas', '>first ms', '>warm ms', '>first Mgas/s', '>Mgas/s'],
    rows.map((row) => [
      row.name,
      String(row.budget),
      grouped(row.gas),
      shown(row.first),
      shown(row.warm),
      shown(firstSpeed(row)),
      shown(speed(row)),
    ]),
  )
}
