/** The state of a trie in @ethereumjs/mpt, and a block's changes applied to it. */

import { createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { MapDB, ValueEncoding } from '@ethereumjs/util'
import { keccak256 } from '../../lib/native/load.js'
import { PackedReader } from '../../lib/native/packed-reader.js'
import { AccountChange, BlockOutput, SlotChange } from '../../lib/native/wire.js'
import { referenceAt } from '../../lib/trie/branch.js'
import { encodeNode } from '../../lib/trie/node-hashing.js'
import { Kind, NONE, NodeFlag, Part, popCount } from '../../lib/trie/node-pool.js'
import type { StateTrie } from '../../lib/trie/state-trie.js'

/** All nodes of a trie by their hash, as the other library keeps them. */
export function nodesOf(trie: StateTrie): MapDB<string, Uint8Array> {
  const { store, root } = trie.nodes
  const { pool } = store
  const { words, bytes } = pool
  const db = new MapDB<string, Uint8Array>()
  const visit = (node: number, depth: number, hashAt: number): void => {
    const encoded = encodeNode(pool, node, depth)
    if (encoded.length >= 32) {
      const hash = Buffer.from(bytes.buffer, hashAt * 4, 32).toString('hex')
      db._database.set(hash, encoded)
    }
    const kind = pool.kindOf(node)
    if (kind === Kind.Extension) {
      visit(words[node + Part.child]!, words[node]! >>> 16, node + Part.reference)
    } else if (kind === Kind.Account && words[node]! & NodeFlag.HasStorage) {
      visit(words[node + Part.storage]!, 0, node + Part.storageHash)
    } else if (kind === Kind.Branch) {
      const count = popCount(words[node + 1]! & 0xffff)
      for (let rank = 0; rank < count; rank++) {
        visit(words[node + Part.children + rank]!, depth + 1, referenceAt(pool, node, rank))
      }
    }
  }
  const first = words[root + Part.child]!
  if (first !== NONE) visit(first, 0, root + Part.reference)
  return db
}

/** A trie over nodes, whose keys are hashed. */
export function openTrie(
  db: MapDB<string, Uint8Array>,
  root: Uint8Array,
  hash?: 'native',
): Promise<MerklePatriciaTrie> {
  return createMPT({
    db,
    root,
    useKeyHashing: true,
    valueEncoding: ValueEncoding.Bytes,
    ...(hash === 'native' ? { useKeyHashingFunction: keccak256 } : {}),
  })
}

/** Applies the changes of a packed output as a state manager does; returns the root. */
export async function applyChanges(
  db: MapDB<string, Uint8Array>,
  root: Uint8Array,
  packed: Uint8Array,
  hash?: 'native',
): Promise<Uint8Array> {
  const trie = await openTrie(db, root, hash)
  const output = new PackedReader(packed)
  const accounts = output.sectionOffset(BlockOutput.accounts)
  const slots = output.sectionOffset(BlockOutput.slots)
  for (let i = 0; i < output.sectionCount(BlockOutput.accounts); i++) {
    const at = accounts + i * AccountChange.SIZE
    const address = output.slice(at + AccountChange.address, 20)
    const old = RLP.decode((await trie.get(address))!) as Uint8Array[]
    let storageRoot = old[2]!
    const slotCount = output.u32(at + AccountChange.slotCount)
    if (slotCount > 0) {
      const storage = await openTrie(db, storageRoot, hash)
      for (let k = 0; k < slotCount; k++) {
        const slot = slots + (output.u32(at + AccountChange.slotStart) + k) * SlotChange.SIZE
        const key = output.slice(slot + SlotChange.key, 32)
        const value = output.u256(slot + SlotChange.after)
        if (value === 0n) await storage.del(key)
        else await storage.put(key, RLP.encode(value))
      }
      storageRoot = storage.root()
    }
    const nonce = output.u64(at + AccountChange.nonceAfter)
    const balance = output.u256(at + AccountChange.balanceAfter)
    const codeHash = output.slice(at + AccountChange.codeHashAfter, 32)
    await trie.put(address, RLP.encode([nonce, balance, storageRoot, codeHash]))
  }
  return trie.root()
}
