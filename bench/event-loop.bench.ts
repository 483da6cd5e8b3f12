/** How long the JavaScript thread is kept while blocks are executed beside it, and how soon they stop. */

import { setTimeout as wait } from 'node:timers/promises'
import { Engine, type ExecuteBlockOptions, MemoryState } from 'braid-evm'
import { makeWorkload, workloadNames } from '../lib/workloads/index.js'
import { type FillCase, fillCases, mainnetBlocks } from './support/fixtures.js'
import { grouped, median, shown } from './support/measure.js'
import { osakaCommon } from './support/osaka.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** Milliseconds that the event loop may stand still. */
const mostBlocked = 5

/** Milliseconds that an execution may go on after it was aborted. */
const mostDelay = 50

/** How many blocks the tables list. */
const listed = 12

interface Subject {
  readonly name: string
  readonly rlp: Uint8Array
  readonly options: ExecuteBlockOptions
}

/** Medians of several executions, in milliseconds. */
interface Row {
  readonly name: string
  readonly gas: number
  readonly transactions: number
  /** The longest time in which no callback could run, from the call to the result. */
  readonly blocked: number
  /** The same as the first execution of the block had it. */
  readonly first: number
  /** The parts on the JavaScript thread: until the native call, and from its end on. */
  readonly decode: number
  readonly finish: number
  /** From the call to the result. */
  readonly all: number
}

/** The blocks of the mainnet set and of the workloads. */
async function* subjects(): AsyncGenerator<Subject> {
  for (const block of mainnetBlocks()) {
    if (block.missingOmmers > 0) continue
    const { name, rlp, preState, blockHashes } = block
    yield {
      name: `mainnet ${name}`,
      rlp,
      options: {
        state: new MemoryState(preState),
        blockHashes,
        forgiveMissingSystemContracts: true,
      },
    }
  }
  for (const name of workloadNames) {
    const { block, state } = await makeWorkload(name)
    yield {
      name: `made: ${name}`,
      rlp: block,
      options: { state, forgiveMissingSystemContracts: true },
    }
  }
}

/** Watches the event loop: callbacks follow each other, and the longest pause counts. */
function watchLoop(): () => number {
  let longest = 0
  let last = performance.now()
  let running = true
  const look = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (running) setImmediate(look)
  }
  setImmediate(look)
  return () => {
    running = false
    look()
    return longest
  }
}

async function once(engine: Engine, { rlp, options }: Subject) {
  const stop = watchLoop()
  const start = performance.now()
  const result = await engine.executeBlock(rlp, options)
  const all = performance.now() - start
  const blocked = stop()
  const { decode, receipts } = result.timings
  return { result, times: { blocked, decode, finish: receipts, all } }
}

async function measure(engine: Engine, subject: Subject, runs: number): Promise<Row> {
  const results: Awaited<ReturnType<typeof once>>[] = []
  for (let i = 0; i < runs; i++) {
    results.push(await once(engine, subject))
    // What others left behind is not this block's.
    await wait(1)
  }
  const of = (key: 'blocked' | 'decode' | 'finish' | 'all') =>
    median(results.map(({ times }) => times[key]))
  const { result, times } = results[0]!
  return {
    name: subject.name,
    gas: Number(result.gasUsed),
    transactions: result.transactionCount,
    first: times.blocked,
    blocked: of('blocked'),
    decode: of('decode'),
    finish: of('finish'),
    all: of('all'),
  }
}

/** How an aborted execution ended. */
interface Stop {
  readonly name: string
  readonly budget: number
  /** Milliseconds from the abort to the rejection: then the thread is free. */
  readonly delay: number
}

/** Aborts the largest block of every kind of work, at several moments of its execution. */
async function measureStops(quick: boolean): Promise<Stop[]> {
  const engine = await Engine.create({ common: osakaCommon(), threads: 1 })
  const largest = new Map<string, FillCase>()
  for (const fillCase of fillCases()) {
    const known = largest.get(fillCase.name)
    if (known === undefined || known.budget < fillCase.budget) largest.set(fillCase.name, fillCase)
  }
  const stops: Stop[] = []
  for (const { name, budget, pre, blocks } of largest.values()) {
    const state = new MemoryState(pre)
    for (const block of blocks.slice(0, -1))
      state.commit(await engine.executeBlock(block, { state }))
    const last = blocks.at(-1)!
    const { timings } = await engine.executeBlock(last, { state, verify: false })
    const moments = quick ? [0.5] : [0.2, 0.35, 0.5, 0.65, 0.8]
    for (const moment of moments) {
      const delay = await stopAfter(engine, last, state, timings.execute * moment)
      if (delay !== undefined) stops.push({ name, budget, delay })
    }
  }
  engine.close()
  return stops
}

/** The delay; undefined where the block was done already. */
async function stopAfter(
  engine: Engine,
  source: Uint8Array,
  state: MemoryState,
  milliseconds: number,
): Promise<number | undefined> {
  const controller = new AbortController()
  const { signal } = controller
  const running = engine.executeBlock(source, { state, verify: false, signal })
  const settled = running.then(
    () => undefined,
    () => performance.now(),
  )
  await wait(milliseconds)
  const abortedAt = performance.now()
  controller.abort()
  const endedAt = await settled
  return endedAt === undefined ? undefined : endedAt - abortedAt
}

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const engine = await Engine.create()
  const rows: Row[] = []
  for await (const subject of subjects()) rows.push(await measure(engine, subject, quick ? 3 : 11))
  engine.close()
  rows.sort((a, b) => b.blocked - a.blocked)
  const full = rows.filter(({ gas }) => gas <= 36e6)
  const worst = full[0]!

  const stops = (await measureStops(quick)).sort((a, b) => b.delay - a.delay)
  const slowest = stops[0]!
  const worstOf = new Map<string, Stop>()
  for (const stop of stops) if (!worstOf.has(stop.name)) worstOf.set(stop.name, stop)

  return {
    title: 'The event loop, and cancelling',
    text: [
      'Blocks executed with `await engine.executeBlock`, checks of the header included, while callbacks follow',
      'each other on the JavaScript thread. *Blocked* is the longest pause between two of them, which is what a',
      'server’s other requests see; *decode* and *finish* are the parts of the execution on that thread: source',
      'to packed input, and header checks with the roots of the body. Milliseconds, medians of',
      `${quick ? 3 : 11} runs; *first* is the first run of the block. Blocks come as RLP. Of ${rows.length} those with the longest`,
      'pauses:',
      '',
      table(
        ['block', '>transactions', '>Mgas', '>decode', '>finish', '>blocked', '>first', '>all'],
        rows
          .slice(0, listed)
          .map(({ name, gas, transactions, decode, finish, blocked, first, all }) => [
            name,
            grouped(transactions),
            shown(gas / 1e6),
            shown(decode),
            shown(finish),
            shown(blocked),
            shown(first),
            shown(all),
          ]),
      ),
      '',
      'Milliseconds from `abort()` to the rejection, when the worker is free again: the largest block of each kind',
      `of work in eest/benchmark, aborted at several moments (${stops.length} in all, median`,
      `${shown(median(stops.map(({ delay }) => delay)))} ms). The slowest kinds:`,
      '',
      table(
        ['work', '>Mgas', '>ms'],
        [...worstOf.values()]
          .slice(0, listed)
          .map(({ name, budget, delay }) => [name, grouped(budget), shown(delay)]),
      ),
    ].join('\n'),
    verdicts: [
      {
        target: `the event loop stands still for at most ${mostBlocked} ms while a block of up to 36 Mgas runs`,
        measured: `${shown(worst.blocked)} ms (${worst.name})`,
        met: worst.blocked <= mostBlocked,
      },
      {
        target: `an aborted execution ends within ${mostDelay} ms, whatever it does`,
        measured: `${shown(slowest.delay)} ms (${slowest.name})`,
        met: slowest.delay <= mostDelay,
      },
    ],
    losses: [
      `The longest pause of the event loop, ${shown(worst.blocked)} ms: ${worst.name}, ${shown(worst.decode)} ms before and ${shown(worst.finish)} ms after the native part.`,
    ],
    data: {
      blocks: rows.map((row) => ({ ...row })),
      stops: [...worstOf.values()].map((stop) => ({ ...stop })),
    },
  }
}
