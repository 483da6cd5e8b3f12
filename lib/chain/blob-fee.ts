/** The price of blob gas (EIP-4844). */

import { type BlobSchedule, gasPerBlob } from './hardforks.js'

const minBlobBaseFee = 1n
const maxUint256 = (1n << 256n) - 1n
/** ln(2^256) is below 178: from this ratio on the price no longer fits 256 bits. */
const saturationRatio = 178n

/**
 * The blob base fee in wei for an excess of blob gas: EIP-4844's `fake_exponential` with a factor of
 * 1. Prices beyond 256 bits, which no transaction could pay, come out as 2^256 - 1.
 *
 * @param excessBlobGas the header's `excessBlobGas`
 * @param updateFraction the hardfork's BLOB_BASE_FEE_UPDATE_FRACTION, above 0
 */
export function blobBaseFee(excessBlobGas: bigint, updateFraction: bigint): bigint {
  // The series below takes a number of terms in proportion to the ratio: it must be bounded first.
  if (excessBlobGas >= saturationRatio * updateFraction) return maxUint256
  let sum = 0n
  let term = minBlobBaseFee * updateFraction
  for (let i = 1n; term > 0n; i++) {
    sum += term
    term = (term * excessBlobGas) / (updateFraction * i)
  }
  const fee = sum / updateFraction
  return fee > maxUint256 ? maxUint256 : fee
}

/** Gas that checking a blob costs at the least, in units of the base fee (EIP-7918, BLOB_BASE_COST). */
const blobBaseCost = 8192n

/** What the excess of blob gas takes from a block's parent; before Cancun all is 0. */
export interface BlobParent {
  readonly excessBlobGas: bigint
  readonly blobGasUsed: bigint
  readonly baseFeePerGas: bigint
}

/**
 * The excess of blob gas that a block must have (EIP-4844).
 *
 * @param schedule the blob parameters of the block, not of its parent (EIP-7892)
 * @param hasReservePrice whether blobs cost at the least what checking them does (EIP-7918)
 */
export function nextExcessBlobGas(
  { excessBlobGas, blobGasUsed, baseFeePerGas }: BlobParent,
  schedule: BlobSchedule,
  hasReservePrice: boolean,
): bigint {
  const target = BigInt(schedule.target * gasPerBlob)
  const sum = excessBlobGas + blobGasUsed
  if (sum < target) return 0n
  if (hasReservePrice) {
    const price = blobBaseFee(excessBlobGas, schedule.baseFeeUpdateFraction)
    if (blobBaseCost * baseFeePerGas > BigInt(gasPerBlob) * price) {
      const share = blobGasUsed * BigInt(schedule.max - schedule.target)
      return excessBlobGas + share / BigInt(schedule.max)
    }
  }
  return sum - target
}
