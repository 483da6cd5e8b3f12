/** The rules that hold for a block, out of an `@ethereumjs/common` Common. */

import { Common, Mainnet } from '@ethereumjs/common'
import { errorFor, shownValue } from '../errors.js'
import type { Hex } from '../hex/index.js'
import {
  type BlobScheduleOptions,
  blobsPerTransaction,
  checkedSchedule,
  scheduleFrom,
} from './blob-schedule.js'
import { daoDrainedAccounts, daoRefundContract } from './dao-fork.js'
import {
  type BlobSchedule,
  canonicalHardfork,
  gasPerBlob,
  type HardforkRules,
  type HeaderRules,
  hardforkRules,
  mainnetDepositContract,
  Revision,
  type SystemCallRule,
} from './hardforks.js'
import { checkParameters, everyHardfork, paramOf } from './parameters.js'

/** A change of the state outside of transactions, at the start of one block. */
export interface IrregularTransition {
  /** The one block that it happens in. */
  readonly block: bigint
  /** Accounts whose whole balance moves. */
  readonly accounts: readonly Hex[]
  /** Where it moves to. */
  readonly beneficiary: Hex
}

/** Everything that the hardfork and the chain decide about the execution of a block. */
export interface Ruleset {
  /** The hardfork's name in `@ethereumjs/common`. */
  readonly hardfork: string
  /** Number of the EVM revision in EVMC 12. */
  readonly revision: number
  readonly chainId: bigint
  /** Undefined before Cancun. */
  readonly blobSchedule: BlobSchedule | undefined
  /** Most blobs in one transaction; 0 before Cancun. */
  readonly maxBlobsPerTransaction: number
  /** In wei; 0 from Paris on. */
  readonly blockReward: bigint
  readonly systemCalls: readonly SystemCallRule[]
  readonly header: HeaderRules
  /** Where deposits are made (EIP-6110); undefined before Prague. */
  readonly depositContract: Hex | undefined
  /** The DAO fork, for chains that have it (EIP-779). */
  readonly irregularTransition: IrregularTransition | undefined
}

/** What {@link rulesetForFork} can be told beside the name. */
export interface ForkOptions {
  /** Default 1. */
  readonly chainId?: bigint
  /** Default: the hardfork's own. */
  readonly blobSchedule?: BlobScheduleOptions
}

interface ScheduledHardfork {
  readonly name: string
  readonly block: bigint | undefined
  readonly timestamp: bigint | undefined
}

/** What is known about one Common, so that a block costs a few comparisons. */
interface ChainView {
  readonly schedule: readonly ScheduledHardfork[]
  readonly rulesets: Map<string, ChainRuleset>
  /** The hardforks whose parameters for headers have been checked. */
  readonly checkedHeaders: Set<string>
  /** A Common for hardforks that the chain does not schedule, made when one is asked for. */
  unbounded?: Common
}

interface ChainRuleset {
  readonly ruleset: Ruleset
  /** How blocks are sealed, where that is not implemented. */
  readonly unsupportedConsensus: string | undefined
}

const views = new WeakMap<Common, ChainView>()

/** A Common of mainnet with every scheduled hardfork, for those who give none. */
export function mainnetCommon(): Common {
  return new Common({ chain: Mainnet })
}

/**
 * The rules for a block of a chain. The hardfork follows from the chain's schedule, whatever
 * hardfork the Common is set to. Rulesets are cached by Common and hardfork: a Common must not be
 * given other parameters after its first use.
 *
 * @throws ChainError `UNSUPPORTED_HARDFORK`, `UNSUPPORTED_EIP`, `UNSUPPORTED_CONSENSUS`,
 *   `CHAIN_CONFIG_INVALID`
 * @throws OptionsError `OPTION_UNSUPPORTED` where a parameter of the Common, gas costs say, is not the
 *   protocol's and cannot be followed
 */
export function rulesetAt(common: Common, blockNumber: bigint, timestamp: bigint): Ruleset {
  return rulesetOf(common, hardforkAt(common, blockNumber, timestamp))
}

/** Throws `CHAIN_CONFIG_INVALID` where a Common cannot tell its hardforks: where it is none, say. */
export function checkCommon(common: Common): void {
  viewOf(common)
}

/** The name of the hardfork that a block of a chain is in. */
export function hardforkAt(common: Common, blockNumber: bigint, timestamp: bigint): string {
  const { schedule } = viewOf(common)
  for (let i = schedule.length - 1; i >= 0; i--) {
    const { name, block, timestamp: time } = schedule[i]
    if ((block !== undefined && block <= blockNumber) || (time !== undefined && time <= timestamp))
      return name
  }
  throw errorFor('CHAIN_CONFIG_INVALID', {}, { message: 'no hardfork is active at block 0' })
}

/** The rules of one of a chain's hardforks, named as in `@ethereumjs/common`. */
export function rulesetOf(common: Common, hardfork: string): Ruleset {
  const { ruleset, unsupportedConsensus } = chainRulesetOf(common, hardfork)
  if (unsupportedConsensus === undefined) return ruleset
  throw errorFor('UNSUPPORTED_CONSENSUS', { hardfork, actual: unsupportedConsensus })
}

/**
 * The rules of a chain for transactions outside of blocks, under a hardfork by any of its names. How the
 * chain's blocks are sealed does not matter to them.
 */
export function transactionRulesetOf(common: Common, name: string): Ruleset {
  const hardfork = hardforkNamed(name)
  const view = viewOf(common)
  if (view.schedule.some((scheduled) => scheduled.name === hardfork)) {
    return chainRulesetOf(common, hardfork).ruleset
  }
  view.unbounded ??= unboundedCopy(common)
  return chainRulesetOf(view.unbounded, hardfork).ruleset
}

/** A Common with the chain's parameters that knows the hardforks too that the chain does not schedule. */
function unboundedCopy(common: Common): Common {
  // biome-ignore-start lint/complexity/useLiteralKeys: the members are protected and have no getters
  const own = common['_chainParams']
  const params = common['_params']
  // biome-ignore-end lint/complexity/useLiteralKeys: see above
  const { hardforks, customHardforks } = everyHardfork
  const custom = { ...customHardforks, ...own.customHardforks }
  const chain = { ...own, hardforks, customHardforks: custom }
  return new Common({ chain, params, eips: common.eips() })
}

/** Throws `OPTION_UNSUPPORTED` where a Common has other parameters for headers than the protocol. */
export function checkHeaderParameters(common: Common, hardfork: string): void {
  const { checkedHeaders } = viewOf(common)
  if (checkedHeaders.has(hardfork)) return
  checkParameters(setTo(common, hardfork), 'header')
  checkedHeaders.add(hardfork)
}

function chainRulesetOf(common: Common, hardfork: string): ChainRuleset {
  const { rulesets } = viewOf(common)
  let found = rulesets.get(hardfork)
  if (found === undefined) {
    found = buildRuleset(common, hardfork)
    rulesets.set(hardfork, found)
  }
  return found
}

/**
 * The rules of a hardfork by the name that test suites use (`Frontier`, `EIP158`,
 * `ConstantinopleFix`, `Merge`, `Osaka`, `BPO1`, …), outside of any chain's schedule.
 */
export function rulesetForFork(name: string, options: ForkOptions = {}): Ruleset {
  const hardfork = hardforkNamed(name)
  const rules = rulesOf(hardfork)
  const blobSchedule =
    rules.blobSchedule === undefined || options.blobSchedule === undefined
      ? rules.blobSchedule
      : checkedSchedule(hardfork, options.blobSchedule)
  return {
    ...commonPart(hardfork, rules, blobSchedule),
    chainId: options.chainId ?? 1n,
    depositContract: rules.deposits ? mainnetDepositContract : undefined,
    irregularTransition: undefined,
  }
}

function hardforkNamed(name: string): string {
  const hardfork = typeof name === 'string' ? canonicalHardfork(name) : undefined
  if (hardfork !== undefined) return hardfork
  throw errorFor('UNSUPPORTED_HARDFORK', { hardfork: String(shownValue(name)) })
}

/** Most blob gas in a block; 0 before Cancun. */
export function maxBlobGas(ruleset: Ruleset): bigint {
  return BigInt((ruleset.blobSchedule?.max ?? 0) * gasPerBlob)
}

function viewOf(common: Common): ChainView {
  let view = views.get(common)
  if (view === undefined) {
    view = { schedule: scheduleOf(common), rulesets: new Map(), checkedHeaders: new Set() }
    views.set(common, view)
  }
  return view
}

function scheduleOf(common: Common): ScheduledHardfork[] {
  try {
    return common.hardforks().map(({ name, block, timestamp }) => ({
      name,
      block: block === null || block === undefined ? undefined : BigInt(block),
      timestamp: timestamp === null || timestamp === undefined ? undefined : BigInt(timestamp),
    }))
  } catch (cause) {
    throw errorFor('CHAIN_CONFIG_INVALID', {}, { cause })
  }
}

/** A Common set to a hardfork: its parameters depend on that. The caller's is left alone. */
function setTo(common: Common, hardfork: string): Common {
  const set = common.copy()
  try {
    set.setHardfork(hardfork)
  } catch (cause) {
    throw errorFor('UNSUPPORTED_HARDFORK', { hardfork }, { cause })
  }
  return set
}

function buildRuleset(common: Common, hardfork: string): ChainRuleset {
  const rules = rulesOf(hardfork)
  const set = setTo(common, hardfork)
  checkExtraEips(set, hardfork)
  checkParameters(set, 'execution')
  const part = commonPart(hardfork, rules, rules.blobSchedule && scheduleFrom(set, hardfork, rules))
  const isMined = rules.revision < Revision.Paris
  return {
    unsupportedConsensus:
      isMined && set.consensusType() === 'poa' ? set.consensusAlgorithm() : undefined,
    ruleset: {
      ...part,
      maxBlobsPerTransaction: blobsPerTransaction(set, hardfork) ?? part.maxBlobsPerTransaction,
      blockReward: (isMined ? paramOf(set, 'minerReward') : undefined) ?? rules.blockReward,
      chainId: set.chainId(),
      depositContract: rules.deposits ? depositContractOf(set) : undefined,
      irregularTransition: daoForkOf(common),
    },
  }
}

function rulesOf(hardfork: string): HardforkRules {
  const rules = hardforkRules.get(hardfork)
  if (rules === undefined) throw errorFor('UNSUPPORTED_HARDFORK', { hardfork })
  return rules
}

/** The part of a ruleset that the hardfork and its blob parameters decide. */
function commonPart(
  hardfork: string,
  rules: HardforkRules,
  blobSchedule: BlobSchedule | undefined,
): Omit<Ruleset, 'chainId' | 'depositContract' | 'irregularTransition'> {
  return {
    hardfork,
    revision: rules.revision,
    blobSchedule,
    maxBlobsPerTransaction: rules.maxBlobsPerTransaction ?? blobSchedule?.max ?? 0,
    blockReward: rules.blockReward,
    systemCalls: rules.systemCalls,
    header: rules.header,
  }
}

/** An EVM revision is a fixed set of EIPs: those that a Common adds by hand would be left out. */
function checkExtraEips(set: Common, hardfork: string): void {
  const extra = set.eips()
  if (extra.length === 0) return
  const plain = set.copy()
  plain.setEIPs([])
  for (const eip of extra) {
    if (!plain.isActivatedEIP(eip)) throw errorFor('UNSUPPORTED_EIP', { hardfork, actual: eip })
  }
}

const addressPattern = /^0x[0-9a-f]{40}$/

function depositContractOf(set: Common): Hex {
  // biome-ignore lint/complexity/useLiteralKeys: the member is protected and has no getter
  const { depositContractAddress } = set['_chainParams']
  const address = (depositContractAddress ?? mainnetDepositContract).toLowerCase()
  if (!addressPattern.test(address)) {
    throw errorFor('CHAIN_CONFIG_INVALID', { field: 'depositContractAddress', actual: address })
  }
  return address as Hex
}

function daoForkOf(common: Common): IrregularTransition | undefined {
  const block = common.hardforkBlock('dao')
  if (block === null) return undefined
  return { block, accounts: daoDrainedAccounts, beneficiary: daoRefundContract }
}
