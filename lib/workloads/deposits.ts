/** A block of deposits: everybody pays ether into the same contract, which tells of it. */

import { MemoryState } from '../state/memory-state.js'
import { assemble } from './assembler.js'
import { makeBlock } from './block.js'
import type { Call } from './calls.js'
import { addressOf, sendersOf } from './cast.js'
import { richAlloc } from './stage.js'
import { resolveKnobs, type Workload, type WorkloadOptions } from './workload.js'

/** A deposit uses some 22,100. */
const gasLimit = 50_000
/** 30 million gas. */
const usualCount = 1355

/** Logs who paid how much, as a wallet of many owners does. */
const walletCode = assemble(`
    CALLVALUE 0x00 MSTORE
    CALLER 0x20 0x00 LOG1
    STOP
`)

/**
 * All transactions change one balance and none looks at it, so that any number of them can run at
 * once: credits commute.
 */
export function deposits(options: WorkloadOptions): Promise<Workload> {
  const { transactions, accounts, seed } = resolveKnobs(options, { transactions: usualCount })
  const senders = sendersOf('sender', accounts, seed)
  const wallet = addressOf('wallet', 0, seed)
  const calls = Array.from({ length: transactions }, (_, index): Call => {
    const from = senders[index % accounts]
    return { from, to: wallet, gasLimit, value: BigInt(index + 1) }
  })
  const alloc = {
    ...richAlloc(senders.map(({ address }) => address)),
    [wallet]: { nonce: 1, code: walletCode },
  }
  return makeBlock('deposits', new MemoryState(alloc), calls)
}
