/**
 * Executes Ethereum blocks inside Node.js with a native EVM.
 *
 * ```ts
 * import { Engine, MemoryState } from 'braid-evm'
 *
 * const engine = await Engine.create()
 * const state = new MemoryState(preState)
 * const result = await engine.executeBlock(block, { state })
 * for (const log of result.logs) console.log(log.address, log.topics)
 * state.commit(result)
 * ```
 *
 * @module
 */

export type {
  AccessListFields,
  AuthorizationFields,
  BlockEnvironment,
  BlockSource,
  RpcAccessListEntry,
  RpcAuthorization,
  RpcBlock,
  RpcHeader,
  RpcTransaction,
  RpcWithdrawal,
  SerializableBlock,
  TransactionFields,
  TransactionSource,
  Withdrawal,
} from './block/index.js'
export { BlockHeader, encodeBlock } from './block/index.js'
export type {
  AccessListItem,
  AccessListResult,
  BlockOverrides,
  BundleOptions,
  BundleResult,
  BundleTransaction,
  CallAuthorization,
  CallBlock,
  CallHalted,
  CallInvalid,
  CallLog,
  CallOptions,
  CallOutcome,
  CallPlace,
  CallRequest,
  CallReverted,
  CallSuccess,
  EstimateGasOptions,
  GasEstimate,
  GasEstimateOutcome,
  RpcErrorObject,
  RuleCode,
  SimulatedBlock,
  SimulatedBlockOverrides,
  SimulatedCall,
  SimulatedLog,
  SimulatedOutcome,
  SimulateOptions,
  Simulation,
  SimulationBlock,
} from './call/index.js'
export type { BlockHashes } from './chain/index.js'
export {
  type AccountFile,
  type AccountRecord,
  type AccountStream,
  accountRecords,
  type ByteSource,
  type Genesis,
  type GenesisFile,
  type GethDumpOptions,
  inHashOrder,
  type ReadBlocksOptions,
  type ReadGenesisOptions,
  type ReadOptions,
  type ReadProgress,
  readAlloc,
  readBlocks,
  readGenesis,
  readGethDump,
  readInitState,
  readSnapshot,
  type SnapshotFile,
  type SnapshotHead,
  writeAlloc,
  writeGethDump,
  writeInitState,
  writeSnapshot,
} from './chain-files/index.js'
export {
  type BuildBlockOptions,
  type BuiltBlock,
  Chain,
  type ChainOptions,
  type ChainStep,
  type CheckpointStore,
  FileCheckpointStore,
  type ImportOptions,
  type Replay,
  type ReplayBlocks,
  type ReplayOptions,
  type ReplayProgress,
  stateCheckpoint,
} from './chain-head/index.js'
export type {
  BlockResult,
  HeaderCheck,
  HeaderDifference,
  HeaderVerification,
} from './engine/block-result.js'
export type { TracedTransaction } from './engine/bundle-tracing.js'
export type { CallColumnsOptions } from './engine/call-columns.js'
export type { OwnTraceCallOptions, TraceCallOptions } from './engine/call-tracing.js'
export type {
  BlockSequence,
  ChainProgress,
  ExecuteBlocksOptions,
} from './engine/chain-options.js'
export { Engine } from './engine/engine.js'
export type { ExecutionResult, Timings } from './engine/execution-result.js'
export type {
  EngineOptions,
  ExecuteBlockOptions,
  ExecuteBlockSyncOptions,
  ExecuteOnSourceOptions,
  ExecuteTransactionsOptions,
} from './engine/options.js'
export type {
  ParityBlockOptions,
  ParityFilterOptions,
  ParityTransactionOptions,
} from './engine/parity-options.js'
export type { ParityItems, ParityTraces } from './engine/parity-traces.js'
export type { CompareOptions } from './engine/rule-comparison.js'
export type {
  OwnTraceBlockOptions,
  OwnTraceTransactionOptions,
  TraceBlockOptions,
  Traces,
  TraceTransactionOptions,
} from './engine/trace-options.js'
export { type ErrorCode, errorMeanings } from './error-codes.js'
export type { DetailsOf, ErrorDetails, ErrorValue } from './error-details.js'
export {
  AbortError,
  BlockDecodeError,
  BraidError,
  type BraidErrorOf,
  type BraidErrorOptions,
  ChainError,
  InvalidBlockError,
  InvalidTransactionError,
  isBraidError,
  OptionsError,
  PoolError,
  ProofError,
  RpcError,
  StateError,
  VmError,
} from './errors.js'
export type { Hex, Quantity } from './hex/index.js'
export type { LogColumns, ReceiptColumns, ResultColumns } from './output/columns.js'
export type { CriticalPath } from './output/critical-path.js'
export type { ExecutionReport, HotLocation, WorkerReport } from './output/execution-report.js'
export type { LocationKind, StateLocation } from './output/location.js'
export type { BlockLog, Log } from './output/log.js'
export type { LogFilter, TopicFilter } from './output/log-filter.js'
export type { BlockReceipt, Receipt } from './output/receipt.js'
export type { Request } from './output/requests.js'
export type { RpcLog, RpcReceipt } from './output/rpc-receipts.js'
export type { AccountDiff, Change, SlotDiff, StateDiff } from './output/state-diff.js'
export type { RunConflict, RunReport, TransactionReport } from './output/transaction-report.js'
export type { TransactionType } from './output/transaction-type.js'
export { type BlockWithPrestate, type PrestateOptions, prestate } from './prestate/index.js'
export {
  JsonRpcClient,
  type JsonRpcOptions,
  type JsonRpcRequest,
  type JsonRpcStatistics,
  type RpcBackoff,
  type RpcClient,
  type RpcTransport,
} from './rpc-client/index.js'
export { type RpcCacheOptions, RpcState, type RpcStateOptions } from './rpc-state/index.js'
export { type AdaptiveOptions, adaptive } from './schedule/adaptive.js'
export type {
  ConflictFeedback,
  ExecutionFeedback,
  TransactionFeedback,
} from './schedule/feedback.js'
export {
  type ExecutionPlan,
  optimistic,
  type PolicyName,
  type PrefetchItem,
  type SchedulingPolicy,
  sequential,
  type WorkerPool,
} from './schedule/policy.js'
export type { AccessSummary, BlockSummary, TransactionSummaries } from './schedule/summary.js'
export type { Account } from './state/account.js'
export type { LoadableAccount } from './state/account-batches.js'
export type { Alloc, AllocAccount, AllocQuantity } from './state/alloc.js'
export type { BlockReference, StateChanges } from './state/block-reference.js'
export type { ChangesOptions, StateChange } from './state/changes.js'
export type { DumpedAccount } from './state/dumped-account.js'
export type {
  LmdbImportOptions,
  LmdbImportProgress,
  LmdbStateOptions,
} from './state/lmdb-options.js'
export { type LmdbCheck, LmdbState, type LmdbStateSize } from './state/lmdb-state.js'
export { MemoryState, type MemoryStateOptions } from './state/memory-state.js'
export type { AccountOverride, StateOverrides } from './state/overrides.js'
export { ReadableState } from './state/readable-state.js'
export { Snapshot } from './state/snapshot.js'
export {
  SourceState,
  type SourceStateOptions,
  type SourceStatistics,
} from './state/source-state.js'
export { State } from './state/state.js'
export type { Awaitable, SourceAccount, SourceRequest, StateSource } from './state/state-source.js'
export type { BlockWitness } from './state/witness-source.js'
export { WitnessState } from './state/witness-state.js'
export type {
  CallFrame,
  CallFrameLog,
  CallTracerConfig,
  DefaultConfig,
  Eip3155Config,
  Eip3155Entry,
  Eip3155Exit,
  Eip3155Line,
  Eip3155Step,
  Erc7562Contract,
  Erc7562Frame,
  Erc7562Slots,
  Erc7562TracerConfig,
  FlatCall,
  FlatCallAction,
  FlatCallResult,
  FlatCallTracerConfig,
  MuxedTracerName,
  MuxTracerConfig,
  NoTracerConfig,
  OwnTracer,
  OwnTracerAnswers,
  OwnTracerPlace,
  ParityAccountDiff,
  ParityBlockItem,
  ParityBorn,
  ParityCall,
  ParityChange,
  ParityChanged,
  ParityClient,
  ParityDied,
  ParityDifference,
  ParityEffect,
  ParityFilter,
  ParityForm,
  ParityInstruction,
  ParityLocatedCall,
  ParityMemory,
  ParityReward,
  ParityRewardAction,
  ParityStore,
  ParityTrace,
  ParityTracerConfig,
  ParityVmTrace,
  PrestateTracerConfig,
  StructLog,
  StructLogs,
  StructLogsConfig,
  Trace,
  TracedAccount,
  TracedAccounts,
  TracedChanges,
  TracerAnswer,
  TracerAnswers,
  TracerConfigs,
  TracerName,
  TransactionTrace,
  WithDiffMode,
  WithoutDiffMode,
} from './trace/index.js'
export {
  type CallColumns,
  type CallFailureName,
  callFailures,
  type FrameKind,
  frameKinds,
  ownTracer,
} from './trace/index.js'
export type { AccountProof, StorageProof } from './trie/proof.js'
export {
  type DumpableState,
  StateTrie,
  type StateTrieOptions,
  type StateWitness,
  type TrieChanges,
} from './trie/state-trie.js'
export type { TrieAccount } from './trie/trie-account.js'
export { type ProofLike, type ProofQuantity, verifyProof } from './trie/verify-proof.js'
export {
  type Ancestor,
  type BodyField,
  type FieldDifference,
  type ValidateBlockOptions,
  type ValidateHeaderOptions,
  validateBlock,
  validateBlockBody,
  validateHeader,
} from './validation/index.js'
export {
  type BlockComparison,
  type ChangedRules,
  type ComparedRules,
  type ContractComparison,
  type Divergence,
  type DivergenceKind,
  type GasCostName,
  type GasCosts,
  type GasParameterName,
  gasCostNames,
  type InstructionName,
  type PrecompileCostName,
  type RuleSet,
  type RunUnderRules,
  type TransactionComparison,
  type Verdict,
} from './what-if/index.js'
