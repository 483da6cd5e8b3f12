/** What is known, or guessed, of what an execution will read before it begins. */

import type { Hex } from '../hex/index.js'
import type { Fact } from './facts.js'
import type { SourceRequest, StateSource } from './state-source.js'

/** What a source tells before an execution. */
export interface Seeds {
  /** What is so in the state that the source is of. */
  readonly facts: readonly Fact[]
  /** What will most likely be read. */
  readonly keys: readonly SeedKey[]
}

/** An account, or a slot of it. */
export interface SeedKey {
  readonly address: Hex
  readonly slot?: Hex
}

/** Nothing is known. */
export const noSeeds: Seeds = { facts: [], keys: [] }

/** A source that wants to know what is to be executed. */
export interface SeedingSource extends StateSource {
  /**
   * Told what is to be executed before it is: facts are learnt where they are not known yet, and keys
   * are asked for with the first that are missing.
   *
   * @param input packed
   */
  seed?(input: Uint8Array, request: SourceRequest): Promise<Seeds>
}
