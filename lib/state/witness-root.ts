/** The state root after a block that was executed on a witness. */

import type { ErrorDetails } from '../error-details.js'
import { BraidError, errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { PackedReader } from '../native/packed-reader.js'
import { StateDiff } from '../output/state-diff.js'
import type { StateTrie } from '../trie/state-trie.js'
import type { StateChanges } from './block-reference.js'

/**
 * The root after what an execution changed; the trie stays as it is. Where a node is missing or
 * malformed, the error names the account or the slot that it was needed for, if it lies on the way to
 * one. Others are needed where a removal moves a neighbour up.
 */
export function witnessRootAfter(trie: StateTrie, result: StateChanges): Hex {
  try {
    return trie.rootAfter(result)
  } catch (cause) {
    if (!(cause instanceof BraidError)) throw cause
    const place = placeOf(trie, result, cause.details.hash)
    throw errorFor(cause.code, { ...cause.details, ...place }, { cause })
  }
}

/** The first changed account or slot that cannot be reached for want of a node. */
function placeOf(
  trie: StateTrie,
  { packed }: StateChanges,
  hash: string | undefined,
): ErrorDetails {
  const needsIt = (read: () => unknown): boolean => {
    try {
      read()
      return false
    } catch (error) {
      return error instanceof BraidError && error.details.hash === hash
    }
  }
  for (const { address, slots } of new StateDiff(new PackedReader(packed))) {
    if (needsIt(() => trie.getAccount(address))) return { address }
    for (const { slot } of slots) {
      if (needsIt(() => trie.getStorage(address, slot))) {
        return { address, field: `storage[${slot}]` }
      }
    }
  }
  return {}
}
