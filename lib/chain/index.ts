/** Hardforks and chain parameters. */

export { blobBaseFee } from './blob-fee.js'
export { type BlobSchedule, canonicalHardfork, Revision, type SystemCallRule } from './hardforks.js'
export {
  type BlobScheduleOptions,
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
