/** What a header says about its block's body. */

import type { DecodedBlock, EncodedList } from '../block/index.js'
import { type BraidError, errorFor } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { withJson } from '../json.js'
import { keccak256, packedListRoot } from '../native/load.js'

/** The fields that follow from the body, and the block's hash where its source claims one. */
export type BodyField = 'hash' | 'transactionsRoot' | 'ommersHash' | 'withdrawalsRoot'

/** A field of the header that is not what the block gives. */
export interface FieldDifference<Field extends string> {
  /** The field's name. */
  readonly field: Field
  /** What the header says. */
  readonly expected: Hex | bigint
  /** What decoding or executing the block gives. */
  readonly actual: Hex | bigint
}

/** The error that a difference is. */
export function differenceError<Field extends string>({
  field,
  expected,
  actual,
}: FieldDifference<Field>): BraidError {
  return errorFor('BLOCK_FIELD_MISMATCH', { field, expected, actual })
}

/**
 * The fields of the header that the body contradicts. The hash of ommers known by hash alone is not
 * compared: their headers would be needed.
 */
export function* bodyDifferences(block: DecodedBlock): Iterable<FieldDifference<BodyField>> {
  const { header, transactions, withdrawals, ommersEncoding, missingOmmers, claimedHash } = block
  if (claimedHash !== undefined) yield* difference('hash', claimedHash, header.hash)
  const transactionsRoot = rootOf(transactions.encodings)
  yield* difference('transactionsRoot', header.transactionsRoot, transactionsRoot)
  if (missingOmmers === 0) {
    yield* difference('ommersHash', header.ommersHash, bytesToHex(keccak256(ommersEncoding)))
  }
  if (withdrawals !== undefined) {
    const withdrawalsRoot = rootOf(withdrawals.encodings)
    yield* difference('withdrawalsRoot', header.withdrawalsRoot, withdrawalsRoot)
  }
}

function rootOf(list: EncodedList): Hex {
  const { pool, offsets } = list.concatenated()
  return bytesToHex(packedListRoot(pool, offsets))
}

/** A difference from what the header says, where there is one. Which fields a header has is another check's matter. */
export function* difference<Field extends string>(
  field: Field,
  expected: Hex | bigint | undefined,
  actual: Hex | bigint | undefined,
): Iterable<FieldDifference<Field>> {
  if (expected === undefined || actual === undefined || expected === actual) return
  yield withJson({ field, expected, actual })
}
