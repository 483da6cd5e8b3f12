/** What becomes of a call. */

import type { ErrorCode } from '../error-codes.js'
import { type BraidError, errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { toRpcForm } from '../json.js'
import { errorName } from '../native/error-name.js'
import { PackedReader } from '../native/packed-reader.js'
import {
  CallOutcome as CallRecord,
  CallsOutput,
  Log,
  ErrorCode as NativeErrorCode,
  PrefetchFlag,
  PrefetchKey,
} from '../native/wire.js'
import { type RuleCode, rejectionText } from './rejection.js'
import { revertReason } from './revert-reason.js'

/** An error as JSON-RPC answers with it. */
export interface RpcErrorObject {
  /** 3 for reverts, else that of the method. */
  readonly code: number
  /** In geth's words. */
  readonly message: string
  /** What a revert returned. */
  readonly data?: Hex
}

/** A log that a call emitted. */
export interface CallLog {
  /** The contract that emitted it. */
  readonly address: Hex
  /** The indexed topics, 0 to 4 of 32 bytes each. */
  readonly topics: readonly Hex[]
  /** The data of the log. */
  readonly data: Hex
}

/** The code that nodes answer with where a call fails other than by a revert. */
const generalCode = -32000
/** The code of a revert. */
const revertCode = 3

/** A call that came to its end. */
export class CallSuccess {
  /** What became of it. */
  readonly status = 'success'
  /** What it returned; the code of the contract, where one was created. */
  readonly data: Hex
  /** The gas that it used, refunds taken off. */
  readonly gasUsed: bigint
  /** The most gas that it had used at a time: a lower limit would not have done. */
  readonly maxGasUsed: bigint
  /** The logs that it emitted. */
  readonly logs: readonly CallLog[]
  /** The contract that it created; undefined where it created none. */
  readonly contractAddress: Hex | undefined

  /** @internal */
  constructor(
    data: Hex,
    gasUsed: bigint,
    maxGasUsed: bigint,
    logs: readonly CallLog[],
    contractAddress: Hex | undefined,
  ) {
    this.data = data
    this.gasUsed = gasUsed
    this.maxGasUsed = maxGasUsed
    this.logs = logs
    this.contractAddress = contractAddress
  }

  /** The outcome in JSON, quantities in hex. */
  toJSON(): object {
    return toRpcForm({ ...this }) as object
  }
}

/** A call that took itself back. */
export class CallReverted {
  /** What became of it. */
  readonly status = 'reverted'
  /** The text of Solidity's `Error(string)`, or what its `Panic(uint256)` stands for; else undefined. */
  readonly reason: string | undefined
  /** What it returned with the revert: the reason, encoded, or an error of the contract's own. */
  readonly data: Hex
  /** The gas that it used. */
  readonly gasUsed: bigint
  /** The most gas that it had used at a time. */
  readonly maxGasUsed: bigint

  /** @internal */
  constructor(data: Uint8Array, hex: Hex, gasUsed: bigint, maxGasUsed: bigint) {
    this.reason = revertReason(data)
    this.data = hex
    this.gasUsed = gasUsed
    this.maxGasUsed = maxGasUsed
  }

  /** The error that a node answers with. */
  get rpcError(): RpcErrorObject {
    const { reason, data } = this
    const message = reason === undefined ? 'execution reverted' : `execution reverted: ${reason}`
    return { code: revertCode, message, data }
  }

  /** The outcome in JSON, quantities in hex. */
  toJSON(): object {
    return toRpcForm({ ...this }) as object
  }
}

/** A call that failed: for want of gas, or for an instruction that cannot be executed. All its gas is gone. */
export class CallHalted {
  /** What became of it. */
  readonly status = 'halted'
  /** Why, in geth's words: `out of gas`, `invalid jump destination`, `stack underflow (0 <=> 1)`. */
  readonly reason: string
  /** The gas that it used. */
  readonly gasUsed: bigint
  /** The most gas that it had used at a time. */
  readonly maxGasUsed: bigint

  /** @internal */
  constructor(reason: string, gasUsed: bigint, maxGasUsed: bigint) {
    this.reason = reason
    this.gasUsed = gasUsed
    this.maxGasUsed = maxGasUsed
  }

  /** The error that a node answers with. */
  get rpcError(): RpcErrorObject {
    return { code: generalCode, message: this.reason }
  }

  /** The outcome in JSON, quantities in hex. */
  toJSON(): object {
    return toRpcForm({ ...this }) as object
  }
}

/** A call that was not run: it breaks a rule for transactions that holds for calls too. */
export class CallInvalid {
  /** What became of it. */
  readonly status = 'invalid'
  /** The rule: a code of this package. */
  readonly rule: RuleCode
  /** What the rule demands, where that is a number. */
  readonly expected: bigint | undefined
  /** What breaks it. */
  readonly actual: bigint | undefined
  /** The rule in geth's words, with the numbers. */
  readonly reason: string
  readonly #message: string

  /** @internal */
  constructor(
    rule: RuleCode,
    expected: bigint | undefined,
    actual: bigint | undefined,
    reason: string,
    message = reason,
  ) {
    this.rule = rule
    this.expected = expected
    this.actual = actual
    this.reason = reason
    this.#message = message
  }

  /** The error that a node answers with. */
  get rpcError(): RpcErrorObject {
    return { code: generalCode, message: this.#message }
  }

  /** @internal The same, told by another method. */
  withMessage(message: string): CallInvalid {
    return new CallInvalid(this.rule, this.expected, this.actual, this.reason, message)
  }

  /** The outcome in JSON, quantities in hex. */
  toJSON(): object {
    return toRpcForm({ ...this }) as object
  }
}

/** What became of a call. */
export type CallOutcome = CallSuccess | CallReverted | CallHalted | CallInvalid

/** What of a call is known beside its record: for messages. */
export interface CallInfo {
  readonly sender: string
  /** The gas that it was given. */
  readonly gas: bigint
}

/** What an EVM that tells no more says of a failure (EVMC). */
const statusTexts: ReadonlyMap<number, string> = new Map([
  [3, 'out of gas'],
  [4, 'invalid opcode: INVALID'],
  [5, 'invalid opcode'],
  [6, 'stack limit reached 1024 (1023)'],
  [7, 'stack underflow'],
  [8, 'invalid jump destination'],
  [9, 'return data out of bounds'],
  [10, 'max call depth exceeded'],
  [11, 'write protection'],
])

/** What EVMC calls success and a revert. */
const evmSuccess = 0
const evmRevert = 2

const noLogs: readonly CallLog[] = []

/** Reads the outcomes of calls out of a packed CallsOutput. */
export class OutcomeReader {
  readonly #output: PackedReader
  readonly #outcomes: number
  readonly #pool: number

  /** @throws BraidError where the calls could not be run at all */
  constructor(packed: Uint8Array) {
    this.#output = new PackedReader(packed)
    this.#outcomes = this.#output.sectionOffset(CallsOutput.outcomes)
    this.#pool = this.#output.sectionOffset(CallsOutput.pool)
    const error = this.#output.u32(CallsOutput.error)
    if (error === NativeErrorCode.OK) return
    const isZero = this.#output.isZero(CallsOutput.errorAddress, 20)
    const address = isZero ? {} : { address: this.#output.hex(CallsOutput.errorAddress, 20) }
    throw errorFor(errorName(error), address)
  }

  /**
   * What became of a call. `info` is asked where the call broke a rule.
   *
   * @throws BraidError where the state or the EVM failed: `STATE_…`, `VM_…`
   */
  outcome(index: number, info: (index: number) => CallInfo): CallOutcome {
    const output = this.#output
    const at = this.#outcomes + index * CallRecord.SIZE
    const error = output.u32(at + CallRecord.error)
    if (error !== NativeErrorCode.OK) return this.#invalid(at, error, info(index))
    const status = output.i32(at + CallRecord.evmStatus)
    const gasUsed = output.u64(at + CallRecord.gasUsed)
    const maxGasUsed = max(output.u64(at + CallRecord.gasBeforeRefund), gasUsed)
    const size = output.u32(at + CallRecord.outputSize)
    const dataAt = this.#pool + output.u32(at + CallRecord.outputOffset)
    if (status === evmSuccess) {
      const data = size === 0 ? '0x' : output.hex(dataAt, size)
      const isZero = output.isZero(at + CallRecord.contractAddress, 20)
      const created = isZero ? undefined : output.hex(at + CallRecord.contractAddress, 20)
      return new CallSuccess(data, gasUsed, maxGasUsed, this.#logs(at), created)
    }
    if (status === evmRevert) {
      const hex = output.hex(dataAt, size)
      return new CallReverted(output.slice(dataAt, size), hex, gasUsed, maxGasUsed)
    }
    return new CallHalted(this.#text(at, status), gasUsed, maxGasUsed)
  }

  /** What a call looked up, where that was recorded: an account, or one of its slots. */
  *accessed(index: number): Iterable<{ readonly address: Hex; readonly slot: Hex | undefined }> {
    const output = this.#output
    const record = this.#outcomes + index * CallRecord.SIZE
    const first = output.sectionOffset(CallsOutput.accessed)
    const start = output.u32(record + CallRecord.accessStart)
    const count = output.u32(record + CallRecord.accessCount)
    for (let i = start; i < start + count; i++) {
      const at = first + i * PrefetchKey.SIZE
      const hasKey = (output.u32(at + PrefetchKey.flags) & PrefetchFlag.HasKey) !== 0
      const slot = hasKey ? output.hex(at + PrefetchKey.key, 32) : undefined
      yield { address: output.hex(at + PrefetchKey.address, 20), slot }
    }
  }

  #logs(record: number): readonly CallLog[] {
    const output = this.#output
    const count = output.u32(record + CallRecord.logCount)
    if (count === 0) return noLogs
    const start = output.u32(record + CallRecord.logStart)
    const logs = output.sectionOffset(CallsOutput.logs)
    const allTopics = output.sectionOffset(CallsOutput.topics)
    return Array.from({ length: count }, (_, i) => {
      const at = logs + (start + i) * Log.SIZE
      const topicsAt = allTopics + 32 * output.u32(at + Log.topicStart)
      const topics = Array.from({ length: output.u32(at + Log.topicCount) }, (_, t) =>
        output.hex(topicsAt + 32 * t, 32),
      )
      const dataAt = this.#pool + output.u32(at + Log.dataOffset)
      const data = output.hex(dataAt, output.u32(at + Log.dataSize))
      return { address: output.hex(at + Log.address, 20), topics, data }
    })
  }

  #text(record: number, status: number): string {
    const size = this.#output.u32(record + CallRecord.textSize)
    const at = this.#pool + this.#output.u32(record + CallRecord.textOffset)
    if (size > 0) return this.#output.bytes.toString('utf8', at, at + size)
    return statusTexts.get(status) ?? `evm status ${status}`
  }

  #invalid(record: number, error: number, { sender, gas }: CallInfo): CallInvalid {
    const output = this.#output
    const code = errorName(error)
    const expected = output.u256(record + CallRecord.errorExpected)
    const actual = output.u256(record + CallRecord.errorActual)
    if (!code.startsWith('TX_')) throw this.#failure(record, code, expected)
    const rule = code as RuleCode
    const reason = rejectionText({ rule, expected, actual, sender })
    const hasNumbers = expected !== 0n || actual !== 0n
    const message = `err: ${reason} (supplied gas ${gas})`
    return hasNumbers
      ? new CallInvalid(rule, expected, actual, reason, message)
      : new CallInvalid(rule, undefined, undefined, reason, message)
  }

  #failure(record: number, code: ErrorCode, expected: bigint): BraidError {
    if (code === 'STATE_MISSING_BLOCK_HASH') {
      return errorFor(code, { field: `blockHashes[${expected}]`, expected })
    }
    const isZero = this.#output.isZero(record + CallRecord.errorAddress, 20)
    const address = this.#output.hex(record + CallRecord.errorAddress, 20)
    return errorFor(code, isZero ? {} : { address })
  }
}

/** The numbers of blocks whose hashes calls asked for in vain. */
export function missingBlockHashes(packed: Uint8Array): bigint[] {
  const output = new PackedReader(packed)
  const first = output.sectionOffset(CallsOutput.outcomes)
  const numbers = new Set<bigint>()
  for (let i = 0; i < output.sectionCount(CallsOutput.outcomes); i++) {
    const at = first + i * CallRecord.SIZE
    if (output.u32(at + CallRecord.error) === NativeErrorCode.STATE_MISSING_BLOCK_HASH) {
      numbers.add(output.u256(at + CallRecord.errorExpected))
    }
  }
  return [...numbers]
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)
