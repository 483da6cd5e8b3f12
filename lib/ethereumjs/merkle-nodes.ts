/** The nodes and codes in the database of a trie of `@ethereumjs/mpt`. */

import type { NodeSource } from '../trie/node-store.js'
import type { CheckpointDatabase } from './merkle-internals.js'

/** Thrown where a node has not been fetched yet, again and again: nobody pays for its stack. */
const notFetched = new Error('a node has not been fetched yet')

/**
 * Nodes by their hash, for a trie that asks for them synchronously. They are read as they are, not
 * through the database's own `get`: that notes what it reads among what the checkpoint has changed, and
 * so writes it once more in the end.
 */
export class MerkleNodes implements NodeSource {
  readonly #database: CheckpointDatabase
  readonly #fetched = new Map<string, Uint8Array>()
  readonly #underWay = new Map<string, Promise<Uint8Array | undefined>>()
  /** What was asked for and is to be fetched. */
  readonly #missing = new Set<string>()

  constructor(database: CheckpointDatabase) {
    this.#database = database
  }

  /** A node. Throws where it has to be fetched first. */
  find(hash: Uint8Array): Uint8Array {
    const node = this.#known(hash)
    if (node === undefined) throw notFetched
    return node
  }

  isAtHand(hash: Uint8Array): boolean {
    return this.#known(hash) !== undefined
  }

  /** A node that is there; one that is not will be fetched. */
  #known(hash: Uint8Array): Uint8Array | undefined {
    const key = Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex')
    const node = this.#fetched.get(key) ?? this.#changed(key)
    if (node === undefined) this.#missing.add(key)
    return node
  }

  /**
   * What `look` gives, once all nodes are there that it asks for; undefined where the database lacks
   * one. It is called again after those that it asked for are fetched.
   */
  async with<Value>(look: () => Value): Promise<{ readonly value: Value } | undefined> {
    for (;;) {
      try {
        return { value: look() }
      } catch (error) {
        if (error !== notFetched) throw error
      }
      const keys = [...this.#missing]
      this.#missing.clear()
      const nodes = await Promise.all(keys.map((key) => this.get(key)))
      if (nodes.includes(undefined)) return undefined
    }
  }

  /** What the database holds under a key, in hex; undefined where it is nothing. */
  get(key: string): Promise<Uint8Array | undefined> {
    let reading = this.#underWay.get(key)
    if (reading === undefined) {
      reading = this.#read(key)
      this.#underWay.set(key, reading)
    }
    return reading
  }

  async #read(key: string): Promise<Uint8Array | undefined> {
    const changed = this.#changed(key)
    if (changed !== undefined) return changed
    const { db, valueEncoding } = this.#database
    const stored = await db.get(key, { keyEncoding: 'string', valueEncoding })
    const value = typeof stored === 'string' ? Buffer.from(stored, 'hex') : stored
    if (value !== undefined) this.#fetched.set(key, value)
    return value
  }

  /** What was written since the checkpoints were made. */
  #changed(key: string): Uint8Array | undefined {
    const { checkpoints } = this.#database
    for (let i = checkpoints.length - 1; i >= 0; i--) {
      const value = checkpoints[i].keyValueMap.get(key)
      if (value !== undefined) return value
    }
    return undefined
  }
}
