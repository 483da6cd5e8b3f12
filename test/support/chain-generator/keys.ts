/** Accounts that can sign. */

import { bytesToHex } from '../../../lib/hex/index.js'
import type { Hex } from '../../../lib/index.js'
import { addressOfSecretKey } from '../../../lib/native/load.js'

/** Secret keys that everybody may know. */
export const secretKeys: readonly Uint8Array[] = Array.from({ length: 10 }, (_, i) =>
  new Uint8Array(32).fill(i + 1),
)

/** Their addresses. */
export const signers: readonly Hex[] = secretKeys.map((key) => bytesToHex(addressOfSecretKey(key)))
