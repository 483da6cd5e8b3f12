/** The reasons that tests give for rejecting a block, in the terms of this package's errors. */

import type { BraidError, ErrorCode } from '../../errors.js'

/** A code, a code and the field that it must name, or all codes of the decoder. */
type Rejection = ErrorCode | `${ErrorCode}:${string}` | 'DECODE_*'

/** Whether an error is what a test expects: one of the reasons in its alternatives. */
export function isExpected(error: BraidError, reason: string): boolean {
  if (reason === '') return true
  return reason.split('|').some((name) => {
    const rejections = rejectionsByReason[name]
    if (rejections === undefined) throw new Error(`the reason ${name} is not known`)
    return rejections.some((rejection) => matches(error, rejection))
  })
}

function matches({ code, details }: BraidError, rejection: Rejection): boolean {
  if (rejection === 'DECODE_*') return code.startsWith('DECODE_')
  const [wanted, field] = rejection.split(':')
  if (code !== wanted) return false
  return (
    field === undefined || details.field === field || details.field?.endsWith(`.${field}`) === true
  )
}

const fundsMissing = ['TX_INSUFFICIENT_FUNDS'] as const
const intrinsicGas = ['TX_INTRINSIC_GAS_TOO_LOW'] as const
const feeTooLow = ['TX_MAX_FEE_BELOW_BASE_FEE'] as const
const typeUnknown = ['TX_TYPE_NOT_SUPPORTED'] as const
const blockGasLimit = ['TX_GAS_LIMIT_EXCEEDS_BLOCK'] as const
const badDifficulty = ['BLOCK_DIFFICULTY_INVALID'] as const
const badGasLimit = ['BLOCK_GAS_LIMIT_INVALID'] as const
const badBaseFee = ['BLOCK_BASE_FEE_INVALID'] as const
/** Tests of the London fork have a block of London one too early: its base fee is wrong as well. */
const badGasLimitOrFee = [
  'BLOCK_GAS_LIMIT_INVALID',
  'BLOCK_FIELD_UNEXPECTED:baseFeePerGas',
] as const
const badTimestamp = ['BLOCK_TIMESTAMP_NOT_AFTER_PARENT'] as const
const badNumber = ['BLOCK_NUMBER_INVALID'] as const
const badExtraData = ['BLOCK_EXTRA_DATA_INVALID'] as const
const badFields = ['BLOCK_FIELD_UNEXPECTED', 'DECODE_FIELD_MISSING'] as const
const badStateRoot = ['BLOCK_FIELD_MISMATCH:stateRoot'] as const
const badGasUsed = ['BLOCK_FIELD_MISMATCH:gasUsed', 'BLOCK_GAS_USED_EXCEEDS_LIMIT'] as const
const badOmmersAfterMerge = ['BLOCK_OMMER_INVALID'] as const
const unknownParent = ['BLOCK_PARENT_UNKNOWN'] as const

/** By the names of execution-spec-tests, and the older ones of legacy tests. */
const rejectionsByReason: Readonly<Record<string, readonly Rejection[]>> = {
  'TransactionException.GAS_ALLOWANCE_EXCEEDED': blockGasLimit,
  'TransactionException.GAS_LIMIT_EXCEEDS_MAXIMUM': ['TX_GAS_LIMIT_EXCEEDS_CAP'],
  'TransactionException.INITCODE_SIZE_EXCEEDED': ['TX_INITCODE_TOO_LARGE'],
  'TransactionException.INSUFFICIENT_ACCOUNT_FUNDS': fundsMissing,
  'TransactionException.INSUFFICIENT_MAX_FEE_PER_BLOB_GAS': ['TX_BLOB_FEE_TOO_LOW'],
  'TransactionException.INSUFFICIENT_MAX_FEE_PER_GAS': feeTooLow,
  'TransactionException.INTRINSIC_GAS_BELOW_FLOOR_GAS_COST': ['TX_FLOOR_GAS_TOO_LOW'],
  'TransactionException.INTRINSIC_GAS_TOO_LOW': intrinsicGas,
  'TransactionException.NONCE_MISMATCH_TOO_HIGH': ['TX_NONCE_TOO_HIGH'],
  'TransactionException.NONCE_MISMATCH_TOO_LOW': ['TX_NONCE_TOO_LOW'],
  'TransactionException.PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS': ['TX_PRIORITY_FEE_ABOVE_MAX_FEE'],
  'TransactionException.SENDER_NOT_EOA': ['TX_SENDER_NOT_EOA'],
  'TransactionException.TYPE_NOT_SUPPORTED': typeUnknown,
  'TransactionException.TYPE_1_TX_PRE_FORK': typeUnknown,
  'TransactionException.TYPE_2_TX_PRE_FORK': typeUnknown,
  'TransactionException.TYPE_3_TX_PRE_FORK': typeUnknown,
  'TransactionException.TYPE_4_TX_PRE_FORK': typeUnknown,
  'TransactionException.TYPE_3_TX_BLOB_COUNT_EXCEEDED': ['TX_BLOB_TOO_MANY'],
  'TransactionException.TYPE_3_TX_CONTRACT_CREATION': ['TX_BLOB_CREATE'],
  'TransactionException.TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH': ['TX_BLOB_VERSION_INVALID'],
  // The header tells it before the transactions do.
  'TransactionException.TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED': [
    'TX_BLOB_GAS_EXCEEDS_BLOCK',
    'BLOCK_BLOB_GAS_INVALID',
  ],
  'TransactionException.TYPE_3_TX_WITH_FULL_BLOBS': ['DECODE_*'],
  'TransactionException.TYPE_3_TX_ZERO_BLOBS': ['TX_BLOB_MISSING'],
  'TransactionException.TYPE_4_EMPTY_AUTHORIZATION_LIST': ['TX_SET_CODE_EMPTY'],
  TR_FeeCapLessThanBlocks: feeTooLow,
  TR_FeeCapLessThanBlocksORGasLimitReached: [...feeTooLow, ...blockGasLimit],
  TR_FeeCapLessThanBlocksORNoFunds: [...feeTooLow, ...fundsMissing],
  TR_GasLimitReached: blockGasLimit,
  TR_IntrinsicGas: intrinsicGas,
  TR_NoFunds: fundsMissing,
  TR_NoFundsOrGas: [...fundsMissing, ...intrinsicGas],
  TR_NonceTooHigh: ['TX_NONCE_TOO_HIGH'],
  TR_NonceTooLow: ['TX_NONCE_TOO_LOW'],
  TR_TipGtFeeCap: ['TX_PRIORITY_FEE_ABOVE_MAX_FEE'],
  TR_TypeNotSupported: typeUnknown,
  IntrinsicGas: intrinsicGas,
  SenderNotEOAorNoCASH: ['TX_SENDER_NOT_EOA', ...fundsMissing],

  'BlockException.EXTRA_DATA_INVALID_DAO': badExtraData,
  'BlockException.EXTRA_DATA_TOO_BIG': badExtraData,
  'BlockException.GASLIMIT_TOO_BIG': badGasLimit,
  'BlockException.GAS_USED_OVERFLOW': [...badGasUsed, ...blockGasLimit],
  'BlockException.IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS': badDifficulty,
  'BlockException.IMPORT_IMPOSSIBLE_LEGACY': badFields,
  'BlockException.IMPORT_IMPOSSIBLE_LEGACY_WRONG_PARENT': badFields,
  'BlockException.IMPORT_IMPOSSIBLE_LONDON_WRONG_PARENT': badFields,
  'BlockException.IMPORT_IMPOSSIBLE_PARIS_OVER_SHANGHAI': badFields,
  'BlockException.IMPORT_IMPOSSIBLE_PARIS_WRONG_POS': badDifficulty,
  'BlockException.IMPORT_IMPOSSIBLE_PARIS_WRONG_POW': badDifficulty,
  'BlockException.IMPORT_IMPOSSIBLE_SHANGHAI': badFields,
  'BlockException.IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS': badOmmersAfterMerge,
  'BlockException.INCORRECT_BLOB_GAS_USED': [
    'BLOCK_BLOB_GAS_INVALID',
    'BLOCK_FIELD_MISMATCH:blobGasUsed',
  ],
  'BlockException.INCORRECT_BLOCK_FORMAT': ['BLOCK_FIELD_UNEXPECTED', 'DECODE_*'],
  'BlockException.INCORRECT_EXCESS_BLOB_GAS': ['BLOCK_EXCESS_BLOB_GAS_INVALID'],
  'BlockException.INVALID_BASEFEE_PER_GAS': badBaseFee,
  'BlockException.INVALID_BLOCK_NUMBER': badNumber,
  'BlockException.INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT': badTimestamp,
  'BlockException.INVALID_DEPOSIT_EVENT_LAYOUT': ['BLOCK_DEPOSIT_INVALID'],
  'BlockException.INVALID_DIFFICULTY': badDifficulty,
  'BlockException.INVALID_GASLIMIT': badGasLimitOrFee,
  'BlockException.INVALID_GAS_USED': badGasUsed,
  'BlockException.INVALID_LOG_BLOOM': ['BLOCK_FIELD_MISMATCH:logsBloom'],
  'BlockException.INVALID_RECEIPTS_ROOT': ['BLOCK_FIELD_MISMATCH:receiptsRoot'],
  'BlockException.INVALID_REQUESTS': ['BLOCK_FIELD_MISMATCH:requestsHash'],
  'BlockException.INVALID_STATE_ROOT': badStateRoot,
  'BlockException.INVALID_TRANSACTIONS_ROOT': ['BLOCK_FIELD_MISMATCH:transactionsRoot'],
  'BlockException.INVALID_VERSIONED_HASHES': ['TX_BLOB_VERSION_INVALID'],
  'BlockException.INVALID_WITHDRAWALS_ROOT': ['BLOCK_FIELD_MISMATCH:withdrawalsRoot'],
  'BlockException.RLP_BLOCK_LIMIT_EXCEEDED': ['BLOCK_TOO_LARGE'],
  'BlockException.RLP_INVALID_ADDRESS': ['DECODE_FIELD_SIZE'],
  'BlockException.RLP_INVALID_FIELD_OVERFLOW_64': ['DECODE_FIELD_RANGE'],
  'BlockException.RLP_STRUCTURES_ENCODING': ['DECODE_*'],
  'BlockException.RLP_WITHDRAWALS_NOT_READ': badFields,
  'BlockException.SYSTEM_CONTRACT_CALL_FAILED': ['BLOCK_SYSTEM_CALL_FAILED'],
  'BlockException.SYSTEM_CONTRACT_EMPTY': ['BLOCK_SYSTEM_CONTRACT_MISSING'],
  'BlockException.UNKNOWN_PARENT': unknownParent,
  'BlockException.UNKNOWN_PARENT_ZERO': unknownParent,
  '1559BlockImportImpossible_BaseFeeWrong': badBaseFee,
  '1559BlockImportImpossible_HeaderIsLegacy': badFields,
  '3675PoSBlockRejected': badDifficulty,
  '3675PoWBlockRejected': badDifficulty,
  '3675PreParis1559BlockRejected': [...badDifficulty, ...badOmmersAfterMerge],
  BlockGasLimitReached: blockGasLimit,
  ExtraDataIncorrectDAO: badExtraData,
  ExtraDataTooBig: badExtraData,
  INPUT_UNMARSHAL_ADDRESS_ERROR: ['DECODE_FIELD_SIZE'],
  INPUT_UNMARSHAL_ERROR: ['DECODE_FIELD_RANGE'],
  InvalidBlockNonce: ['BLOCK_PROOF_OF_WORK_INVALID'],
  InvalidDifficulty: badDifficulty,
  InvalidGasLimit: badGasLimit,
  InvalidGasLimit2: badGasLimitOrFee,
  InvalidGasUsed: badGasUsed,
  InvalidLogBloom: ['BLOCK_FIELD_MISMATCH:logsBloom'],
  InvalidNumber: badNumber,
  InvalidReceiptsStateRoot: ['BLOCK_FIELD_MISMATCH:receiptsRoot'],
  InvalidStateRoot: badStateRoot,
  InvalidTimestamp: badTimestamp,
  InvalidTimestampOlderParent: badTimestamp,
  InvalidTransactionsRoot: ['BLOCK_FIELD_MISMATCH:transactionsRoot'],
  InvalidUncleParentHash: ['BLOCK_OMMER_INVALID:parentHash'],
  InvalidUnclesHash: ['BLOCK_FIELD_MISMATCH:ommersHash'],
  InvalidWithdrawals: ['BLOCK_FIELD_MISMATCH:withdrawalsRoot'],
  LegacyBlockImportImpossible: badFields,
  LegacyBlockImportImpossible2: badFields,
  ParisBlockImportImpossible: badFields,
  PostParisDifficultyIsNot0: badDifficulty,
  PostParisUncleHashIsNotEmpty: badOmmersAfterMerge,
  RLP_ExpectedAsList: ['DECODE_FIELD_TYPE', ...badFields],
  ShanghaiBlockImportImpossible: badFields,
  TooManyUncles: ['BLOCK_OMMER_INVALID:ommers'],
  TooMuchGasUsed: [...badGasUsed, ...blockGasLimit],
  UncleInChain: ['BLOCK_OMMER_REPEATED', 'BLOCK_OMMER_IS_ANCESTOR'],
  UncleIsAncestor: ['BLOCK_OMMER_IS_ANCESTOR'],
  // Also what the later ones of the old tests call the same ommer twice in a block.
  UncleIsBrother: ['BLOCK_OMMER_INVALID:parentHash', 'BLOCK_OMMER_REPEATED'],
  UncleParentIsNotAncestor: ['BLOCK_OMMER_INVALID:parentHash'],
  UncleTooOld: ['BLOCK_OMMER_INVALID:parentHash'],
  UnknownParent: unknownParent,
  UnknownParent2: unknownParent,
}
