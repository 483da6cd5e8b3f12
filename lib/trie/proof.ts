/** Merkle proofs of accounts and their slots, in the shape of `eth_getProof` (EIP-1186). */

import { bytesToHex, type Hex } from '../hex/index.js'
import { withJson } from '../json.js'
import { keccak256 } from '../native/load.js'
import { findAccount, findSlot, type PathVisitor } from './lookup.js'
import { encodeNode } from './node-hashing.js'
import { NONE, type NodePool } from './node-pool.js'
import type { NodeStore } from './node-store.js'
import { absentAccount, readSlotValue, readTrieAccount, type TrieAccount } from './trie-account.js'

/** A proof of one slot. */
export interface StorageProof {
  /** The slot, 32 bytes. */
  readonly key: Hex
  /** Its value; zero where nothing is stored. */
  readonly value: bigint
  /** The encoded nodes from the root of the account's storage to the slot, or to where it would be. */
  readonly proof: readonly Hex[]
}

/**
 * A proof of an account and of some of its slots. An account that does not exist is proved with zeros,
 * the hash of no code and the root of the empty trie.
 */
export interface AccountProof extends TrieAccount {
  /** The account. */
  readonly address: Hex
  /** The encoded nodes from the state root to the account, or to where it would be. */
  readonly accountProof: readonly Hex[]
  /** A proof of every slot that was asked for. */
  readonly storageProof: readonly StorageProof[]
}

/** Proves an account and slots of it; all hashes are up to date. */
export function proveAccount(
  store: NodeStore,
  root: number,
  address: Uint8Array,
  slots: readonly Uint8Array[],
): AccountProof {
  const { pool } = store
  const accountProof: Hex[] = []
  const leaf = findAccount(store, root, keccak256(address), collector(pool, accountProof))
  const account = leaf === NONE ? absentAccount : readTrieAccount(pool, leaf)
  const storageProof = slots.map((key): StorageProof => {
    const proof: Hex[] = []
    const slot =
      leaf === NONE ? NONE : findSlot(store, leaf, keccak256(key), collector(pool, proof))
    return withJson({ key: bytesToHex(key), value: BigInt(readSlotValue(pool, slot)), proof })
  })
  return withJson({ address: bytesToHex(address), accountProof, ...account, storageProof })
}

/** Encodes the nodes on a path. Inline ones are in the node above. */
function collector(pool: NodePool, proof: Hex[]): PathVisitor {
  return (node, depth, isInline) => {
    if (isInline) return
    proof.push(bytesToHex(encodeNode(pool, node, depth)))
  }
}
