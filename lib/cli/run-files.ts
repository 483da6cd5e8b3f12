/** Spreads files of conformance tests over worker threads. */

import { basename } from 'node:path'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { describeError } from './console.js'
import type { InputFile } from './files.js'
import type { Progress } from './progress.js'
import { addOutcome, emptyOutcome, type TestOutcome } from './test-outcome.js'

/** Runs files on the thread that made it. */
export interface TestRunner {
  /** Runs all tests of a file. */
  runFile(path: string): TestOutcome | Promise<TestOutcome>
}

/** A kind of tests: how its files are run here, and on other threads. */
export interface TestKind<Options> {
  /** Checks the options, so that no worker has to fail for a wrong one. */
  readonly makeRunner: (options: Options) => TestRunner
  /** The module that calls {@link serveFiles} in a worker thread. */
  readonly worker: URL
}

/** Below so many packed bytes a thread costs more than it brings. */
const bytesPerWorker = 32_768

/** A worker's answer about the file it was sent. */
interface WorkerReply {
  readonly outcome?: TestOutcome
  /** Set instead of the outcome where the file could not be run at all. */
  readonly error?: string
}

/**
 * Runs files on up to `workers` threads, and says how far that has come. The outcome lists failures in
 * the order of the files.
 */
export async function runFiles<Options>(
  files: readonly InputFile[],
  workers: number,
  kind: TestKind<Options>,
  options: Options,
  progress: Progress,
): Promise<TestOutcome> {
  const runner = kind.makeRunner(options)
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  const useful = Math.min(workers, files.length, Math.ceil(bytes / bytesPerWorker))
  const tally = new Tally(bytes, progress)
  const total = emptyOutcome()
  try {
    if (useful <= 1) {
      for (const file of files) {
        const outcome = await runner.runFile(file.path)
        addOutcome(total, outcome)
        tally.add(file, outcome)
      }
    } else {
      for (const outcome of await spread(files, useful, kind.worker, options, tally)) {
        addOutcome(total, outcome)
      }
    }
  } finally {
    progress.clear()
  }
  return total
}

/** Counts the files that have been run. */
class Tally {
  #files = 0
  #bytes = 0
  #failed = 0

  constructor(
    private readonly totalBytes: number,
    private readonly progress: Progress,
  ) {}

  add({ path, size }: InputFile, { failed }: TestOutcome): void {
    this.#files += 1
    this.#bytes += size
    this.#failed += failed
    this.progress.update(this.#files, {
      share: this.#bytes / this.totalBytes,
      failed: this.#failed,
      current: basename(path),
    })
  }
}

/** Gives each idle worker the largest file that is left, so that none ends much later than others. */
async function spread(
  files: readonly InputFile[],
  workers: number,
  module: URL,
  options: unknown,
  tally: Tally,
): Promise<TestOutcome[]> {
  const outcomes: TestOutcome[] = new Array(files.length)
  const queue = files.map((_, index) => index).sort((a, b) => files[b].size - files[a].size)
  let next = 0
  const started: Worker[] = []
  const runWorker = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(module, { workerData: options })
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
        tally.add(files[current], outcome)
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

/** Serves {@link runFiles} in a worker thread: one path in, one outcome out, null ends it. */
export function serveFiles<Options>(makeRunner: (options: Options) => TestRunner): void {
  const port = parentPort
  if (port === null) throw new Error('this module runs in a worker thread')
  const runner = makeRunner(workerData as Options)
  port.on('message', async (path: string | null) => {
    if (path === null) {
      port.close()
      return
    }
    let reply: WorkerReply
    try {
      reply = { outcome: await runner.runFile(path) }
    } catch (error) {
      reply = { error: describeError(error) }
    }
    port.postMessage(reply)
  })
}
