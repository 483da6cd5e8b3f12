/** What the tracer `parity` can be asked for. */

import { checkMembers, demand } from '../arguments.js'
import { TraceFlag, Tracer } from '../native/wire.js'
import type { NativeTracer } from './native-tracer.js'

/**
 * A client whose answers to `trace_*` are given. They differ in what they say of failures:
 *
 * - `openethereum`: its own words (`Reverted`, `Out of gas`, `Bad instruction`, …), and no `result`;
 * - `besu`: as OpenEthereum, with what was said with REVERT in `revertReason`, and a few words of its
 *   own (`Illegal state change`, `Precompile error`);
 * - `erigon`: `Reverted`, else geth's words; `result` is null, but after REVERT `{ gasUsed, output }`. Its
 *   `vmTrace` tells instructions that cannot be executed, too, and the STOP behind the end of code;
 *   reward items have no transaction.
 */
export type ParityClient = 'openethereum' | 'besu' | 'erigon'

/** In whose form `trace_*` is answered. */
export interface ParityForm {
  /** Whose form the answers have. Default `openethereum`. */
  readonly client?: ParityClient | undefined
  /** Whether creations say by which instruction. Default true; clients of old did not. */
  readonly creationMethod?: boolean | undefined
}

/** What `parity` can be asked for: the trace types of `trace_replayBlockTransactions`, and in whose form. */
export interface ParityTracerConfig extends ParityForm {
  /** The calls, one after another. Default: true where neither of the other two is asked for. */
  readonly trace?: boolean | undefined
  /** What the transaction has changed. Default false. */
  readonly stateDiff?: boolean | undefined
  /** Every instruction, with what it left. Default false. */
  readonly vmTrace?: boolean | undefined
}

const formFlags: Readonly<Record<ParityClient, number>> = {
  openethereum: TraceFlag.ParityForm,
  besu: TraceFlag.BesuForm,
  erigon: TraceFlag.ErigonForm,
}

/** The clients whose form answers can have. */
export const parityClients = Object.keys(formFlags) as readonly ParityClient[]

/** The flags for the form of answers. Throws `OPTION_INVALID`. */
export function parityFormFlags(
  { client = 'openethereum', creationMethod = true }: ParityForm,
  prefix: string,
): number {
  demand(parityClients.includes(client), `${prefix}client`, parityClients.join(', '), client)
  const isFlag = typeof creationMethod === 'boolean'
  demand(isFlag, `${prefix}creationMethod`, 'true or false', creationMethod)
  return formFlags[client] | (creationMethod ? 0 : TraceFlag.HideCreationMethod)
}

/** The flags of a configuration; `prefix` stands before its members in errors. Throws `OPTION_INVALID`. */
export function parityFlags(config: ParityTracerConfig, prefix: string): number {
  checkMembers(
    config,
    { trace: true, stateDiff: true, vmTrace: true, client: true, creationMethod: true },
    { prefix },
  )
  for (const name of ['trace', 'stateDiff', 'vmTrace'] as const) {
    const value = config[name]
    const isFlag = value === undefined || typeof value === 'boolean'
    demand(isFlag, `${prefix}${name}`, 'true or false', value)
  }
  const { stateDiff = false, vmTrace = false } = config
  const { trace = !stateDiff && !vmTrace } = config
  return (
    parityFormFlags(config, prefix) |
    (trace ? TraceFlag.ParityTrace : 0) |
    (stateDiff ? TraceFlag.ParityStateDiff : 0) |
    (vmTrace ? TraceFlag.ParityVmTrace : 0)
  )
}

/** Who tells the calls of transactions with their place in the chain. Throws `OPTION_INVALID`. */
export function parityCalls(form: ParityForm): NativeTracer {
  const flags = parityFormFlags(form, '')
  return { name: 'flatCallTracer', tracer: Tracer.FlatCall, flags, limit: 0, parts: [] }
}
