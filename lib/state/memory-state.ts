/** State kept whole in native memory. */

import { checkFlags, checkOptions, demand, historyOf, packedOf } from '../arguments.js'
import { errorFor } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { toRpcForm } from '../json.js'
import { NativePartialState, NativeState, translated } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { StateAccount, StateDump } from '../native/wire.js'
import { StateTrie, type TrieAttempt } from '../trie/state-trie.js'
import { type Account, addressBytes, slotKey } from './account.js'
import { AccountBatches, type LoadableAccount } from './account-batches.js'
import { type Alloc, packAlloc } from './alloc.js'
import {
  type BlockReference,
  blockOf,
  checkReference,
  type StateChanges,
} from './block-reference.js'
import { type DumpedAccount, readDumpedAccount } from './dumped-account.js'
import { accountIn, codeIn, NativeSnapshotBacking } from './native-snapshot.js'
import type { StateAccess, TransactionFork } from './readable-state.js'
import { Snapshot } from './snapshot.js'
import { type Advance, State } from './state.js'
import { stepsBack } from './steps-back.js'
import { StrictBacking } from './strict-backing.js'

/** How a state is kept. */
export interface MemoryStateOptions {
  /**
   * How many commits can be undone, for reorganisations. Each keeps its packed result, and the storage
   * of accounts that were destroyed. Default 0.
   */
  readonly history?: number | undefined
  /**
   * For states that hold only a part: whoever reads an account or a slot that was not given, an
   * execution or the methods here, gets `STATE_MISSING_ACCOUNT` or `STATE_MISSING_SLOT`, which names it.
   * What is given as zero or as `{}` is known to be that. Blocks are executed on one thread. Default
   * false: what was not given is not there.
   */
  readonly strict?: boolean | undefined
  /**
   * Keep the state's trie, which tells the {@link MemoryState.root} and moves with the state: blocks
   * that are executed on it are checked against the state root of their header. Making it takes about
   * half a second for each 100,000 accounts, and 116 bytes each and 60 to 90 for a slot. Default false.
   */
  readonly trie?: boolean | undefined
  /** The block that the state is of. Default: not known. */
  readonly head?: BlockReference | undefined
}

/** What takes a commit back. */
interface UndoRecord {
  readonly packed: Uint8Array
  /** Storage that was cleared whole, which the result does not hold. */
  readonly cleared: Uint8Array
  /** What was known before, of a strict state. */
  readonly known: NativePartialState | undefined
  /** The block before, and the one that is taken back. */
  readonly head: BlockReference | undefined
  readonly block: BlockReference | undefined
}

/**
 * A state kept whole in native memory. Executing reads it and leaves it as it is; {@link commit}
 * moves it on, {@link revert} back.
 */
export class MemoryState extends State {
  #native: NativeState
  readonly #historyLimit: number
  /** What a strict state was given, and what became of it. Never changed in place. */
  #known: NativePartialState | undefined
  #trie: StateTrie | undefined
  #head: BlockReference | undefined
  /** What the trie has been moved on by, to tell a root, and nobody is to see yet. */
  #aside: RootAhead | undefined
  #history: UndoRecord[] = []
  /** Counts the steps, so that what was begun before one can tell. */
  #version = 0

  /**
   * Makes a state of the given accounts: an alloc of a genesis file, a pre-state, or nothing. Throws
   * a `StateError` with code `STATE_MALFORMED` that names the account and the field.
   */
  constructor(alloc: Alloc = {}, options: MemoryStateOptions = {}) {
    super()
    checkOptions(options, { history: true, strict: true, trie: true, head: true })
    this.#historyLimit = historyOf(options)
    checkFlags(options, 'strict', 'trie')
    const { strict = false, trie = false, head } = options
    checkReference(head, 'head')
    demand(!(strict && trie), 'trie', 'none of a strict state, which is not whole', trie)
    this.#head = head
    this.#native = new NativeState()
    const packed = packAlloc(alloc, strict)
    translated(() => this.#native.load(packed))
    if (trie) this.#trie = new StateTrie(packed, { history: this.#historyLimit })
    if (!strict) return
    const known = new NativePartialState()
    translated(() => known.learn(packed))
    this.#known = known
  }

  /**
   * Makes a state of accounts that come one by one: what {@link dump} yields, or a reader of files. In
   * memory beside the state is a batch of them.
   *
   * @throws StateError `STATE_MALFORMED` with the account and the field; where an account comes twice,
   *   maybe only at the end
   */
  static async load(
    accounts: AsyncIterable<LoadableAccount> | Iterable<LoadableAccount>,
    options: Omit<MemoryStateOptions, 'strict'> = {},
  ): Promise<MemoryState> {
    checkOptions(options, { history: true, trie: true, head: true })
    const { trie = false, ...others } = options
    checkFlags(options, 'trie')
    const state = new MemoryState({}, others)
    const batches = new AccountBatches(accounts)
    for await (const packed of batches.packed()) translated(() => state.#native.load(packed))
    if (state.accountCount !== batches.count) {
      const expected = `distinct accounts: ${state.accountCount} of ${batches.count} are`
      throw errorFor('STATE_MALFORMED', { expected })
    }
    if (trie) state.#trie = new StateTrie(state, { history: state.#historyLimit })
    return state
  }

  /** @internal Undefined for what has the prototype and was not constructed. */
  get native(): NativeState {
    return (#native in this ? this.#native : undefined) as NativeState
  }

  /** The block that was committed last, or what the state was made with. */
  get head(): BlockReference | undefined {
    return this.#head
  }

  /** The root of the trie, where the state keeps one: see {@link MemoryStateOptions.trie}. */
  get root(): Hex | undefined {
    return this.#aside?.before ?? this.#trie?.root
  }

  /** How many accounts exist. */
  get accountCount(): number {
    return this.#native.accountCount
  }

  /** An account, or undefined where none exists at the address. */
  override getAccount(address: string): Account | undefined {
    return accountIn(this.#native, this.#knownAccount(address))
  }

  /** The value of a storage slot, 32 bytes; zero where nothing is stored. */
  override getStorage(address: string, slot: string | bigint | number): Hex {
    const bytes = addressBytes(address)
    const key = slotKey(slot)
    if (this.#known?.knowsSlot(bytes, key) === false) {
      const field = `storage[${bytesToHex(key)}]`
      throw errorFor('STATE_MISSING_SLOT', { address: bytesToHex(bytes), field })
    }
    return bytesToHex(this.#native.getStorage(bytes, key))
  }

  /** The code of an account, `0x` where it has none; `STATE_MISSING_CODE` where only its hash is known. */
  override getCode(address: string): Hex {
    return codeIn(this.#native, this.#knownAccount(address))
  }

  /**
   * Applies what a block's execution on this state changed; the block becomes the {@link head}. Throws
   * a `StateError` with code `STATE_RESULT_STALE`, and leaves the state as it is, where the accounts
   * and slots concerned are not what they were when the block was executed: the result is of another
   * state, is committed a second time, or another one was committed in between. A clone is as good as
   * the state itself.
   */
  override commit(result: StateChanges): void {
    this.#advance(result, this.#historyLimit > 0).keep()
  }

  /** How many commits can be undone now. */
  override get undoable(): number {
    return this.#history.length
  }

  /**
   * Undoes commits: the last one, or all after the block `to`. Each costs what its block changed.
   *
   * @throws StateError `STATE_UNAVAILABLE` where nothing can be undone, or `to` lies further back:
   *   see {@link MemoryStateOptions.history}. The state is as it was.
   */
  override revert(to?: BlockReference): void {
    const steps = stepsBack(this.#history, this.#head, to)
    for (let i = 0; i < steps; i++) this.#revertOne()
  }

  /** The state as it is now, for ever: see {@link State.snapshot}. */
  override snapshot(): Snapshot {
    const backing =
      this.#known === undefined
        ? new NativeSnapshotBacking(translated(() => this.#native.snapshot()))
        : new StrictBacking(this.#known.clone())
    return new Snapshot(backing, this.#head, this.root)
  }

  /**
   * A fork: a state that is the same and changes on its own, its history included. Nothing is copied
   * but the nodes of the trie, where it keeps one: some 100 ms for a million accounts.
   */
  clone(): MemoryState {
    const copy = new MemoryState({}, { history: this.#historyLimit })
    copy.#native = this.#native.clone()
    copy.#history = [...this.#history]
    copy.#known = this.#known
    copy.#head = this.#head
    copy.#trie = this.#trieNow()?.clone()
    return copy
  }

  /** A fork that keeps the state's trie, which is made where this state keeps none. */
  withTrie(): MemoryState {
    const copy = this.clone()
    demand(copy.#known === undefined, 'trie', 'none of a strict state, which is not whole', true)
    if (copy.#trie !== undefined) return copy
    copy.#trie = new StateTrie(copy, { history: this.#historyLimit })
    copy.#history = []
    return copy
  }

  /**
   * All accounts as they are now, in no particular order: a copy, made at the first step, that stays what it is
   * while the state moves on. {@link load} takes it.
   */
  *dump(): IterableIterator<DumpedAccount> {
    const dump = new PackedReader(translated(() => this.#native.dump()))
    const first = dump.sectionOffset(StateDump.accounts)
    const count = dump.sectionCount(StateDump.accounts)
    for (let i = 0; i < count; i++) {
      const at = first + i * StateAccount.SIZE
      yield readDumpedAccount(dump, at)
    }
  }

  /** All accounts in JSON, by their addresses: an alloc that the same state can be made of. */
  toJSON(): object {
    const accounts = [...this.dump()].map(({ address, ...account }) => [address, account])
    return toRpcForm(Object.fromEntries(accounts)) as object
  }

  /** The root of the state trie: the one that is kept, or computed from all accounts. */
  stateRoot(): Hex {
    return this.root ?? new StateTrie(this).root
  }

  /** @internal */
  override access(): StateAccess {
    return this.#known === undefined
      ? { kind: 'whole', view: this.#native }
      : { kind: 'strict', view: this.#known.view() }
  }

  /** @internal */
  override rootsAfter(): (result: StateChanges) => Hex | undefined {
    const version = this.#version
    return (result) => (version === this.#version ? this.#rootAfter(packedOf(result)) : undefined)
  }

  /** The root after a result. The trie stays where it is then: a commit of the result finds its work. */
  #rootAfter(packed: Uint8Array): Hex | undefined {
    if (this.#aside?.packed === packed) return this.#aside.after
    const trie = this.#trieNow()
    if (trie === undefined) return undefined
    const before = trie.root
    const attempt = trie.attempt({ packed })
    const after = attempt.root()
    this.#aside = { packed, before, after, attempt }
    return after
  }

  /** The trie as the state is. */
  #trieNow(): StateTrie | undefined {
    this.#aside?.attempt.drop()
    this.#aside = undefined
    return this.#trie
  }

  /** @internal */
  override transactionFork(): TransactionFork {
    const fork = this.clone()
    const trie = fork.#trie ?? new StateTrie(fork)
    fork.#trie = undefined
    return {
      view: () => fork.#native,
      advance: (packed) => {
        fork.commit({ packed })
        trie.update({ packed })
        return trie.root
      },
      end: () => {},
    }
  }

  /** @internal */
  override advance(changes: StateChanges): MemoryAdvance {
    return this.#advance(changes, true)
  }

  /** Moves on; what that gives can only be taken back where it is to be `undoable`. */
  #advance(changes: StateChanges, undoable: boolean): MemoryAdvance {
    const packed = packedOf(changes)
    const block = blockOf(changes)
    const before = { known: this.#known, head: this.#head }
    const cleared = undoable ? translated(() => this.#native.storageToClear(packed)) : undefined
    const known = this.#known?.clone()
    translated(() => known?.commit(packed))
    translated(() => this.#native.commit(packed))
    this.#known = known
    this.#head = block
    this.#version++
    let attempt = this.#aside?.packed === packed ? this.#aside.attempt : undefined
    if (attempt === undefined) this.#trieNow()
    this.#aside = undefined
    const record = cleared && { packed, cleared, block, ...before }
    return {
      root: () => {
        attempt ??= this.#trie?.attempt({ packed })
        return attempt?.root()
      },
      keep: () => {
        if (attempt === undefined) this.#trie?.update({ packed })
        else attempt.keep()
        if (record !== undefined) this.#remember(record)
        this.publish('commit', packed, block)
      },
      drop: () => {
        attempt?.drop()
        if (record !== undefined) this.#takeBack(record)
      },
    }
  }

  /** The bytes of an address of which it is known what is there. */
  #knownAccount(address: string): Uint8Array {
    const bytes = addressBytes(address)
    if (this.#known?.knowsAccount(bytes) === false) {
      throw errorFor('STATE_MISSING_ACCOUNT', { address: bytesToHex(bytes) })
    }
    return bytes
  }

  #remember(record: UndoRecord): void {
    if (this.#historyLimit === 0) return
    this.#history.push(record)
    if (this.#history.length > this.#historyLimit) this.#history.shift()
  }

  #revertOne(): void {
    const record = this.#history.at(-1)
    if (record === undefined) return
    this.#takeBack(record)
    this.#trieNow()?.revert()
    this.#history.pop()
    this.publish('revert', record.packed, record.block)
  }

  #takeBack(record: UndoRecord): void {
    translated(() => this.#native.revert(record.packed, record.cleared))
    this.#known = record.known
    this.#head = record.head
    this.#version++
  }
}

/** What a trie has been moved on by. */
interface RootAhead {
  readonly packed: Uint8Array
  readonly before: Hex
  readonly after: Hex
  readonly attempt: TrieAttempt
}

/** An {@link Advance} of a state that is at hand at once. */
interface MemoryAdvance extends Advance {
  root(): Hex | undefined
  keep(): void
  drop(): void
}
