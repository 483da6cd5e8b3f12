/** Transactions that nobody has signed, tried out in two orders: see docs/simulate.md. */

import { Engine, MemoryState } from 'braid-evm'
import { alloc, people, token, transferData, word } from './support/chain.mjs'

const engine = await Engine.create()
const latest = new MemoryState(alloc)

/** The block that the transactions would be in. @type {import('braid-evm').BlockEnvironment} */
const environment = {
  number: 20_000_000n,
  timestamp: 1_717_281_407n,
  gasLimit: 30_000_000n,
  coinbase: `0x${'fe'.repeat(20)}`,
  baseFee: 7_000_000_000n,
}

const [alice, bob, carol] = people

/**
 * A call of the token by anybody; neither nonce nor funds are looked at.
 *
 * @param {string} sender
 * @param {string} data
 */
function send(sender, data) {
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

for (const { name, bundle } of [
  { name: 'Alice first', bundle: [aliceToBob, bobToCarol] },
  { name: 'Bob first', bundle: [bobToCarol, aliceToBob] },
]) {
  const result = await engine.executeTransactions(environment, bundle, { state: latest })
  const outcomes = result.receipts.map(({ status, gasUsed }) => `${status} (${gasUsed} gas)`)
  console.log(`${name}: ${outcomes.join(', ')}`)
}

// A fork of the state takes the outcome in; the state itself stays as it is.
const fork = latest.clone()
fork.commit(
  await engine.executeTransactions(environment, [aliceToBob, bobToCarol], { state: fork }),
)
const [inFork, outside] = [fork, latest].map((state) =>
  BigInt(state.getStorage(token, word(carol))),
)
console.log(`Carol has ${inFork} tokens in the fork, ${outside} outside`)
engine.close()
