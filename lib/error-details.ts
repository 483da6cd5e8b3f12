/** What the details of errors hold for sure, by code. */

import type { ErrorCode, ErrorDetails } from './errors.js'

/** An error in one field. */
interface InField {
  readonly field: string
}

/** An error in one transaction. */
interface InTransaction {
  readonly txIndex: number
}

/** What a rule demands, and what there is. */
interface Compared<Expected, Actual = Expected> {
  readonly expected: Expected
  readonly actual: Actual
}

type TransactionCode = Extract<ErrorCode, `TX_${string}`>

/** Rules of transactions that compare numbers. */
type ComparedTransactionCode =
  | 'TX_NONCE_TOO_LOW'
  | 'TX_NONCE_TOO_HIGH'
  | 'TX_NONCE_OVERFLOW'
  | 'TX_INSUFFICIENT_FUNDS'
  | 'TX_INTRINSIC_GAS_TOO_LOW'
  | 'TX_FLOOR_GAS_TOO_LOW'
  | 'TX_GAS_LIMIT_EXCEEDS_BLOCK'
  | 'TX_GAS_LIMIT_EXCEEDS_CAP'
  | 'TX_MAX_FEE_BELOW_BASE_FEE'
  | 'TX_PRIORITY_FEE_ABOVE_MAX_FEE'
  | 'TX_INITCODE_TOO_LARGE'
  | 'TX_BLOB_FEE_TOO_LOW'
  | 'TX_BLOB_TOO_MANY'
  | 'TX_BLOB_VERSION_INVALID'
  | 'TX_BLOB_GAS_EXCEEDS_BLOCK'

/** Members that the details of a code always have; codes that are not here may have any. */
interface SureDetails
  extends Record<Exclude<TransactionCode, ComparedTransactionCode>, InTransaction>,
    Record<ComparedTransactionCode, InTransaction & Compared<bigint>> {
  readonly BLOCK_FIELD_MISMATCH: InField & Compared<string | bigint>
  readonly BLOCK_FIELD_UNEXPECTED: InField & { readonly expected: string }
  readonly BLOCK_PARENT_MISMATCH: InField & Compared<string>
  readonly BLOCK_PARENT_UNKNOWN: InField & { readonly actual: string }
  readonly BLOCK_NUMBER_INVALID: InField & Compared<bigint>
  readonly BLOCK_TIMESTAMP_NOT_AFTER_PARENT: InField & Compared<string, bigint>
  readonly BLOCK_GAS_LIMIT_INVALID: InField & Compared<string, bigint>
  readonly BLOCK_GAS_USED_EXCEEDS_LIMIT: InField & Compared<string, bigint>
  readonly BLOCK_EXTRA_DATA_INVALID: InField & Compared<string>
  readonly BLOCK_DIFFICULTY_INVALID: InField & Compared<bigint>
  readonly BLOCK_PROOF_OF_WORK_INVALID: InField
  readonly BLOCK_NONCE_INVALID: InField & Compared<string>
  readonly BLOCK_BASE_FEE_INVALID: InField & Compared<bigint>
  readonly BLOCK_BLOB_GAS_INVALID: InField & Compared<string, bigint>
  readonly BLOCK_EXCESS_BLOB_GAS_INVALID: InField & Compared<bigint>
  readonly BLOCK_OMMER_INVALID: InField
  readonly BLOCK_OMMER_REPEATED: InField & { readonly actual: string }
  readonly BLOCK_OMMER_IS_ANCESTOR: InField & { readonly actual: string }
  readonly BLOCK_TOO_LARGE: Compared<string, number>
  readonly STATE_MISSING_BLOCK_HASH: InField & { readonly expected: bigint }
  readonly STATE_NODE_MISSING: { readonly hash: string }
  readonly PROOF_INVALID: InField
  readonly DECODE_FIELD_TYPE: InField
  readonly DECODE_FIELD_MISSING: InField
  readonly DECODE_FIELD_SIZE: InField & Compared<number>
  readonly DECODE_FIELD_RANGE: InField
  readonly DECODE_LEADING_ZERO: InField
  readonly UNSUPPORTED_HARDFORK: { readonly hardfork: string }
  readonly UNSUPPORTED_EIP: { readonly hardfork: string; readonly actual: number }
  readonly OPTION_INVALID: InField
  readonly OPTION_UNSUPPORTED: InField
}

/**
 * The details of the errors of one code that this package throws: all of them may have any member of
 * {@link ErrorDetails}, those that a code always has are not optional.
 */
export type DetailsOf<Code extends ErrorCode> = [ErrorCode] extends [Code]
  ? ErrorDetails
  : Code extends keyof SureDetails
    ? ErrorDetails & SureDetails[Code]
    : ErrorDetails
