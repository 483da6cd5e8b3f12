/** The chain of dependent transactions that no number of workers makes shorter. */

import type { TransactionReport } from './transaction-report.js'

/** A chain of transactions, each of which reads what the one before it wrote. */
export interface CriticalPath {
  /** How long the committed runs of the chain take one after another. */
  readonly milliseconds: number
  /** The transactions of the chain in the order of the block. */
  readonly transactions: readonly number[]
}

/** Finds the chain of dependencies whose committed runs take longest. */
export function findCriticalPath(transactions: readonly TransactionReport[]): CriticalPath {
  const chains = new Map<number, Chain>()
  let longest: Chain | undefined
  for (const { index, start, end, dependsOn } of transactions) {
    // Dependencies point backwards, so that the chain before this transaction is known.
    const before = dependsOn === undefined ? undefined : chains.get(dependsOn)
    const chain = { index, before, milliseconds: (before?.milliseconds ?? 0) + end - start }
    chains.set(index, chain)
    if (longest === undefined || chain.milliseconds > longest.milliseconds) longest = chain
  }
  const path: number[] = []
  for (let at = longest; at !== undefined; at = at.before) path.push(at.index)
  return { milliseconds: longest?.milliseconds ?? 0, transactions: path.reverse() }
}

/** The longest chain that ends with a transaction. */
interface Chain {
  readonly index: number
  readonly before: Chain | undefined
  readonly milliseconds: number
}
