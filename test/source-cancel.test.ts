/** Executions that wait for a source which does not answer: every way to end them. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import {
  type BraidError,
  Engine,
  type Hex,
  MemoryState,
  type SourceRequest,
  SourceState,
  type StateSource,
} from '../lib/index.js'
import { buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'
import { finishedBlock } from './support/demo.js'
import { errorOf } from './support/thrown.js'

const waiting = suite('sources that do not answer')

const engine = await Engine.create()
const { state: demoState, encoded } = finishedBlock(engine)

const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

type Method = 'getAccount' | 'getStorage' | 'getCode' | 'getBlockHash'
type Reject = (reason: Error) => void

/** Answers out of a state in memory, but for the methods that never do. */
class StuckSource implements StateSource {
  readonly signals = new Map<Method, AbortSignal>()
  /** What makes the waiting calls fail after all. */
  readonly rejects: Reject[] = []
  readonly stuck = new Set<Method>()
  #isStuck: () => void = () => {}
  /** Resolves when a call waits. */
  readonly waits = new Promise<void>((resolve) => {
    this.#isStuck = resolve
  })

  constructor(
    readonly state: MemoryState,
    ...stuck: Method[]
  ) {
    for (const method of stuck) this.stuck.add(method)
  }

  #answer<Value>(method: Method, request: SourceRequest, value: () => Value): Promise<Value> {
    this.signals.set(method, request.signal)
    if (!this.stuck.has(method)) return Promise.resolve(value())
    this.#isStuck()
    return new Promise((_, reject) => {
      this.rejects.push(reject)
    })
  }

  getAccount(address: Hex, request: SourceRequest) {
    return this.#answer('getAccount', request, () => this.state.getAccount(address))
  }

  getStorage(address: Hex, slot: Hex, request: SourceRequest) {
    return this.#answer('getStorage', request, () => this.state.getStorage(address, slot))
  }

  getCode(_hash: Hex, address: Hex, request: SourceRequest) {
    return this.#answer('getCode', request, () => this.state.getCode(address))
  }

  getBlockHash(_number: bigint, request: SourceRequest) {
    return this.#answer<Hex>('getBlockHash', request, () => `0x${'aa'.repeat(32)}`)
  }
}

/** The shortest time that something takes, for machines that are busy with other things. */
async function shortest(times: number, measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < times && least > 10; i++) least = Math.min(least, await measure())
  return least
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Lets all waiting calls fail, long after anybody was interested. */
async function failLate({ rejects }: StuckSource): Promise<void> {
  for (const reject of rejects) reject(new Error('too late'))
  await nextTurn()
  await nextTurn()
  assert.equal(unhandled, [])
}

for (const method of ['getAccount', 'getCode', 'getStorage'] as const) {
  waiting(`a signal ends what waits for ${method} at once`, async () => {
    const time = await shortest(20, async () => {
      const source = new StuckSource(demoState, method)
      const controller = new AbortController()
      const state = new SourceState(source)
      const running = engine.executeBlock(encoded, { state, signal: controller.signal })
      await source.waits
      const start = performance.now()
      controller.abort(new Error('enough'))
      const error = await errorOf(running)
      const elapsed = performance.now() - start
      assert.is(error.code, 'CANCELLED')
      assert.is((error.cause as Error).message, 'enough')
      assert.is(source.signals.get(method)?.aborted, true)
      await failLate(source)
      return elapsed
    })
    assert.ok(time <= 10, `${time} ms`)
  })
}

/** PUSH1 1 SLOAD POP PUSH1 99 BLOCKHASH POP STOP. */
const asksForHash = '0x600154506063405000'
const hashAsker: Hex = `0x${'c0'.repeat(20)}`
const sender: Hex = `0x${'5e'.repeat(20)}`

const environment = {
  number: 101n,
  timestamp: 1_720_000_000n,
  gasLimit: 30_000_000n,
  coinbase: `0x${'dd'.repeat(20)}`,
}

const asking = { sender, nonce: 0n, gasLimit: 200_000n, gasPrice: 0n, to: hashAsker }

waiting('a signal ends what waits for the hash of an ancestor', async () => {
  const alloc = { [hashAsker]: { code: asksForHash }, [sender]: { balance: 1n } }
  const source = new StuckSource(new MemoryState(alloc), 'getBlockHash')
  const state = new SourceState(source)
  const controller = new AbortController()
  const running = engine.executeTransactions(environment, [asking], {
    state,
    signal: controller.signal,
  })
  await source.waits
  controller.abort()
  assert.is((await errorOf(running)).code, 'CANCELLED')
  assert.ok(source.signals.has('getBlockHash'))
  for (const signal of source.signals.values()) assert.ok(signal.aborted)
  await failLate(source)

  // The same state serves others.
  source.stuck.clear()
  source.signals.clear()
  await engine.executeTransactions(environment, [asking], { state })
  assert.ok(source.signals.has('getBlockHash'))
  for (const signal of source.signals.values()) assert.not(signal.aborted)
})

waiting('a timeout ends it with a code of its own', async () => {
  const source = new StuckSource(demoState, 'getStorage')
  const options = { state: new SourceState(source), timeout: 500 }
  const error = await errorOf(engine.executeBlock(encoded, options))
  assert.is(error.code, 'TIMEOUT')
  assert.is(error.details.expected, 'at most 500 ms')
  assert.ok(source.signals.get('getStorage')?.aborted)
  await failLate(source)

  const stuck = new SourceState(new StuckSource(demoState, 'getAccount'))
  const run = engine.executeTransactions(environment, [asking], { state: stuck, timeout: 20 })
  assert.is((await errorOf(run)).code, 'TIMEOUT')

  // A signal that aborts first is what ended it.
  const both = { state: stuck, timeout: 60_000, signal: AbortSignal.timeout(5) }
  assert.is((await errorOf(engine.executeBlock(encoded, both))).code, 'CANCELLED')

  // Time enough changes nothing.
  const result = await engine.executeBlock(encoded, { state: demoState, timeout: 60_000 })
  assert.equal(result.verify(), [])
})

waiting('a timeout is a time', async () => {
  for (const timeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5' as never]) {
    const options = { state: demoState, timeout }
    const error = await errorOf(engine.executeBlock(encoded, options))
    assert.is(error.code, 'OPTION_INVALID')
    assert.is(error.details.field, 'timeout')
    assert.throws(
      () => engine.executeBlocks([encoded], options),
      (e: BraidError) => e.code === 'OPTION_INVALID',
    )
  }
  assert.throws(
    () => engine.executeBlockSync(encoded, { state: demoState, timeout: 5 } as never),
    (e: BraidError) => e.code === 'OPTION_INVALID' && e.details.field === 'timeout',
  )
})

const chain = await buildChain(
  generateChain({ seed: 21, blocks: 4, blocksPerFork: 4, firstFork: 'cancun' }),
)
const chainEngine = await Engine.create({ common: commonOf(chain.recipe) })
const last = decodeBlock(chain.blocks[chain.blocks.length - 1]).number

/** A chain on a source that stops answering once the first block is there. */
function startChain() {
  const source = new StuckSource(new MemoryState(chain.alloc))
  const state = new SourceState(source)
  const blockHashes = new Map([[0n, chain.genesis.hash]])
  const stick = () => {
    source.stuck.add('getAccount').add('getStorage').add('getCode')
  }
  return { source, options: { state, parent: chain.genesis, blockHashes }, stick }
}

waiting('breaking off ends a chain whose next block waits', async () => {
  const time = await shortest(10, async () => {
    const { source, options, stick } = startChain()
    let start = 0
    for await (const _ of chainEngine.executeBlocks(chain.blocks, options)) {
      stick()
      await Promise.race([source.waits, new Promise((resolve) => setTimeout(resolve, 200))])
      start = performance.now()
      break
    }
    const elapsed = performance.now() - start
    assert.ok(source.rejects.length > 0, 'the second block asks for something new')
    for (const method of source.stuck) {
      const signal = source.signals.get(method)
      assert.ok(signal === undefined || signal.aborted, method)
    }
    await failLate(source)
    return elapsed
  })
  assert.ok(time <= 10, `${time} ms`)
})

waiting('`return` ends a chain while its next result is waited for', async () => {
  const { source, options, stick } = startChain()
  stick()
  const results = chainEngine.executeBlocks(chain.blocks, options)
  const pending = errorOf(results.next())
  await source.waits
  const ended = await results.return()
  assert.is(ended.done, true)
  assert.is((await pending).code, 'CANCELLED')
  await failLate(source)
})

waiting('a timeout of a chain counts for each block, and says which one', async () => {
  const { source, options, stick } = startChain()
  let count = 0
  const run = async () => {
    for await (const _ of chainEngine.executeBlocks(chain.blocks, { ...options, timeout: 500 })) {
      if (++count === 1) stick()
    }
  }
  const error = await errorOf(run())
  assert.is(error.code, 'TIMEOUT')
  assert.ok(count >= 1 && (error.details.blockNumber ?? 0n) <= last)
  await failLate(source)
})

waiting.after(() => {
  assert.equal(unhandled, [])
})

waiting.run()
