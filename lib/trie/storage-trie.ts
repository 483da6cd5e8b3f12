/** A trie of plain values by itself: the storage of one account. */

import { emptyTrieRootBytes } from '../empty-hashes.js'
import type { Hex } from '../hex/index.js'
import { BatchUpdate } from './batch-update.js'
import type { ChangeBatch } from './change-batch.js'
import { findValue } from './lookup.js'
import { hashNodes } from './node-hashing.js'
import { Kind, NONE, NodePool, Part, rootWords, UNRESOLVED } from './node-pool.js'
import { type NodeSource, NodeStore } from './node-store.js'
import { readSlotValue } from './trie-account.js'

/** Values by keys of 32 bytes, which are taken as they are. */
export class StorageTrie {
  private readonly store: NodeStore
  private readonly record: number

  /** @param root the trie's root, whose nodes come from `source`; default: the empty trie */
  constructor(root: Uint8Array = emptyTrieRootBytes, source?: NodeSource) {
    const pool = new NodePool(256)
    this.store = new NodeStore(pool, source)
    this.record = pool.allocate(rootWords)
    const isEmpty = Buffer.compare(root, emptyTrieRootBytes) === 0
    pool.words[this.record] = Kind.Root
    pool.words[this.record + Part.child] = isEmpty ? NONE : UNRESOLVED
    pool.bytes.set(root, (this.record + Part.reference) * 4)
  }

  /** The root, 32 bytes. */
  get root(): Uint8Array {
    const { pool } = this.store
    hashNodes(pool, this.record)
    const at = (this.record + Part.reference) * 4
    return pool.bytes.slice(at, at + 32)
  }

  /** How many bytes the nodes take. */
  get byteLength(): number {
    return this.store.pool.byteLength
  }

  /** The value of a key, which is the RLP of a number, as 32 bytes; zero where it is not there. */
  get(key: Uint8Array): Hex {
    return readSlotValue(this.store.pool, findValue(this.store, this.record, key))
  }

  /** Merges a batch without accounts. */
  update(batch: ChangeBatch): void {
    batch.sortRange(0, batch.slotCount)
    new BatchUpdate(this.store, batch).applyRange(this.record, 0, batch.slotCount)
  }
}
