/** The nodes that an update made: what a database of nodes has to be given. */

import { referenceAt } from './branch.js'
import { encodeNode, hashNodes } from './node-hashing.js'
import { Kind, NONE, NodeFlag, type NodePool, Part, popCount } from './node-pool.js'

/** A node that has a hash of its own: no inline one. */
export interface NewNode {
  /** keccak256 of {@link encoded}. */
  readonly hash: Uint8Array
  readonly encoded: Uint8Array
  /** Whether it is of the storage of an account. */
  readonly isStorage: boolean
}

/** A node whose reference is to be computed. */
interface DirtyNode {
  readonly node: number
  readonly depth: number
  /** The word of the reference to it. */
  readonly reference: number
  /** Whether its parent holds its hash however short it is. */
  readonly isRoot: boolean
  readonly isStorage: boolean
}

/** Hashes what is dirty below a root record, and gives it in no particular order. */
export function hashNewNodes(pool: NodePool, root: number): NewNode[] {
  const dirty = dirtyNodes(pool, root)
  hashNodes(pool, root)
  const made: NewNode[] = []
  for (const { node, depth, reference, isRoot, isStorage } of dirty) {
    const encoded = encodeNode(pool, node, depth)
    if (encoded.length < 32 && !isRoot) continue
    made.push({ hash: pool.bytes.slice(4 * reference, 4 * reference + 32), encoded, isStorage })
  }
  return made
}

/** Like the native hasher, through dirty references only. */
function dirtyNodes(pool: NodePool, root: number): DirtyNode[] {
  const { words } = pool
  const found: DirtyNode[] = []
  const add = (
    node: number,
    depth: number,
    reference: number,
    isRoot: boolean,
    isStorage: boolean,
  ) => {
    if (node !== NONE) found.push({ node, depth, reference, isRoot, isStorage })
  }
  if ((words[root] & NodeFlag.Dirty) !== 0) {
    add(words[root + Part.child], 0, root + Part.reference, true, false)
  }
  // The list grows while it is gone through.
  for (let i = 0; i < found.length; i++) {
    const { node, depth, isStorage } = found[i]
    const head = words[node]
    const isDirty = (head & NodeFlag.Dirty) !== 0
    switch (pool.kindOf(node)) {
      case Kind.Branch:
        addChildren(node, depth, isStorage)
        break
      case Kind.Extension:
        if (isDirty)
          add(words[node + Part.child], head >>> 16, node + Part.reference, false, isStorage)
        break
      case Kind.Account:
        if (isDirty) add(words[node + Part.storage], 0, node + Part.storageHash, true, true)
        break
    }
  }
  return found

  function addChildren(branch: number, depth: number, isStorage: boolean): void {
    const dirty = words[branch] >>> 16
    const present = words[branch + 1] & 0xffff
    for (let nibble = 0; nibble < 16; nibble++) {
      if (((dirty >> nibble) & 1) === 0) continue
      const rank = popCount(present & ((1 << nibble) - 1))
      add(
        words[branch + Part.children + rank],
        depth + 1,
        referenceAt(pool, branch, rank),
        false,
        isStorage,
      )
    }
  }
}
