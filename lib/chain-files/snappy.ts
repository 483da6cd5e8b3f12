/** Unpacking of Snappy, and of its framing format: what is inside of `era1` files. */

import { crc32c } from './crc32c.js'

/** What is wrong with packed bytes; those who call say where they lie. */
export class SnappyError extends Error {}

/** Most bytes that one chunk of the framing unpacks to. */
const largestChunk = 65_536

const Chunk = { Packed: 0x00, Plain: 0x01, FirstSkippable: 0x80, StreamStart: 0xff } as const
const streamName = Buffer.from('sNaPpY')

/**
 * Unpacks the framing format. Checksums are checked.
 *
 * @param limit the most bytes that it may unpack to
 * @throws SnappyError
 */
export function unpackSnappyFrames(bytes: Uint8Array, limit: number): Uint8Array {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const pieces: Uint8Array[] = []
  let total = 0
  let at = 0
  while (at < input.length) {
    if (at + 4 > input.length) throw new SnappyError('a chunk is cut off')
    const type = input[at]
    const end = at + 4 + input.readUIntLE(at + 1, 3)
    if (end > input.length) throw new SnappyError('a chunk is cut off')
    const body = input.subarray(at + 4, end)
    if (at === 0 && type !== Chunk.StreamStart) throw new SnappyError('no stream identifier')
    if (type === Chunk.StreamStart) {
      if (!body.equals(streamName)) throw new SnappyError('another stream identifier')
    } else if (type === Chunk.Packed || type === Chunk.Plain) {
      if (body.length < 4) throw new SnappyError('a chunk without a checksum')
      const data = body.subarray(4)
      const piece = type === Chunk.Plain ? data : unpackSnappy(data, largestChunk)
      if (piece.length > largestChunk) throw new SnappyError('a chunk is too large')
      if (body.readUInt32LE(0) !== maskedChecksum(piece)) throw new SnappyError('a wrong checksum')
      total += piece.length
      if (total > limit) throw new SnappyError(`more than ${limit} bytes`)
      pieces.push(piece)
    } else if (type < Chunk.FirstSkippable) {
      throw new SnappyError(`a chunk of type ${type}`)
    }
    at = end
  }
  if (input.length === 0) throw new SnappyError('no stream identifier')
  return Buffer.concat(pieces, total)
}

/** The checksum as the framing keeps it: of data that holds checksums, too, it stays a good one. */
export function maskedChecksum(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/** Unpacks one block of at most `limit` bytes. Throws {@link SnappyError}. */
export function unpackSnappy(input: Uint8Array, limit: number): Uint8Array {
  let at = 0
  let size = 0
  for (let shift = 0; ; shift += 7) {
    if (at === input.length || shift > 28) throw new SnappyError('no size')
    const byte = input[at++]
    size += (byte & 127) * 2 ** shift
    if (byte < 128) break
  }
  if (size > limit) throw new SnappyError(`more than ${limit} bytes`)
  const output = Buffer.alloc(size)
  let to = 0
  const number = (count: number): number => {
    if (at + count > input.length) throw new SnappyError('it is cut off')
    let value = 0
    for (let i = 0; i < count; i++) value += input[at + i] * 2 ** (8 * i)
    at += count
    return value
  }
  while (at < input.length) {
    const tag = input[at++]
    const high = tag >> 2
    if ((tag & 3) === 0) {
      const length = 1 + (high < 60 ? high : number(high - 59))
      if (at + length > input.length || to + length > size) {
        throw new SnappyError('a literal is too long')
      }
      output.set(input.subarray(at, at + length), to)
      at += length
      to += length
      continue
    }
    const kind = tag & 3
    const length = kind === 1 ? 4 + (high & 7) : 1 + high
    const distance = kind === 1 ? ((high >> 3) << 8) | number(1) : number(kind === 2 ? 2 : 4)
    if (distance === 0 || distance > to || to + length > size) {
      throw new SnappyError('a copy reaches too far')
    }
    // A copy may overlap what it makes: then it repeats it.
    for (const end = to + length; to < end; to++) output[to] = output[to - distance]
  }
  if (to !== size) throw new SnappyError('it ends too early')
  return output
}
