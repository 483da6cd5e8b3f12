/** Spreads state test files over worker threads. */

import { Worker } from 'node:worker_threads'
import type { InputFile } from '../files.js'
import { addOutcome, emptyOutcome, type StateTestOutcome } from './outcome.js'
import { StateTestRunner, type StateTestRunnerOptions } from './runner.js'

/** Below so many packed bytes a thread costs more than it brings. */
const bytesPerWorker = 32_768

/** A worker's answer about the file it was sent. */
export interface WorkerReply {
  readonly outcome?: StateTestOutcome
  /** Set instead of the outcome where the file could not be run at all. */
  readonly error?: string
}

/** Runs files on up to `workers` threads. The outcome lists failures in the order of the files. */
export async function runFiles(
  files: readonly InputFile[],
  workers: number,
  options: StateTestRunnerOptions,
): Promise<StateTestOutcome> {
  // Made first: it checks the options, so that no worker has to fail for a wrong one.
  const runner = new StateTestRunner(options)
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  const useful = Math.min(workers, files.length, Math.ceil(bytes / bytesPerWorker))
  const outcomes =
    useful <= 1
      ? files.map((file) => runner.runFile(file.path))
      : await spread(files, useful, options)
  const total = emptyOutcome()
  for (const outcome of outcomes) addOutcome(total, outcome)
  return total
}

/** Gives each idle worker the largest file that is left, so that none ends much later than others. */
async function spread(
  files: readonly InputFile[],
  workers: number,
  options: StateTestRunnerOptions,
): Promise<StateTestOutcome[]> {
  const outcomes: StateTestOutcome[] = new Array(files.length)
  const queue = files.map((_, index) => index).sort((a, b) => files[b].size - files[a].size)
  let next = 0
  const started: Worker[] = []
  const runWorker = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: options })
      started.push(worker)
      let current = -1
      const proceed = (): void => {
        if (next === queue.length) {
          worker.postMessage(null)
          return
        }
        current = queue[next++]
        worker.postMessage(files[current].path)
      }
      worker.on('message', ({ outcome, error }: WorkerReply) => {
        if (outcome === undefined) {
          reject(new Error(error))
          return
        }
        outcomes[current] = outcome
        proceed()
      })
      worker.on('error', reject)
      worker.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`a worker ended with exit code ${code}`)),
      )
      proceed()
    })
  try {
    await Promise.all(Array.from({ length: workers }, runWorker))
  } finally {
    // After a failure others may be at work still; nobody waits for them.
    await Promise.all(started.map((worker) => worker.terminate()))
  }
  return outcomes
}
