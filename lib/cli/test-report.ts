/** What the commands that run conformance tests share. */

import { availableParallelism } from 'node:os'
import { UsageError } from './console.js'
import type { TestFailure } from './test-outcome.js'

/** A failed case in one line. */
export function failureLine({ file, test, fork, index, reason }: TestFailure): string {
  return `${file}: ${test}: ${fork}: ${index}: ${reason}`
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
