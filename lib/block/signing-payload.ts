/** What a transaction's signature signs: the bytes whose keccak-256 is the signing hash. */

import { Transaction, TransactionFlag } from '../native/wire.js'
import { headerSize, listBase, stringBase, writeHeader } from '../rlp/header.js'
import { copyBytes } from './column.js'
import type { InputColumns } from './input-columns.js'

/** Longest that a payload is beyond the unsigned items: type, header, chain id and two zeros. */
const payloadExtra = 1 + 9 + 9 + 2

/** The type and the list of the unsigned items; returns where those are in the pool. */
export function writeTypedPayload(
  source: Uint8Array,
  columns: InputColumns,
  at: number,
  start: number,
  end: number,
  type: number,
): number {
  const { pool } = columns
  pool.reserve(end - start + payloadExtra)
  const payload = pool.size
  pool.bytes[payload] = type
  const items = writeHeader(pool.bytes, payload + 1, end - start, listBase)
  copyBytes(pool.bytes, items, source, start, end)
  finishPayload(columns, at, payload, items + end - start)
  return items
}

/**
 * The list of the six unsigned items, followed by chain id, 0 and 0 where the signature names a chain
 * (EIP-155); returns where the items are in the pool.
 */
export function writeLegacyPayload(
  source: Uint8Array,
  columns: InputColumns,
  at: number,
  start: number,
  end: number,
): number {
  const { pool, transactions } = columns
  const hasChainId = (transactions.bytes[at + Transaction.flags] & TransactionFlag.HasChainId) !== 0
  const tailSize = hasChainId ? uint64Size(transactions.view, at + Transaction.chainId) + 2 : 0
  const size = end - start + tailSize
  pool.reserve(size + payloadExtra)
  const payload = pool.size
  const items = payload + headerSize(size)
  writeHeader(pool.bytes, payload, size, listBase)
  copyBytes(pool.bytes, items, source, start, end)
  if (hasChainId) {
    const tail = items + end - start
    writeUint64(pool.bytes, tail, transactions.view, at + Transaction.chainId)
    pool.bytes[tail + tailSize - 2] = stringBase
    pool.bytes[tail + tailSize - 1] = stringBase
  }
  finishPayload(columns, at, payload, items + size)
  return items
}

function finishPayload(columns: InputColumns, at: number, start: number, end: number): void {
  columns.pool.size = end
  columns.transactions.view.setUint32(at + Transaction.payloadOffset, start, true)
  columns.transactions.view.setUint32(at + Transaction.payloadSize, end - start, true)
}

/** How many bytes the RLP of a little-endian 64-bit field takes. */
function uint64Size(view: DataView, field: number): number {
  const low = view.getUint32(field, true)
  const high = view.getUint32(field + 4, true)
  if (high === 0 && low < stringBase) return 1
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high)
  return 1 + ((bits + 7) >> 3)
}

/** Writes the RLP of a little-endian 64-bit field. */
function writeUint64(target: Uint8Array, at: number, view: DataView, field: number): void {
  const count = uint64Size(view, field) - 1
  if (count === 0) {
    const value = view.getUint8(field)
    target[at] = value === 0 ? stringBase : value
    return
  }
  target[at] = stringBase + count
  for (let i = 0; i < count; i++) target[at + count - i] = view.getUint8(field + i)
}
