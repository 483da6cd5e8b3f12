/** Transactions that nobody has signed, tried out in two orders: see docs/simulate.md. */

import { type BlockEnvironment, Engine, MemoryState, type TransactionFields } from 'braid-evm'
import { alloc, people, token, transferData, word } from './support/chain.js'

const engine = await Engine.create()
const latest = new MemoryState(alloc)

/** The block that the transactions would be in. */
const environment: BlockEnvironment = {
  number: 20_000_000n,
  timestamp: 1_717_281_407n,
  gasLimit: 30_000_000n,
  coinbase: `0x${'fe'.repeat(20)}`,
  baseFee: 7_000_000_000n,
}

const [alice, bob, carol] = people

/** A call of the token by anybody; neither nonce nor funds are looked at. */
function send(sender: string, data: string): TransactionFields {
  return {
    sender,
    nonce: 0n,
    gasLimit: 100_000n,
    gasPrice: environment.baseFee,
    to: token,
    data,
    skipNonceCheck: true,
    skipBalanceCheck: true,
  }
}

const aliceToBob = send(alice, transferData(bob, 800n))
const bobToCarol = send(bob, transferData(carol, 1500n)) // more than he has without Alice's

for (const [name, bundle] of [
  ['Alice first', [aliceToBob, bobToCarol]],
  ['Bob first', [bobToCarol, aliceToBob]],
] as const) {
  const result = await engine.executeTransactions(environment, bundle, { state: latest })
  const outcomes = result.receipts.map(({ status, gasUsed }) => `${status} (${gasUsed} gas)`)
  console.log(`${name}: ${outcomes.join(', ')}`)
}

// A fork of the state takes the outcome in; the state itself stays as it is.
const fork = latest.clone()
fork.commit(
  await engine.executeTransactions(environment, [aliceToBob, bobToCarol], { state: fork }),
)
const tokensOf = (state: MemoryState, owner: string) =>
  BigInt(state.getStorage(token, word(owner as `0x${string}`)))
console.log(
  `Carol has ${tokensOf(fork, carol)} tokens in the fork, ${tokensOf(latest, carol)} outside`,
)
engine.close()
