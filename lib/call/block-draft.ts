/** Headers of simulated blocks, as far as they follow from the block before. */

import type { BlockHeader, RpcBlock } from '../block/index.js'
import { nextBaseFee, Revision, type Ruleset } from '../chain/index.js'
import { emptyOmmersHash, emptyTrieRoot } from '../empty-hashes.js'
import { type Hex, zeroHash } from '../hex/index.js'
import { blobFields } from '../validation/index.js'
import { numberOf } from './request.js'
import type { PlannedBlock } from './simulation.js'

const zeros = (size: number): Hex => `0x${'00'.repeat(size)}`

/** The block without its transactions and what executing it gives. */
export function draftOf(
  { number, time, overrides, place }: PlannedBlock,
  ruleset: Ruleset,
  parent: BlockHeader,
  validation: boolean,
): RpcBlock {
  const { revision } = ruleset
  const read = (name: 'gasLimit' | 'difficulty' | 'baseFeePerGas', bits: number) => {
    const value = overrides[name]
    const field = `${place}.blockOverrides.${name}`
    return value === undefined ? undefined : numberOf(value, bits, field)
  }
  const isMerged = revision >= Revision.Paris
  const usualFee = validation ? nextBaseFee(parent) : 0n
  return {
    parentHash: parent.hash,
    sha3Uncles: emptyOmmersHash,
    miner: overrides.feeRecipient ?? parent.coinbase,
    stateRoot: zeroHash,
    transactionsRoot: emptyTrieRoot,
    receiptsRoot: emptyTrieRoot,
    logsBloom: zeros(256),
    difficulty: read('difficulty', 256) ?? (isMerged ? 0n : parent.difficulty),
    number,
    gasLimit: read('gasLimit', 64) ?? parent.gasLimit,
    gasUsed: 0n,
    timestamp: time,
    extraData: '0x',
    mixHash: overrides.prevRandao ?? zeroHash,
    nonce: zeros(8),
    ...(revision >= Revision.London
      ? { baseFeePerGas: read('baseFeePerGas', 256) ?? usualFee }
      : {}),
    ...(revision >= Revision.Shanghai
      ? { withdrawalsRoot: emptyTrieRoot, withdrawals: overrides.withdrawals ?? [] }
      : {}),
    ...blobFields(ruleset, parent, overrides.beaconRoot),
    ...(revision >= Revision.Prague ? { requestsHash: zeroHash } : {}),
    transactions: [],
    uncles: [],
  }
}
