/** The accounts of a lasting state on their way out. */

import type { Hex } from '../hex/index.js'
import type { NativeStoreExport } from '../native/addon.js'
import { translatedLater } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { StateAccount, StateAccountFlag, StateDump } from '../native/wire.js'
import { type DumpedAccount, readDumpedAccount, readStorage } from './dumped-account.js'

/** How many accounts and slots are read at a time. */
const partSize = 4096

/** Whole accounts out of the parts of an export. */
export async function* accountsOf(parts: NativeStoreExport): AsyncIterableIterator<DumpedAccount> {
  try {
    yield* readParts(parts)
  } finally {
    await parts.end()
  }
}

async function* readParts(parts: NativeStoreExport): AsyncIterableIterator<DumpedAccount> {
  let last: (DumpedAccount & { readonly storage: Map<Hex, Hex> }) | undefined
  for (;;) {
    const packed = await translatedLater(() => parts.next(partSize))
    if (packed === null) break
    const dump = new PackedReader(packed)
    const first = dump.sectionOffset(StateDump.accounts)
    const count = dump.sectionCount(StateDump.accounts)
    for (let i = 0; i < count; i++) {
      const at = first + i * StateAccount.SIZE
      if (dump.u32(at + StateAccount.flags) & StateAccountFlag.SlotsOnly) {
        for (const [slot, value] of readStorage(dump, at)) last?.storage.set(slot, value)
        continue
      }
      if (last !== undefined) yield last
      const account = readDumpedAccount(dump, at)
      last = { ...account, storage: new Map(account.storage) }
    }
  }
  if (last !== undefined) yield last
}
