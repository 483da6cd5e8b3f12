/** How blocks are traced. */

import { checkObject, checkOptions, demand, type MembersOf } from '../arguments.js'
import { errorFor } from '../errors.js'
import { checkState } from '../state/readable-state.js'
import {
  type DefaultConfig,
  type NativeTracer,
  nativeTracer,
  OwnTracer,
  type TracerConfigs,
  type TracerName,
  type TransactionTrace,
} from '../trace/index.js'
import { checkSignal, checkTimeout } from './cancellation.js'
import { blockMembers, checkBlockFlags, type ExecuteBlockOptions } from './options.js'

/** How one transaction of a block is traced. */
export interface TraceTransactionOptions<
  Name extends TracerName = TracerName,
  Config extends TracerConfigs[Name] = DefaultConfig<Name>,
> extends Omit<ExecuteBlockOptions, 'transactionRoots' | 'verify'> {
  /** Who says what of the transactions, by the names that geth has for its tracers; `structLogs` is its default one. */
  readonly tracer: Name
  /** What the tracer is asked for, by geth's names. Default: nothing beyond what it says anyway. */
  readonly config?: Config | undefined
  /**
   * The RLP of the block's access list (EIP-7928), bytes or hex: then no other transaction is executed. It is not
   * checked whether it is the block's. Logs are counted from those of the transaction on. Default: the
   * transactions before are executed.
   */
  readonly blockAccessList?: Uint8Array | string | undefined
}

/** How a block is traced. */
export interface TraceBlockOptions<
  Name extends TracerName = TracerName,
  Config extends TracerConfigs[Name] = DefaultConfig<Name>,
> extends Omit<TraceTransactionOptions<Name, Config>, 'blockAccessList'> {
  /**
   * Whether to compare the outcome with the header, and fail at the first difference before anything is
   * yielded. Default true.
   */
  readonly verify?: boolean | undefined
}

/** How a block is traced by a tracer of one's own. */
export interface OwnTraceBlockOptions<Answer> extends Omit<TraceBlockOptions, 'tracer' | 'config'> {
  /** What {@link ownTracer} made. */
  readonly tracer: OwnTracer<Answer>
}

/** How one transaction is traced by a tracer of one's own. */
export interface OwnTraceTransactionOptions<Answer>
  extends Omit<TraceTransactionOptions, 'tracer' | 'config'> {
  /** What {@link ownTracer} made. */
  readonly tracer: OwnTracer<Answer>
}

/** The traces of a block, one transaction after another. */
export type Traces<Answer> = AsyncGenerator<TransactionTrace<Answer>, void, undefined> &
  AsyncDisposable

const { transactionRoots: _, verify: __, ...executionMembers } = blockMembers

const tracerMembers = { ...executionMembers, tracer: true, config: true } as const

const transactionMembers: MembersOf<TraceTransactionOptions> = {
  ...tracerMembers,
  blockAccessList: true,
}

const members: MembersOf<TraceBlockOptions> = { ...tracerMembers, verify: true }

/** What all ways to trace are told. */
export type TraceOptions = Omit<
  TraceBlockOptions<TracerName, TracerConfigs[TracerName]>,
  'tracer'
> & {
  readonly tracer: TracerName | OwnTracer<unknown>
  readonly blockAccessList?: Uint8Array | string | undefined
}

/** Checks how a block is traced. Throws `OPTION_INVALID`, `CANCELLED` where the signal was aborted. */
export function checkTraceBlockOptions(options: TraceOptions): NativeTracer {
  checkOptions(options, members as MembersOf<TraceOptions>)
  return checked(options)
}

/** Checks how a transaction is traced, as {@link checkTraceBlockOptions} does. */
export function checkTraceTransactionOptions(options: TraceOptions): NativeTracer {
  checkObject(options, 'options')
  const { verify } = options
  demand(verify === undefined, 'verify', 'none: the block is not executed to its end', verify)
  checkOptions(options, transactionMembers as MembersOf<TraceOptions>)
  return checked(options)
}

function checked(options: TraceOptions): NativeTracer {
  const { tracer, config, signal, timeout } = options
  checkBlockFlags(options)
  checkSignal(signal)
  checkTimeout(timeout)
  checkState(options.state)
  return tracerOf(tracer, config)
}

/** The tracer that is meant: that of a name with its options, or what one of one's own asks. */
export function tracerOf(tracer: unknown, config: object | undefined): NativeTracer {
  if (!(tracer instanceof OwnTracer)) return nativeTracer(tracer, config)
  demand(config === undefined, 'config', 'none for a tracer of your own', config)
  return tracer.asked
}

/** Throws where only the built-in EVM could do what is asked for. */
export function checkTraceable(isBuiltIn: boolean): void {
  if (isBuiltIn) return
  throw errorFor('OPTION_UNSUPPORTED', {
    field: 'vm',
    expected: 'builtin: no other EVM tells what a tracer has to know',
  })
}
