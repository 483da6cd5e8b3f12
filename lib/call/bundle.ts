/** Bundles: transactions one after another, each on what those before it left. */

import { checkOptions, demand } from '../arguments.js'
import { assembleInput, contextSize } from '../block/input-assembly.js'
import { withColumns } from '../block/input-columns.js'
import { completeInput } from '../block/input-context.js'
import { readTransactions } from '../block/transaction-reader.js'
import { errorFor, isBraidError } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { toRpcForm } from '../json.js'
import { PackedReader } from '../native/packed-reader.js'
import { BlockInput, BlockOutput, ErrorCode, Transaction } from '../native/wire.js'
import { StateDiff } from '../output/state-diff.js'
import { listBase } from '../rlp/header.js'
import { RlpReader } from '../rlp/reader.js'
import { RlpWriter } from '../rlp/writer.js'
import type { ReadableState } from '../state/readable-state.js'
import { Snapshot } from '../state/snapshot.js'
import type { State } from '../state/state.js'
import { Changes } from './changes.js'
import type { CallContext } from './environment.js'
import { CallInvalid, type CallOutcome } from './outcome.js'
import { packCalls } from './pack-calls.js'
import { type RuleCode, rejectionText } from './rejection.js'
import { type CallRequest, checkRequest } from './request.js'
import { type CallOptions, type CallSession, callMembers } from './session.js'
import { outcomeOf, putSimulation, runsOf } from './simulated-run.js'

/** A transaction of a bundle: the encoding of a signed one (EIP-2718), or one that nobody signs. */
export type BundleTransaction = Uint8Array | CallRequest

/** How a bundle is simulated. */
export interface BundleOptions extends CallOptions {
  /**
   * What follows where a transaction does not succeed. `continue`: the others run; one that reverts or
   * halts has paid for its gas, an invalid one has done nothing. `stop`: those after it do not run.
   * `revert`: nor does anything of the bundle stand. Default `continue`.
   */
  readonly onFailure?: 'continue' | 'stop' | 'revert' | undefined
}

/** What became of a bundle. */
export class BundleResult {
  /** What became of the transactions that were run. */
  readonly outcomes: readonly CallOutcome[]
  /** The gas that they used. */
  readonly gasUsed: bigint
  /** Whether all of them ran and succeeded. */
  readonly succeeded: boolean
  /** What the bundle changes in the state: nothing where it was taken back. */
  readonly stateDiff: StateDiff

  /** @internal */
  constructor(outcomes: readonly CallOutcome[], succeeded: boolean, stateDiff: StateDiff) {
    this.outcomes = outcomes
    this.gasUsed = outcomes.reduce(
      (sum, outcome) => sum + (outcome.status === 'invalid' ? 0n : outcome.gasUsed),
      0n,
    )
    this.succeeded = succeeded
    this.stateDiff = stateDiff
  }

  /** The result in JSON, quantities in hex. */
  toJSON(): object {
    return toRpcForm({ ...this }) as object
  }
}

/** Runs a packed block; gives the packed output, with its error where it has one. @internal */
export type RunPacked = (state: ReadableState, input: Uint8Array) => Promise<Uint8Array>

const reactions: ReadonlySet<unknown> = new Set([undefined, 'continue', 'stop', 'revert'])
/** More than any transaction may have. */
const anyGas = (1n << 63n) - 1n

/** Throws `OPTION_INVALID` for options that bundles do not have. */
export function checkBundleOptions(options: BundleOptions): void {
  checkOptions(options, { ...callMembers, onFailure: true })
  const { onFailure } = options
  demand(reactions.has(onFailure), 'onFailure', "'continue', 'stop' or 'revert'", onFailure)
}

/** Runs the transactions of a bundle one after another. */
export async function simulateBundle(
  session: CallSession,
  transactions: readonly BundleTransaction[],
  { onFailure = 'continue' }: Pick<BundleOptions, 'onFailure'>,
  run: RunPacked,
): Promise<BundleResult> {
  demand(Array.isArray(transactions), 'transactions', 'an array', transactions)
  const { state } = session
  // What is not a snapshot is a state, which can be made one.
  let current = state instanceof Snapshot ? state : (state as State).snapshot()
  let changes = new Changes()
  const outcomes: CallOutcome[] = []
  const inputs = transactions.map((transaction, i) => {
    const input = packTransaction(session, transaction, i)
    putSimulation(input, { gasBudget: anyGas, traceTransfers: false })
    return input
  })
  let hasFailed = false
  for (const input of inputs) {
    const packed = await run(current, input)
    const output = new PackedReader(packed)
    const outcome = outcomeIn(output, input, outcomes.length)
    outcomes.push(outcome)
    if (outcome.status !== 'invalid') {
      current = current.after(packed)
      changes.absorb(new StateDiff(output))
    }
    if (outcome.status === 'success') continue
    hasFailed = true
    if (onFailure === 'revert') changes = new Changes()
    if (onFailure !== 'continue') break
  }
  return new BundleResult(outcomes, !hasFailed, new StateDiff(new PackedReader(changes.pack())))
}

/** A transaction as a packed block of its own. @internal */
export function packTransaction(
  session: CallSession,
  transaction: BundleTransaction,
  index: number,
): Uint8Array {
  return transaction instanceof Uint8Array
    ? packSigned(session.context, transaction, index)
    : packRequest(session, transaction, `transactions[${index}].`)
}

function packRequest(session: CallSession, request: CallRequest, place: string): Uint8Array {
  checkRequest(request, place)
  const { gasLimit } = session.context
  const gasCap = session.gasCap < gasLimit ? session.gasCap : gasLimit
  return packCalls([{ request, place }], session.contextFor(request, place), { gasCap })
}

function packSigned(context: CallContext, encoded: Uint8Array, index: number): Uint8Array {
  const writer = new RlpWriter(encoded.length + 16)
  if (encoded.length > 0 && encoded[0] >= listBase) writer.raw(encoded)
  else writer.bytes(encoded)
  const input = withColumns((columns) => {
    try {
      readTransactions(new RlpReader(writer.peek()), columns)
    } catch (cause) {
      if (!isBraidError(cause)) throw cause
      throw errorFor(cause.code, { ...cause.details, txIndex: index }, { cause: cause.cause })
    }
    const isOne = columns.transactions.size === Transaction.SIZE
    if (!isOne) throw errorFor('DECODE_RLP_TRAILING', { txIndex: index })
    return assembleInput(columns, contextSize(0, context.blockHashes.length))
  })
  return completeInput(input, context)
}

function outcomeIn(output: PackedReader, input: Uint8Array, index: number): CallOutcome {
  const error = output.u32(BlockOutput.error)
  if (error === ErrorCode.OK) {
    const [run] = runsOf(output, 1)
    return outcomeOf(
      output,
      0,
      run,
      run.logs.map(({ index: _, ...log }) => log),
    )
  }
  const name = Object.entries(ErrorCode).find(([, number]) => number === error)?.[0] ?? ''
  const hasAddress = !output.isZero(BlockOutput.errorAddress, 20)
  const address: Hex = output.hex(BlockOutput.errorAddress, 20)
  const expected = output.u256(BlockOutput.errorExpected)
  if (!name.startsWith('TX_')) {
    const code = name === '' ? 'VM_INTERNAL_ERROR' : name
    const details = { txIndex: index, ...(hasAddress ? { address } : {}) }
    const isHash = name === 'STATE_MISSING_BLOCK_HASH'
    throw errorFor(code as Parameters<typeof errorFor>[0], {
      ...details,
      ...(isHash ? { field: `blockHashes[${expected}]`, expected } : {}),
    })
  }
  const actual = output.u256(BlockOutput.errorActual)
  const rule = name as RuleCode
  const reason = rejectionText({ rule, expected, actual, sender: address })
  const packed = new PackedReader(input)
  const gas = packed.u64(packed.sectionOffset(BlockInput.transactions) + Transaction.gasLimit)
  return new CallInvalid(rule, expected, actual, reason, `err: ${reason} (supplied gas ${gas})`)
}
