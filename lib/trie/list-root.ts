/** Roots of the tries that hold a block's lists: transactions, receipts, withdrawals. */

import { sortedTrieRoot, type TrieEntry } from './trie-root.js'

/**
 * The root of the trie that maps rlp(index) to each item (Yellow Paper, section 4.3.2). An item is
 * what the trie holds as it is: an RLP list, or a typed envelope (EIP-2718).
 */
export function listRoot(items: readonly Uint8Array[]): Uint8Array {
  const entries: TrieEntry[] = []
  const add = (index: number): void => {
    entries.push({ key: indexKey(index), value: items[index] })
  }
  // In the order of the keys: zero, encoded as 0x80, comes after the one-byte numbers.
  for (let index = 1; index < items.length && index < 0x80; index++) add(index)
  if (items.length > 0) add(0)
  for (let index = 0x80; index < items.length; index++) add(index)
  return sortedTrieRoot(entries)
}

/** The RLP of a list index. */
function indexKey(index: number): Uint8Array {
  if (index === 0) return Uint8Array.of(0x80)
  if (index < 0x80) return Uint8Array.of(index)
  if (index < 0x100) return Uint8Array.of(0x81, index)
  if (index < 0x10000) return Uint8Array.of(0x82, index >> 8, index & 0xff)
  return Uint8Array.of(0x83, index >> 16, (index >> 8) & 0xff, index & 0xff)
}
