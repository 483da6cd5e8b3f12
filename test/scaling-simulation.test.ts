import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cutBatches } from '../bench/scaling/batches.js'
import { drawChart } from '../bench/scaling/chart.js'
import type { BlockModel, TransactionModel } from '../bench/scaling/model.js'
import { RunTimes } from '../bench/scaling/overheads.js'
import { simulate, simulateSequential } from '../bench/scaling/simulate.js'

const scaling = suite('scaling simulation')

/** A call that takes 20 microseconds wherever it runs. */
const call: TransactionModel = {
  gasLimit: 100_000,
  isTransfer: false,
  alone: 20,
  atHead: 20,
  ahead: 20,
  dependsOn: [],
}

const transfer: TransactionModel = {
  ...call,
  gasLimit: 21_000,
  isTransfer: true,
  atHead: 1,
  alone: 1,
}

/** A block in which nothing but transactions takes time. */
function blockOf(
  transactions: readonly TransactionModel[],
  options: Partial<BlockModel> = {},
): BlockModel {
  const none = { recovery: 0, before: 0, after: 0, commit: 0 }
  return { ...none, wakeUp: [0, 0], transactions, ...options }
}

/** So many calls; the factory may give each its own fields. */
function calls(
  count: number,
  fields: (index: number) => Partial<TransactionModel> = () => ({}),
): TransactionModel[] {
  return Array.from({ length: count }, (_, index) => ({ ...call, ...fields(index) }))
}

const chain = (index: number) => ({ dependsOn: index === 0 ? [] : [index - 1] })

function speedUp(block: BlockModel, workers: number): number {
  return simulate(block, 1).microseconds / simulate(block, workers).microseconds
}

scaling('one worker takes the sum of everything', () => {
  const block = blockOf([...calls(10, chain), transfer], {
    recovery: 5,
    before: 7,
    after: 13,
    commit: 1000,
    wakeUp: [1000, 1000],
  })
  const sum = 11 * 5 + 7 + 10 * 20 + 1 + 13
  assert.equal(simulate(block, 1), { microseconds: sum, reExecutions: 0 })
})

scaling('independent transactions scale', () => {
  const block = blockOf(calls(1600))
  for (const workers of [2, 4, 8, 16]) {
    const { reExecutions } = simulate(block, workers)
    assert.is(reExecutions, 0)
    const reached = speedUp(block, workers)
    assert.ok(reached > 0.9 * workers && reached <= workers, `${reached} with ${workers}`)
  }
})

scaling('commits in order are what binds in the end', () => {
  // Committing takes a fifth of running: beyond five workers the lane is busy all the time.
  const block = blockOf(calls(1600), { commit: 4 })
  const least = 1600 * 4
  assert.ok(speedUp(block, 2) > 1.6)
  for (const workers of [8, 16]) {
    const { microseconds } = simulate(block, workers)
    assert.ok(microseconds >= 0.95 * least && microseconds < 1.3 * least, `${microseconds}`)
  }
})

scaling('plain transfers are done one after another, whoever does them', () => {
  const block = blockOf(Array.from({ length: 640 }, () => transfer))
  assert.is(simulate(block, 16).microseconds, 640)
  // Recovering their senders is shared, and hides them.
  const signed = { ...block, recovery: 10 }
  assert.ok(speedUp(signed, 8) > 6)
})

scaling('a chain does not scale, and workers give it up', () => {
  const block = blockOf(calls(640, chain), { commit: 1 })
  for (const workers of [2, 4, 16]) {
    const { reExecutions, microseconds } = simulate(block, workers)
    const one = simulate(block, 1).microseconds
    assert.ok(microseconds >= one, `${workers} workers: ${microseconds}`)
    assert.ok(microseconds < 1.15 * one, `${workers} workers: ${microseconds}`)
    // Until eighteen were stale, the others have run a few batches of ten ahead.
    assert.ok(reExecutions >= 18 && reExecutions <= 30 * workers, `${reExecutions}`)
  }
})

scaling('a transaction that reads what one beside it writes runs twice', () => {
  // In batches of one, so that two workers run 1 and 2 at the same time.
  const large = { gasLimit: 1_000_000 }
  const independent = blockOf(calls(3, () => large))
  const conflicting = blockOf(calls(3, (i) => ({ ...large, dependsOn: i === 2 ? [1] : [] })))
  assert.is(simulate(independent, 3).reExecutions, 0)
  assert.is(simulate(conflicting, 3).reExecutions, 1)
})

scaling('right hints spare runs, wrong ones cost time', () => {
  // Pairs of which the second reads what the first writes, each in a batch of its own.
  const pairs = (hint: (index: number) => number | undefined) =>
    blockOf(
      calls(160, (index) => {
        const predecessor = hint(index)
        return {
          gasLimit: 1_000_000,
          dependsOn: index % 2 === 1 ? [index - 1] : [],
          ...(predecessor === undefined ? {} : { predecessor }),
        }
      }),
    )
  const without = simulate(
    pairs(() => undefined),
    4,
  )
  const right = simulate(
    pairs((index) => (index % 2 === 1 ? index - 1 : undefined)),
    4,
  )
  const wrong = simulate(
    pairs((index) => (index === 0 ? undefined : index - 1)),
    4,
  )
  assert.ok(without.reExecutions > 20, `${without.reExecutions}`)
  assert.is(right.reExecutions, 0)
  assert.ok(right.microseconds < without.microseconds)
  assert.is(wrong.reExecutions, 0)
  assert.ok(wrong.microseconds >= 160 * 20, 'a chain of all of them')
})

scaling('senders are known before what they sent runs', () => {
  const block = blockOf(calls(64), { recovery: 10 })
  assert.ok(simulate(block, 2).microseconds >= (64 * 30) / 2)
  assert.ok(simulate(block, 16).microseconds >= 32 * 10 + 20, 'a chunk of 32 and a transaction')
})

scaling('workers that come late help less, those that come too late not at all', () => {
  const block = blockOf(calls(64))
  const late = { ...block, wakeUp: [320, 0] as const }
  const never = { ...block, wakeUp: [1e6, 0] as const }
  const { microseconds } = simulate(late, 2)
  assert.ok(microseconds > simulate(block, 2).microseconds)
  assert.ok(microseconds < 64 * 20)
  assert.is(simulate(never, 16).microseconds, 64 * 20)
})

scaling('what comes after the transactions is one worker’s', () => {
  const block = blockOf(calls(320))
  const after = (workers: number) =>
    simulate({ ...block, after: 300 }, workers).microseconds - simulate(block, workers).microseconds
  assert.equal([1, 2, 4, 16].map(after), [300, 300, 300, 300])
})

scaling('the same block takes the same time again', () => {
  const block = blockOf(
    calls(500, (index) => ({
      ahead: 5 + ((index * 7) % 31),
      dependsOn: index > 9 && index % 3 === 0 ? [index - 1 - (index % 7)] : [],
    })),
    { recovery: 4.8, commit: 0.5, wakeUp: [40, 5] },
  )
  for (const workers of [2, 3, 16]) assert.equal(simulate(block, workers), simulate(block, workers))
})

scaling('blocks without transactions take what is around them', () => {
  assert.is(simulate(blockOf([], { before: 3, after: 4 }), 8).microseconds, 7)
})

scaling('what plain transfers change is seen at the head alone', () => {
  // The reader of a transfer, and twenty others before it, so that it runs ahead.
  const others = calls(20, () => ({ gasLimit: 1_000_000 }))
  const reader = { ...call, gasLimit: 1_000_000, dependsOn: [0] }
  assert.is(simulate(blockOf([transfer, ...others, reader]), 4).reExecutions, 1)
  assert.is(simulate(blockOf([{ ...call, ahead: 1 }, ...others, reader]), 4).reExecutions, 0)
})

scaling('one after another, the first worker executes while the others recover senders', () => {
  const long = blockOf(calls(192), { recovery: 10 })
  assert.is(simulateSequential(long, 2).microseconds, 32 * 10 + 192 * 20)
  const dear = blockOf(calls(192), { recovery: 100 })
  const { microseconds } = simulateSequential(dear, 2)
  const [shared, chunk] = [(192 * 120) / 2, 32 * 100]
  assert.ok(microseconds >= shared && microseconds < shared + chunk, `${microseconds}`)
  const block = blockOf(calls(64), { recovery: 10 })
  const times = [1, 2, 16].map((workers) => simulateSequential(block, workers).microseconds)
  assert.equal(times, [64 * 30, 32 * 10 + 64 * 20, 32 * 10 + 64 * 20])
})

scaling('batches end with their gas and their size', () => {
  const sizes = (transactions: readonly TransactionModel[]) =>
    cutBatches(transactions).map(({ length }) => length)
  assert.equal(sizes(calls(40, () => ({ gasLimit: 30_000 }))), [16, 16, 8])
  assert.equal(sizes(calls(6, () => ({ gasLimit: 400_000 }))), [2, 2, 2])
  assert.equal(sizes(calls(3, () => ({ gasLimit: 30_000_000 }))), [1, 1, 1])
  assert.equal(cutBatches([call, transfer, call]), [[0, 2]])
  const unsure = { ...transfer, gasLimit: 50_000 }
  assert.equal(cutBatches([unsure]), [[0]])
})

scaling('transactions with too few runs take what the others let expect', () => {
  const times = new RunTimes(3)
  const note = (index: number, milliseconds: number) =>
    times.add(index, { start: 1, end: 1 + milliseconds } as Parameters<RunTimes['add']>[1])
  for (const milliseconds of [0.25, 0.5, 16]) note(0, milliseconds)
  note(1, 1024)
  assert.equal(times.completed([400, 40, 50], 7), [500, 140, 150])
  assert.equal(new RunTimes(1).completed([10], 7), [17])
})

scaling('the chart has a line and a name for each curve', () => {
  const points = [1, 2, 4].map((workers) => ({ workers, speedUp: workers * 0.75 }))
  const svg = drawChart('a < b', [
    { name: 'one', points, measured: [{ workers: 2, speedUp: 1.4 }] },
    { name: 'two', points, measured: [] },
  ])
  assert.is(svg.match(/class="curve"/g)?.length, 2)
  assert.is(svg.match(/<circle/g)?.length, 1)
  assert.match(svg, '>one 3.0×<')
  assert.match(svg, 'a &lt; b')
  assert.not.match(svg, /NaN|undefined/)
})

scaling.run()
