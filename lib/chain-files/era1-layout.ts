/** What `era1` files are made of: the entries of e2store, and the accumulator of the blocks' hashes. */

import { createHash } from 'node:crypto'

/** Types of entries. */
export const EraEntry = {
  Header: 0x03,
  Body: 0x04,
  Receipts: 0x05,
  TotalDifficulty: 0x06,
  Accumulator: 0x07,
  Version: 0x3265,
  BlockIndex: 0x3266,
} as const

/** An entry begins with its type, the size of its data and two zero bytes. */
export const entryHeaderSize = 8

/** Most blocks in a file. */
export const blocksPerEra = 8192

/** The entry that each file begins with. */
export const versionEntry: Buffer = Buffer.from([0x65, 0x32, 0, 0, 0, 0, 0, 0])

/** The accumulator over the headers of an era: the SSZ root of a list of hashes and total difficulties. */
export class EraAccumulator {
  readonly #leaves: Buffer[] = []

  /** @param totalDifficulty 32 bytes, little-endian */
  add(hash: Uint8Array, totalDifficulty: Uint8Array): void {
    this.#leaves.push(sha256(hash, totalDifficulty))
  }

  get root(): Buffer {
    let level = this.#leaves
    let empty: Buffer = Buffer.alloc(32)
    for (let width = blocksPerEra; width > 1; width /= 2) {
      const above: Buffer[] = []
      for (let i = 0; i < level.length; i += 2) above.push(sha256(level[i], level[i + 1] ?? empty))
      empty = sha256(empty, empty)
      level = above
    }
    const count = Buffer.alloc(32)
    count.writeUInt32LE(this.#leaves.length)
    return sha256(level[0] ?? empty, count)
  }
}

function sha256(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(left).update(right).digest()
}
