/** How much a pool holds. */

import { checkOptions, demand, type MembersOf } from '../arguments.js'

/** How much a pool holds. What is worth the least makes way for what is worth more. */
export interface PoolLimits {
  /** How many transactions, those with blobs aside. Default 50,000. */
  readonly transactions?: number | undefined
  /** How many bytes they take, encoded. Default 64 MiB. */
  readonly bytes?: number | undefined
  /** How many of one account. Default 64. */
  readonly ofAccount?: number | undefined
  /** How many transactions with blobs. Default 1,024. */
  readonly blobTransactions?: number | undefined
  /** How many bytes these take, with blobs and proofs. Default 512 MiB. */
  readonly blobBytes?: number | undefined
  /** The most bytes of one transaction, blobs aside. Default 128 KiB, as with other clients. */
  readonly transactionBytes?: number | undefined
  /** How many local and private ones, which make way for nothing. Default 4,096. */
  readonly local?: number | undefined
}

/** Limits with everything decided. */
export type ResolvedLimits = Readonly<Record<keyof PoolLimits, number>>

const members: MembersOf<PoolLimits> = {
  transactions: true,
  bytes: true,
  ofAccount: true,
  blobTransactions: true,
  blobBytes: true,
  transactionBytes: true,
  local: true,
}

const defaults: ResolvedLimits = {
  transactions: 50_000,
  bytes: 64 << 20,
  ofAccount: 64,
  blobTransactions: 1024,
  blobBytes: 512 << 20,
  transactionBytes: 128 << 10,
  local: 4096,
}

/** Fills in what is not given. Throws `OPTION_INVALID`. */
export function resolveLimits(limits: PoolLimits = {}): ResolvedLimits {
  checkOptions(limits, members)
  const resolved = { ...defaults }
  for (const name of Object.keys(members) as (keyof PoolLimits)[]) {
    const limit = limits[name]
    if (limit === undefined) continue
    demand(Number.isSafeInteger(limit) && limit > 0, `limits.${name}`, 'a number above 0', limit)
    resolved[name] = limit
  }
  return resolved
}
