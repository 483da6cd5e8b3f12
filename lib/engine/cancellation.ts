/** Executions that an AbortSignal can end. */

import { errorFor, shownValue } from '../errors.js'
import type { NativeStateView } from '../native/addon.js'
import type { NativeEngine } from '../native/load.js'

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
  state: NativeStateView,
  input: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (signal === undefined) return native.execute(state, input)
  // What packed the input may have run code of others.
  if (signal.aborted) throw cancelled(signal)
  const { output, cancel } = native.executeCancellable(state, input)
  const forget = onAbort(signal, cancel)
  return output.finally(() => {
    forget()
    // However the block ended: the abort came first.
    if (signal.aborted) throw cancelled(signal)
  })
}

/** What is to be called when a signal aborts, and the listener that does it. */
interface Watch {
  readonly actions: Set<() => void>
  readonly listener: () => void
}

const watches = new WeakMap<AbortSignal, Watch>()

/**
 * Calls `action` when the signal aborts, until the returned function is called. A signal has one
 * listener however many wait for it: Node warns of a leak where there are more than ten.
 */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  const { actions, listener } = watches.get(signal) ?? watch(signal)
  actions.add(action)
  return () => {
    actions.delete(action)
    if (actions.size > 0) return
    watches.delete(signal)
    signal.removeEventListener('abort', listener)
  }
}

/** What a promise gives; from an abort before that on, rejects with `CANCELLED`. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled(signal))
    const forget = onAbort(signal, () => reject(cancelled(signal)))
    promise.then(resolve, reject).finally(forget)
  })
}

function watch(signal: AbortSignal): Watch {
  const actions = new Set<() => void>()
  const listener = () => {
    for (const action of actions) action()
  }
  const made = { actions, listener }
  watches.set(signal, made)
  signal.addEventListener('abort', listener)
  return made
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
