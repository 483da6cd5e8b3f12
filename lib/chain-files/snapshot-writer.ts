/** Writing of snapshots. */

import { createHash, type Hash } from 'node:crypto'
import { promisify } from 'node:util'
import { deflateRaw } from 'node:zlib'
import { checkOptions, checkUint64, hexToBytes } from '../arguments.js'
import { errorFor } from '../errors.js'
import { bytesOf, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import type { AccountRecord } from './account-record.js'
import { crc32c } from './crc32c.js'
import {
  checksumAt,
  endSize,
  FrameType,
  frameHeaderSize,
  headSize,
  maxFrameSize,
  moreFlag,
  Packing,
  snapshotMagic,
  snapshotVersion,
} from './snapshot-layout.js'
import type { AccountStream } from './state-writers.js'

const deflate = promisify<Uint8Array, { level: number }, Buffer>(deflateRaw)

/** What a snapshot is of. */
export interface SnapshotHead {
  /** The chain that the block is of. */
  readonly chainId: bigint
  /** The block that the state is after. */
  readonly blockNumber: bigint
  /** Its hash. */
  readonly blockHash: Hex
  /** The root of the state. */
  readonly stateRoot: Hex
}

/** Accounts are packed when so many bytes of them have come together. */
const frameSize = 1 << 20

/**
 * A snapshot of the accounts, as pieces of bytes (docs/snapshot-format.md). They must come in the order of
 * the keccak-256 of their addresses: {@link inHashOrder} sorts them. Packing runs beside JavaScript.
 *
 * @throws StateError `STATE_MALFORMED` where they are out of order or an account comes twice
 */
export async function* writeSnapshot(
  head: SnapshotHead,
  accounts: AccountStream,
): AsyncGenerator<Uint8Array, void, void> {
  checkOptions(head, { chainId: true, blockNumber: true, blockHash: true, stateRoot: true }, 'head')
  const hash = createHash('sha256')
  const preamble = Buffer.alloc(snapshotMagic.length + 4)
  snapshotMagic.copy(preamble)
  preamble.writeUInt32LE(snapshotVersion, snapshotMagic.length)
  yield hashed(hash, preamble)
  yield hashed(hash, frame(FrameType.Head, encodeHead(head)))
  let records: Buffer[] = []
  let size = 0
  const counts = { accounts: 0, slots: 0, code: 0 }
  const order = new HashOrder('STATE_MALFORMED')
  for await (const account of accounts) {
    const record = encodeRecord(account)
    order.next(record.subarray(1, 21), account.more)
    if (!account.more) counts.accounts++
    counts.slots += account.storage.size
    counts.code += account.code.length / 2 - 1
    if (size > 0 && size + record.length > frameSize) {
      yield hashed(hash, await packedFrame(records, size))
      records = []
      size = 0
    }
    records.push(record)
    size += record.length
  }
  order.end()
  if (size > 0) yield hashed(hash, await packedFrame(records, size))
  const end = Buffer.alloc(endSize)
  end.writeBigUInt64LE(BigInt(counts.accounts), 0)
  end.writeBigUInt64LE(BigInt(counts.slots), 8)
  end.writeBigUInt64LE(BigInt(counts.code), 16)
  end.set(hash.digest(), 24)
  yield frame(FrameType.End, end)
}

/** The accounts in the order that snapshots have. All of them are held in memory. */
export async function inHashOrder(accounts: AccountStream): Promise<AccountRecord[]> {
  const keyed: { readonly key: Buffer; readonly account: AccountRecord }[] = []
  for await (const account of accounts) {
    const key = Buffer.from(keccak256(bytesOf(account.address) as Uint8Array))
    keyed.push({ key, account })
  }
  // Parts of an account stay in their order: sorting is stable.
  return keyed.sort((a, b) => a.key.compare(b.key)).map(({ account }) => account)
}

/** Sees that accounts come in the order of their hashes, and the parts of each together. */
export class HashOrder {
  readonly #code: 'STATE_MALFORMED' | 'STATE_FILE_DAMAGED'
  #address: Buffer | undefined
  #hash: Buffer | undefined
  #open = false

  constructor(code: 'STATE_MALFORMED' | 'STATE_FILE_DAMAGED') {
    this.#code = code
  }

  next(address: Buffer, more: boolean): void {
    const isSame = this.#address?.equals(address) === true
    if (this.#open !== isSame) throw this.#failure(address)
    this.#open = more
    if (isSame) return
    const hash = Buffer.from(keccak256(address))
    if (this.#hash !== undefined && this.#hash.compare(hash) >= 0) throw this.#failure(address)
    this.#hash = hash
    this.#address = Buffer.from(address)
  }

  /** Fails where an account was to go on. */
  end(): void {
    if (this.#open) throw this.#failure(this.#address as Buffer)
  }

  #failure(address: Buffer) {
    const expected = 'accounts in the order of their hashes, each once and whole'
    return errorFor(this.#code, { address: `0x${address.toString('hex')}`, expected })
  }
}

function hashed(hash: Hash, bytes: Buffer): Buffer {
  hash.update(bytes)
  return bytes
}

function encodeHead({ chainId, blockNumber, blockHash, stateRoot }: SnapshotHead): Buffer {
  checkUint64(chainId, 'chainId')
  checkUint64(blockNumber, 'blockNumber')
  const bytes = Buffer.alloc(headSize)
  bytes.writeBigUInt64LE(chainId, 0)
  bytes.writeBigUInt64LE(blockNumber, 8)
  bytes.set(hexToBytes(blockHash, 32, 'blockHash'), 16)
  bytes.set(hexToBytes(stateRoot, 32, 'stateRoot'), 48)
  return bytes
}

function encodeRecord({ address, nonce, balance, code, storage, more }: AccountRecord): Buffer {
  const parts: Buffer[] = []
  const start = Buffer.alloc(29)
  start[0] = more ? moreFlag : 0
  start.set(hexToBytes(address, 20, 'address'), 1)
  start.writeBigUInt64LE(nonce, 21)
  parts.push(start, shortNumber(balance.toString(16)))
  const bytes = Buffer.from(code.slice(2), 'hex')
  const counts = Buffer.alloc(4)
  counts.writeUInt32LE(bytes.length)
  const slots = Buffer.alloc(4)
  slots.writeUInt32LE(storage.size)
  parts.push(counts, bytes, slots)
  for (const [slot, value] of storage) {
    parts.push(Buffer.from(slot.slice(2), 'hex'), shortNumber(value.slice(2)))
  }
  const record = Buffer.concat(parts)
  if (record.length <= maxFrameSize) return record
  throw errorFor('STATE_MALFORMED', { address, expected: `${maxFrameSize} bytes at most` })
}

function shortNumber(hex: string): Buffer {
  const digits = hex.replace(/^0+/, '')
  const even = digits.length % 2 === 0 ? digits : `0${digits}`
  return Buffer.concat([Buffer.from([even.length / 2]), Buffer.from(even, 'hex')])
}

async function packedFrame(records: readonly Buffer[], size: number): Promise<Buffer> {
  const plain = Buffer.concat(records, size)
  const packed = await deflate(plain, { level: 1 })
  return packed.length < size
    ? frame(FrameType.Accounts, packed, Packing.Deflate, size)
    : frame(FrameType.Accounts, plain)
}

function frame(
  type: number,
  payload: Buffer,
  packing: number = Packing.None,
  unpackedSize = payload.length,
): Buffer {
  const bytes = Buffer.alloc(frameHeaderSize + payload.length)
  bytes[0] = type
  bytes[1] = packing
  bytes.writeUInt32LE(payload.length, 4)
  bytes.writeUInt32LE(unpackedSize, 8)
  payload.copy(bytes, frameHeaderSize)
  bytes.writeUInt32LE(frameChecksum(bytes), checksumAt)
  return bytes
}

/** The checksum of a frame, over everything but itself. */
export function frameChecksum(bytes: Buffer): number {
  return crc32c(Buffer.concat([bytes.subarray(0, checksumAt), bytes.subarray(frameHeaderSize)]))
}
