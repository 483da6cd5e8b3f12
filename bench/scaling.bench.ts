/** How blocks scale with workers: simulated up to 16, checked against runs with one and two. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { type Curve, drawChart } from './scaling/chart.js'
import type { BlockModel, Outcome } from './scaling/model.js'
import { type Recording, type RecordOptions, record, type Subject } from './scaling/recording.js'
import { simulate, simulateSequential } from './scaling/simulate.js'
import { mainnetSubjects, workloadSubjects } from './scaling/subjects.js'
import { root } from './support/fixtures.js'
import { shown, sum } from './support/measure.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** The numbers of workers that are simulated. */
const counts = [1, 2, 4, 8, 16] as const

const chartTitle = 'Speed-up over one worker: simulated'

type Count = (typeof counts)[number]
type Outcomes = Readonly<Record<Count, Outcome>>

/** What the simulation rests on, in microseconds: per signature, per commit, and all transactions. */
interface Costs extends Pick<BlockModel, 'recovery' | 'commit' | 'after'> {
  readonly alone: number
  readonly atHead: number
  readonly ahead: number
}

/** A block. */
interface BlockRow extends Row {
  readonly costs: Costs
}

/** A block, or several together. Times in microseconds. */
interface Row {
  readonly name: string
  readonly transactions: number
  readonly measured: Recording['measured']
  readonly reExecutions: number
  /** All workers, no hints. */
  readonly simulated: Outcomes
  /** As the adaptive policy would do it that knows the block. */
  readonly adaptive: Outcomes
}

/** Runs the benchmark. Writes docs/scaling.svg unless it is quick. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const load = loadavg()[0]!
  const hasFreeCores = availableParallelism() >= 2 && load < availableParallelism()
  const repetitions = quick ? 12 : 40
  const options = { repetitions, secondWorker: hasFreeCores ? 'timed' : 'untimed' } as const
  const workloads: BlockRow[] = []
  for await (const subject of workloadSubjects()) workloads.push(await rowOf(subject, options))
  const blocks: BlockRow[] = []
  const subjects = mainnetSubjects()
  for (const subject of subjects ?? []) blocks.push(await rowOf(subject, options))

  const lines = blocks.length === 0 ? workloads : [...workloads, total('mainnet', blocks)]
  const checked = [...workloads, ...blocks]
  if (!quick && hasFreeCores) {
    writeChart(`${chartTitle} (lines), measured (circles)`, lines.map(checkedCurveOf))
  } else if (!quick) {
    writeChart(chartTitle, lines.map(curveOf))
  }
  return {
    title: 'Scaling, simulated',
    text: [
      ...introduction(repetitions),
      subjects === undefined
        ? 'The blocks of mainnet are left out: their data is not there.'
        : `*Mainnet* is ${blocks.length} blocks above 15 Mgas together; report.json has each.`,
      '',
      table(
        [
          'speed-up',
          '>transactions',
          '>2',
          '>4',
          '>8',
          '>16',
          '>adaptive: 2',
          '>4',
          '>8',
          '>16',
          '>runs thrown away: 2',
          '>16',
        ],
        lines.map((row) => [
          row.name,
          String(row.transactions),
          ...counts.slice(1).map((count) => shown(speedUp(row.simulated, count))),
          ...counts.slice(1).map((count) => shown(speedUp(row.adaptive, count))),
          shown(row.simulated[2].reExecutions),
          shown(row.simulated[16].reExecutions),
        ]),
      ),
      '',
      'The check: simulated against measured, milliseconds.',
      ...(hasFreeCores
        ? []
        : [
            `**There was no core free for a second worker** (${availableParallelism()} cores, load ${shown(load)} at the start):`,
            'what is measured with two workers is the machine’s. The chart leaves it out, and what running',
            'ahead and committing add is what the adaptive policy reckons with instead.',
          ]),
      '',
      table(
        [
          '',
          '>1: simulated',
          '>measured',
          '>error',
          '>2: simulated',
          '>measured',
          '>error',
          '>speed-up: simulated',
          '>measured',
          '>error',
          '>runs thrown away: simulated',
          '>measured',
        ],
        lines.map(checkCells),
      ),
    ].join('\n'),
    verdicts: [],
    losses: [
      `Scaling, simulated with 16 workers: least ${leastOf(lines, 'simulated')} without hints, ${leastOf(lines, 'adaptive')} under the adaptive policy.`,
    ],
    data: {
      simulated: true,
      cores: availableParallelism(),
      processor: cpus()[0]?.model ?? '?',
      loadAtTheStart: load,
      repetitions,
      meanErrorAtTwo: sum(checked, (row) => Math.abs(error(row))) / (checked.length || 1),
      rows: checked.map((row) => ({
        name: row.name,
        transactions: row.transactions,
        measured: { ...row.measured, speedUp: measuredSpeedUp(row) },
        measuredReExecutions: row.reExecutions,
        simulated: outcomesAsJson(row.simulated),
        adaptive: outcomesAsJson(row.adaptive),
        errorAtTwo: error(row),
        costs: { ...row.costs },
      })),
    },
  }
}

function introduction(repetitions: number): string[] {
  return [
    'How many times faster senders and execution together are with so many workers than with one.',
    '**Simulated**: this machine need not have the cores. What transactions take is measured with one',
    'worker; what running ahead of the turn and committing add, and what depends on what, with two; and',
    'the scheduler of `native/parallel/optimistic_loop.cpp` is replayed in simulated time',
    '(`bench/scaling/`). That is a curve of the schedule, for cores like these that do not get in each',
    `other's way: caches, memory and clock rates of many busy cores are not in it. Each block is executed`,
    `${repetitions} times with each number of workers, in turns; totals are medians of the quickest quarter. A`,
    'transaction depends on those that reports name: of all whose writes it read, the one that ends the',
    'longest chain, and those it conflicted with, over all executions. *Adaptive* is the default policy',
    'once it has seen the block a dozen times; the other columns run everything ahead on all workers,',
    'without hints.',
    '',
  ]
}

async function rowOf(subject: Subject, options: RecordOptions): Promise<BlockRow> {
  const { model, measured, reExecutions, adaptive } = await record(subject, options)
  return {
    name: subject.name,
    transactions: model.transactions.length,
    measured,
    reExecutions,
    costs: costsOf(model),
    simulated: forEachCount((count) => simulate(model, count)),
    adaptive: forEachCount((count) => {
      const { model: planned, mode, workers } = adaptive(count)
      return mode === 'sequential' || workers === 1
        ? simulateSequential(planned, count)
        : simulate(planned, workers)
    }),
  }
}

function costsOf({ transactions, recovery, commit, after }: BlockModel): Costs {
  return {
    recovery,
    commit,
    after,
    alone: sum(transactions, ({ alone }) => alone),
    atHead: sum(transactions, ({ atHead }) => atHead),
    ahead: sum(transactions, ({ ahead }) => ahead),
  }
}

function forEachCount(of: (count: Count) => Outcome): Outcomes {
  return Object.fromEntries(counts.map((count) => [count, of(count)])) as Record<Count, Outcome>
}

/** Several blocks as if they were one. */
function total(name: string, rows: readonly Row[]): Row {
  const outcomes = (of: (row: Row) => Outcomes) =>
    forEachCount((count) => ({
      microseconds: sum(rows, (row) => of(row)[count].microseconds),
      reExecutions: sum(rows, (row) => of(row)[count].reExecutions),
    }))
  return {
    name,
    transactions: sum(rows, ({ transactions }) => transactions),
    measured: {
      one: sum(rows, ({ measured }) => measured.one),
      two: sum(rows, ({ measured }) => measured.two),
    },
    reExecutions: sum(rows, ({ reExecutions }) => reExecutions),
    simulated: outcomes(({ simulated }) => simulated),
    adaptive: outcomes(({ adaptive }) => adaptive),
  }
}

function speedUp(outcomes: Outcomes, count: Count): number {
  return outcomes[1].microseconds / outcomes[count].microseconds
}

function measuredSpeedUp({ measured }: Row): number {
  return measured.one / measured.two
}

/** By how much the simulated speed-up with two workers is too high, as a share. */
function error(row: Row): number {
  return speedUp(row.simulated, 2) / measuredSpeedUp(row) - 1
}

function checkCells(row: Row): string[] {
  const { name, simulated, measured, reExecutions } = row
  const milliseconds = (time: number) => shown(time / 1000)
  const times = (time: number, real: number) => [
    milliseconds(time),
    milliseconds(real),
    percent(time / real - 1),
  ]
  return [
    name,
    ...times(simulated[1].microseconds, measured.one),
    ...times(simulated[2].microseconds, measured.two),
    shown(speedUp(simulated, 2)),
    shown(measuredSpeedUp(row)),
    percent(error(row)),
    shown(simulated[2].reExecutions),
    shown(reExecutions),
  ]
}

function percent(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(0)} %`
}

function leastOf(rows: readonly Row[], policy: 'simulated' | 'adaptive'): string {
  const [least] = [...rows].sort((a, b) => speedUp(a[policy], 16) - speedUp(b[policy], 16))
  return least === undefined ? '-' : `${shown(speedUp(least[policy], 16))} (${least.name})`
}

function outcomesAsJson(outcomes: Outcomes) {
  return counts.map((workers) => ({
    workers,
    ...outcomes[workers],
    speedUp: speedUp(outcomes, workers),
  }))
}

function curveOf(row: Row): Curve {
  const points = counts.map((workers) => ({ workers, speedUp: speedUp(row.simulated, workers) }))
  return { name: row.name, points, measured: [] }
}

function checkedCurveOf(row: Row): Curve {
  return { ...curveOf(row), measured: [{ workers: 2, speedUp: measuredSpeedUp(row) }] }
}

function writeChart(title: string, curves: readonly Curve[]): void {
  mkdirSync(join(root, 'docs'), { recursive: true })
  writeFileSync(join(root, 'docs/scaling.svg'), drawChart(title, curves))
}
