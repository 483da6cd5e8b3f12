/** Runs of parts of a block, to see what they read. */

import { align, putSection } from '../native/packed-writer.js'
import {
  AccessEntry,
  Authorization,
  BlockFlag,
  BlockHash,
  BlockInput,
  Transaction,
} from '../native/wire.js'
import type { SourceAccess } from '../state/source-access.js'
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
    const runs = parts.map(async (part) => {
      const view = state.view()
      await execute(view, block.inputOf(part))
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

/** A packed block of which parts are executed. */
class PartedBlock {
  readonly #input: Uint8Array
  readonly #view: DataView
  readonly #count: number
  /** A header, and behind it what every part gets whole. */
  readonly #common: Uint8Array

  constructor(input: Uint8Array) {
    this.#input = input
    this.#view = viewOf(input)
    this.#count = this.#view.getUint32(BlockInput.transactions + 4, true)
    this.#common = this.#makeCommon()
  }

  /** The whole block in so many parts. */
  divide(parts: number): Part[] {
    const size = Math.max(1, Math.ceil(this.#count / parts))
    return Array.from({ length: Math.ceil(this.#count / size) }, (_, i) => ({
      from: i * size,
      to: Math.min(this.#count, (i + 1) * size),
    }))
  }

  /** A part as the input of an execution, with no more of the pool than its transactions have there. */
  inputOf({ from, to }: Part): Uint8Array {
    const first = this.#view.getUint32(BlockInput.transactions, true) + from * Transaction.SIZE
    const records = this.#input.subarray(first, first + (to - from) * Transaction.SIZE)
    const source = viewOf(records)
    let size = 0
    for (let at = 0; at < records.length; at += Transaction.SIZE) {
      for (const field of pooled) size += source.getUint32(at + field + 4, true)
    }
    const start = this.#common.length
    const pool = start + records.length
    const part = new Uint8Array(pool + size)
    part.set(this.#common)
    part.set(records, start)
    const view = viewOf(part)
    putSection(view, BlockInput.transactions, start, to - from)
    putSection(view, BlockInput.pool, pool, size)
    const poolStart = this.#view.getUint32(BlockInput.pool, true)
    let end = 0
    for (let at = 0; at < records.length; at += Transaction.SIZE) {
      // A place in the block, which is another one in the part; and the part is run in order anyway.
      view.setUint32(start + at + Transaction.predecessor, 0, true)
      for (const field of pooled) {
        const from = poolStart + source.getUint32(at + field, true)
        const length = source.getUint32(at + field + 4, true)
        part.set(this.#input.subarray(from, from + length), pool + end)
        view.setUint32(start + at + field, end, true)
        end += length
      }
    }
    return part
  }

  #makeCommon(): Uint8Array {
    let size: number = align(BlockInput.SIZE)
    const places = shared.map(([field, record]) => {
      const place = size
      size = align(size + record * this.#view.getUint32(field + 4, true))
      return place
    })
    const common = new Uint8Array(size)
    common.set(this.#input.subarray(0, BlockInput.SIZE))
    const view = viewOf(common)
    for (const field of absent) putSection(view, field, 0, 0)
    shared.forEach(([field, record], i) => {
      const from = this.#view.getUint32(field, true)
      const count = this.#view.getUint32(field + 4, true)
      common.set(this.#input.subarray(from, from + record * count), places[i])
      putSection(view, field, places[i], count)
    })
    const flags = view.getUint32(BlockInput.flags, true)
    view.setUint32(BlockInput.flags, flags & ~BlockFlag.AlwaysRunAhead, true)
    view.setUint32(BlockInput.workers, 1, true)
    return common
  }
}

/** What transactions have in the pool: fields of an offset that a size follows. */
const pooled: readonly number[] = [Transaction.dataOffset, Transaction.payloadOffset]

/** Sections of which every part has all, and the sizes of their records. */
const shared: readonly (readonly [field: number, record: number])[] = [
  [BlockInput.blockHashes, BlockHash.SIZE],
  [BlockInput.accessEntries, AccessEntry.SIZE],
  [BlockInput.storageKeys, 32],
  [BlockInput.blobHashes, 32],
  [BlockInput.authorizations, Authorization.SIZE],
]

/** Sections of what surrounds the transactions: runs of the whole block see to it. */
const absent: readonly number[] = [
  BlockInput.ommers,
  BlockInput.withdrawals,
  BlockInput.systemCalls,
  BlockInput.drains,
  BlockInput.prefetchKeys,
]

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
