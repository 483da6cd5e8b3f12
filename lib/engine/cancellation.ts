/** Executions that an AbortSignal, or the time, can end. */

import { demand } from '../arguments.js'
import { errorFor, shownValue } from '../errors.js'
import type { CancellableExecution, NativeStateView } from '../native/addon.js'
import type { NativeEngine } from '../native/load.js'
import { onAbort } from '../on-abort.js'

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

/** What timers count in: a longer time would be over at once. */
const longestTimeout = 2 ** 31 - 1

/** Throws `OPTION_INVALID` for what is no time in milliseconds. */
export function checkTimeout(timeout: number | undefined): void {
  if (timeout === undefined) return
  const isTime = typeof timeout === 'number' && timeout > 0 && timeout <= longestTimeout
  demand(isTime, 'timeout', `milliseconds, above 0 and at most ${longestTimeout}`, timeout)
}

/** Signals that were aborted because the time was up. */
const timedOut = new WeakSet<AbortSignal>()

/**
 * Gives `execute` a signal that aborts when the given one does, or after so many milliseconds: what it
 * rejects with then has the code `TIMEOUT`.
 */
export async function within<Value>(
  timeout: number | undefined,
  signal: AbortSignal | undefined,
  execute: (signal: AbortSignal | undefined) => Promise<Value>,
): Promise<Value> {
  if (timeout === undefined) return execute(signal)
  const aborter = new AbortController()
  if (signal?.aborted) aborter.abort(signal.reason)
  const forget = signal && onAbort(signal, () => aborter.abort(signal.reason))
  const timer = setTimeout(() => {
    timedOut.add(aborter.signal)
    aborter.abort(errorFor('TIMEOUT', { field: 'timeout', expected: `at most ${timeout} ms` }))
  }, timeout)
  try {
    return await execute(aborter.signal)
  } finally {
    clearTimeout(timer)
    forget?.()
  }
}

/**
 * Runs a packed block off the JavaScript thread. From an abort before the output is here on, it
 * rejects with `CANCELLED` and the signal's reason as `cause`: at once where the block has not begun,
 * else as soon as the engine has stopped.
 */
export async function executeNative(
  native: NativeEngine,
  state: NativeStateView,
  input: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (signal === undefined) return native.execute(state, input)
  // What packed the input may have run code of others.
  if (signal.aborted) throw cancelled(signal)
  return untilEnded(native.executeCancellable(state, input), signal)
}

/** What an execution gives, as {@link executeNative} does, where it has begun. */
export async function untilEnded<Output>(
  { output, cancel }: CancellableExecution<Output>,
  signal: AbortSignal,
): Promise<Output> {
  const forget = onAbort(signal, cancel)
  return output.finally(() => {
    forget()
    // However the block ended: the abort came first.
    if (signal.aborted) throw cancelled(signal)
  })
}

/** What a promise gives; from an abort before that on, rejects with `CANCELLED`. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(cancelled(signal)))
    // Settling a second time does nothing, so that a late failure is nobody's.
    promise.then(resolve, reject).finally(forget)
    if (signal.aborted) reject(cancelled(signal))
  })
}

function cancelled(signal: AbortSignal): Error {
  if (timedOut.has(signal)) return signal.reason
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
