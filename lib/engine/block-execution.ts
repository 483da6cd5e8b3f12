/** How an engine executes one block: from its source to the result that is compared with its header. */

import type { Common } from '@ethereumjs/common'
import { type BlockSource, type DecodedBlock, decodeBlock, packBlock } from '../block/index.js'
import { Revision, type Ruleset, rulesetAt } from '../chain/index.js'
import type { Hex } from '../hex/index.js'
import type { NativeEngine } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import type { ScheduledBlock, Scheduler } from '../schedule/plan.js'
import type { WorkerPool } from '../schedule/policy.js'
import { checkState, type ReadableState } from '../state/readable-state.js'
import { missingOmmers } from '../validation/index.js'
import { BlockResult } from './block-result.js'
import { type Executed, executionError } from './execution-error.js'
import { type ExecutionLimits, executeOn, executeSyncOn } from './execution-state.js'
import { throwFirstDifference } from './header-check.js'
import {
  checkBlockFlags,
  type ExecuteBlockOptions,
  type ExecuteBlockSyncOptions,
} from './options.js'
import { executeTraced, type Tracing } from './traced-execution.js'
import { transactionForkOf, transactionRoots, transactionRootsSync } from './transaction-roots.js'

/** What all ways to execute a block are told beside the state. */
export type BlockOptions = Omit<ExecuteBlockSyncOptions, 'state'>

/** A block that is ready for the native engine. */
export interface PreparedBlock extends ScheduledBlock {
  readonly block: DecodedBlock
  readonly ruleset: Ruleset
  readonly decodeMilliseconds: number
}

/** Executes the blocks of one engine. */
export class BlockExecution {
  readonly #common: Common
  readonly #scheduler: Scheduler

  constructor(common: Common, scheduler: Scheduler) {
    this.#common = common
    this.#scheduler = scheduler
  }

  /** Decodes a block, packs it and has it planned. */
  prepare(source: BlockSource, options: BlockOptions): PreparedBlock {
    const start = performance.now()
    checkBlockFlags(options)
    const { trustSenders = false } = options
    return this.prepareDecoded(decodeBlock(source, { trustSenders }), options, start)
  }

  /**
   * Packs a block whose decoding began at `start`, and has it planned.
   *
   * @param pool what it may use. Default: all that there is
   */
  prepareDecoded(
    block: DecodedBlock,
    options: BlockOptions,
    start: number,
    pool?: WorkerPool,
  ): PreparedBlock {
    const { blockHashes, forgiveMissingSystemContracts = false, forgiveMissingOmmers } = options
    if (block.missingOmmers > 0 && forgiveMissingOmmers !== true) throw missingOmmers(block)
    const ruleset = rulesetAt(this.#common, block.number, block.timestamp)
    const input = packBlock(block, ruleset, { blockHashes, forgiveMissingSystemContracts })
    const scheduled = this.#scheduler.schedule(input, pool)
    return { ...scheduled, block, ruleset, decodeMilliseconds: performance.now() - start }
  }

  /**
   * Executes a block and checks it.
   *
   * @param trace where it is traced: the result holds the traces, and the policy learns nothing of it
   * @param on what it is run on: the same as the state. Default: the state itself
   */
  async execute(
    native: NativeEngine,
    prepared: PreparedBlock,
    options: ExecuteBlockOptions,
    { trace, on }: { readonly trace?: Tracing; readonly on?: ReadableState } = {},
  ): Promise<BlockResult> {
    const { state, signal, timeout } = options
    checkState(state)
    const rootAfter = state.rootsAfter()
    const packed = await this.run(native, prepared, on ?? state, { signal, timeout }, trace)
    const roots = await rootsOf(native, prepared, options)
    if (trace === undefined) this.#scheduler.learn(prepared, packed)
    const result = this.#finish(packed, prepared, options, roots)
    return withRoot(result, await rootAfter(result), options)
  }

  /** Like {@link execute}, on the JavaScript thread. */
  executeSync(
    native: NativeEngine,
    prepared: PreparedBlock,
    options: ExecuteBlockSyncOptions,
  ): BlockResult {
    const { state } = options
    checkState(state)
    const { givesRootsAtOnce } = state
    const rootAfter = state.rootsAfter()
    const packed = executeSyncOn(native, state, prepared.input)
    throwIfFailed(packed, { input: prepared.input, names: prepared.block.names })
    const roots = needsTransactionRoots(prepared, options)
      ? transactionRootsSync(native, prepared.input, state)
      : undefined
    this.#scheduler.learn(prepared, packed)
    const result = this.#finish(packed, prepared, options, roots)
    const root = givesRootsAtOnce ? rootAfter(result) : undefined
    return withRoot(result, typeof root === 'string' ? root : undefined, options)
  }

  /** Executes a packed block, or what is left of one; throws the error that its output reports. */
  async run(
    native: NativeEngine,
    { input, block }: Pick<PreparedBlock, 'input' | 'block'>,
    state: ReadableState,
    limits: ExecutionLimits,
    trace?: Tracing,
  ): Promise<Uint8Array> {
    const packed =
      trace === undefined
        ? await executeOn(native, state, input, limits)
        : await executeTraced(native, state, input, trace, limits)
    throwIfFailed(packed, { input, names: block.names })
    return packed
  }

  /** Makes the result of a block of a chain, whose output has no error; the policy learns of it. */
  async complete(
    native: NativeEngine,
    prepared: PreparedBlock,
    packed: Uint8Array,
    options: BlockOptions & { readonly state: ReadableState },
  ): Promise<BlockResult> {
    const roots = await rootsOf(native, prepared, options)
    this.#scheduler.learn(prepared, packed)
    return this.#result(packed, prepared, roots)
  }

  /** Makes the result of an output without an error, and checks it. */
  #finish(
    packed: Uint8Array,
    prepared: PreparedBlock,
    { verify = true }: BlockOptions,
    roots: Uint8Array[] | undefined,
  ): BlockResult {
    const result = this.#result(packed, prepared, roots)
    if (verify) throwFirstDifference(result)
    return result
  }

  #result(
    packed: Uint8Array,
    { block, ruleset, decodeMilliseconds }: PreparedBlock,
    roots: Uint8Array[] | undefined,
  ): BlockResult {
    const policy = this.#scheduler.policy.name
    return new BlockResult(packed, block, ruleset, decodeMilliseconds, policy, roots)
  }
}

/** Gives a result the root of the state after it, where that is known. */
function withRoot(
  result: BlockResult,
  root: Hex | undefined,
  { verify = true }: BlockOptions,
): BlockResult {
  if (root === undefined) return result
  result.setStateRoot(root)
  if (verify) throwFirstDifference(result)
  return result
}

/** Whether a block's receipts hold state roots that are to be computed. */
export function needsTransactionRoots(
  { ruleset }: PreparedBlock,
  options: Pick<BlockOptions, 'transactionRoots'>,
): boolean {
  return ruleset.revision < Revision.Byzantium && options.transactionRoots === true
}

/** The roots in the receipts of a block, where they are asked for. */
async function rootsOf(
  native: NativeEngine,
  prepared: PreparedBlock,
  options: BlockOptions & { readonly state: ReadableState },
): Promise<Uint8Array[] | undefined> {
  if (!needsTransactionRoots(prepared, options)) return undefined
  return transactionRoots(native, prepared.input, transactionForkOf(options.state))
}

/** Throws the error that an output reports. */
export function throwIfFailed(packed: Uint8Array, executed: Executed): void {
  const error = executionError(new PackedReader(packed), executed)
  if (error !== undefined) throw error
}
