/** Pre-states out of a node: of a made chain with every kind of transaction, delegations among them. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MemoryState, prestate } from '../lib/index.js'
import { chainForks } from './support/chain-generator/forks.js'
import { errorOf } from './support/thrown.js'
import { type TracedChain, tracedChain } from './support/traced-chain.js'

const prestates = suite('prestates')

/** Fetches every block of a chain, and executes it on nothing but what came with it. */
async function executeAll({ chain, engine, node }: TracedChain, trace = true): Promise<number> {
  for (let number = 1; number <= chain.blocks.length; number++) {
    const fetched = await prestate(node, number, { engine, trace })
    const { block, preState, blockHashes } = JSON.parse(JSON.stringify(fetched))
    const result = await engine.executeBlock(block, {
      state: new MemoryState(preState),
      blockHashes,
    })
    assert.is(result.hash, chain.headers[number].hash)
  }
  return [...node.asked.values()].reduce((sum, count) => sum + count, 0)
}

/** Where what blocks hold changes; with BRAID_LONG=1 all of them. */
const forks =
  process.env.BRAID_LONG === undefined ? ['homestead', 'london', 'cancun', 'prague'] : chainForks

for (const fork of forks) {
  prestates(`are whole from ${fork} on`, async () => {
    const subject = await tracedChain(fork, 7)
    const traced = await executeAll(subject)
    subject.node.asked.clear()
    const asked = await executeAll(subject, false)
    assert.ok(traced < asked, `${traced} requests with traces, ${asked} without`)
    subject.engine.close()
  })
}

prestates(
  'survive a node that cannot trace, and one whose traces tell something else',
  async () => {
    const subject = await tracedChain('prague', 11)
    const { node, engine } = subject
    node.traces = false
    await executeAll(subject)
    node.traces = true
    // As if every account were a wei richer: senders can pay, headers come out the same; but not BALANCE.
    node.alter = (trace) =>
      JSON.parse(JSON.stringify(trace), (key, value) => (key === 'balance' ? '0x1' : value))
    node.asked.clear()
    await executeAll(subject)
    assert.ok((node.asked.get('eth_getBalance') ?? 0) > 0)
    engine.close()
  },
)

prestates('tell what a node failed with', async () => {
  const { node, engine } = await tracedChain('cancun', 3)
  const failure = new Error('too many requests')
  const failing = (method: string) => ({
    request: async (asked: { method: string; params: unknown[] }) => {
      if (asked.method === method) throw failure
      return node.request(asked)
    },
  })
  for (const method of ['eth_getBlockByNumber', 'eth_getBalance', 'eth_getStorageAt']) {
    const error = await errorOf(prestate(failing(method), 2, { engine }))
    assert.is(error.code, 'STATE_UNAVAILABLE')
    assert.is(error.details.field, method)
    assert.is(error.cause, failure)
  }
  const absent = await errorOf(prestate(node, 1000n, { engine }))
  assert.is(absent.code, 'STATE_UNAVAILABLE')
  assert.match(absent.message, '0x3e8')
  for (const bad of [{ concurrency: 0 }, { concurrency: 1.5 }]) {
    assert.is((await errorOf(prestate(node, 1, bad))).code, 'OPTION_INVALID')
  }
  assert.is((await errorOf(prestate({} as never, 1))).code, 'OPTION_INVALID')
  engine.close()
})

prestates('keep to the bound of requests under way, and end with their signal', async () => {
  const { node, engine, chain } = await tracedChain('prague', 5)
  let under = 0
  let most = 0
  const slow = {
    request: async (asked: { method: string; params: unknown[] }) => {
      most = Math.max(most, ++under)
      await new Promise((resolve) => setTimeout(resolve, 1))
      under--
      return node.request(asked)
    },
  }
  const { hash } = chain.headers[3]
  const { block } = await prestate(slow, hash, { engine, concurrency: 3, trace: false })
  assert.is(block.hash, hash)
  assert.is(most, 3)

  const controller = new AbortController()
  const stopping = {
    request: async (asked: { method: string; params: unknown[] }) => {
      if (asked.method === 'eth_getBalance') controller.abort()
      return node.request(asked)
    },
  }
  const error = await errorOf(prestate(stopping, 3, { engine, signal: controller.signal }))
  assert.is(error.code, 'CANCELLED')
  engine.close()
})

prestates.run()
