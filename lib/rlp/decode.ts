/** RLP as a tree, for data whose structure is not known. */

import { RlpReader } from './reader.js'

/** A byte string, or a list of items. */
export type RlpItem = Uint8Array | RlpItem[]

/** Deepest nesting that is decoded; nothing in Ethereum's formats comes near. */
const maxDepth = 1024

/**
 * Decodes exactly one item; byte strings lie in `bytes`, they are not copied.
 *
 * @throws BlockDecodeError `DECODE_RLP_…`
 */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const reader = new RlpReader(bytes)
  const item = readItem(reader, 0)
  if (!reader.done) throw reader.fail('DECODE_RLP_TRAILING', 'item')
  return item
}

function readItem(reader: RlpReader, depth: number): RlpItem {
  reader.next()
  if (!reader.isList) return reader.payload()
  if (depth === maxDepth) throw reader.fail('DECODE_RLP_TOO_DEEP', 'item')
  const { limit: outer, start, end } = reader
  reader.position = start
  reader.limit = end
  const items: RlpItem[] = []
  while (!reader.done) items.push(readItem(reader, depth + 1))
  reader.leave('item', outer)
  return items
}
