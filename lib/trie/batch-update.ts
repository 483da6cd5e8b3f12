/** Merging of a sorted batch of changes into a trie, in one descent. */

import {
  childOf,
  newBranch,
  onlyNibble,
  resolveChild,
  setChild,
  setReferredChild,
} from './branch.js'
import { type ChangeBatch, type DetachedStorage, EntryFlag } from './change-batch.js'
import { extensionEnd, extensionKey, newExtension } from './extension.js'
import {
  accountLeaf,
  accountValue,
  leafKey,
  putValue,
  setStorageHash,
  storageHashOf,
  storageOf,
} from './leaf.js'
import { copyBytes, keyNibbles, nibbleAt, sameKey, setNibble, sharedNibbles } from './nibbles.js'
import { Kind, NONE, NodeFlag, type NodePool, Part, UNRESOLVED } from './node-pool.js'
import type { NodeStore } from './node-store.js'

/**
 * Applies one batch. What `update` returns takes the place of the node it was given: another kind of
 * node, or none, where leaves came or went. Nodes on changed paths are marked dirty; no hash is
 * computed.
 */
export class BatchUpdate {
  private readonly pool: NodePool
  /** Storage of accounts that lost it, by entry; where it is not asked for, it is given back. */
  private readonly detached: Map<number, DetachedStorage> | undefined
  /** A key under construction. */
  private readonly path = new Uint8Array(32)

  constructor(
    private readonly store: NodeStore,
    private readonly batch: ChangeBatch,
    options: { readonly detached?: Map<number, DetachedStorage> } = {},
  ) {
    this.pool = store.pool
    this.detached = options.detached
  }

  /** Merges the accounts of the batch into the trie below a root record. */
  applyAccounts(root: number): void {
    this.applyRange(root, 0, this.batch.accountCount)
  }

  /** Merges the entries `order[from .. to)` into the trie below a root record. */
  applyRange(root: number, from: number, to: number): void {
    if (from === to) return
    const { pool } = this
    let node = pool.words[root + Part.child]
    if (node === UNRESOLVED) node = this.resolve(root + Part.reference, 0, from, false)
    node = this.update(node, 0, from, to)
    pool.words[root + Part.child] = node
    pool.words[root] |= NodeFlag.Dirty
  }

  /** Merges the entries `order[from .. to)`, which agree with the node's path up to `depth`. */
  private update(node: number, depth: number, from: number, to: number): number {
    if (from === to) return node
    if (node === NONE) return this.insert(NONE, depth, from, this.keepPuts(from, to, -1))
    switch (this.pool.kindOf(node)) {
      case Kind.Branch:
        return this.updateBranch(node, depth, from, to)
      case Kind.Extension:
        return this.updateExtension(node, depth, from, to)
      default:
        return this.updateLeaf(node, depth, from, to)
    }
  }

  private updateBranch(node: number, depth: number, from: number, to: number): number {
    const { pool, batch } = this
    const { keys, order } = batch
    let branch = node
    for (let first = from; first < to; ) {
      const nibble = nibbleAt(keys, 32 * order[first], depth)
      let next = first + 1
      while (next < to && nibbleAt(keys, 32 * order[next], depth) === nibble) next++
      let child = childOf(pool, branch, nibble)
      if (child === UNRESOLVED) {
        child = this.resolve(this.store.childReference(branch, nibble), depth + 1, first, false)
        resolveChild(pool, branch, nibble, child)
      }
      branch = setChild(pool, branch, nibble, this.update(child, depth + 1, first, next))
      first = next
    }
    return this.collapse(branch, depth, from)
  }

  /** What is left of a branch; `from` is an entry that shares the path to it. */
  private collapse(branch: number, depth: number, from: number): number {
    const { pool, path } = this
    if ((pool.words[branch + 1] & 0xffff) === 0) {
      pool.release(branch)
      return NONE
    }
    const nibble = onlyNibble(pool, branch)
    if (nibble < 0) return branch
    let child = childOf(pool, branch, nibble)
    copyBytes(path, 0, this.batch.keys, 32 * this.batch.order[from], 32)
    setNibble(path, 0, depth, nibble)
    if (child === UNRESOLVED) {
      // Its kind decides what takes the branch's place.
      const at = this.store.childReference(branch, nibble)
      if (this.store.postpones(at)) return branch
      child = this.store.load(at, depth + 1, path, 0, this.isAccount(from), false)
      resolveChild(pool, branch, nibble, child)
    }
    pool.release(branch)
    if (pool.kindOf(child) !== Kind.Branch) return child
    return newExtension(pool, depth + 1, child, path, 0)
  }

  private updateExtension(node: number, depth: number, from: number, to: number): number {
    const { pool, batch } = this
    const { keys, order, flags } = batch
    const end = extensionEnd(pool, node)
    const keyAt = extensionKey(node)
    let fork = end
    for (let i = from; i < to; i++) {
      if (flags[order[i]] & EntryFlag.Remove) continue
      fork = sharedNibbles(keys, 32 * order[i], pool.bytes, keyAt, depth, fork)
    }
    // Keys that leave the path before the fork are to be removed, and are not there.
    const shares = (i: number) =>
      sharedNibbles(keys, 32 * order[i], pool.bytes, keyAt, depth, fork) === fork
    let first = from
    while (first < to && !shares(first)) first++
    let last = to
    while (last > first && !shares(last - 1)) last--
    if (first === last) return node
    if (fork < end) {
      const branch = this.forkExtension(node, fork)
      return this.wrap(this.updateBranch(branch, fork, first, last), depth, fork, first)
    }
    let child = pool.words[node + Part.child]
    if (child === UNRESOLVED) {
      child = this.resolve(node + Part.reference, end, first, true)
      pool.words[node + Part.child] = child
    }
    child = this.updateBranch(child, end, first, last)
    if (child === NONE || pool.kindOf(child) !== Kind.Branch) {
      pool.release(node)
      return child
    }
    pool.words[node + Part.child] = child
    pool.words[node] |= NodeFlag.Dirty
    return node
  }

  /** A branch at nibble `fork` of an extension, with what is left of the extension as its child. */
  private forkExtension(extension: number, fork: number): number {
    const { pool } = this
    const nibble = nibbleAt(pool.bytes, extensionKey(extension), fork)
    const branch = newBranch(pool)
    if (fork + 1 < extensionEnd(pool, extension)) return setChild(pool, branch, nibble, extension)
    const { words } = pool
    const child = words[extension + Part.child]
    const head = words[extension]
    const reference = words.slice(extension + Part.reference, extension + Part.extensionKey)
    pool.release(extension)
    if (head & NodeFlag.Dirty) return setChild(pool, branch, nibble, child)
    return setReferredChild(pool, branch, nibble, child, reference, (head & NodeFlag.Inline) !== 0)
  }

  private updateLeaf(node: number, depth: number, from: number, to: number): number {
    const { pool, batch } = this
    const { keys, order, flags } = batch
    let leaf = node
    let found = -1
    for (let i = from; i < to && found < 0; i++) {
      if (sameKey(keys, 32 * order[i], pool.bytes, leafKey(leaf))) found = i
    }
    if (found >= 0) {
      const entry = order[found]
      if ((flags[entry] & EntryFlag.Remove) !== 0) {
        this.drop(leaf, entry)
        leaf = NONE
      } else {
        leaf = this.put(leaf, entry)
      }
    }
    return this.insert(leaf, depth, from, this.keepPuts(from, to, found))
  }

  /** Inserts keys that are not there yet beside `leaf`, which may be NONE. */
  private insert(leaf: number, depth: number, from: number, to: number): number {
    if (from === to) return leaf
    const { pool, batch } = this
    const { keys, order } = batch
    if (leaf === NONE && to - from === 1) return this.put(NONE, order[from])
    const firstKey = 32 * order[from]
    let fork = sharedNibbles(keys, firstKey, keys, 32 * order[to - 1], depth, keyNibbles)
    let branch: number
    if (leaf === NONE) {
      branch = newBranch(pool)
    } else {
      fork = sharedNibbles(keys, firstKey, pool.bytes, leafKey(leaf), depth, fork)
      branch = newBranch(pool)
      branch = setChild(pool, branch, nibbleAt(pool.bytes, leafKey(leaf), fork), leaf)
    }
    return this.wrap(this.updateBranch(branch, fork, from, to), depth, fork, from)
  }

  /** Puts an extension over a branch that is deeper than it hangs. */
  private wrap(node: number, depth: number, end: number, from: number): number {
    const { pool, batch } = this
    if (end === depth || node === NONE || pool.kindOf(node) !== Kind.Branch) return node
    return newExtension(pool, end, node, batch.keys, 32 * batch.order[from])
  }

  /** Moves the entries that put something, but the one at `without`, to the front; returns their end. */
  private keepPuts(from: number, to: number, without: number): number {
    const { order, flags } = this.batch
    let end = from
    for (let i = from; i < to; i++) {
      if (i !== without && (flags[order[i]] & EntryFlag.Remove) === 0) order[end++] = order[i]
    }
    return end
  }

  private put(old: number, entry: number): number {
    const { pool, batch } = this
    if (entry >= batch.accountCount) return putValue(pool, old, batch, entry)
    return this.putAccount(old, entry)
  }

  private putAccount(old: number, entry: number): number {
    const { pool, batch } = this
    let storage = old === NONE ? NONE : storageOf(pool, old)
    let isDirty = storage !== NONE && (pool.words[old] & NodeFlag.Dirty) !== 0
    let hash = storage === NONE || isDirty ? undefined : storageHashOf(pool, old)
    if ((batch.flags[entry] & EntryFlag.ClearStorage) !== 0) {
      if (storage !== NONE) this.dropStorage(old, entry)
      const attached = batch.attached?.get(entry)
      storage = attached?.node ?? NONE
      isDirty = attached?.isDirty ?? false
      hash = attached?.hash
    }
    const from = batch.slotFrom[entry]
    const to = batch.slotTo[entry]
    if (from < to) {
      if (storage === UNRESOLVED) {
        const at = old + Part.storageHash
        storage = this.resolve(at, 0, from, false)
      }
      storage = this.update(storage, 0, from, to)
      isDirty = true
    }
    const leaf = accountLeaf(pool, old, accountValue(batch, entry), storage)
    if (storage !== NONE && !isDirty && hash !== undefined) setStorageHash(pool, leaf, hash)
    copyBytes(pool.bytes, leafKey(leaf), batch.keys, 32 * entry, 32)
    return leaf
  }

  private drop(leaf: number, entry: number): void {
    if (storageOf(this.pool, leaf) !== NONE) this.dropStorage(leaf, entry)
    this.pool.release(leaf)
  }

  private dropStorage(leaf: number, entry: number): void {
    const { pool } = this
    const node = storageOf(pool, leaf)
    if (this.detached === undefined) {
      pool.releaseTree(node)
      return
    }
    const isDirty = (pool.words[leaf] & NodeFlag.Dirty) !== 0
    this.detached.set(entry, { node, hash: storageHashOf(pool, leaf), isDirty })
  }

  private resolve(at: number, depth: number, from: number, isBranch: boolean): number {
    const { keys, order } = this.batch
    return this.store.load(at, depth, keys, 32 * order[from], this.isAccount(from), isBranch)
  }

  private isAccount(from: number): boolean {
    return this.batch.order[from] < this.batch.accountCount
  }
}
