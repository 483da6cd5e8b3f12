/** Finding of leaves by their hashed keys. */

import { childOf, resolveChild } from './branch.js'
import { extensionEnd, extensionKey } from './extension.js'
import { leafKey } from './leaf.js'
import { nibbleAt, sameKey, sharedNibbles } from './nibbles.js'
import { Kind, NONE, NodeFlag, Part, UNRESOLVED } from './node-pool.js'
import type { NodeStore } from './node-store.js'

/** Is told the nodes on the way to a key: each, at which nibble it hangs, whether it is inline. */
export type PathVisitor = (node: number, depth: number, isInline: boolean) => void

/**
 * The leaf of a key in the trie of accounts, below a root record, or NONE. Unresolved nodes on the way
 * are resolved.
 *
 * @throws StateError `STATE_NODE_MISSING` or `STATE_NODE_INVALID`
 */
export function findAccount(
  store: NodeStore,
  root: number,
  key: Uint8Array,
  visit?: PathVisitor,
): number {
  return findBelow(store, root, key, true, visit)
}

/** The leaf of a key in a trie of values, below a root record; like {@link findAccount}. */
export function findValue(store: NodeStore, root: number, key: Uint8Array): number {
  return findBelow(store, root, key, false, undefined)
}

function findBelow(
  store: NodeStore,
  root: number,
  key: Uint8Array,
  isAccount: boolean,
  visit: PathVisitor | undefined,
): number {
  const { pool } = store
  let node = pool.words[root + Part.child]
  if (node === UNRESOLVED) {
    node = store.load(root + Part.reference, 0, key, 0, isAccount, false)
    pool.words[root + Part.child] = node
  }
  return descend(store, node, key, isAccount, visit)
}

/** The leaf of a key in the storage of an account, or NONE; like {@link findAccount}. */
export function findSlot(
  store: NodeStore,
  account: number,
  key: Uint8Array,
  visit?: PathVisitor,
): number {
  const { pool } = store
  if ((pool.words[account] & NodeFlag.HasStorage) === 0) return NONE
  let node = pool.words[account + Part.storage]
  if (node === UNRESOLVED) {
    node = store.load(account + Part.storageHash, 0, key, 0, false, false)
    pool.words[account + Part.storage] = node
  }
  return descend(store, node, key, false, visit)
}

function descend(
  store: NodeStore,
  root: number,
  key: Uint8Array,
  isAccount: boolean,
  visit: PathVisitor | undefined,
): number {
  const { pool } = store
  let node = root
  let depth = 0
  let isInline = false
  while (node !== NONE) {
    visit?.(node, depth, isInline)
    const kind = pool.kindOf(node)
    if (kind === Kind.Branch) {
      const nibble = nibbleAt(key, 0, depth)
      depth++
      let child = childOf(pool, node, nibble)
      if (child === UNRESOLVED) {
        const at = store.childReference(node, nibble)
        child = store.load(at, depth, key, 0, isAccount, false)
        resolveChild(pool, node, nibble, child)
      }
      isInline = ((pool.words[node + 1] >>> (16 + nibble)) & 1) !== 0
      node = child
    } else if (kind === Kind.Extension) {
      const end = extensionEnd(pool, node)
      if (sharedNibbles(key, 0, pool.bytes, extensionKey(node), depth, end) < end) return NONE
      depth = end
      let child = pool.words[node + Part.child]
      if (child === UNRESOLVED) {
        child = store.load(node + Part.reference, end, key, 0, isAccount, true)
        pool.words[node + Part.child] = child
      }
      isInline = (pool.words[node] & NodeFlag.Inline) !== 0
      node = child
    } else {
      return sameKey(key, 0, pool.bytes, leafKey(node)) ? node : NONE
    }
  }
  return NONE
}
