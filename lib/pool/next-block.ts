/** The block that comes next, as far as the head tells. */

import type { CandidateEnvironment } from '../block/index.js'
import { blobBaseFee, nextBaseFee, nextExcessBlobGas, Revision, rulesetAt } from '../chain/index.js'
import type { Chain } from '../chain-head/index.js'
import { errorFor } from '../errors.js'
import type { PoolFees } from './sender-queue.js'

/** The block behind the head, as far as it is known. */
export function environmentAfter({ engine, header }: Chain): CandidateEnvironment {
  if (header === undefined) throw errorFor('CHAIN_HEAD_UNKNOWN')
  const number = header.number + 1n
  const now = BigInt(Math.floor(Date.now() / 1000))
  const timestamp = now > header.timestamp ? now : header.timestamp + 1n
  return {
    ruleset: rulesetAt(engine.common, number, timestamp),
    number,
    timestamp,
    gasLimit: header.gasLimit,
  }
}

/** The fees of the block behind the head. */
export function feesAfter(chain: Chain): PoolFees {
  const { ruleset } = environmentAfter(chain)
  const header = chain.header
  if (header === undefined) throw errorFor('CHAIN_HEAD_UNKNOWN')
  const { blobSchedule } = ruleset
  const baseFee = ruleset.revision < Revision.London ? 0n : nextBaseFee(header)
  if (blobSchedule === undefined) return { baseFee, blobFee: 1n }
  const { excessBlobGas = 0n, blobGasUsed = 0n, baseFeePerGas = 0n } = header
  const parent = { excessBlobGas, blobGasUsed, baseFeePerGas }
  const excess = nextExcessBlobGas(parent, blobSchedule, ruleset.header.blobReservePrice)
  return { baseFee, blobFee: blobBaseFee(excess, blobSchedule.baseFeeUpdateFraction) }
}
