/** A block that is executed and then committed: its root is computed once. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, LmdbState, MemoryState, type State, StateTrie } from '../lib/index.js'
import { buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'

const roots = suite('roots, once')

const shape = { seed: 31, blocks: 5, blocksPerFork: 5, firstFork: 'prague' } as const
const chain = await buildChain(generateChain(shape))

/** Executes blocks and commits each, after something was done in between. */
async function executeAndCommit(state: State, between: (packed: Uint8Array) => void) {
  const engine = await Engine.create({ common: commonOf(chain.recipe) })
  const blockHashes = new Map(chain.headers.map(({ number, hash }) => [number, hash]))
  for (const [i, block] of chain.blocks.entries()) {
    const result = await engine.executeBlock(block, { state, blockHashes })
    between(result.packed)
    await state.commit(result)
    assert.is(state.root, chain.headers[i + 1].stateRoot)
  }
  engine.close()
}

roots('of a state in memory', async () => {
  const { prototype } = StateTrie
  const { attempt, update } = prototype
  let [attempts, updates] = [0, 0]
  prototype.attempt = function (changes) {
    attempts++
    return attempt.call(this, changes)
  }
  prototype.update = function (changes) {
    updates++
    update.call(this, changes)
  }
  try {
    await executeAndCommit(new MemoryState(chain.alloc, { trie: true }), () => {})
  } finally {
    Object.assign(prototype, { attempt, update })
  }
  assert.equal([attempts, updates], [chain.blocks.length, 0])
})

roots('of a state in a folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'braid-once-'))
  await LmdbState.create(join(folder, 'state'), chain.alloc)
  const state = await LmdbState.open(join(folder, 'state'))
  // Whoever looked at the result once more would find nothing in it.
  await executeAndCommit(state, (packed) => packed.fill(0))
  assert.is((await state.check()).problem, undefined)
  await state[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

roots.run()
