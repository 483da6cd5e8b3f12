/** The block that the demo makes, and the state before it. */

import { decodeBlock, encodeBlock, type RpcBlock } from '../../../lib/block/index.js'
import { bytesToHex, type Hex } from '../../../lib/hex/index.js'
import type { Alloc, AllocAccount } from '../../../lib/state/alloc.js'
import { MemoryState } from '../../../lib/state/memory-state.js'
import { type Call, signCalls } from '../../../lib/workloads/calls.js'
import { sendersOf } from '../../../lib/workloads/cast.js'
import { draftBlock } from '../../../lib/workloads/draft.js'
import { balanceSlot, tokenCode, tokenInitCode, transferCall } from './token.js'

/** Where the token lies that the transactions use. */
export const tokenAddress: Hex = `0x${'70'.repeat(20)}`

/** Who proposes the block. */
export const proposer: Hex = `0x${'fe'.repeat(20)}`

/** In wei per gas. */
export const baseFee = 7_000_000_000n

/** What the block's withdrawal pays, in gwei. */
export const withdrawnGwei = 1_000_000n

const ether = 10n ** 18n
const tokensEach = 1_000_000n
const etherTransfers = 100
const tokenTransfers = 100

/** A transaction and who sent it. */
export interface DemoTransaction {
  /** The EIP-2718 envelope. */
  readonly encoded: Uint8Array
  readonly sender: Hex
}

/** A block without the fields that only executing it gives. */
export interface DemoBlock {
  readonly transactions: readonly DemoTransaction[]
  readonly alloc: Alloc
  readonly draft: RpcBlock
}

/** Makes the block: ether transfers, token transfers and a contract creation, each signed. */
export function makeBlock(): DemoBlock {
  const transfers = calls()
  const senders = transfers.map(({ from }) => from.address)
  const alloc = makeAlloc(senders)
  const fees = { maxFeePerGas: 30_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n }
  const draft = draftBlock({
    miner: proposer,
    baseFeePerGas: baseFee,
    extraData: bytesToHex(Buffer.from('braid demo')),
    withdrawals: [{ index: 0, validatorIndex: 0, address: proposer, amount: withdrawnGwei }],
    transactions: signCalls(transfers, new MemoryState(alloc), fees),
  })
  const { encodings } = decodeBlock(encodeBlock(draft)).transactions
  const transactions = senders.map((sender, i) => ({ encoded: encodings.at(i), sender }))
  return { transactions, alloc, draft }
}

/** Each has a sender of its own. */
function calls(): Call<Hex | null>[] {
  const transfers = Array.from({ length: etherTransfers }, (_, i) => ({
    to: holder(i),
    value: BigInt(i + 1),
    gasLimit: 21_000,
  }))
  const tokens = Array.from({ length: tokenTransfers }, (_, i) => ({
    to: tokenAddress,
    data: transferCall(holder(i % 10), BigInt(1000 + i)),
    gasLimit: 100_000,
  }))
  const creation = { to: null, data: tokenInitCode(tokensEach), gasLimit: 1_000_000 }
  // One sender tries to spend more tokens than it has, so that one transaction reverts.
  const overspending = {
    to: tokenAddress,
    data: transferCall(holder(0), tokensEach + 1n),
    gasLimit: 100_000,
  }
  const all = [...transfers, ...tokens, creation, overspending]
  const senders = sendersOf('demo', all.length, 1)
  return all.map((call, i) => ({ from: senders[i], ...call }))
}

/** A recipient. */
function holder(index: number): Hex {
  return `0x${(0xabcd0000 + index).toString(16).padStart(40, '0')}`
}

/** The senders have an ether and some tokens each. */
function makeAlloc(senders: readonly Hex[]): Alloc {
  const alloc: Record<string, AllocAccount> = {}
  const storage: Record<string, bigint> = {}
  for (const sender of senders) {
    alloc[sender] = { balance: ether }
    storage[balanceSlot(sender)] = tokensEach
  }
  alloc[tokenAddress] = { nonce: 1, code: tokenCode, storage }
  return alloc
}
