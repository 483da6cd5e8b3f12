/** Roots of the tries that hold a block's lists: transactions, receipts, withdrawals. */

import { packedListRoot } from '../native/load.js'

/**
 * The root of the trie that maps rlp(index) to each item (Yellow Paper, section 4.3.2). An item is
 * what the trie holds as it is: an RLP list, or a typed envelope (EIP-2718).
 */
export function listRoot(items: readonly Uint8Array[]): Uint8Array {
  const offsets = new Uint32Array(items.length + 1)
  items.forEach((item, i) => {
    offsets[i + 1] = offsets[i] + item.length
  })
  return packedListRoot(Buffer.concat(items), offsets)
}
