/** Reading of snapshots. */

import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import { checkOptions } from '../arguments.js'
import type { ErrorDetails } from '../error-details.js'
import { type BraidError, isBraidError } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import type { AccountRecord } from './account-record.js'
import {
  ByteInput,
  type ByteSource,
  checkByteSource,
  ProgressCounter,
  type ReadOptions,
} from './byte-input.js'
import {
  checksumAt,
  endSize,
  FrameType,
  frameHeaderSize,
  headSize,
  maxFrameSize,
  moreFlag,
  Packing,
  preambleSize,
  snapshotMagic,
  snapshotVersion,
} from './snapshot-layout.js'
import { frameChecksum, HashOrder, type SnapshotHead } from './snapshot-writer.js'
import { stateCodes } from './state-codes.js'

const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflateRaw)

/** A snapshot: what it is of, and the accounts, which can be read once. */
export interface SnapshotFile extends SnapshotHead {
  /** The accounts, in the order of the keccak-256 of their addresses. */
  readonly accounts: AsyncIterable<AccountRecord>
}

/** A frame as it lies in the file. */
interface Frame {
  readonly type: number
  readonly packing: number
  readonly unpackedSize: number
  /** Header and payload; valid until the next is read. */
  readonly bytes: Buffer
  /** The SHA-256 of what lies before. */
  readonly hashBefore: Buffer | undefined
}

/**
 * Reads a snapshot (docs/snapshot-format.md). A file is gone through once for its checksums and its end
 * before this returns, so that of a damaged one no account is seen. A stream can be read only once: what is
 * wrong at its end is told after the last account, and what was made of them is to be thrown away.
 *
 * @throws StateError `STATE_FILE_TRUNCATED`, `STATE_FILE_DAMAGED`, `STATE_FILE_UNSUPPORTED`, with file and
 *   byte; `STATE_UNAVAILABLE`
 * @throws AbortError `CANCELLED`
 */
export async function readSnapshot(
  source: ByteSource,
  options: ReadOptions = {},
): Promise<SnapshotFile> {
  checkOptions(options, { signal: true, onProgress: true })
  checkByteSource(source, 'source')
  const isFile = typeof source === 'string'
  // Both ways through a file count.
  const passes = isFile ? [source, source] : [source]
  const progress = await ProgressCounter.of(passes, options, stateCodes)
  const reader = () => new SnapshotReader(new ByteInput(source, options, stateCodes, progress))
  if (isFile) await check(reader())
  const file = reader()
  try {
    const head = await file.head()
    return { ...head, accounts: accountsOf(file) }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function check(file: SnapshotReader): Promise<void> {
  try {
    await file.head()
    while ((await file.accountFrame()) !== undefined);
  } finally {
    await file.close()
  }
}

async function* accountsOf(file: SnapshotReader): AsyncGenerator<AccountRecord, void, void> {
  const order = new HashOrder('STATE_FILE_DAMAGED')
  const counts = { accounts: 0, slots: 0, code: 0 }
  try {
    for (;;) {
      const frame = await file.accountFrame()
      if (frame === undefined) break
      for (const account of file.records(await file.unpack(frame), order)) {
        if (!account.more) counts.accounts++
        counts.slots += account.storage.size
        counts.code += account.code.length / 2 - 1
        yield account
      }
    }
    order.end()
    for (const [at, count] of [counts.accounts, counts.slots, counts.code].entries()) {
      const stated = file.counts[at]
      if (stated !== BigInt(count)) {
        throw file.damaged({ field: 'end', expected: stated, actual: BigInt(count) })
      }
    }
  } finally {
    await file.close()
  }
}

/** Reads frames, checks each, and at the end the whole. */
class SnapshotReader {
  /** What the end says: accounts, slots, bytes of code. */
  counts: readonly bigint[] = []
  readonly #input: ByteInput
  readonly #hash = createHash('sha256')

  constructor(input: ByteInput) {
    this.#input = input
  }

  close(): Promise<void> {
    return this.#input.close()
  }

  damaged(details: ErrorDetails, cause?: unknown): BraidError {
    return this.#input.fail('STATE_FILE_DAMAGED', details, cause)
  }

  async head(): Promise<SnapshotHead> {
    const start = await this.#take(preambleSize)
    if (!start.subarray(0, snapshotMagic.length).equals(snapshotMagic)) {
      throw this.#input.fail('STATE_FILE_UNSUPPORTED', { field: 'magic', offset: 0 })
    }
    const version = start.readUInt32LE(snapshotMagic.length)
    if (version !== snapshotVersion) {
      throw this.#input.fail('STATE_FILE_UNSUPPORTED', {
        field: 'version',
        expected: snapshotVersion,
        actual: version,
      })
    }
    this.#hash.update(start)
    const { type, bytes } = await this.#frame()
    const payload = bytes.subarray(frameHeaderSize)
    if (type !== FrameType.Head || payload.length !== headSize) {
      throw this.damaged({ field: 'head' })
    }
    const hexAt = (at: number): Hex => bytesToHex(payload.subarray(at, at + 32))
    return {
      chainId: payload.readBigUInt64LE(0),
      blockNumber: payload.readBigUInt64LE(8),
      blockHash: hexAt(16),
      stateRoot: hexAt(48),
    }
  }

  /** The next frame of accounts; undefined at the end, which is compared with what was read. */
  async accountFrame(): Promise<Frame | undefined> {
    const frame = await this.#frame()
    if (frame.type === FrameType.Accounts) return frame
    if (frame.type !== FrameType.End) throw this.damaged({ field: 'frame', actual: frame.type })
    const end = frame.bytes.subarray(frameHeaderSize)
    if (end.length !== endSize) throw this.damaged({ field: 'end' })
    if (frame.hashBefore?.equals(end.subarray(24)) !== true) throw this.damaged({ field: 'hash' })
    this.counts = [0, 8, 16].map((at) => end.readBigUInt64LE(at))
    if (await this.#input.fill(1)) throw this.damaged({ expected: 'the end of the file' })
    return undefined
  }

  async unpack({ bytes, packing, unpackedSize }: Frame): Promise<Buffer> {
    const payload = bytes.subarray(frameHeaderSize)
    if (packing === Packing.None) return payload
    let unpacked: Buffer
    try {
      unpacked = await inflate(payload, { maxOutputLength: Math.max(unpackedSize, 1) })
    } catch (cause) {
      throw this.damaged({ field: 'accounts' }, cause)
    }
    if (unpacked.length !== unpackedSize) throw this.damaged({ field: 'accounts' })
    return unpacked
  }

  /** The records of a frame. */
  *records(bytes: Buffer, order: HashOrder): Generator<AccountRecord, void, void> {
    let at = 0
    const take = (size: number): Buffer => {
      if (at + size > bytes.length) throw this.damaged({ field: 'accounts' })
      at += size
      return bytes.subarray(at - size, at)
    }
    const number = (): string => {
      const size = take(1)[0]
      if (size > 32) throw this.damaged({ field: 'accounts' })
      return take(size).toString('hex')
    }
    while (at < bytes.length) {
      const flags = take(1)[0]
      if (flags > moreFlag) throw this.damaged({ field: 'flags', actual: flags })
      const more = flags === moreFlag
      const address = take(20)
      this.#inOrder(order, address, more)
      const nonce = take(8).readBigUInt64LE()
      const balance = BigInt(`0x0${number()}`)
      const code: Hex = `0x${take(take(4).readUInt32LE()).toString('hex')}`
      const storage = new Map<Hex, Hex>()
      for (let rest = take(4).readUInt32LE(); rest > 0; rest--) {
        const slot: Hex = `0x${take(32).toString('hex')}`
        storage.set(slot, `0x${number().padStart(64, '0')}`)
      }
      yield { address: bytesToHex(address), nonce, balance, code, storage, more }
    }
  }

  #inOrder(order: HashOrder, address: Buffer, more: boolean): void {
    try {
      order.next(address, more)
    } catch (error) {
      throw isBraidError(error) ? this.damaged(error.details) : error
    }
  }

  async #frame(): Promise<Frame> {
    const offset = this.#input.offset
    if (!(await this.#input.fill(frameHeaderSize))) throw this.#truncated()
    const { window } = this.#input
    const size = window.readUInt32LE(4)
    const unpackedSize = window.readUInt32LE(8)
    const packing = window[1]
    if (Math.max(size, unpackedSize) > maxFrameSize || packing > Packing.Deflate) {
      throw this.damaged({ field: 'frame' })
    }
    const bytes = await this.#take(frameHeaderSize + size)
    const isPlain = packing === Packing.None && size === unpackedSize
    const isRight = isPlain || (packing === Packing.Deflate && bytes[0] === FrameType.Accounts)
    if (bytes.readUInt32LE(checksumAt) !== frameChecksum(bytes) || !isRight) {
      throw this.damaged({ field: 'checksum', offset })
    }
    if (bytes.readUInt16LE(2) !== 0) throw this.damaged({ field: 'frame', offset })
    const [type] = bytes
    const hashBefore = type === FrameType.End ? this.#hash.digest() : undefined
    if (hashBefore === undefined) this.#hash.update(bytes)
    return { type, packing, unpackedSize, bytes, hashBefore }
  }

  async #take(size: number): Promise<Buffer> {
    if (!(await this.#input.fill(size))) throw this.#truncated()
    return Buffer.from(this.#input.take(size).buffer)
  }

  #truncated(): BraidError {
    return this.#input.fail('STATE_FILE_TRUNCATED')
  }
}
