/** Calls and simulations: what the state answers, and what would be. */

export { type AccessListItem, AccessListResult, createAccessList } from './access-list.js'
export {
  type BundleOptions,
  BundleResult,
  type BundleTransaction,
  checkBundleOptions,
  packTransaction,
  type RunPacked,
  simulateBundle,
} from './bundle.js'
export { call, callMany } from './calls.js'
export type { BlockOverrides, CallBlock, CallPlace } from './environment.js'
export {
  checkEstimateOptions,
  type EstimateGasOptions,
  estimateGas,
  GasEstimate,
  type GasEstimateOutcome,
} from './estimate-gas.js'
export {
  CallHalted,
  CallInvalid,
  type CallLog,
  type CallOutcome,
  CallReverted,
  CallSuccess,
  missingBlockHashes,
  type RpcErrorObject,
} from './outcome.js'
export type { RuleCode } from './rejection.js'
export type { CallAuthorization, CallRequest } from './request.js'
export {
  type CallOptions,
  CallSession,
  callMembers,
  checkCallOptions,
  type RunCalls,
} from './session.js'
export { BlockSimulation, checkSimulateOptions, type SimulateOptions } from './simulate.js'
export { SimulatedBlock, SimulatedCall, type SimulatedLog } from './simulated-block.js'
export type { SimulatedOutcome } from './simulated-run.js'
export {
  checkSimulation,
  type SimulatedBlockOverrides,
  type Simulation,
  type SimulationBlock,
} from './simulation.js'
