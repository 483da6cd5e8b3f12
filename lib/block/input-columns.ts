/** The parts of a BlockInput that come from the block, while they grow. */

import { Column } from './column.js'

/** One column per section of the packed input that the block fills, and where items came from. */
export class InputColumns {
  readonly transactions = new Column(64 << 10)
  readonly accessEntries = new Column(4 << 10)
  readonly storageKeys = new Column(4 << 10)
  readonly blobHashes = new Column(1 << 10)
  readonly authorizations = new Column(1 << 10)
  readonly pool = new Column(64 << 10)
  readonly withdrawals = new Column(1 << 10)
  readonly ommers = new Column(1 << 8)
  /** Pairs of u32: start and end of each transaction's encoding in the source. */
  readonly transactionRanges = new Column(2 << 10)
  /** The same for withdrawals. */
  readonly withdrawalRanges = new Column(1 << 8)

  clear(): void {
    this.transactions.clear()
    this.accessEntries.clear()
    this.storageKeys.clear()
    this.blobHashes.clear()
    this.authorizations.clear()
    this.pool.clear()
    this.withdrawals.clear()
    this.ommers.clear()
    this.transactionRanges.clear()
    this.withdrawalRanges.clear()
  }
}

/** Decoding runs to its end without leaving this thread: one set of columns serves all blocks. */
let spare: InputColumns | undefined = new InputColumns()

/**
 * Runs `use` with empty columns. They hold nothing afterwards: what `use` returns must own its bytes.
 * Calls may nest (a caller's getter that decodes a block); the inner one gets columns of its own.
 */
export function withColumns<T>(use: (columns: InputColumns) => T): T {
  const columns = spare ?? new InputColumns()
  spare = undefined
  try {
    return use(columns)
  } finally {
    columns.clear()
    spare = columns
  }
}
