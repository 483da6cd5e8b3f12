/** Hardforks and chain parameters. */

export { type GasLimitRange, gasLimitRange, nextBaseFee } from './base-fee.js'
export { blobBaseFee, nextExcessBlobGas } from './blob-fee.js'
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
export {
  type BlobScheduleOptions,
  checkCommon,
  type ForkOptions,
  hardforkAt,
  type IrregularTransition,
  mainnetCommon,
  maxBlobGas,
  type Ruleset,
  rulesetAt,
  rulesetForFork,
  rulesetOf,
} from './ruleset.js'
