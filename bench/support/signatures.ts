/** Signatures to recover, without a signing library. */

import { keccak256, recoverAddresses } from '../../lib/native/load.js'

const recordSize = 97

/**
 * Different signatures that recover, as `recoverAddresses` takes them. Any s and any r that is the
 * x-coordinate of a point sign for somebody, and every other number is such a coordinate.
 */
export function signatures(count: number): Uint8Array {
  const packed = new Uint8Array(count * recordSize)
  let found = 0
  for (let seed = 0; found < count; seed++) {
    const record = packed.subarray(found * recordSize, (found + 1) * recordSize)
    for (let field = 0; field < 3; field++) {
      record.set(keccak256(Buffer.from(`${field} ${seed}`)), field * 32)
    }
    record[96] = seed & 1
    if (recoverAddresses(record)[0] === 1) found++
  }
  return packed
}
