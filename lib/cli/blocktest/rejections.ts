/** Reasons for rejecting a block, in the terms of this package's errors, that several names stand for. */

import type { ErrorCode } from '../../error-codes.js'

/** A code, a code and the field that it must name, or all codes of the decoder. */
export type Rejection = ErrorCode | `${ErrorCode}:${string}` | 'DECODE_*'

/** By the names that a suite of tests gives to reasons. A reason may show as any of several errors. */
export type RejectionTable = Readonly<Record<string, readonly Rejection[]>>

export const blockGasLimit = ['TX_GAS_LIMIT_EXCEEDS_BLOCK'] as const
export const badGasLimit = ['BLOCK_GAS_LIMIT_INVALID'] as const
/** Tests of the London fork have a block of London one too early: its base fee is wrong as well. */
export const badGasLimitOrFee = [...badGasLimit, 'BLOCK_FIELD_UNEXPECTED:baseFeePerGas'] as const
export const badGasUsed = ['BLOCK_FIELD_MISMATCH:gasUsed', 'BLOCK_GAS_USED_EXCEEDS_LIMIT'] as const
/** More gas than there is: by the header alone, or where a transaction does not fit any more. */
export const tooMuchGas = [...badGasUsed, ...blockGasLimit] as const
export const badFields = ['BLOCK_FIELD_UNEXPECTED', 'DECODE_FIELD_MISSING'] as const
export const badOmmerParent = ['BLOCK_OMMER_INVALID:parentHash'] as const
