/** Writing of `era1` files, the packing with literals alone. */

import { decodeBlock } from '../../lib/block/index.js'
import { EraAccumulator, EraEntry, versionEntry } from '../../lib/chain-files/era1-layout.js'
import { maskedChecksum } from '../../lib/chain-files/snappy.js'
import { keccak256 } from '../../lib/native/load.js'
import { headerSize, listBase, RlpReader, writeHeader } from '../../lib/rlp/index.js'

/** The file of some blocks, which follow each other. */
export function eraOf(blocks: readonly Uint8Array[], firstTotalDifficulty = 17n): Buffer {
  const accumulator = new EraAccumulator()
  const parts: Buffer[] = [versionEntry]
  const starts: number[] = []
  const written = () => parts.reduce((sum, part) => sum + part.length, 0)
  let total = firstTotalDifficulty
  for (const [i, block] of blocks.entries()) {
    const { header } = decodeBlock(block)
    const reader = new RlpReader(block)
    reader.enter('block')
    const start = reader.position
    reader.next('header')
    const encoded = block.subarray(start, reader.position)
    const lists = block.subarray(reader.position)
    const body = Buffer.alloc(headerSize(lists.length) + lists.length)
    body.set(lists, writeHeader(body, 0, lists.length, listBase))
    if (i > 0) total += header.difficulty
    const difficulty = Buffer.from(total.toString(16).padStart(64, '0'), 'hex').reverse()
    accumulator.add(keccak256(encoded), difficulty)
    starts.push(written())
    parts.push(entry(EraEntry.Header, framed(encoded)), entry(EraEntry.Body, framed(body)))
    parts.push(entry(EraEntry.TotalDifficulty, difficulty))
  }
  parts.push(entry(EraEntry.Accumulator, accumulator.root))
  const index = Buffer.alloc(16 + 8 * blocks.length)
  index.writeBigUInt64LE(decodeBlock(blocks[0]).header.number)
  for (const [i, start] of starts.entries()) {
    index.writeBigInt64LE(BigInt(start - written()), 8 + 8 * i)
  }
  index.writeBigUInt64LE(BigInt(blocks.length), index.length - 8)
  parts.push(entry(EraEntry.BlockIndex, index))
  return Buffer.concat(parts)
}

function entry(type: number, data: Uint8Array): Buffer {
  const start = Buffer.alloc(8)
  start.writeUInt16LE(type)
  start.writeUInt32LE(data.length, 2)
  return Buffer.concat([start, data])
}

/** Snappy's framing: each piece packed as one literal. */
function framed(bytes: Uint8Array): Buffer {
  const parts = [Buffer.from([0xff, 6, 0, 0]), Buffer.from('sNaPpY')]
  for (let at = 0; at < bytes.length; at += 60_000) {
    const piece = bytes.subarray(at, at + 60_000)
    const size = piece.length
    const varint: number[] = []
    for (let rest = size; ; rest >>>= 7) {
      varint.push(rest > 127 ? (rest & 127) | 128 : rest)
      if (rest <= 127) break
    }
    // A literal whose size takes two bytes.
    const tag = Buffer.from([...varint, 61 << 2, (size - 1) & 255, (size - 1) >> 8])
    const start = Buffer.alloc(8)
    start.writeUIntLE(4 + tag.length + size, 1, 3)
    start.writeUInt32LE(maskedChecksum(piece), 4)
    parts.push(start, tag, Buffer.from(piece))
  }
  return Buffer.concat(parts)
}
