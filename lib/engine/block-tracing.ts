/** Blocks and transactions as tracers show them. */

import { BlockAccessList, type BlockSource } from '../block/index.js'
import { errorFor } from '../errors.js'
import { onAbort } from '../on-abort.js'
import type { AccountOverride } from '../state/overrides.js'
import type { ReadableState } from '../state/readable-state.js'
import { State } from '../state/state.js'
import {
  blockOf,
  blockUpTo,
  type NativeTracer,
  OwnTracer,
  type TransactionRange,
  TransactionTrace,
  together,
  tracedInput,
  traceOwn,
  tracesIn,
} from '../trace/index.js'
import type { BlockOptions, PreparedBlock } from './block-execution.js'
import type { BlockResult } from './block-result.js'
import { checkSignal } from './cancellation.js'
import type { ExecutionLimits } from './execution-state.js'
import type { ExecuteBlockOptions } from './options.js'
import {
  checkTraceable,
  checkTraceBlockOptions,
  checkTraceTransactionOptions,
  type TraceOptions,
} from './trace-options.js'
import { executionOptions, placeOf, traceOf, tracesOf } from './traced-block.js'
import type { Tracing } from './traced-execution.js'

/** What an engine does for who traces. */
export interface TracingSteps {
  /** Whether the EVM is one that can be traced. */
  readonly isTraceable: boolean
  prepare(source: BlockSource, options: BlockOptions): PreparedBlock
  /** Executes a block and checks it; traced, the result holds the traces. `on`: what it is run on, else the state. */
  execute(
    prepared: PreparedBlock,
    options: ExecuteBlockOptions,
    special: { readonly trace?: Tracing; readonly on?: ReadableState },
  ): Promise<BlockResult>
  /** Executes what is left of a block in its input. */
  run(
    part: Pick<PreparedBlock, 'input' | 'block'>,
    state: ReadableState,
    limits: ExecutionLimits,
    trace: Tracing,
  ): Promise<Uint8Array>
}

/**
 * The gas of transactions whose instructions are there at a time. The less, the less memory is needed; but
 * what comes before a part is executed again, which is some dozen times as quick as tracing it.
 */
const gasOfPart = 4_000_000n

/** Traces for one engine. */
export class BlockTracing {
  readonly #steps: TracingSteps

  constructor(steps: TracingSteps) {
    this.#steps = steps
  }

  /** The transactions of a block, one after another. Throws at once where an option is wrong. */
  block(
    source: BlockSource,
    options: TraceOptions,
  ): AsyncGenerator<TransactionTrace, void, undefined> {
    const tracer = checkTraceBlockOptions(options)
    checkTraceable(this.#steps.isTraceable)
    const aborter = new AbortController()
    const generated = this.#generate(source, executionOptions(options, aborter.signal), tracer)
    const told = withOwn(generated, options.tracer)
    const traces = untilDone(told, aborter, options.signal)
    const finish = traces.return.bind(traces)
    // A generator ends at its next yield, which may be far away.
    traces.return = (value) => {
      aborter.abort()
      return finish(value)
    }
    return traces
  }

  /** One transaction of a block. */
  async transaction(
    source: BlockSource,
    at: number | string,
    options: TraceOptions,
  ): Promise<TransactionTrace> {
    const tracer = checkTraceTransactionOptions(options)
    checkTraceable(this.#steps.isTraceable)
    const { state, signal, timeout, blockAccessList } = options
    const list = blockAccessList === undefined ? undefined : new BlockAccessList(blockAccessList)
    const prepared = this.#prepare(source, executionOptions(options, signal), tracer)
    const start = placeOf(at, prepared)
    const range = { start, end: start + 1 }
    const limits = { signal, timeout }
    const trace = async (by: NativeTracer) => {
      if (list) return this.#alone(prepared, by, start, stateBefore(state, list, start), limits)
      const [only] = await this.#part(prepared, by, range, state, limits)
      return only
    }
    if (tracer.name !== 'muxTracer') return trace(tracer)
    const traces: TransactionTrace[] = []
    for (const part of tracer.parts) traces.push(await trace(part))
    const hash = prepared.block.transactions.hash(start)
    const all = new TransactionTrace(hash, start, together(tracer.parts, traces))
    return options.tracer instanceof OwnTracer ? ownOf(options.tracer, all) : all
  }

  async *#generate(
    source: BlockSource,
    options: ExecuteBlockOptions,
    tracer: NativeTracer,
  ): AsyncGenerator<TransactionTrace, void, undefined> {
    checkSignal(options.signal)
    const prepared = this.#prepare(source, options, tracer)
    // Of the first block other clients tell that it has done nothing.
    if (prepared.block.number > 0n) yield* this.#traces(prepared, options, tracer)
  }

  async *#traces(
    prepared: PreparedBlock,
    options: ExecuteBlockOptions,
    tracer: NativeTracer,
  ): AsyncGenerator<TransactionTrace, void, undefined> {
    if (tracer.name === 'muxTracer') {
      yield* this.#together(prepared, options, tracer.parts)
      return
    }
    if (tracer.isLarge) {
      yield* this.#inParts(prepared, options, tracer)
      return
    }
    const { signal } = options
    const trace = traceOf(prepared, tracer, 0)
    const { packed } = await this.#steps.execute(prepared, options, { trace })
    for (const traced of tracesOf(prepared, packed, tracer, 0)) {
      checkSignal(signal)
      yield traced
    }
  }

  /** Executes the block once for each of several tracers. */
  async *#together(
    prepared: PreparedBlock,
    options: ExecuteBlockOptions,
    parts: readonly NativeTracer[],
  ): AsyncGenerator<TransactionTrace, void, undefined> {
    const { hashes } = prepared.block.transactions
    // Where nobody is asked anything, the block is checked all the same.
    if (parts.length === 0 || hashes.length === 0) await this.#steps.execute(prepared, options, {})
    const all = parts.map((part) => this.#traces(prepared, options, part))
    for (const [i, hash] of hashes.entries()) {
      const traces: TransactionTrace[] = []
      for (const each of all) {
        const { value } = await each.next()
        if (value !== undefined) traces.push(value)
      }
      checkSignal(options.signal)
      yield new TransactionTrace(hash, i, together(parts, traces))
    }
  }

  /** Executes the block, then its beginnings, each traced from where the one before ended. */
  async *#inParts(
    prepared: PreparedBlock,
    options: ExecuteBlockOptions,
    tracer: NativeTracer,
  ): AsyncGenerator<TransactionTrace, void, undefined> {
    const { state, signal, timeout } = options
    // The consumer may move the state on while it looks at what was yielded.
    const taken = state instanceof State ? state.snapshot() : undefined
    const on = taken ?? state
    try {
      const clock = new Clock(timeout)
      const { receipts } = await clock.during(() => this.#steps.execute(prepared, options, { on }))
      for (const range of partsOf(receipts.map(({ gasUsed }) => gasUsed))) {
        const traces = await clock.during((left) =>
          this.#part(prepared, tracer, range, on, { signal, timeout: left }),
        )
        for (const trace of traces) {
          checkSignal(signal)
          yield trace
        }
      }
    } finally {
      await taken?.[Symbol.asyncDispose]()
    }
  }

  /** Executes a block up to the end of a range, and traces that. */
  async #part(
    prepared: PreparedBlock,
    tracer: NativeTracer,
    { start, end }: TransactionRange,
    state: ReadableState,
    limits: ExecutionLimits,
  ): Promise<TransactionTrace[]> {
    const { block, input } = prepared
    const part = { block, input: blockUpTo(input, end) }
    const output = await this.#steps.run(part, state, limits, traceOf(prepared, tracer, start))
    return [...tracesOf(prepared, output, tracer, start)]
  }

  /** Executes one transaction of a block on the state before it, and traces that. */
  async #alone(
    { block, input }: PreparedBlock,
    tracer: NativeTracer,
    index: number,
    state: ReadableState,
    limits: ExecutionLimits,
  ): Promise<TransactionTrace> {
    const hash = block.transactions.hash(index)
    const part = { block, input: blockOf(input, index) }
    const trace: Tracing = (packed) => tracedInput(packed, tracer, [block.hash, hash], 0)
    const [bytes] = tracesIn(await this.#steps.run(part, state, limits, trace))
    return new TransactionTrace(hash, index, bytes, { isLines: tracer.name === 'eip3155' })
  }

  #prepare(
    source: BlockSource,
    options: ExecuteBlockOptions,
    { name }: NativeTracer,
  ): PreparedBlock {
    const prepared = this.#steps.prepare(source, options)
    if (prepared.block.number === 0n && name !== 'parity') throw errorFor('TRACE_GENESIS')
    return prepared
  }
}

/** The state before a transaction of a block, by what the block has changed up to there. */
function stateBefore(state: ReadableState, list: BlockAccessList, index: number): ReadableState {
  const overrides: Record<string, AccountOverride> = {}
  for (const [address, { slots, ...account }] of list.before(index)) {
    overrides[address] = slots === undefined ? account : { ...account, stateDiff: slots }
  }
  return state.override(overrides)
}

/** What a tracer of one's own makes of what it has asked; the answers of others as they are. */
async function* withOwn(
  traces: AsyncGenerator<TransactionTrace, void, undefined>,
  tracer: unknown,
): AsyncGenerator<TransactionTrace, void, undefined> {
  if (!(tracer instanceof OwnTracer)) yield* traces
  else for await (const trace of traces) yield ownOf(tracer, trace)
}

function ownOf(
  tracer: OwnTracer<unknown>,
  { txHash, txIndex, value: answers }: TransactionTrace,
): TransactionTrace {
  const own = traceOwn(tracer, answers, { txHash, txIndex })
  return new TransactionTrace(txHash, txIndex, own.bytes, { made: own })
}

/** Ends the generator's work when the signal aborts, for as long as it is iterated. */
async function* untilDone<Yielded>(
  generator: AsyncGenerator<Yielded, void, undefined>,
  aborter: AbortController,
  signal: AbortSignal | undefined,
): AsyncGenerator<Yielded, void, undefined> {
  const forget = signal && onAbort(signal, () => aborter.abort(signal.reason))
  try {
    if (signal?.aborted) aborter.abort(signal.reason)
    yield* generator
  } finally {
    forget?.()
  }
}

/** Counts the time that executing takes, which may be done in pieces. */
class Clock {
  /** In milliseconds; undefined: there is no end of it. */
  #left: number | undefined

  constructor(timeout: number | undefined) {
    this.#left = timeout
  }

  /** Does something, which is told how much time is left: at least as much as a timer can count. */
  async during<Value>(act: (left: number | undefined) => Promise<Value>): Promise<Value> {
    const start = performance.now()
    const value = await act(this.#left)
    if (this.#left !== undefined) this.#left = Math.max(this.#left - performance.now() + start, 1)
    return value
  }
}

/** The transactions of a block in parts, by the gas that each has used. */
function* partsOf(gasUsed: readonly bigint[]): Generator<TransactionRange> {
  let start = 0
  let gas = 0n
  for (const [i, used] of gasUsed.entries()) {
    gas += used
    if (gas < gasOfPart && i + 1 < gasUsed.length) continue
    yield { start, end: i + 1 }
    start = i + 1
    gas = 0n
  }
}
