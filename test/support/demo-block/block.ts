/** The block that the demo makes, and the state before it. */

import { RLP } from '@ethereumjs/rlp'
import type { Hex } from '../../../lib/hex/index.js'
import { keccak256 } from '../../../lib/native/load.js'
import type { Alloc, AllocAccount } from '../../../lib/state/alloc.js'
import { listRoot } from '../../../lib/trie/list-root.js'
import { balanceSlot, tokenCode, tokenInitCode, transferCall } from './token.js'
import { type DemoCall, type SignedTransaction, signAll } from './transactions.js'

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

/** A block without the fields that only executing it gives. */
export interface DemoBlock {
  readonly transactions: readonly SignedTransaction[]
  readonly alloc: Alloc
  /** The block's RLP with the given outcome in its header. */
  encode(outcome: DemoOutcome): Uint8Array
}

/** What the header says about the outcome. */
export interface DemoOutcome {
  readonly stateRoot: Hex
  readonly receiptsRoot: Hex
  readonly logsBloom: Hex
  readonly gasUsed: bigint
}

/** Makes the block: ether transfers, token transfers and a contract creation, each signed. */
export function makeBlock(): DemoBlock {
  const transactions = signAll(calls())
  const encoded = transactions.map((transaction) => transaction.encoded)
  const withdrawal = RLP.encode([0n, 0n, proposer, withdrawnGwei])
  const roots = { transactions: listRoot(encoded), withdrawals: listRoot([withdrawal]) }
  return {
    transactions,
    alloc: makeAlloc(transactions),
    encode: (outcome) =>
      RLP.encode([header(outcome, roots), encoded, [], [RLP.decode(withdrawal)]]),
  }
}

function calls(): DemoCall[] {
  const transfers = Array.from({ length: etherTransfers }, (_, i) => ({
    to: holder(i),
    value: BigInt(i + 1),
    data: new Uint8Array(),
    gasLimit: 21_000n,
  }))
  const tokens = Array.from({ length: tokenTransfers }, (_, i) => ({
    to: tokenAddress,
    value: 0n,
    data: transferCall(holder(i % 10), BigInt(1000 + i)),
    gasLimit: 100_000n,
  }))
  const creation = {
    to: undefined,
    value: 0n,
    data: tokenInitCode(tokensEach),
    gasLimit: 1_000_000n,
  }
  // One sender tries to spend more tokens than it has, so that one transaction reverts.
  const overspending = {
    to: tokenAddress,
    value: 0n,
    data: transferCall(holder(0), tokensEach + 1n),
    gasLimit: 100_000n,
  }
  return [...transfers, ...tokens, creation, overspending]
}

/** A recipient. */
function holder(index: number): Hex {
  return `0x${(0xabcd0000 + index).toString(16).padStart(40, '0')}`
}

/** The senders have an ether and some tokens each. */
function makeAlloc(transactions: readonly SignedTransaction[]): Alloc {
  const alloc: Record<string, AllocAccount> = {}
  const storage: Record<string, bigint> = {}
  for (const { sender } of transactions) {
    alloc[sender] = { balance: ether }
    storage[balanceSlot(sender)] = tokensEach
  }
  alloc[tokenAddress] = { nonce: 1, code: tokenCode, storage }
  return alloc
}

/** The header of a Cancun block (EIP-4844, EIP-4788). */
function header(
  outcome: DemoOutcome,
  roots: { transactions: Uint8Array; withdrawals: Uint8Array },
) {
  const zeroHash = new Uint8Array(32)
  return [
    zeroHash, // parentHash
    keccak256(RLP.encode([])), // ommersHash
    proposer,
    outcome.stateRoot,
    roots.transactions,
    outcome.receiptsRoot,
    outcome.logsBloom,
    0n, // difficulty
    20_000_000n, // number
    30_000_000n, // gasLimit
    outcome.gasUsed,
    1_717_281_407n, // timestamp: in Cancun on mainnet
    Buffer.from('braid demo'),
    keccak256(Buffer.from('randomness')),
    new Uint8Array(8), // nonce
    baseFee,
    roots.withdrawals,
    0n, // blobGasUsed
    0n, // excessBlobGas
    zeroHash, // parentBeaconBlockRoot
  ]
}
