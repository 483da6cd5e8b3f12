/** A pool of transactions that wait for a block. */

export { BestTransactions } from './best-transactions.js'
export type {
  AddedEvent,
  DroppedEvent,
  IncludedEvent,
  PoolEventName,
  PoolEvents,
  ReplacedEvent,
} from './events.js'
export type { PoolLimits } from './limits.js'
export type { AddOptions, TransactionPoolOptions } from './options.js'
export {
  PooledTransaction,
  type SubPool,
  type TransactionFacts,
  type TransactionOrigin,
} from './pooled-transaction.js'
export type { DropReason } from './refusal.js'
export type { PoolFees, SubPoolCounts } from './sender-queue.js'
export {
  type AddOutcome,
  type RefusedTransaction,
  type TakenTransaction,
  TransactionPool,
} from './transaction-pool.js'
