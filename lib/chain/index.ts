/** Hardforks and chain parameters. */

export {
  type BlockHashes,
  blockHashEntries,
  blockHashWindow,
  blockNumberOf,
  maxOmmers,
  ommerAncestors,
  ommerGenerations,
} from './ancestors.js'
export { type GasLimitRange, gasLimitRange, nextBaseFee } from './base-fee.js'
export { blobBaseFee, nextExcessBlobGas } from './blob-fee.js'
export { type BlobScheduleOptions, blobParameters, checkedSchedule } from './blob-schedule.js'
export { daoForkExtraData, daoForkExtraDataBlocks } from './dao-fork.js'
export { type DifficultyInput, type DifficultyRule, difficultyOf } from './difficulty.js'
export {
  type BlobSchedule,
  canonicalHardfork,
  gasPerBlob,
  type HeaderRules,
  hardforkRules,
  Revision,
  type SystemCallRule,
} from './hardforks.js'
export { type KnownChainName, knownChain, knownChainOf, knownChains } from './known-chains.js'
export { checkParameters, paramOf, transactionParameters } from './parameters.js'
export {
  checkCommon,
  checkHeaderParameters,
  type ForkOptions,
  hardforkAt,
  type IrregularTransition,
  mainnetCommon,
  maxBlobGas,
  type Ruleset,
  rulesetAt,
  rulesetForFork,
  rulesetOf,
  transactionRulesetOf,
} from './ruleset.js'
