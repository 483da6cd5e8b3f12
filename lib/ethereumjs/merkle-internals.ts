/**
 * What is inside of the `MerkleStateManager` of `@ethereumjs/statemanager`, where it is one whose code
 * is known: its tries are read and written directly then. Everything else goes the general way.
 */

import { types } from 'node:util'
import type { StateManagerInterface } from '@ethereumjs/common'
import { bytesToHex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { areWritten, type MerkleCaches } from './merkle-caches.js'
import { knownSources } from './merkle-versions.js'

/** The underlying database of a trie; keys are hex without `0x`. */
export interface NodeDatabase {
  get(key: string, options: object): Promise<Uint8Array | string | undefined>
}

/** The nodes of tries, with what was written since checkpoints were made. */
export interface CheckpointDatabase {
  readonly db: NodeDatabase
  readonly valueEncoding: string
  readonly checkpoints: readonly { readonly keyValueMap: Map<string, Uint8Array | undefined> }[]
  batch(puts: readonly Put[]): Promise<void>
}

/** Something to be stored. */
export interface Put {
  readonly type: 'put'
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** `MerklePatriciaTrie` of `@ethereumjs/mpt`. */
export interface MerkleTrie {
  readonly DEBUG: boolean
  readonly EMPTY_TRIE_ROOT: Uint8Array
  readonly _opts: {
    readonly useKeyHashing: boolean
    readonly useNodePruning: boolean
    readonly keyPrefix?: Uint8Array
  }
  root(value?: Uint8Array): Uint8Array
  database(): CheckpointDatabase
  persistRoot(): Promise<void>
  shallowCopy(includeCheckpoints: boolean): MerkleTrie
  appliedKey(key: Uint8Array): Uint8Array
}

/** `MerkleStateManager`. */
export interface MerkleManager {
  readonly DEBUG: boolean
  readonly _trie: MerkleTrie
  /** By the hash of the address in hex, and by names that nobody looks at. */
  readonly _storageTries: Record<string, MerkleTrie>
  readonly _prefixCodeHashes: boolean
  readonly _prefixStorageTrieKeys: boolean
  readonly _caches?: MerkleCaches
  /** Checkpoints that were made, and neither committed nor reverted. */
  readonly _checkpointCount: number
  keccakFunction(data: Uint8Array): Uint8Array
}

/** Something to be hashed: what a trie hashes with is a setting. */
const probe = Uint8Array.of(0x80)

/**
 * A state manager's inside. Undefined where its code, or that of a part of it, is not known: another
 * class or version, a class that extends it, an object with methods of its own; and where it is set to
 * something that only its own code follows.
 */
export function merkleInternals(manager: StateManagerInterface): MerkleManager | undefined {
  if (!isKnown(manager, 'MerkleStateManager')) return undefined
  const inside = manager as unknown as MerkleManager
  const { _trie: trie } = inside
  if (!isKnown(trie, 'MerklePatriciaTrie')) return undefined
  const database = trie.database()
  if (!isKnown(database, 'CheckpointDB')) return undefined
  const { useKeyHashing, useNodePruning, keyPrefix } = trie._opts
  const isPlain =
    useKeyHashing &&
    !useNodePruning &&
    keyPrefix === undefined &&
    !inside._prefixStorageTrieKeys &&
    hasKnownCaches(inside._caches) &&
    !inside.DEBUG &&
    !trie.DEBUG
  if (!isPlain) return undefined
  const hash = bytesToHex(keccak256(probe))
  const hashes = [trie.appliedKey(probe), inside.keccakFunction(probe), trie.EMPTY_TRIE_ROOT]
  return hashes.every((each) => bytesToHex(each) === hash) ? inside : undefined
}

/** Whether there are no caches, or caches of known code that hold nothing but what the tries hold. */
function hasKnownCaches(caches: MerkleCaches | undefined): boolean {
  if (caches === undefined) return true
  const { account, code, storage } = caches
  return (
    isKnown(caches, 'Caches') &&
    (account === undefined || isKnown(account, 'AccountCache')) &&
    (code === undefined || isKnown(code, 'CodeCache')) &&
    (storage === undefined || isKnown(storage, 'StorageCache')) &&
    areWritten(caches)
  )
}

type Methods = ReadonlyMap<string, unknown>

/** The methods of prototypes whose code was found to be known. */
const knownMethods = new WeakMap<object, Methods>()

function isKnown(object: object, name: keyof typeof knownSources): boolean {
  if (types.isProxy(object)) return false
  const prototype: object | null = Object.getPrototypeOf(object)
  if (prototype === null || !isWithoutMethods(Object.getPrototypeOf(prototype))) return false
  const methods = methodsOf(prototype)
  for (const method of methods.keys()) if (Object.hasOwn(object, method)) return false
  const known = knownMethods.get(prototype)
  if (known !== undefined) {
    if (known.size !== methods.size) return false
    for (const [method, value] of methods) if (known.get(method) !== value) return false
    return true
  }
  if (!knownSources[name].has(sourceHash(prototype))) return false
  knownMethods.set(prototype, methods)
  return true
}

/** Whether a class that is extended, if any is, adds nothing: the caches extend one with fields alone. */
function isWithoutMethods(prototype: object | null): boolean {
  if (prototype === null) return false
  if (prototype === Object.prototype) return true
  const isBase = Object.getPrototypeOf(prototype) === Object.prototype
  return isBase && methodsOf(prototype).size === 0
}

/** What a class gives its objects; an accessor is named by its getter. */
function methodsOf(prototype: object): Methods {
  return new Map(
    Object.entries(Object.getOwnPropertyDescriptors(prototype))
      .filter(([name]) => name !== 'constructor')
      .map(([name, { value, get }]) => [name, value ?? get]),
  )
}

/** What {@link knownSources} tells code by: a part of the hash of the text of all methods. */
export function sourceHash(prototype: object): string {
  const texts = [...methodsOf(prototype)].map(([name, method]) => `${name}=${String(method)}`)
  return bytesToHex(keccak256(Buffer.from(texts.sort().join('\n')))).slice(2, 18)
}
