/** The blob parameters of a chain (EIP-4844, EIP-7594, EIP-7840). */

import type { Common } from '@ethereumjs/common'
import { errorFor } from '../errors.js'
import type { Quantity } from '../hex/index.js'
import {
  type BlobSchedule,
  canonicalHardfork,
  gasPerBlob,
  type HardforkRules,
  hardforkRules,
} from './hardforks.js'
import { paramOf } from './parameters.js'

/** Blob parameters as fixtures and genesis files spell them. */
export interface BlobScheduleOptions {
  readonly target: Quantity
  readonly max: Quantity
  readonly baseFeeUpdateFraction: Quantity
}

/** The blob parameters that the Common knows, each else that of the hardfork. */
export function scheduleFrom(set: Common, hardfork: string, rules: HardforkRules): BlobSchedule {
  const own = rules.blobSchedule
  if (own === undefined) throw errorFor('CHAIN_CONFIG_INVALID', { hardfork })
  // From BPO1 on Common counts blobs, before in gas.
  const perBlob = set.gteHardfork('bpo1') ? 1n : BigInt(gasPerBlob)
  const [target, max] =
    perBlob === 1n ? ['target', 'max'] : ['targetBlobGasPerBlock', 'maxBlobGasPerBlock']
  const blobs = (name: string): bigint | undefined => {
    const value = paramOf(set, name)
    return value === undefined ? undefined : value / perBlob
  }
  return checkedSchedule(hardfork, {
    target: blobs(target) ?? own.target,
    max: blobs(max) ?? own.max,
    baseFeeUpdateFraction: paramOf(set, 'blobGasPriceUpdateFraction') ?? own.baseFeeUpdateFraction,
  })
}

/** Most blobs per block that are believed: their gas must stay far from 2^53. */
const blobLimit = 0xffff_ffffn

/** Blob parameters out of any spelling. Throws `CHAIN_CONFIG_INVALID` with the field. */
export function checkedSchedule(hardfork: string, options: BlobScheduleOptions): BlobSchedule {
  const fail = (field: string, actual: Quantity): never => {
    throw errorFor('CHAIN_CONFIG_INVALID', { hardfork, field: `blobSchedule.${field}`, actual })
  }
  const read = (field: keyof BlobScheduleOptions, limit: bigint): bigint => {
    let value: bigint
    try {
      value = BigInt(options[field])
    } catch {
      return fail(field, options[field])
    }
    return value < 0n || value > limit ? fail(field, options[field]) : value
  }
  const fraction = read('baseFeeUpdateFraction', (1n << 64n) - 1n)
  if (fraction === 0n) fail('baseFeeUpdateFraction', 0)
  return {
    target: Number(read('target', blobLimit)),
    max: Number(read('max', blobLimit)),
    baseFeeUpdateFraction: fraction,
  }
}

/** What the Common says of EIP-7594; undefined where it does not know or have it. */
export function blobsPerTransaction(set: Common, hardfork: string): number | undefined {
  const limit = paramOf(set, 'maxBlobsPerTx')
  if (limit === undefined) return undefined
  if (limit <= blobLimit) return Number(limit)
  throw errorFor('CHAIN_CONFIG_INVALID', { hardfork, field: 'maxBlobsPerTx', actual: limit })
}

/**
 * The blob parameters of every hardfork in the two forms that a Common takes them in: its own, or those
 * that a chain gives by the hardfork's name; names that are not known are left out. Forks of nothing
 * but these are not all known to a Common: they are described whole.
 */
export function blobParameters(schedules: Readonly<Record<string, BlobScheduleOptions>>) {
  const params: Record<string, Record<string, number>> = {}
  const customHardforks: Record<string, { eips: number[]; params: Record<string, number> }> = {}
  const describe = (name: string, { target, max, baseFeeUpdateFraction }: BlobSchedule): void => {
    const blobGasPriceUpdateFraction = Number(baseFeeUpdateFraction)
    if (name.startsWith('bpo')) {
      customHardforks[name] = { eips: [], params: { target, max, blobGasPriceUpdateFraction } }
    } else {
      params[name] = {
        targetBlobGasPerBlock: target * gasPerBlob,
        maxBlobGasPerBlock: max * gasPerBlob,
        blobGasPriceUpdateFraction,
      }
    }
  }
  for (const [name, { blobSchedule }] of hardforkRules) {
    if (blobSchedule !== undefined) describe(name, blobSchedule)
  }
  for (const [fork, schedule] of Object.entries(schedules)) {
    const name = canonicalHardfork(fork)
    if (name !== undefined) describe(name, checkedSchedule(name, schedule))
  }
  return { params, customHardforks }
}
