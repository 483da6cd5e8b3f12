/** Consensus rules that need no execution: of headers, bodies and ommers. */

export { blobFields } from './blob-fields.js'
export {
  checkBlock,
  type ValidateBlockOptions,
  validateBlock,
  validateBlockBody,
} from './block.js'
export {
  type BodyField,
  bodyDifferences,
  difference,
  differenceError,
  type FieldDifference,
} from './body.js'
export { checkHeader, type ValidateHeaderOptions, validateHeader } from './header.js'
export { type Ancestor, checkAncestors, checkOmmers, missingOmmers } from './ommers.js'
export { type ChainRules, rulesOfChain } from './rules.js'
