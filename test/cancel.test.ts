import { spawn } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import { availableParallelism } from 'node:os'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BlockSource, BraidError, Engine, isBraidError, MemoryState } from '../lib/index.js'
import { finishedBlock } from './support/demo.js'
import {
  blockOfCalls,
  type EndlessKind,
  endlessAlloc,
  endlessBlock,
  endlessKinds,
  endlessOptions,
} from './support/endless.js'

// Whatever is not stopped here runs for centuries: a test that hangs is one that failed.
const cancel = suite('cancellation')

const engine = await Engine.create()
const { demo, state: demoState, encoded, outcome } = finishedBlock(engine)
const endlessState = new MemoryState(endlessAlloc)
const endless = { state: endlessState, ...endlessOptions }
const kinds = Object.keys(endlessKinds) as EndlessKind[]

const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

/** Checks that a promise is rejected as cancelled, for the given reason. */
async function assertCancelled(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  try {
    await promise
  } catch (error) {
    assert.instance(error, BraidError)
    assert.ok(isBraidError(error, 'CANCELLED'), String(error))
    assert.is(error.cause, signal.reason)
    assert.equal(error.details, {})
    assert.is(listeners(signal), 0)
    return
  }
  assert.unreachable('it was not cancelled')
}

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}

cancel('aborted before: nothing is even decoded', async () => {
  const untouchable = new Proxy({}, { get: () => assert.unreachable('the source was looked at') })
  const reason = new Error('not today')
  const signal = AbortSignal.abort(reason)
  await assertCancelled(
    engine.executeBlock(untouchable as BlockSource, { state: demoState, signal }),
    signal,
  )
  await assertCancelled(
    engine.executeTransactions(
      { number: 1n, timestamp: 1n, gasLimit: 1n, coinbase: `0x${'00'.repeat(20)}` },
      untouchable as never,
      { state: demoState, signal },
    ),
    signal,
  )
})

for (const more of [{}, { timeout: 60_000 }]) {
  const which = Object.keys(more).join()
  cancel(`aborted while the source is read, nothing is executed ${which}`, async () => {
    const controller = new AbortController()
    const block = endlessBlock()
    const source = {
      ...block,
      get miner() {
        controller.abort()
        return block.miner
      },
    }
    await assertCancelled(
      engine.executeBlock(source, { ...endless, ...more, signal: controller.signal }),
      controller.signal,
    )
  })
}

cancel('aborted right after the call', async () => {
  for (let i = 0; i < 50; i++) {
    const controller = new AbortController()
    const running = engine.executeBlock(encoded, { state: demoState, signal: controller.signal })
    controller.abort(i)
    await assertCancelled(running, controller.signal)
  }
})

for (const kind of kinds) {
  cancel(`aborted while it runs: ${kind}`, async () => {
    const before = endlessState.stateRoot()
    const controller = new AbortController()
    const running = engine.executeBlock(endlessBlock(kind), {
      ...endless,
      signal: controller.signal,
    })
    await wait(15)
    const start = performance.now()
    controller.abort()
    await assertCancelled(running, controller.signal)
    assert.ok(performance.now() - start < 2000)
    assert.instance(controller.signal.reason, DOMException)
    assert.is(endlessState.stateRoot(), before)
  })
}

cancel('aborted at any moment of a block that ends, it is cancelled or done', async () => {
  let cancelled = 0
  for (let i = 0; i < 60; i++) {
    const controller = new AbortController()
    const { signal } = controller
    const running = engine.executeBlock(encoded, { state: demoState, signal })
    const timer = wait((i % 12) / 4).then(() => controller.abort())
    try {
      const result = await running
      assert.is(result.gasUsed, outcome.gasUsed)
    } catch (error) {
      assert.ok(isBraidError(error, 'CANCELLED'), String(error))
      cancelled += 1
    }
    await timer
    assert.is(listeners(signal), 0)
  }
  assert.ok(cancelled > 0)
})

cancel('a time-out is an abort', async () => {
  const signal = AbortSignal.timeout(10)
  await assertCancelled(engine.executeBlock(endlessBlock(), { ...endless, signal }), signal)
  assert.is(signal.reason.name, 'TimeoutError')
})

cancel('aborted after the end, nothing happens', async () => {
  const controller = new AbortController()
  const { signal } = controller
  const result = await engine.executeBlock(encoded, { state: demoState, signal })
  assert.is(listeners(signal), 0)
  controller.abort()
  await turn()
  assert.equal(result.verify(), [])
  const after = demoState.clone()
  after.commit(result)
  assert.is(after.stateRoot(), outcome.stateRoot)
})

cancel('a block that fails by itself leaves no listener and keeps its error', async () => {
  const { signal } = new AbortController()
  const [first] = demo.transactions
  try {
    await engine.executeBlock(encoded, { state: new MemoryState({}), signal })
    assert.unreachable()
  } catch (error) {
    assert.ok(isBraidError(error, 'TX_INSUFFICIENT_FUNDS'), String(error))
  }
  assert.ok(first)
  assert.is(listeners(signal), 0)
})

cancel('transactions outside of a block can be cancelled too', async () => {
  const environment = {
    number: 20_000_000n,
    timestamp: 1_718_000_000n,
    gasLimit: 1n << 60n,
    coinbase: `0x${'cb'.repeat(20)}`,
  }
  const call = (to: string, gasLimit: bigint) => ({
    sender: `0x${'5e'.repeat(20)}`,
    to,
    nonce: 0,
    gasLimit,
    gasPrice: 0,
    skipNonceCheck: true,
  })
  const signal = AbortSignal.timeout(10)
  const { address } = endlessKinds.computing
  const options = { state: endlessState, signal }
  await assertCancelled(
    engine.executeTransactions(environment, [call(address, 1n << 54n)], options),
    signal,
  )
  const result = await engine.executeTransactions(environment, [call(address, 500_000n)], {
    state: endlessState,
    signal: new AbortController().signal,
  })
  assert.is(result.gasUsed, 500_000n)
})

cancel('the same engine and state go on as if nothing had been', async () => {
  const state = demoState.clone()
  for (let i = 0; i < 5; i++) {
    const signal = AbortSignal.timeout(5)
    await assertCancelled(engine.executeBlock(endlessBlock(), { ...endless, signal }), signal)
    const result = await engine.executeBlock(encoded, { state, signal: undefined })
    assert.is(result.gasUsed, outcome.gasUsed)
  }
  state.commit(await engine.executeBlock(encoded, { state }))
  assert.is(state.stateRoot(), outcome.stateRoot)
})

cancel('a block that waits for a thread is dropped at once', async () => {
  const hogs = new AbortController()
  const options = { ...endless, signal: hogs.signal }
  const running = Array.from({ length: availableParallelism() + 2 }, () =>
    engine.executeBlock(endlessBlock(), options),
  )
  await wait(5)
  const controller = new AbortController()
  const waiting = engine.executeBlock(encoded, { state: demoState, signal: controller.signal })
  controller.abort()
  await assertCancelled(waiting, controller.signal)
  assert.is(listeners(hogs.signal), 1)
  hogs.abort()
  await Promise.all(running.map((hog) => hog.catch(() => {})))
  for (const hog of running) await assertCancelled(hog, hogs.signal)
})

cancel('of many at once, those that are aborted end and the others are right', async () => {
  const shared = new AbortController()
  const executions = Array.from({ length: 120 }, (_, i) => {
    if (i % 3 === 0) {
      return { signal: undefined, running: engine.executeBlock(encoded, { state: demoState }) }
    }
    const controller = i % 3 === 1 ? shared : new AbortController()
    const { signal } = controller
    if (controller !== shared) setTimeout(() => controller.abort(i), i % 20)
    const running = engine.executeBlock(endlessBlock(kinds[i % kinds.length]), {
      ...endless,
      signal,
    })
    // They settle in any order.
    running.catch(() => {})
    return { signal, running }
  })
  setTimeout(() => shared.abort('all of you'), 10)
  await Promise.allSettled(executions.map(({ running }) => running))
  for (const { signal, running } of executions) {
    if (signal === undefined) assert.is((await running).gasUsed, outcome.gasUsed)
    else await assertCancelled(running, signal)
  }
})

cancel('under the optimistic policy', async () => {
  const parallel = await Engine.create({ policy: 'optimistic', threads: 4 })
  for (const kind of kinds) {
    const { address } = endlessKinds[kind]
    const signal = AbortSignal.timeout(15)
    const block = blockOfCalls(Array.from({ length: 30 }, () => address))
    await assertCancelled(parallel.executeBlock(block, { ...endless, signal }), signal)
  }
  const result = await parallel.executeBlock(encoded, {
    state: demoState,
    signal: new AbortController().signal,
  })
  assert.is(result.gasUsed, outcome.gasUsed)
  parallel.close()
})

cancel('another EVM stops at its next call frame or transaction', async () => {
  const vm = fileURLToPath(new URL('../Release/libbraidvm.so', import.meta.url))
  const foreign = await Engine.create({ vm })
  for (const block of [
    endlessBlock('calling'),
    // A quarter of a millisecond each.
    blockOfCalls(
      Array.from({ length: 10_000 }, () => endlessKinds.computing.address),
      1_000_000n,
    ),
  ]) {
    const signal = AbortSignal.timeout(15)
    await assertCancelled(foreign.executeBlock(block, { ...endless, signal }), signal)
  }
  foreign.close()
})

cancel('an engine may be closed meanwhile', async () => {
  const short = await Engine.create()
  const controller = new AbortController()
  const running = short.executeBlock(endlessBlock(), { ...endless, signal: controller.signal })
  short.close()
  controller.abort()
  await assertCancelled(running, controller.signal)
})

cancel('a signal must be one, and a synchronous execution takes none', async () => {
  for (const signal of [null, 'abort', {}, { aborted: false }, new AbortController()]) {
    try {
      await engine.executeBlock(encoded, { state: demoState, signal } as never)
      assert.unreachable()
    } catch (error) {
      assert.ok(isBraidError(error, 'OPTION_INVALID'), String(error))
      assert.is(error.details.field, 'signal')
    }
  }
  const options = { state: demoState, signal: new AbortController().signal }
  assert.throws(
    () => engine.executeBlockSync(encoded, options),
    (error: unknown) => isBraidError(error, 'OPTION_INVALID'),
  )
})

cancel('worker threads end while their endless blocks run', async () => {
  for (let round = 0; round < 4; round++) {
    const worker = new Worker(new URL('./support/endless-worker.js', import.meta.url))
    await once(worker, 'message')
    await wait(round * 3)
    const start = performance.now()
    await worker.terminate()
    assert.ok(performance.now() - start < 5000)
  }
  // The pool's threads are free again.
  const result = await engine.executeBlock(encoded, { state: demoState })
  assert.is(result.gasUsed, outcome.gasUsed)
})

cancel('a process ends while its endless blocks run', async () => {
  const script = fileURLToPath(new URL('./support/endless-process.js', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  assert.is(code, 7)
})

cancel('no rejection was left unhandled', async () => {
  await turn()
  await turn()
  assert.equal(unhandled, [])
})

cancel.run()
