/** Traces in Besu's form, compared with all that Besu's own tests expect on their chain. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CallRequest, Hex, ParityFilterOptions } from '../lib/index.js'
import { withFixtures } from './fixtures.js'
import {
  type BesuChain,
  besuChain,
  besuFiles,
  type ChainBlock,
  configOf,
  type Exchange,
  exchangesIn,
  type RpcRequest,
} from './support/besu-traces.js'
import { errorOf, thrownBy } from './support/thrown.js'

const besu = suite('traces of Besu')
const fixtures = withFixtures(besu, 'traces of Besu')

const client = 'besu'

/** How an answer is made that is compared with the recorded one. */
type Answer = (chain: BesuChain, request: RpcRequest) => Promise<unknown>

/** The block of a parameter. */
function blockOf({ blocks }: BesuChain, at: unknown): ChainBlock {
  const number = at === 'earliest' ? 0 : Number(at)
  const found = blocks.find((block) => block.number === number)
  if (found === undefined) throw new Error(`no block ${at}`)
  return found
}

/** The block that a transaction is in. */
function blockWith({ blocks }: BesuChain, hash: unknown): ChainBlock {
  const found = blocks.find(({ transactionHashes }) => transactionHashes.includes(hash as Hex))
  if (found === undefined) throw new Error(`no transaction ${hash}`)
  return found
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Of calls Besu tells no creation methods. */
const callsConfig = (types: unknown) => ({ ...configOf(types), creationMethod: false })

const answers: Readonly<Record<string, Answer>> = {
  async trace_replayBlockTransactions({ engine, ...chain }, { params: [at, types] }) {
    const { block, before, blockHashes } = blockOf({ engine, ...chain }, at)
    const options = {
      state: before,
      blockHashes,
      tracer: 'parity',
      config: configOf(types),
    } as const
    const traces = await collect(engine.traceBlock(block, options))
    return traces.map((trace) => (trace as { value: unknown }).value)
  },
  async trace_block(chain, { params: [at] }) {
    const { block, before, blockHashes } = blockOf(chain, at)
    const { value } = await chain.engine.parity.block(block, { state: before, blockHashes, client })
    return value
  },
  async trace_transaction(chain, { params: [hash] }) {
    const { block, before, blockHashes } = blockWith(chain, hash)
    const options = { state: before, blockHashes, client } as const
    const { value } = await chain.engine.parity.transaction(block, hash as Hex, options)
    return value
  },
  async trace_get(chain, { params: [hash, place] }) {
    const { block, before, blockHashes } = blockWith(chain, hash)
    const options = { state: before, blockHashes, client } as const
    const address = (place as Hex[]).map(Number)
    return (await chain.engine.parity.get(block, hash as Hex, address, options)) ?? null
  },
  async trace_filter(chain, { params: [given] }) {
    const { fromBlock, toBlock, ...filter } = given as Record<string, unknown>
    const first = Math.max(1, Number(fromBlock))
    const range = chain.blocks.slice(first, Number(toBlock) + 1)
    if (range.length === 0) return []
    const [{ before, blockHashes }] = range
    const options: ParityFilterOptions = { ...filter, state: before.clone(), blockHashes, client }
    return collect(
      chain.engine.parity.filter(
        range.map(({ block }) => block),
        options,
      ),
    )
  },
  async trace_call({ engine, head, header }, { params: [request, types] }) {
    const place = { state: head, block: header, tracer: 'parity' } as const
    const config = callsConfig(types)
    return (await engine.traceCall(request as CallRequest, { ...place, config })).value
  },
  async trace_callMany({ engine, head, header }, { params: [calls] }) {
    const place = { state: head, block: header, tracer: 'parity' } as const
    const pairs = (calls as [CallRequest, string[]][]).map(([request, types]) => {
      const config = callsConfig(types)
      // These alone have the costs that OpenEthereum tells: see docs/conformance.md.
      if (types.includes('vmTrace'))
        return [request, { ...config, client: 'openethereum' }] as const
      return [request, config] as const
    })
    return (await engine.traceBundle(pairs, place)).map(({ value }) => value)
  },
  async trace_rawTransaction({ engine, head, header }, { params: [encoded, types] }) {
    const place = { state: head, block: header, tracer: 'parity' } as const
    const bytes = Buffer.from((encoded as Hex).slice(2), 'hex')
    const [only] = await engine.traceBundle([[bytes, callsConfig(types)]], place)
    return only.value
  },
}

/** Checks that what Besu refuses is refused: a trace type that is none, blocks in the wrong order. */
async function checkRefused(
  { engine, blocks }: BesuChain,
  { name, request: { method, params } }: Exchange,
): Promise<void> {
  if (method === 'trace_filter') {
    const [{ fromBlock, toBlock }] = params as [Record<string, Hex>]
    const [last, first] = [blocks[Number(fromBlock)], blocks[Number(toBlock)]]
    const { blockHashes } = last
    const options = { state: last.before.clone(), blockHashes, client } as const
    const found = engine.parity.filter([last.block, first.block], options)
    assert.is((await errorOf(collect(found))).code, 'BLOCK_PARENT_MISMATCH', name)
    return
  }
  const [at, [type]] = params as [Hex, string[]]
  if (type === 'trace') {
    assert.not.ok(blocks.some(({ hash, number }) => hash === at || number === Number(at)))
    return
  }
  const { block, before } = blocks[Number(at)]
  const options = { state: before, tracer: 'parity', config: { [type]: true } } as const
  assert.is(thrownBy(() => engine.traceBlock(block, options)).code, 'OPTION_INVALID', name)
}

fixtures.test('are as all of its tests expect them', async () => {
  const chain = await besuChain()
  const names = besuFiles()
  for (const name of names) {
    for (const exchange of exchangesIn(name)) {
      const { request, response } = exchange
      if (response.error !== undefined) await checkRefused(chain, exchange)
      else assert.equal(await answers[request.method](chain, request), response.result, name)
    }
  }
  chain.engine.close()
  assert.is(names.length, 809)
})

fixtures.report()
besu.run()
