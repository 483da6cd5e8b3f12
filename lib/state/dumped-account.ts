/** Accounts with all that they have, out of packed dumps. */

import type { Hex } from '../hex/index.js'
import { withJson } from '../json.js'
import type { PackedReader } from '../native/packed-reader.js'
import { StateAccount, StateAccountFlag, StateDump, StateSlot } from '../native/wire.js'
import { type Account, readAccount } from './account.js'

/** An account with everything it has, as `dump` of a state gives it. */
export interface DumpedAccount extends Account {
  /** The contract's code, or undefined where the state knows only its hash. */
  readonly code: Hex | undefined
  /** Values that are not zero by slot, 32 bytes each. */
  readonly storage: ReadonlyMap<Hex, Hex>
}

/** Reads a StateAccount record with its code and slots. */
export function readDumpedAccount(dump: PackedReader, at: number): DumpedAccount {
  return withJson({
    ...readAccount(dump, at),
    code: readCode(dump, at),
    storage: readStorage(dump, at),
  })
}

function readCode(dump: PackedReader, at: number): Hex | undefined {
  if (dump.u32(at + StateAccount.flags) & StateAccountFlag.CodeMissing) return undefined
  const pool = dump.sectionOffset(StateDump.pool)
  const size = dump.u32(at + StateAccount.codeSize)
  return dump.hex(pool + dump.u32(at + StateAccount.codeOffset), size)
}

/** Reads the slots of a StateAccount record. */
export function readStorage(dump: PackedReader, at: number): ReadonlyMap<Hex, Hex> {
  const storage = new Map<Hex, Hex>()
  const first = dump.sectionOffset(StateDump.slots)
  const start = dump.u32(at + StateAccount.slotStart)
  const count = dump.u32(at + StateAccount.slotCount)
  for (let i = start; i < start + count; i++) {
    const slot = first + i * StateSlot.SIZE
    storage.set(dump.hex(slot + StateSlot.key, 32), dump.hex(slot + StateSlot.value, 32))
  }
  return storage
}
