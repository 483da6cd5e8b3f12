/** Blocks around transactions in given bytes, which may be malformed. */

import { encodeBlock } from '../../lib/block/index.js'
import { Revision } from '../../lib/chain/index.js'
import { emptyTrieRoot } from '../../lib/empty-hashes.js'
import { decodeRlp, type RlpItem } from '../../lib/rlp/index.js'
import { draftBlock } from '../../lib/workloads/draft.js'
import { encodeTree } from './rlp-tree.js'

const zeroHash = `0x${'00'.repeat(32)}`

/** A header of a revision with all the gas there can be (EIP-1985); its roots are wrong. */
function headerOf(revision: number): Uint8Array {
  const after = <Value>(first: number, value: Value) => (revision >= first ? value : undefined)
  const block = draftBlock({
    number: 1,
    gasLimit: '0x7fffffffffffffff',
    timestamp: 1,
    baseFeePerGas: after(Revision.London, 0),
    withdrawalsRoot: after(Revision.Shanghai, emptyTrieRoot),
    withdrawals: undefined,
    blobGasUsed: after(Revision.Cancun, 0),
    excessBlobGas: after(Revision.Cancun, 0),
    parentBeaconBlockRoot: after(Revision.Cancun, zeroHash),
    requestsHash: after(Revision.Prague, zeroHash),
  })
  return encodeTree((decodeRlp(encodeBlock(block)) as RlpItem[])[0])
}

const headers = new Map<number, Uint8Array>()

/** A block of one transaction in exactly these bytes. */
export function blockAround(transaction: Uint8Array, revision: number): Uint8Array {
  let header = headers.get(revision)
  if (header === undefined) {
    header = headerOf(revision)
    headers.set(revision, header)
  }
  // Legacy transactions stand in the list as they are, typed ones as strings.
  const item = transaction[0] >= 0xc0 ? transaction : encodeTree(transaction)
  const withdrawals = revision >= Revision.Shanghai ? [Uint8Array.of(0xc0)] : []
  return listOf([header, listOf([item]), Uint8Array.of(0xc0), ...withdrawals])
}

/** The list whose payload is the items' bytes, whatever those are. */
function listOf(items: readonly Uint8Array[]): Uint8Array {
  const payload = Buffer.concat(items)
  const size = payload.length
  if (size < 56) return Uint8Array.of(0xc0 + size, ...payload)
  if (size < 0x100) return Uint8Array.of(0xf8, size, ...payload)
  if (size < 0x10000) return Buffer.concat([Uint8Array.of(0xf9, size >> 8, size & 0xff), payload])
  return Buffer.concat([Uint8Array.of(0xfa, size >> 16, (size >> 8) & 0xff, size & 0xff), payload])
}
