/**
 * Random chains, executed sequentially, optimistically and adaptively by this package, and by
 * `@ethereumjs/vm`: gas, receipts, requests and states must be the same.
 *
 * 100 blocks usually, over 2,000 with BRAID_LONG=1. BRAID_SEED repeats what a failure prints; a chain
 * that fails is made small first, and goes into test/cases, whose chains are checked too.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import { Engine, MemoryState } from '../lib/index.js'
import { root } from './fixtures.js'
import { type BuiltChain, buildChain } from './support/chain-generator/build.js'
import { checkChain } from './support/chain-generator/check.js'
import { chainForks, commonOf } from './support/chain-generator/forks.js'
import { type ChainShape, generateChain } from './support/chain-generator/generate.js'
import type { ChainRecipe } from './support/chain-generator/recipe.js'
import { shrinkChain } from './support/chain-generator/shrink.js'

const chains = suite('random chains')

const isLong = process.env.BRAID_LONG !== undefined
/** Chains begin at every fork in turn, and come to the next one every few blocks. */
const rounds = isLong ? 15 : 1
const blocksPerChain = isLong ? 8 : 6
const givenSeed = process.env.BRAID_SEED
const firstSeed =
  givenSeed === undefined ? (isLong ? Date.now() % 1_000_000 : 0) : Number(givenSeed)
const chainCount = givenSeed === undefined ? rounds * chainForks.length : 1

function shapeOf(seed: number): ChainShape {
  const firstFork = chainForks[seed % chainForks.length]
  return { seed, firstFork, blocks: blocksPerChain, blocksPerFork: blocksPerChain >> 1 }
}

/** The difference of a failing chain with all that is needed to look into it. */
async function reported(recipe: ChainRecipe, difference: string): Promise<string> {
  const isSmallFailing = async (smaller: ChainRecipe) =>
    (await checkChain(smaller)).difference !== undefined
  const small = await shrinkChain(recipe, isSmallFailing)
  const again = (await checkChain(small)).difference
  return `seed ${recipe.seed}: ${difference}\nmade small: ${again}\n${JSON.stringify(small)}`
}

const seeds = Array.from({ length: chainCount }, (_, i) => firstSeed + i)

for (const fork of chainForks) {
  const own = seeds.filter((seed) => shapeOf(seed).firstFork === fork)
  if (own.length === 0) continue
  chains(`agree with @ethereumjs/vm from ${fork} on, seeds ${own.join(' ')}`, async () => {
    for (const seed of own) {
      const recipe = generateChain(shapeOf(seed))
      const { difference } = await checkChain(recipe)
      if (difference !== undefined) assert.unreachable(await reported(recipe, difference))
    }
  })
}

const folder = join(root, 'test', 'cases')
for (const name of readdirSync(folder)) {
  chains(`agree on ${name}`, async () => {
    const recipe = JSON.parse(readFileSync(join(folder, name), 'utf8')) as ChainRecipe
    const { chain, difference } = await checkChain(recipe)
    assert.is(difference, undefined)
    assert.is(chain?.dropped, 0)
  })
}

/** What happens in a chain, in words. */
async function eventsOf(chain: BuiltChain): Promise<Set<string>> {
  const engine = await Engine.create({ common: commonOf(chain.recipe) })
  const state = new MemoryState(chain.alloc)
  const blockHashes = new Map([[0n, chain.genesis.hash]])
  const events = new Set<string>()
  const options = { state, parent: chain.genesis, blockHashes }
  for await (const result of engine.executeBlocks(chain.blocks, options)) {
    for (const { type, status, contractAddress } of result.receipts) {
      events.add(`${type} ${status}`)
      if (contractAddress) events.add(`creation ${status}`)
    }
    if (result.logs.length > 0) events.add('logs')
    for (const { exists, nonce, codeHash, code, storageCleared } of result.stateDiff) {
      if (exists.before && !exists.after) events.add('destroyed')
      if (storageCleared) events.add('storage cleared')
      if (!exists.before && nonce.after > 0n && code !== undefined) events.add('created')
      if (code?.startsWith('0xef0100')) events.add('delegated')
      if (codeHash.before !== codeHash.after && code === '0x') events.add('delegation taken back')
    }
    for (const { type, data } of result.requests) if (data !== '0x') events.add(`request ${type}`)
  }
  for (const rlp of chain.blocks) {
    const { ommers, withdrawals } = decodeBlock(rlp)
    if (ommers.length > 0) events.add('ommers')
    if (withdrawals?.length) events.add('withdrawals')
  }
  engine.close()
  return events
}

chains('hold what there is to go wrong', async () => {
  const seen = new Set<string>()
  const made = Array.from({ length: chainForks.length }, (_, seed) =>
    generateChain({ ...shapeOf(seed), blocks: 10, blocksPerFork: 5 }),
  )
  let dropped = 0
  let transactions = 0
  for (const recipe of made) {
    const chain = await buildChain(recipe)
    dropped += chain.dropped
    transactions += chain.transactionCount
    for (const event of await eventsOf(chain)) seen.add(event)
  }
  const types = ['legacy', 'eip2930', 'eip1559', 'eip4844', 'eip7702']
  const expected = [
    ...types.flatMap((type) => [`${type} success`, `${type} reverted`]),
    'creation success',
    'creation reverted',
    'logs',
    'created',
    'destroyed',
    'storage cleared',
    'delegated',
    'request 0',
    'request 1',
    'request 2',
    'ommers',
    'withdrawals',
  ]
  assert.equal(
    expected.filter((event) => !seen.has(event)),
    [],
    `seen: ${[...seen].sort().join(', ')}`,
  )
  assert.ok(transactions > 10 * dropped, `${dropped} of ${transactions} were not valid`)
})

chains('generate the same from the same seed', () => {
  const shape = shapeOf(5)
  assert.equal(generateChain(shape), generateChain(shape))
  assert.not.equal(generateChain(shape).blocks, generateChain({ ...shape, seed: 6 }).blocks)
})

chains('shrink to what makes them fail', async () => {
  const recipe = generateChain({ seed: 2, blocks: 9, blocksPerFork: 3, firstFork: 'london' })
  // As if a log were wrong once the merge has come.
  const isBad = async (candidate: ChainRecipe) => {
    const chain = await buildChain(candidate)
    const events = await eventsOf(chain)
    return (
      chain.blocks.some((rlp) => decodeBlock(rlp).header.difficulty === 0n) && events.has('logs')
    )
  }
  assert.ok(await isBad(recipe))
  const small = await shrinkChain(recipe, isBad)
  assert.ok(await isBad(small))
  const count = small.blocks.reduce((sum, { transactions }) => sum + transactions.length, 0)
  assert.ok(small.blocks.length <= 2 && count === 1, JSON.stringify(small))
  assert.ok(Object.keys(small.alloc).length <= 6)
  assert.ok(JSON.stringify(JSON.parse(JSON.stringify(small))) === JSON.stringify(small))
})

chains.run()
