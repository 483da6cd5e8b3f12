/** Execution on a strict state, which tells what it was not given. */

import type { NativePartialView } from '../native/addon.js'
import { PackedReader } from '../native/packed-reader.js'
import { BlockFlag, BlockInput, BlockOutput, ErrorCode } from '../native/wire.js'
import { missingError } from '../state/missing-error.js'

/** Errors that nothing has to do with that may be missing: they end the execution. */
export const finalErrors: ReadonlySet<number> = new Set([
  ErrorCode.INPUT_MALFORMED,
  ErrorCode.UNSUPPORTED_REVISION,
  ErrorCode.VM_INTERNAL_ERROR,
  ErrorCode.CANCELLED,
  ErrorCode.OUT_OF_MEMORY,
  ErrorCode.THREAD_UNAVAILABLE,
  ErrorCode.STATE_NOT_PRECOMPILE,
])

/**
 * The input to be executed in order: what runs ahead of its turn may read what nobody needs in the end.
 */
export function inOrder(input: Uint8Array): Uint8Array {
  const part = input.slice()
  const view = new DataView(part.buffer)
  const flags = view.getUint32(BlockInput.flags, true)
  view.setUint32(BlockInput.flags, flags & ~BlockFlag.AlwaysRunAhead, true)
  view.setUint32(BlockInput.workers, 1, true)
  return part
}

/**
 * Returns the output of an execution on a view; closes the view.
 *
 * @throws StateError `STATE_MISSING_ACCOUNT`, `STATE_MISSING_SLOT`, `STATE_MISSING_CODE` for the first
 *   thing that was asked for in vain: whatever came after, an error too, rests on a guess
 */
export function strictOutput(view: NativePartialView, output: Uint8Array): Uint8Array {
  const missing = view.takeMissing()
  if (finalErrors.has(new PackedReader(output).u32(BlockOutput.error))) return output
  if (missing.length === 0) return output
  throw missingError(missing)
}
