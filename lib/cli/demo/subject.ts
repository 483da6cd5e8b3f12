/** What the demo executes. */

import type { MemoryState } from '../../state/memory-state.js'
import type { StateTrie } from '../../trie/state-trie.js'

/** A block to be executed, and the state before it. */
export interface Subject {
  readonly name: string
  /** RLP. */
  readonly block: Uint8Array
  readonly options: {
    readonly state: MemoryState
    readonly blockHashes?: Readonly<Record<string, string>>
    readonly forgiveMissingSystemContracts?: boolean
  }
  /** The whole state's trie, where the state is whole: the root after the block is compared too. */
  readonly trie?: StateTrie
}
