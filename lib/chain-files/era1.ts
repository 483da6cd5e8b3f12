/** Reading of `era1` files: the blocks before the merge, 8192 in each. */

import { BlockHeader } from '../block/index.js'
import { keccak256 } from '../native/load.js'
import { headerSize, listBase, RlpReader, writeHeader } from '../rlp/index.js'
import type { ByteInput } from './byte-input.js'
import { blocksPerEra, EraAccumulator, EraEntry, entryHeaderSize } from './era1-layout.js'
import { SnappyError, unpackSnappyFrames } from './snappy.js'

/** How an `era1` file is read. */
export interface Era1Options {
  readonly maxBlockSize: number
  readonly checkAccumulator: boolean
}

interface Entry {
  readonly type: number
  readonly size: number
}

/** A block of which not all entries have been read. */
interface OpenBlock {
  header: Uint8Array
  body: Uint8Array | undefined
}

/** Packed data may be so much larger than what it unpacks to. */
const packedSlack = 1 << 16

/** The RLP of the blocks in a file. It ends behind the index, after which there must be nothing. */
export async function* readEra1(
  input: ByteInput,
  { maxBlockSize, checkAccumulator }: Era1Options,
): AsyncGenerator<Uint8Array, void, void> {
  const accumulator = checkAccumulator ? new EraAccumulator() : undefined
  let open: OpenBlock | undefined
  let total: bigint | undefined
  /** Where each block's entries begin. */
  const starts: number[] = []
  let first = 0n
  let isAccumulated = false
  for (let entry = await nextEntry(input); entry !== undefined; entry = await nextEntry(input)) {
    const { type, size } = entry
    if (isAccumulated && type !== EraEntry.BlockIndex && type < 0x100) {
      throw damaged(input, 'accumulator', 'the last of the blocks')
    }
    switch (type) {
      case EraEntry.Header:
        if (open !== undefined || starts.length === blocksPerEra)
          throw damaged(input, 'header', 'no more')
        starts.push(input.offset - entryHeaderSize)
        open = { header: await unpackedEntry(input, size, maxBlockSize, 'header'), body: undefined }
        break
      case EraEntry.Body:
        if (open === undefined || open.body !== undefined) throw damaged(input, 'body', 'a header')
        open.body = await unpackedEntry(input, size, maxBlockSize, 'body')
        break
      case EraEntry.TotalDifficulty: {
        const stated = await dataOf(input, size, 32, 'totalDifficulty')
        if (open?.body === undefined) throw damaged(input, 'totalDifficulty', 'a body')
        const { header, body } = open
        open = undefined
        const fields = headerOf(input, header)
        const sum = littleEndian(stated)
        if (total !== undefined && sum - total !== fields.difficulty) {
          throw damaged(input, 'totalDifficulty', total + fields.difficulty, sum)
        }
        total = sum
        if (starts.length === 1) first = fields.number
        const expected = first + BigInt(starts.length - 1)
        if (fields.number !== expected) throw damaged(input, 'number', expected, fields.number)
        accumulator?.add(keccak256(header), stated)
        yield joinBlock(input, header, body)
        break
      }
      case EraEntry.Accumulator: {
        const root = await dataOf(input, size, 32, 'accumulator')
        if (open !== undefined || starts.length === 0)
          throw damaged(input, 'accumulator', 'whole blocks')
        if (accumulator !== undefined && !accumulator.root.equals(root)) {
          throw damaged(input, 'accumulator', hex(accumulator.root), hex(root))
        }
        isAccumulated = true
        break
      }
      case EraEntry.BlockIndex:
        if (!isAccumulated) throw damaged(input, 'blockIndex', 'an accumulator before it')
        await checkIndex(input, size, first, starts)
        if (await input.fill(1)) throw damaged(input, 'blockIndex', 'the end of the file')
        return
      default:
        // Receipts are made anew by who executes; types that are not known are to be skipped.
        if (!(await input.skipFar(size))) throw truncated(input, 'entry')
    }
  }
  throw truncated(input, 'blockIndex')
}

async function nextEntry(input: ByteInput): Promise<Entry | undefined> {
  if (!(await input.fill(1))) return undefined
  if (!(await input.fill(entryHeaderSize))) throw truncated(input, 'entry')
  const { window } = input
  const type = window.readUInt16LE(0)
  const size = window.readUInt32LE(2)
  if (window.readUInt16LE(6) !== 0) throw damaged(input, 'entry', 'two zero bytes')
  input.skip(entryHeaderSize)
  return { type, size }
}

async function dataOf(input: ByteInput, size: number, expected: number, field: string) {
  if (size !== expected) throw damaged(input, field, `${expected} bytes`, size)
  if (!(await input.fill(size))) throw truncated(input, field)
  return input.take(size)
}

async function unpackedEntry(input: ByteInput, size: number, limit: number, field: string) {
  if (size > limit + packedSlack) {
    throw input.fail('DECODE_SOURCE_TOO_LARGE', { field, expected: `${limit} bytes at most` })
  }
  if (!(await input.fill(size))) throw truncated(input, field)
  try {
    const unpacked = unpackSnappyFrames(input.window.subarray(0, size), limit)
    input.skip(size)
    return unpacked
  } catch (cause) {
    if (!(cause instanceof SnappyError)) throw cause
    throw input.fail('DECODE_FILE_DAMAGED', { field, actual: cause.message }, cause)
  }
}

function headerOf(input: ByteInput, rlp: Uint8Array): BlockHeader {
  try {
    return BlockHeader.decode(rlp)
  } catch (cause) {
    throw input.fail('DECODE_FILE_DAMAGED', { field: 'header' }, cause)
  }
}

/** The block of a header and a body, both lists. */
function joinBlock(input: ByteInput, header: Uint8Array, body: Uint8Array): Uint8Array {
  const reader = new RlpReader(body)
  try {
    reader.next('body')
  } catch (cause) {
    throw input.fail('DECODE_FILE_DAMAGED', { field: 'body' }, cause)
  }
  if (!reader.isList || !reader.done) throw damaged(input, 'body', 'one list')
  const lists = reader.payload()
  const size = header.length + lists.length
  const block = new Uint8Array(headerSize(size) + size)
  const at = writeHeader(block, 0, size, listBase)
  block.set(header, at)
  block.set(lists, at + header.length)
  return block
}

/** The index: the first number, where each block begins as seen from the index, how many they are. */
async function checkIndex(
  input: ByteInput,
  size: number,
  first: bigint,
  starts: readonly number[],
): Promise<void> {
  const count = starts.length
  if (size !== 16 + 8 * count) throw damaged(input, 'blockIndex', `${16 + 8 * count} bytes`, size)
  if (!(await input.fill(size))) throw truncated(input, 'blockIndex')
  const { window } = input
  const number = window.readBigUInt64LE(0)
  if (number !== first) throw damaged(input, 'blockIndex', first, number)
  const stated = window.readBigUInt64LE(size - 8)
  if (stated !== BigInt(count)) throw damaged(input, 'blockIndex', BigInt(count), stated)
  const index = input.offset - entryHeaderSize
  for (const [i, start] of starts.entries()) {
    const expected = BigInt(start - index)
    const offset = window.readBigInt64LE(8 + 8 * i)
    if (offset !== expected) throw damaged(input, `blockIndex[${i}]`, expected, offset)
  }
  input.skip(size)
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`
}

function damaged(
  input: ByteInput,
  field: string,
  expected: string | bigint,
  actual?: string | number | bigint,
) {
  const found = actual === undefined ? {} : { actual }
  return input.fail('DECODE_FILE_DAMAGED', { field, expected, ...found })
}

function truncated(input: ByteInput, field: string) {
  return input.fail('DECODE_FILE_DAMAGED', { field, actual: 'the end of the file' })
}
