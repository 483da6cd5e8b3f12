/** What the transactions of a block would do under other rules than its own. */

export {
  type ComparedTransaction,
  codeOf,
  compareRuns,
  mayLackGas,
} from './compare-runs.js'
export type {
  BlockComparison,
  ComparedRules,
  RunUnderRules,
  TransactionComparison,
} from './comparison.js'
export { type ContractComparison, contractsOf } from './contracts.js'
export type { Divergence, DivergenceKind } from './divergence.js'
export type {
  GasCostName,
  GasParameterName,
  InstructionName,
  PrecompileCostName,
} from './gas-cost-names.js'
export { type GasCosts, gasCostNames, protocolCost } from './gas-costs.js'
export { PackedRun, underOtherRules } from './packed-runs.js'
export { type ChangedRules, type ResolvedRules, type RuleSet, resolveRules } from './rule-set.js'
export { type Verdict, verdicts } from './verdict.js'
