/** Sets of rules that a block is executed under beside its own. */

import type { Common } from '@ethereumjs/common'
import { checkMembers, demand, isRecord, type MembersOf } from '../arguments.js'
import { type Ruleset, transactionRulesetOf } from '../chain/index.js'
import type { GasCostName } from './gas-cost-names.js'
import { type GasCosts, gasCostNames, knownGasCosts, protocolCost } from './gas-costs.js'

/** Rules: those of a hardfork by its name, or a block's own ones or a hardfork's with single gas costs changed. */
export type RuleSet = string | ChangedRules

/** Rules that are described by what is different. */
export interface ChangedRules {
  /** The hardfork, by any of its names. Default: the block's own. */
  readonly hardfork?: string | undefined
  /** The gas costs that are changed, by name: see {@link gasCostNames}. Default: none. */
  readonly gasCosts?: GasCosts | undefined
}

/** A set of rules, as it is looked at. */
export interface ResolvedRules {
  /** The hardfork's name in `@ethereumjs/common`. */
  readonly hardfork: string
  /** The gas costs that are changed. */
  readonly gasCosts: Readonly<Partial<Record<GasCostName, bigint>>>
  /** @internal */
  readonly revision: number
  /** @internal What the native engine is told of the costs. */
  readonly changes: readonly { readonly id: number; readonly value: number }[]
}

const members: MembersOf<ChangedRules> = { hardfork: true, gasCosts: true }

const names = Object.fromEntries(gasCostNames.map((name) => [name, true as const]))

/** No price may be above this: sums of them stay numbers of 64 bits. */
const largestCost = 1_000_000_000n

/**
 * What a set of rules comes to for a block.
 *
 * @param own the block's rules
 * @param field what the set is called in errors
 * @throws OptionsError `OPTION_INVALID` where a name or a number is wrong; ChainError `UNSUPPORTED_HARDFORK`
 */
export function resolveRules(
  common: Common,
  own: Ruleset,
  given: RuleSet,
  field: string,
): ResolvedRules {
  demand(typeof given === 'string' || isRecord(given), field, 'a hardfork, or an object', given)
  const changed: ChangedRules = typeof given === 'string' ? { hardfork: given } : given
  checkMembers(changed, members, { prefix: `${field}.` })
  const { hardfork, gasCosts = {} } = changed
  const { hardfork: name, revision } =
    hardfork === undefined ? own : transactionRulesetOf(common, hardfork)
  demand(isRecord(gasCosts), `${field}.gasCosts`, 'an object', gasCosts)
  checkMembers(gasCosts, names, { prefix: `${field}.gasCosts.` })
  const entries = Object.entries(gasCosts).flatMap(([cost, gas]): [GasCostName, bigint][] => {
    const place = `${field}.gasCosts.${cost}`
    return gas === undefined ? [] : [[cost as GasCostName, checkedCost(gas, place)]]
  })
  for (const [cost, gas] of entries) {
    const there = protocolCost(cost, revision) !== undefined
    demand(there, `${field}.gasCosts.${cost}`, `none: ${name} has no such cost`, gas)
  }
  const costs: Partial<Record<GasCostName, bigint>> = Object.fromEntries(entries)
  checkOrder(costs, revision, field)
  return {
    hardfork: name,
    gasCosts: costs,
    revision,
    changes: entries.map(([cost, gas]) => ({ id: knownGasCosts[cost].id, value: Number(gas) })),
  }
}

function checkedCost(gas: unknown, field: string): bigint {
  const isNumber = typeof gas === 'bigint' || (typeof gas === 'number' && Number.isSafeInteger(gas))
  const value = isNumber ? BigInt(gas) : -1n
  const least = field.endsWith('.modexpDivisor') ? 1n : 0n
  const isCost = value >= least && value <= largestCost
  demand(isCost, field, `a whole number from ${least} to ${largestCost}`, gas)
  return value
}

/** What is cold costs what is warm costs, and more (EIP-2929). */
function checkOrder(
  costs: Readonly<Partial<Record<GasCostName, bigint>>>,
  revision: number,
  field: string,
): void {
  const costOf = (name: GasCostName) => costs[name] ?? BigInt(protocolCost(name, revision) ?? 0)
  for (const cold of ['coldAccountAccess', 'coldSload'] as const) {
    const warm = costOf('warmAccess')
    const place = costs[cold] === undefined ? 'warmAccess' : cold
    const expected = place === cold ? `at least warmAccess, ${warm}` : `at most ${cold}`
    demand(costOf(cold) >= warm, `${field}.gasCosts.${place}`, expected, costs[place])
  }
}
