/** Batches of changes whose keys are taken as they are. */

import { ChangeBatch, EntryFlag } from '../../lib/trie/change-batch.js'

const noFields = { nonce: 0, balance: 0, codeHash: 0 }

/** A batch that sets keys to values as they are, or removes them. */
export function batchOf(changes: ReadonlyMap<string, Uint8Array | undefined>): ChangeBatch {
  const batch = new ChangeBatch(0, changes.size, new Uint8Array(0), noFields)
  let entry = 0
  for (const [key, value] of changes) {
    batch.keys.set(Buffer.from(key, 'hex'), 32 * entry)
    if (value === undefined) batch.flags[entry] = EntryFlag.Remove
    else batch.setValue(entry, value)
    entry++
  }
  return batch
}
