/** Errors of the native side as errors of this package. */

import { brokenField, type TransactionNames } from '../block/transaction-names.js'
import type { ErrorCode } from '../error-codes.js'
import type { ErrorDetails } from '../error-details.js'
import { type BraidError, errorFor } from '../errors.js'
import { errorName } from '../native/error-name.js'
import { PackedReader } from '../native/packed-reader.js'
import {
  BlockInput,
  BlockOutput,
  ErrorCode as NativeErrorCode,
  Transaction,
} from '../native/wire.js'

/** What was executed, for errors that name fields of it. */
export interface Executed {
  /** The packed input. */
  readonly input: Uint8Array
  /** What whoever gave the transactions calls their fields. */
  readonly names: TransactionNames
}

/**
 * The error that a packed output reports, or undefined where the execution succeeded.
 *
 * @param executed for the field of a transaction that breaks a rule. Default: it is not named
 */
export function executionError(output: PackedReader, executed?: Executed): BraidError | undefined {
  const number = output.u32(BlockOutput.error)
  if (number === NativeErrorCode.OK) return undefined
  const code = errorName(number)
  const transaction = output.i32(BlockOutput.errorTransaction)
  const hasAddress = !output.isZero(BlockOutput.errorAddress, 20)
  const hasValues =
    !output.isZero(BlockOutput.errorExpected, 32) || !output.isZero(BlockOutput.errorActual, 32)
  if (code === 'STATE_MISSING_BLOCK_HASH') {
    const expected = output.u256(BlockOutput.errorExpected)
    const place = transaction >= 0 ? { txIndex: transaction } : {}
    return errorFor(code, { ...place, field: `blockHashes[${expected}]`, expected })
  }
  const field = executed && transaction >= 0 ? fieldOf(code, transaction, executed) : undefined
  const details: ErrorDetails = {
    ...(transaction >= 0 ? { txIndex: transaction } : {}),
    ...(field === undefined ? {} : { field }),
    ...(hasAddress ? { address: output.hex(BlockOutput.errorAddress, 20) } : {}),
    ...(hasValues
      ? {
          expected: output.u256(BlockOutput.errorExpected),
          actual: output.u256(BlockOutput.errorActual),
        }
      : {}),
  }
  return errorFor(code, details)
}

function fieldOf(code: ErrorCode, index: number, { input, names }: Executed): string | undefined {
  const packed = new PackedReader(input)
  const at = packed.sectionOffset(BlockInput.transactions) + index * Transaction.SIZE
  return brokenField(code, packed.u8(at + Transaction.type), names)
}
