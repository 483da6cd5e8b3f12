/** The accounts that an execution changed, where they lie in its output. */

import type { PackedReader } from '../native/packed-reader.js'
import { AccountChange, BlockOutput } from '../native/wire.js'

/** Where the record of each account begins. */
export function* accountRecords(output: PackedReader): IterableIterator<number> {
  const first = output.sectionOffset(BlockOutput.accounts)
  const end = first + output.sectionCount(BlockOutput.accounts) * AccountChange.SIZE
  for (let at = first; at < end; at += AccountChange.SIZE) yield at
}
