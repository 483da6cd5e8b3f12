/** Blocks: decoding them, and packing them for the native engine. */

export { type AccountValues, BlockAccessList } from './block-access-list.js'
export { decodeBlock, encodeBlock } from './decode.js'
export { DecodedBlock, TransactionList, WithdrawalList } from './decoded-block.js'
export { EncodedList } from './encoded-list.js'
export { checkHeaderFields, checkWithdrawalList } from './fork-fields.js'
export { BlockHeader } from './header.js'
export { checkEnvironment } from './known-members.js'
export { packBlock } from './pack.js'
export {
  type CandidateEnvironment,
  type PackedCandidates,
  packCandidates,
} from './pack-candidates.js'
export { packTransactions } from './pack-transactions.js'
export { type Payout, packTransition, type Transition } from './pack-transition.js'
export type * from './types.js'
