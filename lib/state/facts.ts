/** What a source answered, in the packed form that the native side learns. */

import { hexToBytes, isPlain, type MembersOf } from '../arguments.js'
import { emptyCodeHashBytes, emptyTrieRoot } from '../empty-hashes.js'
import { errorFor, shownValue } from '../errors.js'
import { bytesOf, bytesToHex, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { align, putSection } from '../native/packed-writer.js'
import {
  Magic,
  StateAccount,
  StateAccountFlag,
  StateDump,
  StateSlot,
  WIRE_VERSION,
} from '../native/wire.js'
import {
  type AllocQuantity,
  checkAccountMembers,
  malformed,
  nonceOf,
  writeNumber,
} from './alloc.js'
import type { SourceAccount } from './state-source.js'

/** What is at an address. */
export interface AccountFact {
  readonly address: Hex
  readonly account: SourceAccount | undefined
  /** The account's code, where it has one and the source gave it. */
  readonly code: Uint8Array | undefined
}

/** The value of a slot. */
export interface SlotFact {
  readonly address: Hex
  readonly slot: Hex
  readonly value: AllocQuantity | Uint8Array
}

/** Code that was asked for alone. */
export interface CodeFact {
  readonly address: Hex
  readonly codeHash: Hex
  readonly code: Uint8Array
}

/** What a source told. */
export type Fact = AccountFact | SlotFact | CodeFact

const sourceMembers: MembersOf<SourceAccount & { code: unknown; storage: unknown }> = {
  nonce: true,
  balance: true,
  codeHash: true,
  storageRoot: true,
  code: true,
  storage: true,
}

/**
 * Fails with `STATE_MALFORMED` where a source's answer has a member that nobody would look at. Only
 * plain objects are looked at: those of classes, `@ethereumjs/util`'s Account say, have more.
 */
export function checkSourceAccount(address: Hex, account: SourceAccount): void {
  if (isPlain(account)) checkAccountMembers(address, account, sourceMembers)
}

/** The hash of an account's code; undefined where the account has none. */
export function codeHashOf(address: Hex, account: SourceAccount): Hex | undefined {
  const hash = fixedBytes(address, 'codeHash', account.codeHash ?? emptyCodeHashBytes)
  return Buffer.compare(hash, emptyCodeHashBytes) === 0 ? undefined : bytesToHex(hash)
}

/** The bytes of code, which must have the hash that it was asked by. */
export function checkedCode(address: Hex, codeHash: Hex, code: unknown): Uint8Array {
  const bytes = anyBytes(address, 'code', code)
  const actual = bytesToHex(keccak256(bytes))
  if (actual !== codeHash) throw malformed(address, 'code', `code with hash ${codeHash}`, actual)
  return bytes
}

/** The 32 bytes of an ancestor's hash. Throws `STATE_MALFORMED` where it is none. */
export function checkedBlockHash(number: bigint, hash: unknown): Uint8Array {
  const bytes = bytesOf(hash)
  if (bytes?.length === 32) return bytes
  const field = `blockHashes[${number}]`
  throw errorFor('STATE_MALFORMED', { field, expected: '32 bytes', actual: shownValue(hash) })
}

/**
 * Packs facts about accounts and slots as a StateDump. Throws `STATE_MALFORMED` with the account and
 * the field.
 */
export function packFacts(facts: readonly (AccountFact | SlotFact)[]): Uint8Array {
  let poolSize = 0
  for (const fact of facts) if ('code' in fact) poolSize += fact.code?.length ?? 0
  const accountsAt = align(StateDump.SIZE)
  const slotsAt = align(accountsAt + facts.length * StateAccount.SIZE)
  const slotCount = facts.reduce((count, fact) => count + ('slot' in fact ? 1 : 0), 0)
  const poolAt = align(slotsAt + slotCount * StateSlot.SIZE)
  const bytes = Buffer.alloc(poolAt + poolSize)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  view.setUint32(StateDump.magic, Magic.StateDump, true)
  view.setUint32(StateDump.version, WIRE_VERSION, true)
  putSection(view, StateDump.accounts, accountsAt, facts.length)
  putSection(view, StateDump.slots, slotsAt, slotCount)
  putSection(view, StateDump.pool, poolAt, poolSize)

  let slot = 0
  let pool = 0
  facts.forEach((fact, i) => {
    const at = accountsAt + i * StateAccount.SIZE
    bytes.set(hexToBytes(fact.address, 20, 'address'), at + StateAccount.address)
    if ('slot' in fact) {
      view.setUint32(at + StateAccount.flags, StateAccountFlag.SlotsOnly, true)
      view.setUint32(at + StateAccount.slotStart, slot, true)
      view.setUint32(at + StateAccount.slotCount, 1, true)
      putSlot(bytes, slotsAt + slot++ * StateSlot.SIZE, fact)
      return
    }
    const { address, account, code } = fact
    const flags = account === undefined ? StateAccountFlag.Absent : storageFlag(address, account)
    view.setUint32(at + StateAccount.flags, flags, true)
    if (account === undefined) return
    view.setBigUint64(at + StateAccount.nonce, nonceOf(account.nonce, address), true)
    writeNumber(bytes, at + StateAccount.balance, account.balance ?? 0n, address, 'balance')
    const hash = fixedBytes(address, 'codeHash', account.codeHash ?? emptyCodeHashBytes)
    bytes.set(hash, at + StateAccount.codeHash)
    if (code === undefined) return
    bytes.set(code, poolAt + pool)
    view.setUint32(at + StateAccount.codeOffset, pool, true)
    view.setUint32(at + StateAccount.codeSize, code.length, true)
    pool += code.length
  })
  return bytes
}

function putSlot(bytes: Buffer, at: number, { address, slot, value }: SlotFact): void {
  bytes.set(hexToBytes(slot, 32, 'slot'), at + StateSlot.key)
  const field = `storage[${slot}]`
  if (value instanceof Uint8Array) {
    if (value.length > 32) throw malformed(address, field, 'at most 32 bytes', value.length)
    bytes.set(value, at + StateSlot.value + 32 - value.length)
  } else {
    if (value === undefined) throw malformed(address, field, 'a number or bytes', value)
    writeNumber(bytes, at + StateSlot.value, value, address, field)
  }
}

function storageFlag(address: Hex, { storageRoot }: SourceAccount): number {
  if (storageRoot === undefined) return 0
  const root = bytesToHex(fixedBytes(address, 'storageRoot', storageRoot))
  return root === emptyTrieRoot ? StateAccountFlag.StorageEmpty : StateAccountFlag.StorageSet
}

function fixedBytes(address: Hex, field: string, value: unknown): Uint8Array {
  const bytes = anyBytes(address, field, value)
  if (bytes.length !== 32) throw malformed(address, field, '32 bytes', bytes.length)
  return bytes
}

function anyBytes(address: Hex, field: string, value: unknown): Uint8Array {
  const bytes = bytesOf(value)
  if (bytes === undefined) throw malformed(address, field, 'bytes or 0x hex', value)
  return bytes
}
