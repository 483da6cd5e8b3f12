/** A made-up state and a made-up block's changes of it, both packed, for the trie's benchmark. */

import { emptyCodeHashBytes } from '../../lib/empty-hashes.js'
import { putSection } from '../../lib/native/packed-writer.js'
import {
  AccountChange,
  AccountFlag,
  BlockOutput,
  Magic,
  SlotChange,
  StateAccount,
  StateDump,
  StateSlot,
  WIRE_VERSION,
} from '../../lib/native/wire.js'

/** Every so many accounts is a contract, with so many slots. */
const contractEvery = 20
const slotsOfContract = 8

/** Bytes that look random and are the same every time. */
class Filler {
  private state = 0x9e3779b9

  /** A 32-bit number (Marsaglia's xorshift32). */
  next(): number {
    let x = this.state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.state = x
    return x >>> 0
  }

  fill(bytes: Uint8Array, at: number, size: number): void {
    for (let i = at; i < at + size; i++) bytes[i] = this.next() & 255
  }
}

/** A state of `count` accounts with distinct addresses, as a packed StateDump. */
export function makeState(count: number): Buffer {
  const contracts = Math.ceil(count / contractEvery)
  const slotCount = contracts * slotsOfContract
  const slotsAt = StateDump.SIZE + count * StateAccount.SIZE
  const dump = Buffer.alloc(slotsAt + slotCount * StateSlot.SIZE)
  dump.writeUInt32LE(Magic.StateDump, StateDump.magic)
  dump.writeUInt32LE(WIRE_VERSION, StateDump.version)
  putSection(viewOf(dump), StateDump.accounts, StateDump.SIZE, count)
  putSection(viewOf(dump), StateDump.slots, slotsAt, slotCount)
  putSection(viewOf(dump), StateDump.pool, dump.length, 0)
  const filler = new Filler()
  let slot = 0
  for (let i = 0; i < count; i++) {
    const at = StateDump.SIZE + i * StateAccount.SIZE
    putAddress(dump, at + StateAccount.address, i)
    dump.writeUInt32LE(filler.next() % 1000, at + StateAccount.nonce)
    filler.fill(dump, at + StateAccount.balance + 23, 9)
    dump.writeUInt32LE(slot, at + StateAccount.slotStart)
    if (i % contractEvery > 0) {
      dump.set(emptyCodeHashBytes, at + StateAccount.codeHash)
      continue
    }
    filler.fill(dump, at + StateAccount.codeHash, 32)
    dump.writeUInt32LE(slotsOfContract, at + StateAccount.slotCount)
    for (let k = 0; k < slotsOfContract; k++, slot++) {
      const slotAt = slotsAt + slot * StateSlot.SIZE
      dump.writeUInt32BE(k, slotAt + StateSlot.key + 28)
      putValue(dump, slotAt + StateSlot.value, filler)
    }
  }
  return dump
}

/**
 * Changes of `count` accounts and slots, half of each, as a packed BlockOutput: new balances and
 * nonces, and in the contracts among the accounts, four slots each, changed, made and emptied.
 */
export function makeChanges(dump: Buffer, count: number, seed: number): Buffer {
  const total = dump.readUInt32LE(StateDump.accounts + 4)
  const slotsOfEach = 4
  const slotCount = count / 2
  const contracts = slotCount / slotsOfEach
  const accountCount = count - slotCount
  const slotsAt = BlockOutput.SIZE + accountCount * AccountChange.SIZE
  const output = Buffer.alloc(slotsAt + slotCount * SlotChange.SIZE)
  output.writeUInt32LE(Magic.BlockOutput, BlockOutput.magic)
  output.writeUInt32LE(WIRE_VERSION, BlockOutput.version)
  putSection(viewOf(output), BlockOutput.accounts, BlockOutput.SIZE, accountCount)
  putSection(viewOf(output), BlockOutput.slots, slotsAt, slotCount)
  const filler = new Filler()
  for (let i = 0; i < seed; i++) filler.next()
  const chosen = new Set<number>()
  let slot = 0
  for (let i = 0; i < accountCount; i++) {
    const isContract = i < contracts
    let account: number
    do {
      account = filler.next() % total
      account -= isContract ? account % contractEvery : account % contractEvery === 0 ? -1 : 0
    } while (chosen.has(account) || account >= total)
    chosen.add(account)
    const from = StateDump.SIZE + account * StateAccount.SIZE
    const at = BlockOutput.SIZE + i * AccountChange.SIZE
    dump.copy(
      output,
      at + AccountChange.address,
      from + StateAccount.address,
      from + StateAccount.address + 20,
    )
    for (const [before, after, field, size] of [
      [AccountChange.nonceBefore, AccountChange.nonceAfter, StateAccount.nonce, 8],
      [AccountChange.balanceBefore, AccountChange.balanceAfter, StateAccount.balance, 32],
      [AccountChange.codeHashBefore, AccountChange.codeHashAfter, StateAccount.codeHash, 32],
    ]) {
      dump.copy(output, at + before!, from + field!, from + field! + size!)
      dump.copy(output, at + after!, from + field!, from + field! + size!)
    }
    filler.fill(output, at + AccountChange.balanceAfter + 23, 9)
    output.writeUInt32LE(filler.next() % 2000, at + AccountChange.nonceAfter)
    output.writeUInt32LE(
      AccountFlag.ExistedBefore | AccountFlag.ExistsAfter,
      at + AccountChange.flags,
    )
    output.writeUInt32LE(slot, at + AccountChange.slotStart)
    if (!isContract) continue
    output.writeUInt32LE(slotsOfEach, at + AccountChange.slotCount)
    const firstSlot = dump.readUInt32LE(from + StateAccount.slotStart)
    const dumpSlots = dump.readUInt32LE(StateDump.slots)
    for (let k = 0; k < slotsOfEach; k++, slot++) {
      const slotAt = slotsAt + slot * SlotChange.SIZE
      // Two that are there, of which one goes now and then, and two that are new.
      const key = k < 2 ? k * 3 : 1000 + k
      output.writeUInt32BE(key, slotAt + SlotChange.key + 28)
      if (k < 2) {
        const value = dumpSlots + (firstSlot + key) * StateSlot.SIZE + StateSlot.value
        dump.copy(output, slotAt + SlotChange.before, value, value + 32)
      }
      if (k > 0 || i % 4 > 0) putValue(output, slotAt + SlotChange.after, filler)
    }
  }
  return output
}

function putAddress(buffer: Buffer, at: number, account: number): void {
  buffer.writeUInt32BE(account, at + 16)
  buffer[at] = 0xb1
}

/** A value that is not zero, of any size up to 32 bytes. */
function putValue(buffer: Buffer, at: number, filler: Filler): void {
  const size = 1 + (filler.next() % 32)
  filler.fill(buffer, at + 32 - size, size)
  buffer[at + 31] |= 1
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
