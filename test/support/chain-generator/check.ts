/** Whether everybody agrees on a chain. */

import { Engine, type EngineOptions, MemoryState, StateTrie } from '../../../lib/index.js'
import { type BuiltChain, buildChain } from './build.js'
import { commonOf } from './forks.js'
import { judge } from './judge.js'
import type { ChainRecipe } from './recipe.js'

/** What a chain is checked with, beside the judge. */
const ways: readonly (readonly [string, EngineOptions])[] = [
  ['sequential', { policy: 'sequential' }],
  ['optimistic', { policy: 'optimistic', threads: 4 }],
  [
    'optimistic with hints',
    {
      threads: 4,
      policy: {
        name: 'every second after the one before',
        plan: ({ transactionCount }) => ({
          mode: 'optimistic',
          predecessors: Array.from({ length: transactionCount }, (_, i) =>
            i % 2 === 1 ? i - 1 : -1,
          ),
        }),
      },
    },
  ],
  ['adaptive', { policy: 'adaptive', threads: 4 }],
]

/** A chain, and how it differs. */
export interface CheckedChain {
  readonly chain: BuiltChain | undefined
  /** Undefined where there is no difference. */
  readonly difference: string | undefined
}

/**
 * Builds a recipe's chain, imports it in every way with all checks, and asks the judge.
 */
export async function checkChain(recipe: ChainRecipe): Promise<CheckedChain> {
  let chain: BuiltChain
  try {
    chain = await buildChain(recipe)
  } catch (error) {
    return { chain: undefined, difference: `building fails: ${String(error)}` }
  }
  for (const [name, options] of ways) {
    const difference = await importChain(chain, options)
    if (difference !== undefined) return { chain, difference: `${name}: ${difference}` }
  }
  const disagreement = await judge(chain)
  const difference =
    disagreement && `block ${disagreement.block} of the recipe: ${disagreement.text}`
  return { chain, difference }
}

/** Imports a chain from its genesis block on; returns what is wrong. */
async function importChain(chain: BuiltChain, options: EngineOptions): Promise<string | undefined> {
  const engine = await Engine.create({ ...options, common: commonOf(chain.recipe) })
  const state = new MemoryState(chain.alloc, { trie: true })
  try {
    let count = 0
    const parent = chain.genesis
    const blockHashes = new Map([[0n, parent.hash]])
    const import_ = {
      state,
      parent,
      blockHashes,
      validate: true,
      transactionRoots: true,
    }
    for await (const _ of engine.executeBlocks(chain.blocks, import_)) count++
    if (count !== chain.blocks.length) return `${count} of ${chain.blocks.length} blocks`
    const { root } = new StateTrie(state)
    return root === state.root ? undefined : `the state's root is ${root}, the trie's ${state.root}`
  } catch (error) {
    return String(error)
  } finally {
    engine.close()
  }
}
