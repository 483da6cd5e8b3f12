/** The price of blob gas (EIP-4844). */

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
