/** The nodes and codes in the database of a trie of `@ethereumjs/mpt`. */

import type { NodeSource } from '../trie/node-store.js'
import type { CheckpointDatabase } from './merkle-internals.js'

/** Thrown where a node has not been fetched yet: {@link MerkleNodes.with} does it. */
class NodeNotFetched extends Error {}

/** Thrown again and again, so that nobody pays for its stack. */
const notFetched = new NodeNotFetched('a node has not been fetched yet')

/**
 * Nodes by their hash, for a trie that asks for them synchronously. They are read as they are, not
 * through the database's own `get`: that notes what it reads among what the checkpoint has changed, and
 * so writes it once more in the end.
 */
export class MerkleNodes implements NodeSource {
  readonly #database: CheckpointDatabase
  readonly #fetched = new Map<string, Uint8Array>()
  readonly #underWay = new Map<string, Promise<Uint8Array | undefined>>()
  #missing = ''

  constructor(database: CheckpointDatabase) {
    this.#database = database
  }

  /** A node. Throws where it has to be fetched first. */
  find(hash: Uint8Array): Uint8Array {
    const key = Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex')
    const node = this.#fetched.get(key) ?? this.#changed(key)
    if (node !== undefined) return node
    this.#missing = key
    throw notFetched
  }

  /**
   * What `look` gives, once all nodes are there that it asks for; undefined where the database lacks
   * one. It is called again after each that is fetched.
   */
  async with<Value>(look: () => Value): Promise<{ readonly value: Value } | undefined> {
    for (;;) {
      try {
        return { value: look() }
      } catch (error) {
        if (error !== notFetched) throw error
      }
      if ((await this.get(this.#missing)) === undefined) return undefined
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
