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
 * at a time, on a fork of the state.
 *
 * @param input the packed block, which is left as it is
 * @param fork of the state before the block; it moves on, and is let go of
 */
export async function transactionRoots(
  native: NativeEngine,
  input: Uint8Array,
  fork: TransactionFork,
): Promise<Uint8Array[]> {
  const roots: Uint8Array[] = []
  try {
    for (const packed of outputs(native, input, fork)) {
      roots.push(hexToBytes(await fork.advance(packed), 32, 'stateRoot'))
    }
  } finally {
    await fork.end()
  }
  return roots
}

/** Like {@link transactionRoots}, where roots are known at once: `OPTION_INVALID` where they are not. */
export function transactionRootsSync(
  native: NativeEngine,
  input: Uint8Array,
  fork: TransactionFork,
): Uint8Array[] {
  const roots: Uint8Array[] = []
  for (const packed of outputs(native, input, fork)) {
    const root = fork.advance(packed)
    demand(typeof root === 'string', 'state', 'one that gives roots at once', fork)
    roots.push(hexToBytes(root, 32, 'stateRoot'))
  }
  return roots
}

/** Runs the transactions of a block one by one on a fork that moves on in between. */
function* outputs(
  native: NativeEngine,
  input: Uint8Array,
  fork: TransactionFork,
): Iterable<Uint8Array> {
  const count = new PackedReader(input).sectionCount(BlockInput.transactions)
  for (let index = 0; index < count; index++) {
    const packed = native.executeSync(fork.view(), singleTransaction(input, index))
    const error = executionError(new PackedReader(packed))
    if (error !== undefined) throw error
    yield packed
  }
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
