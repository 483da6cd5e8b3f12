/** The nodes of a trie: those in the pool, and those that can be had by their hash. */

import { errorFor } from '../errors.js'
import { bytesToHex } from '../hex/index.js'
import { keccak256Batch } from '../native/load.js'
import { childRank, referenceAt } from './branch.js'
import { decodeNode } from './node-decoding.js'
import { Kind, type NodePool } from './node-pool.js'

/** Encoded nodes by their hash. */
export interface NodeSource {
  /** The node with this hash, 32 bytes, or undefined. */
  find(hash: Uint8Array): Uint8Array | undefined
  /**
   * Whether a node is at hand, for a source that has to fetch nodes first: false says that
   * {@link find} would throw now, and has the node fetched with the others. Absent: all are.
   */
  isAtHand?(hash: Uint8Array): boolean
}

/** A set of encoded nodes: a witness, or the nodes of a proof. */
export class NodeSet implements NodeSource {
  private readonly nodes = new Map<string, Uint8Array>()
  private readonly asked = new Set<Uint8Array>()

  constructor(nodes: readonly Uint8Array[]) {
    const offsets = new Uint32Array(nodes.length + 1)
    for (let i = 0; i < nodes.length; i++) offsets[i + 1] = offsets[i] + nodes[i].length
    const pool = new Uint8Array(offsets[nodes.length])
    for (let i = 0; i < nodes.length; i++) pool.set(nodes[i], offsets[i])
    const hashes = Buffer.alloc(32 * nodes.length)
    keccak256Batch(pool, offsets, hashes)
    for (let i = 0; i < nodes.length; i++) {
      const node = pool.subarray(offsets[i], offsets[i + 1])
      this.nodes.set(hashes.toString('latin1', 32 * i, 32 * i + 32), node)
    }
  }

  /** How many different nodes were found. */
  get askedCount(): number {
    return this.asked.size
  }

  find(hash: Uint8Array): Uint8Array | undefined {
    const { buffer, byteOffset, length } = hash
    const node = this.nodes.get(Buffer.from(buffer, byteOffset, length).toString('latin1'))
    if (node !== undefined) this.asked.add(node)
    return node
  }
}

/** A pool of nodes and where its unresolved ones come from. */
export class NodeStore {
  /** The hash of a node that an update went on without; it cannot be kept then. */
  #postponed: Uint8Array | undefined

  constructor(
    readonly pool: NodePool,
    readonly source?: NodeSource,
  ) {}

  /** The word of the reference to a child that is present. */
  childReference(branch: number, nibble: number): number {
    return referenceAt(this.pool, branch, childRank(this.pool.words[branch + 1], nibble))
  }

  /**
   * Whether the node whose hash is at a word of the pool has to be fetched first. Then
   * {@link checkPostponed} has to follow once everything else is seen that is needed: so all of it is
   * fetched at once.
   */
  postpones(hashAt: number): boolean {
    if (this.source?.isAtHand === undefined) return false
    const hash = this.pool.bytes.slice(hashAt * 4, hashAt * 4 + 32)
    if (this.source.isAtHand(hash)) return false
    this.#postponed = hash
    return true
  }

  /** Throws what the source throws where something was postponed. */
  checkPostponed(): void {
    const hash = this.#postponed
    this.#postponed = undefined
    if (hash !== undefined) this.source?.find(hash)
  }

  /**
   * Reads the node whose hash is at a word of the pool into the pool. It hangs at nibble `depth` of the
   * given key.
   *
   * @throws StateError `STATE_NODE_MISSING` or `STATE_NODE_INVALID`, with the hash
   */
  load(
    hashAt: number,
    depth: number,
    key: Uint8Array,
    keyAt: number,
    isAccount: boolean,
    isBranch: boolean,
  ): number {
    const hash = this.pool.bytes.slice(hashAt * 4, hashAt * 4 + 32)
    const encoded = this.source?.find(hash)
    if (encoded === undefined) throw errorFor('STATE_NODE_MISSING', { hash: bytesToHex(hash) })
    // A copy, which slicing a Buffer would not be.
    const path = new Uint8Array(32)
    path.set(key.subarray(keyAt, keyAt + 32))
    try {
      const node = decodeNode(this.pool, encoded, depth, path, isAccount)
      if (isBranch && this.pool.kindOf(node) !== Kind.Branch) {
        throw errorFor('STATE_NODE_INVALID', { expected: 'a branch' })
      }
      return node
    } catch (cause) {
      throw errorFor('STATE_NODE_INVALID', { hash: bytesToHex(hash) }, { cause })
    }
  }
}
