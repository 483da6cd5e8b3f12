/**
 * Every failure this package reports: one class per kind of failure, one stable `code` per cause.
 *
 * A program tells errors apart by `code` (it never changes once published); `message` is for people
 * and may change. `details` says where: the transaction's index, the field, what was expected and
 * what was found.
 */

import { type ErrorCode, errorMeanings } from './error-codes.js'
import type { DetailsOf, ErrorDetails, ErrorValue } from './error-details.js'
import { toRpcForm } from './json.js'

/** An error of one code, whose details are those of that code. */
export type BraidErrorOf<Code extends ErrorCode> = BraidError & {
  /** Stable name of the cause. */
  readonly code: Code
  /** Where it is, with the members that errors of the code always have. */
  readonly details: DetailsOf<Code>
}

/** What every error takes beside its code. */
export interface BraidErrorOptions {
  /** Where the error is. */
  readonly details?: ErrorDetails | undefined
  /** The error that led to this one. */
  readonly cause?: unknown
  /** Replaces the message made from the code and the details. */
  readonly message?: string | undefined
}

/**
 * Marks the errors of every copy of this package: a process may hold several, each with classes of its
 * own, and test runners give every file its own realm.
 */
const brand = Symbol.for('braid-evm.BraidError')

/** The base of all errors that this package raises on purpose. */
export class BraidError extends Error {
  /** The name of the class. */
  override readonly name: string = 'BraidError'
  /** Stable name of the cause. */
  readonly code: ErrorCode
  /** Where it is; empty when there is nothing to say. */
  readonly details: ErrorDetails

  constructor(code: ErrorCode, options: BraidErrorOptions = {}) {
    const details = options.details ?? {}
    super(
      options.message ?? describe(code, details),
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.code = code
    this.details = details
  }

  /** The error in JSON: what it says of itself, numbers that are bigint as hex. */
  toJSON(): object {
    const { name, code, message, details } = this
    return { name, code, message, details: toRpcForm(details) }
  }

  static {
    Object.defineProperty(BraidError.prototype, brand, { value: true })
  }
}

/** The source of a block cannot be decoded. */
export class BlockDecodeError extends BraidError {
  /** The name of the class. */
  override readonly name: string = 'BlockDecodeError'

  /** Index of the transaction the error is in, where it is in one. */
  get txIndex(): number | undefined {
    return this.details.txIndex
  }

  /** The field the error is in, where it is known. */
  get field(): string | undefined {
    return this.details.field
  }
}

/** A transaction that may not be in its block. */
export class InvalidTransactionError extends BraidError {
  /** The name of the class. */
  override readonly name: string = 'InvalidTransactionError'

  /** Index of the transaction in its block. */
  get txIndex(): number | undefined {
    return this.details.txIndex
  }
}

/** A block that breaks a consensus rule. */
export class InvalidBlockError extends BraidError {
  /** The name of the class. */
  override readonly name: string = 'InvalidBlockError'

  /** The header's field, where one is wrong. */
  get field(): string | undefined {
    return this.details.field
  }

  /** What the rule demands; where a block is compared with its header, what the header says. */
  get expected(): ErrorValue | undefined {
    return this.details.expected
  }

  /** What breaks the rule; where a block is compared with its header, what the block gives. */
  get actual(): ErrorValue | undefined {
    return this.details.actual
  }
}

/** The state lacks something the block needs, or cannot be read. */
export class StateError extends BraidError {
  /** The name of the class. */
  override readonly name: string = 'StateError'

  /** The account concerned, `0x` hex, where there is one. */
  get address(): string | undefined {
    return this.details.address
  }
}

/** A Merkle proof is wrong. */
export class ProofError extends BraidError {
  /** The name of the class. */
  override readonly name: string = 'ProofError'

  /** The part of the proof that is wrong. */
  get field(): string | undefined {
    return this.details.field
  }
}

/** A node that is asked by JSON-RPC fails, or answers with an error. */
export class RpcError extends BraidError {
  /** The name of the class. */
  override readonly name: string = 'RpcError'

  /** The code of the error that the node answered with, where it did. */
  get rpcCode(): number | undefined {
    return this.details.rpcCode
  }
}

/** The EVM implementation cannot be loaded or failed internally. */
export class VmError extends BraidError {
  /** The name of the class. */
  override readonly name: string = 'VmError'
}

/** The chain's configuration or hardfork is not supported, or a `Chain` cannot do something now. */
export class ChainError extends BraidError {
  /** The name of the class. */
  override readonly name: string = 'ChainError'
}

/** A transaction that a pool does not take, or a pool that cannot do something. */
export class PoolError extends BraidError {
  /** The name of the class. */
  override readonly name: string = 'PoolError'
}

/** The caller ended the call, by a signal. */
export class AbortError extends BraidError {
  /** What the errors of aborted calls are named by, in this package as on the web. */
  override readonly name: string = 'AbortError'
}

/** An option is wrong. */
export class OptionsError extends BraidError {
  /** The name of the class. */
  override readonly name: string = 'OptionsError'
}

/** Classes by the first word of a code; codes of other families are plain {@link BraidError}s. */
const classes: Readonly<
  Record<string, new (code: ErrorCode, options?: BraidErrorOptions) => BraidError>
> = {
  DECODE: BlockDecodeError,
  TX: InvalidTransactionError,
  BLOCK: InvalidBlockError,
  STATE: StateError,
  POOL: PoolError,
  PROOF: ProofError,
  VM: VmError,
  UNSUPPORTED: ChainError,
  CHAIN: ChainError,
  OPTION: OptionsError,
  RPC: RpcError,
  CANCELLED: AbortError,
}

/** Makes the error of `code`, of the class that its family has. */
export function errorFor(
  code: ErrorCode,
  details: ErrorDetails = {},
  options: Omit<BraidErrorOptions, 'details'> = {},
): BraidError {
  const ErrorClass = classes[code.split('_', 1)[0]] ?? BraidError
  return new ErrorClass(code, { ...options, details })
}

/**
 * The error of `executeBlocks` for what was thrown on a block: errors of this package say which block
 * it was, all others, and those of other copies of the package, stay as they are.
 */
export function errorInBlock(error: unknown, blockNumber: bigint | undefined): unknown {
  if (!(error instanceof BraidError) || blockNumber === undefined) return error
  const { code, details, cause } = error
  const options = error.message === describe(code, details) ? {} : { message: error.message }
  const placed = errorFor(code, { ...details, blockNumber }, { cause, ...options })
  if (error.stack !== undefined) {
    placed.stack = `${placed.name}: ${placed.message}${error.stack.slice(error.stack.indexOf('\n    at '))}`
  }
  return placed
}

/**
 * Whether `value` is an error of this package, optionally with the given code, whose `details` it then
 * has. Unlike `instanceof` it also knows those of other copies of the package in the process.
 */
export function isBraidError<Code extends ErrorCode = ErrorCode>(
  value: unknown,
  code?: Code,
): value is BraidErrorOf<Code> {
  if (typeof value !== 'object' || value === null || !(brand in value)) return false
  return code === undefined || ('code' in value && value.code === code)
}

/** A value of unknown type as errors show it; the value's own code cannot make this fail. */
export function shownValue(value: unknown): ErrorValue {
  if (typeof value === 'bigint' || typeof value === 'number' || value === null) return value
  try {
    return String(value)
  } catch {
    return typeof value
  }
}

/** The message of an error: the meaning of its code, then the place. */
function describe(code: ErrorCode, details: ErrorDetails): string {
  const places: string[] = []
  if (details.file !== undefined) places.push(details.file)
  if (details.line !== undefined) places.push(`line ${details.line}`)
  if (details.blockNumber !== undefined) places.push(`block ${details.blockNumber}`)
  if (details.txIndex !== undefined) places.push(`transaction ${details.txIndex}`)
  if (details.field !== undefined) places.push(details.field)
  if (details.address !== undefined) places.push(`account ${details.address}`)
  if (details.hardfork !== undefined) places.push(`hardfork ${details.hardfork}`)
  if (details.hash !== undefined) places.push(`node ${details.hash}`)
  if (details.rpcCode !== undefined) places.push(`code ${details.rpcCode}`)
  if (details.offset !== undefined) places.push(`byte ${details.offset}`)
  if (details.expected !== undefined) places.push(`expected ${show(details.expected)}`)
  if (details.actual !== undefined) places.push(`got ${show(details.actual)}`)
  const meaning = errorMeanings[code]
  return places.length === 0 ? meaning : `${meaning} (${places.join(', ')})`
}

/** Longest value that a message quotes in full. */
const shownLength = 140

function show(value: ErrorValue): string {
  const text = String(value)
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`
}
