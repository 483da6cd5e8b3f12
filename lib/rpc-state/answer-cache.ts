/** Folders of answers, each opened once for all who use it. */

import { resolve } from 'node:path'
import { bytesToHex } from '../hex/index.js'
import { NativeFactStore, translatedLater } from '../native/load.js'
import {
  type AnswerRecord,
  packKeys,
  packRecords,
  unpackRecords,
  unpackValues,
} from './answer-records.js'

/** Where answers are kept. */
export interface RpcCacheOptions {
  /** The folder, which is made where it is missing. */
  readonly path: string
  /**
   * The most bytes that it takes; the first state of a process that names a folder says so. Default
   * 1073741824 (1 GiB), at least 4194304 (4 MiB).
   */
  readonly sizeLimit?: number | undefined
}

/** Folders that are in use in this thread, by their paths. */
const inUse = new Map<string, AnswerCache>()

/** Folders that are being closed. */
const closing = new Map<string, Promise<unknown>>()

/**
 * What nodes answered, in a folder. It is opened when somebody looks, and closed when all who use it have
 * let go; from then on it knows nothing. What is written is gathered while the disk is busy, and nobody
 * waits for it.
 */
export class AnswerCache {
  readonly #path: string
  readonly #sizeLimit: number
  #users = 0
  #isClosed = false
  #store: Promise<NativeFactStore> | undefined
  readonly #reads = new Set<Promise<unknown>>()
  /** What is to be written, by scope in hex; codes under the empty one. */
  #waiting = new Map<string, { readonly scope: Uint8Array; readonly records: AnswerRecord[] }>()
  #writing: Promise<void> | undefined
  #failure: unknown

  private constructor(path: string, sizeLimit: number) {
    this.#path = path
    this.#sizeLimit = sizeLimit
  }

  /** The cache in a folder, with one more user. */
  static use({ path, sizeLimit = 2 ** 30 }: RpcCacheOptions): AnswerCache {
    const whole = resolve(path)
    let cache = inUse.get(whole)
    if (cache === undefined) {
      cache = new AnswerCache(whole, sizeLimit)
      inUse.set(whole, cache)
    }
    return cache.share()
  }

  /** The same with one more user. */
  share(): AnswerCache {
    this.#users++
    return this
  }

  /**
   * One user less: after the last one, what waits is written, and the folder closed.
   *
   * @throws StateError `STORE_DISK_FULL`, `STORE_IO` where something could not be written
   */
  async release(): Promise<void> {
    if (--this.#users > 0 || this.#isClosed) return
    this.#isClosed = true
    inUse.delete(this.#path)
    const closed = this.#close()
    const settled = closed.catch(() => {})
    closing.set(this.#path, settled)
    await settled
    if (closing.get(this.#path) === settled) closing.delete(this.#path)
    await closed
  }

  /** The values of keys of a scope. */
  read(scope: Uint8Array, keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.#look(async (store) => unpackValues(await store.read(scope, packKeys(keys))), [])
  }

  /** The records of a scope from a key on, until they are more than so many bytes. */
  scan(scope: Uint8Array, from: Uint8Array, bytes: number): Promise<AnswerRecord[]> {
    return this.#look(async (store) => unpackRecords(await store.scan(scope, from, bytes)), [])
  }

  /** Codes by their hashes. */
  readCodes(hashes: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.#look(async (store) => unpackValues(await store.readCodes(packKeys(hashes))), [])
  }

  /** Keeps records of a scope. */
  write(scope: Uint8Array, records: readonly AnswerRecord[]): void {
    if (records.length === 0 || this.#failure !== undefined || this.#isClosed) return
    const name = bytesToHex(scope)
    const waiting = this.#waiting.get(name) ?? { scope, records: [] }
    this.#waiting.set(name, waiting)
    waiting.records.push(...records)
    this.#writing ??= this.#writeAll()
  }

  /** Keeps codes under their hashes. */
  writeCodes(records: readonly AnswerRecord[]): void {
    this.write(noScope, records)
  }

  async #look<Found>(find: (store: NativeFactStore) => Promise<Found>, nothing: Found) {
    if (this.#isClosed) return nothing
    const store = await this.#opened()
    // Whoever had it may have let go meanwhile.
    if (this.#isClosed) return nothing
    const looking = translatedLater(() => find(store))
    this.#reads.add(looking)
    return looking.finally(() => this.#reads.delete(looking))
  }

  #opened(): Promise<NativeFactStore> {
    this.#store ??= this.#open()
    return this.#store
  }

  async #open(): Promise<NativeFactStore> {
    await closing.get(this.#path)
    const store = new NativeFactStore()
    try {
      await translatedLater(() => store.open(this.#path, this.#sizeLimit))
    } catch (error) {
      // Whoever comes next tries again: somebody else may have let go of it.
      this.#store = undefined
      throw error
    }
    return store
  }

  /** Writes until nothing waits; stops for good where that fails, as what is kept is a help only. */
  async #writeAll(): Promise<void> {
    try {
      const store = await this.#opened()
      while (this.#waiting.size > 0) {
        const waiting = [...this.#waiting.values()]
        this.#waiting = new Map()
        for (const { scope, records } of waiting) {
          const packed = packRecords(records)
          await translatedLater(() =>
            scope === noScope ? store.writeCodes(packed) : store.write(scope, packed),
          )
        }
      }
    } catch (error) {
      this.#failure ??= error
      this.#waiting.clear()
    } finally {
      // In the same turn: whoever comes from now on begins anew.
      this.#writing = undefined
    }
  }

  async #close(): Promise<void> {
    await this.#writing
    await Promise.allSettled(this.#reads)
    const store = await this.#store?.catch(() => undefined)
    if (store !== undefined) await translatedLater(() => store.close())
    if (this.#failure !== undefined) throw this.#failure
  }
}

/** Codes are the same everywhere. */
const noScope = new Uint8Array()
