/** A state that lasts: in a folder, in LMDB. */

import { checkFlags, checkOptions, demand, hexToBytes, packedOf } from '../arguments.js'
import { errorFor } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import type { NativeSnapshot, NativeStoreHead, NativeStoreOptions } from '../native/addon.js'
import { NativeStore, NativeStoreImport, translated, translatedLater } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { StateAccount, StateAccountFlag, StateDump } from '../native/wire.js'
import { type Account, addressBytes, slotKey } from './account.js'
import { type Alloc, packAlloc } from './alloc.js'
import {
  type BlockReference,
  blockOf,
  checkReference,
  type StateChanges,
} from './block-reference.js'
import { type DumpedAccount, readDumpedAccount, readStorage } from './dumped-account.js'
import { accountIn, codeIn, NativeSnapshotBacking } from './native-snapshot.js'
import type { StateAccess, TransactionFork } from './readable-state.js'
import { Snapshot } from './snapshot.js'
import { type Advance, State } from './state.js'

/** How a lasting state is kept. */
export interface LmdbStateOptions {
  /** Only look at it: several may, while nobody has it open for writing. Default false. */
  readonly readOnly?: boolean | undefined
  /**
   * How many blocks are written in one transaction. Those that were not written yet are lost where the
   * process dies, and the state is that after the last transaction. Default 1: a commit lasts.
   */
  readonly batch?: number | undefined
  /** Bytes for hot accounts and slots, in memory. Default 268435456 (256 MiB). */
  readonly cache?: number | undefined
  /** Bytes for the code of contracts, in memory. Default 67108864 (64 MiB). */
  readonly codeCache?: number | undefined
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
}

/** How large a lasting state is. */
export interface LmdbStateSize {
  /** How many accounts exist. */
  readonly accounts: number
  /** How many storage slots are set. */
  readonly slots: number
  /** The size of the file that is in use. */
  readonly fileBytes: number
}

/** What {@link LmdbState.check} found. */
export interface LmdbCheck extends Pick<LmdbStateSize, 'accounts' | 'slots'> {
  /** How many codes there are. */
  readonly codes: number
  /** Their bytes. */
  readonly codeBytes: number
  /** The root that all accounts and slots give. */
  readonly root: Hex
  /** What is wrong first, in words; undefined where everything is right. */
  readonly problem: string | undefined
}

const zeroHash: Hex = `0x${'00'.repeat(32)}`

/**
 * A state that lasts, in a folder. Its trie is kept with it: blocks that are executed on it are checked
 * against the state root of their header. Roots are computed, and the disk is read and written, off the
 * JavaScript thread.
 *
 * A commit is in the folder, whole, when its promise is settled (see {@link LmdbStateOptions.batch}), or
 * not at all: whatever happens to the process, the folder opens as the state after some block.
 *
 * ```ts
 * await LmdbState.create(path, alloc, { head: { number: 0n, hash: genesis.hash } })
 * await using state = await LmdbState.open(path)
 * ```
 */
export class LmdbState extends State {
  readonly #native: NativeStore
  readonly #batch: number
  #head: NativeStoreHead
  /** What is read, until the state moves. */
  #reader: NativeSnapshot | undefined
  /** The block that the state has been moved on by for now. */
  #staged: BlockReference | undefined
  #unwritten = 0
  #version = 0
  #isClosed = false
  /** Settled when the step before is done. */
  #steps: Promise<unknown> = Promise.resolve()
  /** What the latest commits changed, for those who follow. */
  readonly #packed: Uint8Array[] = []

  private constructor(native: NativeStore, batch: number) {
    super()
    this.#native = native
    this.#batch = batch
    this.#head = translated(() => native.head())
  }

  /**
   * Opens a state.
   *
   * @throws StateError `STORE_NOT_FOUND`, `STORE_EMPTY`, `STORE_LOCKED`, `STORE_VERSION`, `STORE_CORRUPT`,
   *   `STORE_IO` where it cannot be opened
   */
  static async open(path: string, options: LmdbStateOptions = {}): Promise<LmdbState> {
    checkPath(path)
    checkOptions(options, {
      readOnly: true,
      batch: true,
      cache: true,
      codeCache: true,
      history: true,
      sizeLimit: true,
    })
    checkFlags(options, 'readOnly')
    const { readOnly = false, batch = 1, cache, codeCache, history, sizeLimit } = options
    checkSize('batch', batch, 1)
    for (const [name, value] of Object.entries({ cache, codeCache, history, sizeLimit })) {
      checkSize(name, value, 0)
    }
    const native = new NativeStore()
    const given: NativeStoreOptions = {
      create: false,
      readOnly,
      noSync: false,
      noPreimages: false,
      ...(cache === undefined ? {} : { cacheBytes: cache }),
      ...(codeCache === undefined ? {} : { codeCacheBytes: codeCache }),
      ...(history === undefined ? {} : { history }),
      ...(sizeLimit === undefined ? {} : { sizeLimit }),
    }
    await translatedLater(() => native.open(path, given))
    return new LmdbState(native, batch)
  }

  /**
   * Makes a state of accounts: an alloc, or as many as come out of a stream, in any order. Until it is
   * done the folder holds no state; an interrupted import is begun anew.
   *
   * @returns the root
   * @throws StateError `STORE_EXISTS` where the folder holds a state, `STORE_WRONG_ROOT` where the root is
   *   not the given one, `STATE_MALFORMED` where an account is malformed or comes twice
   */
  static async create(
    path: string,
    accounts: Alloc | AsyncIterable<Alloc>,
    options: LmdbImportOptions = {},
  ): Promise<Hex> {
    checkPath(path)
    const { head, root, chain, preimages = true, sizeLimit } = checkedImport(options)
    const native = new NativeStoreImport()
    await translatedLater(() =>
      native.begin(path, {
        noPreimages: !preimages,
        ...(sizeLimit === undefined ? {} : { sizeLimit }),
        ...(chain === undefined ? {} : { chain: hexToBytes(chain, 32, 'chain') }),
      }),
    )
    try {
      for await (const part of partsOf(accounts)) {
        await translatedLater(() => native.add(packAlloc(part)))
      }
      const { number, hash } = head ?? { number: 0n, hash: zeroHash }
      const expected = root === undefined ? undefined : hexToBytes(root, 32, 'root')
      const got = await translatedLater(() =>
        native.finish(number, hexToBytes(hash, 32, 'hash'), expected),
      )
      return bytesToHex(got)
    } catch (error) {
      await native.abandon()
      throw error
    }
  }

  /** The block that was committed last; undefined where the state was made without one. */
  get head(): BlockReference | undefined {
    if (this.#staged !== undefined) return this.#staged
    const { number, hash } = this.#head
    const reference = { number, hash: bytesToHex(hash) }
    return number === 0n && reference.hash === zeroHash ? undefined : reference
  }

  /** The root of the state. */
  get root(): Hex {
    return bytesToHex(this.#head.root)
  }

  /** The hash of the genesis block of the chain, where the state was made with one. */
  get chain(): Hex | undefined {
    const chain = bytesToHex(this.#head.chain)
    return chain === zeroHash ? undefined : chain
  }

  /** How large the state is. */
  get size(): LmdbStateSize {
    const { accounts, slots, fileBytes } = this.#head
    return { accounts, slots, fileBytes }
  }

  /** An account, or undefined where none exists at the address. */
  override getAccount(address: string): Account | undefined {
    return accountIn(this.#read(), addressBytes(address))
  }

  /** The value of a storage slot, 32 bytes; zero where nothing is stored. */
  override getStorage(address: string, slot: string | bigint | number): Hex {
    const [bytes, key] = [addressBytes(address), slotKey(slot)]
    return bytesToHex(translated(() => this.#read().getStorage(bytes, key)))
  }

  /** The code of an account, `0x` where it has none. */
  override getCode(address: string): Hex {
    return codeIn(this.#read(), addressBytes(address))
  }

  /** How many commits can be undone now. */
  override get undoable(): number {
    return this.#head.undoable
  }

  /**
   * Applies what a block's execution on this state changed; the block becomes the {@link head}. It must
   * be a block, whose number is the next one.
   *
   * @throws StateError `STATE_RESULT_STALE` as {@link State.commit} does; `STORE_DISK_FULL`,
   *   `STORE_SIZE_LIMIT`, `STORE_READ_ONLY`, `STORE_IO` where it cannot be written
   */
  override async commit(result: StateChanges): Promise<void> {
    packedOf(result)
    const advance = await this.advance(result)
    await advance.keep()
  }

  /** Undoes commits: see {@link State.revert}. */
  override async revert(to?: BlockReference): Promise<void> {
    checkReference(to, 'to')
    await this.#step(async () => {
      const { number, undoable } = this.#head
      const steps = to === undefined ? 1 : Number(number - to.number)
      const field = to === undefined ? 'history' : 'to'
      if (steps < 0 || undoable < steps) throw errorFor('STATE_UNAVAILABLE', { field })
      if (to !== undefined) {
        const hash = await translatedLater(() => this.#native.hashAt(to.number))
        if (bytesToHex(hash) !== to.hash) throw errorFor('STATE_UNAVAILABLE', { field })
      }
      for (let i = 0; i < steps; i++) await this.#revertOne()
    })
  }

  /** The state as it is now, for ever: see {@link State.snapshot}. It keeps room in the file taken. */
  override snapshot(): Snapshot {
    const view = translated(() => this.#native.view())
    return new Snapshot(new NativeSnapshotBacking(view), this.head, this.root)
  }

  /** Writes what was committed and is not on the disk yet. */
  async flush(): Promise<void> {
    await this.#step(() => translatedLater(() => this.#native.flush()))
    this.#unwritten = 0
  }

  /**
   * All accounts as they are now, however the state moves on meanwhile, in the order of the hashes of
   * their addresses. An account is held in memory with its storage, one at a time.
   *
   * @throws StateError `STORE_NO_PREIMAGES` where the state was made without preimages
   */
  async *dump(): AsyncIterableIterator<DumpedAccount> {
    const parts = translated(() => this.#native.exportState())
    let last: (DumpedAccount & { readonly storage: Map<Hex, Hex> }) | undefined
    for (;;) {
      const packed = await translatedLater(() => parts.next(partSize))
      if (packed === null) break
      const dump = new PackedReader(packed)
      const first = dump.sectionOffset(StateDump.accounts)
      const count = dump.sectionCount(StateDump.accounts)
      for (let i = 0; i < count; i++) {
        const at = first + i * StateAccount.SIZE
        if (dump.u32(at + StateAccount.flags) & StateAccountFlag.SlotsOnly) {
          for (const [slot, value] of readStorage(dump, at)) last?.storage.set(slot, value)
          continue
        }
        if (last !== undefined) yield last
        const account = readDumpedAccount(dump, at)
        last = { ...account, storage: new Map(account.storage) }
      }
    }
    if (last !== undefined) yield last
  }

  /**
   * Copies the state to a folder that exists and is empty: a backup, while it is in use.
   */
  async copyTo(folder: string): Promise<void> {
    checkPath(folder)
    await this.#step(() => translatedLater(() => this.#native.copyTo(folder)))
  }

  /** Recalculates everything from the accounts and slots. Takes its time; other calls wait. */
  async check(): Promise<LmdbCheck> {
    const { root, problem, ...counts } = await this.#step(() =>
      translatedLater(() => this.#native.check()),
    )
    return { ...counts, root: bytesToHex(root), problem: problem === '' ? undefined : problem }
  }

  /**
   * Writes what is not on the disk yet, and closes the folder. Snapshots stay as they are, and with them
   * the folder in use: nobody can open it until they are let go of.
   */
  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]()
    if (this.#isClosed) return
    this.#isClosed = true
    this.#reader?.release()
    await translatedLater(() => this.#native.close())
  }

  /** @internal */
  override access(): StateAccess {
    // What executes has it for itself from the moment that it is asked to.
    return { kind: 'whole', view: this.#read() }
  }

  /** @internal */
  override rootsAfter(): (result: { readonly packed: Uint8Array }) => Promise<Hex | undefined> {
    const version = this.#version
    return ({ packed }) =>
      this.#step(async () => {
        if (version !== this.#version) return undefined
        await translatedLater(() => this.#native.begin(packed))
        try {
          return bytesToHex(await translatedLater(() => this.#native.calculateRoot()))
        } finally {
          await this.#native.drop()
        }
      })
  }

  /**
   * A fork out of blocks that nobody else sees: they are kept, never written, and taken back in the
   * end. Nothing else is done with the state until then.
   * @internal
   */
  override transactionFork(): TransactionFork {
    let end: () => void = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const before = this.#steps
    this.#steps = before.then(() => ended)
    let count = 0
    const { number } = this.#head
    return {
      view: () => {
        this.#reader?.release()
        this.#reader = undefined
        return this.#read()
      },
      advance: (packed) =>
        translatedLater(async () => {
          await before
          await this.#native.begin(packed)
          const root = await this.#native.calculateRoot()
          await this.#native.keep(number + BigInt(count + 1), new Uint8Array(32), false)
          count++
          return bytesToHex(root)
        }),
      end: async () => {
        await before
        await translatedLater(() => this.#native.forget(count)).finally(() => {
          this.#moved()
          end()
        })
      },
    }
  }

  /** @internal */
  override async advance(changes: StateChanges): Promise<Advance> {
    const packed = packedOf(changes)
    const block = blockOf(changes)
    demand(block !== undefined, 'result', 'that of a block', changes)
    const { number, hash } = block as BlockReference
    // The next step may begin when this one was kept or dropped.
    let end: () => void = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const begun = this.#steps.then(() => translatedLater(() => this.#native.begin(packed)))
    this.#steps = begun.then(
      () => ended,
      () => undefined,
    )
    await begun
    this.#staged = block
    this.#moved()
    const settle = () => {
      this.#staged = undefined
      this.#moved()
      end()
    }
    return {
      root: async () => bytesToHex(await translatedLater(() => this.#native.calculateRoot())),
      keep: async () => {
        try {
          const isFull = this.#unwritten + 1 >= this.#batch
          const bytes = hexToBytes(hash, 32, 'hash')
          await translatedLater(() => this.#native.keep(number, bytes, isFull))
          this.#unwritten = isFull ? 0 : this.#unwritten + 1
        } finally {
          settle()
        }
        this.#packed.push(packed)
        if (this.#packed.length > keptChanges) this.#packed.shift()
        this.publish('commit', packed, block)
      },
      drop: async () => {
        await this.#native.drop()
        settle()
      },
    }
  }

  async #revertOne(): Promise<void> {
    const block = this.head
    await translatedLater(() => this.#native.revert())
    this.#moved()
    this.publish('revert', this.#packed.pop(), block)
  }

  #moved(): void {
    this.#head = translated(() => this.#native.head())
    this.#version++
    this.#reader?.release()
    this.#reader = undefined
  }

  #read(): NativeSnapshot {
    this.#reader ??= translated(() => this.#native.view())
    return this.#reader
  }

  /** Does one thing after another. */
  #step<Value>(action: () => Promise<Value>): Promise<Value> {
    const done = this.#steps.then(action)
    this.#steps = done.catch(() => undefined)
    return done
  }
}

/** How many accounts and slots of a dump are read at a time. */
const partSize = 4096

/** How many results are kept to tell what a revert took back. */
const keptChanges = 128

function checkPath(path: string): void {
  const isPath = typeof path === 'string' && path !== '' && !path.includes('\0')
  demand(isPath, 'path', 'the path of a folder', path)
}

function checkSize(name: string, value: number | undefined, least: number): void {
  if (value === undefined) return
  const isSize = Number.isSafeInteger(value) && value >= least
  demand(isSize, name, `a whole number, ${least} or more`, value)
}

function checkedImport(options: LmdbImportOptions): LmdbImportOptions {
  checkOptions(options, { head: true, root: true, chain: true, preimages: true, sizeLimit: true })
  checkFlags(options, 'preimages')
  checkReference(options.head, 'head')
  checkSize('sizeLimit', options.sizeLimit, 0)
  return options
}

/** Accounts in parts that are packed one by one. */
async function* partsOf(accounts: Alloc | AsyncIterable<Alloc>): AsyncIterable<Alloc> {
  const isStream = typeof accounts === 'object' && accounts !== null
  if (isStream && Symbol.asyncIterator in accounts) {
    yield* accounts as AsyncIterable<Alloc>
  } else {
    yield accounts as Alloc
  }
}
