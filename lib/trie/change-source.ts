/** Batches of changes out of packed buffers: the outputs of blocks and dumps of states. */

import type { PackedReader } from '../native/packed-reader.js'
import {
  AccountChange,
  AccountFlag,
  BlockOutput,
  SlotChange,
  StateAccount,
  StateDump,
  StateSlot,
} from '../native/wire.js'
import { type AccountFields, ChangeBatch, type DetachedStorage, EntryFlag } from './change-batch.js'

const after: AccountFields = {
  nonce: AccountChange.nonceAfter,
  balance: AccountChange.balanceAfter,
  codeHash: AccountChange.codeHashAfter,
}

const before: AccountFields = {
  nonce: AccountChange.nonceBefore,
  balance: AccountChange.balanceBefore,
  codeHash: AccountChange.codeHashBefore,
}

const inDump: AccountFields = {
  nonce: StateAccount.nonce,
  balance: StateAccount.balance,
  codeHash: StateAccount.codeHash,
}

/** What undoes a batch: the same output read backwards. */
export interface UndoRecord {
  readonly output: PackedReader
  readonly keys: Uint8Array
  /** The storage that accounts lost, by entry. */
  readonly detached: ReadonlyMap<number, DetachedStorage>
}

/** The account and slot changes of a packed `BlockOutput`. */
export function changesOf(output: PackedReader): ChangeBatch {
  const batch = emptyBatch(output, after)
  const accounts = output.sectionOffset(BlockOutput.accounts)
  const slots = output.sectionOffset(BlockOutput.slots)
  batch.hashKeys(
    (account) => accounts + account * AccountChange.SIZE + AccountChange.address,
    (slot) => slots + slot * SlotChange.SIZE + SlotChange.key,
  )
  for (let i = 0; i < batch.accountCount; i++) {
    const at = batch.recordAt[i]
    const flags = output.u32(at + AccountChange.flags)
    if ((flags & AccountFlag.ExistsAfter) === 0) batch.flags[i] = EntryFlag.Remove
    else if ((flags & AccountFlag.StorageCleared) !== 0) batch.flags[i] = EntryFlag.ClearStorage
    giveSlots(batch, i, at)
  }
  for (let i = 0; i < batch.slotCount; i++) {
    batch.setNumber(batch.accountCount + i, slots + i * SlotChange.SIZE + SlotChange.after)
  }
  batch.sort()
  return batch
}

/** The changes that undo those of an output. */
export function changesUndoing({ output, keys, detached }: UndoRecord): ChangeBatch {
  const batch = emptyBatch(output, before, keys)
  batch.attached = detached
  const slots = output.sectionOffset(BlockOutput.slots)
  for (let i = 0; i < batch.accountCount; i++) {
    const at = batch.recordAt[i]
    const flags = output.u32(at + AccountChange.flags)
    if ((flags & AccountFlag.ExistedBefore) === 0) {
      batch.flags[i] = EntryFlag.Remove
    } else if (
      (flags & AccountFlag.StorageCleared) !== 0 ||
      (flags & AccountFlag.ExistsAfter) === 0
    ) {
      // The storage that was detached comes back whole.
      batch.flags[i] = EntryFlag.ClearStorage
    } else {
      giveSlots(batch, i, at)
    }
  }
  for (let i = 0; i < batch.slotCount; i++) {
    batch.setNumber(batch.accountCount + i, slots + i * SlotChange.SIZE + SlotChange.before)
  }
  batch.sort()
  return batch
}

function emptyBatch(output: PackedReader, fields: AccountFields, keys?: Uint8Array): ChangeBatch {
  const accountCount = output.sectionCount(BlockOutput.accounts)
  const slotCount = output.sectionCount(BlockOutput.slots)
  const batch = new ChangeBatch(accountCount, slotCount, output.bytes, fields, keys)
  const first = output.sectionOffset(BlockOutput.accounts)
  for (let i = 0; i < accountCount; i++) batch.recordAt[i] = first + i * AccountChange.SIZE
  return batch
}

function giveSlots(batch: ChangeBatch, account: number, record: number): void {
  const { source } = batch
  batch.slotFrom[account] = batch.accountCount + u32(source, record + AccountChange.slotStart)
  batch.slotTo[account] = batch.slotFrom[account] + u32(source, record + AccountChange.slotCount)
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}

/** Entries of a batch that is made of a part of a dump. */
const dumpPart = 65536

/** An account of a dump and some of its slots, by their numbers in the dump. */
interface DumpEntry {
  readonly account: number
  readonly slotStart: number
  readonly slotEnd: number
}

/** The accounts and slots of a packed `StateDump`, in batches of bearable size. */
export function* changesOfDump(dump: PackedReader): IterableIterator<ChangeBatch> {
  const count = dump.sectionCount(StateDump.accounts)
  const first = dump.sectionOffset(StateDump.accounts)
  let part: DumpEntry[] = []
  let slotCount = 0
  for (let account = 0; account < count; account++) {
    const at = first + account * StateAccount.SIZE
    let slotStart = dump.u32(at + StateAccount.slotStart)
    const end = slotStart + dump.u32(at + StateAccount.slotCount)
    // An account with many slots is given several times, with some of them each.
    do {
      const slotEnd = Math.min(end, slotStart + dumpPart)
      part.push({ account, slotStart, slotEnd })
      slotCount += slotEnd - slotStart
      slotStart = slotEnd
      if (part.length + slotCount >= dumpPart || slotStart < end) {
        yield partOfDump(dump, part, slotCount)
        part = []
        slotCount = 0
      }
    } while (slotStart < end)
  }
  if (part.length > 0) yield partOfDump(dump, part, slotCount)
}

function partOfDump(
  dump: PackedReader,
  part: readonly DumpEntry[],
  slotCount: number,
): ChangeBatch {
  const batch = new ChangeBatch(part.length, slotCount, dump.bytes, inDump)
  const accounts = dump.sectionOffset(StateDump.accounts)
  const slots = dump.sectionOffset(StateDump.slots)
  const slotAt = new Uint32Array(slotCount)
  let next = 0
  for (let i = 0; i < part.length; i++) {
    const { account, slotStart, slotEnd } = part[i]
    batch.recordAt[i] = accounts + account * StateAccount.SIZE
    batch.slotFrom[i] = part.length + next
    for (let slot = slotStart; slot < slotEnd; slot++) {
      slotAt[next] = slots + slot * StateSlot.SIZE
      batch.setNumber(part.length + next, slotAt[next] + StateSlot.value)
      next++
    }
    batch.slotTo[i] = part.length + next
  }
  batch.hashKeys(
    (i) => batch.recordAt[i] + StateAccount.address,
    (i) => slotAt[i] + StateSlot.key,
  )
  batch.sort()
  return batch
}
