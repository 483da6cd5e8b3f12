/** The state roots that receipts hold before Byzantium. */

import { hexToBytes } from '../arguments.js'
import type { NativeEngine } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { BlockFlag, BlockInput, Transaction } from '../native/wire.js'
import type { MemoryState } from '../state/memory-state.js'
import { StateTrie } from '../trie/state-trie.js'
import { executionError } from './execution-error.js'

/**
 * The root of the state after each transaction of a block (Yellow Paper of Homestead, section
 * 4.4.1), without the rewards that come after the last. The transactions run once more for it, one
 * at a time, on a copy of the state.
 *
 * @param input the packed block, which is left as it is
 * @param before the state before the block, which is left as it is
 */
export function transactionRoots(
  native: NativeEngine,
  input: Uint8Array,
  before: MemoryState,
): Uint8Array[] {
  const count = new PackedReader(input).sectionCount(BlockInput.transactions)
  const state = before.clone()
  const trie = new StateTrie(before)
  return Array.from({ length: count }, (_, index) => {
    const packed = native.executeSync(state.native, singleTransaction(input, index))
    const error = executionError(new PackedReader(packed))
    if (error !== undefined) throw error
    state.commit({ packed })
    trie.update({ packed })
    return hexToBytes(trie.root, 32, 'stateRoot')
  })
}

/**
 * A packed block with one transaction of the given block. What happens before a block's
 * transactions happens before the first.
 */
function singleTransaction(input: Uint8Array, index: number): Uint8Array {
  const part = input.slice()
  const view = new DataView(part.buffer)
  const { transactions, prefetchKeys, drains, flags, workers } = BlockInput
  const at = view.getUint32(transactions, true) + index * Transaction.SIZE
  view.setUint32(transactions, at, true)
  view.setUint32(transactions + 4, 1, true)
  // What the scheduling policy planned is about the whole block.
  view.setUint32(at + Transaction.predecessor, 0, true)
  view.setUint32(prefetchKeys + 4, 0, true)
  if (index > 0) view.setUint32(drains + 4, 0, true)
  view.setUint32(flags, view.getUint32(flags, true) | BlockFlag.NoRewards, true)
  view.setUint32(workers, 1, true)
  return part
}
