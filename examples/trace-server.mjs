/** Answers `trace_*` of JSON-RPC for a few blocks, over HTTP: see docs/parity-traces.md. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { Engine, MemoryState } from 'braid-evm'
import { alloc, makeChain, people, token } from './support/chain.mjs'

const engine = await Engine.create()

/** The blocks by number, each with the state before it: clones share what they have in common. */
const blocks = new Map()
const state = new MemoryState(alloc)
for (const block of await makeChain(4)) {
  const before = state.clone()
  const result = await engine.executeBlock(block, { state })
  state.commit(result)
  const hashes = result.receipts.map(({ transactionHash }) => transactionHash)
  blocks.set(Number(result.number), { block, before, hashes, header: result.header })
}

/** @param {unknown} at */
function blockAt(at) {
  const found = blocks.get(Number(at))
  if (found === undefined) throw new Error(`no block ${at}`)
  return found
}

/** @param {unknown} hash */
function blockOf(hash) {
  for (const each of blocks.values()) if (each.hashes.includes(hash)) return each
  throw new Error(`no transaction ${hash}`)
}

/** What is asked for, by the trace types. @param {readonly string[]} types */
const configOf = (types) => ({
  trace: types.includes('trace'),
  stateDiff: types.includes('stateDiff'),
  vmTrace: types.includes('vmTrace'),
})

/** The JSON of the answers. @type {Record<string, (...params: any[]) => Promise<string>>} */
const methods = {
  async trace_block(at) {
    const { block, before } = blockAt(at)
    return (await engine.parity.block(block, { state: before })).json
  },
  async trace_transaction(hash) {
    const { block, before } = blockOf(hash)
    return (await engine.parity.transaction(block, hash, { state: before })).json
  },
  async trace_replayBlockTransactions(at, types) {
    const { block, before } = blockAt(at)
    const config = configOf(types)
    const traces = engine.traceBlock(block, { state: before, tracer: 'parity', config })
    const texts = []
    for await (const { json } of traces) texts.push(json)
    return `[${texts.join(',')}]`
  },
  async trace_filter({ fromBlock, toBlock, ...filter }) {
    const range = []
    for (let at = Number(fromBlock); at <= Number(toBlock); at++) range.push(blockAt(at).block)
    // It moves on with the blocks.
    const own = blockAt(fromBlock).before.clone()
    const items = []
    for await (const item of engine.parity.filter(range, { ...filter, state: own }))
      items.push(item)
    return JSON.stringify(items)
  },
  async trace_call(request, types) {
    const { header } = [...blocks.values()].at(-1)
    const config = configOf(types)
    const place = { state, block: header }
    return (await engine.traceCall(request, { ...place, tracer: 'parity', config })).json
  },
}

const server = createServer(async (request, response) => {
  const { id, method, params } = JSON.parse(await text(request))
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},`
  response.setHeader('content-type', 'application/json')
  try {
    const answer = methods[method]
    if (answer === undefined) throw new Error(`no method ${method}`)
    response.end(`${head}"result":${await answer(...params)}}`)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    response.end(`${head}"error":${JSON.stringify({ code: -32000, message })}}`)
  }
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

/** Asks what a client would. @param {string} method @param {readonly unknown[]} params */
async function ask(method, ...params) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url, { method: 'POST', body })
  const { result, error } = /** @type {any} */ (await response.json())
  if (error !== undefined) throw new Error(error.message)
  return result
}

const [first] = blocks.keys()
const calls = await ask('trace_block', first)
console.log(`block ${first}: ${calls.length} calls, the first from ${calls[0].action.from}`)
const [replay] = await ask('trace_replayBlockTransactions', first, ['stateDiff', 'vmTrace'])
console.log(`its first transaction changes ${Object.keys(replay.stateDiff).length} accounts`)
console.log(`and takes ${replay.vmTrace.ops.length} instructions`)
const range = { fromBlock: first, toBlock: first + 3, fromAddress: [people[0]], toAddress: [token] }
const found = await ask('trace_filter', range)
console.log(`${people[0]} has called the token ${found.length} times in four blocks`)
const [own] = await ask('trace_transaction', found[0].transactionHash)
console.log(`the first time with ${BigInt(own.action.gas)} gas`)
const { trace } = await ask('trace_call', { from: people[0], to: token, data: '0x' }, ['trace'])
console.log(`an empty call: ${trace[0].error ?? 'succeeds'}`)
server.close()
engine.close()
