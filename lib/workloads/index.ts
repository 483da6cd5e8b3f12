/** Blocks made to measure: each strains one thing, and says which by its name. */

import { errorFor, shownValue } from '../errors.js'
import { defi } from './defi.js'
import { deposits } from './deposits.js'
import { erc20, hotErc20 } from './erc20.js'
import { game } from './game.js'
import { nftMint } from './nft-mint.js'
import {
  independentTransfers,
  transferChain,
  transfersFromFew,
  transfersToOne,
} from './transfers.js'
import { uniswapOnePool, uniswapPools } from './uniswap.js'
import type { Workload, WorkloadOptions } from './workload.js'
import { worstCase } from './worst-case.js'

export { blockNumber, blockTimestamp } from './draft.js'
export type { Workload, WorkloadOptions } from './workload.js'

const makers = {
  'transfers-independent': independentTransfers,
  'transfers-to-one': transfersToOne,
  'transfers-from-few': transfersFromFew,
  'transfers-chain': transferChain,
  deposits,
  erc20,
  'erc20-hot': hotErc20,
  'uniswap-pools': uniswapPools,
  'uniswap-one-pool': uniswapOnePool,
  'nft-mint': nftMint,
  game,
  defi,
  'worst-case': worstCase,
} satisfies Record<string, (options: WorkloadOptions) => Promise<Workload>>

/** The name of a workload. */
export type WorkloadName = keyof typeof makers

/** The names of all workloads. */
export const workloadNames = Object.keys(makers) as readonly WorkloadName[]

/**
 * Makes a workload. Throws `OPTION_INVALID` for names that do not exist and options that make no
 * sense, `WORKLOAD_PACKAGE_MISSING` where the contracts it runs are not installed.
 */
export async function makeWorkload(
  name: WorkloadName,
  options: WorkloadOptions = {},
): Promise<Workload> {
  if (!Object.hasOwn(makers, name)) {
    const expected = workloadNames.join(', ')
    throw errorFor('OPTION_INVALID', { field: 'workload', expected, actual: shownValue(name) })
  }
  return makers[name](options)
}
