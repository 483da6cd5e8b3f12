/** Execution on states, however they are kept. */

import { demand } from '../arguments.js'
import type { CancellableExecution, NativeStateView } from '../native/addon.js'
import type { NativeEngine } from '../native/load.js'
import { checkState, type ReadableState } from '../state/readable-state.js'
import { executeNative, untilEnded, within } from './cancellation.js'
import { executeOnSource } from './source-execution.js'
import { inOrder, strictOutput } from './strict-execution.js'

/** What ends an execution early. */
export interface ExecutionLimits {
  readonly signal?: AbortSignal
  /** In milliseconds. */
  readonly timeout?: number
}

/** Begins an execution on a state that is there whole. */
export type Execute = (view: NativeStateView) => CancellableExecution

/**
 * Runs a packed block off the JavaScript thread; where the state has a source, in pieces.
 *
 * @param prepared what executes it, where that is prepared and the state is whole
 */
export async function executeOn(
  native: NativeEngine,
  state: ReadableState,
  input: Uint8Array,
  { signal, timeout }: ExecutionLimits = {},
  prepared?: Execute,
): Promise<Uint8Array> {
  checkState(state)
  return within(timeout, signal, (ending) => {
    const execute = (view: NativeStateView, packed: Uint8Array) =>
      executeNative(native, view, packed, ending)
    const access = state.access()
    switch (access.kind) {
      case 'whole':
        if (prepared !== undefined && ending !== undefined && !ending.aborted) {
          return untilEnded(prepared(access.view), ending)
        }
        return execute(access.view, input)
      case 'strict':
        return execute(access.view, inOrder(input)).then((output) =>
          strictOutput(access.view, output),
        )
      default:
        return executeOnSource(access, input, (packed) => native.resumable(packed), ending)
    }
  })
}

/** Runs a packed block on the JavaScript thread. */
export function executeSyncOn(
  native: NativeEngine,
  state: ReadableState,
  input: Uint8Array,
): Uint8Array {
  checkState(state)
  const access = state.access()
  demand(access.kind !== 'source', 'state', 'one without a source that would be waited for', state)
  if (access.kind === 'whole') return native.executeSync(access.view, input)
  return strictOutput(access.view, native.executeSync(access.view, inOrder(input)))
}
