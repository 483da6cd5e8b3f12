/** Who gets the cores while blocks of a chain execute and the JavaScript thread works beside them. */

import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ThreadLoad } from '../lib/engine/thread-load.js'
import { Engine, MemoryState, type SchedulingPolicy, StateTrie } from '../lib/index.js'
import { buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'

const load = suite('thread load')

/** Keeps the thread busy. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

/** Turns of the event loop that are mostly work, or mostly waiting. */
async function turns(watched: ThreadLoad, busy: number, idle: number): Promise<number> {
  let size = 0
  for (let i = 0; i < 12; i++) {
    work(busy)
    await sleep(idle)
    size = watched.poolBeside({ size: 8 }).size
  }
  return size
}

load('a busy thread keeps a core, an idle one gives it back', async () => {
  const eight = new ThreadLoad(8)
  assert.is(await turns(eight, 0, 5), 8)
  assert.is(await turns(eight, 12, 1), 7)
  assert.is(await turns(eight, 0, 5), 8)
})

load('there is nothing to keep where cores are left, and always one for the block', async () => {
  const sixteen = new ThreadLoad(16)
  await turns(sixteen, 12, 1)
  assert.is(sixteen.poolBeside({ size: 8 }).size, 8)
  const one = new ThreadLoad(1)
  await turns(one, 12, 1)
  assert.is(one.poolBeside({ size: 8 }).size, 1)
})

load(
  'blocks of a chain get fewer threads beside a busy consumer, and the same results',
  async () => {
    const chain = await buildChain(
      generateChain({ seed: 5, blocks: 30, blocksPerFork: 10, firstFork: 'paris' }),
    )
    const cores = availableParallelism()
    const sizes = async (consume: () => void | Promise<void>): Promise<number[]> => {
      const seen: number[] = []
      const policy: SchedulingPolicy = {
        name: 'watching',
        plan(_, pool) {
          seen.push(pool.size)
          return { mode: 'optimistic' }
        },
      }
      const engine = await Engine.create({ common: commonOf(chain.recipe), policy, threads: cores })
      const state = new MemoryState(chain.alloc)
      const trie = new StateTrie(state)
      const blockHashes = new Map([[0n, chain.genesis.hash]])
      const options = { state, trie, parent: chain.genesis, blockHashes }
      for await (const result of engine.executeBlocks(chain.blocks, options)) {
        assert.is(result.stateRoot, result.header.stateRoot)
        await consume()
      }
      engine.close()
      return seen
    }
    const beside = await sizes(() => work(10))
    assert.is(beside[0], cores)
    assert.is(beside.at(-1), Math.max(1, cores - 1))
    const alone = await sizes(async () => {
      await sleep(30)
    })
    assert.is(alone.at(-1), cores)
  },
)

load.run()
