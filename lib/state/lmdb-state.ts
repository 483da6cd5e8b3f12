/** A state that lasts: in a folder, in LMDB. */

import { demand, hexToBytes, packedOf } from '../arguments.js'
import { errorFor, isBraidError } from '../errors.js'
import { bytesToHex, type Hex, zeroHash } from '../hex/index.js'
import type { NativeSnapshot, NativeStoreHead } from '../native/addon.js'
import { NativeStore, translated, translatedLater } from '../native/load.js'
import { TurnQueue } from '../turns.js'
import { type Account, addressBytes, slotKey } from './account.js'
import { AccountBatches, type LoadableAccount } from './account-batches.js'
import type { Alloc } from './alloc.js'
import {
  type BlockReference,
  blockOf,
  checkReference,
  type StateChanges,
} from './block-reference.js'
import type { DumpedAccount } from './dumped-account.js'
import { accountsOf } from './lmdb-dump.js'
import { importAccounts, packedAllocs } from './lmdb-import.js'
import {
  checkedOpening,
  checkPath,
  type LmdbImportOptions,
  type LmdbStateOptions,
} from './lmdb-options.js'
import { accountIn, codeIn, NativeSnapshotBacking } from './native-snapshot.js'
import type { StateAccess, TransactionFork } from './readable-state.js'
import { Snapshot } from './snapshot.js'
import { type Advance, State } from './state.js'

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
  /** The root that all accounts and slots give; undefined where the check has not got that far. */
  readonly root: Hex | undefined
  /** What is wrong first, in words; undefined where everything is right. */
  readonly problem: string | undefined
}

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
  /** A result whose root was computed on the state as it is: what it changes is kept natively. */
  #aside: Uint8Array | undefined
  #unwritten = 0
  #version = 0
  #isClosed = false
  /** Who may use the store. */
  readonly #turns = new TurnQueue()
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
    const { native: given, batch } = checkedOpening(options)
    const native = new NativeStore()
    await translatedLater(() => native.open(path, given))
    return new LmdbState(native, batch)
  }

  /**
   * Makes a state of an alloc, or of as many as come out of a stream, in any order. Until it is done the
   * folder holds no state; an interrupted import is begun anew.
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
    return importAccounts(path, () => packedAllocs(accounts), options)
  }

  /**
   * Like {@link create}, of accounts that come one by one, in any order: out of a reader of files, or of
   * another state's `dump()`.
   *
   * @returns the root
   * @throws StateError as {@link create} does; `STATE_MALFORMED`, too, where only the hash of an account's
   *   code is known
   */
  static async load(
    path: string,
    accounts: AsyncIterable<LoadableAccount> | Iterable<LoadableAccount>,
    options: LmdbImportOptions = {},
  ): Promise<Hex> {
    return importAccounts(path, () => new AccountBatches(accounts).packed(), options)
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
    return whole(() => accountIn(this.#read(), addressBytes(address)))
  }

  /** The value of a storage slot, 32 bytes; zero where nothing is stored. */
  override getStorage(address: string, slot: string | bigint | number): Hex {
    const [bytes, key] = [addressBytes(address), slotKey(slot)]
    return whole(() => bytesToHex(translated(() => this.#read().getStorage(bytes, key))))
  }

  /** The code of an account, `0x` where it has none. */
  override getCode(address: string): Hex {
    return whole(() => codeIn(this.#read(), addressBytes(address)))
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
    await this.#turns.run(async () => {
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
    const view = translated(() => this.#read().share())
    return new Snapshot(new NativeSnapshotBacking(view), this.head, this.root)
  }

  /** Writes what was committed and is not on the disk yet. */
  async flush(): Promise<void> {
    await this.#turns.run(() => translatedLater(() => this.#native.flush()))
    this.#unwritten = 0
  }

  /**
   * All accounts as they are now, however the state moves on meanwhile, in the order of the hashes of
   * their addresses. An account is held in memory with its storage, one at a time.
   *
   * @throws StateError `STORE_NO_PREIMAGES` where the state was made without preimages
   */
  async *dump(): AsyncIterableIterator<DumpedAccount> {
    // Not in between the steps of something else, which nobody is to see.
    const parts = await this.#turns.run(async () => translated(() => this.#native.exportState()))
    yield* accountsOf(parts)
  }

  /**
   * Copies the state to a folder that exists and is empty: a backup, while it is in use. It is a state
   * when it is whole; what interrupts the copy leaves none.
   *
   * @throws StateError `STORE_EXISTS` where a state is in the folder, `STORE_NOT_FOUND` where there is no
   *   folder, `STORE_DISK_FULL`, `STORE_READ_ONLY`, `STORE_IO` where it cannot be written
   */
  async copyTo(folder: string): Promise<void> {
    checkPath(folder)
    await this.#turns.run(() => translatedLater(() => this.#native.copyTo(folder)))
  }

  /**
   * Checks the structure of the file, then recalculates everything from the accounts and slots. Takes its
   * time; other calls wait.
   */
  async check(): Promise<LmdbCheck> {
    const { root, problem, ...counts } = await this.#turns.run(() =>
      translatedLater(() => this.#native.check()),
    )
    const hex = bytesToHex(root)
    const found = { root: hex === zeroHash ? undefined : hex }
    return { ...counts, ...found, problem: problem === '' ? undefined : problem }
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
  override get givesRootsAtOnce(): boolean {
    return false
  }

  /** @internal */
  override rootsAfter(): (result: { readonly packed: Uint8Array }) => Promise<Hex | undefined> {
    const version = this.#version
    return ({ packed }) =>
      this.#turns.run(async () => {
        if (version !== this.#version) return undefined
        this.#read() // what everybody else sees meanwhile
        await this.#begin(packed)
        try {
          const root = await translatedLater(() => this.#native.calculateRoot())
          await translatedLater(() => this.#native.setAside())
          this.#aside = packed
          return bytesToHex(root)
        } catch (error) {
          await translatedLater(() => this.#native.drop())
          throw error
        }
      })
  }

  /**
   * A fork out of blocks that nobody else sees: they are kept, never written, and taken back in the
   * end. Nothing else is done with the state between the first of them and the end.
   * @internal
   */
  override transactionFork(): TransactionFork {
    const { number } = this.#head
    let count = 0
    let endTurn: (() => void) | undefined
    let view: NativeSnapshot | undefined
    return {
      view: () => {
        view ??= translated(() => this.#read().share())
        return view
      },
      advance: async (packed) => {
        endTurn ??= await this.#turns.take()
        this.#read() // what everybody else sees meanwhile
        return translatedLater(async () => {
          await this.#native.begin(packed)
          const root = await this.#native.calculateRoot()
          await this.#native.keep(number + BigInt(count + 1), new Uint8Array(32), false)
          count++
          view?.release()
          view = this.#native.view()
          return bytesToHex(root)
        })
      },
      end: async () => {
        view?.release()
        if (endTurn === undefined) return
        await translatedLater(() => this.#native.forget(count)).finally(endTurn)
      },
    }
  }

  /** @internal */
  override async advance(changes: StateChanges): Promise<Advance> {
    const packed = packedOf(changes)
    const block = blockOf(changes)
    demand(block !== undefined, 'result', 'that of a block', changes)
    const { number, hash } = block as BlockReference
    const endTurn = await this.#turns.take()
    try {
      await this.#begin(packed)
    } catch (error) {
      endTurn()
      throw error
    }
    this.#staged = block
    this.#moved()
    const settle = () => {
      this.#staged = undefined
      this.#moved()
      endTurn()
    }
    const drop = () => translatedLater(() => this.#native.drop()).finally(settle)
    return {
      root: async () => bytesToHex(await translatedLater(() => this.#native.calculateRoot())),
      keep: async () => {
        const isFull = this.#unwritten + 1 >= this.#batch
        try {
          const bytes = hexToBytes(hash, 32, 'hash')
          await translatedLater(() => this.#native.keep(number, bytes, isFull))
        } catch (error) {
          await drop()
          throw error
        }
        settle()
        this.#unwritten = isFull ? 0 : this.#unwritten + 1
        this.#packed.push(packed)
        if (this.#packed.length > keptChanges) this.#packed.shift()
        this.publish('commit', packed, block)
      },
      drop,
    }
  }

  /** Begins a block: with what was computed of it before, where it is that one. */
  async #begin(packed: Uint8Array): Promise<void> {
    const isKnown = this.#aside === packed
    this.#aside = undefined
    await translatedLater(() => (isKnown ? this.#native.takeUp() : this.#native.begin(packed)))
  }

  async #revertOne(): Promise<void> {
    const block = this.head
    await translatedLater(() => this.#native.revert())
    this.#moved()
    this.publish('revert', this.#packed.pop(), block)
  }

  #moved(): void {
    this.#aside = undefined
    this.#head = translated(() => this.#native.head())
    this.#version++
    this.#reader?.release()
    this.#reader = undefined
  }

  #read(): NativeSnapshot {
    this.#reader ??= translated(() => this.#native.view())
    return this.#reader
  }
}

/** Reads what every whole store can tell: one that cannot is damaged. */
function whole<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    if (!isBraidError(cause, 'STATE_UNAVAILABLE') && !isBraidError(cause, 'STATE_MISSING_CODE')) {
      throw cause
    }
    throw errorFor('STORE_CORRUPT', cause.details, { cause })
  }
}

/** How many results are kept to tell what a revert took back. */
const keptChanges = 128
