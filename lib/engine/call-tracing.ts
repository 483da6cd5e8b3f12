/** Calls as tracers show them. */

import { checkOptions, type MembersOf } from '../arguments.js'
import { fieldNames } from '../block/transaction-names.js'
import {
  type CallOptions,
  type CallRequest,
  type CallSession,
  callMembers,
  type RunPacked,
} from '../call/index.js'
import type { ReadableState } from '../state/readable-state.js'
import {
  type DefaultConfig,
  type NativeTracer,
  OwnTracer,
  Trace,
  type TracerConfigs,
  type TracerName,
  together,
  tracedInput,
  traceOwn,
  tracesIn,
} from '../trace/index.js'
import { throwIfFailed } from './block-execution.js'
import { type TraceTransactionOptions, tracerOf } from './trace-options.js'

/** How a call is traced. */
export interface TraceCallOptions<
  Name extends TracerName = TracerName,
  Config extends TracerConfigs[Name] = DefaultConfig<Name>,
> extends CallOptions,
    Pick<TraceTransactionOptions<Name, Config>, 'tracer' | 'config'> {}

/** How a call is traced by a tracer of one's own. */
export interface OwnTraceCallOptions<Answer> extends CallOptions {
  /** What {@link ownTracer} made. */
  readonly tracer: OwnTracer<Answer>
}

const members: MembersOf<TraceCallOptions> = { ...callMembers, tracer: true, config: true }

/** How a call is traced, by whichever tracer. */
export type AnyTraceCallOptions = Omit<
  TraceCallOptions<TracerName, TracerConfigs[TracerName]>,
  'tracer'
> & { readonly tracer: TracerName | OwnTracer<unknown> }

/** Checks how a call is traced, and tells the options of the call. Throws `OPTION_INVALID`. */
export function checkTraceCallOptions(options: AnyTraceCallOptions): CallOptions {
  checkOptions(options, members as MembersOf<AnyTraceCallOptions>)
  const { tracer, config, ...callOptions } = options
  tracerOf(tracer, config)
  return callOptions
}

/** Runs a call and traces it, once for each tracer that is asked. */
export async function traceCall(
  session: CallSession,
  request: CallRequest,
  options: Pick<AnyTraceCallOptions, 'tracer' | 'config'>,
  run: RunPacked,
): Promise<Trace> {
  const packed = session.pack(request)
  const { trace } = await tracePacked(packed, session.state, options, 0, run)
  return trace
}

/** What was told of a transaction, and what it changes. */
export interface TracedRun {
  readonly trace: Trace
  /** The packed output; of several tracers that of one, undefined where none was asked. */
  readonly output: Uint8Array | undefined
}

/**
 * Runs a packed block of one transaction on a state, once for each tracer that is asked.
 *
 * @param index the transaction's place among others, for errors and tracers of one's own
 */
export async function tracePacked(
  packed: Uint8Array,
  state: ReadableState,
  options: Pick<AnyTraceCallOptions, 'tracer' | 'config'>,
  index: number,
  run: RunPacked,
): Promise<TracedRun> {
  const tracer = tracerOf(options.tracer, options.config)
  let output: Uint8Array | undefined
  const traceBy = async (by: NativeTracer): Promise<Trace> => {
    const input = tracedInput(packed, by, [], 0)
    output = await run(state, input)
    throwIfFailed(output, { input, names: fieldNames })
    return new Trace(tracesIn(output)[0], { isLines: by.name === 'eip3155' })
  }
  if (tracer.name !== 'muxTracer') return { trace: await traceBy(tracer), output }
  const traces: Trace[] = []
  for (const part of tracer.parts) traces.push(await traceBy(part))
  const all = new Trace(together(tracer.parts, traces))
  if (!(options.tracer instanceof OwnTracer)) return { trace: all, output }
  const own = traceOwn(options.tracer, all.value, { txHash: undefined, txIndex: index })
  return { trace: new Trace(own.bytes, { made: own }), output }
}
