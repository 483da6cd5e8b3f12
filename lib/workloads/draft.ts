/** Blocks before they are executed, and what executing them adds to their headers. */

import { encodeBlock } from '../block/decode.js'
import type { RpcBlock, RpcHeader } from '../block/types.js'
import { emptyOmmersHash, emptyTrieRoot } from '../empty-hashes.js'
import type { BlockResult } from '../engine/block-result.js'
import type { Engine } from '../engine/engine.js'
import type { ExecuteBlockSyncOptions } from '../engine/options.js'
import type { Hex } from '../hex/index.js'
import type { MemoryState } from '../state/memory-state.js'
import { StateTrie } from '../trie/state-trie.js'

/** 20,000,000: in Cancun on mainnet (EIP-7569). */
export const blockNumber = 20_000_000n
/** In seconds. */
export const blockTimestamp = 1_717_281_407n

const zeros = (size: number): Hex => `0x${'00'.repeat(size)}`

/** The header of a block of Frontier with nothing in it. */
export const emptyHeader: RpcHeader = {
  parentHash: zeros(32),
  sha3Uncles: emptyOmmersHash,
  miner: zeros(20),
  stateRoot: zeros(32),
  transactionsRoot: emptyTrieRoot,
  receiptsRoot: emptyTrieRoot,
  logsBloom: zeros(256),
  difficulty: 0n,
  number: 0n,
  gasLimit: 0n,
  gasUsed: 0n,
  timestamp: 0n,
  extraData: '0x',
  mixHash: zeros(32),
  nonce: zeros(8),
}

/** A block of Cancun with nothing in it, and these members in place of its own. */
export function draftBlock(members: Partial<RpcBlock>): RpcBlock {
  return {
    ...emptyHeader,
    miner: `0x${'fe'.repeat(20)}`,
    number: blockNumber,
    gasLimit: 30_000_000n,
    timestamp: blockTimestamp,
    baseFeePerGas: 7_000_000_000n,
    withdrawalsRoot: emptyTrieRoot,
    withdrawals: [],
    blobGasUsed: 0n,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: zeros(32),
    transactions: [],
    uncles: [],
    ...members,
  }
}

/** What a draft is executed with. */
export interface CompletionOptions extends ExecuteBlockSyncOptions {
  readonly state: MemoryState
  /** The state's trie, where it is there already. */
  readonly trie?: StateTrie
}

/** A block whose header is right. */
export interface CompletedBlock {
  readonly block: RpcBlock
  /** The block's RLP. */
  readonly encoded: Uint8Array
  /** What executing the draft gave: its hashes are not those of the block. */
  readonly result: BlockResult
}

/** Executes a draft, and writes into its header what that gives. The state and its trie stay as they are. */
export function completeBlock(
  engine: Engine,
  draft: RpcBlock,
  { trie, ...options }: CompletionOptions,
): CompletedBlock {
  const result = engine.executeBlockSync(draft, { ...options, verify: false })
  const stateRoot = (trie ?? new StateTrie(options.state)).rootAfter(result)
  // What differs from the header is what it should say.
  const outcome = result
    .verify()
    .map(({ field, actual }) => [field === 'ommersHash' ? 'sha3Uncles' : field, actual])
  const block: RpcBlock = { ...draft, ...Object.fromEntries(outcome), stateRoot }
  return { block, encoded: encodeBlock(block), result }
}

/** Throws where a transaction of a made block fails. */
export function demandSuccess({ receipts, number }: BlockResult): void {
  const failed = receipts.findIndex(({ status }) => status !== 'success')
  if (failed >= 0) throw new Error(`transaction ${failed} of block ${number} fails`)
}
