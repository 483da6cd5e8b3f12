/** Roots of Merkle Patricia tries, as simple as can be: what the package's are compared with. */

import { RLP } from '@ethereumjs/rlp'
import { keccak256 } from '../../lib/native/load.js'

/** One key and its value, which is not empty. */
export interface TrieEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A node, or what stands for it in its parent: RLP's input. */
type Structure = Uint8Array | Structure[]

/** A key as nibbles, with its value. */
interface Leaf {
  readonly path: readonly number[]
  readonly value: Uint8Array
}

/** The root of the trie that holds the entries (Yellow Paper, appendix D). Keys are distinct. */
export function trieRoot(entries: readonly TrieEntry[]): Uint8Array {
  const leaves = entries.map(({ key, value }) => ({
    path: [...key].flatMap((byte) => [byte >> 4, byte & 15]),
    value,
  }))
  return keccak256(RLP.encode(leaves.length === 0 ? '' : nodeOf(leaves, 0)))
}

/** The node that hangs at a depth above leaves whose paths agree up to there. */
function nodeOf(leaves: readonly Leaf[], depth: number): Structure {
  const [{ path, value }] = leaves
  if (leaves.length === 1) return [hexPrefix(path.slice(depth), 2), value]
  let end = depth
  while (leaves.every((leaf) => end < leaf.path.length && leaf.path[end] === path[end])) end++
  if (end > depth) return [hexPrefix(path.slice(depth, end), 0), referenceTo(leaves, end)]
  const children = Array.from({ length: 16 }, (_, nibble): Structure => {
    const below = leaves.filter((leaf) => leaf.path[depth] === nibble)
    return below.length === 0 ? new Uint8Array() : referenceTo(below, depth + 1)
  })
  const own = leaves.find((leaf) => leaf.path.length === depth)
  return [...children, own?.value ?? new Uint8Array()]
}

/** What stands for a node in its parent: the node where it is shorter than a hash. */
function referenceTo(leaves: readonly Leaf[], depth: number): Structure {
  const node = nodeOf(leaves, depth)
  const encoded = RLP.encode(node)
  return encoded.length < 32 ? node : keccak256(encoded)
}

/** The hex-prefix encoding of a path (appendix C); `flag` is 2 for leaves, else 0. */
function hexPrefix(path: readonly number[], flag: number): Uint8Array {
  const isOdd = path.length % 2
  const nibbles = isOdd ? [flag + 1, ...path] : [flag, 0, ...path]
  return Uint8Array.from(
    { length: nibbles.length / 2 },
    (_, i) => (nibbles[2 * i] << 4) | nibbles[2 * i + 1],
  )
}
