/** Going back in a chain, and forks of a state. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BlockResult, Engine, isBraidError, MemoryState, StateTrie } from '../lib/index.js'
import { type BuiltChain, buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'
import { signers } from './support/chain-generator/keys.js'
import { fixedPrograms, words } from './support/chain-generator/programs.js'
import type { ChainRecipe } from './support/chain-generator/recipe.js'
import { damagedHeader } from './support/damaged-header.js'

const reorganisations = suite('reorganisations')

const history = 32

function start({ alloc }: BuiltChain) {
  return { state: new MemoryState(alloc, { history, trie: true }) }
}

/** Imports blocks of a chain, from a position on. */
async function importFrom(
  chain: BuiltChain,
  position: number,
  kept: { readonly state: MemoryState },
): Promise<BlockResult[]> {
  const engine = await Engine.create({ common: commonOf(chain.recipe) })
  const results: BlockResult[] = []
  const blockHashes = new Map(chain.headers.map(({ number, hash }) => [number, hash]))
  const parent = chain.headers[position]
  const blocks = chain.blocks.slice(position)
  for await (const result of engine.executeBlocks(blocks, { ...kept, parent, blockHashes })) {
    results.push(result)
  }
  engine.close()
  return results
}

/** Everything in a state, by address. */
function contentOf(state: MemoryState): unknown[] {
  return [...state.dump()].map((account) => ({ ...account, storage: [...account.storage] }))
}

const shapes = [
  { seed: 11, firstFork: 'petersburg' },
  { seed: 12, firstFork: 'berlin' },
  { seed: 13, firstFork: 'paris' },
  { seed: 14, firstFork: 'cancun' },
  { seed: 15, firstFork: 'osaka' },
]

for (const { seed, firstFork } of shapes) {
  reorganisations(`takes another branch from ${firstFork} on (seed ${seed})`, async () => {
    const recipe = generateChain({ seed, blocks: 12, blocksPerFork: 6, firstFork })
    const chain = await buildChain(recipe)
    const other = generateChain({ seed: seed + 100, blocks: 12, blocksPerFork: 6, firstFork })
    const kept = start(chain)
    const contents = [contentOf(kept.state)]
    const results = await importFrom(chain, 0, kept)
    const fresh = start(chain)
    for (const result of results) {
      fresh.state.commit(result)
      contents.push(contentOf(fresh.state))
    }
    for (const depth of [1, 4, 12]) {
      for (let i = 0; i < depth; i++) {
        const height = chain.blocks.length - i
        assert.equal(contentOf(kept.state), contents[height], `after ${height} blocks`)
        kept.state.revert()
        const { stateRoot } = chain.headers[height - 1]
        assert.is(kept.state.root, stateRoot)
        assert.is(new StateTrie(kept.state).root, stateRoot)
      }
      const position = chain.blocks.length - depth
      assert.equal(contentOf(kept.state), contents[position])
      const blocks = [...recipe.blocks.slice(0, position), ...other.blocks.slice(position)]
      const branch = await buildChain({ ...recipe, blocks })
      assert.equal(branch.blocks.slice(0, position), chain.blocks.slice(0, position))
      await importFrom(branch, position, kept)
      const anew = start(branch)
      await importFrom(branch, 0, anew)
      assert.equal(contentOf(kept.state), contentOf(anew.state))
      assert.is(kept.state.root, anew.state.root)
      // Back to the first branch.
      const { number, hash } = chain.headers[position]
      if (position > 0) kept.state.revert({ number, hash })
      else for (let i = 0; i < depth; i++) kept.state.revert()
      const again = await importFrom(chain, position, kept)
      results.splice(position, depth, ...again)
      assert.equal(contentOf(kept.state), contents[chain.blocks.length])
    }
  })
}

const destroyed = `0x${'5d'.repeat(20)}` as const
const destroying: ChainRecipe = {
  forks: [{ name: 'istanbul', from: 0 }],
  alloc: {
    [signers[0]]: { balance: '0xde0b6b3a7640000' },
    [destroyed]: {
      nonce: '0x1',
      balance: '0x5',
      code: fixedPrograms.selfDestruct(),
      storage: { '0x01': '0x11', '0x02': '0x22' },
    },
  },
  blocks: [
    {
      delay: 12,
      coinbase: `0x${'cb'.repeat(20)}`,
      transactions: [{ type: 0, from: 0, to: destroyed, data: words(7), gas: 100_000 }],
    },
  ],
}

reorganisations('brings back storage that no transaction looked at', async () => {
  const chain = await buildChain(destroying)
  const kept = start(chain)
  const before = contentOf(kept.state)
  await importFrom(chain, 0, kept)
  assert.is(kept.state.getAccount(destroyed), undefined)
  assert.is(BigInt(kept.state.getStorage(destroyed, 1)), 0n)
  kept.state.revert()
  assert.is(BigInt(kept.state.getStorage(destroyed, 1)), 0x11n)
  assert.is(BigInt(kept.state.getStorage(destroyed, 2)), 0x22n)
  assert.equal(contentOf(kept.state), before)
  assert.is(kept.state.root, chain.genesis.stateRoot)
})

reorganisations('undoes only what it remembers, and the last first', async () => {
  const chain = await buildChain(
    generateChain({ seed: 21, blocks: 4, blocksPerFork: 9, firstFork: 'prague' }),
  )
  const state = new MemoryState(chain.alloc, { history: 2, trie: true })
  const results = await importFrom(chain, 0, { state })
  assert.is(state.undoable, 2)
  const root = state.stateRoot()
  assert.throws(
    () => state.revert(results[0]),
    (error: unknown) => isBraidError(error, 'STATE_UNAVAILABLE') && error.details.field === 'to',
  )
  assert.is(state.stateRoot(), root)
  state.revert(results[3])
  assert.is(state.undoable, 2)
  state.revert(results[1])
  assert.is(state.undoable, 0)
  assert.is(state.stateRoot(), chain.headers[2].stateRoot)
  for (const kept of [state, new MemoryState(chain.alloc)]) {
    assert.throws(
      () => kept.revert(),
      (error: unknown) =>
        isBraidError(error, 'STATE_UNAVAILABLE') && error.details.field === 'history',
    )
  }
  for (const wrong of [-1, 1.5, '2', null]) {
    assert.throws(
      () => new MemoryState({}, { history: wrong as never }),
      (error: unknown) => isBraidError(error, 'OPTION_INVALID'),
    )
  }
})

reorganisations('forks a state for what never happens', async () => {
  const chain = await buildChain(
    generateChain({ seed: 22, blocks: 8, blocksPerFork: 9, firstFork: 'prague' }),
  )
  const kept = start(chain)
  const half = { ...chain, blocks: chain.blocks.slice(0, 4) }
  await importFrom(half, 0, kept)
  const before = contentOf(kept.state)
  const fork = { state: kept.state.clone() }
  await importFrom(chain, 4, fork)
  assert.is(fork.state.root, chain.headers[8].stateRoot)
  assert.is(fork.state.undoable, 8)
  assert.equal(contentOf(kept.state), before)
  assert.is(kept.state.root, chain.headers[4].stateRoot)
  // Each has a history of its own.
  for (let i = 0; i < 8; i++) fork.state.revert()
  assert.is(fork.state.stateRoot(), chain.genesis.stateRoot)
  assert.is(kept.state.undoable, 4)
  kept.state.revert()
  assert.is(kept.state.stateRoot(), chain.headers[3].stateRoot)
})

for (const field of ['stateRoot', 'receiptsRoot', 'gasUsed'] as const) {
  reorganisations(`a rejected block costs no step back (${field})`, async () => {
    const chain = await buildChain(
      generateChain({ seed: 17, blocks: 4, blocksPerFork: 4, firstFork: 'cancun' }),
    )
    const state = new MemoryState(chain.alloc, { history: 2, trie: true })
    const before = contentOf(state)
    const engine = await Engine.create({ common: commonOf(chain.recipe) })
    const blockHashes = new Map(chain.headers.map(({ number, hash }) => [number, hash]))
    const blocks = chain.blocks.with(2, damagedHeader(chain.blocks[2], field))
    const options = { state, parent: chain.genesis, blockHashes }
    let count = 0
    try {
      for await (const _ of engine.executeBlocks(blocks, options)) count++
    } catch (error) {
      assert.ok(isBraidError(error, 'BLOCK_FIELD_MISMATCH'))
    }
    assert.is(count, 2)
    assert.is(state.undoable, 2)
    for (const height of [1, 0]) {
      state.revert()
      assert.is(state.root, chain.headers[height].stateRoot)
      assert.is(new StateTrie(state).root, chain.headers[height].stateRoot)
    }
    assert.equal(contentOf(state), before)
    engine.close()
  })
}

reorganisations.run()
