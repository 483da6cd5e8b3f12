/** Branches: nodes with up to sixteen children. For their layout see `node-pool.ts`. */

import {
  branchWords,
  hashWords,
  Kind,
  NONE,
  type NodePool,
  Part,
  popCount,
  UNRESOLVED,
} from './node-pool.js'

/** A branch without children and with room for a few. */
export function newBranch(pool: NodePool, capacity = 2): number {
  const branch = pool.allocate(branchWords(capacity))
  pool.words[branch] = Kind.Branch | (capacity << 8)
  pool.words[branch + 1] = 0
  return branch
}

/** At which place among the children the one of a nibble is, or would be. */
export function childRank(present: number, nibble: number): number {
  return popCount(present & ((1 << nibble) - 1))
}

/** The child of a nibble, or NONE. */
export function childOf(pool: NodePool, branch: number, nibble: number): number {
  const { words } = pool
  const present = words[branch + 1]
  if (((present >> nibble) & 1) === 0) return NONE
  return words[branch + Part.children + childRank(present, nibble)]
}

/** The word of the reference at a rank. */
export function referenceAt(pool: NodePool, branch: number, rank: number): number {
  const capacity = (pool.words[branch] >>> 8) & 31
  return branch + Part.children + capacity + rank * hashWords
}

/**
 * Puts a child, whose reference is to be computed, or takes it away with NONE. Returns the branch,
 * which has moved where it had no room.
 */
export function setChild(pool: NodePool, branch: number, nibble: number, child: number): number {
  const bit = 1 << nibble
  const present = pool.words[branch + 1] & bit
  if (child === NONE) {
    if (present !== 0) removeChild(pool, branch, nibble)
    return branch
  }
  const home = present === 0 ? insertPlace(pool, branch, nibble) : branch
  const { words } = pool
  const rank = childRank(words[home + 1], nibble)
  words[home + Part.children + rank] = child
  words[home] |= bit << 16
  return home
}

/** Puts a child, which may be UNRESOLVED, with its reference. Returns the branch as `setChild` does. */
export function setReferredChild(
  pool: NodePool,
  branch: number,
  nibble: number,
  child: number,
  reference: Uint32Array,
  isInline: boolean,
): number {
  const bit = 1 << nibble
  const home = setChild(pool, branch, nibble, child)
  const { words } = pool
  const at = referenceAt(pool, home, childRank(words[home + 1], nibble))
  for (let i = 0; i < hashWords; i++) words[at + i] = reference[i]
  words[home] &= ~(bit << 16)
  if (isInline) words[home + 1] |= bit << 16
  return home
}

/** Puts the content of an unresolved child in its place; the reference is right as it is. */
export function resolveChild(pool: NodePool, branch: number, nibble: number, child: number): void {
  const rank = childRank(pool.words[branch + 1], nibble)
  pool.words[branch + Part.children + rank] = child
}

/** The nibble of a branch's only child, or -1 where it has none or several. */
export function onlyNibble(pool: NodePool, branch: number): number {
  const present = pool.words[branch + 1] & 0xffff
  if (present === 0 || (present & (present - 1)) !== 0) return -1
  return 31 - Math.clz32(present)
}

/** Makes a gap for the child of a nibble. */
function insertPlace(pool: NodePool, branch: number, nibble: number): number {
  const count = popCount(pool.words[branch + 1] & 0xffff)
  const capacity = (pool.words[branch] >>> 8) & 31
  const home = count === capacity ? widen(pool, branch, count) : branch
  const { words } = pool
  const rank = childRank(words[home + 1], nibble)
  const children = home + Part.children
  words.copyWithin(children + rank + 1, children + rank, children + count)
  const from = referenceAt(pool, home, rank)
  words.copyWithin(from + hashWords, from, referenceAt(pool, home, count))
  words[children + rank] = UNRESOLVED
  words[home + 1] |= 1 << nibble
  return home
}

function removeChild(pool: NodePool, branch: number, nibble: number): void {
  const { words } = pool
  const count = popCount(words[branch + 1] & 0xffff)
  const rank = childRank(words[branch + 1], nibble)
  const children = branch + Part.children
  words.copyWithin(children + rank, children + rank + 1, children + count)
  const from = referenceAt(pool, branch, rank)
  words.copyWithin(from, from + hashWords, referenceAt(pool, branch, count))
  const bit = 1 << nibble
  words[branch + 1] &= ~(bit | (bit << 16))
  words[branch] &= ~(bit << 16)
}

/** Moves a full branch to where it has room for more children. */
function widen(pool: NodePool, branch: number, count: number): number {
  const capacity = Math.min(count + (count < 8 ? 2 : 4), 16)
  const home = pool.allocate(branchWords(capacity))
  const { words } = pool
  const head = words[branch]
  words[home] = Kind.Branch | (capacity << 8) | (head & 0xffff_0000)
  words[home + 1] = words[branch + 1]
  words.copyWithin(home + Part.children, branch + Part.children, branch + Part.children + count)
  const from = referenceAt(pool, branch, 0)
  words.copyWithin(referenceAt(pool, home, 0), from, from + count * hashWords)
  pool.release(branch)
  return home
}
