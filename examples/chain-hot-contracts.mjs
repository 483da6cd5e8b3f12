/** A scheduling policy of one's own: see docs/policies.md. */

/** So many conflicts, and a contract's calls run one after another. */
const hot = 3

/** Conflicts count for nine tenths in the next block, for eight tenths in the one after that. */
const decay = 0.9

/**
 * Chains all calls of a contract at which calls conflicted lately.
 *
 * @returns {import('braid-evm').SchedulingPolicy}
 */
export function chainHotContracts() {
  /** Conflicts, by the contract that was called. @type {Map<number, number>} */
  const conflictsOf = new Map()
  return {
    name: 'chain-hot-contracts',

    plan({ transactions }, pool) {
      if (transactions.length < 4 * pool.size) return { mode: 'sequential' }
      const latestCall = new Map()
      const predecessors = new Int32Array(transactions.length).fill(-1)
      for (let i = 0; i < transactions.length; i++) {
        const contract = transactions.recipientKey(i)
        if ((conflictsOf.get(contract) ?? 0) < hot) continue
        predecessors[i] = latestCall.get(contract) ?? -1
        latestCall.set(contract, i)
      }
      return { mode: 'optimistic', predecessors }
    },

    learn({ conflicts }, { transactions }) {
      for (const [contract, count] of conflictsOf) {
        if (count < 0.5) conflictsOf.delete(contract)
        else conflictsOf.set(contract, count * decay)
      }
      for (let i = 0; i < conflicts.length; i++) {
        const contract = transactions.recipientKey(conflicts.transaction(i))
        conflictsOf.set(contract, (conflictsOf.get(contract) ?? 0) + 1)
      }
    },
  }
}
