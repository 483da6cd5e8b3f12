import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BlockResult,
  Engine,
  type ExecutionPlan,
  isBraidError,
  MemoryState,
  OptionsError,
  type PrefetchItem,
  type SchedulingPolicy,
} from '../lib/index.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { BlockInput, PrefetchFlag, PrefetchKey, Transaction } from '../lib/native/wire.js'
import { writePlan } from '../lib/schedule/hints.js'
import { makeWorkload, type WorkloadName } from '../lib/workloads/index.js'
import { Random } from './random.js'
import { account, packedOf } from './support/schedule.js'

const hints = suite('scheduling hints')

const pool = { size: 4 }
const optimistic = { mode: 'optimistic' } as const
const slot = `0x${'5a'.repeat(32)}` as const

function predecessorsIn(packed: Uint8Array): number[] {
  const reader = new PackedReader(packed)
  const start = reader.sectionOffset(BlockInput.transactions)
  return Array.from({ length: reader.sectionCount(BlockInput.transactions) }, (_, i) =>
    reader.u32(start + i * Transaction.SIZE + Transaction.predecessor),
  )
}

function prefetchIn(packed: Uint8Array): PrefetchItem[] {
  const reader = new PackedReader(packed)
  const start = reader.sectionOffset(BlockInput.prefetchKeys)
  assert.is(start % 8, 0)
  return Array.from({ length: reader.sectionCount(BlockInput.prefetchKeys) }, (_, i) => {
    const at = start + i * PrefetchKey.SIZE
    const hasKey = reader.u32(at + PrefetchKey.flags) === PrefetchFlag.HasKey
    const address = reader.hex(at + PrefetchKey.address, 20)
    if (hasKey) return { address, key: reader.hex(at + PrefetchKey.key, 32) }
    assert.ok(reader.isZero(at + PrefetchKey.key, 32))
    return { address }
  })
}

hints('are written into the packed block', () => {
  const input = packedOf([{}, {}, {}, {}])
  const before = input.slice()
  const prefetch = [{ address: account(7) }, { address: account(8), key: slot }]
  const plan = { ...optimistic, workers: 9, predecessors: [-1, 0, undefined, 1], prefetch }
  const packed = writePlan(input, plan, pool)
  assert.is(new PackedReader(packed).u32(BlockInput.workers), 4)
  assert.is(new PackedReader(packed).u32(BlockInput.threads), 4)
  assert.equal(predecessorsIn(packed), [0, 1, 0, 2])
  assert.equal(prefetchIn(packed), prefetch)
  // All else is as it was.
  const rest = packed.slice(0, before.length)
  for (const copy of [rest, before]) {
    copy.fill(0, BlockInput.workers, BlockInput.workers + 4)
    copy.fill(0, BlockInput.threads, BlockInput.threads + 4)
    copy.fill(0, BlockInput.prefetchKeys, BlockInput.prefetchKeys + 8)
    const start = new PackedReader(packed).sectionOffset(BlockInput.transactions)
    for (let i = 0; i < 4; i++) {
      const at = start + i * Transaction.SIZE + Transaction.predecessor
      copy.fill(0, at, at + 4)
    }
  }
  assert.equal(rest, before)
})

hints('replace those that were there, and mean nothing to sequential execution', () => {
  const plan = { ...optimistic, predecessors: Int32Array.of(-1, 0, 1) }
  const planned = writePlan(
    packedOf([{}, {}, {}]),
    { ...plan, prefetch: [{ address: slot.slice(0, 42) as never }] },
    pool,
  )
  assert.equal(predecessorsIn(planned), [0, 1, 2])
  const again = writePlan(planned, { ...plan, mode: 'sequential' }, pool)
  assert.equal(predecessorsIn(again), [0, 0, 0])
  assert.equal(prefetchIn(again), [])
  assert.is(new PackedReader(again).u32(BlockInput.workers), 1)
})

hints('that make no sense are typed errors', () => {
  const plans: readonly (readonly [plan: object, txIndex?: number])[] = [
    [{ predecessors: [-1, 0] }],
    [{ predecessors: [-1, 0, 1, 2] }],
    [{ predecessors: null }],
    [{ predecessors: 7 }],
    [{ predecessors: [0, -1, -1] }, 0],
    [{ predecessors: [-1, 1, -1] }, 1],
    [{ predecessors: [-1, -1, 3] }, 2],
    [{ predecessors: [-1, -1, -2] }, 2],
    [{ predecessors: [-1, 0.5, -1] }, 1],
    [{ predecessors: [-1, Number.NaN, -1] }, 1],
    [{ predecessors: [-1, '0', -1] }, 1],
    [{ prefetch: 7 }],
    [{ prefetch: [null] }],
    [{ prefetch: [{ address: '0x12' }] }],
    [{ prefetch: [{ address: account(1), key: '0x12' }] }],
    [{ prefetch: [{ key: slot }] }],
    [{ workers: 0 }],
    [{ workers: '2' }],
    [{ mode: 'quick' }],
  ]
  for (const [part, txIndex] of plans) {
    const plan = { ...optimistic, ...part } as ExecutionPlan
    try {
      writePlan(packedOf([{}, {}, {}]), plan, pool)
      assert.unreachable(JSON.stringify(part))
    } catch (error) {
      assert.instance(error, OptionsError, JSON.stringify(part))
      assert.match((error as OptionsError).details.field ?? '', /^policy/)
      assert.is((error as OptionsError).details.txIndex, txIndex)
    }
  }
})

/** Everything a result says. */
function contentOf(result: BlockResult): unknown {
  return {
    gasUsed: result.gasUsed,
    logsBloom: result.logsBloom,
    receiptsRoot: result.receiptsRoot,
    receipts: result.receipts.map((receipt) => receipt.toJSON()),
    changes: [...result.stateDiff].map((change) => change.toJSON()),
  }
}

/** Plans whatever comes to its mind. */
function fool(random: Random): SchedulingPolicy {
  return {
    name: 'fool',
    plan({ transactions }) {
      const predecessors = Array.from({ length: transactions.length }, (_, i) =>
        i === 0 || random.below(3) === 0 ? -1 : random.below(i),
      )
      const prefetch = Array.from({ length: random.below(20) }, (): PrefetchItem => {
        const address = transactions.to(random.below(transactions.length)) ?? account(1)
        return random.below(2) === 0 ? { address } : { address, key: slot }
      })
      return {
        mode: random.below(8) === 0 ? 'sequential' : 'optimistic',
        workers: 1 + random.below(4),
        ...(random.below(5) === 0 ? {} : { predecessors }),
        ...(random.below(2) === 0 ? {} : { prefetch }),
      }
    },
    learn({ transactions, conflicts, report }) {
      for (let i = 0; i < transactions.length; i++) {
        assert.ok(transactions.gasUsed(i) >= 21_000)
        assert.ok(transactions.dependsOn(i) < i)
      }
      for (let i = 0; i < conflicts.length; i++) {
        assert.ok(conflicts.writer(i) < conflicts.transaction(i))
      }
      assert.is(report.policy, 'fool')
    },
  }
}

/** Workloads whose contracts come with them. */
const workloads: readonly WorkloadName[] = [
  'transfers-to-one',
  'transfers-from-few',
  'transfers-chain',
  'deposits',
  'game',
  'worst-case',
]

for (const name of workloads) {
  hints(`whatever they are, the result is the same: ${name}`, async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    const random = new Random(0xf001)
    const reference = await Engine.create({ policy: 'sequential' })
    for (let seed = 1; seed <= 3; seed++) {
      const { block, state } = await makeWorkload(name, {
        transactions: 60,
        accounts: 20,
        hotRatio: 0.3,
        seed,
      })
      const options = { state, trustSenders: true }
      const expected = contentOf(await reference.executeBlock(block, options))
      for (const threads of [1, 2, 3, 4]) {
        for (const policy of [fool(random), 'adaptive'] as const) {
          const engine = await Engine.create({ policy, threads })
          for (let round = 0; round < 4; round++) {
            const actual = contentOf(await engine.executeBlock(block, options))
            assert.equal(actual, expected, `seed ${seed}, ${threads} threads`)
          }
          engine.close()
        }
      }
    }
    reference.close()
    await new Promise(setImmediate)
    process.off('warning', note)
    assert.equal(warnings, [])
  })
}

hints('of a policy that throws keep the block from being executed', async () => {
  const { block, state } = await makeWorkload('transfers-to-one', { transactions: 5 })
  const cause = new TypeError('no idea')
  const engine = await Engine.create({
    policy: {
      name: 'lost',
      plan() {
        throw cause
      },
    },
  })
  try {
    await engine.executeBlock(block, { state, trustSenders: true })
    assert.unreachable()
  } catch (error) {
    assert.ok(isBraidError(error, 'POLICY_FAILED'))
    assert.is((error as Error).cause, cause)
  }
})

hints('go on where a policy fails to learn, with a warning', async () => {
  const { block, state } = await makeWorkload('transfers-to-one', { transactions: 5 })
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  let lessons = 0
  const engine = await Engine.create({
    policy: {
      name: 'slow',
      plan: () => ({ mode: 'sequential' }),
      learn() {
        lessons++
        throw new Error('too hard')
      },
    },
  })
  for (let round = 0; round < 3; round++) {
    const result = await engine.executeBlock(block, { state, trustSenders: true })
    assert.is(result.transactionCount, 5)
  }
  await new Promise(setImmediate)
  process.off('warning', note)
  assert.is(lessons, 1)
  assert.is(warnings.length, 1)
  assert.is((warnings[0] as NodeJS.ErrnoException).code, 'BRAID_POLICY_LEARN_FAILED')
  assert.match(warnings[0].message, /too hard/)
})

hints('are learnt from blocks, not from simulations and not from what failed', async () => {
  const lessons: number[] = []
  const engine = await Engine.create({
    policy: {
      name: 'counting',
      plan: () => ({ mode: 'optimistic' }),
      learn: ({ transactions }) => lessons.push(transactions.length),
    },
  })
  const { block, state } = await makeWorkload('transfers-to-one', { transactions: 5 })
  await engine.executeBlock(block, { state })
  assert.equal(lessons, [5])
  const environment = {
    number: 20_000_000n,
    timestamp: 1_717_281_407n,
    gasLimit: 1n << 40n,
    coinbase: account(1),
  }
  const simple = { sender: account(3), to: account(2), nonce: 0n, gasLimit: 50_000n, gasPrice: 0n }
  await engine.executeTransactions(environment, [simple, { ...simple, nonce: 1n }], { state })
  const place = { state, environment }
  const request = { from: account(3), to: account(2) }
  await engine.call(request, place)
  await engine.callMany([request, request], place)
  await engine.simulateBundle([request, request], place)
  try {
    await engine.executeBlock(block, { state: new MemoryState() })
    assert.unreachable()
  } catch (error) {
    assert.ok(isBraidError(error, 'TX_INSUFFICIENT_FUNDS'))
  }
  assert.equal(lessons, [5])
})

hints.run()
