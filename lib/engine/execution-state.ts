/** The states that blocks are executed on, whichever kind they are. */

import { demand } from '../arguments.js'
import { type NativeEngine, NativeState } from '../native/load.js'
import { MemoryState } from '../state/memory-state.js'
import { SourceState } from '../state/source-state.js'
import { WitnessState } from '../state/witness-state.js'
import type { StateTrie } from '../trie/state-trie.js'
import { executeNative } from './cancellation.js'
import { executeOnSource } from './source-execution.js'

/** Runs a packed block off the JavaScript thread; where the state has a source, in rounds. */
export function executeOn(
  native: NativeEngine,
  state: MemoryState | SourceState,
  input: Uint8Array,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (!(state instanceof SourceState)) {
    return executeNative(native, stateOf(state).native, input, signal)
  }
  return executeOnSource(state, input, (view, packed) =>
    executeNative(native, view, packed, signal),
  )
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
