/** The pool: how fast transactions are taken in, what they take, and what a block costs it. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Engine } from 'braid-evm'
import { TransactionPool } from 'braid-evm/pool'
import { grouped, median, shown } from './support/measure.js'
import { manyTransactions, richChain } from './support/pool-transactions.js'
import { type BenchOptions, type Section, table } from './support/section.js'

const targets = { rate: 60_000, megabytes: 150, blockMilliseconds: 20 }

/** Some 36 million gas. */
const transactionsOfBlock = 1400

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const count = quick ? 40_000 : 200_000
  const { senders, transactions } = manyTransactions(count, count / 10)
  const engine = await Engine.create()
  const chain = await richChain(engine, senders)
  const limits = { transactions: count, bytes: 1 << 30 }

  const rates: number[] = []
  for (let i = 0; i < (quick ? 3 : 5); i++) {
    const pool = await TransactionPool.open({ chain, limits })
    const start = performance.now()
    const outcomes = await pool.addMany(transactions)
    rates.push((count / (performance.now() - start)) * 1000)
    const refused = outcomes.find(({ error }) => error !== undefined)
    if (refused?.error !== undefined) throw refused.error
    await pool[Symbol.asyncDispose]()
  }

  const few = transactions.slice(0, 50_000)
  const before = memoryAtRest()
  // Followers are called in the order in which they came: the pool between these two.
  let begun = 0
  chain.follow(() => {
    begun = performance.now()
  })
  const pool = await TransactionPool.open({ chain, limits })
  const blocks: number[] = []
  chain.follow(() => blocks.push(performance.now() - begun))
  await pool.addMany(few)
  const megabytes = (memoryAtRest() - before) / 1e6

  const best: Uint8Array[] = []
  const reading = performance.now()
  for (const { encoded } of pool.best()) best.push(encoded)
  const bestMilliseconds = performance.now() - reading
  for (let i = 0; i < (quick ? 3 : 9); i++) {
    const chosen = best.splice(0, transactionsOfBlock)
    const timestamp = (chain.header?.timestamp ?? 0n) + 12n
    const { size } = pool
    await chain.import(await chain.buildBlock({ timestamp, transactions: chosen }))
    if (size - pool.size !== chosen.length) throw new Error('some are still there')
  }
  await pool[Symbol.asyncDispose]()
  engine.close()

  const rate = median(rates)
  const block = median(blocks)
  return {
    title: 'Pool',
    text: [
      `${grouped(count)} signed transactions of types 0 to 2 from ${grouped(count / 10)} senders, taken in by \`addMany\`, signatures included,`,
      'on all cores; what 50 000 of them take in the heap and outside of it after garbage collection; how long the pool takes to follow',
      'a block of 1 400 of them.',
      '',
      table(
        ['', '>measured', 'unit', '>target'],
        [
          ['taken in', shown(rate), 'transactions/s', grouped(targets.rate)],
          [`${grouped(few.length)} pooled`, shown(megabytes), 'MB', String(targets.megabytes)],
          ['after a block', shown(block), 'ms', String(targets.blockMilliseconds)],
          ['all of them, best first', shown(bestMilliseconds), 'ms', ''],
        ],
      ),
    ].join('\n'),
    verdicts: [
      {
        target: `pool: at least ${grouped(targets.rate)} transactions a second, signatures included, on 2 cores`,
        measured: `${shown(rate)} a second`,
        met: rate >= targets.rate,
      },
      {
        target: `pool: 50 000 transactions in at most ${targets.megabytes} MB`,
        measured: `${shown(megabytes)} MB`,
        met: megabytes <= targets.megabytes,
      },
      {
        target: `pool: right again at most ${targets.blockMilliseconds} ms after a block`,
        measured: `${shown(block)} ms`,
        met: block <= targets.blockMilliseconds,
      },
    ],
    losses: [],
    data: { rate, megabytes, block, bestMilliseconds },
  }
}

/** Bytes in the heap and outside of it that are in use. */
function memoryAtRest(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
