/** Executes in several worker threads and in the main one at once, some of them ended early. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import * as braid from 'braid-evm'
import executeTinyBlock from './tiny-block.cjs'

if (isMainThread) {
  const workers = Array.from({ length: 3 }, () => new Worker(new URL(import.meta.url)))
  const messages = workers.map((worker) => once(worker, 'message'))
  await executeTinyBlock(braid)
  for (const [message] of await Promise.all(messages)) assert.equal(message, 'done')
  await workers[0].terminate()
  await executeTinyBlock(braid)
  await Promise.all(workers.slice(1).map((worker) => worker.terminate()))
} else {
  await executeTinyBlock(braid)
  parentPort.postMessage('done')
  setInterval(() => {}, 1000)
}
