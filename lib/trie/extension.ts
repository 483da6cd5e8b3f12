/** Extensions: nodes that skip nibbles above a branch. For their layout see `node-pool.ts`. */

import { copyBytes } from './nibbles.js'
import { extensionWords, Kind, NodeFlag, type NodePool, Part } from './node-pool.js'

/**
 * An extension that ends at nibble `end` of the key, above a branch whose reference is to be
 * computed.
 */
export function newExtension(
  pool: NodePool,
  end: number,
  child: number,
  key: Uint8Array,
  keyAt: number,
): number {
  const extension = pool.allocate(extensionWords)
  const { words, bytes } = pool
  words[extension] = Kind.Extension | NodeFlag.Dirty | (end << 16)
  words[extension + Part.child] = child
  copyBytes(bytes, extensionKey(extension), key, keyAt, 32)
  return extension
}

/** The byte at which an extension's key begins. */
export function extensionKey(extension: number): number {
  return (extension + Part.extensionKey) * 4
}

/** The nibble at which an extension ends. */
export function extensionEnd(pool: NodePool, extension: number): number {
  return pool.words[extension] >>> 16
}
