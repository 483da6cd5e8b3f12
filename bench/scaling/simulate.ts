/** How long a block takes on so many workers, in simulated time. */

import type { BlockModel, Outcome } from './model.js'
import { type Process, runProcesses } from './processes.js'
import { Recovery } from './recovery.js'
import { pause, SimulatedLoop } from './simulated-loop.js'

/** Simulates a block whose transactions run ahead on all workers. One worker has nothing to run ahead of. */
export function simulate(block: BlockModel, workers: number): Outcome {
  return workers <= 1 ? simulateSequential(block, 1) : simulateOptimistic(block, workers)
}

/**
 * Simulates native/parallel/in_order_loop.{hpp,cpp}: one worker executes the transactions in their
 * order, the others recover senders.
 */
export function simulateSequential(block: BlockModel, workers: number): Outcome {
  const { transactions, recovery, before, after } = block
  const senders = new Recovery(transactions.length)
  const executing = function* (): Process {
    for (const [index, { alone }] of transactions.entries()) {
      while (!senders.isReady(index)) if (!(yield* senders.recoverNext(recovery))) yield pause
      yield alone
    }
  }
  const helpers = Array.from({ length: workers - 1 }, () => senders.recoverAll(recovery))
  const end = runProcesses([executing(), ...helpers], starts(block, workers, before))
  return { microseconds: Math.max(before, end) + after, reExecutions: 0 }
}

function simulateOptimistic(block: BlockModel, limit: number): Outcome {
  const { before, after } = block
  const loop = new SimulatedLoop(block)
  const workers = loop.workers(limit)
  const end = Math.max(before, runProcesses(workers, starts(block, workers.length, before)))
  if (!loop.isComplete) throw new Error('the simulated workers have left transactions undone')
  return { microseconds: end + after, reExecutions: loop.reExecutions }
}

/** When workers begin. */
function starts({ wakeUp: [second, further] }: BlockModel, count: number, first: number): number[] {
  return Array.from({ length: count }, (_, i) => first + (i === 0 ? 0 : second + further * (i - 1)))
}
