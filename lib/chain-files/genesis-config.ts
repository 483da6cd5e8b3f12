/** The rules of a chain out of the `config` of its genesis file. */

import { Common, Mainnet } from '@ethereumjs/common'
import { isRecord } from '../arguments.js'
import {
  type BlobScheduleOptions,
  blobParameters,
  canonicalHardfork,
  hardforkRules,
} from '../chain/index.js'
import { suggestion } from '../did-you-mean.js'
import { errorMeanings } from '../error-codes.js'
import { type BraidError, errorFor, shownValue } from '../errors.js'

/** A hardfork that a chain schedules, as a Common has it. */
export interface ScheduledFork {
  readonly name: string
  readonly block: number | null
  readonly timestamp?: number
}

/** What a `config` says beside the hardforks. */
export interface GenesisConfig {
  readonly chainId: number
  readonly hardforks: readonly ScheduledFork[]
  /** Where the chain merges; undefined where it never does. */
  readonly terminalTotalDifficulty: bigint | undefined
  readonly blobSchedule: Readonly<Record<string, BlobScheduleOptions>>
  readonly depositContractAddress: string | undefined
  /** How blocks are sealed before the merge, where that is not proof of work. */
  readonly authority: string | undefined
}

/** Members that name the block of a hardfork, in the order of activation. The first of a line counts. */
const blockForks: readonly (readonly [fork: string, ...members: string[]])[] = [
  ['homestead', 'homesteadBlock'],
  ['dao', 'daoForkBlock'],
  ['tangerineWhistle', 'eip150Block'],
  ['spuriousDragon', 'eip158Block', 'eip155Block'],
  ['byzantium', 'byzantiumBlock'],
  ['constantinople', 'constantinopleBlock'],
  ['petersburg', 'petersburgBlock', 'constantinopleFixBlock'],
  ['istanbul', 'istanbulBlock'],
  ['muirGlacier', 'muirGlacierBlock'],
  ['berlin', 'berlinBlock'],
  ['london', 'londonBlock'],
  ['arrowGlacier', 'arrowGlacierBlock'],
  ['grayGlacier', 'grayGlacierBlock'],
]

/** Names of hardforks after the merge, in the order of activation. */
const timeForks = ['shanghai', 'cancun', 'prague', 'osaka', 'bpo1', 'bpo2', 'bpo3', 'bpo4', 'bpo5']

const memberNames: readonly string[] = [
  ...blockForks.flatMap(([, ...members]) => members),
  ...timeForks.map((fork) => `${fork}Time`),
  'mergeNetsplitBlock',
  'mergeForkBlock',
]

/** What ends a member that switches something on. */
const switchPattern = /(Block|Time)$/

/** Switches that change nothing that is executed. */
const harmless: ReadonlySet<string> = new Set(['preMergeForkBlock'])

const authorities = ['clique', 'ibft', 'ibft2', 'qbft', 'aura']

/** Addresses that other protocols may move and this one does not. */
const fixedContracts = {
  withdrawalRequestContractAddress: '0x00000961ef480eb55e80d19ad83579a64c007002',
  consolidationRequestContractAddress: '0x0000bbddc7ce488642fb579f8b00f3a590007251',
} as const

/** What is known of the block that a chain merges in beside its `config`. */
export interface MergeFacts {
  /** The difficulty of the genesis block. */
  readonly genesisDifficulty: bigint
  /** The first block after the merge, where the `config` does not say. */
  readonly mergeBlock: bigint | undefined
}

/** Reads a `config`. Throws `CHAIN_CONFIG_INVALID` with the field, `UNSUPPORTED_HARDFORK`. */
export function readGenesisConfig(config: unknown, facts: MergeFacts): GenesisConfig {
  if (!isRecord(config)) throw invalid('config', 'an object', config)
  checkSwitches(config)
  const chainId = wholeNumber(config, 'chainId') ?? wholeNumber(config, 'chainID')
  if (chainId === undefined) throw invalid('config.chainId', 'a number', undefined)
  for (const [name, address] of Object.entries(fixedContracts)) {
    const given = config[name]
    if (given !== undefined && String(given).toLowerCase() !== address) {
      throw invalid(`config.${name}`, address, given)
    }
  }
  const totalDifficulty = config.terminalTotalDifficulty
  const terminalTotalDifficulty =
    totalDifficulty === undefined || totalDifficulty === null
      ? undefined
      : numberOf(totalDifficulty, 'config.terminalTotalDifficulty')
  return {
    chainId,
    hardforks: hardforksOf(config, terminalTotalDifficulty, facts),
    terminalTotalDifficulty,
    blobSchedule: blobScheduleOf(config.blobSchedule),
    depositContractAddress: depositContractOf(config.depositContractAddress),
    authority: authorities.find((name) => config[name] !== undefined && config[name] !== null),
  }
}

/** A Common that has these rules. */
export function commonOf(config: GenesisConfig, name = 'custom'): Common {
  const { chainId, hardforks, authority, depositContractAddress, blobSchedule } = config
  const { params, customHardforks } = blobParameters(blobSchedule)
  const { genesis, bootstrapNodes } = Mainnet
  return new Common({
    chain: {
      name,
      chainId,
      genesis,
      bootstrapNodes,
      defaultHardfork: 'chainstart',
      consensus:
        authority === undefined
          ? { type: 'pow', algorithm: 'ethash', ethash: {} }
          : { type: 'poa', algorithm: authority },
      hardforks: [...hardforks],
      customHardforks,
      ...(depositContractAddress === undefined
        ? {}
        : { depositContractAddress: depositContractAddress as `0x${string}` }),
    },
    params,
  })
}

function hardforksOf(
  config: Readonly<Record<string, unknown>>,
  terminal: bigint | undefined,
  facts: MergeFacts,
): ScheduledFork[] {
  const forks: ScheduledFork[] = [{ name: 'chainstart', block: 0 }]
  const add = (name: string, block: number | undefined): void => {
    if (block !== undefined) forks.push({ name, block })
  }
  for (const [name, ...members] of blockForks) {
    const blocks = members.map((member) => wholeNumber(config, member))
    const block = blocks.find((found) => found !== undefined)
    const other = blocks.find((found) => found !== undefined && found !== block)
    if (other !== undefined) throw invalid(`config.${members[1]}`, block ?? null, other)
    if (name === 'dao' && config.daoForkSupport === false) continue
    // A chain that never says when the mended Constantinople begins has it from the start.
    add(name, block ?? (name === 'petersburg' ? lastOf(forks, 'constantinople') : undefined))
  }
  const netsplit = wholeNumber(config, 'mergeNetsplitBlock')
  add('paris', mergeBlockOf(config, terminal, facts))
  if (netsplit !== undefined) add('mergeNetsplitBlock', netsplit)
  checkOrder(forks)
  let previous = 0
  for (const name of timeForks) {
    const timestamp = wholeNumber(config, `${name}Time`)
    if (timestamp === undefined) continue
    if (timestamp < previous) throw invalid(`config.${name}Time`, `${previous} or later`, timestamp)
    forks.push({ name, block: null, timestamp })
    previous = timestamp
  }
  return forks
}

function lastOf(forks: readonly ScheduledFork[], name: string): number | undefined {
  const last = forks[forks.length - 1]
  return last.name === name ? (last.block ?? undefined) : undefined
}

/** The first block that is not mined, as far as it is known. */
function mergeBlockOf(
  config: Readonly<Record<string, unknown>>,
  terminal: bigint | undefined,
  { genesisDifficulty, mergeBlock }: MergeFacts,
): number | undefined {
  if (mergeBlock !== undefined) return Number(mergeBlock)
  const stated = wholeNumber(config, 'mergeForkBlock') ?? wholeNumber(config, 'mergeNetsplitBlock')
  if (stated !== undefined) return stated
  return terminal !== undefined && terminal <= genesisDifficulty ? 0 : undefined
}

function checkOrder(forks: readonly ScheduledFork[]): void {
  let previous = forks[0]
  for (const fork of forks) {
    const { name, block } = fork
    if ((block ?? 0) < (previous.block ?? 0)) {
      const expected = `not before ${previous.name} (${previous.block})`
      throw invalid(`config (${name})`, expected, block)
    }
    previous = fork
  }
}

/** Fails at a switch that nobody would look at: a slip of the hand, or rules that are not known. */
function checkSwitches(config: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(config)) {
    if (value === null || !switchPattern.test(name)) continue
    if (memberNames.includes(name) || harmless.has(name)) continue
    const meant = suggestion(name, memberNames)
    if (meant === '') {
      throw errorFor('UNSUPPORTED_HARDFORK', { hardfork: name.replace(switchPattern, '') })
    }
    const field = `config.${name}`
    const message = `${errorMeanings.CHAIN_CONFIG_INVALID}: '${field}' is not known${meant}`
    throw errorFor('CHAIN_CONFIG_INVALID', { field }, { message })
  }
}

function blobScheduleOf(value: unknown): Readonly<Record<string, BlobScheduleOptions>> {
  if (value === undefined || value === null) return {}
  if (!isRecord(value)) throw invalid('config.blobSchedule', 'an object', value)
  const schedules: Record<string, BlobScheduleOptions> = {}
  for (const [name, schedule] of Object.entries(value)) {
    if (schedule === null) continue
    const field = `config.blobSchedule.${name}`
    const hardfork = canonicalHardfork(name)
    if (hardfork === undefined || hardforkRules.get(hardfork)?.blobSchedule === undefined) {
      throw invalid(field, 'a hardfork with blobs', name)
    }
    if (!isRecord(schedule)) throw invalid(field, 'an object', schedule)
    for (const member of ['target', 'max', 'baseFeeUpdateFraction']) {
      if (schedule[member] === undefined) throw invalid(`${field}.${member}`, 'a number', undefined)
    }
    schedules[hardfork] = schedule as unknown as BlobScheduleOptions
  }
  return schedules
}

function depositContractOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase()
  throw invalid('config.depositContractAddress', '0x hex of 20 bytes', value)
}

function wholeNumber(config: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = config[name]
  if (value === undefined || value === null) return undefined
  const number = numberOf(value, `config.${name}`)
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw invalid(`config.${name}`, 'a number of at most 53 bits', value)
  }
  return Number(number)
}

/** A number of a genesis file: a JSON number, or decimal or `0x` hex digits. */
export function numberOf(value: unknown, field: string): bigint {
  // JSON has no integers: what was written with more digits than a double holds is rounded.
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return BigInt(value)
  if (typeof value === 'bigint' && value >= 0n) return value
  if (typeof value === 'string' && /^(0x[0-9a-fA-F]*|[0-9]+)$/.test(value)) {
    return value === '0x' ? 0n : BigInt(value)
  }
  throw invalid(field, 'a number', value)
}

/** The error for a wrong value. */
export function invalid(
  field: string,
  expected: string | number | null,
  actual: unknown,
): BraidError {
  const found = actual === undefined ? 'nothing' : shownValue(actual)
  return errorFor('CHAIN_CONFIG_INVALID', { field, expected, actual: found })
}
