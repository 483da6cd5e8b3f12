/**
 * Compact storage of trie nodes: records of 32-bit words in one growing buffer, no object per node.
 *
 * A node is named by the index of its first word. Its lowest four bits are the node's kind. A child is
 * a node, {@link NONE}, or {@link UNRESOLVED}: known by its hash alone. What stands for a child in its
 * parent's encoding, the *reference* (a 32-byte hash, or the child itself where its RLP has less than
 * 32 bytes: an *inline* one), is kept in the parent, so that encoding a node reads one record.
 *
 * | kind | words |
 * |---|---|
 * | `Root` | kind and flags, child, reference (8) |
 * | `Extension` | kind, flags and `end << 16`, child, reference (8), key (8) |
 * | `Branch` | kind, `capacity << 8`, `dirty << 16`; `present`, `inline << 16`; capacity children; capacity references (8 each) |
 * | `Leaf` | kind, `size << 16`; key (8); value of `size` bytes |
 * | `Account` | kind, flags, `balance size << 16`, `nonce size << 24`; key (8); with storage: root (1) and its hash (8); with code: its hash (8); nonce and balance, big-endian without leading zeros |
 *
 * `dirty`, `present` and `inline` have one bit per nibble; only children that are present take room,
 * in the order of their nibbles. A set `Dirty` flag or bit says that the reference is older than the
 * child. Keys are 32 bytes and stored whole (an extension's counts up to nibble `end`): where in the
 * trie a node hangs changes no byte of its record. A free record holds 0 and the next free one of its
 * size. Byte strings are in the order of their bytes on any machine.
 */

/** No node. */
export const NONE = 0

/** A child whose hash is known, but not its content. */
export const UNRESOLVED = 0xffff_ffff

/** What a record is. */
export const Kind = { Root: 1, Extension: 2, Branch: 3, Leaf: 4, Account: 5 } as const

/** Selects the kind out of a record's first word. */
export const kindMask = 15

/** Flags in the first word of records with one child. */
export const NodeFlag = { Dirty: 16, Inline: 32, HasStorage: 64, HasCode: 128 } as const

/** Where the parts of a record are, in words from its start. */
export const Part = {
  /** The child of a root or an extension, and the reference to it. */
  child: 1,
  reference: 2,
  /** The key of a leaf or an account. */
  key: 1,
  extensionKey: 10,
  value: 9,
  /** The root of an account's storage, and its hash. */
  storage: 9,
  storageHash: 10,
  children: 2,
} as const

/** Words of a hash or a key. */
export const hashWords = 8

/** Sizes in words. */
export const rootWords = 10
export const extensionWords = 18
const largestRecord = 255

/** Bytes that the value of a leaf may have. */
export const largestValue = 4 * (largestRecord - Part.value)

/** The size in words of a branch with room for so many children. */
export function branchWords(capacity: number): number {
  return Part.children + capacity * (1 + hashWords)
}

/** The records. {@link words} and {@link bytes} are replaced when the pool grows. */
export class NodePool {
  /** The pool as words. */
  words: Uint32Array
  /** The same memory as bytes. */
  bytes: Uint8Array
  /** Where the next record goes that fills no gap. Word 0 belongs to nobody. */
  private end = 1
  /** The first free record of each size. */
  private readonly free: Uint32Array

  /** @param capacity words to begin with */
  constructor(capacity = 1024) {
    this.words = new Uint32Array(capacity)
    this.bytes = new Uint8Array(this.words.buffer)
    this.free = new Uint32Array(largestRecord + 1)
  }

  /** The size of the buffer in bytes. */
  get byteLength(): number {
    return this.bytes.length
  }

  /** How much of it has ever been a record, in bytes. */
  get usedBytes(): number {
    return this.end * 4
  }

  /** Room for a record, whose content is anything. */
  allocate(size: number): number {
    const node = this.free[size]
    if (node !== NONE) {
      this.free[size] = this.words[node + 1]
      return node
    }
    const start = this.end
    if (start + size > this.words.length) this.grow(start + size)
    this.end = start + size
    return start
  }

  /** Gives a record back. */
  release(node: number): void {
    const size = this.sizeOf(node)
    this.words[node] = 0
    this.words[node + 1] = this.free[size]
    this.free[size] = node
  }

  /** The size of a record in words. */
  sizeOf(node: number): number {
    const head = this.words[node]
    switch (head & kindMask) {
      case Kind.Branch:
        return branchWords((head >>> 8) & 31)
      case Kind.Extension:
        return extensionWords
      case Kind.Leaf:
        return leafWords(head >>> 16)
      case Kind.Account:
        return accountWords(head)
      default:
        return rootWords
    }
  }

  /** What a record is: one of {@link Kind}. */
  kindOf(node: number): number {
    return this.words[node] & kindMask
  }

  /** Gives back a node and everything below it. */
  releaseTree(node: number): void {
    if (node === NONE || node === UNRESOLVED) return
    const { words } = this
    const head = words[node]
    switch (head & kindMask) {
      case Kind.Branch:
        for (let i = popCount(words[node + 1] & 0xffff) - 1; i >= 0; i--) {
          this.releaseTree(words[node + Part.children + i])
        }
        break
      case Kind.Extension:
        this.releaseTree(words[node + Part.child])
        break
      case Kind.Account:
        if (head & NodeFlag.HasStorage) this.releaseTree(words[node + Part.storage])
        break
    }
    this.release(node)
  }

  /** A copy of all records under the same names. */
  clone(): NodePool {
    const copy = new NodePool(0)
    copy.assign(this)
    return copy
  }

  /** Becomes what another pool is; the other must not be used any more, unless it is a copy's source. */
  assign(other: NodePool): void {
    this.words = other.words.slice(0, other.end)
    this.bytes = new Uint8Array(this.words.buffer)
    this.end = other.end
    this.free.set(other.free)
  }

  private grow(needed: number): void {
    const grown = new Uint32Array(Math.max(needed, Math.ceil(this.words.length * 1.4), 1024))
    grown.set(this.words.subarray(0, this.end))
    this.words = grown
    this.bytes = new Uint8Array(grown.buffer)
  }
}

/** The size in words of a leaf with a value of so many bytes. */
export function leafWords(valueSize: number): number {
  return Part.value + ((valueSize + 3) >> 2)
}

/** The size in words of an account with this first word. */
export function accountWords(head: number): number {
  return accountNumbers(head) + ((((head >>> 16) & 255) + (head >>> 24) + 3) >> 2)
}

/** Where the hash of an account's code is, in words from its start. */
export function accountCode(head: number): number {
  return Part.storage + (head & NodeFlag.HasStorage ? 1 + hashWords : 0)
}

/** Where the nonce of an account is, in words from its start; the balance follows it. */
export function accountNumbers(head: number): number {
  return accountCode(head) + (head & NodeFlag.HasCode ? hashWords : 0)
}

/** The number of set bits among the lowest 16. */
export function popCount(mask: number): number {
  const pairs = mask - ((mask >> 1) & 0x5555)
  const nibbles = (pairs & 0x3333) + ((pairs >> 2) & 0x3333)
  const bytes = (nibbles + (nibbles >> 4)) & 0x0f0f
  return (bytes + (bytes >> 8)) & 0x1f
}
