/** How a pool is made, and how transactions are given to it. */

import { checkOptions, checkUint256, demand, type MembersOf } from '../arguments.js'
import { Chain } from '../chain-head/index.js'
import { type PoolLimits, type ResolvedLimits, resolveLimits } from './limits.js'
import type { PriceBumps } from './pool-book.js'
import type { TransactionOrigin } from './pooled-transaction.js'

/** How a pool is made. */
export interface TransactionPoolOptions {
  /** The chain whose next blocks the transactions are for. The pool follows it. */
  readonly chain: Chain
  /** How much the pool holds. */
  readonly limits?: PoolLimits | undefined
  /** The least that a unit of gas must offer whoever builds a block, in wei. Default 1. */
  readonly minimumTip?: bigint | undefined
  /** How much more a replacement must pay, in percent. Default 10. */
  readonly priceBump?: number | undefined
  /** The same for transactions with blobs. Default 100. */
  readonly blobPriceBump?: number | undefined
  /** How long a transaction may wait for an earlier nonce or for funds, in milliseconds. Default 3 hours. */
  readonly lifetime?: number | undefined
  /**
   * The path of a file that keeps local and private transactions: what {@link TransactionPool.add} has taken is
   * there again after the process was killed. Default: none.
   */
  readonly journal?: string | undefined
}

/** How transactions are given to a pool. */
export interface AddOptions {
  /** Where they come from. Default `external`. */
  readonly origin?: TransactionOrigin | undefined
}

/** Options with everything decided. */
export interface PoolSettings {
  readonly chain: Chain
  readonly limits: ResolvedLimits
  readonly bumps: PriceBumps
  readonly minimumTip: bigint
  readonly lifetime: number
  readonly journal: string | undefined
}

const members: MembersOf<TransactionPoolOptions> = {
  chain: true,
  limits: true,
  minimumTip: true,
  priceBump: true,
  blobPriceBump: true,
  lifetime: true,
  journal: true,
}

const usualLifetime = 3 * 60 * 60 * 1000

/** Fills in what is not given. Throws `OPTION_INVALID`. */
export function resolvePoolOptions(options: TransactionPoolOptions): PoolSettings {
  checkOptions(options, members)
  const { chain, minimumTip = 1n, lifetime = usualLifetime, journal } = options
  const { priceBump = 10, blobPriceBump = 100 } = options
  demand(chain instanceof Chain, 'chain', 'a Chain', chain)
  checkUint256(minimumTip, 'minimumTip')
  for (const [name, percent] of Object.entries({ priceBump, blobPriceBump })) {
    const isPercent = Number.isSafeInteger(percent) && percent >= 0 && percent <= 10_000
    demand(isPercent, name, 'a whole number from 0 to 10000', percent)
  }
  demand(typeof lifetime === 'number' && lifetime > 0, 'lifetime', 'milliseconds', lifetime)
  demand(journal === undefined || typeof journal === 'string', 'journal', 'a path', journal)
  return {
    chain,
    limits: resolveLimits(options.limits),
    bumps: { plain: BigInt(priceBump), blob: BigInt(blobPriceBump) },
    minimumTip,
    lifetime,
    journal,
  }
}

const origins: readonly TransactionOrigin[] = ['external', 'local', 'private']

/** Fills in what is not given. Throws `OPTION_INVALID`. */
export function originOf(options: AddOptions): TransactionOrigin {
  checkOptions(options, { origin: true })
  const { origin = 'external' } = options
  demand(origins.includes(origin), 'origin', origins.join(', '), origin)
  return origin
}
