/** The engine: blocks in, results out. */

import type { Common } from '@ethereumjs/common'
import { checkUint64, demand } from '../arguments.js'
import {
  type BlockEnvironment,
  type BlockSource,
  checkEnvironment,
  decodeBlock,
  packTransactions,
  type TransactionSource,
} from '../block/index.js'
import { fieldNames } from '../block/transaction-names.js'
import {
  type AccessListResult,
  type BundleOptions,
  type BundleResult,
  type BundleTransaction,
  type CallOptions,
  type CallOutcome,
  type CallRequest,
  type CallSession,
  call,
  callMany,
  checkBundleOptions,
  checkCallOptions,
  checkEstimateOptions,
  createAccessList,
  type EstimateGasOptions,
  estimateGas,
  type GasEstimateOutcome,
  type RunPacked,
  type SimulatedBlock,
  type SimulateOptions,
  type Simulation,
  simulateBundle,
} from '../call/index.js'
import { checkCommon, mainnetCommon, rulesetAt, transactionRulesetOf } from '../chain/index.js'
import { errorFor } from '../errors.js'
import { NativeEngine } from '../native/load.js'
import { poolOf, resolvePolicy, Scheduler } from '../schedule/plan.js'
import type { ReadableState } from '../state/readable-state.js'
import type {
  CallColumns,
  DefaultConfig,
  NativeTracer,
  Trace,
  TracerAnswer,
  TracerConfigs,
  TracerName,
  TransactionTrace,
} from '../trace/index.js'
import { rulesOfChain } from '../validation/index.js'
import type { BlockComparison } from '../what-if/index.js'
import { BlockExecution, needsTransactionRoots, throwIfFailed } from './block-execution.js'
import type { BlockResult } from './block-result.js'
import { BlockTracing, type TracingSteps } from './block-tracing.js'
import { BlockWindow } from './block-window.js'
import { checkTraceBundleOptions, type TracedTransaction, traceBundle } from './bundle-tracing.js'
import { type CallColumnsOptions, callColumns } from './call-columns.js'
import { admit, demandBuiltIn, simulateBlocks, tracedOn, withSession } from './call-execution.js'
import {
  type AnyTraceCallOptions,
  checkTraceCallOptions,
  type OwnTraceCallOptions,
  type TraceCallOptions,
  traceCall,
} from './call-tracing.js'
import { checkSignal, checkTimeout } from './cancellation.js'
import { ChainLink } from './chain-link.js'
import {
  aheadOf,
  type BlockSequence,
  checkChainOptions,
  type ExecuteBlocksOptions,
} from './chain-options.js'
import { disposable } from './disposable.js'
import { ChainExecution } from './execute-chain.js'
import { ExecutionResult } from './execution-result.js'
import { executeOn } from './execution-state.js'
import {
  checkBlockOptions,
  checkBlockSyncOptions,
  checkEngineOptions,
  checkTransactionsOptions,
  type EngineOptions,
  type ExecuteBlockOptions,
  type ExecuteBlockSyncOptions,
  type ExecuteTransactionsOptions,
} from './options.js'
import { ParityTraces } from './parity-traces.js'
import { type CompareOptions, compareBlock } from './rule-comparison.js'
import { ThreadLoad } from './thread-load.js'
import type {
  OwnTraceBlockOptions,
  OwnTraceTransactionOptions,
  TraceBlockOptions,
  TraceOptions,
  Traces,
  TraceTransactionOptions,
} from './trace-options.js'
import { traceOf } from './traced-block.js'
import { executeTraced } from './traced-execution.js'
import { transactionsContext } from './transactions-context.js'

/**
 * Executes blocks on one EVM. Engines do not know of each other: there may be several, with several
 * chains and EVMs, in one process and in its worker threads.
 */
export class Engine {
  readonly #common: Common
  readonly #scheduler: Scheduler
  readonly #blocks: BlockExecution
  #native: NativeEngine | undefined
  /** Executions under way. */
  readonly #running = new Set<Promise<unknown>>()

  private constructor(common: Common, scheduler: Scheduler, native: NativeEngine) {
    demand(native instanceof NativeEngine, 'Engine', 'one made by Engine.create', native)
    this.#blocks = new BlockExecution(common, scheduler)
    this.#common = common
    this.#scheduler = scheduler
    this.#native = native
  }

  /**
   * Makes an engine.
   *
   * @throws VmError `VM_NOT_FOUND`, `VM_LOAD_FAILED`, `VM_ABI_MISMATCH` where the EVM cannot be had
   * @throws ChainError `CHAIN_CONFIG_INVALID` where `common` cannot tell its hardforks
   * @throws OptionsError where an option is wrong
   * @throws BraidError `NATIVE_LOAD_FAILED` where the addon is missing
   */
  static async create(options: EngineOptions = {}): Promise<Engine> {
    checkEngineOptions(options)
    const { common = mainnetCommon(), vm = 'builtin', threads = 0, policy = 'adaptive' } = options
    // The system would end the path at a NUL.
    const isName = typeof vm === 'string' && vm !== '' && !vm.includes('\0')
    demand(isName, 'vm', 'a name or a path', vm)
    checkCommon(common)
    const pool = poolOf(threads)
    const scheduler = new Scheduler(resolvePolicy(policy), pool)
    const { decodedCodeBytes } = options
    const isSize = Number.isSafeInteger(decodedCodeBytes) && Number(decodedCodeBytes) >= 0
    const sizes = 'a number of bytes, 0 or more'
    demand(decodedCodeBytes === undefined || isSize, 'decodedCodeBytes', sizes, decodedCodeBytes)
    const isBuiltIn = vm === 'builtin'
    const native = new NativeEngine({ vm: isBuiltIn ? '' : vm, threads, decodedCodeBytes })
    return new Engine(common, scheduler, native)
  }

  /** @internal The chain whose rules hold. */
  get common(): Common {
    return this.#common
  }

  /** The EVM's name and version, as it tells them. */
  get vm(): { readonly name: string; readonly version: string } {
    const native = this.#open()
    return { name: native.vmName, version: native.vmVersion }
  }

  /**
   * Executes a block: RLP bytes, a JSON-RPC block with full transactions, or an `@ethereumjs/block`
   * Block. The native work is done off the JavaScript thread; the state is left as it is.
   *
   * @throws OptionsError where an option is wrong
   * @throws BlockDecodeError `DECODE_…` where the source is malformed
   * @throws InvalidTransactionError `TX_…` with `txIndex`, where a transaction may not be in the block
   * @throws InvalidBlockError `BLOCK_…`, `BLOCK_FIELD_MISMATCH` with `field`, `expected` and `actual`
   *   where the header differs from the outcome
   * @throws StateError `STATE_…` where the state lacks something
   * @throws VmError `VM_…` where the EVM failed on its own account
   * @throws BraidError `POLICY_FAILED` where the scheduling policy threw
   * @throws BraidError `CANCELLED` where `signal` was aborted, `TIMEOUT` where `timeout` was over
   */
  executeBlock(source: BlockSource, options: ExecuteBlockOptions): Promise<BlockResult> {
    // What the caller gets is kept in mind: they hear of its end before who waits for all of them.
    return this.#track(this.#executeBlock(source, options))
  }

  async #executeBlock(source: BlockSource, options: ExecuteBlockOptions): Promise<BlockResult> {
    const native = this.#open()
    checkBlockOptions(options)
    checkSignal(options.signal)
    checkTimeout(options.timeout)
    return this.#blocks.execute(native, this.#blocks.prepare(source, options), options)
  }

  /**
   * Like {@link executeBlock}, on the JavaScript thread. It takes no `signal` and no `timeout`
   * (`OPTION_INVALID`): no code could abort it while it runs.
   */
  executeBlockSync(source: BlockSource, options: ExecuteBlockSyncOptions): BlockResult {
    const native = this.#open()
    checkBlockSyncOptions(options)
    return this.#blocks.executeSync(native, this.#blocks.prepare(source, options), options)
  }

  /**
   * Executes blocks one after another on a state that moves on, and yields their results. Each block
   * is checked against its header, where the state keeps a root against that too, and against
   * the block before it. Hashes of ancestors are carried along.
   *
   * While a block executes, the one before it is finished and those after it are prepared: at most one
   * block is executed to its end ahead of what was yielded, and `ahead` more are read from `blocks`. When
   * a result is yielded, `state` is that after its block, to the last detail.
   *
   * Where the iteration ends early, by an error (which says `details.blockNumber`), `signal`, or
   * because the consumer breaks off, they stay as they are after the last block that was yielded; what
   * was executed ahead is dropped. What a source throws is passed on as it is.
   *
   * @throws OptionsError at once where an option is wrong; iterating rejects with what
   *   {@link executeBlock} does, with `BLOCK_PARENT_MISMATCH` or `BLOCK_NUMBER_INVALID` where blocks do
   *   not follow one another, with what `validateBlock` throws where `validate` is set
   */
  executeBlocks(
    blocks: BlockSequence,
    options: ExecuteBlocksOptions,
  ): AsyncGenerator<BlockResult, void, undefined> & AsyncDisposable {
    this.#open()
    checkChainOptions(blocks, options)
    return disposable(this.#chain(blocks, options))
  }

  /** Executes the blocks of a chain; where there is a tracer their results hold what it tells. */
  #chain(
    blocks: BlockSequence,
    options: ExecuteBlocksOptions,
    tracer?: NativeTracer,
  ): AsyncGenerator<BlockResult, void, undefined> {
    const native = this.#open()
    const { state, trustSenders = false, validate = false, proofOfWork = false } = options
    const { parent, ancestors, blockHashes, timeout } = options
    const rules = validate ? rulesOfChain(this.#common, proofOfWork) : undefined
    const link = new ChainLink({ parent, ancestors, blockHashes }, rules)
    const load = new ThreadLoad()
    const window = new BlockWindow(native, this.#scheduler.pool, state, aheadOf(options))
    const execution = new ChainExecution(blocks, options, link, {
      decode: (source) => decodeBlock(source, { trustSenders }),
      prepare: (block, hashes) => {
        const pool = load.poolBeside(this.#scheduler.pool)
        const packing = { ...options, blockHashes: hashes }
        const prepared = this.#blocks.prepareDecoded(block, packing, performance.now(), pool)
        // What runs ahead of its block is not recorded.
        const upcoming = tracer === undefined ? window.add(prepared.input) : undefined
        return { ...prepared, upcoming, needsStateBefore: needsTransactionRoots(prepared, options) }
      },
      execute: (prepared, signal) => {
        const limits = { signal, timeout }
        const { input, upcoming } = prepared
        return this.#track(
          tracer === undefined
            ? executeOn(native, state, input, limits, upcoming?.execute)
            : executeTraced(native, state, input, traceOf(prepared, tracer, 0), limits),
        )
      },
      check: ({ input, block: { names } }, packed) => throwIfFailed(packed, { input, names }),
      complete: (prepared, packed) => this.#blocks.complete(native, prepared, packed, options),
      end: () => window.close(),
    })
    return execution.results()
  }

  /**
   * Executes transactions one after another in a block environment without a block: no rewards, no
   * system calls, no header. Unsigned transactions name their sender, signed ones are given encoded.
   * A simulation: the scheduling policy learns nothing from it. See {@link simulateBundle} for outcomes
   * of transactions that may be impossible.
   *
   * @throws OptionsError where an option or the environment is wrong
   * @throws BlockDecodeError `DECODE_…` where a transaction is malformed
   * @throws InvalidTransactionError `TX_…` with `txIndex`, where a transaction could not be in a block
   * @throws StateError, VmError, and `POLICY_FAILED`, `CANCELLED` or `TIMEOUT` as {@link executeBlock}
   */
  async executeTransactions(
    environment: BlockEnvironment,
    transactions: readonly TransactionSource[],
    options: ExecuteTransactionsOptions,
  ): Promise<ExecutionResult> {
    const native = this.#open()
    checkEnvironment(environment)
    checkTransactionsOptions(options)
    const { hardfork, signal, timeout } = options
    checkSignal(signal)
    checkTimeout(timeout)
    demand(Array.isArray(transactions), 'transactions', 'an array', transactions)
    const { number, timestamp } = environment
    checkUint64(number, 'number')
    checkUint64(timestamp, 'timestamp')
    const ruleset =
      hardfork === undefined
        ? rulesetAt(this.#common, number, timestamp)
        : transactionRulesetOf(this.#common, hardfork)
    const packing = packTransactions(environment, ruleset, transactions)
    const { input } = this.#scheduler.schedule(packing)
    const limits = { signal, timeout }
    const packed = await this.#track(executeOn(native, options.state, input, limits))
    throwIfFailed(packed, { input, names: fieldNames })
    return new ExecutionResult(
      packed,
      transactionsContext(environment, ruleset, transactions, input),
      this.#scheduler.policy.name,
    )
  }

  /** Traces a block by a tracer of one's own, which {@link ownTracer} made: as for those that are here. */
  traceBlock<Answer>(source: BlockSource, options: OwnTraceBlockOptions<Answer>): Traces<Answer>
  /**
   * Executes a block as {@link executeBlock} does, and yields what a tracer says of its transactions,
   * one after another, in geth's form: what is recorded is what the runs did that count, so it is the
   * same whatever the policy and the number of threads.
   *
   * The block is executed and checked before anything is yielded, and all of it is there by then. Of
   * `structLogs` and `eip3155`, which are large, only a part of the block is at a time: the block is executed whole
   * first, and its beginning again for each part, on a snapshot of the state.
   *
   * @throws OptionsError at once where an option is wrong; iterating rejects with what
   *   {@link executeBlock} does, with `TRACE_GENESIS` for a block without a parent, `OPTION_UNSUPPORTED`
   *   where the engine's EVM is another than the built-in one, `OUT_OF_MEMORY` where what a transaction
   *   leaves is larger than is kept
   */
  traceBlock<
    Name extends TracerName,
    const Config extends TracerConfigs[Name] = DefaultConfig<Name>,
  >(
    source: BlockSource,
    options: TraceBlockOptions<Name, Config>,
  ): Traces<TracerAnswer<Name, Config>>
  traceBlock(source: BlockSource, options: TraceOptions): Traces<unknown> {
    return disposable(this.#tracing().block(source, options))
  }

  /** What a tracer of one's own makes of one transaction of a block. */
  async traceTransaction<Answer>(
    source: BlockSource,
    transaction: number | string,
    options: OwnTraceTransactionOptions<Answer>,
  ): Promise<TransactionTrace<Answer>>
  /**
   * What a tracer says of one transaction of a block, by its place or its hash. Only the transactions up
   * to it are executed, so the block is not compared with its header.
   *
   * @throws BraidError `TRACE_TRANSACTION_MISSING` where the block has no such transaction; what
   *   {@link traceBlock} does
   */
  async traceTransaction<
    Name extends TracerName,
    const Config extends TracerConfigs[Name] = DefaultConfig<Name>,
  >(
    source: BlockSource,
    transaction: number | string,
    options: TraceTransactionOptions<Name, Config>,
  ): Promise<TransactionTrace<TracerAnswer<Name, Config>>>
  async traceTransaction(
    source: BlockSource,
    transaction: number | string,
    options: TraceOptions,
  ): Promise<TransactionTrace> {
    return this.#tracing().transaction(source, transaction, options)
  }

  /** What `trace_block`, `trace_transaction`, `trace_get` and `trace_filter` answer. */
  get parity(): ParityTraces {
    return new ParityTraces(() => ({
      ...this.#tracingSteps(),
      chain: (blocks, options, tracer) => this.#chain(blocks, options, tracer),
      rulesOf: ({ number, timestamp }) => rulesetAt(this.#common, number, timestamp),
    }))
  }

  /**
   * Executes a block under two sets of rules, and says of each transaction what is different: whether it
   * fails now, what gas it uses, in which call it goes another way, with how much gas it would succeed.
   *
   * Each transaction is executed under both on the state that the block's own rules leave before it: so
   * what is different is due to the rules, and not to what they do to the transactions before. Header
   * values, base fees, system calls and bounds on blobs are the block's own under both.
   *
   * @throws OptionsError where an option is wrong, a hardfork or a gas cost is unknown; what
   *   {@link executeBlock} does; `OPTION_UNSUPPORTED` where the engine's EVM is another than the built-in one
   */
  async compare(source: BlockSource, options: CompareOptions): Promise<BlockComparison> {
    return compareBlock(this.#tracingSteps(), this.#common, source, options)
  }

  /**
   * Executes a block as {@link executeBlock} does, and gives the call frames of all its transactions as
   * columns: typed arrays for analytics, without a text or an object per frame.
   *
   * @throws what {@link traceBlock} does
   */
  async callColumns(source: BlockSource, options: CallColumnsOptions): Promise<CallColumns> {
    return callColumns(this.#tracingSteps(), source, options)
  }

  /** What a tracer of one's own makes of a call. */
  async traceCall<Answer>(
    request: CallRequest,
    options: OwnTraceCallOptions<Answer>,
  ): Promise<Trace<Answer>>
  /**
   * Runs a call as {@link call} does, and gives what a tracer says of it, as `debug_traceCall` does.
   *
   * @throws InvalidTransactionError `TX_…` where the call is impossible; what {@link call} and
   *   {@link traceTransaction} throw
   */
  async traceCall<
    Name extends TracerName,
    const Config extends TracerConfigs[Name] = DefaultConfig<Name>,
  >(
    request: CallRequest,
    options: TraceCallOptions<Name, Config>,
  ): Promise<Trace<TracerAnswer<Name, Config>>>
  async traceCall(request: CallRequest, options: AnyTraceCallOptions): Promise<Trace> {
    const native = this.#open()
    const callOptions = checkTraceCallOptions(options)
    demandBuiltIn(native)
    const work = (session: CallSession, run: RunPacked) => traceCall(session, request, options, run)
    return this.#track(withSession(native, this.#common, callOptions, work, tracedOn))
  }

  /** What a tracer of one's own makes of transactions that run one after another. */
  async traceBundle<Answer>(
    transactions: readonly BundleTransaction[],
    options: OwnTraceCallOptions<Answer>,
  ): Promise<Trace<Answer>[]>
  /**
   * Runs transactions one after another, each on what those before it left, and gives what a tracer says
   * of each of them: what `trace_callMany` answers with the tracer `parity`. They are requests, or
   * encodings of signed ones (`trace_rawTransaction`), which obey all rules; `[transaction, config]` asks
   * something else of one of them.
   *
   * @throws InvalidTransactionError `TX_…` with `txIndex`, where one is impossible; `DECODE_…` for
   *   encodings that are malformed; what {@link traceCall} throws
   */
  async traceBundle<
    Name extends TracerName,
    const Config extends TracerConfigs[Name] = DefaultConfig<Name>,
  >(
    transactions: readonly TracedTransaction<Config>[],
    options: TraceCallOptions<Name, Config>,
  ): Promise<Trace<TracerAnswer<Name, Config>>[]>
  async traceBundle(
    transactions: readonly TracedTransaction[],
    options: AnyTraceCallOptions,
  ): Promise<Trace[]> {
    const native = this.#open()
    const callOptions = checkTraceBundleOptions(options)
    demandBuiltIn(native)
    const work = (session: CallSession, run: RunPacked) =>
      traceBundle(session, transactions, options, run)
    return this.#track(withSession(native, this.#common, callOptions, work, tracedOn))
  }

  /**
   * Runs a call, a transaction that nobody signs, on the state as it is, by the rules of `eth_call`: who
   * calls may be a contract, and pays only what the request names. Whatever becomes of it is in the outcome.
   *
   * @throws OptionsError where the request or an option is wrong; StateError, VmError, `CANCELLED`,
   *   `TIMEOUT` as {@link executeBlock}
   */
  async call(request: CallRequest, options: CallOptions): Promise<CallOutcome> {
    checkCallOptions(options)
    return this.#calling(options, (session) => call(session, request))
  }

  /**
   * Runs calls as {@link call} does, each on the state as it is, on all threads. Their outcomes come in
   * the order of the requests.
   */
  async callMany(
    requests: readonly CallRequest[],
    options: CallOptions,
  ): Promise<readonly CallOutcome[]> {
    checkCallOptions(options)
    return this.#calling(options, (session) => callMany(session, requests))
  }

  /** Finds out how much gas a call needs, as `eth_estimateGas` of geth does. Throws as {@link call}. */
  async estimateGas(
    request: CallRequest,
    options: EstimateGasOptions,
  ): Promise<GasEstimateOutcome> {
    checkEstimateOptions(options)
    return this.#calling(options, (session) => estimateGas(session, request, options))
  }

  /** Finds out what a call looks up, as `eth_createAccessList` of geth does. Throws as {@link call}. */
  async createAccessList(request: CallRequest, options: CallOptions): Promise<AccessListResult> {
    demandBuiltIn(this.#open())
    checkCallOptions(options)
    return this.#calling(options, (session) => createAccessList(session, request))
  }

  /**
   * Runs transactions one after another, each on what those before it left, as a searcher wants to see
   * them in a block. Throws as {@link call}, and `DECODE_…` for encodings that are malformed.
   */
  async simulateBundle(
    transactions: readonly BundleTransaction[],
    options: BundleOptions,
  ): Promise<BundleResult> {
    demandBuiltIn(this.#open())
    checkBundleOptions(options)
    return this.#calling(options, (session, run) =>
      simulateBundle(session, transactions, options, run),
    )
  }

  /**
   * Simulates blocks that follow one another, as `eth_simulateV1` of geth does.
   *
   * @throws BraidError `SIMULATION_…` with the code of geth in `details.rpcCode`, where the blocks or a
   *   call in them are impossible; OptionsError, StateError, VmError, `CANCELLED`, `TIMEOUT`
   */
  async simulate(simulation: Simulation, options: SimulateOptions): Promise<SimulatedBlock[]> {
    return this.#track(simulateBlocks(this.#open(), this.#common, simulation, options))
  }

  /**
   * Executes a packed input and gives the packed output, which reports no error.
   * @internal
   */
  async executePacked(packed: Uint8Array, state: ReadableState): Promise<Uint8Array> {
    const native = this.#open()
    const scheduled = this.#scheduler.schedule(packed)
    const output = await this.#track(executeOn(native, state, scheduled.input))
    throwIfFailed(output, { input: scheduled.input, names: fieldNames })
    this.#scheduler.learn(scheduled, output)
    return output
  }

  /**
   * Looks at packed transactions as a pool does before it takes them in; gives a packed AdmissionsOutput.
   * @internal
   */
  async admit(state: ReadableState, packed: Uint8Array): Promise<Uint8Array> {
    return this.#track(admit(this.#open(), state, packed))
  }

  /** Lets the EVM go. Executions under way end as usual; new ones fail with `ENGINE_CLOSED`. */
  close(): void {
    this.#native = undefined
  }

  /**
   * What `await using` calls at the end of a scope: {@link close}, and the end of every execution under
   * way, however it ends.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    await Promise.allSettled(this.#running)
  }

  /** Keeps an execution in mind until it has ended. */
  #track<Value>(execution: Promise<Value>): Promise<Value> {
    this.#running.add(execution)
    const forget = () => this.#running.delete(execution)
    execution.then(forget, forget)
    return execution
  }

  /** How blocks are traced. */
  #tracing(): BlockTracing {
    return new BlockTracing(this.#tracingSteps())
  }

  #tracingSteps(): TracingSteps {
    const native = this.#open()
    const blocks = this.#blocks
    return {
      isTraceable: native.isBuiltIn,
      prepare: (source, options) => blocks.prepare(source, options),
      execute: (prepared, options, special) =>
        this.#track(blocks.execute(native, prepared, options, special)),
      run: (part, state, limits, trace) =>
        this.#track(blocks.run(native, part, state, limits, trace)),
    }
  }

  #calling<Value>(
    options: CallOptions,
    work: (session: CallSession, run: RunPacked) => Promise<Value>,
  ): Promise<Value> {
    return this.#track(withSession(this.#open(), this.#common, options, work))
  }

  #open(): NativeEngine {
    if (this.#native === undefined) throw errorFor('ENGINE_CLOSED')
    return this.#native
  }
}
