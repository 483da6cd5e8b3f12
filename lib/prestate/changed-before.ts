/** What traces of transactions show as it is after the block's beginning. */

import { daoDrainedAccounts, daoRefundContract } from '../chain/dao-fork.js'
import { hardforkRules } from '../chain/index.js'
import type { Hex } from '../hex/index.js'

/** What system calls and the DAO fork change before a block's first transaction. */
export const changedBeforeTransactions: readonly Hex[] = [
  ...[...hardforkRules.values()].flatMap(({ systemCalls }) =>
    systemCalls.map(({ address }) => address),
  ),
  ...daoDrainedAccounts,
  daoRefundContract,
]
