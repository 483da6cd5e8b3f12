/** From the columns of a block to one buffer in the layout of a BlockInput. */

import {
  AccessEntry,
  Authorization,
  BlockHash,
  BlockInput,
  Ommer,
  SystemCall,
  Transaction,
  Withdrawal,
} from '../native/wire.js'
import type { Column } from './column.js'
import type { InputColumns } from './input-columns.js'

/** A BlockInput without what the ruleset decides; behind its end is room for that. */
export interface AssembledInput {
  /** The buffer; only the part before {@link end} is in use. */
  readonly bytes: Uint8Array
  readonly end: number
}

/** Most hashes that BLOCKHASH can see. */
export const maxBlockHashes = 256

/** Room that the context of a usual block takes behind the columns; untouched pages cost nothing. */
export const usualContextSize = contextSize(4, maxBlockHashes)

/** How many bytes system calls and block hashes take. */
export function contextSize(systemCalls: number, blockHashes: number): number {
  return align(systemCalls * SystemCall.SIZE) + blockHashes * BlockHash.SIZE
}

/** The next multiple of 8: where a section may start. */
export function align(offset: number): number {
  return (offset + 7) & ~7
}

/** Writes a section's place and number of records. */
export function putSection(view: DataView, field: number, offset: number, count: number): void {
  view.setUint32(field, offset, true)
  view.setUint32(field + 4, count, true)
}

/**
 * Joins the columns in a buffer of their own.
 *
 * @param room bytes to leave free behind them
 */
export function assembleInput(columns: InputColumns, room: number): AssembledInput {
  const sections: readonly (readonly [field: number, column: Column, recordSize: number])[] = [
    [BlockInput.transactions, columns.transactions, Transaction.SIZE],
    [BlockInput.accessEntries, columns.accessEntries, AccessEntry.SIZE],
    [BlockInput.storageKeys, columns.storageKeys, 32],
    [BlockInput.blobHashes, columns.blobHashes, 32],
    [BlockInput.authorizations, columns.authorizations, Authorization.SIZE],
    [BlockInput.withdrawals, columns.withdrawals, Withdrawal.SIZE],
    [BlockInput.ommers, columns.ommers, Ommer.SIZE],
    [BlockInput.pool, columns.pool, 1],
  ]
  let size: number = BlockInput.SIZE
  for (const [, column] of sections) size = align(size + column.size)
  const bytes = new Uint8Array(size + room)
  const view = new DataView(bytes.buffer)
  let at = align(BlockInput.SIZE)
  for (const [field, column, recordSize] of sections) {
    bytes.set(column.bytes.subarray(0, column.size), at)
    putSection(view, field, at, column.size / recordSize)
    at = align(at + column.size)
  }
  return { bytes, end: at }
}
