/** What consensus demands of a header that follows another. */

import type { Common } from '@ethereumjs/common'
import { checkFlags, checkOptions, demand } from '../arguments.js'
import { BlockHeader, checkHeaderFields } from '../block/index.js'
import {
  daoForkExtraData,
  daoForkExtraDataBlocks,
  difficultyOf,
  gasLimitRange,
  gasPerBlob,
  maxBlobGas,
  nextBaseFee,
  nextExcessBlobGas,
  type Ruleset,
} from '../chain/index.js'
import { emptyOmmersHash } from '../empty-hashes.js'
import type { ErrorCode } from '../error-codes.js'
import type { ErrorValue } from '../error-details.js'
import { errorFor } from '../errors.js'
import { provesWork } from './ethash.js'
import { type ChainRules, rulesOfChain } from './rules.js'

const maxExtraDataSize = 32
const zeroNonce = `0x${'00'.repeat(8)}`

/** What headers are validated with. */
export interface ValidateHeaderOptions {
  /** The chain. Default: Ethereum mainnet with every hardfork that is scheduled. */
  readonly common?: Common | undefined
  /**
   * Check the proofs of work, before Paris. The first header of every 30,000 blocks takes seconds
   * for it, the others milliseconds. Default false.
   */
  readonly proofOfWork?: boolean | undefined
}

/**
 * Checks a header against its parent's: everything that consensus demands but what only the
 * block's body or its execution tells.
 *
 * @throws InvalidBlockError for the first broken rule, with `field`, `expected` and `actual`:
 *   `BLOCK_PARENT_MISMATCH`, `BLOCK_NUMBER_INVALID`, `BLOCK_FIELD_UNEXPECTED`,
 *   `BLOCK_TIMESTAMP_NOT_AFTER_PARENT`, `BLOCK_EXTRA_DATA_INVALID`, `BLOCK_GAS_LIMIT_INVALID`,
 *   `BLOCK_GAS_USED_EXCEEDS_LIMIT`, `BLOCK_DIFFICULTY_INVALID`, `BLOCK_NONCE_INVALID`,
 *   `BLOCK_OMMER_INVALID`, `BLOCK_BASE_FEE_INVALID`, `BLOCK_BLOB_GAS_INVALID`,
 *   `BLOCK_EXCESS_BLOB_GAS_INVALID`, and `BLOCK_PROOF_OF_WORK_INVALID` where that is checked
 * @throws ChainError where the chain's rules for the header cannot be told
 */
export function validateHeader(
  header: BlockHeader,
  parent: BlockHeader,
  options: ValidateHeaderOptions = {},
): void {
  for (const [field, value] of Object.entries({ header, parent })) {
    demand(value instanceof BlockHeader, field, 'a BlockHeader', value)
  }
  checkOptions(options, { common: true, proofOfWork: true })
  checkFlags(options, 'proofOfWork')
  checkHeader(header, parent, rulesOfChain(options.common, options.proofOfWork))
}

/**
 * {@link validateHeader} under the rules of a chain.
 *
 * @param prefix what stands before the fields' names in errors
 */
export function checkHeader(
  header: BlockHeader,
  parent: BlockHeader,
  { rulesAt, proofOfWork }: ChainRules,
  prefix = '',
): void {
  const ruleset = rulesAt(header.number, header.timestamp)
  const check: Check = (holds, code, field, expected) => {
    if (holds) return
    const actual = header[field]
    throw errorFor(code, {
      field: `${prefix}${field}`,
      expected,
      ...(actual === undefined ? {} : { actual }),
    })
  }
  checkSuccession(header, parent, check)
  checkHeaderFields(header, ruleset, prefix)
  checkExtraData(header, ruleset, check)
  checkGas(header, parent, check)
  checkSeal(header, parent, ruleset, check)
  checkBlobGas(header, parent, ruleset, check)
  if (proofOfWork && ruleset.header.difficulty !== undefined && !provesWork(header)) {
    throw errorFor('BLOCK_PROOF_OF_WORK_INVALID', { field: `${prefix}nonce` })
  }
}

/** Throws where a field is not what it should be. */
type Check = (
  holds: boolean,
  code: ErrorCode,
  field: keyof BlockHeader & CheckedField,
  expected: ErrorValue,
) => void

type CheckedField =
  | 'parentHash'
  | 'number'
  | 'timestamp'
  | 'extraData'
  | 'gasLimit'
  | 'gasUsed'
  | 'difficulty'
  | 'nonce'
  | 'ommersHash'
  | 'baseFeePerGas'
  | 'blobGasUsed'
  | 'excessBlobGas'

function checkSuccession(header: BlockHeader, parent: BlockHeader, check: Check): void {
  check(header.parentHash === parent.hash, 'BLOCK_PARENT_MISMATCH', 'parentHash', parent.hash)
  const number = parent.number + 1n
  check(header.number === number, 'BLOCK_NUMBER_INVALID', 'number', number)
  check(
    header.timestamp > parent.timestamp,
    'BLOCK_TIMESTAMP_NOT_AFTER_PARENT',
    'timestamp',
    `above ${parent.timestamp}`,
  )
}

function checkExtraData(header: BlockHeader, { irregularTransition }: Ruleset, check: Check): void {
  const { extraData, number } = header
  const size = (extraData.length - 2) / 2
  const expected = `at most ${maxExtraDataSize} bytes`
  check(size <= maxExtraDataSize, 'BLOCK_EXTRA_DATA_INVALID', 'extraData', expected)
  if (irregularTransition === undefined) return
  const distance = number - irregularTransition.block
  if (distance >= 0n && distance < daoForkExtraDataBlocks) {
    const same = extraData === daoForkExtraData
    check(same, 'BLOCK_EXTRA_DATA_INVALID', 'extraData', daoForkExtraData)
  }
}

function checkGas(header: BlockHeader, parent: BlockHeader, check: Check): void {
  const { gasLimit, gasUsed, baseFeePerGas } = header
  const { least, most } = gasLimitRange(parent, baseFeePerGas !== undefined)
  check(
    gasLimit >= least && gasLimit <= most,
    'BLOCK_GAS_LIMIT_INVALID',
    'gasLimit',
    `${least} to ${most}`,
  )
  check(gasUsed <= gasLimit, 'BLOCK_GAS_USED_EXCEEDS_LIMIT', 'gasUsed', `at most ${gasLimit}`)
  if (baseFeePerGas !== undefined) {
    const expected = nextBaseFee(parent)
    check(baseFeePerGas === expected, 'BLOCK_BASE_FEE_INVALID', 'baseFeePerGas', expected)
  }
}

/** The difficulty, or what is left of the proof of work from Paris on (EIP-3675). */
function checkSeal(
  header: BlockHeader,
  parent: BlockHeader,
  { header: { difficulty: rule } }: Ruleset,
  check: Check,
): void {
  const { difficulty, nonce, ommersHash } = header
  if (rule === undefined) {
    check(difficulty === 0n, 'BLOCK_DIFFICULTY_INVALID', 'difficulty', 0n)
    check(nonce === zeroNonce, 'BLOCK_NONCE_INVALID', 'nonce', zeroNonce)
    check(ommersHash === emptyOmmersHash, 'BLOCK_OMMER_INVALID', 'ommersHash', emptyOmmersHash)
    return
  }
  const expected = difficultyOf(rule, {
    number: header.number,
    timestamp: header.timestamp,
    parentTimestamp: parent.timestamp,
    parentDifficulty: parent.difficulty,
    parentHasOmmers: parent.ommersHash !== emptyOmmersHash,
  })
  check(difficulty === expected, 'BLOCK_DIFFICULTY_INVALID', 'difficulty', expected)
}

function checkBlobGas(
  header: BlockHeader,
  parent: BlockHeader,
  ruleset: Ruleset,
  check: Check,
): void {
  const { blobSchedule } = ruleset
  const { blobGasUsed, excessBlobGas } = header
  if (blobSchedule === undefined || blobGasUsed === undefined) return
  const most = maxBlobGas(ruleset)
  check(
    blobGasUsed <= most && blobGasUsed % BigInt(gasPerBlob) === 0n,
    'BLOCK_BLOB_GAS_INVALID',
    'blobGasUsed',
    `a multiple of ${gasPerBlob} up to ${most}`,
  )
  const blobParent = {
    excessBlobGas: parent.excessBlobGas ?? 0n,
    blobGasUsed: parent.blobGasUsed ?? 0n,
    baseFeePerGas: parent.baseFeePerGas ?? 0n,
  }
  const expected = nextExcessBlobGas(blobParent, blobSchedule, ruleset.header.blobReservePrice)
  check(excessBlobGas === expected, 'BLOCK_EXCESS_BLOB_GAS_INVALID', 'excessBlobGas', expected)
}
