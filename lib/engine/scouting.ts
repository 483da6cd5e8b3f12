/** Runs of parts of a block, to see what they read. */

import { BlockFlag, BlockInput, Transaction } from '../native/wire.js'
import type { SourceAccess } from '../state/source-state.js'
import { type Execute, records } from './missing-keys.js'

/** Transactions of a block: from the one to before the other. */
interface Part {
  readonly from: number
  readonly to: number
}

/** How many parts a block is run in at first. */
const firstParts = 8

/**
 * Runs a block in parts on the state before it, until none of them misses anything. A part that does is
 * run again in two halves, so that in the end the few transactions that follow long chains of slots are
 * run alone, again and again, and not all others with them.
 *
 * What a transaction reads may depend on those before it: the block still has to be run as a whole.
 *
 * @param input packed, its transactions not depending on each other's nonces and balances
 */
export async function scout(
  input: Uint8Array,
  state: SourceAccess,
  execute: Execute,
): Promise<void> {
  const block = new PartedBlock(input)
  let parts = block.divide(firstParts)
  while (parts.length > 0) {
    const runs = parts.map(async (part, index) => {
      const view = state.view()
      await execute(view, block.inputOf(part, index))
      return [...records(view.takeMissing())]
    })
    const missing = await Promise.all(runs)
    parts = parts.filter((_, index) => missing[index].length > 0).flatMap(halves)
    const keys = new Map(missing.flat())
    if (keys.size > 0 && !(await state.load([], [...keys.values()]))) return
  }
}

function halves({ from, to }: Part): Part[] {
  if (to - from === 1) return [{ from, to }]
  const middle = (from + to) >> 1
  return [
    { from, to: middle },
    { from: middle, to },
  ]
}

/** A packed block of which parts are executed, each with a header of its own in front of all the rest. */
class PartedBlock {
  readonly #input: DataView
  readonly #count: number
  /** Headers, one after the other, then everything of the block. */
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(input: Uint8Array) {
    this.#input = new DataView(input.buffer, input.byteOffset, input.byteLength)
    this.#count = this.#input.getUint32(BlockInput.transactions + 4, true)
    const headers = BlockInput.SIZE * this.#count
    this.#bytes = new Uint8Array(headers + input.length)
    this.#bytes.set(input, headers)
    this.#view = new DataView(this.#bytes.buffer)
    // Places in the block, which are others in a part; and a part is run in order anyway.
    const first = headers + this.#input.getUint32(BlockInput.transactions, true)
    for (let i = 0; i < this.#count; i++) {
      this.#view.setUint32(first + i * Transaction.SIZE + Transaction.predecessor, 0, true)
    }
  }

  /** The whole block in so many parts. */
  divide(parts: number): Part[] {
    const size = Math.max(1, Math.ceil(this.#count / parts))
    return Array.from({ length: Math.ceil(this.#count / size) }, (_, i) => ({
      from: i * size,
      to: Math.min(this.#count, (i + 1) * size),
    }))
  }

  /** A part as the input of an execution; each of those that are executed at a time has an index. */
  inputOf({ from, to }: Part, index: number): Uint8Array {
    const start = BlockInput.SIZE * index
    const headers = BlockInput.SIZE * this.#count
    this.#bytes.copyWithin(start, headers, headers + BlockInput.SIZE)
    // What follows the header lies further away from it than in the block.
    const distance = headers - start
    for (const section of sections) {
      const offset = this.#input.getUint32(section, true)
      this.#view.setUint32(start + section, offset + distance, true)
    }
    const first = this.#input.getUint32(BlockInput.transactions, true)
    const at = start + BlockInput.transactions
    this.#view.setUint32(at, first + distance + from * Transaction.SIZE, true)
    this.#view.setUint32(at + 4, to - from, true)
    this.#view.setUint32(start + BlockInput.prefetchKeys + 4, 0, true)
    const flags = this.#input.getUint32(BlockInput.flags, true)
    this.#view.setUint32(start + BlockInput.flags, flags & ~BlockFlag.AlwaysRunAhead, true)
    this.#view.setUint32(start + BlockInput.workers, 1, true)
    return this.#bytes.subarray(start)
  }
}

/** The fields of a header that say where in the block something lies. */
const sections: readonly number[] = [
  BlockInput.transactions,
  BlockInput.ommers,
  BlockInput.withdrawals,
  BlockInput.blockHashes,
  BlockInput.systemCalls,
  BlockInput.drains,
  BlockInput.accessEntries,
  BlockInput.storageKeys,
  BlockInput.blobHashes,
  BlockInput.authorizations,
  BlockInput.prefetchKeys,
  BlockInput.pool,
]
