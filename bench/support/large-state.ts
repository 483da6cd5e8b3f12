/** A made-up state that is too large to be made at once: accounts by their number, in packed parts. */

import { emptyCodeHashBytes } from '../../lib/empty-hashes.js'
import type { Hex } from '../../lib/hex/index.js'
import { putSection } from '../../lib/native/packed-writer.js'
import { Magic, StateAccount, StateDump, StateSlot, WIRE_VERSION } from '../../lib/native/wire.js'

/** A number that looks random, the same for the same numbers (the finaliser of MurmurHash3). */
function mixed(number: number, salt: number): number {
  let x = Math.imul(number, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

function putAddress(bytes: Buffer, at: number, index: number): void {
  bytes.writeUInt32BE(index, at)
  for (let word = 1; word < 5; word++) bytes.writeUInt32BE(mixed(index, word), at + 4 * word)
}

/** The address of an account. */
export function addressOf(index: number): Hex {
  const bytes = Buffer.alloc(20)
  putAddress(bytes, 0, index)
  return `0x${bytes.toString('hex')}`
}

/** The accounts `[from, to)`, each with 10¹⁸ wei or somewhat more and one slot, as a packed StateDump. */
export function partOf(from: number, to: number): Buffer {
  const count = to - from
  const slotsAt = StateDump.SIZE + count * StateAccount.SIZE
  const dump = Buffer.alloc(slotsAt + count * StateSlot.SIZE)
  const view = new DataView(dump.buffer, dump.byteOffset, dump.byteLength)
  dump.writeUInt32LE(Magic.StateDump, StateDump.magic)
  dump.writeUInt32LE(WIRE_VERSION, StateDump.version)
  putSection(view, StateDump.accounts, StateDump.SIZE, count)
  putSection(view, StateDump.slots, slotsAt, count)
  putSection(view, StateDump.pool, dump.length, 0)
  for (let i = 0; i < count; i++) {
    const at = StateDump.SIZE + i * StateAccount.SIZE
    putAddress(dump, at + StateAccount.address, from + i)
    dump.writeBigUInt64BE(10n ** 18n + BigInt(mixed(from + i, 9)), at + StateAccount.balance + 24)
    dump.set(emptyCodeHashBytes, at + StateAccount.codeHash)
    dump.writeUInt32LE(i, at + StateAccount.slotStart)
    dump.writeUInt32LE(1, at + StateAccount.slotCount)
    const slot = slotsAt + i * StateSlot.SIZE
    dump.writeUInt32BE(mixed(from + i, 10), slot + StateSlot.key + 28)
    dump.writeUInt32BE((mixed(from + i, 11) | 1) >>> 0, slot + StateSlot.value + 28)
  }
  return dump
}
