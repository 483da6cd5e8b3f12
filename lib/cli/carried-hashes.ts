/** Hashes of blocks that later blocks of the same command may ask for. */

import type { BlockHeader } from '../block/index.js'
import { visibleBlockHashes } from '../block/input-context.js'
import type { BlockHashes } from '../chain/index.js'

/** Carries the hashes of a chain's blocks over to those that follow. */
export class CarriedHashes {
  #last: string | undefined
  #hashes = new Map<bigint, string>()

  /**
   * Takes the next block. Returns the hashes that it can see: of the blocks before it, as long as each
   * has followed the one before, and the given ones.
   */
  take({ number, hash, parentHash }: BlockHeader, given: BlockHashes | undefined): BlockHashes {
    if (parentHash !== this.#last) this.#hashes.clear()
    for (const known of visibleBlockHashes(given, number, undefined)) {
      this.#hashes.set(known.number, known.hash)
    }
    if (number > 0n) this.#hashes.set(number - 1n, parentHash)
    const visible = new Map(this.#hashes)
    this.#last = hash
    this.#hashes.set(number, hash)
    return visible
  }
}
