/**
 * What a runtime may do in its own way: worker threads that end while blocks run, errors across the
 * boundary, abort signals, memory that the collector is told of. Plain JavaScript: it runs everywhere.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { exampleBlock } from '../../dist/example-blocks/index.js'
import { Engine, isBraidError, MemoryState } from '../../dist/index.js'

const { block, options } = exampleBlock(22244135)
const engine = await Engine.create({ threads: 2 })
const digest = ({ receipts }) =>
  receipts.map(({ gasUsed, logs }) => `${gasUsed}/${logs.length}`).join()
const expected = digest(await engine.executeBlock(block, options))

if (isMainThread) {
  // Many at once, on one state.
  const results = await Promise.all(
    Array.from({ length: 8 }, () => engine.executeBlock(block, options)),
  )
  for (const result of results) assert.equal(digest(result), expected)

  // In worker threads, of which one is ended in the middle.
  const workers = Array.from({ length: 3 }, () => new Worker(new URL(import.meta.url)))
  const answers = await Promise.all(
    workers.slice(1).map(async (worker) => (await once(worker, 'message'))[0]),
  )
  for (const answer of answers) assert.equal(answer, expected)
  await Promise.all(workers.map((worker) => worker.terminate()))

  const empty = engine.executeBlock(block, { ...options, state: new MemoryState({}) })
  const error = await empty.then(
    () => undefined,
    (thrown) => thrown,
  )
  assert.ok(isBraidError(error), String(error))
  assert.match(error.code, /^TX_/)
  assert.equal(error.details.txIndex, 0)

  const controller = new AbortController()
  controller.abort()
  const aborted = engine.executeBlock(block, { ...options, signal: controller.signal })
  assert.equal(
    await aborted.then(
      () => 'done',
      (thrown) => thrown.code,
    ),
    'CANCELLED',
  )

  for (let i = 0; i < 50; i++) {
    const result = await engine.executeBlock(block, options)
    assert.equal(result.receipts.length, 125)
  }
  engine.close()
  console.log('smoke test passed')
} else {
  for (let i = 0; i < 5; i++) await engine.executeBlock(block, options)
  parentPort.postMessage(expected)
}
