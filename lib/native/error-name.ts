/** The errors that packed outputs report, by the names that both sides share. */

import { type ErrorCode, errorMeanings } from '../error-codes.js'
import { ErrorCode as NativeErrorCode } from './wire.js'

const names = new Map<number, ErrorCode>(
  Object.entries(NativeErrorCode)
    .filter(([name]) => name in errorMeanings)
    .map(([name, number]) => [number, name as ErrorCode]),
)

/** The code of an error's number; of one that is not known, that the VM has failed. */
export function errorName(number: number): ErrorCode {
  return names.get(number) ?? 'VM_INTERNAL_ERROR'
}
