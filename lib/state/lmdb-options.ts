/** How lasting states are made and kept. */

import { checkFlags, checkOptions, demand } from '../arguments.js'
import type { Hex } from '../hex/index.js'
import type { NativeStoreOptions } from '../native/addon.js'
import { type BlockReference, checkReference } from './block-reference.js'

/** How a lasting state is kept. */
export interface LmdbStateOptions {
  /** Only look at it: several may, while nobody has it open for writing. Default false. */
  readonly readOnly?: boolean | undefined
  /**
   * Read the structure of the whole file first, and refuse with `STORE_CORRUPT` one whose pages are not in
   * order: for files that something else may have written to. By itself opening looks at the ends of each table, and a
   * damaged page elsewhere can end the process that comes to it. What is in the accounts is for
   * {@link LmdbState.check}. Default false.
   */
  readonly check?: boolean | undefined
  /**
   * How many blocks are written in one transaction. Those that were not written yet are lost where the
   * process dies, and the state is that after the last transaction. Default 1: a commit lasts.
   */
  readonly batch?: number | undefined
  /** Bytes for hot accounts and slots, in memory. Default 268435456 (256 MiB). */
  readonly cache?: number | undefined
  /** Bytes for the code of contracts, in memory. Default 67108864 (64 MiB). */
  readonly codeCache?: number | undefined
  /**
   * Bytes of mapped files in the process's memory, above which it lets go of the pages of the state. They
   * stay in the system's cache; more is faster where blocks touch all of a large state. Default 402653184
   * (384 MiB).
   */
  readonly mapped?: number | undefined
  /** How many blocks can be undone. Default 128. */
  readonly history?: number | undefined
  /** Bytes that the file may grow to. Default 1099511627776 (1 TiB). */
  readonly sizeLimit?: number | undefined
}

/** What a lasting state is made with. */
export interface LmdbImportOptions {
  /** The block that the state is of. Default: number 0 and a hash of zeros. */
  readonly head?: BlockReference | undefined
  /** The root that the state must have: otherwise it is `STORE_WRONG_ROOT`, and nothing is kept. */
  readonly root?: Hex | undefined
  /** The hash of the chain's genesis block, to tell stores apart. Default: that of zeros. */
  readonly chain?: Hex | undefined
  /**
   * Keep addresses and slots beside their hashes, so that the state can be dumped and exported; about
   * 20 bytes for an account and 32 for a slot. Default true.
   */
  readonly preimages?: boolean | undefined
  /** Bytes that the file may grow to. Default 1099511627776 (1 TiB). */
  readonly sizeLimit?: number | undefined
  /**
   * Bytes of memory to sort in, at least 1048576 (1 MiB): with less, more is written to temporary files
   * in the folder. Default 402653184 (384 MiB).
   */
  readonly memory?: number | undefined
  /**
   * Hears how far the import is, a few times a second and at the end. What it throws is thrown by the import;
   * the state is there all the same where it was being written. Default: nobody does.
   */
  readonly onProgress?: ((progress: LmdbImportProgress) => void) | undefined
}

/** How far an import is: first everything is taken in and sorted, then it is written. */
export interface LmdbImportProgress {
  /** Accounts and slots that were taken in. */
  readonly added: number
  /** How many of them are in the tables of the folder. */
  readonly written: number
}

/** The least memory that an import sorts in. */
const leastMemory = 1 << 20

/** Throws `OPTION_INVALID` for what is no path. */
export function checkPath(path: string, field = 'path'): void {
  const isPath = typeof path === 'string' && path !== '' && !path.includes('\0')
  demand(isPath, field, 'the path of a folder', path)
}

/** The options of opening a store, checked, as the native side takes them; and how many blocks are a batch. */
export function checkedOpening(options: LmdbStateOptions): {
  readonly native: NativeStoreOptions
  readonly batch: number
} {
  checkOptions(options, {
    readOnly: true,
    check: true,
    batch: true,
    cache: true,
    codeCache: true,
    mapped: true,
    history: true,
    sizeLimit: true,
  })
  checkFlags(options, 'readOnly', 'check')
  const { readOnly = false, check = false, batch = 1 } = options
  const { cache, codeCache, mapped, history, sizeLimit } = options
  checkSize('batch', batch, 1)
  for (const [name, value] of Object.entries({ cache, codeCache, mapped, history, sizeLimit })) {
    checkSize(name, value, 0)
  }
  const native = {
    readOnly,
    check,
    cacheBytes: cache,
    codeCacheBytes: codeCache,
    mappedBytes: mapped,
    history,
    sizeLimit,
  }
  return { native, batch }
}

/** Throws `OPTION_INVALID` where options of an import are unknown or have wrong types. */
export function checkImport(options: LmdbImportOptions): void {
  checkOptions(options, {
    head: true,
    root: true,
    chain: true,
    preimages: true,
    sizeLimit: true,
    memory: true,
    onProgress: true,
  })
  checkFlags(options, 'preimages')
  const { onProgress } = options
  const isFunction = onProgress === undefined || typeof onProgress === 'function'
  demand(isFunction, 'onProgress', 'a function', onProgress)
  checkReference(options.head, 'head')
  checkSize('sizeLimit', options.sizeLimit, 0)
  checkSize('memory', options.memory, leastMemory)
}

function checkSize(name: string, value: number | undefined, least: number): void {
  if (value === undefined) return
  const isSize = Number.isSafeInteger(value) && value >= least
  demand(isSize, name, `a whole number, ${least} or more`, value)
}
