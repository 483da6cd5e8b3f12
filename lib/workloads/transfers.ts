/** Blocks of plain ether transfers. */

import type { Hex } from '../hex/index.js'
import type { AllocAccount } from '../state/alloc.js'
import { MemoryState } from '../state/memory-state.js'
import { gasPrice, makeBlock } from './block.js'
import type { Call } from './calls.js'
import { addressOf, Chance, type Sender, sendersOf } from './cast.js'
import { fortune, richAlloc } from './stage.js'
import {
  resolveKnobs,
  type Workload,
  type WorkloadKnobs,
  type WorkloadOptions,
} from './workload.js'

/** What a transfer costs (EIP-2718, the intrinsic gas of a transaction). */
const transferGas = 21_000

/** 30 million gas. */
const usualCount = 1428

/** Everybody pays somebody else: sender and recipient of each transaction are its own. */
export function independentTransfers(options: WorkloadOptions): Promise<Workload> {
  const knobs = resolveKnobs(options, { transactions: usualCount })
  const chance = new Chance(knobs.seed)
  const shop = addressOf('shop', 0, knobs.seed)
  return transfers('transfers-independent', knobs, (index) =>
    chance.next() < knobs.hotRatio ? shop : addressOf('recipient', index, knobs.seed),
  )
}

/** Everybody pays the same account. */
export function transfersToOne(options: WorkloadOptions): Promise<Workload> {
  const knobs = resolveKnobs(options, { transactions: usualCount })
  const shop = addressOf('shop', 0, knobs.seed)
  return transfers('transfers-to-one', knobs, () => shop)
}

/** Few accounts, ten by default, take turns in paying many. */
export function transfersFromFew(options: WorkloadOptions): Promise<Workload> {
  const knobs = resolveKnobs(options, { transactions: usualCount, accounts: 10 })
  return transfers('transfers-from-few', knobs, (index) =>
    addressOf('recipient', index, knobs.seed),
  )
}

/** Senders take turns; recipients exist already, as they mostly do on the chain. */
function transfers(
  name: string,
  { transactions, accounts, seed }: WorkloadKnobs,
  recipientOf: (index: number) => Hex,
): Promise<Workload> {
  const senders = sendersOf('sender', accounts, seed)
  const calls = Array.from({ length: transactions }, (_, index): Call => {
    const from = senders[index % accounts]
    return { from, to: recipientOf(index), gasLimit: transferGas, value: BigInt(index + 1) }
  })
  const people = new Set(calls.flatMap(({ from, to }) => [from.address, to]))
  return makeBlock(name, new MemoryState(richAlloc([...people])), calls)
}

/**
 * Each recipient is the next sender, and has nothing before: it passes on all that it gets, but for
 * the fee. No order but the block's is possible.
 */
export function transferChain(options: WorkloadOptions): Promise<Workload> {
  const { transactions, accounts, seed } = resolveKnobs(options, { transactions: usualCount })
  const fee = BigInt(transferGas) * gasPrice
  const people = sendersOf('sender', accounts + 1, seed)
  const personAt = (index: number): Sender => people[index % people.length]
  const calls = Array.from({ length: transactions }, (_, index): Call => {
    const value = fortune - fee * BigInt(index + 1)
    const { address: to } = personAt(index + 1)
    return { from: personAt(index), to, gasLimit: transferGas, value }
  })
  const first: Record<string, AllocAccount> = richAlloc([people[0].address])
  return makeBlock('transfers-chain', new MemoryState(first), calls)
}
