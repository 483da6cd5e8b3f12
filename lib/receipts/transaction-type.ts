/** The names of transaction types. */

/** Transaction types by their EIP-2718 number. */
export const TRANSACTION_TYPES = ['legacy', 'eip2930', 'eip1559', 'eip4844', 'eip7702'] as const

/** The name of a transaction type, as viem spells it. */
export type TransactionType = (typeof TRANSACTION_TYPES)[number]
