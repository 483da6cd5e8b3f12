/** What blocks of a chain know of those before them. */

import type { BlockHeader, DecodedBlock } from '../block/index.js'
import { visibleBlockHashes } from '../block/input-context.js'
import { type BlockHashes, blockHashWindow, ommerAncestors } from '../chain/index.js'
import { emptyOmmersHash } from '../empty-hashes.js'
import { errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { type Ancestor, type ChainRules, checkBlock } from '../validation/index.js'

/** What a chain's first block is preceded by. */
export interface ChainStart {
  readonly parent: BlockHeader | undefined
  /** From the parent on, newest first. */
  readonly ancestors: readonly Ancestor[] | undefined
  readonly blockHashes: BlockHashes | undefined
}

/** Checks that blocks follow one another, and remembers the ancestors that the next may ask for. */
export class ChainLink {
  readonly #start: ChainStart
  readonly #rules: ChainRules | undefined
  #parent: BlockHeader | undefined
  #ancestors: readonly Ancestor[]
  #hashes: Map<bigint, Hex> | undefined

  /** @param rules what blocks are validated by; undefined: only that they follow one another */
  constructor(start: ChainStart, rules: ChainRules | undefined) {
    this.#start = start
    this.#rules = rules
    this.#parent = start.parent
    this.#ancestors = start.ancestors ?? knownAncestors(start.parent)
  }

  /** The number that the next block must have, where that is known. */
  get nextNumber(): bigint | undefined {
    return this.#parent && this.#parent.number + 1n
  }

  /**
   * Checks the next block and returns the hashes that it can see, which hold until {@link advance}.
   *
   * @throws OptionsError where the ancestors that the chain starts from are not those of its first block
   * @throws InvalidBlockError `BLOCK_PARENT_MISMATCH`, `BLOCK_NUMBER_INVALID`, or as `validateBlock`
   */
  follow(block: DecodedBlock): BlockHashes {
    const { header } = block
    const parent = this.#parent
    if (parent !== undefined) {
      if (this.#rules !== undefined) checkBlock(block, parent, this.#ancestors, this.#rules)
      else checkSuccession(header, parent)
    }
    this.#hashes ??= this.#firstHashes(header)
    return this.#hashes
  }

  /** Takes a block that was checked for the parent of the next. */
  advance({ header, ommers }: DecodedBlock): void {
    this.#hashes?.set(header.number, header.hash)
    this.#hashes?.delete(header.number - BigInt(blockHashWindow))
    this.#parent = header
    this.#ancestors = [{ header, ommers }, ...this.#ancestors.slice(0, ommerAncestors - 1)]
  }

  /** The hashes that were given, and those that the headers before the first block tell. */
  #firstHashes({ number, parentHash }: BlockHeader): Map<bigint, Hex> {
    const { parent, ancestors, blockHashes } = this.#start
    const given = visibleBlockHashes(blockHashes, number, undefined)
    const hashes = new Map(given.map(({ number: ancestor, hash }) => [ancestor, hash as Hex]))
    const lineage = ancestors?.map(({ header }) => header) ?? (parent === undefined ? [] : [parent])
    const told = [parentHash, ...lineage.map((ancestor) => ancestor.parentHash)]
    lineage.forEach(({ hash: actual }, index) => {
      if (actual === told[index]) return
      throw errorFor('OPTION_INVALID', {
        field: `ancestors[${index}]`,
        expected: told[index],
        actual,
      })
    })
    told.forEach((hash, index) => {
      const ancestor = number - BigInt(index) - 1n
      if (ancestor >= 0n && index < blockHashWindow) hashes.set(ancestor, hash)
    })
    return hashes
  }
}

/** A parent whose ommers are known to be none. */
function knownAncestors(parent: BlockHeader | undefined): Ancestor[] {
  return parent?.ommersHash === emptyOmmersHash ? [{ header: parent, ommers: [] }] : []
}

/** Throws `BLOCK_PARENT_MISMATCH` or `BLOCK_NUMBER_INVALID` where a block does not follow another. */
export function checkSuccession(header: BlockHeader, parent: BlockHeader): void {
  if (header.parentHash !== parent.hash) {
    const details = { field: 'parentHash', expected: parent.hash, actual: header.parentHash }
    throw errorFor('BLOCK_PARENT_MISMATCH', details)
  }
  const expected = parent.number + 1n
  if (header.number !== expected) {
    const details = { field: 'number', expected, actual: header.number }
    throw errorFor('BLOCK_NUMBER_INVALID', details)
  }
}
