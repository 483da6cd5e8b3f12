/** Requests of the execution layer to the consensus layer (EIP-7685). */

import type { Hex } from '../hex/index.js'
import { sha256 } from '../native/load.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, Request as RequestLayout } from '../native/wire.js'

/** The requests of one type in a block. */
export interface Request {
  /** 0 deposits (EIP-6110), 1 withdrawals (EIP-7002), 2 consolidations (EIP-7251). */
  readonly type: number
  /** The requests one after another, without the type byte. */
  readonly data: Hex
}

/** The requests of a packed output. */
export function readRequests(output: PackedReader): Request[] {
  return requestOffsets(output).map(({ type, at, size }) => ({ type, data: output.hex(at, size) }))
}

/** sha256 over the sha256 of each type's requests with its type byte (EIP-7685). */
export function requestsHash(output: PackedReader): Uint8Array {
  const requests = requestOffsets(output).filter(({ size }) => size > 0)
  const hashes = new Uint8Array(32 * requests.length)
  requests.forEach(({ type, at, size }, index) => {
    const bytes = new Uint8Array(1 + size)
    bytes[0] = type
    bytes.set(output.slice(at, size), 1)
    hashes.set(sha256(bytes), 32 * index)
  })
  return sha256(hashes)
}

function requestOffsets(output: PackedReader): { type: number; at: number; size: number }[] {
  const first = output.sectionOffset(BlockOutput.requests)
  const pool = output.sectionOffset(BlockOutput.pool)
  return Array.from({ length: output.sectionCount(BlockOutput.requests) }, (_, i) => {
    const at = first + i * RequestLayout.SIZE
    return {
      type: output.u32(at + RequestLayout.type),
      at: pool + output.u32(at + RequestLayout.offset),
      size: output.u32(at + RequestLayout.size),
    }
  })
}
