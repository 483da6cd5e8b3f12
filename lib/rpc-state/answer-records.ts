/** What a node answered, as it is kept on disk. */

import { bytesOf, bytesToHex, type Hex, uint256ToBytes } from '../hex/index.js'
import { PackedReader } from '../native/packed-reader.js'
import type { AllocQuantity } from '../state/alloc.js'
import type { AccountFact, Fact } from '../state/facts.js'
import type { SourceAccount } from '../state/state-source.js'
import type { NodeHeader } from './node-header.js'

/** A key with its value. */
export interface AnswerRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** The first byte of a key. */
const Kind = { header: 0x01, seeded: 0x02, account: 0x10, slot: 0x11 } as const

const Has = { account: 1, codeHash: 2, storageRoot: 4 } as const

/** The key of what is said about the block itself. */
export const headerKey = Uint8Array.of(Kind.header)

/** What is kept of a header: its number (8 bytes), the parent's hash, the state root. */
export function headerValue({ number, parentHash, stateRoot }: NodeHeader): Uint8Array {
  return Buffer.concat([uint64Bytes(number), wordOf(parentHash), wordOf(stateRoot)])
}

/** Reads what {@link headerValue} made of the header with a hash. */
export function headerOf(hash: Hex, value: Uint8Array): NodeHeader {
  const packed = new PackedReader(value)
  return {
    number: BigInt(packed.hex(0, 8)),
    hash,
    parentHash: packed.hex(8, 32),
    stateRoot: packed.hex(40, 32),
  }
}

/** The key that says that what an execution will read was asked for before, by the hash of its input. */
export function seededKey(hash: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(Kind.seeded), hash])
}

/** The key of an account. */
export function accountKey(address: Hex): Uint8Array {
  return Buffer.from(`${Kind.account.toString(16)}${address.slice(2)}`, 'hex')
}

/** The key of a slot. */
export function slotKeyOf(address: Hex, slot: Hex): Uint8Array {
  return Buffer.from(`${Kind.slot.toString(16)}${address.slice(2)}${slot.slice(2)}`, 'hex')
}

/** The first key of accounts and slots. */
export const firstFactKey = Uint8Array.of(Kind.account)

/**
 * An account whose numbers and hashes were checked: flags, nonce (8 bytes), balance (32), then the hash of
 * its code and the root of its storage where they are known; one byte for one that does not exist.
 */
export function accountValue(account: SourceAccount | undefined): Uint8Array {
  if (account === undefined) return Uint8Array.of(0)
  const { codeHash, storageRoot } = account
  const flags =
    Has.account |
    (codeHash === undefined ? 0 : Has.codeHash) |
    (storageRoot === undefined ? 0 : Has.storageRoot)
  const parts: Uint8Array[] = [
    Uint8Array.of(flags),
    uint64Bytes(account.nonce),
    uint256ToBytes(BigInt(account.balance)),
  ]
  for (const hash of [codeHash, storageRoot]) if (hash !== undefined) parts.push(wordOf(hash))
  return Buffer.concat(parts)
}

/** Reads what {@link accountValue} made. */
export function accountOf(value: Uint8Array): SourceAccount | undefined {
  const packed = new PackedReader(value)
  const flags = packed.u8(0)
  if ((flags & Has.account) === 0) return undefined
  let at = 41
  const hash = (flag: number): Hex | undefined => {
    if ((flags & flag) === 0) return undefined
    at += 32
    return packed.hex(at - 32, 32)
  }
  return {
    nonce: BigInt(packed.hex(1, 8)),
    balance: BigInt(packed.hex(9, 32)),
    codeHash: hash(Has.codeHash),
    storageRoot: hash(Has.storageRoot),
  }
}

/** The value of a slot, without leading zeros. */
export function slotValue(value: bigint): Uint8Array {
  const digits = value === 0n ? '' : value.toString(16)
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
}

/** Reads what {@link slotValue} made. */
export function slotValueOf(value: Uint8Array): bigint {
  return value.length === 0 ? 0n : BigInt(bytesToHex(value))
}

/** A fact out of its record; undefined for what is none. Code is not with it. */
export function factOf({
  key,
  value,
}: AnswerRecord): Exclude<Fact, { code: Uint8Array }> | undefined {
  const packed = new PackedReader(key)
  const kind = packed.u8(0)
  if (kind === Kind.account) {
    return { address: packed.hex(1, 20), account: accountOf(value), code: undefined }
  }
  if (kind !== Kind.slot) return undefined
  return { address: packed.hex(1, 20), slot: packed.hex(21, 32), value: slotValueOf(value) }
}

/** The record of a fact. */
export function recordOf(
  fact: AccountFact | { address: Hex; slot: Hex; value: bigint },
): AnswerRecord {
  return 'slot' in fact
    ? { key: slotKeyOf(fact.address, fact.slot), value: slotValue(fact.value) }
    : { key: accountKey(fact.address), value: accountValue(fact.account) }
}

function uint64Bytes(value: AllocQuantity): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

function wordOf(hash: Hex | Uint8Array): Uint8Array {
  // What nodes say was checked to be a word.
  return bytesOf(hash) as Uint8Array
}

/** Keys, packed for the native side. */
export function packKeys(keys: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    keys.flatMap((key) => {
      const size = Buffer.alloc(2)
      size.writeUInt16LE(key.length)
      return [size, key]
    }),
  )
}

/** Records, packed for the native side. */
export function packRecords(records: readonly AnswerRecord[]): Uint8Array {
  return Buffer.concat(
    records.flatMap(({ key, value }) => {
      const sizes = Buffer.alloc(6)
      sizes.writeUInt16LE(key.length)
      sizes.writeUInt32LE(value.length, 2)
      return [sizes, key, value]
    }),
  )
}

const notFound = 0xffffffff

/** Values as the native side packs them; undefined for what was not found. */
export function unpackValues(bytes: Uint8Array): (Uint8Array | undefined)[] {
  const packed = new PackedReader(bytes)
  const values: (Uint8Array | undefined)[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = packed.u32(at)
    at += 4
    if (size === notFound) values.push(undefined)
    else {
      values.push(packed.slice(at, size))
      at += size
    }
  }
  return values
}

/** Records as the native side packs them. */
export function unpackRecords(bytes: Uint8Array): AnswerRecord[] {
  const packed = new PackedReader(bytes)
  const records: AnswerRecord[] = []
  for (let at = 0; at < bytes.length; ) {
    const keySize = packed.u16(at)
    const valueSize = packed.u32(at + 2)
    const key = packed.slice(at + 6, keySize)
    records.push({ key, value: packed.slice(at + 6 + keySize, valueSize) })
    at += 6 + keySize + valueSize
  }
  return records
}
