/** Roots of the tries that hold a block's lists: transactions, receipts, withdrawals. */

import { compareEntries, sortedTrieRoot, type TrieEntry } from './trie-root.js'

/**
 * The root of the trie that maps rlp(index) to each item (Yellow Paper, section 4.3.2). An item is
 * what the trie holds as it is: an RLP list, or a typed envelope (EIP-2718).
 */
export function listRoot(items: readonly Uint8Array[]): Uint8Array {
  const entries: TrieEntry[] = items.map((value, index) => ({ key: indexKey(index), value }))
  return sortedTrieRoot(entries.sort(compareEntries))
}

/** The RLP of a list index. */
function indexKey(index: number): Uint8Array {
  if (index === 0) return Uint8Array.of(0x80)
  if (index < 0x80) return Uint8Array.of(index)
  if (index < 0x100) return Uint8Array.of(0x81, index)
  if (index < 0x10000) return Uint8Array.of(0x82, index >> 8, index & 0xff)
  return Uint8Array.of(0x83, index >> 16, (index >> 8) & 0xff, index & 0xff)
}
