/** The accounts of a state as files write them. */

import { errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'
import type { DumpedAccount } from '../state/dumped-account.js'
import { type AccountRecord, partOf, slotsPerRecord } from './account-record.js'

/**
 * What `MemoryState.dump` yields as the writers of files take it: an account with much storage in parts.
 *
 * @throws StateError `STATE_MISSING_CODE` for an account of whose code the state knows only the hash
 */
export function* accountRecords(
  accounts: Iterable<DumpedAccount>,
): Generator<AccountRecord, void, void> {
  for (const { address, nonce, balance, code, storage } of accounts) {
    if (code === undefined) throw errorFor('STATE_MISSING_CODE', { address })
    let slots = storage
    if (storage.size > slotsPerRecord) {
      const rest = new Map<Hex, Hex>()
      for (const [slot, value] of storage) {
        rest.set(slot, value)
        if (rest.size < slotsPerRecord) continue
        yield partOf(address, new Map(rest))
        rest.clear()
      }
      slots = rest
    }
    yield { address, nonce, balance, code, storage: slots, more: false }
  }
}
