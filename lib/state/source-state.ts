/** A state known through a source that is asked while blocks are executed. */

import { checkOptions, demand, hexToBytes, historyOf, packedOf } from '../arguments.js'
import { errorFor, isBraidError } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import type { NativePartialView } from '../native/addon.js'
import { NativePartialState, translated } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { MissingKey, MissingKind } from '../native/wire.js'
import { type Account, addressBytes, slotKey } from './account.js'
import {
  type BlockReference,
  blockOf,
  checkReference,
  type StateChanges,
} from './block-reference.js'
import {
  type CodeFact,
  checkedBlockHash,
  checkedCode,
  checkSourceAccount,
  codeHashOf,
  type Fact,
  packFacts,
} from './facts.js'
import { accountIn, codeIn } from './native-snapshot.js'
import type { StateAccess } from './readable-state.js'
import { noSeeds, type SeedingSource } from './seeds.js'
import { Snapshot, type SnapshotBacking } from './snapshot.js'
import type { SourceAccess } from './source-access.js'
import { State } from './state.js'
import type { SourceAccount, SourceRequest, StateSource } from './state-source.js'
import { stepsBack } from './steps-back.js'
import { overridden } from './strict-backing.js'

/** How a state on a source is kept. */
export interface SourceStateOptions {
  /** The block whose state the source answers for. Default: not known. */
  readonly head?: BlockReference | undefined
  /**
   * How many commits can be undone. Each keeps what was known before it, as a copy of its own.
   * Default 0.
   */
  readonly history?: number | undefined
}

/** What was known before a commit. */
interface SourceUndo {
  readonly native: NativePartialState
  readonly head: BlockReference | undefined
  readonly packed: Uint8Array
  readonly block: BlockReference | undefined
}

/** How much a {@link SourceState} has asked its source. */
export interface SourceStatistics {
  /** How many times it asked: everything that is missing at a time is asked for together. */
  readonly rounds: number
  /** How many accounts it asked for. */
  readonly accounts: number
  /** How many storage slots it asked for. */
  readonly slots: number
  /** How many codes it asked for. */
  readonly codes: number
}

/**
 * A state that lies elsewhere: a {@link StateSource} knows it, and is asked for what blocks read.
 *
 * A block is executed on what is known so far. Where a transaction needs what is not, it is parked, and
 * those after it run ahead with guesses; what all of them miss is loaded together, and the block goes
 * on with those that missed something. What was loaded stays known, and
 * {@link commit} moves it on, so that the blocks after it ask for what is new to them alone. It all
 * stays in memory.
 */
export class SourceState extends State {
  readonly #source: StateSource
  readonly #historyLimit: number
  #native = new NativePartialState()
  /** Executions under way on the known state as it is. */
  #executions = 0
  #statistics: SourceStatistics = { rounds: 0, accounts: 0, slots: 0, codes: 0 }
  #head: BlockReference | undefined
  /** How many commits lie between the source's block and now. */
  #commits = 0
  #history: SourceUndo[] = []

  /** Makes a state that knows nothing yet. */
  constructor(source: StateSource, options: SourceStateOptions = {}) {
    super()
    for (const method of ['getAccount', 'getStorage', 'getCode', 'getBlockHash'] as const) {
      const member: unknown = source?.[method]
      const isAbsent = method === 'getBlockHash' && member === undefined
      demand(isAbsent || typeof member === 'function', `source.${method}`, 'a function', member)
    }
    checkOptions(options, { head: true, history: true })
    checkReference(options.head, 'head')
    this.#source = source
    this.#historyLimit = historyOf(options)
    this.#head = options.head
  }

  /** How much the source was asked so far. */
  get statistics(): SourceStatistics {
    return this.#statistics
  }

  /** The block that was committed last, or what the state was made with. */
  get head(): BlockReference | undefined {
    return this.#head
  }

  /**
   * Whether it is what its source tells: nothing was committed that was not undone.
   * @internal
   */
  protected get isUnmoved(): boolean {
    return this.#commits === 0
  }

  /** Not known: `undefined`. */
  get root(): Hex | undefined {
    return undefined
  }

  /** An account, or undefined where none exists at the address. */
  override async getAccount(address: string): Promise<Account | undefined> {
    const bytes = addressBytes(address)
    return this.#read((view) => accountIn(view, bytes))
  }

  /** The value of a storage slot, 32 bytes; zero where nothing is stored. */
  override async getStorage(address: string, slot: string | bigint | number): Promise<Hex> {
    const [bytes, key] = [addressBytes(address), slotKey(slot)]
    return this.#read((view) => bytesToHex(translated(() => view.getStorage(bytes, key))))
  }

  /** The code of an account, `0x` where it has none; `STATE_MISSING_CODE` where only its hash is known. */
  override async getCode(address: string): Promise<Hex> {
    const bytes = addressBytes(address)
    return this.#read((view) => codeIn(view, bytes))
  }

  /**
   * Applies what a block's execution on this state changed. Throws a `StateError` with code
   * `STATE_RESULT_STALE`, and leaves the state as it is, where the accounts and slots concerned are
   * not what they were when the block was executed. Executions under way go on with the state that
   * they began on.
   */
  override commit(result: StateChanges): void {
    const packed = packedOf(result)
    const before = this.#native
    const isKept = this.#executions > 0 || this.#historyLimit > 0
    const native = isKept ? before.clone() : before
    translated(() => native.commit(packed))
    if (isKept) this.#executions = 0
    const block = blockOf(result)
    if (this.#historyLimit > 0) {
      this.#history.push({ native: before, head: this.head, packed, block })
      if (this.#history.length > this.#historyLimit) this.#history.shift()
    }
    this.#native = native
    this.#head = block
    this.#commits++
    this.publish('commit', packed, block)
  }

  /** How many commits can be undone now. */
  override get undoable(): number {
    return this.#history.length
  }

  /** Undoes commits: see {@link State.revert}. */
  override revert(to?: BlockReference): void {
    const steps = stepsBack(this.#history, this.head, to)
    for (let i = 0; i < steps; i++) {
      const record = this.#history.pop()
      if (record === undefined) return
      this.#native = record.native
      this.#executions = 0
      this.#head = record.head
      this.#commits--
      this.publish('revert', record.packed, record.block)
    }
  }

  /** The state as it is now, for ever: see {@link State.snapshot}. */
  override snapshot(): Snapshot {
    return new Snapshot(new SourceBacking(SourceState.#fork(this), []), this.head, this.root)
  }

  /** A state on the same source that knows the same and changes on its own. */
  clone(): SourceState {
    return SourceState.#fork(this)
  }

  /**
   * Gives a state that was just made what is known here, and returns it.
   * @internal
   */
  protected copyTo<Copy extends SourceState>(copy: Copy): Copy {
    // As the class that knows of the member.
    const target: SourceState = copy
    target.#native = this.#native.clone()
    target.#head = this.#head
    target.#commits = this.#commits
    target.#history = [...this.#history]
    return copy
  }

  /** The addresses of which it is known what is there. */
  knownAddresses(): Hex[] {
    const addresses = new PackedReader(translated(() => this.#native.addresses()))
    const length = addresses.bytes.length / 20
    return Array.from({ length }, (_, i) => addresses.hex(20 * i, 20))
  }

  /** @internal */
  override access(): StateAccess {
    return this.accessThrough([])
  }

  /**
   * Access through packed overrides, the lowest first.
   * @internal
   */
  accessThrough(layers: readonly Uint8Array[]): StateAccess {
    return {
      kind: 'source',
      during: (execute, signal) => this.#during(layers, execute, signal),
    }
  }

  async #during<Result>(
    layers: readonly Uint8Array[],
    execute: (access: SourceAccess) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    const native = this.#native
    const failures: Failures = new Map()
    this.#executions++
    try {
      return await execute({
        view: () => native.view(layers),
        seed: (input) => this.#seed(native, input, { signal }),
        load: (needed, further) => this.#load({ native, failures, signal }, needed, further),
        blockHash: (number) => this.#blockHash(number, { signal }),
      })
    } finally {
      if (native === this.#native) this.#executions--
    }
  }

  async #seed(
    native: NativePartialState,
    input: Uint8Array,
    request: SourceRequest,
  ): Promise<Uint8Array[]> {
    const source: SeedingSource = this.#source
    const { facts, keys } = (await source.seed?.(input, request)) ?? noSeeds
    request.signal.throwIfAborted()
    if (facts.length > 0) this.#learn(native, facts)
    return keys.flatMap(({ address, slot }) => {
      const at = hexToBytes(address, 20, 'address')
      const key = slot === undefined ? undefined : hexToBytes(slot, 32, 'slot')
      const isKnown = key === undefined ? native.knowsAccount(at) : native.knowsSlot(at, key)
      return isKnown ? [] : [missingKey(at, key)]
    })
  }

  #read<Value>(read: (view: NativePartialView) => Value): Promise<Value> {
    return readThrough(this.access(), read)
  }

  /** @internal What a copy is made with. */
  protected get options(): SourceStateOptions {
    return { history: this.#historyLimit }
  }

  static #fork(state: SourceState): SourceState {
    return state.copyTo(new SourceState(state.#source, state.options))
  }

  /** Asks for what is missing and did not fail before, and learns it. */
  async #load(
    { native, failures, signal }: Loading,
    needed: readonly Uint8Array[],
    further: readonly Uint8Array[],
  ): Promise<boolean> {
    const read = (records: readonly Uint8Array[]): Missing[] =>
      records.map(readMissing).filter(({ id }) => !failures.has(id))
    const keys = read(needed)
    if (keys.length > 0 || needed.length === 0) {
      keys.push(...read(further))
      const answers = await Promise.allSettled(keys.map((key) => this.#ask(key, { signal })))
      signal.throwIfAborted()
      answers.forEach((answer, i) => {
        if (answer.status === 'rejected') failures.set(keys[i].id, answer.reason)
      })
      const facts = answers.flatMap((answer) =>
        answer.status === 'fulfilled' ? [answer.value] : [],
      )
      this.#learn(native, facts)
      if (facts.length > 0) return true
    }
    // The run got as far as it can: the first that failed is what it could not do without.
    for (const record of needed) {
      const { id } = readMissing(record)
      if (failures.has(id)) throw failures.get(id)
    }
    return false
  }

  #learn(native: NativePartialState, facts: readonly Fact[]): void {
    const codes = facts.filter((fact) => 'codeHash' in fact)
    const packed = packFacts(
      facts.filter((fact): fact is Exclude<Fact, CodeFact> => !('codeHash' in fact)),
    )
    // Blocks committed since changed nothing that the source was still to be asked for.
    for (const state of new Set([native, this.#native])) {
      translated(() => state.learn(packed))
      for (const { codeHash, code } of codes) {
        state.learnCode(hexToBytes(codeHash, 32, 'codeHash'), code)
      }
    }
    this.#count(facts)
  }

  /** Asks for one key. */
  async #ask({ kind, address, key }: Missing, request: SourceRequest): Promise<Fact> {
    try {
      switch (kind) {
        case MissingKind.Account: {
          const account = (await this.#source.getAccount(address, request)) ?? undefined
          request.signal.throwIfAborted()
          if (account !== undefined) checkSourceAccount(address, account)
          const code = account && (await this.#codeOf(address, account, request))
          return { address, account, code }
        }
        case MissingKind.Slot: {
          const value = await this.#source.getStorage(address, key, request)
          return { address, slot: key, value }
        }
        default: {
          const code = await this.#getCode(key, address, request)
          if (code === undefined) throw errorFor('STATE_MISSING_CODE', { address })
          return { address, codeHash: key, code }
        }
      }
    } catch (cause) {
      if (isBraidError(cause)) throw cause
      throw errorFor('STATE_UNAVAILABLE', { address }, { cause })
    }
  }

  async #codeOf(
    address: Hex,
    account: SourceAccount,
    request: SourceRequest,
  ): Promise<Uint8Array | undefined> {
    const codeHash = codeHashOf(address, account)
    return codeHash === undefined ? undefined : this.#getCode(codeHash, address, request)
  }

  async #getCode(
    codeHash: Hex,
    address: Hex,
    request: SourceRequest,
  ): Promise<Uint8Array | undefined> {
    const code = (await this.#source.getCode(codeHash, address, request)) ?? undefined
    return code === undefined ? undefined : checkedCode(address, codeHash, code)
  }

  async #blockHash(number: bigint, request: SourceRequest): Promise<Hex | undefined> {
    let hash: unknown
    try {
      hash = await this.#source.getBlockHash?.(number, request)
    } catch (cause) {
      if (isBraidError(cause)) throw cause
      throw errorFor('STATE_UNAVAILABLE', { field: `blockHashes[${number}]` }, { cause })
    }
    if (hash === undefined || hash === null) return undefined
    return bytesToHex(checkedBlockHash(number, hash))
  }

  #count(facts: readonly Fact[]): void {
    let { rounds, accounts, slots, codes } = this.#statistics
    rounds++
    for (const fact of facts) {
      if ('slot' in fact) slots++
      else if ('codeHash' in fact) codes++
      else {
        accounts++
        if (fact.code !== undefined) codes++
      }
    }
    this.#statistics = { rounds, accounts, slots, codes }
  }
}

/** What the source failed with in one execution, by the missing key. */
type Failures = Map<string, unknown>

/** What loading is done for. */
interface Loading {
  /** The state that the execution looks at. */
  readonly native: NativePartialState
  readonly failures: Failures
  readonly signal: AbortSignal
}

interface Missing {
  /** Tells keys apart. */
  readonly id: string
  readonly kind: MissingKind
  readonly address: Hex
  /** The slot, or the hash of code. */
  readonly key: Hex
}

/** A MissingKey record: of a slot, or of an account. */
function missingKey(address: Uint8Array, slot: Uint8Array | undefined): Uint8Array {
  const record = Buffer.alloc(MissingKey.SIZE)
  record.set(address, MissingKey.address)
  const kind = slot === undefined ? MissingKind.Account : MissingKind.Slot
  record.writeUInt32LE(kind, MissingKey.kind)
  if (slot !== undefined) record.set(slot, MissingKey.key)
  return record
}

function readMissing(bytes: Uint8Array): Missing {
  const record = new PackedReader(bytes)
  return {
    id: record.bytes.toString('latin1'),
    kind: record.u32(MissingKey.kind) as MissingKind,
    address: record.hex(MissingKey.address, 20),
    key: record.hex(MissingKey.key, 32),
  }
}

/** Reads through what is known, after asking for what is not. */
function readThrough<Value>(
  access: StateAccess,
  read: (view: NativePartialView) => Value,
): Promise<Value> {
  if (access.kind !== 'source') throw errorFor('STATE_UNAVAILABLE')
  return access.during(async ({ view, load }) => {
    for (;;) {
      const look = view()
      const value = settled(() => read(look))
      const missing = [...recordsOf(look.takeMissing())]
      if (missing.length === 0) return value()
      await load(missing, [])
    }
  }, new AbortController().signal)
}

/** Calls a function; what it returned or threw comes when asked for. */
function settled<Value>(call: () => Value): () => Value {
  try {
    const value = call()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

function* recordsOf(packed: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < packed.length; at += MissingKey.SIZE) {
    yield packed.subarray(at, at + MissingKey.SIZE)
  }
}

/** A snapshot of a state that has a source. */
class SourceBacking implements SnapshotBacking {
  readonly #state: SourceState
  readonly #layers: readonly Uint8Array[]

  /** @param state one of its own, which is never moved on */
  constructor(state: SourceState, layers: readonly Uint8Array[]) {
    this.#state = state
    this.#layers = layers
  }

  getAccount(address: Uint8Array): Promise<Account | undefined> {
    return readThrough(this.access(), (view) => accountIn(view, address))
  }

  getStorage(address: Uint8Array, slot: Uint8Array): Promise<Hex> {
    return readThrough(this.access(), (view) =>
      bytesToHex(translated(() => view.getStorage(address, slot))),
    )
  }

  getCode(address: Uint8Array): Promise<Hex> {
    return readThrough(this.access(), (view) => codeIn(view, address))
  }

  access(): StateAccess {
    return this.#state.accessThrough(this.#layers)
  }

  override(packed: Uint8Array): SourceBacking {
    return new SourceBacking(this.#state, [...this.#layers, packed])
  }

  after(packed: Uint8Array): SourceBacking {
    if (this.#layers.length > 0) throw overridden()
    const state = this.#state.clone()
    state.commit({ packed })
    return new SourceBacking(state, [])
  }

  release(): void {}
}
