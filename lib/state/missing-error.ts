/** What a state fails with that was not given something. */

import { errorFor } from '../errors.js'
import { PackedReader } from '../native/packed-reader.js'
import { MissingKey, MissingKind } from '../native/wire.js'

/** The error for the first of some packed MissingKey records. */
export function missingError(missing: Uint8Array): Error {
  const record = new PackedReader(missing)
  const address = record.hex(MissingKey.address, 20)
  switch (record.u32(MissingKey.kind)) {
    case MissingKind.Account:
      return errorFor('STATE_MISSING_ACCOUNT', { address })
    case MissingKind.Slot: {
      const field = `storage[${record.hex(MissingKey.key, 32)}]`
      return errorFor('STATE_MISSING_SLOT', { address, field })
    }
    default:
      return errorFor('STATE_MISSING_CODE', { address })
  }
}
