/** A state known through a source that is asked while blocks are executed. */

import { demand, hexToBytes, packedOf } from '../arguments.js'
import { errorFor, isBraidError } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { NativePartialState, translated } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { MissingKey, MissingKind } from '../native/wire.js'
import {
  type CodeFact,
  checkedBlockHash,
  checkedCode,
  checkSourceAccount,
  codeHashOf,
  type Fact,
  packFacts,
} from './facts.js'
import type { StateChanges } from './memory-state.js'
import type { SourceAccount, SourceRequest, StateSource } from './state-source.js'

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
 * A block is executed on what is known so far, with guesses for what is not; what was missing is
 * loaded together, and the block executed again, until nothing is. What was loaded stays known, and
 * {@link commit} moves it on, so that the blocks after it ask for what is new to them alone. It all
 * stays in memory.
 */
export class SourceState {
  readonly #source: StateSource
  readonly #isNear: boolean
  #native = new NativePartialState()
  /** Executions under way on the known state as it is. */
  #executions = 0
  #statistics: SourceStatistics = { rounds: 0, accounts: 0, slots: 0, codes: 0 }

  /** Makes a state that knows nothing yet. */
  constructor(source: StateSource)
  /** @internal A source is near where it answers in less time than a block takes to be executed. */
  constructor(source: StateSource, options: { readonly isNear: boolean })
  constructor(source: StateSource, { isNear } = { isNear: false }) {
    for (const method of ['getAccount', 'getStorage', 'getCode', 'getBlockHash'] as const) {
      const member: unknown = source?.[method]
      const isAbsent = method === 'getBlockHash' && member === undefined
      demand(isAbsent || typeof member === 'function', `source.${method}`, 'a function', member)
    }
    this.#source = source
    this.#isNear = isNear
  }

  /** How much the source was asked so far. */
  get statistics(): SourceStatistics {
    return this.#statistics
  }

  /**
   * Applies what a block's execution on this state changed. Throws a `StateError` with code
   * `STATE_RESULT_STALE`, and leaves the state as it is, where the accounts and slots concerned are
   * not what they were when the block was executed. Executions under way go on with the state that
   * they began on.
   */
  commit(result: StateChanges): void {
    const packed = packedOf(result)
    const native = this.#executions > 0 ? this.#native.clone() : this.#native
    translated(() => native.commit(packed))
    if (native !== this.#native) this.#executions = 0
    this.#native = native
  }

  /** A state on the same source that knows the same and changes on its own. */
  clone(): SourceState {
    return this.copyTo(new SourceState(this.#source, { isNear: this.#isNear }))
  }

  /**
   * Gives a state that was just made what is known here, and returns it.
   * @internal
   */
  protected copyTo<Copy extends SourceState>(copy: Copy): Copy {
    // As the class that knows of the member.
    const target: SourceState = copy
    target.#native = this.#native.clone()
    return copy
  }

  /**
   * Told what is to be executed before it is: what is given back is learnt where it is not known yet,
   * and keys are asked for with the first that are missing.
   *
   * @param input packed
   * @internal
   */
  protected async seed(_input: Uint8Array, _request: SourceRequest): Promise<Seeds> {
    return { facts: [], keys: [] }
  }

  /** The addresses of which it is known what is there. */
  knownAddresses(): Hex[] {
    const addresses = new PackedReader(translated(() => this.#native.addresses()))
    const length = addresses.bytes.length / 20
    return Array.from({ length }, (_, i) => addresses.hex(20 * i, 20))
  }

  /**
   * Calls `execute` with access to the state as it is now; commits in between do not change it.
   *
   * @param signal handed to the source: when it aborts, nobody waits for answers any more
   * @internal
   */
  async during<Result>(
    execute: (access: SourceAccess) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    const native = this.#native
    const failures: Failures = new Map()
    this.#executions++
    try {
      return await execute({
        isNear: this.#isNear,
        view: () => native.view(),
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
    const { facts, keys } = await this.seed(input, request)
    request.signal.throwIfAborted()
    if (facts.length > 0) this.#learn(native, facts)
    return keys.flatMap(({ address, slot }) => {
      const at = hexToBytes(address, 20, 'address')
      const key = slot === undefined ? undefined : hexToBytes(slot, 32, 'slot')
      const isKnown = key === undefined ? native.knowsAccount(at) : native.knowsSlot(at, key)
      return isKnown ? [] : [missingKey(at, key)]
    })
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

/**
 * What an execution does with a {@link SourceState}.
 * @internal
 */
export interface SourceAccess {
  /** Whether another round of questions costs less than another run of the block. */
  readonly isNear: boolean
  /** Tells the state what is to be executed; gives the keys that are to be asked for with others. */
  seed(input: Uint8Array): Promise<readonly Uint8Array[]>
  /** A look at what is known now, for one run. */
  view(): ReturnType<NativePartialState['view']>
  /**
   * Asks the source for what MissingKey records name: for what a run needed, and with it for what
   * it might need further on. Throws what the source failed with only where the run cannot get any
   * further without it: what runs ask for on guesses may be nowhere.
   *
   * @returns whether anything was learnt
   */
  load(needed: readonly Uint8Array[], further: readonly Uint8Array[]): Promise<boolean>
  /** The hash of an ancestor, where the source gives it. */
  blockHash(number: bigint): Promise<Hex | undefined>
}

/**
 * What is known, or guessed, before an execution.
 * @internal
 */
export interface Seeds {
  /** What is so in the state that the source is of. */
  readonly facts: readonly Fact[]
  /** What will most likely be read. Without a slot the account itself. */
  readonly keys: readonly SeedKey[]
}

/** An account, or a slot of it. */
export interface SeedKey {
  readonly address: Hex
  readonly slot?: Hex
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
