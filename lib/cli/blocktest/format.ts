/** The BlockchainTests format, as its files are on disk. */

import { isRecord } from '../../arguments.js'
import type { Alloc } from '../../state/alloc.js'

/** One file: tests by name. */
export type BlockTestFile = Readonly<Record<string, BlockTest>>

/** A test: a genesis block with its state, blocks to import, and where the chain ends. */
export interface BlockTest {
  /** The fork, or a change of forks: `Cancun`, `FrontierToHomesteadAt5`. */
  readonly network: string
  readonly genesisBlockHeader: BlockTestHeader
  readonly genesisRLP?: string
  readonly pre: Alloc
  readonly blocks: readonly BlockTestBlock[]
  /** The hash of the chain's last block, without `0x` in some old files. */
  readonly lastblockhash: string
  /** The state after the last block; where it is too large, its root. */
  readonly postState?: Alloc | null
  readonly postStateHash?: string
  /** `Ethash`: proofs of work are checked. */
  readonly sealEngine?: string
  readonly config?: BlockTestConfig
}

/** A header; numbers are hex. */
export interface BlockTestHeader {
  readonly hash: string
  readonly parentHash: string
  readonly uncleHash: string
  readonly coinbase: string
  readonly stateRoot: string
  readonly transactionsTrie: string
  readonly receiptTrie: string
  readonly bloom: string
  readonly difficulty: string
  readonly number: string
  readonly gasLimit: string
  readonly gasUsed: string
  readonly timestamp: string
  readonly extraData: string
  readonly mixHash: string
  readonly nonce: string
  readonly baseFeePerGas?: string
  readonly withdrawalsRoot?: string
  readonly blobGasUsed?: string
  readonly excessBlobGas?: string
  readonly parentBeaconBlockRoot?: string
  readonly requestsHash?: string
}

/** A block to import. */
export interface BlockTestBlock {
  readonly rlp: string
  /** The header, decoded, where the block is valid. */
  readonly blockHeader?: BlockTestHeader
  /** Why the block must be rejected, in one of several vocabularies. */
  readonly expectException?: string
}

/** Chain parameters of newer tests. */
export interface BlockTestConfig {
  readonly chainid?: string
  readonly blobSchedule?: Readonly<Record<string, BlockTestBlobSchedule>>
}

/** Blob parameters of a fork. */
export interface BlockTestBlobSchedule {
  readonly target: string
  readonly max: string
  readonly baseFeeUpdateFraction: string
}

/** Whether an entry of a file is a block test. */
export function isBlockTest(value: unknown): value is BlockTest {
  if (!isRecord(value)) return false
  const { network, blocks, genesisBlockHeader, pre, lastblockhash } = value as Partial<BlockTest>
  return (
    typeof network === 'string' &&
    typeof lastblockhash === 'string' &&
    Array.isArray(blocks) &&
    blocks.every((block) => typeof block?.rlp === 'string') &&
    isRecord(genesisBlockHeader) &&
    isRecord(pre)
  )
}

/**
 * Why a block must be rejected: the reason that its test gives, `''` where it gives none, undefined
 * where the block is valid. Old tests name reasons by fork, or one for `ALL`.
 */
export function expectedRejection(block: BlockTestBlock, network: string): string | undefined {
  const named = block as unknown as Readonly<Record<string, string | undefined>>
  const reason =
    named.expectException ?? named[`expectException${network}`] ?? named.expectExceptionALL
  if (reason !== undefined) return reason
  return block.blockHeader === undefined ? '' : undefined
}
