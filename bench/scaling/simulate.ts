/** How long a block takes on so many workers, in simulated time. */

import type { BlockModel, Outcome } from './model.js'
import { type Process, runProcesses } from './processes.js'
import { Recovery } from './recovery.js'
import { SimulatedLoop } from './simulated-loop.js'

/** Simulates a block whose transactions run ahead on all workers. One worker has nothing to run ahead of. */
export function simulate(block: BlockModel, workers: number): Outcome {
  return workers <= 1 ? simulateSequential(block, 1) : simulateOptimistic(block, workers)
}

/** Simulates a block whose senders so many workers recover, and one executes the transactions. */
export function simulateSequential(block: BlockModel, workers: number): Outcome {
  const { transactions, recovery, before, blooms, changes } = block
  const senders = new Recovery(transactions.length)
  const recovering = function* (): Process {
    for (let claim = senders.claim(); claim; claim = senders.claim()) {
      yield claim.signatures * recovery
    }
  }
  const count = Math.min(workers, senders.chunkCount)
  const recovered = runProcesses(Array.from({ length: count }, recovering), starts(block, count, 0))
  const executing = transactions.reduce((sum, { alone }) => sum + alone, 0)
  return { microseconds: recovered + before + executing + blooms + changes, reExecutions: 0 }
}

function simulateOptimistic(block: BlockModel, limit: number): Outcome {
  const { before, blooms, changes } = block
  const loop = new SimulatedLoop(block)
  const workers = loop.workers(limit)
  const end = Math.max(before, runProcesses(workers, starts(block, workers.length, before)))
  if (!loop.isComplete) throw new Error('the simulated workers have left transactions undone')
  // The net changes are one worker's, who helps with the blooms where that is done before.
  const summary = Math.max(changes, (blooms + changes) / Math.max(1, workers.length))
  return { microseconds: end + summary, reExecutions: loop.reExecutions }
}

/** When workers begin. */
function starts({ wakeUp: [second, further] }: BlockModel, count: number, first: number): number[] {
  return Array.from({ length: count }, (_, i) => first + (i === 0 ? 0 : second + further * (i - 1)))
}
