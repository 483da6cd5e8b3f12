/** From the columns of a block to one buffer in the layout of a BlockInput. */

import { blockHashWindow } from '../chain/index.js'
import { align, putSection } from '../native/packed-writer.js'
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

/** Room that the context of a usual block takes behind the columns; untouched pages cost nothing. */
export const usualContextSize = contextSize(4, blockHashWindow)

/** How many bytes system calls and block hashes take. */
export function contextSize(systemCalls: number, blockHashes: number): number {
  return align(systemCalls * SystemCall.SIZE) + blockHashes * BlockHash.SIZE
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
