import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chainHotContracts } from '../examples/chain-hot-contracts.mjs'
import { Engine } from '../lib/index.js'
import { makeWorkload } from '../lib/workloads/index.js'
import { root } from './fixtures.js'
import { account, call, feedbackOf, summaryOf } from './support/schedule.js'

const example = suite('the policy in the documentation')

const pool = { size: 2 }

example('is the one that is tested here', () => {
  const source = readFileSync(join(root, 'examples/chain-hot-contracts.mjs'), 'utf8')
  const page = readFileSync(join(root, 'docs/policies.md'), 'utf8')
  const code = source.slice(source.indexOf('/** So many'))
  assert.ok(code.length > 500)
  const isShown = page.includes(`\`\`\`js\n${code}\`\`\`\n`)
  assert.ok(isShown, 'docs/policies.md shows another version of the example')
})

example('chains the calls of a contract after conflicts, and stops after a while', () => {
  const policy = chainHotContracts()
  const summary = summaryOf(
    Array.from({ length: 20 }, (_, i) => ({ to: account(2 + (i % 2)), data: call(1, i) })),
  )
  const predecessors = () => Array.from(policy.plan(summary, pool).predecessors ?? [])
  const unchained = new Array(20).fill(-1)
  assert.equal(predecessors(), unchained)
  const conflicts = [2, 4, 6, 8].map((i) => [i, i - 2, 77] as const)
  policy.learn?.(feedbackOf(20, { conflicts }), summary)
  const chained = unchained.map((_, i) => (i % 2 === 0 && i > 0 ? i - 2 : -1))
  assert.equal(predecessors(), chained)
  policy.learn?.(feedbackOf(20, {}), summary)
  assert.equal(predecessors(), chained)
  for (let round = 0; round < 5; round++) policy.learn?.(feedbackOf(20, {}), summary)
  assert.equal(predecessors(), unchained)
  assert.is(policy.plan(summaryOf([{}, {}]), pool).mode, 'sequential')
})

example('gives the same results as any other', async () => {
  const { block, state } = await makeWorkload('worst-case', { transactions: 100 })
  const options = { state, trustSenders: true }
  const engine = await Engine.create({ policy: chainHotContracts(), threads: 2 })
  const reference = await Engine.create({ policy: 'sequential' })
  const expected = await reference.executeBlock(block, options)
  for (let round = 0; round < 5; round++) {
    const result = await engine.executeBlock(block, options)
    assert.is(result.receiptsRoot, expected.receiptsRoot)
    assert.is(result.report.policy, 'chain-hot-contracts')
  }
})

example.run()
