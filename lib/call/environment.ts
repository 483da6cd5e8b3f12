/** The block that calls are run in. */

import type { Common } from '@ethereumjs/common'
import {
  checkMembers,
  checkObject,
  checkUint64,
  demand,
  hexToBytes,
  type MembersOf,
} from '../arguments.js'
import { type BlockEnvironment, type BlockHeader, checkEnvironment } from '../block/index.js'
import { type InputContext, visibleBlockHashes } from '../block/input-context.js'
import {
  type BlockHashes,
  Revision,
  type Ruleset,
  rulesetAt,
  transactionRulesetOf,
} from '../chain/index.js'
import { type Quantity, uint256ToBytes, zeroHash } from '../hex/index.js'
import type { ReadableState } from '../state/readable-state.js'
import { numberOf } from './request.js'

/** What calls look at of a block's header. */
export type CallBlock = Pick<
  BlockHeader,
  | 'number'
  | 'timestamp'
  | 'gasLimit'
  | 'coinbase'
  | 'baseFeePerGas'
  | 'mixHash'
  | 'difficulty'
  | 'excessBlobGas'
  | 'parentHash'
>

/** Values of the block that are replaced, as `eth_call` of JSON-RPC takes them. */
export interface BlockOverrides {
  /** What NUMBER returns; the hardfork follows from it and the time. */
  readonly number?: Quantity | undefined
  /** What TIMESTAMP returns, in seconds since 1970. */
  readonly time?: Quantity | undefined
  /** What GASLIMIT returns; calls are not bound to it. */
  readonly gasLimit?: Quantity | undefined
  /** What COINBASE returns, and who gets the fees. */
  readonly feeRecipient?: string | undefined
  /** What PREVRANDAO returns, 32 bytes. */
  readonly prevRandao?: string | undefined
  /** What the same instruction returns before Paris. */
  readonly difficulty?: Quantity | undefined
  /** In wei per gas. */
  readonly baseFeePerGas?: Quantity | undefined
  /** In wei per blob gas. */
  readonly blobBaseFee?: Quantity | undefined
}

/** Where calls are run. One of `block` and `environment`; without either, a block made up for now. */
export interface CallPlace {
  /** The header of the block that the state is that after, as nodes run `eth_call`. */
  readonly block?: CallBlock | undefined
  /** The block, value by value. */
  readonly environment?: BlockEnvironment | undefined
  /** Hashes of ancestors for BLOCKHASH. The parent's is known from the block. */
  readonly blockHashes?: BlockHashes | undefined
  /** The rules, by a hardfork's name. Default: those of the engine's chain for the block. */
  readonly hardfork?: string | undefined
  /** Values of the block that are replaced. */
  readonly blockOverrides?: BlockOverrides | undefined
}

/** The block of calls, ready to be packed. */
export interface CallContext extends InputContext {
  /** In place of what follows from the excess of blob gas. */
  readonly blobBaseFee?: bigint | undefined
}

/** Every member of {@link BlockOverrides}. */
export const overrideMembers: MembersOf<BlockOverrides> = {
  number: true,
  time: true,
  gasLimit: true,
  feeRecipient: true,
  prevRandao: true,
  difficulty: true,
  baseFeePerGas: true,
  blobBaseFee: true,
}

/** What others call the members of {@link BlockOverrides}. */
const overrideSynonyms: ReadonlyMap<string, string> = new Map([
  ['timestamp', 'time'],
  ['coinbase', 'feeRecipient'],
  ['baseFee', 'baseFeePerGas'],
  ['random', 'prevRandao'],
])

/** The gas limit of a block that is made up. */
const usualGasLimit = 30_000_000n

/**
 * The block that calls are run in.
 *
 * @throws OptionsError `OPTION_INVALID`; ChainError where the hardfork is not supported
 */
export function contextOf(common: Common, state: ReadableState, place: CallPlace): CallContext {
  const { block, environment, hardfork, blockOverrides = {} } = place
  demand(
    block === undefined || environment === undefined,
    'environment',
    'none beside a block',
    environment,
  )
  checkObject(blockOverrides, 'blockOverrides')
  checkMembers(blockOverrides, overrideMembers, {
    prefix: 'blockOverrides.',
    synonyms: overrideSynonyms,
  })
  const given = environment ?? (block === undefined ? madeUp(state) : ofHeader(block))
  checkEnvironment(given)
  const blockHashes = place.blockHashes ?? given.blockHashes
  const said = readOverrides(blockOverrides)
  const number = said.number ?? given.number
  const timestamp = said.time ?? given.timestamp
  checkUint64(number, 'number')
  checkUint64(timestamp, 'timestamp')
  const ruleset =
    hardfork === undefined
      ? rulesetAt(common, number, timestamp)
      : transactionRulesetOf(common, hardfork)
  const { gasLimit = given.gasLimit, baseFee = given.baseFee ?? 0n, blobBaseFee } = said
  checkUint64(gasLimit, 'gasLimit')
  // Of another number, the block has another parent.
  const parentHash = number === given.number ? given.parentHash : undefined
  return {
    ruleset,
    number,
    timestamp,
    gasLimit,
    baseFee,
    blobBaseFee,
    excessBlobGas: given.excessBlobGas ?? 0n,
    blockReward: 0n,
    prevRandao: randomnessOf(ruleset, given, blockOverrides, said.difficulty),
    parentHash: hexToBytes(parentHash ?? zeroHash, 32, 'parentHash'),
    coinbase: hexToBytes(
      blockOverrides.feeRecipient ?? given.coinbase,
      20,
      blockOverrides.feeRecipient === undefined ? 'coinbase' : 'blockOverrides.feeRecipient',
    ),
    depositContract: undefined,
    systemCalls: [],
    blockHashes: visibleBlockHashes(blockHashes, number, parentHash),
    drains: [],
    drainBeneficiary: undefined,
    flags: 0,
  }
}

function readOverrides(overrides: BlockOverrides) {
  const read = (name: keyof BlockOverrides, bits: number): bigint | undefined => {
    const value = overrides[name]
    return value === undefined ? undefined : numberOf(value, bits, `blockOverrides.${name}`)
  }
  return {
    number: read('number', 64),
    time: read('time', 64),
    gasLimit: read('gasLimit', 64),
    difficulty: read('difficulty', 256),
    baseFee: read('baseFeePerGas', 256),
    blobBaseFee: read('blobBaseFee', 256),
  }
}

function randomnessOf(
  { revision }: Ruleset,
  { prevRandao, difficulty = 0n }: BlockEnvironment,
  overrides: BlockOverrides,
  saidDifficulty: bigint | undefined,
): Uint8Array {
  if (revision < Revision.Paris) return uint256ToBytes(saidDifficulty ?? difficulty)
  if (overrides.prevRandao !== undefined) {
    return hexToBytes(overrides.prevRandao, 32, 'blockOverrides.prevRandao')
  }
  return hexToBytes(prevRandao ?? zeroHash, 32, 'prevRandao')
}

function ofHeader(block: CallBlock): BlockEnvironment {
  checkObject(block, 'block')
  const { number, timestamp, gasLimit, coinbase, baseFeePerGas, mixHash } = block
  const { difficulty, excessBlobGas, parentHash } = block
  return {
    number,
    timestamp,
    gasLimit,
    coinbase,
    baseFee: baseFeePerGas,
    prevRandao: mixHash,
    difficulty,
    excessBlobGas,
    parentHash: number === 0n ? undefined : parentHash,
  }
}

/** A block for who names none: the state's own number, the time of now, nothing to be paid. */
function madeUp({ head }: ReadableState): BlockEnvironment {
  return {
    number: head?.number ?? 0n,
    timestamp: BigInt(Math.floor(Date.now() / 1000)),
    gasLimit: usualGasLimit,
    coinbase: `0x${'00'.repeat(20)}`,
  }
}
