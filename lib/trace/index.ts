/** geth's tracers: their options, their answers, and blocks that are traced by them. */

export type {
  CallFrame,
  CallFrameLog,
  Erc7562Contract,
  Erc7562Frame,
  Erc7562Slots,
  FlatCall,
  FlatCallAction,
  FlatCallResult,
  StructLog,
  StructLogs,
  TracedAccount,
  TracedAccounts,
  TracedChanges,
  TracerAnswer,
  TracerAnswers,
} from './answers.js'
export { type CallColumns, callColumnsOf, frameTracer } from './call-columns.js'
export {
  type CallTracerConfig,
  type DefaultConfig,
  type Erc7562TracerConfig,
  type FlatCallTracerConfig,
  type MuxedTracerName,
  type MuxTracerConfig,
  type NativeTracer,
  type NoTracerConfig,
  nativeTracer,
  type PrestateTracerConfig,
  type StructLogsConfig,
  type TracerConfigs,
  type TracerName,
  tracerNames,
  type WithDiffMode,
  type WithoutDiffMode,
} from './configs.js'
export {
  type CallFailureName,
  callFailures,
  type FrameKind,
  frameKinds,
  PackedFrames,
} from './frames.js'
export {
  OwnTracer,
  type OwnTracerAnswers,
  type OwnTracerPlace,
  ownTracer,
  traceOwn,
} from './own-tracer.js'
export { blockUpTo, type TransactionRange, tracedInput, tracesIn } from './traced-input.js'
export { Trace, TransactionTrace, together } from './transaction-trace.js'
