/** Blocks of mainnet under two sets of rules. */

import { Common, Mainnet } from '@ethereumjs/common'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rulesetForFork } from '../lib/chain/index.js'
import { Engine, MemoryState, type RuleSet } from '../lib/index.js'
import { knownGasCosts } from '../lib/what-if/gas-costs.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'

const compare = suite('compare mainnet blocks')
const fixtures = withFixtures(compare, 'comparisons of mainnet blocks')

const engine = await Engine.create({ policy: 'sequential', threads: 1 })

/** A Common that has every block in a hardfork. */
function commonIn(hardfork: string): Common {
  const hardforks = [
    { name: 'chainstart', block: 0 },
    { name: hardfork, block: 0 },
  ]
  return new Common({ chain: { ...Mainnet, hardforks }, hardfork })
}

fixtures.test('finds nothing where the rules are the same, in blocks of mainnet', async () => {
  for (const name of fixtureNames('mainnet_blocks')) {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const state = new MemoryState(preState)
    const surroundings = {
      state,
      blockHashes,
      forgiveMissingSystemContracts: true,
      forgiveMissingOmmers: true,
    }
    const { receipts, hardfork } = await engine.executeBlock(block, surroundings)
    const plain = await engine.compare(block, { ...surroundings, rules: [{}, hardfork] })
    assert.is(plain.verdicts.same, receipts.length, name)
    for (const { txIndex, runs } of plain.transactions) {
      assert.is(runs[0].gasUsed, receipts[txIndex].gasUsed, `${name} ${txIndex}`)
      const { status } = receipts[txIndex]
      assert.is(runs[0].status === 'success', status === 'success', `${name} ${txIndex}`)
    }
  }
})

fixtures.test('gives instructions their prices by hand as by revision', async () => {
  for (const name of fixtureNames('mainnet_blocks').filter((_, i) => i % 4 === 0)) {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const surroundings = {
      state: new MemoryState(preState),
      blockHashes,
      forgiveMissingSystemContracts: true,
      forgiveMissingOmmers: true,
    }
    const revision = await revisionOf(block, surroundings)
    const known = Object.entries(knownGasCosts).flatMap(([cost, { steps }]) => {
      const step = steps.findLast(([since]) => since <= revision)
      return step === undefined ? [] : [[cost, step[1]]]
    })
    const rules: [RuleSet, RuleSet] = [{}, { gasCosts: Object.fromEntries(known) }]
    const comparison = await engine.compare(block, { ...surroundings, rules })
    assert.is(comparison.verdicts.same, comparison.transactions.length, name)
  }
})

async function revisionOf(
  block: BlockFixture['block'],
  surroundings: Parameters<Engine['executeBlock']>[1],
): Promise<number> {
  const { hardfork } = await engine.executeBlock(block, surroundings)
  return rulesetForFork(hardfork).revision
}

fixtures.test('says of transactions what two executions do', async () => {
  const other = 'berlin'
  const under = await Engine.create({ common: commonIn(other), policy: 'sequential', threads: 1 })
  let seen = 0
  for (const name of fixtureNames('mainnet_blocks')) {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const { length } = block.transactions
    if (Number(block.number) >= 12_965_000 || length === 0) continue
    const surroundings = {
      blockHashes,
      verify: false,
      forgiveMissingSystemContracts: true,
      forgiveMissingOmmers: true,
    }
    const state = new MemoryState(preState)
    const rules: [RuleSet, RuleSet] = [{}, other]
    const comparison = await engine.compare(block, { ...surroundings, state, rules })
    for (const place of new Set([0, length >> 1, length - 1])) {
      const part = (start: number, end: number) => {
        return { ...block, transactions: block.transactions.slice(start, end) }
      }
      // The rewards come earlier than they should; nobody spends them.
      const then = state.clone()
      const options = { ...surroundings, state: then }
      then.commit(await engine.executeBlock(part(0, place), options))
      const only = part(place, place + 1)
      const before = await engine.executeBlock(only, options)
      const after = await under.executeBlock(only, options).catch(() => undefined)
      const { runs, verdict } = comparison.transactions[place]
      const [first, second] = [before.receipts[0], after?.receipts[0]]
      assert.is(runs[0].gasUsed, first.gasUsed, `${name} ${place}`)
      assert.is(runs[1].gasUsed, second?.gasUsed, `${name} ${place}`)
      const hasSameStatus = first.status === second?.status
      assert.is(verdict === 'nowFails' || verdict === 'nowSucceeds', !hasSameStatus && !!second)
      if (verdict === 'same') assert.equal(second?.logs, first.logs, `${name} ${place}`)
      seen++
    }
  }
  under.close()
  assert.ok(seen > 20, `${seen}`)
})

compare.after(() => engine.close())
compare.run()
fixtures.report()
