/** A block under two sets of rules. */

import type { ErrorCode } from '../error-codes.js'
import type { Hex } from '../hex/index.js'
import type { CallFailureName } from '../trace/index.js'
import type { ContractComparison } from './contracts.js'
import type { Divergence } from './divergence.js'
import type { GasCostName } from './gas-cost-names.js'
import type { Verdict } from './verdict.js'

/** What became of a transaction under a set of rules. */
export interface RunUnderRules {
  /** `halted`: it failed by itself, and all its gas is gone. `invalid`: it could not be in the block. */
  readonly status: 'success' | 'reverted' | 'halted' | 'invalid'
  /** Why it has failed; undefined where it has not. */
  readonly failure?: CallFailureName | undefined
  /** The rule that it breaks; undefined where it is valid. */
  readonly rule?: ErrorCode | undefined
  /** What it pays for; undefined where it is invalid. */
  readonly gasUsed?: bigint | undefined
}

/** A transaction under two sets of rules. */
export interface TransactionComparison {
  /** Its place in the block. */
  readonly txIndex: number
  /** Its hash. */
  readonly txHash: Hex
  /** The sender. */
  readonly from: Hex
  /** The recipient; null where a contract is created. */
  readonly to: Hex | null
  /** The most gas that it may use. */
  readonly gasLimit: bigint
  /** What the second rules do to it. */
  readonly verdict: Verdict
  /** What became of it under each. */
  readonly runs: readonly [RunUnderRules, RunUnderRules]
  /** The first call frame that is not the same; undefined where all are. */
  readonly divergence?: Divergence | undefined
  /**
   * Of one that fails for gas under the second rules only: a gas limit with which it would succeed, found by
   * search; undefined where none up to 64 times its own does, or the block and the rules allow.
   */
  readonly neededGas?: bigint | undefined
  /** How many times its gas limit that is, rounded up to thousandths. */
  readonly gasLimitMultiple?: number | undefined
}

/** The rules that a block was executed under. */
export interface ComparedRules {
  /** The hardfork's name in `@ethereumjs/common`. */
  readonly hardfork: string
  /** The gas costs that were changed. */
  readonly gasCosts: Readonly<Partial<Record<GasCostName, bigint>>>
}

/** A block under two sets of rules. `JSON.stringify` writes numbers as hex quantities. */
export interface BlockComparison {
  /** The block's number. */
  readonly number: bigint
  /** The block's hash. */
  readonly hash: Hex
  /** The rules that were compared. */
  readonly rules: readonly [ComparedRules, ComparedRules]
  /** In the block's order. */
  readonly transactions: readonly TransactionComparison[]
  /** How many transactions have got which verdict. */
  readonly verdicts: Readonly<Record<Verdict, number>>
  /** The most gas that the block may use: more than that under the second rules, and it would not hold them all. */
  readonly gasLimit: bigint
  /** The gas of all transactions that are valid under both. */
  readonly gasUsed: readonly [bigint, bigint]
  /** The contracts that transactions have run, those whose gas changes most first. */
  readonly contracts: readonly ContractComparison[]
}
