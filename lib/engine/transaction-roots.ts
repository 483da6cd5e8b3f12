/** The state roots that receipts hold before Byzantium. */

import { demand, hexToBytes } from '../arguments.js'
import type { NativeEngine } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { BlockFlag, BlockInput, Transaction } from '../native/wire.js'
import type { ReadableState, TransactionFork } from '../state/readable-state.js'
import { executionError } from './execution-error.js'

/**
 * The root of the state after each transaction of a block (Yellow Paper of Homestead, section
 * 4.4.1), without the rewards that come after the last. The transactions run once more for it, one
 * at a time, on a copy of the state.
 *
 * @param input the packed block, which is left as it is
 * @param fork of the state before the block; it moves on
 */
export function transactionRoots(
  native: NativeEngine,
  input: Uint8Array,
  fork: TransactionFork,
): Uint8Array[] {
  const count = new PackedReader(input).sectionCount(BlockInput.transactions)
  return Array.from({ length: count }, (_, index) => {
    const packed = native.executeSync(fork.view(), singleTransaction(input, index))
    const error = executionError(new PackedReader(packed))
    if (error !== undefined) throw error
    return hexToBytes(fork.advance(packed), 32, 'stateRoot')
  })
}

/** Throws `OPTION_INVALID` where a state has no copy that transactions run on one by one. */
export function transactionForkOf(state: ReadableState): TransactionFork {
  const fork = state.transactionFork()
  demand(fork !== undefined, 'state', 'one that gives roots after each transaction', state)
  return fork as TransactionFork
}

/**
 * A packed block with one transaction of the given block. What happens before a block's
 * transactions happens before the first.
 * @internal
 */
export function singleTransaction(input: Uint8Array, index: number): Uint8Array {
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
