/** Reasons for rejecting a block, in the terms of this package's errors, that several names stand for. */

import type { ErrorCode } from '../../error-codes.js'

/** A code, a code and the field that it must name, or all codes of the decoder. */
export type Rejection = ErrorCode | `${ErrorCode}:${string}` | 'DECODE_*'

/** By the names that a suite of tests gives to reasons. A reason may show as any of several errors. */
export type RejectionTable = Readonly<Record<string, readonly Rejection[]>>

export const fundsMissing = ['TX_INSUFFICIENT_FUNDS'] as const
export const intrinsicGas = ['TX_INTRINSIC_GAS_TOO_LOW'] as const
export const feeTooLow = ['TX_MAX_FEE_BELOW_BASE_FEE'] as const
export const typeUnknown = ['TX_TYPE_NOT_SUPPORTED'] as const
export const nonceAtEnd = ['TX_NONCE_OVERFLOW'] as const
export const blockGasLimit = ['TX_GAS_LIMIT_EXCEEDS_BLOCK'] as const
export const badDifficulty = ['BLOCK_DIFFICULTY_INVALID'] as const
export const badBaseFee = ['BLOCK_BASE_FEE_INVALID'] as const
export const badGasLimit = ['BLOCK_GAS_LIMIT_INVALID'] as const
/** Tests of the London fork have a block of London one too early: its base fee is wrong as well. */
export const badGasLimitOrFee = [...badGasLimit, 'BLOCK_FIELD_UNEXPECTED:baseFeePerGas'] as const
export const badGasUsed = ['BLOCK_FIELD_MISMATCH:gasUsed', 'BLOCK_GAS_USED_EXCEEDS_LIMIT'] as const
/** More gas than there is: by the header alone, or where a transaction does not fit any more. */
export const tooMuchGas = [...badGasUsed, ...blockGasLimit] as const
export const badTimestamp = ['BLOCK_TIMESTAMP_NOT_AFTER_PARENT'] as const
export const badNumber = ['BLOCK_NUMBER_INVALID'] as const
export const badExtraData = ['BLOCK_EXTRA_DATA_INVALID'] as const
export const badFields = ['BLOCK_FIELD_UNEXPECTED', 'DECODE_FIELD_MISSING'] as const
export const badStateRoot = ['BLOCK_FIELD_MISMATCH:stateRoot'] as const
export const badOmmersAfterMerge = ['BLOCK_OMMER_INVALID'] as const
export const unknownParent = ['BLOCK_PARENT_UNKNOWN'] as const
export const ommersAboveLimit = ['BLOCK_OMMER_INVALID:ommers'] as const
export const badOmmerParent = ['BLOCK_OMMER_INVALID:parentHash'] as const
export const ommerIsAncestor = ['BLOCK_OMMER_IS_ANCESTOR'] as const
export const ommerInChain = ['BLOCK_OMMER_REPEATED', ...ommerIsAncestor] as const
/** One that has the block's own parent, or, in later tests, the same one twice. */
export const ommerIsBrother = [...badOmmerParent, 'BLOCK_OMMER_REPEATED'] as const
