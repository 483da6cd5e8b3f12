/** The comparison of a result with its header, as an error. */

import { differenceError } from '../validation/index.js'
import type { BlockResult } from './block-result.js'

/** Throws `BLOCK_FIELD_MISMATCH` for the first thing in which a block is not what its header says. */
export function throwFirstDifference(result: BlockResult): void {
  const [difference] = result.verify()
  if (difference !== undefined) throw differenceError(difference)
}
