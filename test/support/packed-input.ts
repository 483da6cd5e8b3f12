/** Reading packed blocks, as the other side does. */

import * as assert from 'uvu/assert'
import { PackedReader } from '../../lib/native/packed-reader.js'
import {
  AccessEntry,
  Authorization,
  BlockHash,
  BlockInput,
  Magic,
  Ommer,
  SystemCall,
  Transaction,
  WIRE_VERSION,
  Withdrawal,
} from '../../lib/native/wire.js'

/** Checks what the reader on the other side relies on: sections lie inside, aligned, and the links. */
function checkLayout(reader: PackedReader): void {
  const sections: [field: number, size: number][] = [
    [BlockInput.transactions, Transaction.SIZE],
    [BlockInput.ommers, Ommer.SIZE],
    [BlockInput.withdrawals, Withdrawal.SIZE],
    [BlockInput.blockHashes, BlockHash.SIZE],
    [BlockInput.systemCalls, SystemCall.SIZE],
    [BlockInput.drains, 20],
    [BlockInput.accessEntries, AccessEntry.SIZE],
    [BlockInput.storageKeys, 32],
    [BlockInput.blobHashes, 32],
    [BlockInput.authorizations, Authorization.SIZE],
    [BlockInput.pool, 1],
  ]
  assert.is(reader.u32(BlockInput.magic), Magic.BlockInput)
  assert.is(reader.u32(BlockInput.version), WIRE_VERSION)
  const ranges: [number, number][] = []
  for (const [field, size] of sections) {
    const start = reader.sectionOffset(field)
    const end = start + reader.sectionCount(field) * size
    assert.is(start % 8, 0)
    assert.ok(start >= BlockInput.SIZE && end <= reader.bytes.length)
    if (end > start) ranges.push([start, end])
  }
  ranges.sort(([a], [b]) => a - b)
  for (let i = 1; i < ranges.length; i++) assert.ok(ranges[i - 1][1] <= ranges[i][0])
}

/** Reads a packed input, having checked its layout. */
export function open(bytes: Uint8Array): PackedReader {
  const reader = new PackedReader(bytes)
  checkLayout(reader)
  return reader
}

/** The start of a record. */
export function record(reader: PackedReader, section: number, size: number, index: number): number {
  assert.ok(index < reader.sectionCount(section))
  return reader.sectionOffset(section) + index * size
}

/** The start of a transaction's record. */
export const transaction = (reader: PackedReader, index: number) =>
  record(reader, BlockInput.transactions, Transaction.SIZE, index)

/** A part of the pool. */
export function poolSlice(reader: PackedReader, offset: number, size: number): Uint8Array {
  assert.ok(offset + size <= reader.sectionCount(BlockInput.pool))
  return reader.slice(reader.sectionOffset(BlockInput.pool) + offset, size)
}
