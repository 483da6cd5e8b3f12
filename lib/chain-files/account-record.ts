/** Accounts on their way between files and states. */

import { isRecord } from '../arguments.js'
import { emptyCodeHash, emptyTrieRoot } from '../empty-hashes.js'
import type { ErrorDetails } from '../error-details.js'
import type { BraidError } from '../errors.js'
import { bytesOf, bytesToHex, type Hex, zeroHash } from '../hex/index.js'
import { keccak256 } from '../native/load.js'

/**
 * An account, or a part of one: one with more storage than fits a record comes as several, one behind the
 * other, with the same address. All but the last have {@link more} and nothing but storage.
 */
export interface AccountRecord {
  /** Where the account is. Small letters. */
  readonly address: Hex
  /** How many transactions it sent, or contracts it created. */
  readonly nonce: bigint
  /** In wei. */
  readonly balance: bigint
  /** The contract's code; `0x` for none. */
  readonly code: Hex
  /** Values that are not zero by slot, 32 bytes each. */
  readonly storage: ReadonlyMap<Hex, Hex>
  /** Whether more of this account follows: nonce, balance and code are those of its last record. */
  readonly more: boolean
}

/** Most slots in one record. */
export const slotsPerRecord = 65_536

/** Makes the error for a value: what it should be, and where. */
export type Complain = (expected: string, details: ErrorDetails) => BraidError

/** The members of an account that its files write. */
export type AccountMembers = Readonly<Record<string, unknown>>

/** An address with or without the prefix, in any letters. */
export function addressOf(value: unknown, complain: Complain): Hex {
  if (typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value)) return value as Hex
  const digits = typeof value === 'string' ? value.replace(/^0x/, '').toLowerCase() : ''
  if (/^[0-9a-f]{40}$/.test(digits)) return `0x${digits}`
  const actual = typeof value === 'string' ? value : typeof value
  throw complain('an address: dumps need preimages', { field: 'address', actual })
}

/** The records of an account that was read whole. */
export function recordsOf(
  address: Hex,
  account: AccountMembers,
  complain: Complain,
): AccountRecord[] {
  const slots = account.storage ?? {}
  if (!isRecord(slots)) throw complain('an object', { address, field: 'storage' })
  const records: AccountRecord[] = []
  let storage = new Map<Hex, Hex>()
  for (const slot of Object.keys(slots)) {
    if (storage.size === slotsPerRecord) {
      records.push(partOf(address, storage))
      storage = new Map()
    }
    addSlot(storage, address, slot, slots[slot], complain)
  }
  records.push(lastOf(address, account, storage, complain))
  return records
}

/** A record of nothing but storage. */
export function partOf(address: Hex, storage: ReadonlyMap<Hex, Hex>): AccountRecord {
  return { address, nonce: 0n, balance: 0n, code: '0x', storage, more: true }
}

/** The last record of an account. */
export function lastOf(
  address: Hex,
  account: AccountMembers,
  storage: ReadonlyMap<Hex, Hex>,
  complain: Complain,
): AccountRecord {
  const code = codeOf(address, account, complain)
  // Dumps may leave storage out: its root alone says that there was some.
  const { root } = account
  const isEmptyRoot = root === undefined || root === null || root === emptyTrieRoot
  if (!isEmptyRoot && account.storage === undefined) {
    throw complain('the storage that the root is of', { address, field: 'storage' })
  }
  return {
    address,
    nonce: numberIn(address, account, 'nonce', 64n, complain),
    balance: numberIn(address, account, 'balance', 256n, complain),
    code,
    storage,
    more: false,
  }
}

/** Adds a slot, unless its value is zero. */
export function addSlot(
  storage: Map<Hex, Hex>,
  address: Hex,
  slot: string,
  value: unknown,
  complain: Complain,
): void {
  const key = wordOf(slot)
  if (key === undefined)
    throw complain('a slot in hex', { address, field: 'storage', actual: slot })
  const word = wordOf(value)
  if (word === undefined) {
    throw complain('hex of at most 32 bytes', { address, field: `storage[${slot}]` })
  }
  if (storage.has(key)) {
    throw complain('distinct slots', { address, field: 'storage', actual: `${slot} twice` })
  }
  if (word !== zeroHash) storage.set(key, word)
}

/** 32 bytes of hex that may be shorter, and have no prefix. */
function wordOf(value: unknown): Hex | undefined {
  if (typeof value !== 'string') return undefined
  if (/^0x[0-9a-f]{64}$/.test(value)) return value as Hex
  const digits = value.replace(/^0x/, '').toLowerCase()
  return /^[0-9a-f]{0,64}$/.test(digits) ? `0x${digits.padStart(64, '0')}` : undefined
}

function codeOf(address: Hex, account: AccountMembers, complain: Complain): Hex {
  const { codeHash } = account
  const isCodeless = account.code === undefined || account.code === '0x'
  if (isCodeless && (codeHash === undefined || codeHash === emptyCodeHash)) return '0x'
  const given = account.code ?? '0x'
  const text = typeof given === 'string' && !given.startsWith('0x') ? `0x${given}` : given
  const code = bytesOf(text)
  if (code === undefined) throw complain('hex of whole bytes', { address, field: 'code' })
  if (codeHash !== undefined && codeHash !== null) {
    const hash = code.length === 0 ? emptyCodeHash : bytesToHex(keccak256(code))
    if (String(codeHash).toLowerCase() !== hash) {
      throw complain(`code of the hash ${codeHash}`, { address, field: 'code', actual: hash })
    }
  }
  return (text as string).toLowerCase() as Hex
}

function numberIn(
  address: Hex,
  account: AccountMembers,
  field: string,
  bits: bigint,
  complain: Complain,
): bigint {
  const value = account[field] ?? 0
  const isNumber = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
  const isText = typeof value === 'string' && /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(value)
  const number = isNumber || isText ? BigInt(value) : undefined
  if (number !== undefined && number >> bits === 0n) return number
  const actual = typeof value === 'string' || typeof value === 'number' ? value : typeof value
  throw complain(`a number of at most ${bits} bits`, { address, field, actual })
}
