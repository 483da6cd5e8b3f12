/** Places in the state that transactions meet at. */

import type { Hex } from '../hex/index.js'
import type { PackedReader } from '../native/packed-reader.js'
import { LocationKind as WireLocationKind } from '../native/wire.js'

/** What of an account a location is. `account`: the account as a whole. */
export type LocationKind =
  | 'account'
  | 'existence'
  | 'nonce'
  | 'balance'
  | 'code'
  | 'hasStorage'
  | 'storage'

const kindNames: ReadonlyMap<number, LocationKind> = new Map<number, LocationKind>([
  [WireLocationKind.Account, 'account'],
  [WireLocationKind.Existence, 'existence'],
  [WireLocationKind.Nonce, 'nonce'],
  [WireLocationKind.Balance, 'balance'],
  [WireLocationKind.Code, 'code'],
  [WireLocationKind.HasStorage, 'hasStorage'],
  [WireLocationKind.Storage, 'storage'],
])

/** A place in the state: a part of an account, or one of its storage slots. */
export interface StateLocation {
  /** What of the account it is. */
  readonly kind: LocationKind
  /** The account. */
  readonly address: Hex
  /** The slot, where `kind` is `storage`. */
  readonly key?: Hex
}

/** Where the fields of a location lie in a record. */
interface LocationLayout {
  readonly kind: number
  readonly address: number
  readonly key: number
}

/** Reads the location that the record at `at` holds. */
export function readLocation(
  output: PackedReader,
  at: number,
  layout: LocationLayout,
): StateLocation {
  const kind = kindNames.get(output.u32(at + layout.kind)) ?? 'account'
  const address = output.hex(at + layout.address, 20)
  return kind === 'storage'
    ? { kind, address, key: output.hex(at + layout.key, 32) }
    : { kind, address }
}
