/** Executions that an AbortSignal can end. */

import { errorFor, shownValue } from '../errors.js'
import type { NativeEngine, NativeState } from '../native/load.js'

/** Throws `OPTION_INVALID` for what is no AbortSignal, `CANCELLED` where it has been aborted. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  if (!isSignal(signal)) {
    throw errorFor('OPTION_INVALID', {
      field: 'signal',
      expected: 'an AbortSignal',
      actual: shownValue(signal),
    })
  }
  if (signal.aborted) throw cancelled(signal)
}

/**
 * Runs a packed block off the JavaScript thread. From an abort before the output is here on, it
 * rejects with `CANCELLED` and the signal's reason as `cause`: at once where the block has not begun,
 * else as soon as the engine has stopped.
 */
export async function executeNative(
  native: NativeEngine,
  state: NativeState,
  input: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (signal === undefined) return native.execute(state, input)
  // What packed the input may have run code of others.
  if (signal.aborted) throw cancelled(signal)
  const { output, cancel } = native.executeCancellable(state, input)
  const abort = () => cancel()
  signal.addEventListener('abort', abort)
  return output.finally(() => {
    signal.removeEventListener('abort', abort)
    // However the block ended: the abort came first.
    if (signal.aborted) throw cancelled(signal)
  })
}

function cancelled(signal: AbortSignal): Error {
  return errorFor('CANCELLED', {}, { cause: signal.reason })
}

/** By its shape: signals of other realms and of polyfills are as good. */
function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as AbortSignal).aborted === 'boolean' &&
    typeof (value as AbortSignal).addEventListener === 'function' &&
    typeof (value as AbortSignal).removeEventListener === 'function'
  )
}
