/** RLP of trees, for tests that damage them. */

import { type RlpItem, RlpWriter } from '../../lib/rlp/index.js'

/** The RLP of a tree. */
export function encodeTree(item: RlpItem): Uint8Array {
  const writer = new RlpWriter()
  write(writer, item)
  return writer.peek()
}

function write(writer: RlpWriter, item: RlpItem): void {
  if (!Array.isArray(item)) {
    writer.bytes(item)
    return
  }
  const mark = writer.size
  for (let i = item.length - 1; i >= 0; i--) write(writer, item[i])
  writer.list(mark)
}
