/** Encoding and hashing of trie nodes (Yellow Paper, appendix D): native code on the pool's memory. */

import { encodeTrieNode, hashTrieNodes } from '../native/load.js'
import { NodeFlag, type NodePool } from './node-pool.js'

/**
 * Makes everything below a root record, and the hash in it, up to date: the references of dirty nodes
 * are computed level by level, from the deepest up.
 */
export function hashNodes({ words }: NodePool, root: number): void {
  if ((words[root] & NodeFlag.Dirty) !== 0) hashTrieNodes(words, root)
}

/** The RLP of a node that hangs at nibble `depth`; its references are up to date. */
export function encodeNode({ words }: NodePool, node: number, depth: number): Uint8Array {
  return encodeTrieNode(words, node, depth)
}
