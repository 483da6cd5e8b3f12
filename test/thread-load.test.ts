/** Who gets the cores while blocks of a chain execute and the JavaScript thread works beside them. */

import { availableParallelism } from 'node:os'
import type { EventLoopUtilization } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ThreadLoad } from '../lib/engine/thread-load.js'
import { Engine, MemoryState, type SchedulingPolicy } from '../lib/index.js'
import { buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'

const load = suite('thread load')

/** Keeps the thread busy. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

/** A thread that works and waits as it is told. */
class Thread {
  active = 0
  idle = 0

  readonly measure = (now?: EventLoopUtilization, last?: EventLoopUtilization) => {
    const active = (now?.active ?? this.active) - (last?.active ?? 0)
    const idle = (now?.idle ?? this.idle) - (last?.idle ?? 0)
    return { active, idle, utilization: active / (active + idle || 1) }
  }
}

/** Turns of the event loop; the pool for the block after the last one. */
function turns(thread: Thread, watched: ThreadLoad, active: number, idle: number): number {
  let size = 0
  for (let i = 0; i < 12; i++) {
    thread.active += active
    thread.idle += idle
    size = watched.poolBeside({ size: 8 }).size
  }
  return size
}

load('a busy thread keeps a core, an idle one gives it back', () => {
  const thread = new Thread()
  const eight = new ThreadLoad(8, thread.measure)
  assert.is(turns(thread, eight, 1, 5), 8)
  assert.is(turns(thread, eight, 12, 1), 7)
  assert.is(turns(thread, eight, 1, 5), 8)
  // One busy turn among idle ones is no busy thread.
  thread.active += 100
  assert.is(eight.poolBeside({ size: 8 }).size, 8)
})

load('there is nothing to keep where cores are left, and always one for the block', () => {
  const thread = new Thread()
  assert.is(turns(thread, new ThreadLoad(16, thread.measure), 12, 1), 8)
  assert.is(turns(thread, new ThreadLoad(1, thread.measure), 12, 1), 1)
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
      const state = new MemoryState(chain.alloc, { trie: true })
      const blockHashes = new Map([[0n, chain.genesis.hash]])
      const options = { state, parent: chain.genesis, blockHashes }
      for await (const result of engine.executeBlocks(chain.blocks, options)) {
        assert.is(result.stateRoot, result.header.stateRoot)
        await consume()
      }
      engine.close()
      return seen
    }
    const beside = await sizes(() => work(25))
    assert.is(beside[0], cores)
    assert.ok(beside.includes(Math.max(1, cores - 1)), String(beside))
    const alone = await sizes(async () => {
      await sleep(50)
    })
    // Other processes may keep the thread from waiting now and then.
    const whole = alone.filter((size) => size === cores)
    assert.ok(whole.length >= alone.length / 2, String(alone))
  },
)

load.run()
