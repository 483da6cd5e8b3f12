/** Building of the block that follows another. */

import { checkOptions, checkUint64, checkUint256, demand, type MembersOf } from '../arguments.js'
import {
  type BlockHeader,
  type DecodedBlock,
  decodeBlock,
  encodeBlock,
  type RpcBlock,
  type RpcHeader,
  type RpcTransaction,
  type RpcWithdrawal,
} from '../block/index.js'
import {
  daoForkExtraData,
  daoForkExtraDataBlocks,
  difficultyOf,
  gasLimitRange,
  nextBaseFee,
  Revision,
  type Ruleset,
  rulesetAt,
} from '../chain/index.js'
import { emptyOmmersHash, emptyTrieRoot } from '../empty-hashes.js'
import type { BlockResult } from '../engine/block-result.js'
import type { Engine } from '../engine/engine.js'
import type { ExecuteBlockOptions } from '../engine/options.js'
import type { Hex } from '../hex/index.js'
import { blobFields } from '../validation/index.js'

/** What goes into a block. Everything else follows from the parent and from executing it. */
export interface BuildBlockOptions {
  /** In seconds since 1970; after the parent's. */
  readonly timestamp: bigint
  /** Who gets the fees. Default: the zero address. */
  readonly coinbase?: string | undefined
  /** Signed transactions in their order: encoded (EIP-2718), or as JSON-RPC has them. Default: none. */
  readonly transactions?: readonly (Uint8Array | RpcTransaction)[] | undefined
  /** From Shanghai on. Default: none. */
  readonly withdrawals?: readonly RpcWithdrawal[] | undefined
  /** Before Paris, the headers of ommers. Default: none. */
  readonly ommers?: readonly RpcHeader[] | undefined
  /** Default: the parent's, or what comes nearest to it among those that the block may have. */
  readonly gasLimit?: bigint | undefined
  /** At most 32 bytes. Default: none, or what the blocks of the DAO fork must say. */
  readonly extraData?: string | undefined
  /** From Cancun on. Default: zeros. */
  readonly parentBeaconBlockRoot?: string | undefined
  /** The randomness, from Paris on; before, the mix of the proof of work. Default: zeros. */
  readonly prevRandao?: string | undefined
  /** From London on, in wei. Default: what follows from the parent, which is what a valid block has. */
  readonly baseFeePerGas?: bigint | undefined
  /** Ends the execution with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
}

/** A block that was built. */
export interface BuiltBlock {
  /** The block's RLP. */
  readonly rlp: Uint8Array
  /** Its header. */
  readonly header: BlockHeader
  /** What executing it gave. */
  readonly result: BlockResult
}

const members: MembersOf<BuildBlockOptions> = {
  timestamp: true,
  coinbase: true,
  transactions: true,
  withdrawals: true,
  ommers: true,
  gasLimit: true,
  extraData: true,
  parentBeaconBlockRoot: true,
  prevRandao: true,
  baseFeePerGas: true,
  signal: true,
}

const zeros = (size: number): Hex => `0x${'00'.repeat(size)}`

/** Throws `OPTION_INVALID` where a block cannot be built of these. */
export function checkBuildOptions(options: BuildBlockOptions): void {
  checkOptions(options, members)
  const { timestamp, gasLimit, baseFeePerGas } = options
  checkUint64(timestamp, 'timestamp')
  if (gasLimit !== undefined) checkUint64(gasLimit, 'gasLimit')
  if (baseFeePerGas !== undefined) checkUint256(baseFeePerGas, 'baseFeePerGas')
  for (const name of ['transactions', 'withdrawals', 'ommers'] as const) {
    const list: unknown = options[name]
    demand(list === undefined || Array.isArray(list), name, 'an array', list)
  }
}

/**
 * Builds the block that follows `parent` on the state after it: executes it, and says in its header what that
 * gives.
 */
export async function buildBlock(
  engine: Engine,
  parent: BlockHeader,
  options: BuildBlockOptions,
  execution: ExecuteBlockOptions,
): Promise<BuiltBlock> {
  const { timestamp, signal } = options
  const ruleset = rulesetAt(engine.common, parent.number + 1n, timestamp)
  const draft = draftOf(parent, ruleset, options)
  // Receipts before Byzantium hold state roots, without which they have none of their own.
  const transactionRoots = ruleset.revision < Revision.Byzantium && draft.transactions.length > 0
  const settings = { ...execution, signal, verify: false, transactionRoots }
  const result = await engine.executeBlock(encodeBlock(draft), settings)
  const built = completed(draft, result)
  const rlp = encodeBlock(built)
  const block: DecodedBlock = decodeBlock(rlp)
  return { rlp, header: block.header, result: result.ofBlock(block) }
}

/** A block whose header says what executing its draft gave. */
function completed(draft: RpcBlock, result: BlockResult): RpcBlock {
  // What differs from the header is what it should say.
  const outcome = result
    .verify()
    .map(({ field, actual }) => [field === 'ommersHash' ? 'sha3Uncles' : field, actual])
  return { ...draft, ...(Object.fromEntries(outcome) as Partial<RpcBlock>) }
}

/** The block without what executing it gives. */
export function draftOf(
  parent: BlockHeader,
  ruleset: Ruleset,
  options: BuildBlockOptions,
): RpcBlock {
  const { timestamp, coinbase = zeros(20), transactions = [], withdrawals, ommers = [] } = options
  const { revision } = ruleset
  const number = parent.number + 1n
  for (const [name, has] of [
    ['withdrawals', revision >= Revision.Shanghai],
    ['ommers', revision < Revision.Paris],
    ['parentBeaconBlockRoot', revision >= Revision.Cancun],
    ['baseFeePerGas', revision >= Revision.London],
  ] as const) {
    const given = options[name]
    demand(has || given === undefined, name, `nothing in a block of ${ruleset.hardfork}`, given)
  }
  return {
    parentHash: parent.hash,
    sha3Uncles: emptyOmmersHash,
    miner: coinbase,
    stateRoot: zeros(32),
    transactionsRoot: emptyTrieRoot,
    receiptsRoot: emptyTrieRoot,
    logsBloom: zeros(256),
    difficulty: difficultyAfter(parent, ruleset, timestamp),
    number,
    gasLimit: options.gasLimit ?? usualGasLimit(parent, revision),
    gasUsed: 0n,
    timestamp,
    extraData: options.extraData ?? usualExtraData(ruleset, number),
    mixHash: options.prevRandao ?? zeros(32),
    nonce: zeros(8),
    ...(revision >= Revision.London
      ? { baseFeePerGas: options.baseFeePerGas ?? nextBaseFee(parent) }
      : {}),
    ...(revision >= Revision.Shanghai
      ? { withdrawalsRoot: emptyTrieRoot, withdrawals: withdrawals ?? [] }
      : {}),
    ...blobFields(ruleset, parent, options.parentBeaconBlockRoot),
    ...(revision >= Revision.Prague ? { requestsHash: zeros(32) } : {}),
    // Encoded ones are told apart by whoever writes the block.
    transactions: transactions as readonly RpcTransaction[],
    uncles: ommers,
  }
}

function usualGasLimit(parent: BlockHeader, revision: number): bigint {
  const { least, most } = gasLimitRange(parent, revision >= Revision.London)
  const { gasLimit } = parent
  return gasLimit < least ? least : gasLimit > most ? most : gasLimit
}

function usualExtraData({ irregularTransition }: Ruleset, number: bigint): Hex {
  const distance = irregularTransition === undefined ? -1n : number - irregularTransition.block
  return distance >= 0n && distance < daoForkExtraDataBlocks ? daoForkExtraData : '0x'
}

function difficultyAfter(parent: BlockHeader, { header }: Ruleset, timestamp: bigint): bigint {
  if (header.difficulty === undefined) return 0n
  return difficultyOf(header.difficulty, {
    number: parent.number + 1n,
    timestamp,
    parentTimestamp: parent.timestamp,
    parentDifficulty: parent.difficulty,
    parentHasOmmers: parent.ommersHash !== emptyOmmersHash,
  })
}
