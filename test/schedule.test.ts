import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BlockResult,
  type BlockSummary,
  BraidError,
  Engine,
  MemoryState,
  optimistic,
  type PolicyName,
  type SchedulingPolicy,
} from '../lib/index.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { finishedBlock } from './support/demo.js'

const schedule = suite('scheduling')
const fixtures = withFixtures(schedule, 'mainnet blocks under the optimistic policy')

/** Everything a result says. */
function contentOf(result: BlockResult): unknown {
  return {
    gasUsed: result.gasUsed,
    logsBloom: result.logsBloom,
    receiptsRoot: result.receiptsRoot,
    receipts: result.receipts.map((receipt) => receipt.toJSON()),
    changes: [...result.stateDiff].map((account) => account.toJSON()),
  }
}

schedule('the result does not depend on the policy or the number of threads', async () => {
  const reference = await Engine.create()
  const { state, encoded } = finishedBlock(reference)
  const expected = contentOf(await reference.executeBlock(encoded, { state }))
  for (const threads of [1, 2, 4, 16]) {
    const engine = await Engine.create({ policy: 'optimistic', threads })
    for (let round = 0; round < 5; round += 1) {
      const result = await engine.executeBlock(encoded, { state })
      assert.equal(contentOf(result), expected, `${threads} threads`)
    }
    assert.equal(contentOf(engine.executeBlockSync(encoded, { state })), expected)
    engine.close()
  }
})

schedule('a policy of one’s own is asked about every block', async () => {
  const seen: BlockSummary[] = []
  const policy: SchedulingPolicy = {
    name: 'every other',
    plan(summary, pool) {
      seen.push(summary)
      assert.is(pool.size, 3)
      return seen.length % 2 === 0 ? optimistic.plan(summary, pool) : { mode: 'sequential' }
    },
  }
  const engine = await Engine.create({ policy, threads: 3 })
  const { demo, state, encoded } = finishedBlock(engine)
  seen.length = 0
  for (let round = 0; round < 4; round += 1) await engine.executeBlock(encoded, { state })
  assert.is(seen.length, 4)
  for (const summary of seen) {
    assert.is(summary.number, 20_000_000n)
    assert.is(summary.transactionCount, demo.transactions.length)
    assert.ok(summary.gasLimit > 0n)
  }
})

schedule('what is no policy or no plan is a typed error', async () => {
  for (const policy of ['fastest', '', 'toString', null, {}, 7]) {
    try {
      await Engine.create({ policy: policy as PolicyName })
      assert.unreachable()
    } catch (error) {
      assert.instance(error, BraidError)
      assert.is((error as BraidError).code, 'OPTION_INVALID')
    }
  }
  const good = await Engine.create()
  const { state, encoded } = finishedBlock(good)
  for (const plan of [undefined, null, { mode: 'chaos' }, { mode: 'optimistic', workers: 0.5 }]) {
    const policy = { name: 'broken', plan: () => plan } as unknown as SchedulingPolicy
    const engine = await Engine.create({ policy })
    try {
      await engine.executeBlock(encoded, { state })
      assert.unreachable()
    } catch (error) {
      assert.instance(error, BraidError)
      assert.is((error as BraidError).code, 'OPTION_INVALID')
    }
  }
})

fixtures.test('real blocks say the same whether or not they ran ahead', async () => {
  const sequential = await Engine.create()
  const engines = await Promise.all(
    [2, 5].map((threads) => Engine.create({ policy: 'optimistic', threads })),
  )
  for (const name of fixtureNames('mainnet_blocks')) {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const state = new MemoryState(preState)
    const options = {
      state,
      blockHashes,
      forgiveMissingSystemContracts: true,
      forgiveMissingOmmers: true,
    }
    const expected = contentOf(await sequential.executeBlock(block, options))
    for (const engine of engines) {
      assert.equal(contentOf(await engine.executeBlock(block, options)), expected, name)
    }
  }
})

schedule.run()
fixtures.report()
