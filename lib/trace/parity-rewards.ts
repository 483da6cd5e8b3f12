/** What a block pays to whoever made it, as `trace_block` tells it after the transactions. */

import type { Hex } from '../hex/index.js'
import type { ParityClient } from './parity-config.js'

/** What a {@link ParityReward} does. */
export interface ParityRewardAction {
  /** Who gets it. */
  readonly author: Hex
  /**
   * For the block, which pays for the ommers that it names as well; for having made such an ommer; or what
   * a validator withdraws.
   */
  readonly rewardType: 'block' | 'uncle' | 'withdrawal'
  /** In wei. */
  readonly value: Hex
}

/** A reward of a block, as `trace_block` shows it. From Paris on there are none but withdrawals. */
export interface ParityReward {
  /** What it is. */
  readonly type: 'reward'
  /** What is done. */
  readonly action: ParityRewardAction
  /** Nothing came of it. */
  readonly result: null
  /** None. */
  readonly subtraces: 0
  /** It is below nothing. */
  readonly traceAddress: readonly []
  /** The block's hash. */
  readonly blockHash: Hex
  /** The block's number. */
  readonly blockNumber: number
  /** It belongs to no transaction: null; of `erigon` it is absent. */
  readonly transactionHash?: null
  /** It belongs to no transaction: null; of `erigon` it is absent. */
  readonly transactionPosition?: null
}

/** What rewards depend on of a header. */
interface RewardedHeader {
  readonly coinbase: Hex
  readonly number: bigint
  readonly hash: Hex
}

/** Who gets how many gwei of a validator (EIP-4895). */
interface PaidWithdrawal {
  readonly address: Hex
  readonly amount: bigint
}

/** What a block pays outside of its transactions. */
export interface BlockPayments {
  readonly header: RewardedHeader
  readonly ommers: readonly RewardedHeader[]
  /** The reward of the rules, in wei. */
  readonly reward: bigint
  /** Those that are told: none unless they are asked for. */
  readonly withdrawals: readonly PaidWithdrawal[]
}

/** An ommer at depth d earns (8 - d) / 8 of the reward, the block a 32nd for each (Yellow Paper, 11.3). */
const ommerDivisor = 8n
const nephewDivisor = 32n

const gwei = 10n ** 9n

/** The rewards of a block: that of its maker, then those of its ommers, then its withdrawals. */
export function rewardsOf(
  { header, ommers, reward, withdrawals }: BlockPayments,
  client: ParityClient,
): ParityReward[] {
  const item = (
    author: Hex,
    rewardType: ParityRewardAction['rewardType'],
    value: bigint,
  ): ParityReward => ({
    action: { author, rewardType, value: `0x${value.toString(16)}` },
    blockHash: header.hash,
    blockNumber: Number(header.number),
    result: null,
    subtraces: 0,
    traceAddress: [],
    ...(client === 'erigon' ? {} : { transactionHash: null, transactionPosition: null }),
    type: 'reward',
  })
  const paid = withdrawals.map(({ address, amount }) => item(address, 'withdrawal', amount * gwei))
  if (reward === 0n) return paid
  const forOmmers = (reward / nephewDivisor) * BigInt(ommers.length)
  const own = item(header.coinbase, 'block', reward + forOmmers)
  const others = ommers.map(({ coinbase, number }) => {
    const share = ommerDivisor - (header.number - number)
    return item(coinbase, 'uncle', (reward * share) / ommerDivisor)
  })
  return [own, ...others, ...paid]
}
