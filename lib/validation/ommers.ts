/** The rules for ommers (Yellow Paper, section 11.1). */

import { demand } from '../arguments.js'
import { BlockHeader, type DecodedBlock } from '../block/index.js'
import { maxOmmers, ommerAncestors } from '../chain/index.js'
import { type BraidError, errorFor } from '../errors.js'
import { checkHeader } from './header.js'
import type { ChainRules } from './rules.js'

/** A block that another one descends from. */
export interface Ancestor {
  /** The block's header. */
  readonly header: BlockHeader
  /** The headers of its ommers. */
  readonly ommers: readonly BlockHeader[]
}

/** Throws `OPTION_INVALID` where ancestors that a caller gave are no list of blocks. */
export function checkAncestors(ancestors: readonly Ancestor[]): void {
  demand(Array.isArray(ancestors), 'ancestors', 'an array', ancestors)
  ancestors.forEach((ancestor: Partial<Ancestor> | undefined, index) => {
    const { header, ommers } = ancestor ?? {}
    const isBlock =
      header instanceof BlockHeader &&
      Array.isArray(ommers) &&
      ommers.every((ommer) => ommer instanceof BlockHeader)
    demand(isBlock, `ancestors[${index}]`, 'a header and the headers of ommers', ancestor)
  })
}

/**
 * Checks a block's ommers. Its header has been checked: it has none from Paris on.
 *
 * @param ancestors from the parent on, newest first
 */
export function checkOmmers(
  block: DecodedBlock,
  ancestors: readonly Ancestor[],
  rules: ChainRules,
): void {
  const { header, ommers } = block
  if (block.missingOmmers > 0) throw missingOmmers(block)
  if (ommers.length === 0) return
  if (ommers.length > maxOmmers) {
    throw errorFor('BLOCK_OMMER_INVALID', {
      field: 'ommers',
      expected: maxOmmers,
      actual: ommers.length,
    })
  }
  const visible = visibleOf(header, ancestors)
  const lineage = new Map(visible.map((ancestor) => [ancestor.header.hash, ancestor.header]))
  const included = new Set(visible.flatMap((ancestor) => ancestor.ommers.map(({ hash }) => hash)))
  ommers.forEach((ommer, index) => {
    const field = `ommers[${index}]`
    const { hash, parentHash } = ommer
    if (included.has(hash)) throw errorFor('BLOCK_OMMER_REPEATED', { field, actual: hash })
    if (lineage.has(hash)) throw errorFor('BLOCK_OMMER_IS_ANCESTOR', { field, actual: hash })
    included.add(hash)
    const parent = lineage.get(parentHash)
    if (parent === undefined || parentHash === header.parentHash) {
      throw errorFor('BLOCK_OMMER_INVALID', {
        field: `${field}.parentHash`,
        expected: 'one of the ancestors before the parent',
        actual: parentHash,
      })
    }
    checkHeader(ommer, parent, rules, `${field}.`)
  })
}

/** The error for a block that names ommers by hash alone. */
export function missingOmmers({ missingOmmers }: DecodedBlock): BraidError {
  return errorFor('DECODE_OMMERS_MISSING', {
    field: 'uncles',
    expected: 'headers, as eth_getUncleByBlockNumberAndIndex gives them',
    actual: `${missingOmmers} hashes`,
  })
}

/** The ancestors that the rules look at, which must be given. */
function visibleOf(header: BlockHeader, ancestors: readonly Ancestor[]): readonly Ancestor[] {
  const visible = ancestors.slice(0, ommerAncestors)
  const needed = header.number < ommerAncestors ? Number(header.number) : ommerAncestors
  if (visible.length < needed) {
    throw errorFor('OPTION_INVALID', {
      field: 'ancestors',
      expected: `${needed} blocks`,
      actual: visible.length,
    })
  }
  let expected = header.parentHash
  visible.forEach((ancestor, index) => {
    const { hash, parentHash } = ancestor.header
    if (hash !== expected) {
      throw errorFor('OPTION_INVALID', { field: `ancestors[${index}]`, expected, actual: hash })
    }
    expected = parentHash
  })
  return visible
}
