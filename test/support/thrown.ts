/** The errors that calls end with. Those that are not this package's pass. */

import { type BraidError, isBraidError } from '../../lib/index.js'

/** The error that a promise is rejected with, or that of a call. */
export async function errorOf(promise: Promise<unknown> | (() => unknown)): Promise<BraidError> {
  try {
    await (typeof promise === 'function' ? promise() : promise)
  } catch (error) {
    return known(error)
  }
  throw new Error('nothing was thrown')
}

/** The error that a call throws at once. */
export function thrownBy(run: () => unknown): BraidError {
  const error = errorIn(run)
  if (error === undefined) throw new Error('nothing was thrown')
  return error
}

/** The error that a call throws at once; undefined where it throws none. */
export function errorIn(run: () => unknown): BraidError | undefined {
  try {
    run()
  } catch (error) {
    return known(error)
  }
  return undefined
}

function known(error: unknown): BraidError {
  if (isBraidError(error)) return error
  throw error
}
