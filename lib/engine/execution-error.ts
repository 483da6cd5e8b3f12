/** Errors of the native side as errors of this package. */

import {
  type BraidError,
  type ErrorCode,
  type ErrorDetails,
  errorFor,
  errorMeanings,
} from '../errors.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, ErrorCode as NativeErrorCode } from '../native/wire.js'

const codeNames = new Map<number, ErrorCode>(
  Object.entries(NativeErrorCode)
    .filter(([name]) => name in errorMeanings)
    .map(([name, number]) => [number, name as ErrorCode]),
)

/** The error that a packed output reports, or undefined where the execution succeeded. */
export function executionError(output: PackedReader): BraidError | undefined {
  const number = output.u32(BlockOutput.error)
  if (number === NativeErrorCode.OK) return undefined
  const code = codeNames.get(number) ?? 'VM_INTERNAL_ERROR'
  const transaction = output.i32(BlockOutput.errorTransaction)
  const hasAddress = !output.isZero(BlockOutput.errorAddress, 20)
  const hasValues =
    !output.isZero(BlockOutput.errorExpected, 32) || !output.isZero(BlockOutput.errorActual, 32)
  const details: ErrorDetails = {
    ...(transaction >= 0 ? { txIndex: transaction } : {}),
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
