/** Replays a range of blocks, and keeps a table of the tokens that were sent: see docs/logs-and-receipts.md and docs/chain.md. */

import { Chain, Engine, MemoryState } from 'braid-evm'
import { alloc, headBefore, makeChain, token, transferTopic } from './support/chain.mjs'

const blocks = await makeChain(4)

const engine = await Engine.create()
const state = new MemoryState(alloc, { trie: true })
const chain = await Chain.open({ engine, state, head: await headBefore() })

/** Tokens sent by owner. @type {Map<string, bigint>} */
const sent = new Map()

// With a `checkpoint` it would go on where an earlier run ended: see docs/chain.md.
for await (const result of chain.replay(blocks)) {
  for (const { address, topics, data, logIndex, blockNumber } of result.logs) {
    const [topic, from] = topics
    if (address !== token || topic !== transferTopic || from === undefined) continue
    const owner = `0x${from.slice(26)}`
    sent.set(owner, (sent.get(owner) ?? 0n) + BigInt(data))
    console.log(`${blockNumber} #${logIndex}: ${owner} sends ${BigInt(data)}`)
  }
}
for (const [owner, amount] of sent) console.log(`${owner} sent ${amount} tokens`)

// What a node would answer to eth_getBlockReceipts.
const [first] = blocks
const result = await engine.executeBlock(first, { state: new MemoryState(alloc) })
console.log(JSON.stringify(result.toRpcReceipts()[0].logs[0], null, 2))
engine.close()
