/** What the commands that run conformance tests share. */

import { availableParallelism } from 'node:os'
import { UsageError } from './console.js'
import { toned } from './terminal.js'
import type { TestFailure, TestOutcome } from './test-outcome.js'

/** A failed case in one line. */
export function failureLine({ file, test, fork, index, reason }: TestFailure): string {
  return `${toned('dim', `${file}:`)} ${test}: ${fork}: ${index}: ${toned('fail', reason)}`
}

/** How many cases there were, by how they ended, in one line. */
export function summaryLine({ passed, failed, skipped }: TestOutcome): string {
  const counts = [`${passed} passed`, `${failed} failed`, `${skipped} skipped`]
  if (failed > 0) counts[1] = toned('fail', counts[1])
  else if (passed > 0) counts[0] = toned('pass', counts[0])
  return counts.join(', ')
}

/** The number of threads that `--workers` names; without it, one per core. */
export function workerCount(option: string | undefined): number {
  if (option === undefined) return availableParallelism()
  const count = Number(option)
  if (!Number.isInteger(count) || count < 1 || count > 1024) {
    throw new UsageError(`--workers takes a number from 1 to 1024, not ${option}`)
  }
  return count
}
