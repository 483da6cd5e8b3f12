/** A worker thread that executes the blocks of a workload and tells what they came to. */

import { parentPort, workerData } from 'node:worker_threads'
import { Random } from '../random.js'
import { outcomeOf } from './digest.js'
import { type WorkloadRecipe, workloadSubject } from './subjects.js'
import { Ways } from './ways.js'

/** What the thread is to do. */
export interface WorkerTask {
  readonly seed: number
  readonly recipe: WorkloadRecipe
  readonly rounds: number
}

const { seed, recipe, rounds } = workerData as WorkerTask
const ways = new Ways(new Random(seed))
const { block, options } = await workloadSubject(recipe)
const outcomes: string[] = []
for (let round = 0; round < rounds; round++) {
  const way = await ways.take()
  outcomes.push(await outcomeOf(way.engine.executeBlock(block, options)))
  way.release()
}
parentPort?.postMessage(outcomes)
// Some engines stay open: their thread ends with them.
