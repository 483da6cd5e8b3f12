/** Finding the rules of a block. */

import type { Common } from '@ethereumjs/common'
import { checkHeaderParameters, mainnetCommon, type Ruleset, rulesetAt } from '../chain/index.js'

/** What a chain's blocks are checked with. */
export interface ChainRules {
  /** The rules for a block by its number and time. */
  readonly rulesAt: (number: bigint, timestamp: bigint) => Ruleset
  /** Whether proofs of work are checked. */
  readonly proofOfWork: boolean
}

let mainnet: Common | undefined

/** The rules of a chain; those of mainnet where none is given. */
export function rulesOfChain(common: Common | undefined, proofOfWork = false): ChainRules {
  if (common === undefined) mainnet ??= mainnetCommon()
  const chain = common ?? (mainnet as Common)
  const rulesAt = (number: bigint, timestamp: bigint): Ruleset => {
    const ruleset = rulesetAt(chain, number, timestamp)
    checkHeaderParameters(chain, ruleset.hardfork)
    return ruleset
  }
  return { rulesAt, proofOfWork }
}
