/** What an execution does with a state that has a source. */

import type { Hex } from '../hex/index.js'
import type { NativePartialView } from '../native/addon.js'

/**
 * What an execution does with a `SourceState`.
 * @internal
 */
export interface SourceAccess {
  /** Tells the source what is to be executed; gives the keys that are to be asked for with others. */
  seed(input: Uint8Array): Promise<readonly Uint8Array[]>
  /** A look at what is known now. */
  view(): NativePartialView
  /**
   * Asks the source for what MissingKey records name: for what a run needed, and with it for what
   * it might need further on. Throws what the source failed with only where the run cannot get any
   * further without it: what runs ask for on guesses may be nowhere.
   *
   * @returns whether anything was learnt
   */
  load(needed: readonly Uint8Array[], further: readonly Uint8Array[]): Promise<boolean>
  /** The hash of an ancestor, where the source gives it. */
  blockHash(number: bigint): Promise<Hex | undefined>
}
