/** The next blocks of a chain, for the threads that have nothing better to do. */

import type { NativeEngine, NativeWindow } from '../native/load.js'
import type { WorkerPool } from '../schedule/policy.js'
import type { State } from '../state/state.js'
import type { Execute } from './execution-state.js'

/** How many blocks are prepared ahead of the one that executes, where nothing else is said. */
export const usualAhead = 2

/** The most blocks that may be. */
export const mostAhead = 64

/** A block of a window. */
export interface UpcomingBlock {
  /** Executes it off the JavaScript thread, on a state. */
  readonly execute: Execute
}

/**
 * Tells the addon of the blocks to come, where that is of use: with a thread beside the one that
 * executes, on a state that is there whole.
 */
export class BlockWindow {
  readonly #native: NativeEngine
  readonly #isOfUse: () => boolean
  #window: NativeWindow | undefined
  #isClosed = false

  constructor(native: NativeEngine, { size }: WorkerPool, state: State, ahead: number) {
    this.#native = native
    this.#isOfUse = () => ahead > 0 && size > 1 && state.access().kind === 'whole'
  }

  /** Takes in the next block; undefined where it is executed like any other. */
  add(input: Uint8Array): UpcomingBlock | undefined {
    if (this.#isClosed || (this.#window === undefined && !this.#isOfUse())) return undefined
    this.#window ??= this.#native.window()
    const window = this.#window
    const block = window.add(input)
    return { execute: (view) => window.execute(block, view) }
  }

  /** Ends what is done for blocks to come. */
  close(): void {
    this.#isClosed = true
    this.#window?.close()
  }
}
