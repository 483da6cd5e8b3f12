/** geth's tracers: their options, their answers, and blocks that are traced by them. */

export type {
  CallFrame,
  CallFrameLog,
  Eip3155Entry,
  Eip3155Exit,
  Eip3155Line,
  Eip3155Step,
  Erc7562Contract,
  Erc7562Frame,
  Erc7562Slots,
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
  type Eip3155Config,
  type Erc7562TracerConfig,
  type FlatCallTracerConfig,
  type MuxedTracerName,
  type MuxTracerConfig,
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
export type { FlatCall, FlatCallAction, FlatCallResult } from './flat-call.js'
export {
  type CallFailureName,
  callFailures,
  type FrameKind,
  frameKinds,
  PackedFrames,
} from './frames.js'
export type { NativeTracer } from './native-tracer.js'
export {
  OwnTracer,
  type OwnTracerAnswers,
  type OwnTracerPlace,
  ownTracer,
  traceOwn,
} from './own-tracer.js'
export type {
  ParityAccountDiff,
  ParityBorn,
  ParityCall,
  ParityChange,
  ParityChanged,
  ParityDied,
  ParityDifference,
  ParityEffect,
  ParityInstruction,
  ParityLocatedCall,
  ParityMemory,
  ParityStore,
  ParityTrace,
  ParityVmTrace,
} from './parity-answers.js'
export {
  type ParityClient,
  type ParityForm,
  type ParityTracerConfig,
  parityCalls,
} from './parity-config.js'
export {
  matchOf,
  type ParityBlockItem,
  type ParityFilter,
  type ParityMatch,
} from './parity-filter.js'
export { type ParityReward, type ParityRewardAction, rewardsOf } from './parity-rewards.js'
export { blockOf, blockUpTo, type TransactionRange, tracedInput, tracesIn } from './traced-input.js'
export { Trace, TransactionTrace, together } from './transaction-trace.js'
