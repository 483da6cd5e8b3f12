import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine } from '../lib/engine/engine.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { LocationKind } from '../lib/native/wire.js'
import { ExecutionReport } from '../lib/output/execution-report.js'
import { finishedBlock } from './support/demo.js'
import { address, word } from './support/packed.js'
import { packExecution, type SampleExecution } from './support/packed-execution.js'

const report = suite('execution report')

const reportOf = (execution: SampleExecution, policy = 'optimistic') =>
  new ExecutionReport(new PackedReader(packExecution(execution)), policy)

/** Two workers; transaction 1 was thrown away once, since 0 wrote a slot that it had read. */
const sample = reportOf({
  workers: 2,
  runs: [
    { transaction: 3, worker: 0, start: 9e6, end: 10e6, gasUsed: 21_000n, waitedFor: 2 },
    {
      transaction: 1,
      worker: 1,
      incarnation: 1,
      atHead: true,
      start: 5e6,
      end: 8e6,
      gasUsed: 70_000n,
      dependsOn: 0,
    },
    { transaction: 0, worker: 0, start: 1e6, end: 4e6, gasUsed: 50_000n },
    { transaction: 1, worker: 1, committed: false, start: 2e6, end: 4e6, gasUsed: 60_000n },
    { transaction: 2, worker: 0, start: 5e6, end: 9e6, gasUsed: 80_000n },
  ],
  conflicts: [
    {
      transaction: 1,
      incarnation: 0,
      writer: 0,
      kind: LocationKind.Storage,
      address: address(7),
      key: word(5),
    },
    { transaction: 1, incarnation: 0, kind: LocationKind.Balance, address: address(8) },
  ],
  hotLocations: [
    {
      kind: LocationKind.Storage,
      address: address(7),
      key: word(5),
      dependents: 4,
      conflicts: 1,
    },
    { kind: LocationKind.Nonce, address: address(9), dependents: 2, conflicts: 0 },
  ],
})

const slot = {
  kind: 'storage',
  address: `0x${'07'.repeat(20)}`,
  key: `0x${'5'.padStart(64, '0')}`,
}

report('says what was run when and by whom', () => {
  assert.is(sample.policy, 'optimistic')
  assert.is(sample.workers, 2)
  assert.equal(
    sample.transactions.map(({ index, worker, start, end, incarnations }) => ({
      index,
      worker,
      start,
      end,
      incarnations,
    })),
    [
      { index: 0, worker: 0, start: 1, end: 4, incarnations: 1 },
      { index: 1, worker: 1, start: 5, end: 8, incarnations: 2 },
      { index: 2, worker: 0, start: 5, end: 9, incarnations: 1 },
      { index: 3, worker: 0, start: 9, end: 10, incarnations: 1 },
    ],
  )
  assert.is(sample.transactions[3].waitedFor, 2)
  assert.is(sample.transactions[1].dependsOn, 0)
  assert.not('dependsOn' in sample.transactions[2])
})

report('keeps the runs of a transaction in order, each with its conflicts', () => {
  const [first, second] = sample.transactions[1].runs
  assert.is(first.incarnation, 0)
  assert.not(first.committed)
  assert.not(first.atHead)
  assert.is(first.gasUsed, 60_000n)
  assert.equal(first.conflicts, [
    { ...slot, writer: 0 },
    { kind: 'balance', address: `0x${'08'.repeat(20)}` },
  ])
  assert.ok(second.committed)
  assert.ok(second.atHead)
  assert.equal(second.conflicts, [])
  assert.equal(sample.transactions[1].conflicts, first.conflicts)
})

report('adds up runs, wasted gas and busy time', () => {
  assert.is(sample.executions, 5)
  assert.is(sample.reExecutions, 1)
  assert.is(sample.wastedGas, 60_000n)
  assert.is(sample.milliseconds, 9)
  assert.equal(sample.workerReports, [
    { runs: 3, busy: 8, utilisation: 8 / 9 },
    { runs: 2, busy: 5, utilisation: 5 / 9 },
  ])
  assert.ok(Math.abs(sample.utilisation - 13 / 18) < 1e-12)
})

report('finds the longest chain of dependent transactions', () => {
  assert.equal(sample.criticalPath, { milliseconds: 6, transactions: [0, 1] })
  // 3 + 3 + 4 + 1 milliseconds were committed.
  assert.ok(Math.abs((sample.parallelismBound ?? 0) - 11 / 6) < 1e-12)
})

report('weighs a chain by its time, not by its length', () => {
  const runs = [
    { transaction: 0, start: 0, end: 1e6 },
    { transaction: 1, start: 1e6, end: 2e6, dependsOn: 0 },
    { transaction: 2, start: 2e6, end: 3e6, dependsOn: 1 },
    { transaction: 3, worker: 1, start: 0, end: 9e6 },
    { transaction: 4, start: 9e6, end: 10e6, dependsOn: 3 },
  ]
  const { criticalPath } = reportOf({ workers: 2, runs })
  assert.equal(criticalPath, { milliseconds: 10, transactions: [3, 4] })
})

report('lists hot locations as they come', () => {
  assert.equal(sample.hotLocations, [
    { ...slot, dependents: 4, conflicts: 1 },
    { kind: 'nonce', address: `0x${'09'.repeat(20)}`, dependents: 2, conflicts: 0 },
  ])
})

report('knows no dependencies in sequential execution', () => {
  const runs = [
    { transaction: 0, start: 0, end: 1e6, atHead: true },
    { transaction: 1, start: 1e6, end: 2e6, atHead: true },
  ]
  const sequential = reportOf({ workers: 1, runs }, 'sequential')
  assert.is(sequential.criticalPath, undefined)
  assert.is(sequential.parallelismBound, undefined)
  assert.is(sequential.utilisation, 1)
})

report('has nothing to say about a block without transactions', () => {
  const empty = reportOf({ workers: 4 })
  assert.equal(empty.transactions, [])
  assert.is(empty.milliseconds, 0)
  assert.is(empty.utilisation, 0)
  assert.is(empty.wastedGas, 0n)
  assert.equal(empty.criticalPath, { milliseconds: 0, transactions: [] })
  assert.is(empty.parallelismBound, undefined)
})

report('is a plain object for machines', () => {
  const plain = { ...sample }
  assert.is(plain.transactions, sample.transactions)
  assert.equal(plain.hotLocations, sample.hotLocations)
  const json = JSON.parse(JSON.stringify(sample))
  assert.is(json.wastedGas, '0xea60')
  assert.is(json.workers, sample.workers)
  const [{ runs }] = sample.transactions
  assert.is(json.transactions[0].runs[0].gasUsed, `0x${runs[0].gasUsed.toString(16)}`)
})

report('comes with every result', async () => {
  for (const policy of ['sequential', 'optimistic'] as const) {
    const engine = await Engine.create({ threads: 2, policy })
    const { state, encoded } = finishedBlock(engine)
    const result = await engine.executeBlock(encoded, { state })
    assert.is(result.report.policy, policy)
    assert.is(result.report, result.report)
    assert.is(result.report.workers, policy === 'sequential' ? 1 : 2)
    assert.is(result.report.transactions.length, result.transactionCount)
    assert.ok(result.report.milliseconds > 0)
    const { senders, execute } = result.timings
    assert.ok(result.report.milliseconds <= senders + execute)
    for (const { runs } of result.report.transactions) {
      assert.is(runs.filter(({ committed }) => committed).length, 1)
    }
    engine.close()
  }
})

report.run()
