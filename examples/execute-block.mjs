/** A block and the state before it in, receipts, logs and the state after it out: see docs/execute-a-block.md. */

import { Engine, isBraidError, MemoryState } from 'braid-evm'
import { alloc, makeChain, people, token, word } from './support/chain.mjs'

const [block] = await makeChain(1) // RLP; JSON-RPC blocks and those of @ethereumjs/block do as well

const engine = await Engine.create()
const state = new MemoryState(alloc)

const result = await engine.executeBlock(block, { state })
console.log(`block ${result.number} of ${result.hardfork}: ${result.gasUsed} gas`)
for (const { transactionIndex, status, gasUsed, logs } of result.receipts) {
  console.log(`transaction ${transactionIndex}: ${status}, ${gasUsed} gas, ${logs.length} log`)
}

for (const { address, balance, slots } of result.stateDiff) {
  console.log(`${address}: ${balance.after - balance.before} wei, ${slots.length} slots`)
}

// Executing left the state as it was; this moves it on.
console.log(`tokens before: ${BigInt(state.getStorage(token, word(people[0])))}`)
state.commit(result)
console.log(`tokens after: ${BigInt(state.getStorage(token, word(people[0])))}`)
console.log(
  `state root ${state.stateRoot() === result.header.stateRoot ? 'as' : 'not as'} in the header`,
)

// The same block does not fit the state after it: its nonces are used.
try {
  await engine.executeBlock(block, { state })
} catch (error) {
  if (!isBraidError(error)) throw error
  console.log(`${error.code}: ${error.message}`)
}
engine.close()
