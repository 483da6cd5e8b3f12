/** What the details of errors hold: what they may, and what they hold for sure by code. */

import type { ErrorCode } from './error-codes.js'

/** A value shown in an error: numbers as bigint or number, bytes as `0x` hex. */
export type ErrorValue = string | number | bigint | null

/** Where an error is and what was there. Which members are set depends on the code. */
export interface ErrorDetails {
  /** The block's number, where the error is in one of several. */
  readonly blockNumber?: bigint
  /** Position of the transaction in its block, from 0. */
  readonly txIndex?: number
  /** Name of the field, as a path from the block or the transaction (`accessList[2].address`). */
  readonly field?: string
  /** What the field should be: what a rule demands; where a block is compared with its header, what that says. */
  readonly expected?: ErrorValue
  /** What it is: what breaks the rule; where a block is compared with its header, what the block gives. */
  readonly actual?: ErrorValue
  /** The account concerned, `0x` hex. */
  readonly address?: string
  /** The file that was read; absent where the bytes came from elsewhere. */
  readonly file?: string
  /** Line in the file, from 1. */
  readonly line?: number
  /** Byte offset into the decoded input; in files that are packed, into what they unpack to. */
  readonly offset?: number
  /** Name of the hardfork concerned. */
  readonly hardfork?: string
  /** The hash of the trie node concerned, `0x` hex. */
  readonly hash?: string
  /** The code of the error that a node answered with, or would answer with (JSON-RPC 2.0). */
  readonly rpcCode?: number
}

/**
 * The details of the errors of one code that this package throws. All of them may have any member of
 * {@link ErrorDetails}; those that errors of a code always have are not optional in it.
 */
export type DetailsOf<Code extends ErrorCode> = [ErrorCode] extends [Code]
  ? ErrorDetails
  : ErrorDetails &
      // Where it is.
      (Code extends `TX_${string}` ? Readonly<Record<'txIndex', number>> : unknown) &
      (Code extends
        | `DECODE_FIELD_${string}`
        | 'DECODE_LEADING_ZERO'
        | `BLOCK_FIELD_${string}`
        | `BLOCK_PARENT_${string}`
        | `BLOCK_OMMER_${string}`
        | 'BLOCK_NUMBER_INVALID'
        | 'BLOCK_TIMESTAMP_NOT_AFTER_PARENT'
        | `BLOCK_GAS_${string}`
        | 'BLOCK_EXTRA_DATA_INVALID'
        | 'BLOCK_DIFFICULTY_INVALID'
        | 'BLOCK_PROOF_OF_WORK_INVALID'
        | 'BLOCK_NONCE_INVALID'
        | 'BLOCK_BASE_FEE_INVALID'
        | 'BLOCK_BLOB_GAS_INVALID'
        | 'BLOCK_EXCESS_BLOB_GAS_INVALID'
        | 'STATE_MISSING_BLOCK_HASH'
        | 'PROOF_INVALID'
        | `OPTION_${string}`
        ? Readonly<Record<'field', string>>
        : unknown) &
      (Code extends 'RPC_ERROR' | `SIMULATION_${string}`
        ? Readonly<Record<'rpcCode', number>>
        : unknown) &
      (Code extends 'STATE_NODE_MISSING' ? Readonly<Record<'hash', string>> : unknown) &
      (Code extends 'UNSUPPORTED_HARDFORK' | 'UNSUPPORTED_EIP'
        ? Readonly<Record<'hardfork', string>>
        : unknown) &
      // What is compared there.
      (Code extends
        | 'TX_NONCE_TOO_LOW'
        | 'TX_NONCE_TOO_HIGH'
        | 'TX_NONCE_OVERFLOW'
        | 'TX_INSUFFICIENT_FUNDS'
        | 'TX_INTRINSIC_GAS_TOO_LOW'
        | 'TX_FLOOR_GAS_TOO_LOW'
        | `TX_GAS_LIMIT_EXCEEDS_${string}`
        | 'TX_MAX_FEE_BELOW_BASE_FEE'
        | 'TX_PRIORITY_FEE_ABOVE_MAX_FEE'
        | 'TX_INITCODE_TOO_LARGE'
        | 'TX_BLOB_FEE_TOO_LOW'
        | 'TX_BLOB_TOO_MANY'
        | 'TX_BLOB_VERSION_INVALID'
        | 'TX_BLOB_GAS_EXCEEDS_BLOCK'
        | 'BLOCK_NUMBER_INVALID'
        | 'BLOCK_DIFFICULTY_INVALID'
        | 'BLOCK_BASE_FEE_INVALID'
        | 'BLOCK_EXCESS_BLOB_GAS_INVALID'
        ? Readonly<Record<'expected' | 'actual', bigint>>
        : unknown) &
      (Code extends 'BLOCK_FIELD_MISMATCH'
        ? Readonly<Record<'expected' | 'actual', string | bigint>>
        : unknown) &
      (Code extends 'BLOCK_PARENT_MISMATCH' | 'BLOCK_EXTRA_DATA_INVALID' | 'BLOCK_NONCE_INVALID'
        ? Readonly<Record<'expected' | 'actual', string>>
        : unknown) &
      (Code extends 'STATE_MISSING_BLOCK_HASH' ? Readonly<Record<'expected', bigint>> : unknown)
