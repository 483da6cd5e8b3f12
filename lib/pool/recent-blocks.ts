/** The transactions of the last blocks, which come back where a reorganisation takes the blocks away. */

import type { BlockResult } from '../engine/block-result.js'
import type { BlockReference } from '../state/block-reference.js'
import type { PooledTransaction } from './pooled-transaction.js'

/** How far back a reorganisation brings transactions back. */
const depth = 64
/** How many bytes of blobs are kept for that. */
const mostBytes = 64 << 20

/** A block and what it took out of the pool. */
interface RecentBlock extends BlockReference {
  readonly encodings: readonly Uint8Array[]
  readonly taken: readonly PooledTransaction[]
}

/** A transaction that comes back. */
export interface ReturningTransaction {
  readonly encoded: Uint8Array
  /** As the pool had it, where it did. */
  readonly pooled: PooledTransaction | undefined
}

/** The last blocks, the newest last. */
export class RecentBlocks {
  #blocks: RecentBlock[] = []

  /** Takes note of a block. */
  add({ number, hash, block }: BlockResult, taken: readonly PooledTransaction[]): void {
    const { encodings } = block.transactions
    this.#blocks.push({ number, hash, encodings: encodings.toArray(), taken })
    if (this.#blocks.length > depth) this.#blocks.shift()
    let bytes = 0
    for (let i = this.#blocks.length - 1; i >= 0; i--) {
      for (const { sidecar } of this.#blocks[i].taken) bytes += sidecar?.length ?? 0
      if (bytes <= mostBytes) continue
      this.#blocks.splice(0, i + 1)
      break
    }
  }

  /** Takes the blocks behind a block away, and gives their transactions in their order. */
  takeBehind({ number }: BlockReference): ReturningTransaction[] {
    const gone = this.#blocks.filter((block) => block.number > number)
    this.#blocks = this.#blocks.filter((block) => block.number <= number)
    return gone.flatMap(({ encodings, taken }) => {
      const known = new Map(taken.map((transaction) => [keyOf(transaction.encoded), transaction]))
      return encodings.map((encoded) => ({ encoded, pooled: known.get(keyOf(encoded)) }))
    })
  }
}

function keyOf(encoded: Uint8Array): string {
  return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length).toString('latin1')
}
