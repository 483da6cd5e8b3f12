/** The names of `BlockException` in execution-spec-tests, all of them, without that prefix. */

import {
  badFields,
  badGasLimit,
  badGasLimitOrFee,
  badGasUsed,
  badOmmerParent,
  type RejectionTable,
  tooMuchGas,
} from './rejections.js'

const badDifficulty = ['BLOCK_DIFFICULTY_INVALID'] as const
const badExtraData = ['BLOCK_EXTRA_DATA_INVALID'] as const
const badOmmersAfterMerge = ['BLOCK_OMMER_INVALID'] as const
const unknownParent = ['BLOCK_PARENT_UNKNOWN'] as const
const ommerIsAncestor = ['BLOCK_OMMER_IS_ANCESTOR'] as const

/** The oldest ancestors that can be seen have a parent that cannot: as ommers they are wrong twice. */
const badOmmerParentOrAncestor = [...badOmmerParent, ...ommerIsAncestor] as const

/**
 * A gas limit may be out of its range and below what the header says was used: which of the two is
 * told depends on what is looked at first.
 */
export const blockReasons: RejectionTable = {
  // Of forks that are not supported.
  BLOCK_ACCESS_LIST_GAS_LIMIT_EXCEEDED: [],
  INVALID_BAL_EXTRA_ACCOUNT: [],
  INVALID_BAL_HASH: [],
  INVALID_BAL_MISSING_ACCOUNT: [],
  INVALID_BLOCK_ACCESS_LIST: [],
  SYSTEM_CONTRACT_ADDRESS_OCCUPIED: [],
  BLOB_GAS_USED_ABOVE_LIMIT: ['BLOCK_BLOB_GAS_INVALID', 'TX_BLOB_GAS_EXCEEDS_BLOCK'],
  EXTRA_DATA_INVALID_DAO: badExtraData,
  EXTRA_DATA_TOO_BIG: badExtraData,
  GASLIMIT_TOO_BIG: badGasLimit,
  GAS_USED_OVERFLOW: [...tooMuchGas, ...badGasLimit],
  IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS: badDifficulty,
  IMPORT_IMPOSSIBLE_LEGACY: badFields,
  IMPORT_IMPOSSIBLE_LEGACY_WRONG_PARENT: badFields,
  IMPORT_IMPOSSIBLE_LONDON_OVER_PARIS: [...badDifficulty, ...badOmmersAfterMerge],
  IMPORT_IMPOSSIBLE_LONDON_WRONG_PARENT: badFields,
  IMPORT_IMPOSSIBLE_PARIS_OVER_SHANGHAI: badFields,
  IMPORT_IMPOSSIBLE_PARIS_WRONG_POS: badDifficulty,
  IMPORT_IMPOSSIBLE_PARIS_WRONG_POW: badDifficulty,
  IMPORT_IMPOSSIBLE_SHANGHAI: badFields,
  IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS: badOmmersAfterMerge,
  INCORRECT_BLOB_GAS_USED: ['BLOCK_BLOB_GAS_INVALID', 'BLOCK_FIELD_MISMATCH:blobGasUsed'],
  INCORRECT_BLOCK_FORMAT: ['BLOCK_FIELD_UNEXPECTED', 'DECODE_*'],
  INCORRECT_EXCESS_BLOB_GAS: ['BLOCK_EXCESS_BLOB_GAS_INVALID'],
  INVALID_BASEFEE_PER_GAS: ['BLOCK_BASE_FEE_INVALID'],
  // A block in RLP has the hash that it has; only payloads of the Engine API name one.
  INVALID_BLOCK_HASH: [],
  INVALID_BLOCK_NUMBER: ['BLOCK_NUMBER_INVALID'],
  INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT: ['BLOCK_TIMESTAMP_NOT_AFTER_PARENT'],
  INVALID_DEPOSIT_EVENT_LAYOUT: ['BLOCK_DEPOSIT_INVALID'],
  INVALID_DIFFICULTY: badDifficulty,
  INVALID_GASLIMIT: [...badGasLimitOrFee, 'BLOCK_GAS_USED_EXCEEDS_LIMIT'],
  INVALID_GAS_USED: badGasUsed,
  INVALID_GAS_USED_ABOVE_LIMIT: ['BLOCK_GAS_USED_EXCEEDS_LIMIT', ...badGasLimit],
  INVALID_LOG_BLOOM: ['BLOCK_FIELD_MISMATCH:logsBloom'],
  INVALID_RECEIPTS_ROOT: ['BLOCK_FIELD_MISMATCH:receiptsRoot'],
  INVALID_REQUESTS: ['BLOCK_FIELD_MISMATCH:requestsHash'],
  INVALID_STATE_ROOT: ['BLOCK_FIELD_MISMATCH:stateRoot'],
  INVALID_TRANSACTIONS_ROOT: ['BLOCK_FIELD_MISMATCH:transactionsRoot'],
  INVALID_UNCLES_HASH: ['BLOCK_FIELD_MISMATCH:ommersHash'],
  INVALID_VERSIONED_HASHES: ['TX_BLOB_VERSION_INVALID'],
  INVALID_WITHDRAWALS_ROOT: ['BLOCK_FIELD_MISMATCH:withdrawalsRoot'],
  RLP_BLOCK_LIMIT_EXCEEDED: ['BLOCK_TOO_LARGE'],
  RLP_INVALID_ADDRESS: ['DECODE_FIELD_SIZE'],
  RLP_INVALID_FIELD_OVERFLOW_64: ['DECODE_FIELD_RANGE'],
  RLP_STRUCTURES_ENCODING: ['DECODE_*'],
  RLP_WITHDRAWALS_NOT_READ: badFields,
  SYSTEM_CONTRACT_CALL_FAILED: ['BLOCK_SYSTEM_CALL_FAILED'],
  SYSTEM_CONTRACT_EMPTY: ['BLOCK_SYSTEM_CONTRACT_MISSING'],
  TOO_MANY_UNCLES: ['BLOCK_OMMER_INVALID:ommers'],
  UNCLE_IN_CHAIN: ['BLOCK_OMMER_REPEATED', ...ommerIsAncestor],
  UNCLE_IS_ANCESTOR: ommerIsAncestor,
  // One that has the block's own parent, or, in later tests, the same one twice.
  UNCLE_IS_BROTHER: [...badOmmerParent, 'BLOCK_OMMER_REPEATED'],
  UNCLE_PARENT_INCORRECT: badOmmerParentOrAncestor,
  UNCLE_UNKNOWN_PARENT: badOmmerParentOrAncestor,
  UNKNOWN_PARENT: unknownParent,
  UNKNOWN_PARENT_ZERO: unknownParent,
}
