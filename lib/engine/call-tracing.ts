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
import {
  type DefaultConfig,
  type NativeTracer,
  nativeTracer,
  Trace,
  type TracerConfigs,
  type TracerName,
  together,
  tracedInput,
  tracesIn,
} from '../trace/index.js'
import { throwIfFailed } from './block-execution.js'
import type { TraceTransactionOptions } from './trace-options.js'

/** How a call is traced. */
export interface TraceCallOptions<
  Name extends TracerName = TracerName,
  Config extends TracerConfigs[Name] = DefaultConfig<Name>,
> extends CallOptions,
    Pick<TraceTransactionOptions<Name, Config>, 'tracer' | 'config'> {}

const members: MembersOf<TraceCallOptions> = { ...callMembers, tracer: true, config: true }

/** The options of a call, as {@link checkTraceCallOptions} has checked them. */
export interface CheckedTraceCall {
  readonly options: CallOptions
  readonly tracer: NativeTracer
}

/** Checks how a call is traced. Throws `OPTION_INVALID`. */
export function checkTraceCallOptions(
  options: TraceCallOptions<TracerName, TracerConfigs[TracerName]>,
): CheckedTraceCall {
  checkOptions(options, members)
  const { tracer, config, ...callOptions } = options
  return { options: callOptions, tracer: nativeTracer(tracer, config) }
}

/** Runs a call and traces it, once for each tracer that is asked. */
export async function traceCall(
  session: CallSession,
  request: CallRequest,
  tracer: NativeTracer,
  run: RunPacked,
): Promise<Trace> {
  const packed = session.pack(request)
  const traceBy = async (by: NativeTracer): Promise<Trace> => {
    const input = tracedInput(packed, by, [], 0)
    const output = await run(session.state, input)
    throwIfFailed(output, { input, names: fieldNames })
    return new Trace(tracesIn(output)[0])
  }
  if (tracer.name !== 'muxTracer') return traceBy(tracer)
  const traces: Trace[] = []
  for (const part of tracer.parts) traces.push(await traceBy(part))
  return new Trace(together(tracer.parts, traces))
}
