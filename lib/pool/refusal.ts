/** Why a pool takes a transaction not in, or not any more. */

import type { ErrorCode } from '../error-codes.js'
import type { ErrorDetails } from '../error-details.js'
import { type BraidError, errorFor, isBraidError, PoolError } from '../errors.js'

/** The codes of refusals. */
export type RefusalCode = Extract<ErrorCode, `POOL_${string}`>

/** A refusal. */
export function refusal(code: RefusalCode, details: ErrorDetails = {}, cause?: unknown): PoolError {
  const error: BraidError = errorFor(code, details, cause === undefined ? {} : { cause })
  if (!(error instanceof PoolError)) throw error
  return error
}

/** Whether an error is a refusal. */
export function isRefusal(error: unknown): error is PoolError {
  return isBraidError(error) && error.code.startsWith('POOL_')
}

/**
 * Why a transaction has left the pool.
 *
 * - `evicted`: it was worth the least, and there was no room
 * - `nonceUsed`: its sender's nonce is beyond it: another transaction is in a block in its place
 * - `expired`: it has waited for an earlier nonce, or for funds, for too long
 * - `senderHasCode`: its sender is a contract now
 * - `removed`: somebody has taken it out
 */
export type DropReason = 'evicted' | 'nonceUsed' | 'expired' | 'senderHasCode' | 'removed'
