/** What a workload is and what it is made from. */

import { errorFor, shownValue } from '../errors.js'
import type { MemoryState } from '../state/memory-state.js'

/** How a workload is made. The same options make the same block, to the last byte. */
export interface WorkloadOptions {
  /** How many transactions the block has. Default: about 30 million gas. */
  readonly transactions?: number
  /** How many accounts send them, in turns. Default: one for each transaction, or what fits the name. */
  readonly accounts?: number
  /**
   * The share of transactions, 0 to 1, that go to the one thing all share: an account, a pool, a part
   * of the world. Workloads whose name already says it ignore it. Default 0, or what fits the name.
   */
  readonly hotRatio?: number
  /** Decides everything that is left to chance. Default 1. */
  readonly seed?: number
}

/** A block and the state it is executed on. Every transaction succeeds, and the header is right. */
export interface Workload {
  readonly name: string
  /** The RLP of a Cancun block of mainnet, with signed transactions. */
  readonly block: Uint8Array
  /** The state before the block. */
  readonly state: MemoryState
}

/** Options with everything decided. */
export type WorkloadKnobs = Required<WorkloadOptions>

/** Fills in what is not given and checks the rest. Throws `OPTION_INVALID`. */
export function resolveKnobs(
  options: WorkloadOptions,
  defaults: Partial<WorkloadKnobs> & { readonly transactions: number },
): WorkloadKnobs {
  const { transactions = defaults.transactions, seed = defaults.seed ?? 1 } = options
  const { accounts = defaults.accounts ?? transactions, hotRatio = defaults.hotRatio ?? 0 } =
    options
  checkCount('transactions', transactions, 1, 1_000_000)
  checkCount('accounts', accounts, 1, 1_000_000)
  checkCount('seed', seed, 0, 0xffff_ffff)
  if (!(hotRatio >= 0 && hotRatio <= 1)) {
    throw errorFor('OPTION_INVALID', {
      field: 'hotRatio',
      expected: '0 to 1',
      actual: shownValue(hotRatio),
    })
  }
  // More senders than transactions would do nothing.
  return { transactions, accounts: Math.min(accounts, transactions), hotRatio, seed }
}

function checkCount(field: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return
  const expected = `a whole number from ${least} to ${most}`
  throw errorFor('OPTION_INVALID', { field, expected, actual: shownValue(value) })
}
