/** Why a block was no faster in parallel than on one thread, as far as its report tells. */

import { availableParallelism } from 'node:os'
import type { BlockResult } from '../../engine/block-result.js'

/** Below this bound there is next to nothing to be gained. */
const leastBound = 1.2

/** The reason in words. */
export function whyNotFaster(
  { report, timings }: BlockResult,
  cores = availableParallelism(),
): string {
  if (cores === 1) return 'this machine has one core'
  const { workers, parallelismBound, reExecutions, transactions } = report
  const milliseconds = timings.senders + timings.execute
  if (workers === 1) {
    return `its policy ran it on one thread: ${milliseconds.toFixed(1)} ms of work do not pay for waking another`
  }
  if (parallelismBound !== undefined && parallelismBound < leastBound) {
    return `its transactions depend on each other: no number of cores makes it more than ${parallelismBound.toFixed(1)} times as fast`
  }
  if (reExecutions > transactions.length / 4) {
    return `${reExecutions} of ${transactions.length} transactions had to run again, since earlier ones changed what they had read`
  }
  return `the other ${workers === 2 ? 'core was' : 'cores were'} busy or came late: ${milliseconds.toFixed(1)} ms of work are soon done by one`
}
