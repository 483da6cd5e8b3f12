/** The base fee and the gas limit that it steers by (EIP-1559). */

/** Base fee of the first block that has one, in wei. */
const initialBaseFee = 1_000_000_000n
/** The base fee moves by at most this part of it. */
const maxChangeDivisor = 8n
/** The gas limit is this many times the gas that leaves the base fee as it is. */
const elasticity = 2n

/** What the rules take from a block's parent. */
export interface FeeParent {
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  /** Undefined before London. */
  readonly baseFeePerGas: bigint | undefined
}

/** The base fee, in wei, that a block from London on must have. */
export function nextBaseFee({ gasLimit, gasUsed, baseFeePerGas }: FeeParent): bigint {
  if (baseFeePerGas === undefined) return initialBaseFee
  const target = gasLimit / elasticity
  if (gasUsed === target) return baseFeePerGas
  const change = (distance: bigint): bigint =>
    (baseFeePerGas * distance) / target / maxChangeDivisor
  if (gasUsed < target) return baseFeePerGas - change(target - gasUsed)
  const rise = change(gasUsed - target)
  return baseFeePerGas + (rise > 0n ? rise : 1n)
}

/** A gas limit stays within this part of the parent's (Yellow Paper, section 4.3.4). */
const limitDivisor = 1024n
const minGasLimit = 5000n
/** Clients count gas in signed 64-bit numbers. */
const maxGasLimit = (1n << 63n) - 1n

/** The gas limits that a block may have, both ends included. */
export interface GasLimitRange {
  readonly least: bigint
  readonly most: bigint
}

/**
 * The gas limits that a block may have.
 *
 * @param hasBaseFee whether the block is of London or later: the first one that is has its limit
 *   measured by twice the parent's, which EIP-1559 makes the new target
 */
export function gasLimitRange(parent: FeeParent, hasBaseFee: boolean): GasLimitRange {
  const entersLondon = hasBaseFee && parent.baseFeePerGas === undefined
  const before = entersLondon ? parent.gasLimit * elasticity : parent.gasLimit
  const step = before / limitDivisor
  const least = before - step + 1n
  const most = before + step - 1n
  return {
    least: least > minGasLimit ? least : minGasLimit,
    most: most < maxGasLimit ? most : maxGasLimit,
  }
}
