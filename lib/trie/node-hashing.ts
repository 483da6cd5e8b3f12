/** Hashing of what changed in a trie: level by level, each level in native batches. */

import { keccak256Batch } from '../native/load.js'
import { encodeNode, largestNode } from './node-encoding.js'
import { hashWords, Kind, kindMask, NONE, NodeFlag, type NodePool, Part } from './node-pool.js'
import { EMPTY_TRIE_ROOT } from './trie-root.js'

/** Nodes that are encoded, then hashed in one native call; their encodings stay in the cache. */
const chunk = 512

/** In place of a nibble: the parent is no branch. */
const noNibble = 16

/** More nodes than this, and the lists are given back afterwards. */
const keptNodes = 65536

const emptyRoot = new Uint32Array(EMPTY_TRIE_ROOT.slice().buffer)

/**
 * Brings references up to date. Dirty nodes are collected breadth first from the root, through
 * accounts into their storage; then they are encoded from the deepest level up, so that a node's
 * references are there before it. One level's nodes, of whatever tries, are hashed together.
 */
export class NodeHasher {
  /** The nodes; at which nibble each hangs; its parent; the nibble in it; the word of the reference. */
  private nodes = new Uint32Array(1024)
  private depths = new Uint8Array(1024)
  private owners = new Uint32Array(1024)
  private nibbles = new Uint8Array(1024)
  private references = new Uint32Array(1024)
  private count = 0

  private readonly encoded = new Uint8Array(chunk * 192 + largestNode)
  private readonly offsets = new Uint32Array(chunk + 1)
  private readonly pending = new Uint32Array(chunk)
  private readonly hashes = new Uint8Array(32 * chunk)
  private readonly hashesAsWords = new Uint32Array(this.hashes.buffer)

  /** Makes everything below a root record, and the hash in it, up to date. */
  hash(pool: NodePool, root: number): void {
    const { words } = pool
    if ((words[root] & NodeFlag.Dirty) === 0) return
    words[root] &= ~NodeFlag.Dirty
    if (words[root + Part.child] === NONE) {
      words.set(emptyRoot, root + Part.reference)
      return
    }
    this.count = 0
    this.add(words[root + Part.child], 0, root, noNibble, root + Part.reference)
    const levels = this.collect(pool)
    for (let level = levels.length - 2; level >= 0; level--) {
      this.hashRange(pool, levels[level], levels[level + 1])
    }
    if (this.nodes.length > keptNodes) this.resize(1024)
  }

  /** Lists the dirty nodes and marks them clean; returns where each level begins, and the end. */
  private collect(pool: NodePool): number[] {
    const levels = [0]
    for (let first = 0; first < this.count; ) {
      const end = this.count
      levels.push(end)
      for (let i = first; i < end; i++) this.collectChildren(pool, this.nodes[i], this.depths[i])
      first = end
    }
    return levels
  }

  private collectChildren({ words }: NodePool, node: number, depth: number): void {
    const head = words[node]
    switch (head & kindMask) {
      case Kind.Branch: {
        const dirty = head >>> 16
        if (dirty === 0) return
        const present = words[node + 1]
        let child = node + Part.children
        let reference = child + ((head >>> 8) & 31)
        for (let nibble = 0; nibble < 16; nibble++) {
          if (((present >> nibble) & 1) === 0) continue
          if ((dirty >> nibble) & 1) this.add(words[child], depth + 1, node, nibble, reference)
          child++
          reference += hashWords
        }
        words[node] = head & 0xffff
        break
      }
      case Kind.Extension:
        if ((head & NodeFlag.Dirty) === 0) return
        this.add(words[node + Part.child], head >>> 16, node, noNibble, node + Part.reference)
        words[node] = head & ~NodeFlag.Dirty
        break
      case Kind.Account:
        if ((head & NodeFlag.Dirty) === 0) return
        this.add(words[node + Part.storage], 0, node, noNibble, node + Part.storageHash)
        words[node] = head & ~NodeFlag.Dirty
        break
    }
  }

  private add(node: number, depth: number, owner: number, nibble: number, reference: number): void {
    const { count } = this
    if (count === this.nodes.length) this.resize(2 * count)
    this.nodes[count] = node
    this.depths[count] = depth
    this.owners[count] = owner
    this.nibbles[count] = nibble
    this.references[count] = reference
    this.count = count + 1
  }

  private hashRange(pool: NodePool, first: number, end: number): void {
    const { encoded, offsets, pending } = this
    const room = encoded.length - largestNode
    let used = 0
    let waiting = 0
    for (let i = first; i < end; i++) {
      const to = encodeNode(pool, this.nodes[i], this.depths[i], encoded, used)
      if (to - used < 32 && this.settleInline(pool, i, used, to)) continue
      pending[waiting++] = i
      offsets[waiting] = to
      used = to
      if (waiting < chunk && used < room) continue
      this.flush(pool, waiting)
      used = waiting = 0
    }
    if (waiting > 0) this.flush(pool, waiting)
  }

  /** Puts a short node itself into its parent; roots are hashed all the same. */
  private settleInline({ words, bytes }: NodePool, i: number, from: number, to: number): boolean {
    const owner = this.owners[i]
    const kind = words[owner] & kindMask
    if (kind === Kind.Branch) words[owner + 1] |= 1 << (16 + this.nibbles[i])
    else if (kind === Kind.Extension) words[owner] |= NodeFlag.Inline
    else return false
    bytes.set(this.encoded.subarray(from, to), this.references[i] * 4)
    return true
  }

  private flush({ words }: NodePool, waiting: number): void {
    const { encoded, offsets, pending, hashes, hashesAsWords } = this
    const pool = encoded.subarray(0, offsets[waiting])
    keccak256Batch(pool, offsets.subarray(0, waiting + 1), hashes)
    for (let k = 0; k < waiting; k++) {
      const i = pending[k]
      const reference = this.references[i]
      for (let w = 0; w < hashWords; w++) words[reference + w] = hashesAsWords[hashWords * k + w]
      const owner = this.owners[i]
      if (this.nibbles[i] !== noNibble) words[owner + 1] &= ~(1 << (16 + this.nibbles[i]))
      else if ((words[owner] & kindMask) === Kind.Extension) words[owner] &= ~NodeFlag.Inline
    }
  }

  private resize(size: number): void {
    this.nodes = resized(new Uint32Array(size), this.nodes)
    this.depths = resized(new Uint8Array(size), this.depths)
    this.owners = resized(new Uint32Array(size), this.owners)
    this.nibbles = resized(new Uint8Array(size), this.nibbles)
    this.references = resized(new Uint32Array(size), this.references)
  }
}

function resized<List extends Uint8Array | Uint32Array>(grown: List, list: List): List {
  grown.set(list.subarray(0, Math.min(list.length, grown.length)))
  return grown
}
