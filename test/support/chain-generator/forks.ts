/** The chains that recipes are for. */

import { Common, type HardforkTransitionConfig, Mainnet } from '@ethereumjs/common'
import { canonicalHardfork, hardforkRules } from '../../../lib/chain/index.js'
import type { ChainRecipe } from './recipe.js'

/** The time of the genesis block: in 2020, before any of mainnet's forks by time. */
export const genesisTime = 1_600_000_000

/** Hardforks of generated chains, in their order. */
export const chainForks: readonly string[] = [...hardforkRules.keys()].filter(
  (name, index, names) =>
    index >= names.indexOf('homestead') &&
    index <= names.indexOf('bpo2') &&
    name !== 'dao' &&
    name !== 'mergeNetsplitBlock',
)

/** The time of each block of a recipe, the genesis block's first. */
export function timesOf({ blocks }: ChainRecipe): number[] {
  const times = [genesisTime]
  for (const { delay } of blocks) times.push(times[times.length - 1] + delay)
  return times
}

/** The recipe's chain; forks from Shanghai on come by time. Every call makes a new one. */
export function commonOf(recipe: ChainRecipe): Common {
  const names = [...hardforkRules.keys()].filter(
    (name) => name !== 'dao' && name !== 'mergeNetsplitBlock' && !/^bpo[345]$/.test(name),
  )
  const times = timesOf(recipe)
  const byTime = names.indexOf('shanghai')
  // A fork that the recipe does not name comes with the next one that it does.
  let from: number | undefined
  const hardforks = names
    .toReversed()
    .map((name) => {
      from = recipe.forks.find((fork) => canonicalHardfork(fork.name) === name)?.from ?? from
      return { name, from }
    })
    .reverse()
    .flatMap(({ name, from }): HardforkTransitionConfig[] => {
      if (from === undefined) return []
      if (names.indexOf(name) < byTime || from === 0) return [{ name, block: from }]
      // Behind the last block of a recipe that was cut short.
      const time = from < times.length ? times[from] : times[times.length - 1] + 1_000_000
      return [{ name, block: null, timestamp: time }]
    })
  return new Common({
    chain: { ...Mainnet, defaultHardfork: 'chainstart', hardforks },
    // No generated transaction proves a blob.
    customCrypto: { kzg: {} as never },
  })
}
