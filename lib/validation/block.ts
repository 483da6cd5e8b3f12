/** What consensus demands of a block before it is executed. */

import type { Common } from '@ethereumjs/common'
import { checkFlags, checkOptions, demand } from '../arguments.js'
import {
  BlockHeader,
  type BlockSource,
  checkWithdrawalList,
  type DecodedBlock,
  decodeBlock,
} from '../block/index.js'
import type { Ruleset } from '../chain/index.js'
import { errorFor } from '../errors.js'
import { bodyDifferences, differenceError } from './body.js'
import { checkHeader, type ValidateHeaderOptions } from './header.js'
import { type Ancestor, checkAncestors, checkOmmers, missingOmmers } from './ommers.js'
import { type ChainRules, rulesOfChain } from './rules.js'

/** What blocks are validated with. */
export interface ValidateBlockOptions extends ValidateHeaderOptions {
  /** The header of the block's parent. */
  readonly parent: BlockHeader
  /**
   * The blocks before, from the parent on, newest first. Blocks with ommers need seven of them, or
   * all down to the genesis block. Default: none.
   */
  readonly ancestors?: readonly Ancestor[] | undefined
}

/**
 * Checks everything that consensus demands of a block but what only executing it tells: its header
 * against its parent's (see {@link validateHeader}), its body against its header, its size and its
 * ommers. Returns the block as an ancestor of those that follow.
 *
 * @throws BlockDecodeError, InvalidTransactionError where the source is malformed
 * @throws InvalidBlockError for the first broken rule: as `validateHeader` and `validateBlockBody`,
 *   `BLOCK_OMMER_INVALID`, `BLOCK_OMMER_REPEATED`, `BLOCK_OMMER_IS_ANCESTOR`, or the code of an
 *   ommer's header with a field that starts with `ommers[0].`
 * @throws OptionsError where an option is wrong, or ancestors that the ommers need are missing
 */
export function validateBlock(source: BlockSource, options: ValidateBlockOptions): Ancestor {
  checkOptions(options, { parent: true, ancestors: true, common: true, proofOfWork: true })
  checkFlags(options, 'proofOfWork')
  const { parent, ancestors = [], common, proofOfWork = false } = options
  demand(parent instanceof BlockHeader, 'parent', 'a BlockHeader', parent)
  checkAncestors(ancestors)
  const block = decodeBlock(source)
  checkBlock(block, parent, ancestors, rulesOfChain(common, proofOfWork))
  checkRoots(block)
  return { header: block.header, ommers: block.ommers }
}

/**
 * Checks a block's body against its header: its roots, the hash of its ommers, whether it has
 * withdrawals, its size.
 *
 * @throws BlockDecodeError, InvalidTransactionError where the source is malformed
 * @throws InvalidBlockError `BLOCK_FIELD_MISMATCH`, `BLOCK_FIELD_UNEXPECTED`, `BLOCK_TOO_LARGE`
 */
export function validateBlockBody(
  source: BlockSource,
  options: { readonly common?: Common | undefined } = {},
): void {
  checkOptions(options, { common: true })
  const block = decodeBlock(source)
  checkForm(block, rulesOfChain(options.common).rulesAt(block.number, block.timestamp))
  checkRoots(block)
}

/**
 * {@link validateBlock} for a block that is decoded, under the rules of a chain, but for the roots
 * of its body, which executing it compares too.
 */
export function checkBlock(
  block: DecodedBlock,
  parent: BlockHeader,
  ancestors: readonly Ancestor[],
  rules: ChainRules,
): void {
  checkHeader(block.header, parent, rules)
  checkForm(block, rules.rulesAt(block.number, block.timestamp))
  checkOmmers(block, ancestors, rules)
}

function checkForm(block: DecodedBlock, { header: { maxBlockSize } }: Ruleset): void {
  if (maxBlockSize !== undefined && block.size > maxBlockSize) {
    throw errorFor('BLOCK_TOO_LARGE', { expected: `at most ${maxBlockSize}`, actual: block.size })
  }
  checkWithdrawalList(block)
}

function checkRoots(block: DecodedBlock): void {
  if (block.missingOmmers > 0) throw missingOmmers(block)
  for (const difference of bodyDifferences(block)) throw differenceError(difference)
}
