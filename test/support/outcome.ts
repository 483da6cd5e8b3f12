/** What becomes of bad input: a result or an error of this package, and nothing else. */

import { type ErrorCode, errorMeanings } from '../../lib/error-codes.js'
import { BraidError } from '../../lib/errors.js'

/** Codes that blame this package: no input of a caller's may lead to them. */
const defects: ReadonlySet<ErrorCode> = new Set([
  'INPUT_MALFORMED',
  'UNSUPPORTED_REVISION',
  'VM_INTERNAL_ERROR',
  'OUT_OF_MEMORY',
  'THREAD_UNAVAILABLE',
  'STATE_UNAVAILABLE',
])

/** The code of an error; anything but an error of this package is thrown on, with what led to it. */
export function codeOf(error: unknown, describe: () => string): ErrorCode {
  if (error instanceof BraidError && error.code in errorMeanings && !defects.has(error.code)) {
    return error.code
  }
  console.error(describe())
  throw error
}

/** `ok`, or the code of the error that a call throws or its promise is rejected with. */
export async function outcomeOf(
  call: () => unknown,
  describe: () => string,
): Promise<ErrorCode | 'ok'> {
  try {
    await call()
    return 'ok'
  } catch (error) {
    return codeOf(error, describe)
  }
}
