/** The states that blocks are executed on, whichever kind they are. */

import { demand } from '../arguments.js'
import type { NativeStateView } from '../native/addon.js'
import { type NativeEngine, NativeState } from '../native/load.js'
import { MemoryState } from '../state/memory-state.js'
import { SourceState } from '../state/source-state.js'
import { WitnessState } from '../state/witness-state.js'
import type { StateTrie } from '../trie/state-trie.js'
import { executeNative, within } from './cancellation.js'
import { executeOnSource } from './source-execution.js'
import { inOrder, strictOutput } from './strict-execution.js'

/** What ends an execution early. */
export interface ExecutionLimits {
  readonly signal?: AbortSignal
  /** In milliseconds. */
  readonly timeout?: number
}

/** Runs a packed block off the JavaScript thread; where the state has a source, in rounds. */
export async function executeOn(
  native: NativeEngine,
  state: MemoryState | SourceState,
  input: Uint8Array,
  { signal, timeout }: ExecutionLimits = {},
): Promise<Uint8Array> {
  return within(timeout, signal, (ending) => {
    const execute = (view: NativeStateView, packed: Uint8Array) =>
      executeNative(native, view, packed, ending)
    if (state instanceof SourceState) return executeOnSource(state, input, execute, ending)
    const view = stateOf(state).strictView()
    if (view === undefined) return execute(stateOf(state).native, input)
    return execute(view, inOrder(input)).then((output) => strictOutput(view, output))
  })
}

/** Runs a packed block on the JavaScript thread. */
export function executeSyncOn(
  native: NativeEngine,
  state: MemoryState,
  input: Uint8Array,
): Uint8Array {
  const view = stateOf(state).strictView()
  if (view === undefined) return native.executeSync(state.native, input)
  return strictOutput(view, native.executeSync(view, inOrder(input)))
}

/** The state as one in memory. Throws `OPTION_INVALID` where it is none. */
export function stateOf(state: MemoryState | SourceState): MemoryState {
  const isState = state instanceof MemoryState && state.native instanceof NativeState
  demand(isState, 'state', 'a MemoryState', state)
  return state as MemoryState
}

/** The trie of a witness as it is now; undefined for other states. */
export function witnessTrieOf(state: MemoryState | SourceState): StateTrie | undefined {
  return state instanceof WitnessState ? state.trie : undefined
}
