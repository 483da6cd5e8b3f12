/** Finds and loads the native addon, and gives what it offers. */

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type ErrorCode, errorMeanings } from '../error-codes.js'
import { BraidError, errorFor } from '../errors.js'
import type {
  Addon,
  NativeEngine as AddonEngine,
  CancellableExecution,
  NativeEngineOptions,
  NativeResumableBlock,
  NativeStateView,
  NativeWindow,
} from './addon.js'
import { candidates, packageRoot, whyNotLoaded } from './find-addon.js'

function loadAddon(): Addon {
  const require = createRequire(import.meta.url)
  const failures: string[] = []
  let cause: unknown
  for (const candidate of candidates()) {
    if ('reason' in candidate) {
      failures.push(candidate.reason)
      continue
    }
    try {
      return require(candidate.path) as Addon
    } catch (error) {
      cause ??= error
      failures.push(`${candidate.path}: ${whyNotLoaded(error)}`)
    }
  }
  const command = `node ${join(packageRoot, 'scripts', 'build.mjs')} native`
  throw new BraidError('NATIVE_LOAD_FAILED', {
    message: `${errorMeanings.NATIVE_LOAD_FAILED}: ${failures.join('; ')}. Build it with '${command}'`,
    cause,
  })
}

let loaded: Addon | undefined

/**
 * The addon, loaded when it is first needed: errors, encoders and decoders work where there is none.
 * Throws `NATIVE_LOAD_FAILED`, and looks again the next time.
 */
function addon(): Addon {
  loaded ??= loadAddon()
  return loaded
}

/** Stands for a class of the addon, which is loaded at the first `new` or `instanceof`. */
function lazily<Made extends object>(find: () => new () => Made): new () => Made {
  class Lazy {
    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: what is made is the addon's
      return new (find())()
    }

    static [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof find()
    }
  }
  return Lazy as unknown as new () => Made
}

/** Accounts, storage and code in native memory. */
export const NativeState = lazily(() => addon().NativeState)
export type NativeState = import('./addon.js').NativeState

/** What is known of a state that lies elsewhere. */
export const NativePartialState = lazily(() => addon().NativePartialState)
export type NativePartialState = import('./addon.js').NativePartialState

/** A state in a folder. */
export const NativeStore = lazily(() => addon().NativeStore)
export type NativeStore = import('./addon.js').NativeStore

/** A state on its way into a folder. */
export const NativeStoreImport = lazily(() => addon().NativeStoreImport)
export type NativeStoreImport = import('./addon.js').NativeStoreImport

export type { NativeWindow } from './addon.js'

/** What others have answered, in a folder. */
export const NativeFactStore = lazily(() => addon().NativeFactStore)
export type NativeFactStore = import('./addon.js').NativeFactStore

/** Runs packed blocks on one EVM; see {@link AddonEngine}, whose errors become this package's. */
export class NativeEngine {
  /** Whether its EVM is the built-in one, which alone tells what it does. */
  readonly isBuiltIn: boolean
  readonly #engine: AddonEngine

  /**
   * Throws a `VmError` (`VM_NOT_FOUND`, `VM_LOAD_FAILED`, `VM_ABI_MISMATCH`) where the EVM cannot be
   * loaded.
   */
  constructor(options: NativeEngineOptions = {}) {
    const { NativeEngine: Engine } = addon()
    this.#engine = translated(() => new Engine(options))
    this.isBuiltIn = (options.vm ?? '') === ''
  }

  /** The EVM's own name. */
  get vmName(): string {
    return this.#engine.vmName
  }

  /** The EVM's own version. */
  get vmVersion(): string {
    return this.#engine.vmVersion
  }

  /** See {@link AddonEngine.execute}. */
  execute(state: NativeStateView, blockInput: Uint8Array): Promise<Uint8Array> {
    return this.#engine.execute(state, blockInput).catch(rethrow)
  }

  /** See {@link AddonEngine.executeCancellable}. */
  executeCancellable(state: NativeStateView, blockInput: Uint8Array): CancellableExecution {
    const { output, cancel } = translated(() => this.#engine.executeCancellable(state, blockInput))
    return { output: output.catch(rethrow), cancel }
  }

  /** See {@link AddonEngine.resumable}. */
  resumable(blockInput: Uint8Array): NativeResumableBlock {
    const block = translated(() => this.#engine.resumable(blockInput))
    return {
      advance: (view) => {
        const { output, cancel } = translated(() => block.advance(view))
        return { output: output.catch(rethrow), cancel }
      },
      missing: () => translated(() => block.missing()),
      needed: () => block.needed(),
      runCount: () => block.runCount(),
      release: () => block.release(),
    }
  }

  /** See {@link AddonEngine.window}. */
  window(): NativeWindow {
    const window = translated(() => this.#engine.window())
    return {
      add: (blockInput) => translated(() => window.add(blockInput)),
      execute: (block, view) => {
        const { output, cancel } = translated(() => window.execute(block, view))
        return { output: output.catch(rethrow), cancel }
      },
      close: () => window.close(),
    }
  }

  /** See {@link AddonEngine.call}. */
  call(state: NativeStateView, blockInput: Uint8Array): CancellableExecution {
    const { output, cancel } = translated(() => this.#engine.call(state, blockInput))
    return { output: output.catch(rethrow), cancel }
  }
  /** See {@link AddonEngine.admit}. */
  admit(state: NativeStateView, blockInput: Uint8Array): CancellableExecution {
    const { output, cancel } = translated(() => this.#engine.admit(state, blockInput))
    return { output: output.catch(rethrow), cancel }
  }

  /** See {@link AddonEngine.executeSync}. */
  executeSync(state: NativeStateView, blockInput: Uint8Array): Uint8Array {
    return translated(() => this.#engine.executeSync(state, blockInput))
  }
}

/** Calls the addon; its errors become this package's. */
export function translated<Result>(call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    return rethrow(error)
  }
}

function rethrow(error: unknown): never {
  throw translate(error)
}

/** Awaits the addon; its errors become this package's. */
export async function translatedLater<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    return rethrow(error)
  }
}

/** An error with a code of this package thrown by the addon becomes one of the package's classes. */
function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code } = error as Error & { readonly code?: string }
  if (code === undefined || !Object.hasOwn(errorMeanings, code)) return error
  const known = code as ErrorCode
  return errorFor(known, {}, { cause: error, message: `${errorMeanings[known]}: ${error.message}` })
}

/** How many processors the process may use, quotas of control groups counted in: Node knows no quotas. */
export function processorCount(): number {
  return addon().processorCount
}

/** keccak256 of the data, 32 bytes. */
export function keccak256(data: Uint8Array): Uint8Array {
  // Made here: an array made by the addon costs ten times as much.
  const out = new Uint8Array(32)
  addon().keccak256(data, out)
  return out
}

/** SHA-256 of the data, 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(32)
  addon().sha256(data, out)
  return out
}

/**
 * Hashes many byte strings at once: the i-th is `pool` from `offsets[i]` to `offsets[i + 1]`, its hash
 * goes to `out` at 32 i. The offsets ascend; `out` holds at least 32 bytes for each. Several times
 * cheaper per hash than {@link keccak256}.
 */
export function keccak256Batch(pool: Uint8Array, offsets: Uint32Array, out: Uint8Array): void {
  addon().keccak256Batch(pool, offsets, out)
}

/**
 * The root of the trie that maps rlp(index) to each item of a list (Yellow Paper, section 4.3.2): the i-th
 * is `pool` from `offsets[i]` to `offsets[i + 1]`, and not empty.
 */
export function packedListRoot(pool: Uint8Array, offsets: Uint32Array): Uint8Array {
  const out = new Uint8Array(32)
  addon().listRoot(pool, offsets, out)
  return out
}

/** Hashes what is dirty below a root record of a `NodePool`; see `lib/trie/node-pool.ts`. */
export function hashTrieNodes(words: Uint32Array, root: number): void {
  addon().hashTrieNodes(words, root)
}

/** The RLP of the record of a `NodePool` that hangs at a nibble; see `lib/trie/node-pool.ts`. */
export function encodeTrieNode(words: Uint32Array, node: number, depth: number): Uint8Array {
  return addon().encodeTrieNode(words, node, depth)
}

/**
 * Recovers signers on all cores. Each signature is 97 bytes: hash, r, s, parity of y (0 or 1). The
 * result has 21 bytes for each: 1 and the address, or 0 and zeros where nobody can have signed it.
 */
export function recoverAddresses(signatures: Uint8Array): Uint8Array {
  return addon().recoverAddresses(signatures)
}

/** The address, 20 bytes, of a secret key of 32 bytes. Throws a RangeError for an invalid key. */
export function addressOfSecretKey(secretKey: Uint8Array): Uint8Array {
  return addon().addressOfSecretKey(secretKey)
}
