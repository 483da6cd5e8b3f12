/**
 * Roots of Merkle Patricia tries built from all their entries at once (Yellow Paper, appendix D).
 *
 * The nodes are laid out breadth first, then encoded from the deepest level up, so that all nodes
 * of one level are hashed in one native batch.
 */

import { keccak256, keccak256Batch } from '../native/load.js'

/** One key and its value. The value must not be empty: an empty value means "no entry". */
export interface TrieEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** The root of the trie without entries: keccak256(rlp('')). */
export const EMPTY_TRIE_ROOT: Uint8Array = Uint8Array.from(
  Buffer.from('56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421', 'hex'),
)

/** A node's place in its parent: at most 32 bytes inlined, or the RLP string of a 32-byte hash. */
const REFERENCE_SIZE = 33

/** The most entries that the builder kept between calls serves. */
const SHARED_BUILDER_LIMIT = 16384

const HASH_PREFIX = 0xa0
const EMPTY_STRING = 0x80

const LEAF = 0
const EXTENSION = 1
const BRANCH = 2

/** Orders entries by key, the order {@link sortedTrieRoot} needs. */
export function compareEntries(a: TrieEntry, b: TrieEntry): number {
  return Buffer.compare(a.key, b.key)
}

/** The root of the trie holding the entries, given in any order. Keys must be distinct. */
export function trieRoot(entries: readonly TrieEntry[]): Uint8Array {
  return sortedTrieRoot([...entries].sort(compareEntries))
}

/**
 * The root of the trie holding the entries, which are sorted by key and distinct.
 *
 * Memory grows with the number of entries; depth costs nothing, keys may have any length.
 */
export function sortedTrieRoot(entries: readonly TrieEntry[]): Uint8Array {
  if (entries.length === 0) return EMPTY_TRIE_ROOT.slice()
  // A large trie brings its own buffers, so that they do not outlive it.
  const own = entries.length > SHARED_BUILDER_LIMIT
  return (own ? new TrieBuilder() : sharedBuilder).root(entries)
}

/** Lays out and hashes one trie at a time; its buffers are kept between tries. */
class TrieBuilder {
  // One record per node, breadth first. A node covers entries[first .. end), whose keys agree on
  // the first `depth` nibbles.
  private kinds = new Uint8Array(0)
  private firsts = new Int32Array(0)
  private ends = new Int32Array(0)
  private depths = new Int32Array(0)
  private children = new Int32Array(0)
  private childMasks = new Uint16Array(0)
  private valueEntries = new Int32Array(0)
  private referenceSizes = new Uint8Array(0)
  private references = new Uint8Array(0)

  private scratch = new Uint8Array(4096)
  private used = 0
  private offsets = new Uint32Array(0)
  private pending = new Int32Array(0)
  private hashes = new Uint8Array(0)

  root(entries: readonly TrieEntry[]): Uint8Array {
    const levels = this.layOut(entries)
    for (let level = levels.length - 2; level > 0; level--) {
      this.hashLevel(entries, levels[level], levels[level + 1])
    }
    this.used = 0
    this.encode(entries, 0)
    return keccak256(this.scratch.subarray(0, this.used))
  }

  /** Makes the node records; returns the index of each level's first node, then the node count. */
  private layOut(entries: readonly TrieEntry[]): number[] {
    // Every branch splits, so there are fewer branches than entries, and each node that is not a
    // branch is an extension directly above a branch or a leaf.
    this.reserveNodes(3 * entries.length + 1)
    const { kinds, firsts, ends, depths, children, childMasks, valueEntries } = this
    const levels = [0]
    let count = 1
    firsts[0] = 0
    ends[0] = entries.length
    depths[0] = 0
    for (let node = 0; node < count; node++) {
      if (node === levels[levels.length - 1]) levels.push(count)
      let first = firsts[node]
      const end = ends[node]
      const depth = depths[node]
      if (end - first === 1) {
        kinds[node] = LEAF
        continue
      }
      const firstKey = entries[first].key
      const shared = sharedNibbles(firstKey, entries[end - 1].key, depth)
      if (shared > depth) {
        kinds[node] = EXTENSION
        children[node] = count
        firsts[count] = first
        ends[count] = end
        depths[count] = shared
        count++
        continue
      }
      kinds[node] = BRANCH
      children[node] = count
      valueEntries[node] = -1
      if (firstKey.length * 2 === depth) valueEntries[node] = first++
      let mask = 0
      while (first < end) {
        const nibble = nibbleAt(entries[first].key, depth)
        let next = first + 1
        while (next < end && nibbleAt(entries[next].key, depth) === nibble) next++
        mask |= 1 << nibble
        firsts[count] = first
        ends[count] = next
        depths[count] = depth + 1
        count++
        first = next
      }
      childMasks[node] = mask
    }
    return levels
  }

  /** Encodes the nodes [first, end), hashes the long ones together and stores the references. */
  private hashLevel(entries: readonly TrieEntry[], first: number, end: number): void {
    let pending = 0
    this.used = 0
    this.offsets[0] = 0
    for (let node = first; node < end; node++) {
      const start = this.used
      this.encode(entries, node)
      const size = this.used - start
      const reference = node * REFERENCE_SIZE
      if (size < 32) {
        this.references.set(this.scratch.subarray(start, this.used), reference)
        this.referenceSizes[node] = size
        this.used = start
        continue
      }
      this.pending[pending++] = node
      this.offsets[pending] = this.used
    }
    if (pending === 0) return
    keccak256Batch(
      this.scratch.subarray(0, this.used),
      this.offsets.subarray(0, pending + 1),
      this.hashes.subarray(0, pending * 32),
    )
    for (let i = 0; i < pending; i++) {
      const node = this.pending[i]
      const reference = node * REFERENCE_SIZE
      this.references[reference] = HASH_PREFIX
      this.references.set(this.hashes.subarray(i * 32, i * 32 + 32), reference + 1)
      this.referenceSizes[node] = REFERENCE_SIZE
    }
  }

  /** Appends a node's RLP to the scratch buffer. Its children's references are known. */
  private encode(entries: readonly TrieEntry[], node: number): void {
    const first = this.firsts[node]
    const depth = this.depths[node]
    const { key, value } = entries[first]
    switch (this.kinds[node]) {
      case LEAF: {
        const nibbles = key.length * 2 - depth
        this.startList(pathSize(nibbles) + stringSize(value), value.length)
        this.writePath(key, depth, nibbles, 2)
        this.writeString(value)
        break
      }
      case EXTENSION: {
        const child = this.children[node]
        const nibbles = this.depths[child] - depth
        this.startList(pathSize(nibbles) + this.referenceSizes[child], 0)
        this.writePath(key, depth, nibbles, 0)
        this.writeReference(child)
        break
      }
      default:
        this.encodeBranch(entries, node)
    }
  }

  private encodeBranch(entries: readonly TrieEntry[], node: number): void {
    const mask = this.childMasks[node]
    const valueEntry = this.valueEntries[node]
    const value = valueEntry < 0 ? undefined : entries[valueEntry].value
    let child = this.children[node]
    let size = value === undefined ? 1 : stringSize(value)
    for (let nibble = 0; nibble < 16; nibble++) {
      size += (mask >> nibble) & 1 ? this.referenceSizes[child++] : 1
    }
    this.startList(size, value?.length ?? 0)
    child = this.children[node]
    for (let nibble = 0; nibble < 16; nibble++) {
      if ((mask >> nibble) & 1) this.writeReference(child++)
      else this.scratch[this.used++] = EMPTY_STRING
    }
    if (value === undefined) this.scratch[this.used++] = EMPTY_STRING
    else this.writeString(value)
  }

  private startList(payload: number, valueLength: number): void {
    this.reserveScratch(payload + valueLength + 9)
    if (payload < 56) {
      this.scratch[this.used++] = 0xc0 + payload
      return
    }
    const bytes = byteLength(payload)
    this.scratch[this.used++] = 0xf7 + bytes
    this.writeBigEndian(payload, bytes)
  }

  /** The hex-prefix encoding of a path as an RLP string; `flag` is 2 for a leaf, 0 otherwise. */
  private writePath(key: Uint8Array, depth: number, nibbles: number, flag: number): void {
    const { scratch } = this
    const size = (nibbles >> 1) + 1
    const odd = nibbles & 1
    if (size > 1) this.writeStringHeader(size)
    let position = depth
    if (odd) scratch[this.used++] = ((flag | 1) << 4) | nibbleAt(key, position++)
    else scratch[this.used++] = flag << 4
    if ((position & 1) === 0) {
      const start = position >> 1
      for (let i = start; i < start + size - 1; i++) scratch[this.used++] = key[i]
      return
    }
    for (let i = 1; i < size; i++, position += 2) {
      scratch[this.used++] = (nibbleAt(key, position) << 4) | nibbleAt(key, position + 1)
    }
  }

  private writeString(value: Uint8Array): void {
    if (value.length !== 1 || value[0] >= EMPTY_STRING) {
      this.writeStringHeader(value.length)
    }
    this.scratch.set(value, this.used)
    this.used += value.length
  }

  private writeStringHeader(length: number): void {
    if (length < 56) {
      this.scratch[this.used++] = EMPTY_STRING + length
      return
    }
    const bytes = byteLength(length)
    this.scratch[this.used++] = 0xb7 + bytes
    this.writeBigEndian(length, bytes)
  }

  private writeBigEndian(value: number, bytes: number): void {
    for (let i = bytes - 1; i >= 0; i--) this.scratch[this.used++] = (value >>> (8 * i)) & 0xff
  }

  private writeReference(node: number): void {
    const start = node * REFERENCE_SIZE
    const size = this.referenceSizes[node]
    const { scratch, references } = this
    for (let i = 0; i < size; i++) scratch[this.used + i] = references[start + i]
    this.used += size
  }

  private reserveScratch(more: number): void {
    if (this.used + more <= this.scratch.length) return
    const grown = new Uint8Array(Math.max(this.scratch.length * 2, this.used + more))
    grown.set(this.scratch.subarray(0, this.used))
    this.scratch = grown
  }

  private reserveNodes(count: number): void {
    if (count <= this.kinds.length) return
    const size = Math.max(count, this.kinds.length * 2, 256)
    this.kinds = new Uint8Array(size)
    this.firsts = new Int32Array(size)
    this.ends = new Int32Array(size)
    this.depths = new Int32Array(size)
    this.children = new Int32Array(size)
    this.childMasks = new Uint16Array(size)
    this.valueEntries = new Int32Array(size)
    this.referenceSizes = new Uint8Array(size)
    this.references = new Uint8Array(size * REFERENCE_SIZE)
    this.offsets = new Uint32Array(size + 1)
    this.pending = new Int32Array(size)
    this.hashes = new Uint8Array(size * 32)
  }
}

const sharedBuilder = new TrieBuilder()

function nibbleAt(key: Uint8Array, position: number): number {
  const byte = key[position >> 1]
  return position & 1 ? byte & 15 : byte >> 4
}

/** How many nibbles two keys share, counted from the start, knowing the first `from` are equal. */
function sharedNibbles(a: Uint8Array, b: Uint8Array, from: number): number {
  const limit = 2 * Math.min(a.length, b.length)
  let position = from
  while (position < limit && nibbleAt(a, position) === nibbleAt(b, position)) position++
  return position
}

/** The size of a hex-prefix path of so many nibbles as an RLP string. */
function pathSize(nibbles: number): number {
  const size = (nibbles >> 1) + 1
  return size === 1 ? 1 : size + headerSize(size)
}

function stringSize(value: Uint8Array): number {
  if (value.length === 1 && value[0] < EMPTY_STRING) return 1
  return value.length + headerSize(value.length)
}

function headerSize(length: number): number {
  return length < 56 ? 1 : 1 + byteLength(length)
}

function byteLength(value: number): number {
  if (value < 0x100) return 1
  if (value < 0x10000) return 2
  return value < 0x1000000 ? 3 : 4
}
