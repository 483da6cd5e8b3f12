/** The names of transaction types. */

/** The name of a transaction type, as viem spells it. */
export type TransactionType = 'legacy' | 'eip2930' | 'eip1559' | 'eip4844' | 'eip7702'

/** Transaction types by their EIP-2718 number. */
export const TRANSACTION_TYPES: readonly TransactionType[] = [
  'legacy',
  'eip2930',
  'eip1559',
  'eip4844',
  'eip7702',
]
