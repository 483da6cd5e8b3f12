/** The names that the older test suites give to reasons. */

import {
  badFields,
  badGasLimitOrFee,
  badOmmerParent,
  type RejectionTable,
  tooMuchGas,
} from './rejections.js'

/** What execution-spec-tests calls the same reasons: names as tests write them, with alternatives. */
export const legacyNames: Readonly<Record<string, string>> = {
  ...inFamily('TransactionException', {
    TR_FeeCapLessThanBlocks: 'INSUFFICIENT_MAX_FEE_PER_GAS',
    TR_FeeCapLessThanBlocksORGasLimitReached: 'INSUFFICIENT_MAX_FEE_PER_GAS|GAS_ALLOWANCE_EXCEEDED',
    TR_FeeCapLessThanBlocksORNoFunds: 'INSUFFICIENT_MAX_FEE_PER_GAS|INSUFFICIENT_ACCOUNT_FUNDS',
    TR_GasLimitReached: 'GAS_ALLOWANCE_EXCEEDED',
    TR_IntrinsicGas: 'INTRINSIC_GAS_TOO_LOW',
    TR_NoFunds: 'INSUFFICIENT_ACCOUNT_FUNDS',
    TR_NoFundsOrGas: 'INSUFFICIENT_ACCOUNT_FUNDS|INTRINSIC_GAS_TOO_LOW',
    TR_NonceTooHigh: 'NONCE_MISMATCH_TOO_HIGH',
    TR_NonceTooLow: 'NONCE_MISMATCH_TOO_LOW',
    TR_TipGtFeeCap: 'PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS',
    TR_TypeNotSupported: 'TYPE_1_TX_PRE_FORK',
    IntrinsicGas: 'INTRINSIC_GAS_TOO_LOW',
    SenderNotEOAorNoCASH: 'SENDER_NOT_EOA|INSUFFICIENT_ACCOUNT_FUNDS',
    BlockGasLimitReached: 'GAS_ALLOWANCE_EXCEEDED',
  }),
  ...inFamily('BlockException', {
    '1559BlockImportImpossible_BaseFeeWrong': 'INVALID_BASEFEE_PER_GAS',
    '1559BlockImportImpossible_HeaderIsLegacy': 'IMPORT_IMPOSSIBLE_LEGACY',
    '3675PoSBlockRejected': 'IMPORT_IMPOSSIBLE_PARIS_WRONG_POS',
    '3675PoWBlockRejected': 'IMPORT_IMPOSSIBLE_PARIS_WRONG_POW',
    '3675PreParis1559BlockRejected': 'IMPORT_IMPOSSIBLE_LONDON_OVER_PARIS',
    ExtraDataIncorrectDAO: 'EXTRA_DATA_INVALID_DAO',
    ExtraDataTooBig: 'EXTRA_DATA_TOO_BIG',
    INPUT_UNMARSHAL_ADDRESS_ERROR: 'RLP_INVALID_ADDRESS',
    INPUT_UNMARSHAL_ERROR: 'RLP_INVALID_FIELD_OVERFLOW_64',
    InvalidDifficulty: 'INVALID_DIFFICULTY',
    InvalidGasLimit: 'GASLIMIT_TOO_BIG',
    InvalidGasUsed: 'INVALID_GAS_USED',
    InvalidLogBloom: 'INVALID_LOG_BLOOM',
    InvalidNumber: 'INVALID_BLOCK_NUMBER',
    InvalidReceiptsStateRoot: 'INVALID_RECEIPTS_ROOT',
    InvalidStateRoot: 'INVALID_STATE_ROOT',
    InvalidTimestamp: 'INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT',
    InvalidTimestampOlderParent: 'INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT',
    InvalidTransactionsRoot: 'INVALID_TRANSACTIONS_ROOT',
    InvalidUnclesHash: 'INVALID_UNCLES_HASH',
    InvalidWithdrawals: 'INVALID_WITHDRAWALS_ROOT',
    LegacyBlockImportImpossible: 'IMPORT_IMPOSSIBLE_LEGACY',
    LegacyBlockImportImpossible2: 'IMPORT_IMPOSSIBLE_LEGACY_WRONG_PARENT',
    ParisBlockImportImpossible: 'IMPORT_IMPOSSIBLE_PARIS_OVER_SHANGHAI',
    PostParisDifficultyIsNot0: 'IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS',
    PostParisUncleHashIsNotEmpty: 'IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS',
    ShanghaiBlockImportImpossible: 'IMPORT_IMPOSSIBLE_SHANGHAI',
    TooManyUncles: 'TOO_MANY_UNCLES',
    UncleInChain: 'UNCLE_IN_CHAIN',
    UncleIsAncestor: 'UNCLE_IS_ANCESTOR',
    UncleIsBrother: 'UNCLE_IS_BROTHER',
    UnknownParent: 'UNKNOWN_PARENT',
    UnknownParent2: 'UNKNOWN_PARENT_ZERO',
  }),
}

/** Reasons that execution-spec-tests has no name for, or one that says less. */
export const legacyReasons: RejectionTable = {
  InvalidBlockNonce: ['BLOCK_PROOF_OF_WORK_INVALID'],
  InvalidGasLimit2: badGasLimitOrFee,
  InvalidUncleParentHash: badOmmerParent,
  RLP_ExpectedAsList: ['DECODE_FIELD_TYPE', ...badFields],
  TooMuchGasUsed: tooMuchGas,
  UncleParentIsNotAncestor: badOmmerParent,
  UncleTooOld: badOmmerParent,
}

/** The names of a table with the family's in front of each alternative. */
function inFamily(
  family: string,
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const entries = Object.entries(names).map(([legacy, reason]) => [
    legacy,
    reason.replace(/\w+/g, `${family}.$&`),
  ])
  return Object.fromEntries(entries)
}
