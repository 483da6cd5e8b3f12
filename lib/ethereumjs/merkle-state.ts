/** The tries of a `MerkleStateManager`, read and written without its own methods. */

import { hexToBytes } from '../arguments.js'
import { isBraidError } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { AccountChange, AccountFlag } from '../native/wire.js'
import type { Awaitable, SourceAccount, SourceRequest, StateSource } from '../state/state-source.js'
import { StateTrie } from '../trie/state-trie.js'
import { absentAccount } from '../trie/trie-account.js'
import { accountRecords } from './account-records.js'
import { codeAfter, updateCaches } from './merkle-caches.js'
import type { MerkleManager, Put } from './merkle-internals.js'
import { MerkleNodes } from './merkle-nodes.js'

/** What the key of a code begins with: `MerkleStateManager` tells codes from nodes by it. */
const codePrefix = Buffer.from('c').toString('hex')

/**
 * A state manager as it was when this was made. What its database does not hold, or not as the nodes
 * of a state, the general source answers; {@link write} then leaves everything to others.
 */
export class MerkleState implements StateSource {
  readonly #manager: MerkleManager
  readonly #general: StateSource
  readonly #nodes: MerkleNodes
  readonly #trie: StateTrie
  /** Whether the tries had all that they were asked for. */
  #isWhole = true
  #isWritten = false

  constructor(manager: MerkleManager, general: StateSource) {
    this.#manager = manager
    this.#general = general
    this.#nodes = new MerkleNodes(manager._trie.database())
    this.#trie = StateTrie.fromSource(manager._trie.root(), this.#nodes)
  }

  async getAccount(address: Hex, request: SourceRequest): Promise<SourceAccount | undefined> {
    const addressHash = hashOf(address, 20, 'address')
    const found = await this.#look(() => this.#trie.getAccountByHash(addressHash))
    const account = found?.value
    if (found === undefined || !this.#hasStorage(addressHash, account?.storageHash)) {
      return this.#general.getAccount(address, request)
    }
    if (account === undefined) return undefined
    const { nonce, balance, codeHash, storageHash } = account
    return { nonce, balance, codeHash, storageRoot: storageHash }
  }

  async getStorage(address: Hex, slot: Hex, request: SourceRequest): Promise<Hex | Uint8Array> {
    const addressHash = hashOf(address, 20, 'address')
    const slotHash = hashOf(slot, 32, 'slot')
    const found = await this.#look(() => ({
      account: this.#trie.getAccountByHash(addressHash),
      value: this.#trie.getStorageByHash(addressHash, slotHash),
    }))
    if (found === undefined || !this.#hasStorage(addressHash, found.value.account?.storageHash)) {
      return this.#general.getStorage(address, slot, request) as Promise<Uint8Array>
    }
    return found.value.value
  }

  async getCode(codeHash: Hex): Promise<Uint8Array | undefined> {
    const code = await this.#nodes.get(this.#codeKey(codeHash))
    return code === undefined || code.length === 0 ? undefined : code
  }

  getBlockHash(number: bigint, request: SourceRequest): Awaitable<Hex | Uint8Array | undefined> {
    return this.#general.getBlockHash?.(number, request)
  }

  /**
   * Writes what an execution on this state changed. False, and nothing is written, where the tries
   * lack what is needed for that.
   */
  async write(packed: Uint8Array): Promise<boolean> {
    if (!this.#isWhole) return false
    const updated = await this.#look(() => this.#trie.update({ packed }))
    if (updated === undefined) return false
    this.#isWritten = true
    const { _trie: trie } = this.#manager
    const accountPuts: Put[] = this.#newCodes(new PackedReader(packed))
    const storagePuts: Put[] = []
    for (const { hash, encoded, isStorage } of this.#trie.takeNewNodes()) {
      const puts = isStorage ? storagePuts : accountPuts
      puts.push({ type: 'put', key: hash, value: encoded })
    }
    // The tries of storage know no checkpoints: what is written to them is in the database at once.
    await trie.shallowCopy(false).database().batch(storagePuts)
    await trie.database().batch(accountPuts)
    trie.root(hexToBytes(this.#trie.root, 32, 'root'))
    await trie.persistRoot()
    this.#forgetStorage(new PackedReader(packed))
    this.#updateCaches(new PackedReader(packed))
    return true
  }

  /** Has to be called where a checkpoint is reverted that was there before {@link write}. */
  revert(): void {
    if (this.#isWritten) this.#manager._caches?.clear()
  }

  /** What the tries answer; undefined where they lack a node, or hold one that none of a state is. */
  async #look<Value>(look: () => Value): Promise<{ readonly value: Value } | undefined> {
    try {
      const found = await this.#nodes.with(look)
      if (found !== undefined) return found
    } catch (error) {
      if (!isBraidError(error, 'STATE_NODE_INVALID')) throw error
    }
    this.#isWhole = false
    return undefined
  }

  /**
   * Whether the account has the storage that the manager goes by: the trie that it has opened for it,
   * where it has.
   */
  #hasStorage(addressHash: Uint8Array, storageHash: Hex = absentAccount.storageHash): boolean {
    const opened = this.#manager._storageTries[storageName(addressHash)]
    if (opened === undefined || bytesToHex(opened.root()) === storageHash) return true
    this.#isWhole = false
    return false
  }

  #codeKey(codeHash: Hex): string {
    return `${this.#manager._prefixCodeHashes ? codePrefix : ''}${codeHash.slice(2)}`
  }

  #newCodes(output: PackedReader): Put[] {
    const puts: Put[] = []
    for (const at of accountRecords(output)) {
      if ((output.u32(at + AccountChange.flags) & AccountFlag.CodeChanged) === 0) continue
      const key = this.#codeKey(output.hex(at + AccountChange.codeHashAfter, 32))
      puts.push({ type: 'put', key: Buffer.from(key, 'hex'), value: codeAfter(output, at) })
    }
    return puts
  }

  /** Caches cannot go back behind what was written: not those of checkpoints that others made. */
  #updateCaches(output: PackedReader): void {
    const { _caches: caches, _checkpointCount: checkpoints } = this.#manager
    if (caches === undefined) return
    if (checkpoints > 1) {
      caches.clear()
      return
    }
    updateCaches(caches, output, (address) => {
      return this.#trie.getAccount(address)?.storageHash ?? absentAccount.storageHash
    })
  }

  /** The manager opens tries of storage once, and goes by their roots from then on. */
  #forgetStorage(output: PackedReader): void {
    for (const at of accountRecords(output)) {
      const address = output.slice(at + AccountChange.address, 20)
      delete this.#manager._storageTries[storageName(keccak256(address))]
    }
  }
}

function storageName(addressHash: Uint8Array): string {
  return bytesToHex(addressHash).slice(2)
}

function hashOf(hex: Hex, size: number, field: string): Uint8Array {
  return keccak256(hexToBytes(hex, size, field))
}
