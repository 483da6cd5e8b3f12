/** Encoding of trie nodes (Yellow Paper, appendix D) from the pool. */

import { listBase, stringBase, writeHeader } from '../rlp/header.js'
import { extensionEnd, extensionKey } from './extension.js'
import { emptyCodeHash, leafKey } from './leaf.js'
import { copyBytes, keyNibbles, nibbleAt } from './nibbles.js'
import {
  accountCode,
  accountNumbers,
  Kind,
  NodeFlag,
  type NodePool,
  Part,
  popCount,
} from './node-pool.js'
import { EMPTY_TRIE_ROOT } from './trie-root.js'

/** No encoded node is longer. */
export const largestNode = 1152

const hashPrefix = stringBase + 32

/**
 * Writes the RLP of a node that hangs at nibble `depth` to `out`; its references are up to date.
 * Returns where it ends. `out` has room for {@link largestNode} bytes.
 */
export function encodeNode(
  pool: NodePool,
  node: number,
  depth: number,
  out: Uint8Array,
  at: number,
): number {
  switch (pool.kindOf(node)) {
    case Kind.Branch:
      return encodeBranch(pool, node, out, at)
    case Kind.Extension:
      return encodeExtension(pool, node, depth, out, at)
    case Kind.Account:
      return encodeAccount(pool, node, depth, out, at)
    default:
      return encodeLeaf(pool, node, depth, out, at)
  }
}

function encodeBranch(pool: NodePool, node: number, out: Uint8Array, start: number): number {
  const { words, bytes } = pool
  const present = words[node + 1] & 0xffff
  const inline = words[node + 1] >>> 16
  const firstReference = (node + Part.children + ((words[node] >>> 8) & 31)) * 4
  const count = popCount(present)
  // Sixteen places and the value, which is empty; a hash takes 32 bytes more than a place.
  let payload = 17 + 32 * count
  let reference = firstReference
  if (inline !== 0) {
    for (let nibble = 0; nibble < 16; nibble++) {
      if (((present >> nibble) & 1) === 0) continue
      if ((inline >> nibble) & 1) payload -= 33 - inlineSize(bytes, reference)
      reference += 32
    }
  }
  let at = writeHeader(out, start, payload, listBase)
  reference = firstReference
  for (let nibble = 0; nibble < 16; nibble++) {
    if (((present >> nibble) & 1) === 0) {
      out[at++] = stringBase
      continue
    }
    at = encodeReference(bytes, reference, ((inline >> nibble) & 1) !== 0, out, at)
    reference += 32
  }
  out[at++] = stringBase
  return at
}

function encodeExtension(
  pool: NodePool,
  node: number,
  depth: number,
  out: Uint8Array,
  start: number,
): number {
  const { bytes, words } = pool
  const count = extensionEnd(pool, node) - depth
  const reference = (node + Part.reference) * 4
  const isInline = (words[node] & NodeFlag.Inline) !== 0
  const size = isInline ? inlineSize(bytes, reference) : 33
  const list = writeHeader(out, start, pathSize(count) + size, listBase)
  const at = encodePath(bytes, extensionKey(node), depth, count, 0, out, list)
  return encodeReference(bytes, reference, isInline, out, at)
}

function encodeLeaf(
  pool: NodePool,
  node: number,
  depth: number,
  out: Uint8Array,
  start: number,
): number {
  const { bytes, words } = pool
  const count = keyNibbles - depth
  const size = words[node] >>> 16
  const value = (node + Part.value) * 4
  const list = writeHeader(out, start, pathSize(count) + stringSize(size, bytes[value]), listBase)
  const at = encodePath(bytes, leafKey(node), depth, count, 2, out, list)
  return encodeString(bytes, value, size, out, at)
}

function encodeAccount(
  pool: NodePool,
  node: number,
  depth: number,
  out: Uint8Array,
  start: number,
): number {
  const { bytes, words } = pool
  const head = words[node]
  const count = keyNibbles - depth
  const nonceSize = head >>> 24
  const balanceSize = (head >>> 16) & 255
  const nonce = (node + accountNumbers(head)) * 4
  const balance = nonce + nonceSize
  const fields =
    stringSize(nonceSize, bytes[nonce]) + stringSize(balanceSize, bytes[balance]) + 33 + 33
  const value = fields + (fields < 56 ? 1 : 2)
  let at = writeHeader(out, start, pathSize(count) + value + (value < 56 ? 1 : 2), listBase)
  at = encodePath(bytes, leafKey(node), depth, count, 2, out, at)
  at = writeHeader(out, at, value, stringBase)
  at = writeHeader(out, at, fields, listBase)
  at = encodeString(bytes, nonce, nonceSize, out, at)
  at = encodeString(bytes, balance, balanceSize, out, at)
  if (head & NodeFlag.HasStorage) at = encodeHash(bytes, (node + Part.storageHash) * 4, out, at)
  else at = encodeHash(EMPTY_TRIE_ROOT, 0, out, at)
  if (head & NodeFlag.HasCode) return encodeHash(bytes, (node + accountCode(head)) * 4, out, at)
  return encodeHash(emptyCodeHash, 0, out, at)
}

function encodeHash(bytes: Uint8Array, from: number, out: Uint8Array, at: number): number {
  out[at] = hashPrefix
  copyBytes(out, at + 1, bytes, from, 32)
  return at + 33
}

function encodeReference(
  bytes: Uint8Array,
  from: number,
  isInline: boolean,
  out: Uint8Array,
  at: number,
): number {
  if (!isInline) return encodeHash(bytes, from, out, at)
  const size = inlineSize(bytes, from)
  copyBytes(out, at, bytes, from, size)
  return at + size
}

/** The size of an inline node: its list header is one byte. */
function inlineSize(bytes: Uint8Array, at: number): number {
  return bytes[at] - listBase + 1
}

/** The hex-prefix encoding of nibbles as an RLP string; `flag` is 2 for a leaf, 0 otherwise. */
function encodePath(
  key: Uint8Array,
  keyAt: number,
  depth: number,
  count: number,
  flag: number,
  out: Uint8Array,
  start: number,
): number {
  const size = (count >> 1) + 1
  let at = start
  let position = depth
  if (size > 1) out[at++] = stringBase + size
  if (count & 1) out[at++] = ((flag | 1) << 4) | nibbleAt(key, keyAt, position++)
  else out[at++] = flag << 4
  // An even number of nibbles is left, up to any position.
  const end = at + size - 1
  if (position & 1) {
    for (; at < end; position += 2) {
      out[at++] = (nibbleAt(key, keyAt, position) << 4) | nibbleAt(key, keyAt, position + 1)
    }
    return end
  }
  copyBytes(out, at, key, keyAt + (position >> 1), size - 1)
  return end
}

/** The size of a hex-prefix path as an RLP string; it has at most 33 bytes. */
function pathSize(count: number): number {
  const size = (count >> 1) + 1
  return size === 1 ? 1 : size + 1
}

function encodeString(
  bytes: Uint8Array,
  from: number,
  size: number,
  out: Uint8Array,
  start: number,
): number {
  let at = start
  if (size !== 1 || bytes[from] >= stringBase) at = writeHeader(out, at, size, stringBase)
  copyBytes(out, at, bytes, from, size)
  return at + size
}

/** The size of an RLP string of `size` bytes that begins with `first`. */
function stringSize(size: number, first: number): number {
  if (size === 1 && first < stringBase) return 1
  return size < 56 ? size + 1 : size < 256 ? size + 2 : size + 3
}
