/** The trie of a whole state, kept up to date block by block (Yellow Paper, section 4.1). */

import { checkOptions, demand, hexToBytes, historyOf, packedOf, slotBytes } from '../arguments.js'
import { errorFor, shownValue } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { keccak256, translated } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { BatchUpdate } from './batch-update.js'
import type { ChangeBatch, DetachedStorage } from './change-batch.js'
import { changesOf, changesOfDump, changesUndoing, type UndoRecord } from './change-source.js'
import { findAccount, findSlot } from './lookup.js'
import { hashNewNodes, type NewNode } from './new-nodes.js'
import { hashNodes } from './node-hashing.js'
import {
  hashWords,
  Kind,
  NONE,
  NodeFlag,
  NodePool,
  Part,
  rootWords,
  UNRESOLVED,
} from './node-pool.js'
import { NodeSet, type NodeSource, NodeStore } from './node-store.js'
import { type AccountProof, proveAccount } from './proof.js'
import { readSlotValue, readTrieAccount, type TrieAccount } from './trie-account.js'

/** A state that a trie can be made of: a `MemoryState`. */
export interface DumpableState {
  /** @internal */
  readonly native: { dump(): Uint8Array }
}

/** What moves a trie on: the result of an execution. */
export interface TrieChanges {
  /** @internal */
  readonly packed: Uint8Array
}

/**
 * An update that is not decided on yet.
 * @internal
 */
export interface TrieAttempt {
  /** The root after it. */
  readonly root: () => Hex
  /** Makes it final. */
  readonly keep: () => void
  /** Leaves the trie as it was. */
  readonly drop: () => void
}

/** How a trie is kept. */
export interface StateTrieOptions {
  /**
   * How many updates can be undone. Each keeps its packed result, 32 bytes for each account and slot,
   * and the storage of accounts that were destroyed. Default 0.
   */
  readonly history?: number | undefined
}

/** The nodes of a state around the accounts and slots that something needs. */
export interface StateWitness {
  /** The root of the state. */
  readonly root: Hex | Uint8Array
  /** Encoded nodes of the trie of accounts and of storage, in any order. */
  readonly nodes: readonly (Hex | Uint8Array)[]
}

/** What undoes an update: changes, or in a trie with unresolved nodes all that there was. */
type Undo = UndoRecord | NodePool

/**
 * The Merkle Patricia trie of a state, whose keys are hashed: accounts, and below each its storage. It
 * is moved on by the results of executions; only what changed is hashed again, when the root is asked
 * for. A million accounts without storage take 116 bytes each, a full slot 60 to 90.
 *
 * It may be made of a part of the nodes, a witness. Whatever needs another one fails with a
 * `StateError` of code `STATE_NODE_MISSING`, a node that is not one of a state trie with
 * `STATE_NODE_INVALID`; `details.hash` names the node, and the trie is as it was.
 */
export class StateTrie {
  readonly #root: number
  readonly #historyLimit: number
  #store: NodeStore
  #history: Undo[] = []

  /**
   * Makes the trie of a whole state, which takes about half a second for each 100,000 accounts.
   *
   * @param state what to begin with. Default: a state without accounts
   */
  constructor(state?: DumpableState, options?: StateTrieOptions)
  /** @internal The trie of a packed StateDump. */
  constructor(state: Uint8Array, options?: StateTrieOptions)
  constructor(state?: DumpableState | Uint8Array, options: StateTrieOptions = {}) {
    checkOptions(options, { history: true })
    this.#historyLimit = historyOf(options)
    const pool = new NodePool()
    this.#store = new NodeStore(pool)
    this.#root = pool.allocate(rootWords)
    pool.words.fill(0, this.#root, this.#root + rootWords)
    pool.words[this.#root] = Kind.Root | NodeFlag.Dirty
    if (state !== undefined) this.#load(state)
  }

  /** A trie of which only some nodes are there. */
  static fromWitness(witness: StateWitness, options: StateTrieOptions = {}): StateTrie {
    checkOptions(witness, { root: true, nodes: true }, 'witness')
    const root = bytesOf(witness.root, 32, 'root')
    demand(Array.isArray(witness.nodes), 'nodes', 'an array', witness.nodes)
    const nodes = witness.nodes.map((node, i) => bytesOf(node, -1, `nodes[${i}]`))
    return StateTrie.fromSource(root, new NodeSet(nodes), options)
  }

  /** @internal A trie whose nodes are looked up when they are needed. */
  static fromSource(root: Uint8Array, source: NodeSource, options?: StateTrieOptions): StateTrie {
    const trie = new StateTrie(undefined, options)
    if (bytesToHex(root) === trie.root) return trie
    const { pool } = trie.#store
    trie.#store = new NodeStore(pool, source)
    pool.bytes.set(root, (trie.#root + Part.reference) * 4)
    pool.words[trie.#root + Part.child] = UNRESOLVED
    return trie
  }

  /** The state root. What changed since it was last asked for is hashed now. */
  get root(): Hex {
    const { pool } = this.#store
    hashNodes(pool, this.#root)
    const at = (this.#root + Part.reference) * 4
    return bytesToHex(pool.bytes.subarray(at, at + 4 * hashWords))
  }

  /** How many bytes the nodes take. */
  get byteLength(): number {
    return this.#store.pool.byteLength
  }

  /** How many updates can be undone now. */
  get undoable(): number {
    return this.#history.length
  }

  /**
   * Applies what an execution changed. It must have been executed on the state that the trie is of:
   * this is not checked, but shows in the root.
   */
  update(changes: TrieChanges): void {
    const output = new PackedReader(packedOf(changes))
    // A merge that may find a node missing half-way needs the way back in any case.
    if (this.#historyLimit > 0 || this.#store.source !== undefined) {
      this.#remember(this.#applyUndoably(output))
    } else {
      this.#merge(changesOf(output))
    }
  }

  /**
   * Undoes the last update that was not undone yet. Throws `STATE_UNAVAILABLE` where there is none: see
   * {@link StateTrieOptions.history}.
   */
  revert(): void {
    const undo = this.#history.pop()
    if (undo === undefined) throw errorFor('STATE_UNAVAILABLE', { field: 'history' })
    this.#undo(undo)
  }

  /** The root that the state would have after an execution; the trie stays as it is. */
  rootAfter(changes: TrieChanges): Hex {
    const { root, drop } = this.attempt(changes)
    const after = root()
    drop()
    return after
  }

  /**
   * Like {@link update}, but up to the caller, who calls one of the two functions before anything else
   * is done with the trie.
   * @internal
   */
  attempt(changes: TrieChanges): TrieAttempt {
    const undo = this.#applyUndoably(new PackedReader(packedOf(changes)))
    return {
      root: () => this.root,
      keep: () => this.#remember(undo),
      drop: () => this.#undo(undo),
    }
  }

  /** An account, or undefined where there is none. */
  getAccount(address: Hex | Uint8Array): TrieAccount | undefined {
    return this.getAccountByHash(keccak256(bytesOf(address, 20, 'address')))
  }

  /** Like {@link getAccount}, by the hash of the address. */
  getAccountByHash(addressHash: Hex | Uint8Array): TrieAccount | undefined {
    const leaf = findAccount(this.#store, this.#root, bytesOf(addressHash, 32, 'addressHash'))
    if (leaf === NONE) return undefined
    hashNodes(this.#store.pool, this.#root)
    return readTrieAccount(this.#store.pool, leaf)
  }

  /** The value of a slot, 32 bytes; zero where nothing is stored. */
  getStorage(address: Hex | Uint8Array, slot: Hex | Uint8Array | bigint): Hex {
    const key = keccak256(keyOfSlot(slot))
    return this.getStorageByHash(keccak256(bytesOf(address, 20, 'address')), key)
  }

  /** Like {@link getStorage}, by the hashes of the address and of the slot's 32 bytes. */
  getStorageByHash(addressHash: Hex | Uint8Array, slotHash: Hex | Uint8Array): Hex {
    const key = bytesOf(slotHash, 32, 'slotHash')
    const leaf = findAccount(this.#store, this.#root, bytesOf(addressHash, 32, 'addressHash'))
    const slot = leaf === NONE ? NONE : findSlot(this.#store, leaf, key)
    return readSlotValue(this.#store.pool, slot)
  }

  /**
   * Proves what an account and some of its slots are, or that they are not there (EIP-1186). Check
   * it with `verifyProof`.
   */
  getProof(
    address: Hex | Uint8Array,
    slots: readonly (Hex | Uint8Array | bigint)[] = [],
  ): AccountProof {
    demand(Array.isArray(slots), 'slots', 'an array', slots)
    hashNodes(this.#store.pool, this.#root)
    const keys = slots.map(keyOfSlot)
    return proveAccount(this.#store, this.#root, bytesOf(address, 20, 'address'), keys)
  }

  /** A trie that changes on its own. Copies all nodes: some 100 ms for a million accounts. */
  clone(): StateTrie {
    const copy = new StateTrie(undefined, { history: this.#historyLimit })
    copy.#store = new NodeStore(this.#store.pool.clone(), this.#store.source)
    copy.#history = [...this.#history]
    return copy
  }

  /** @internal The nodes, and the record of the root. */
  get nodes(): { readonly store: NodeStore; readonly root: number } {
    hashNodes(this.#store.pool, this.#root)
    return { store: this.#store, root: this.#root }
  }

  /**
   * The nodes that the updates made since the root was last asked for.
   * @internal
   */
  takeNewNodes(): NewNode[] {
    return hashNewNodes(this.#store.pool, this.#root)
  }

  #load(state: DumpableState | Uint8Array): void {
    const isPacked = state instanceof Uint8Array
    if (!isPacked && typeof state?.native?.dump !== 'function') {
      throw errorFor('OPTION_INVALID', { field: 'state', expected: 'a MemoryState' })
    }
    const packed = isPacked ? state : translated(() => state.native.dump())
    for (const batch of changesOfDump(new PackedReader(packed))) this.#merge(batch)
  }

  /** Applies an output; returns what undoes it. */
  #applyUndoably(output: PackedReader): Undo {
    const batch = changesOf(output)
    if (this.#store.source !== undefined) return this.#mergePartial(batch)
    const detached = new Map<number, DetachedStorage>()
    this.#merge(batch, detached)
    return { output, keys: batch.keys, detached }
  }

  #merge(batch: ChangeBatch, detached?: Map<number, DetachedStorage>): void {
    new BatchUpdate(this.#store, batch, { detached }).applyAccounts(this.#root)
  }

  /** Merges where a node may turn out to be missing half-way; returns the nodes before. */
  #mergePartial(batch: ChangeBatch): NodePool {
    const { pool } = this.#store
    const before = pool.clone()
    try {
      this.#merge(batch)
      this.#store.checkPostponed()
    } catch (error) {
      pool.assign(before)
      throw error
    }
    return before
  }

  #undo(undo: Undo): void {
    if (undo instanceof NodePool) this.#store.pool.assign(undo)
    else this.#merge(changesUndoing(undo))
  }

  #remember(undo: Undo): void {
    this.#history.push(undo)
    if (this.#history.length > this.#historyLimit) this.#forget(this.#history.shift())
  }

  /** Gives back what only an undo could have brought back. */
  #forget(undo: Undo | undefined): void {
    if (undo === undefined || undo instanceof NodePool) return
    for (const { node } of undo.detached.values()) this.#store.pool.releaseTree(node)
  }
}

function bytesOf(value: Hex | Uint8Array, size: number, field: string): Uint8Array {
  if (value instanceof Uint8Array && (size < 0 || value.length === size)) return value
  if (typeof value === 'string' && /^0x([0-9a-fA-F]{2})*$/.test(value)) {
    return hexToBytes(value, size < 0 ? value.length / 2 - 1 : size, field)
  }
  const expected = size < 0 ? 'bytes or 0x hex' : `${size} bytes or 0x hex of them`
  throw errorFor('OPTION_INVALID', { field, expected, actual: shownValue(value) })
}

/** A slot as 32 bytes; hex may be shorter. */
function keyOfSlot(slot: Hex | Uint8Array | bigint): Uint8Array {
  return slot instanceof Uint8Array ? bytesOf(slot, 32, 'slot') : slotBytes(slot)
}
