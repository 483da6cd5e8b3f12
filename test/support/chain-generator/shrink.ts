/** Makes failing chains small. */

import type { BlockRecipe, ChainRecipe } from './recipe.js'

/** Whether a chain still fails. */
export type Fails = (recipe: ChainRecipe) => Promise<boolean>

/**
 * Leaves out blocks, transactions, withdrawals, ommers and accounts as long as the chain still fails.
 *
 * @param attempts how often to ask at most
 */
export async function shrinkChain(
  recipe: ChainRecipe,
  fails: Fails,
  attempts = 400,
): Promise<ChainRecipe> {
  let left = attempts
  const tried: Fails = async (candidate) => left-- > 0 && (await fails(candidate))
  let current = recipe
  for (;;) {
    const before = JSON.stringify(current)
    current = await withFewerBlocks(current, tried)
    for (let i = 0; i < current.blocks.length; i++) {
      current = await withSmallerBlock(current, i, tried)
    }
    current = await withFewerAccounts(current, tried)
    if (left <= 0 || JSON.stringify(current) === before) return current
  }
}

/** Leaves out runs of items, long ones first, while that `fails`. */
async function withFewer<Item>(
  items: readonly Item[],
  fails: (rest: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let rest = items
  for (let size = items.length; size > 0; size = size >> 1) {
    for (let at = 0; at < rest.length; ) {
      const without = [...rest.slice(0, at), ...rest.slice(at + size)]
      if (await fails(without)) rest = without
      else at += size
    }
  }
  return rest
}

async function withFewerBlocks(recipe: ChainRecipe, fails: Fails): Promise<ChainRecipe> {
  const made = (kept: readonly number[]) => withBlocks(recipe, kept)
  const all = recipe.blocks.map((_, i) => i)
  return made(await withFewer(all, (kept) => fails(made(kept))))
}

/** Keeps some blocks, with the forks that they were of. */
function withBlocks(recipe: ChainRecipe, kept: readonly number[]): ChainRecipe {
  return {
    ...recipe,
    forks: recipe.forks.map(({ name, from }) => ({
      name,
      // Blocks have positions from 1 on.
      from: from === 0 ? 0 : kept.filter((index) => index + 1 < from).length + 1,
    })),
    blocks: kept.map((index) => recipe.blocks[index]),
  }
}

async function withSmallerBlock(
  recipe: ChainRecipe,
  index: number,
  fails: Fails,
): Promise<ChainRecipe> {
  let current = recipe
  for (const part of ['transactions', 'withdrawals', 'ommers'] as const) {
    const items: readonly unknown[] = current.blocks[index][part] ?? []
    const made = (rest: readonly unknown[]): ChainRecipe => ({
      ...current,
      blocks: current.blocks.map((block, i) =>
        i === index ? ({ ...block, [part]: rest } as BlockRecipe) : block,
      ),
    })
    current = made(await withFewer(items, (rest) => fails(made(rest))))
  }
  return current
}

async function withFewerAccounts(recipe: ChainRecipe, fails: Fails): Promise<ChainRecipe> {
  const made = (accounts: readonly (readonly [string, unknown])[]) =>
    ({ ...recipe, alloc: Object.fromEntries(accounts) }) as ChainRecipe
  const all = Object.entries(recipe.alloc)
  return made(await withFewer(all, (rest) => fails(made(rest))))
}
