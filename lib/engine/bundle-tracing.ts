/** Transactions one after another, as tracers show them. */

import { checkOptions, demand, type MembersOf } from '../arguments.js'
import {
  type BundleTransaction,
  type CallOptions,
  type CallSession,
  callMembers,
  packTransaction,
  type RunPacked,
} from '../call/index.js'
import { errorFor, isBraidError } from '../errors.js'
import { Snapshot } from '../state/snapshot.js'
import type { State } from '../state/state.js'
import type { Trace, TracerConfigs, TracerName } from '../trace/index.js'
import { type AnyTraceCallOptions, type TracedRun, tracePacked } from './call-tracing.js'
import { tracerOf } from './trace-options.js'

/**
 * A transaction that is traced after others, alone or with what the tracer is asked for of it, as
 * `trace_callMany` pairs them.
 */
export type TracedTransaction<Config = object> =
  | BundleTransaction
  | readonly [transaction: BundleTransaction, config: Config]

const members: MembersOf<AnyTraceCallOptions> = { ...callMembers, tracer: true, config: true }

/** Checks how transactions are traced, and tells the options of calls. Throws `OPTION_INVALID`. */
export function checkTraceBundleOptions(options: AnyTraceCallOptions): CallOptions {
  checkOptions(options, members)
  const { tracer, config, ...callOptions } = options
  tracerOf(tracer, config)
  return callOptions
}

/** Runs transactions one after another and traces each. */
export async function traceBundle(
  session: CallSession,
  transactions: readonly TracedTransaction[],
  { tracer, config }: Pick<AnyTraceCallOptions, 'tracer' | 'config'>,
  run: RunPacked,
): Promise<Trace[]> {
  demand(Array.isArray(transactions), 'transactions', 'an array', transactions)
  const { state } = session
  const runs = transactions.map((traced, i) => {
    const [transaction, own = config] = Array.isArray(traced) ? traced : [traced]
    const settings = { tracer, config: own as TracerConfigs[TracerName] | undefined }
    tracerOf(tracer, own)
    return { packed: packTransaction(session, transaction, i), settings }
  })
  // What is not a snapshot is a state, which can be made one.
  let current = state instanceof Snapshot ? state : (state as State).snapshot()
  const traces: Trace[] = []
  for (const [i, { packed, settings }] of runs.entries()) {
    const { trace, output } = await placed(i, tracePacked(packed, current, settings, i, run))
    traces.push(trace)
    if (i + 1 < runs.length && output !== undefined) current = current.after(output)
  }
  return traces
}

/** Names the transaction in what is thrown, which knows it as the first of its own block. */
async function placed(index: number, traced: Promise<TracedRun>): Promise<TracedRun> {
  try {
    return await traced
  } catch (error) {
    if (!isBraidError(error) || error.details.txIndex === undefined) throw error
    throw errorFor(error.code, { ...error.details, txIndex: index }, { cause: error })
  }
}
