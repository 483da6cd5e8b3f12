/** State kept whole in native memory. */

import {
  checkFlags,
  checkOptions,
  hexToBytes,
  historyOf,
  packedOf,
  slotBytes,
} from '../arguments.js'
import { errorFor } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { toRpcForm, withJson } from '../json.js'
import type { NativePartialView } from '../native/addon.js'
import { NativePartialState, NativeState, translated } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { StateAccount, StateAccountFlag, StateDump, StateSlot } from '../native/wire.js'
import { StateTrie } from '../trie/state-trie.js'
import { type Alloc, packAlloc } from './alloc.js'

/** An account of a state. */
export interface Account {
  /** Where the account is. */
  readonly address: Hex
  /** How many transactions it sent, or contracts it created. */
  readonly nonce: bigint
  /** In wei. */
  readonly balance: bigint
  /** keccak256 of the code. */
  readonly codeHash: Hex
}

/** An account with everything it has, as {@link MemoryState.dump} gives it. */
export interface DumpedAccount extends Account {
  /** The contract's code, or undefined where the state knows only its hash. */
  readonly code: Hex | undefined
  /** Values that are not zero by slot, 32 bytes each. */
  readonly storage: ReadonlyMap<Hex, Hex>
}

/** What a state takes in: the packed output of an execution. */
export interface StateChanges {
  /** @internal */
  readonly packed: Uint8Array
}

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
}

/** What takes a commit back. */
interface UndoRecord {
  readonly packed: Uint8Array
  /** Storage that was cleared whole, which the result does not hold. */
  readonly cleared: Uint8Array
  /** What was known before, of a strict state. */
  readonly known: NativePartialState | undefined
}

/**
 * A state kept whole in native memory. Executing reads it and leaves it as it is; {@link commit}
 * moves it on, {@link revert} back.
 */
export class MemoryState {
  #native: NativeState
  readonly #historyLimit: number
  /** What a strict state was given, and what became of it. Never changed in place. */
  #known: NativePartialState | undefined
  readonly #history: UndoRecord[] = []

  /**
   * Makes a state of the given accounts: an alloc of a genesis file, a pre-state, or nothing. Throws
   * a `StateError` with code `STATE_MALFORMED` that names the account and the field.
   */
  constructor(alloc: Alloc = {}, options: MemoryStateOptions = {}) {
    checkOptions(options, { history: true, strict: true })
    this.#historyLimit = historyOf(options)
    checkFlags(options, 'strict')
    const { strict = false } = options
    this.#native = new NativeState()
    const packed = packAlloc(alloc, strict)
    translated(() => this.#native.load(packed))
    if (!strict) return
    const known = new NativePartialState()
    translated(() => known.learn(packed))
    this.#known = known
  }

  /** @internal Undefined for what has the prototype and was not constructed. */
  get native(): NativeState {
    return (#native in this ? this.#native : undefined) as NativeState
  }

  /** How many accounts exist. */
  get accountCount(): number {
    return this.#native.accountCount
  }

  /** An account, or undefined where none exists at the address. */
  getAccount(address: string): Account | undefined {
    const bytes = hexToBytes(address, 20, 'address')
    if (this.#known?.knowsAccount(bytes) === false) {
      throw errorFor('STATE_MISSING_ACCOUNT', { address: bytesToHex(bytes) })
    }
    const record = this.#native.getAccount(bytes)
    if (record === null) return undefined
    return readAccount(new PackedReader(record), 0)
  }

  /** The value of a storage slot, 32 bytes; zero where nothing is stored. */
  getStorage(address: string, slot: string | bigint | number): Hex {
    const bytes = hexToBytes(address, 20, 'address')
    const key = slotBytes(Number.isSafeInteger(slot) ? BigInt(slot) : slot)
    if (this.#known?.knowsSlot(bytes, key) === false) {
      const field = `storage[${bytesToHex(key)}]`
      throw errorFor('STATE_MISSING_SLOT', { address: bytesToHex(bytes), field })
    }
    return bytesToHex(this.#native.getStorage(bytes, key))
  }

  /**
   * The code of an account, `0x` where it has none. Throws a `StateError` with code
   * `STATE_MISSING_CODE` where the state knows only the code's hash.
   */
  getCode(address: string): Hex {
    const account = this.getAccount(address)
    if (account === undefined) return '0x'
    const code = this.#native.getCode(hexToBytes(account.codeHash, 32, 'codeHash'))
    if (code === null) throw errorFor('STATE_MISSING_CODE', { address: account.address })
    return bytesToHex(code)
  }

  /**
   * Applies what a block's execution on this state changed. Throws a `StateError` with code
   * `STATE_RESULT_STALE`, and leaves the state as it is, where the accounts and slots concerned are
   * not what they were when the block was executed: the result is of another state, is committed a
   * second time, or another one was committed in between. A clone is as good as the state itself.
   */
  commit(result: StateChanges): void {
    const packed = packedOf(result)
    if (this.#historyLimit > 0) {
      this.#commitUndoably(packed)
      return
    }
    const known = this.#knownAfter(packed)
    translated(() => this.#native.commit(packed))
    this.#known = known
  }

  /**
   * What an execution on a strict state reads; undefined for other states.
   * @internal
   */
  strictView(): NativePartialView | undefined {
    return this.#known?.view()
  }

  /** How many commits can be undone now. */
  get undoable(): number {
    return this.#history.length
  }

  /**
   * Undoes the last commit that was not undone yet. Its cost is that of what the block changed.
   *
   * @param result the result that must be the one undone. Default: whichever it is
   * @throws StateError `STATE_UNAVAILABLE` where nothing can be undone: see
   *   {@link MemoryStateOptions.history}; `STATE_RESULT_STALE` where `result` is not the last one
   *   committed. The state is as it was.
   */
  revert(result?: StateChanges): void {
    const record = this.#history.at(-1)
    if (record === undefined) throw errorFor('STATE_UNAVAILABLE', { field: 'history' })
    if (result !== undefined && packedOf(result) !== record.packed) {
      throw errorFor('STATE_RESULT_STALE', { field: 'result' })
    }
    this.#takeBack(record)
  }

  /**
   * Like {@link commit}; the function it returns undoes it, history or not, as long as nothing was
   * committed since. The history is then what it was.
   * @internal
   */
  commitUndoably(result: StateChanges): () => void {
    return this.#commitUndoably(packedOf(result))
  }

  /**
   * A fork: a state that is the same and changes on its own, its history included. It costs nothing
   * until one of the two is changed; that one is then copied once, some 100 ms and 160 MB for a
   * million accounts without storage. Code is shared.
   */
  clone(): MemoryState {
    const copy = new MemoryState({}, { history: this.#historyLimit })
    copy.#native = this.#native.clone()
    copy.#history.push(...this.#history)
    copy.#known = this.#known
    return copy
  }

  /** All accounts as they are now, in no particular order. */
  *dump(): IterableIterator<DumpedAccount> {
    const dump = new PackedReader(translated(() => this.#native.dump()))
    const first = dump.sectionOffset(StateDump.accounts)
    const count = dump.sectionCount(StateDump.accounts)
    for (let i = 0; i < count; i++) {
      const at = first + i * StateAccount.SIZE
      yield withJson({
        ...readAccount(dump, at),
        code: readCode(dump, at),
        storage: readStorage(dump, at),
      })
    }
  }

  /** All accounts in JSON, by their addresses: an alloc that the same state can be made of. */
  toJSON(): object {
    const accounts = [...this.dump()].map(({ address, ...account }) => [address, account])
    return toRpcForm(Object.fromEntries(accounts)) as object
  }

  /** The root of the state trie, computed from all accounts. */
  stateRoot(): Hex {
    return new StateTrie(this).root
  }

  #commitUndoably(packed: Uint8Array): () => void {
    const cleared = translated(() => this.#native.storageToClear(packed))
    const known = this.#knownAfter(packed)
    translated(() => this.#native.commit(packed))
    const record = { packed, cleared, known: this.#known }
    this.#known = known
    const history = this.#history
    if (this.#historyLimit > 0) history.push(record)
    const oldest = history.length > this.#historyLimit ? history.shift() : undefined
    return () => {
      this.#takeBack(record)
      if (oldest !== undefined) history.unshift(oldest)
    }
  }

  #knownAfter(packed: Uint8Array): NativePartialState | undefined {
    const known = this.#known?.clone()
    translated(() => known?.commit(packed))
    return known
  }

  #takeBack(record: UndoRecord): void {
    translated(() => this.#native.revert(record.packed, record.cleared))
    this.#known = record.known
    if (this.#history.at(-1) === record) this.#history.pop()
  }
}

function readAccount(reader: PackedReader, at: number): Account {
  return withJson({
    address: reader.hex(at + StateAccount.address, 20),
    nonce: reader.u64(at + StateAccount.nonce),
    balance: reader.u256(at + StateAccount.balance),
    codeHash: reader.hex(at + StateAccount.codeHash, 32),
  })
}

function readCode(dump: PackedReader, at: number): Hex | undefined {
  if (dump.u32(at + StateAccount.flags) & StateAccountFlag.CodeMissing) return undefined
  const pool = dump.sectionOffset(StateDump.pool)
  const size = dump.u32(at + StateAccount.codeSize)
  return dump.hex(pool + dump.u32(at + StateAccount.codeOffset), size)
}

function readStorage(dump: PackedReader, at: number): ReadonlyMap<Hex, Hex> {
  const storage = new Map<Hex, Hex>()
  const first = dump.sectionOffset(StateDump.slots)
  const start = dump.u32(at + StateAccount.slotStart)
  const count = dump.u32(at + StateAccount.slotCount)
  for (let i = start; i < start + count; i++) {
    const slot = first + i * StateSlot.SIZE
    storage.set(dump.hex(slot + StateSlot.key, 32), dump.hex(slot + StateSlot.value, 32))
  }
  return storage
}
