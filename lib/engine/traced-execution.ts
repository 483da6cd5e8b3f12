/** Execution of traced blocks, on states however they are kept. */

import type { NativeEngine } from '../native/load.js'
import type { ReadableState } from '../state/readable-state.js'
import type { SourceAccess } from '../state/source-access.js'
import { executeNative, within } from './cancellation.js'
import type { ExecutionLimits } from './execution-state.js'
import { records } from './missing-keys.js'
import { executeOnSource } from './source-execution.js'
import { inOrder, strictOutput } from './strict-execution.js'

/** Makes of a packed block one that is traced. */
export type Tracing = (input: Uint8Array) => Uint8Array

/**
 * Runs a packed block off the JavaScript thread and traces it. Where the state has a source, it is run
 * without first, for what it needs to be loaded in few rounds: a traced block cannot be parked.
 */
export async function executeTraced(
  native: NativeEngine,
  state: ReadableState,
  input: Uint8Array,
  trace: Tracing,
  { signal, timeout }: ExecutionLimits,
): Promise<Uint8Array> {
  return within(timeout, signal, async (ending) => {
    const access = state.access()
    switch (access.kind) {
      case 'whole':
        return executeNative(native, access.view, trace(input), ending)
      case 'strict': {
        const output = await executeNative(native, access.view, inOrder(trace(input)), ending)
        return strictOutput(access.view, output)
      }
      default: {
        const prepare = (packed: Uint8Array) => native.resumable(packed)
        const whenKnown = (source: SourceAccess, known: Uint8Array) =>
          traceKnown(native, source, inOrder(trace(known)), ending)
        return executeOnSource(access, input, prepare, ending, whenKnown)
      }
    }
  })
}

/** Runs a traced block on what is known, until that is all it looks up: tracers look at more than is executed on. */
async function traceKnown(
  native: NativeEngine,
  source: SourceAccess,
  traced: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  for (;;) {
    const view = source.view()
    let missing: Uint8Array[] = []
    const output = await executeNative(native, view, traced, signal).finally(() => {
      missing = Array.from(records(view.takeMissing()), ([, record]) => record)
    })
    if (missing.length === 0) return output
    await source.load(missing, [])
  }
}
