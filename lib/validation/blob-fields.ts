/** What a header has from Cancun on (EIP-4844, EIP-4788). */

import type { BlockHeader, RpcHeader } from '../block/index.js'
import { nextExcessBlobGas, type Ruleset } from '../chain/index.js'
import { zeroHash } from '../hex/index.js'

/** The fields of a block without blobs that follows a parent; none before Cancun. */
export function blobFields(
  { blobSchedule, header }: Ruleset,
  { excessBlobGas = 0n, blobGasUsed = 0n, baseFeePerGas = 0n }: BlockHeader,
  parentBeaconBlockRoot: string = zeroHash,
): Partial<RpcHeader> {
  if (blobSchedule === undefined) return {}
  const parent = { excessBlobGas, blobGasUsed, baseFeePerGas }
  return {
    blobGasUsed: 0n,
    excessBlobGas: nextExcessBlobGas(parent, blobSchedule, header.blobReservePrice),
    parentBeaconBlockRoot,
  }
}
