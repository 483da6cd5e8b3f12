/** Reading of accounts given as plain objects into a packed state dump. */

import { isRecord, type MembersOf, unknownMember } from '../arguments.js'
import { errorFor, isBraidError, shownValue } from '../errors.js'
import { isPrefixed, writeHex } from '../hex/index.js'
import { keccak256Batch } from '../native/load.js'
import { align, putSection } from '../native/packed-writer.js'
import {
  Magic,
  StateAccount,
  StateAccountFlag,
  StateDump,
  StateSlot,
  WIRE_VERSION,
} from '../native/wire.js'

/** A number as genesis files, JSON-RPC and programs write it: decimal or `0x` hex, leading zeros allowed. */
export type AllocQuantity = bigint | number | string

/** An account as genesis files, pre-states and test vectors give it. What is absent is zero or empty. */
export interface AllocAccount {
  /** In wei. */
  readonly balance?: AllocQuantity | undefined
  /** How many transactions it sent, or contracts it created. */
  readonly nonce?: AllocQuantity | undefined
  /** The contract's code, `0x` hex or bytes. */
  readonly code?: string | Uint8Array | undefined
  /**
   * keccak256 of the code. Given without `code`, the account has code that the state does not know:
   * whatever needs the bytes fails with `STATE_MISSING_CODE`.
   */
  readonly codeHash?: string | undefined
  /** Values by slot, `0x` hex of at most 32 bytes each; a zero value means an empty slot. */
  readonly storage?: Readonly<Record<string, string | bigint | number>> | undefined
}

/** Accounts by address. */
export type Alloc = Readonly<Record<string, AllocAccount>>

/**
 * Packs accounts as the native state loads them. Throws `STATE_MALFORMED` with the account and the field.
 *
 * @param keepZeros whether slots that are zero are written too, as something that is known
 */
export function packAlloc(alloc: Alloc, keepZeros = false): Uint8Array {
  if (!isRecord(alloc)) {
    const expected = 'an object of accounts by address'
    throw errorFor('STATE_MALFORMED', { expected, actual: shownValue(alloc) })
  }
  try {
    return new AllocPacker(alloc, keepZeros).pack()
  } catch (cause) {
    if (isBraidError(cause)) throw cause
    // A getter of the caller's, or bytes whose buffer was given away.
    throw errorFor('STATE_MALFORMED', {}, { cause })
  }
}

/** Offsets are 32-bit numbers. */
const largestDump = 0xffff_ffff

/** Sizes everything first, then writes; objects that change in between are told. */
class AllocPacker {
  private readonly addresses: readonly string[]
  private readonly buffer: Buffer
  private readonly view: DataView
  private readonly slotsAt: number
  private readonly slotsEnd: number
  private readonly poolAt: number
  private slotCount = 0
  private poolSize = 0

  constructor(
    private readonly alloc: Alloc,
    private readonly keepZeros: boolean,
  ) {
    this.addresses = Object.keys(alloc)
    checkDistinct(this.addresses)
    let slots = 0
    let pool = 0
    for (const address of this.addresses) {
      const account = alloc[address]
      if (!isRecord(account)) {
        throw malformed(address, undefined, 'an object', account)
      }
      checkAccountMembers(address, account)
      const { code, storage } = account
      if (storage !== undefined) slots += countSlots(address, storage)
      if (code !== undefined) pool += codeSize(address, code)
    }
    this.slotsAt = align(StateDump.SIZE + this.addresses.length * StateAccount.SIZE)
    this.slotsEnd = this.slotsAt + slots * StateSlot.SIZE
    this.poolAt = align(this.slotsEnd)
    const size = this.poolAt + pool
    if (size > largestDump) throw errorFor('STATE_MALFORMED', { expected: 'at most 4 GiB' })
    const bytes = new Uint8Array(size)
    this.buffer = Buffer.from(bytes.buffer)
    this.view = new DataView(bytes.buffer)
  }

  pack(): Uint8Array {
    const { addresses, view } = this
    const codeEnds = new Uint32Array(addresses.length + 1)
    for (let i = 0; i < addresses.length; i++) {
      this.packAccount(addresses[i], StateDump.SIZE + i * StateAccount.SIZE)
      codeEnds[i + 1] = this.poolSize
    }
    this.hashCodes(codeEnds)
    view.setUint32(StateDump.magic, Magic.StateDump, true)
    view.setUint32(StateDump.version, WIRE_VERSION, true)
    putSection(view, StateDump.accounts, align(StateDump.SIZE), addresses.length)
    putSection(view, StateDump.slots, this.slotsAt, this.slotCount)
    putSection(view, StateDump.pool, this.poolAt, this.poolSize)
    return this.buffer
  }

  private packAccount(address: string, at: number): void {
    const { buffer, view } = this
    const { balance, nonce, code, codeHash, storage } = this.alloc[address]
    writeFixed(buffer, at + StateAccount.address, 20, address, address, 'address')
    writeNumber(buffer, at + StateAccount.balance, balance, address, 'balance')
    view.setBigUint64(at + StateAccount.nonce, nonceOf(nonce, address), true)

    view.setUint32(at + StateAccount.codeOffset, this.poolSize, true)
    if (code !== undefined) this.packCode(address, code)
    const size = this.poolSize - view.getUint32(at + StateAccount.codeOffset, true)
    view.setUint32(at + StateAccount.codeSize, size, true)
    if (codeHash !== undefined) {
      writeFixed(buffer, at + StateAccount.codeHash, 32, codeHash, address, 'codeHash')
    }

    view.setUint32(at + StateAccount.slotStart, this.slotCount, true)
    if (storage !== undefined) this.packStorage(address, storage)
    const slots = this.slotCount - view.getUint32(at + StateAccount.slotStart, true)
    view.setUint32(at + StateAccount.slotCount, slots, true)
  }

  private packCode(address: string, code: string | Uint8Array): void {
    const { buffer } = this
    const at = this.poolAt + this.poolSize
    if (typeof code === 'string') {
      const size = (code.length - 2) / 2
      if (!writeHex(buffer, at + size, code, 2)) {
        throw malformed(address, 'code', 'hex digits', code)
      }
      this.poolSize += size
    } else {
      buffer.set(code, at)
      this.poolSize += code.length
    }
  }

  private packStorage(address: string, storage: NonNullable<AllocAccount['storage']>): void {
    const first = this.slotCount
    let canonical = true
    for (const slot in storage) {
      canonical &&= slot.length === 66 && slot === slot.toLowerCase()
      this.packSlot(address, slot, storage[slot])
    }
    // Object keys are distinct, so two of them name one slot only where spellings differ.
    if (canonical) return
    const keys = new Set<string>()
    for (let i = first; i < this.slotCount; i++) {
      const at = this.slotsAt + i * StateSlot.SIZE + StateSlot.key
      const key = this.buffer.toString('hex', at, at + 32)
      if (keys.has(key)) throw malformed(address, 'storage', 'distinct slots', `0x${key} twice`)
      keys.add(key)
    }
  }

  private packSlot(address: string, slot: string, value: string | bigint | number): void {
    const at = this.slotsAt + this.slotCount * StateSlot.SIZE
    if (at === this.slotsEnd) throw malformed(address, 'storage', 'no change while read', slot)
    const { buffer } = this
    writeNumber(buffer, at + StateSlot.value, value, address, `storage[${slot}]`)
    if (!this.keepZeros && isZero(buffer, at + StateSlot.value, 32)) return
    writeNumber(buffer, at + StateSlot.key, slot, address, 'storage key')
    this.slotCount++
  }

  /** Writes the code hashes that were not given and checks those that were. */
  private hashCodes(ends: Uint32Array): void {
    const { addresses, buffer, view } = this
    const hashes = Buffer.alloc(32 * addresses.length)
    keccak256Batch(buffer.subarray(this.poolAt, this.poolAt + this.poolSize), ends, hashes)
    for (let i = 0; i < addresses.length; i++) {
      const address = addresses[i]
      const at = StateDump.SIZE + i * StateAccount.SIZE
      const target = buffer.subarray(at + StateAccount.codeHash, at + StateAccount.codeHash + 32)
      const hash = hashes.subarray(32 * i, 32 * i + 32)
      const { code, codeHash } = this.alloc[address]
      if (codeHash === undefined || target.equals(hash)) {
        target.set(hash)
      } else if (code === undefined) {
        view.setUint32(at + StateAccount.flags, StateAccountFlag.CodeMissing, true)
      } else {
        throw malformed(address, 'codeHash', `0x${hash.toString('hex')}`, codeHash)
      }
    }
  }
}

const accountMembers: MembersOf<AllocAccount> = {
  balance: true,
  nonce: true,
  code: true,
  codeHash: true,
  storage: true,
}

/** What dumps, genesis files and proofs say beside it; nobody looks at it. */
const dumpMembers: ReadonlySet<string> = new Set([
  'address',
  'key',
  'root',
  'storageRoot',
  'storageHash',
  'storageProof',
  'accountProof',
  'secretKey',
  'privateKey',
  'comment',
])

/** Fails where an account, of an alloc or of a source, has a member that nobody would look at. */
export function checkAccountMembers(
  address: string,
  account: object,
  members: Readonly<Record<string, true>> = accountMembers,
): void {
  for (const name of Object.keys(account)) {
    if (Object.hasOwn(members, name) || dumpMembers.has(name)) continue
    const place = { code: 'STATE_MALFORMED', details: { address } } as const
    throw unknownMember(name, Object.keys(members), place)
  }
}

/** Fails where two spellings name one account. */
function checkDistinct(addresses: readonly string[]): void {
  if (addresses.every((address) => address.startsWith('0x') && address === address.toLowerCase())) {
    return
  }
  const seen = new Set<string>()
  for (const address of addresses) {
    const key = address.toLowerCase().replace(/^0x/, '')
    if (seen.has(key)) throw malformed(address, undefined, 'distinct addresses', `${address} twice`)
    seen.add(key)
  }
}

function countSlots(address: string, storage: unknown): number {
  if (!isRecord(storage)) {
    throw malformed(address, 'storage', 'an object of values by slot', storage)
  }
  let count = 0
  for (const _ in storage) count++
  return count
}

function codeSize(address: string, code: unknown): number {
  if (code instanceof Uint8Array) return code.length
  if (!isPrefixed(code) || code.length % 2 !== 0) {
    throw malformed(address, 'code', 'bytes or 0x hex', code)
  }
  return (code.length - 2) / 2
}

/** Writes `0x` hex of exactly `size` bytes; of an address, with or without the prefix. */
export function writeFixed(
  buffer: Buffer,
  at: number,
  size: number,
  hex: unknown,
  address: string,
  field: string,
): void {
  if (typeof hex === 'string') {
    // Genesis files write addresses with and without the prefix.
    const first = hex.startsWith('0x') ? 2 : field === 'address' ? 0 : hex.length
    if (hex.length - first === 2 * size && writeHex(buffer, at + size, hex, first)) return
  }
  throw malformed(address, field, `0x hex of ${size} bytes`, hex)
}

/** Writes a number of at most 256 bits as 32 big-endian bytes. */
export function writeNumber(
  buffer: Buffer,
  at: number,
  value: unknown,
  address: string,
  field: string,
): void {
  if (value === undefined) return
  if (isPrefixed(value)) {
    if (value.length <= 66 && writeHex(buffer, at + 32, value, 2)) return
    throw malformed(address, field, 'hex digits of at most 32 bytes', value)
  }
  let rest = toBigInt(value, address, field)
  if (rest >> 256n !== 0n) throw malformed(address, field, 'a number of at most 256 bits', value)
  for (let i = at + 31; rest > 0n; i--) {
    buffer[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
}

export function nonceOf(value: unknown, address: string): bigint {
  if (value === undefined) return 0n
  const nonce = toBigInt(value, address, 'nonce')
  if (nonce >> 64n !== 0n) throw malformed(address, 'nonce', 'a number of at most 64 bits', value)
  return nonce
}

/** A number of any accepted spelling, not negative. */
function toBigInt(value: unknown, address: string, field: string): bigint {
  if (typeof value === 'bigint' && value >= 0n) return value
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  if (typeof value === 'string' && /^(0x[0-9a-fA-F]*|[0-9]+)$/.test(value)) {
    return value === '0x' ? 0n : BigInt(value)
  }
  throw malformed(address, field, 'a decimal or 0x hex number', value)
}

function isZero(bytes: Uint8Array, at: number, size: number): boolean {
  for (let i = at; i < at + size; i++) if (bytes[i] !== 0) return false
  return true
}

export function malformed(
  address: string,
  field: string | undefined,
  expected: string,
  actual: unknown,
) {
  return errorFor('STATE_MALFORMED', {
    address,
    ...(field === undefined ? {} : { field }),
    expected,
    actual: shownValue(actual),
  })
}
