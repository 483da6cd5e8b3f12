/** What executions miss of states of which not everything is known. */

import { MissingKey } from '../native/wire.js'

/** The records of a packed list of missing keys, by their bytes. */
export function* records(packed: Uint8Array): Iterable<[string, Uint8Array]> {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  for (let at = 0; at < bytes.length; at += MissingKey.SIZE) {
    const record = bytes.subarray(at, at + MissingKey.SIZE)
    yield [record.toString('latin1'), record]
  }
}
