/** How far a state is to go back. */

import { errorFor } from '../errors.js'
import { type BlockReference, checkReference } from './block-reference.js'

/** A commit that can be undone, by what the state's head was before it. */
interface Undoable {
  readonly head: BlockReference | undefined
}

/**
 * How many of the latest commits are to be undone: one, or those after a block.
 *
 * @throws StateError `STATE_UNAVAILABLE` where there are not so many, or none leads back to the block
 */
export function stepsBack(
  history: readonly Undoable[],
  head: BlockReference | undefined,
  to: BlockReference | undefined,
): number {
  checkReference(to, 'to')
  if (to === undefined) {
    if (history.length === 0) throw errorFor('STATE_UNAVAILABLE', { field: 'history' })
    return 1
  }
  let steps = 0
  for (let at = head; at?.hash !== to.hash || at.number !== to.number; steps++) {
    const record = history.at(-1 - steps)
    if (record === undefined) throw errorFor('STATE_UNAVAILABLE', { field: 'to' })
    at = record.head
  }
  return steps
}
