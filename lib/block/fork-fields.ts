/** Which members a block has in which hardfork. */

import { Revision, type Ruleset } from '../chain/index.js'
import { errorFor } from '../errors.js'
import type { DecodedBlock } from './decoded-block.js'
import type { BlockHeader } from './header.js'

/** Fields that hardforks added to the header, with the revision that did. */
const addedFields = [
  ['baseFeePerGas', Revision.London],
  ['withdrawalsRoot', Revision.Shanghai],
  ['blobGasUsed', Revision.Cancun],
  ['excessBlobGas', Revision.Cancun],
  ['parentBeaconBlockRoot', Revision.Cancun],
  ['requestsHash', Revision.Prague],
] as const

/**
 * Checks that a header has the fields of its hardfork and no others.
 *
 * @param prefix what stands before the fields' names in errors
 * @throws InvalidBlockError `BLOCK_FIELD_UNEXPECTED`
 */
export function checkHeaderFields(header: BlockHeader, ruleset: Ruleset, prefix = ''): void {
  for (const [field, revision] of addedFields) {
    const expected = ruleset.revision >= revision
    if ((header[field] !== undefined) !== expected) {
      throw errorFor('BLOCK_FIELD_UNEXPECTED', {
        field: `${prefix}${field}`,
        hardfork: ruleset.hardfork,
        expected: expected ? 'present' : 'absent',
      })
    }
  }
}

/**
 * Checks that a block has a list of withdrawals where its header has their root, else none.
 *
 * @throws InvalidBlockError `BLOCK_FIELD_UNEXPECTED`
 */
export function checkWithdrawalList({ header, withdrawals }: DecodedBlock): void {
  const expected = header.withdrawalsRoot !== undefined
  if ((withdrawals !== undefined) !== expected) {
    throw errorFor('BLOCK_FIELD_UNEXPECTED', {
      field: 'withdrawals',
      expected: expected ? 'present' : 'absent',
    })
  }
}
