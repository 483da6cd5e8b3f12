/** What each hardfork changes for executing blocks: data only, from the EIPs. */

import type { Hex } from '../hex/index.js'
import { SystemCallPhase } from '../native/wire.js'
import { type DifficultyRule, difficultyRules } from './difficulty.js'

/** The parameters of blob gas (EIP-4844, EIP-7840). */
export interface BlobSchedule {
  /** Blobs per block that leave the price as it is. */
  readonly target: number
  /** Most blobs in a block. */
  readonly max: number
  /** Controls how fast the price of blob gas follows the excess. */
  readonly baseFeeUpdateFraction: bigint
}

/** A call that the protocol makes before or after a block's transactions. */
export interface SystemCallRule {
  readonly name: 'beaconRoots' | 'blockHashes' | 'withdrawalRequests' | 'consolidationRequests'
  readonly address: Hex
  readonly phase: SystemCallPhase
  /** The type byte of the request that the output becomes (EIP-7685); 0 where it becomes none. */
  readonly requestType: number
}

/** What a hardfork demands of headers beyond the fields that its revision has. */
export interface HeaderRules {
  /** How difficulty follows from the parent; undefined from Paris on, where it is 0 (EIP-3675). */
  readonly difficulty: DifficultyRule | undefined
  /** Whether the excess of blob gas keeps a reserve price (EIP-7918). */
  readonly blobReservePrice: boolean
  /** Most bytes of a block's RLP (EIP-7934); undefined where there is no limit. */
  readonly maxBlockSize: number | undefined
}

/** The rules of one hardfork. */
export interface HardforkRules {
  /** Number of the EVM revision in EVMC 12. */
  readonly revision: number
  /** What the block's producer is paid, in wei; 0 from Paris on (EIP-3675). */
  readonly blockReward: bigint
  /** Undefined before Cancun. */
  readonly blobSchedule: BlobSchedule | undefined
  /** Most blobs in one transaction (EIP-7594); undefined where only the block's maximum holds. */
  readonly maxBlobsPerTransaction: number | undefined
  readonly systemCalls: readonly SystemCallRule[]
  /** Whether deposit events become requests (EIP-6110). */
  readonly deposits: boolean
  readonly header: HeaderRules
}

/** EVM revisions by their EVMC number. */
export const Revision = {
  Frontier: 0,
  Homestead: 1,
  TangerineWhistle: 2,
  SpuriousDragon: 3,
  Byzantium: 4,
  Constantinople: 5,
  Petersburg: 6,
  Istanbul: 7,
  Berlin: 8,
  London: 9,
  Paris: 10,
  Shanghai: 11,
  Cancun: 12,
  Prague: 13,
  Osaka: 14,
} as const

/** Gas that one blob uses (EIP-4844, GAS_PER_BLOB). */
export const gasPerBlob = 131_072

/** Mainnet's deposit contract (EIP-6110); test networks have their own. */
export const mainnetDepositContract: Hex = '0x00000000219ab540356cbb839cbe05303d7705fa'

const ether = 10n ** 18n

const beaconRoots: SystemCallRule = {
  name: 'beaconRoots',
  // EIP-4788, BEACON_ROOTS_ADDRESS
  address: '0x000f3df6d732807ef1319fb7b8bb8522d0beac02',
  phase: SystemCallPhase.BeforeTransactions,
  requestType: 0,
}

const blockHashes: SystemCallRule = {
  name: 'blockHashes',
  // EIP-2935, HISTORY_STORAGE_ADDRESS
  address: '0x0000f90827f1c53a10cb7a02335b175320002935',
  phase: SystemCallPhase.BeforeTransactions,
  requestType: 0,
}

const withdrawalRequests: SystemCallRule = {
  name: 'withdrawalRequests',
  // EIP-7002, WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS
  address: '0x00000961ef480eb55e80d19ad83579a64c007002',
  phase: SystemCallPhase.AfterTransactions,
  requestType: 1,
}

const consolidationRequests: SystemCallRule = {
  name: 'consolidationRequests',
  // EIP-7251, CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS
  address: '0x0000bbddc7ce488642fb579f8b00f3a590007251',
  phase: SystemCallPhase.AfterTransactions,
  requestType: 2,
}

/** MAX_BLOCK_SIZE less SAFETY_MARGIN (EIP-7934). */
const maxBlockSize = 10_485_760 - 2_097_152

/** The rules for headers under one of the difficulty formulas. */
function proofOfWork(rule: keyof typeof difficultyRules): HeaderRules {
  return { difficulty: difficultyRules[rule], blobReservePrice: false, maxBlockSize: undefined }
}

const proofOfStake: HeaderRules = {
  difficulty: undefined,
  blobReservePrice: false,
  maxBlockSize: undefined,
}

const frontier: HardforkRules = {
  revision: Revision.Frontier,
  blockReward: 5n * ether,
  blobSchedule: undefined,
  maxBlobsPerTransaction: undefined,
  systemCalls: [],
  deposits: false,
  header: proofOfWork('frontier'),
}
const homestead: HardforkRules = {
  ...frontier,
  revision: Revision.Homestead,
  header: proofOfWork('homestead'),
}
const tangerineWhistle: HardforkRules = { ...homestead, revision: Revision.TangerineWhistle }
const spuriousDragon: HardforkRules = { ...tangerineWhistle, revision: Revision.SpuriousDragon }
const byzantium: HardforkRules = {
  ...spuriousDragon,
  revision: Revision.Byzantium,
  blockReward: 3n * ether, // EIP-649
  header: proofOfWork('byzantium'),
}
const constantinople: HardforkRules = {
  ...byzantium,
  revision: Revision.Constantinople,
  blockReward: 2n * ether, // EIP-1234
  header: proofOfWork('constantinople'),
}
const petersburg: HardforkRules = { ...constantinople, revision: Revision.Petersburg }
const istanbul: HardforkRules = { ...petersburg, revision: Revision.Istanbul }
const muirGlacier: HardforkRules = { ...istanbul, header: proofOfWork('muirGlacier') }
const berlin: HardforkRules = { ...muirGlacier, revision: Revision.Berlin }
const london: HardforkRules = {
  ...berlin,
  revision: Revision.London,
  header: proofOfWork('london'),
}
const arrowGlacier: HardforkRules = { ...london, header: proofOfWork('arrowGlacier') }
const grayGlacier: HardforkRules = { ...london, header: proofOfWork('grayGlacier') }
const paris: HardforkRules = {
  ...london,
  revision: Revision.Paris,
  blockReward: 0n,
  header: proofOfStake,
}
const shanghai: HardforkRules = { ...paris, revision: Revision.Shanghai }
const cancun: HardforkRules = {
  ...shanghai,
  revision: Revision.Cancun,
  blobSchedule: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477n }, // EIP-4844
  systemCalls: [beaconRoots],
}
const prague: HardforkRules = {
  ...cancun,
  revision: Revision.Prague,
  blobSchedule: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716n }, // EIP-7691
  systemCalls: [beaconRoots, blockHashes, withdrawalRequests, consolidationRequests],
  deposits: true,
}
const osaka: HardforkRules = {
  ...prague,
  revision: Revision.Osaka,
  maxBlobsPerTransaction: 6,
  header: { difficulty: undefined, blobReservePrice: true, maxBlockSize },
}
// EIP-7892 makes forks of blob parameters alone; the numbers are those set for mainnet (EIP-8134,
// EIP-8135). BPO3 to BPO5 have none yet: they keep the last ones unless the chain says otherwise.
const bpo1: HardforkRules = {
  ...osaka,
  blobSchedule: { target: 10, max: 15, baseFeeUpdateFraction: 8_346_193n },
}
const bpo2: HardforkRules = {
  ...osaka,
  blobSchedule: { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671n },
}

/** Rules by the hardfork names of `@ethereumjs/common`, in the order of activation. */
export const hardforkRules: ReadonlyMap<string, HardforkRules> = new Map([
  ['chainstart', frontier],
  ['homestead', homestead],
  ['dao', homestead],
  ['tangerineWhistle', tangerineWhistle],
  ['spuriousDragon', spuriousDragon],
  ['byzantium', byzantium],
  ['constantinople', constantinople],
  ['petersburg', petersburg],
  ['istanbul', istanbul],
  ['muirGlacier', muirGlacier],
  ['berlin', berlin],
  ['london', london],
  ['arrowGlacier', arrowGlacier],
  ['grayGlacier', grayGlacier],
  ['paris', paris],
  ['mergeNetsplitBlock', paris],
  ['shanghai', shanghai],
  ['cancun', cancun],
  ['prague', prague],
  ['osaka', osaka],
  ['bpo1', bpo1],
  ['bpo2', bpo2],
  ['bpo3', bpo2],
  ['bpo4', bpo2],
  ['bpo5', bpo2],
])

/** Other names that test suites and clients give to hardforks, in lower case. */
const hardforkAliases: ReadonlyMap<string, string> = new Map([
  ['frontier', 'chainstart'],
  ['daofork', 'dao'],
  ['eip150', 'tangerineWhistle'],
  ['eip158', 'spuriousDragon'],
  ['constantinoplefix', 'petersburg'],
  ['merge', 'paris'],
])

const canonicalNames: ReadonlyMap<string, string> = new Map(
  [...hardforkRules.keys()].map((name) => [name.toLowerCase(), name]),
)

/**
 * The name that `@ethereumjs/common` gives to a hardfork, from that name or one that test suites use
 * (`EIP150`, `ConstantinopleFix`, `Merge`, …), in any case. Undefined when it is not known.
 */
export function canonicalHardfork(name: string): string | undefined {
  const lower = name.toLowerCase()
  return hardforkAliases.get(lower) ?? canonicalNames.get(lower)
}
