/** A worker thread that runs state test files: one path in, one outcome out, null ends it. */

import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../console.js'
import type { WorkerReply } from './run-files.js'
import { StateTestRunner, type StateTestRunnerOptions } from './runner.js'

const port = parentPort
if (port === null) throw new Error('this module runs in a worker thread')

const runner = new StateTestRunner(workerData as StateTestRunnerOptions)

port.on('message', (path: string | null) => {
  if (path === null) {
    port.close()
    return
  }
  let reply: WorkerReply
  try {
    reply = { outcome: runner.runFile(path) }
  } catch (error) {
    reply = { error: describeError(error) }
  }
  port.postMessage(reply)
})
