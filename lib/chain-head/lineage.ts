/** What a chain remembers of its past. */

import type { BlockHeader } from '../block/index.js'
import { visibleBlockHashes } from '../block/input-context.js'
import { type BlockHashes, blockHashWindow, ommerAncestors } from '../chain/index.js'
import { emptyOmmersHash } from '../empty-hashes.js'
import type { Hex } from '../hex/index.js'
import type { BlockReference, StateChanges } from '../state/block-reference.js'
import type { Ancestor } from '../validation/index.js'

/** A block of the chain. */
export interface KnownBlock {
  readonly header: BlockHeader
  /** The headers of its ommers; undefined where they are not known. */
  readonly ommers: readonly BlockHeader[] | undefined
  /** What brings the state over the block once more; undefined for blocks that others imported. */
  readonly changes: StateChanges | undefined
}

/** Where a lineage begins. */
export interface LineageStart {
  readonly head: BlockReference
  readonly header: BlockHeader | undefined
  /** From the head on, newest first. */
  readonly ancestors: readonly Ancestor[] | undefined
  readonly blockHashes: BlockHashes | undefined
}

/**
 * The head of a chain and the blocks before it: as many headers as the rules for ommers and the undoing of
 * commits need, and the hashes that BLOCKHASH may ask for, from every block that one can go back to.
 */
export class Lineage {
  #head: BlockReference
  /** Up to the head, oldest first. Empty where its header is not known. */
  #blocks: KnownBlock[] = []
  readonly #hashes = new Map<bigint, Hex>()
  /** What leads to the head, until it comes. */
  #learned: KnownBlock[] = []

  constructor({ head, header, ancestors, blockHashes }: LineageStart) {
    this.#head = referenceTo(head)
    for (const { number, hash } of visibleBlockHashes(blockHashes, head.number + 1n, undefined)) {
      this.#hashes.set(number, hash as Hex)
    }
    this.#hashes.set(head.number, head.hash)
    const known = ancestors?.map((block) => ({ ...block, changes: undefined })).reverse()
    this.#blocks = known ?? (header === undefined ? [] : [firstBlock(header)])
    for (const block of this.#blocks) this.#noteHashes(block.header)
  }

  get head(): BlockReference {
    return this.#head
  }

  get header(): BlockHeader | undefined {
    return this.#blocks.at(-1)?.header
  }

  /** The hashes of the blocks up to the head, as far as they are known. */
  get hashes(): ReadonlyMap<bigint, Hex> {
    return this.#hashes
  }

  /** The blocks whose ommers are known, from the head on, newest first. */
  get ancestors(): readonly Ancestor[] {
    const ancestors: Ancestor[] = []
    for (let i = this.#blocks.length - 1; i >= 0 && ancestors.length < ommerAncestors; i--) {
      const { header, ommers } = this.#blocks[i]
      if (ommers === undefined) break
      ancestors.push({ header, ommers })
    }
    return ancestors
  }

  /** Whether a block is the head or one of those before it, as far as they are known. */
  has({ number, hash }: BlockReference): boolean {
    return number <= this.#head.number && this.#hashes.get(number) === hash
  }

  /** Whether a block may be one of those before the head: another one with its number is not known. */
  isPossible({ number, hash }: BlockReference): boolean {
    return (this.#hashes.get(number) ?? hash) === hash
  }

  /** The header of the head or of a block before it, where it is known. */
  headerAt({ number }: BlockReference): BlockHeader | undefined {
    return this.#blocks.at(-1 - Number(this.#head.number - number))?.header
  }

  /** The blocks after one, oldest first; undefined where they are not all known. */
  after({ number }: BlockReference): readonly KnownBlock[] | undefined {
    const count = Number(this.#head.number - number)
    return count > this.#blocks.length ? undefined : this.#blocks.slice(this.#blocks.length - count)
  }

  /**
   * Adds the block that follows the head.
   *
   * @param undoable how many blocks, this one included, one can go back
   */
  add(block: KnownBlock, undoable: number): void {
    this.#head = referenceTo(block.header)
    this.#blocks.push(block)
    this.#noteHashes(block.header)
    this.#blocks.splice(0, this.#blocks.length - undoable - ommerAncestors)
    // Results are large, headers are not.
    const bare = this.#blocks.length - undoable - 1
    if (bare >= 0) this.#blocks[bare] = { ...this.#blocks[bare], changes: undefined }
    const oldest = this.#head.number - BigInt(blockHashWindow + undoable)
    for (const number of this.#hashes.keys()) {
      // Older ones come first, but for those that were given.
      if (number >= oldest) break
      this.#hashes.delete(number)
    }
  }

  /** Takes in a block up to the head, whose header is not known; from the oldest on. */
  learn(block: KnownBlock): void {
    const { number, parentHash, hash } = block.header
    if (this.#learned.at(-1)?.header.hash !== parentHash) this.#learned = []
    this.#learned.push(block)
    if (this.#learned.length > blockHashWindow) this.#learned.shift()
    if (number !== this.#head.number || hash !== this.#head.hash) return
    for (const { header } of this.#learned) this.#noteHashes(header)
    this.#blocks = this.#learned.slice(-ommerAncestors)
    this.#learned = []
  }

  /** Makes a block before the head the head. */
  cut(to: BlockReference): void {
    const kept = this.#blocks.length - Number(this.#head.number - to.number)
    this.#blocks.length = Math.max(kept, 0)
    for (const number of this.#hashes.keys()) if (number > to.number) this.#hashes.delete(number)
    this.#head = referenceTo(to)
    this.#hashes.set(to.number, to.hash)
  }

  #noteHashes({ number, hash, parentHash }: BlockHeader): void {
    if (number > 0n) this.#hashes.set(number - 1n, parentHash)
    this.#hashes.set(number, hash)
  }
}

/** A block whose ommers are known only where it has none. */
function firstBlock(header: BlockHeader): KnownBlock {
  const ommers = header.ommersHash === emptyOmmersHash ? [] : undefined
  return { header, ommers, changes: undefined }
}

function referenceTo({ number, hash }: BlockReference): BlockReference {
  return { number, hash }
}
