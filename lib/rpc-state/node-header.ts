/** Headers of blocks, as far as they matter to a state. */

import type { Hex } from '../hex/index.js'

/** What a header says that matters here. */
export interface NodeHeader {
  readonly number: bigint
  readonly hash: Hex
  readonly parentHash: Hex
  readonly stateRoot: Hex
}
