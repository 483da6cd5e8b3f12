/** Erigon's answers to `trace_block`, `trace_transaction` and `trace_get` for blocks whose state is at hand. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  Engine,
  type Hex,
  MemoryState,
  type ParityBlockItem,
  type ParityCall,
  type ParityLocatedCall,
  type ParityReward,
  type StructLogsConfig,
} from '../lib/index.js'
import { rewardsOf } from '../lib/trace/index.js'
import { type BlockFixture, hasFixtures, readFixture, withFixtures } from './fixtures.js'
import {
  erigonBlock,
  erigonBlocks,
  recordedBlock,
  segmentsOf,
  traceRecorded,
  tracesOf,
} from './support/erigon-traces.js'

const erigon = suite('answers of Erigon')
const fixtures = withFixtures(erigon, 'answers of Erigon')

const client = 'erigon'

interface Case {
  readonly method: string
  readonly file: string
  readonly block: number
  readonly transaction: Hex | null
}

interface Exchange {
  readonly request: { readonly params: readonly unknown[] }
  readonly response: { readonly result: unknown }
}

const cases: readonly Case[] = hasFixtures
  ? readFixture<Case[]>('oracles', 'erigon_matched', 'index.json.gz')
  : []

const isParity = ({ method }: Case) => method.startsWith('trace_')

const answerTo = ({ method, file }: Case): Exchange =>
  readFixture<Exchange[]>('oracles', 'erigon_matched', method, `${file}.gz`)[0]

/** An item without its place in the chain. */
function withoutPlace({
  blockHash: _,
  blockNumber: __,
  transactionHash: ___,
  transactionPosition: ____,
  ...call
}: ParityLocatedCall): ParityCall {
  return call
}

/** What is told of transactions, by their hashes. */
type Calls = ReadonlyMap<Hex, readonly ParityCall[]>

const ether = 10n ** 18n

/** The rewards of a block whose ommers are known by what they got. */
function rewardsLike(
  items: readonly ParityReward[],
  coinbase: Hex,
  reward: bigint,
): ParityReward[] {
  const [{ blockHash: hash, blockNumber }] = items
  const number = BigInt(blockNumber)
  const paid = (kind: string) => items.filter(({ action }) => action.rewardType === kind)
  const ommers = paid('uncle').map(({ action }) => ({
    coinbase: action.author,
    number: number - 8n + (BigInt(action.value) * 8n) / reward,
    hash,
  }))
  const withdrawals = paid('withdrawal').map(({ action }) => {
    return { address: action.author, amount: BigInt(action.value) / 10n ** 9n }
  })
  return rewardsOf({ header: { coinbase, number, hash }, ommers, reward, withdrawals }, client)
}

/** Compares an answer with the calls of the transactions; gives how many of its items are compared. */
function compare(
  { method, block, file }: Case,
  calls: Calls,
  coinbase: Hex,
  reward: bigint,
): number {
  const answer = answerTo({ method, block, file, transaction: null })
  const { params } = answer.request
  const result = answer.response.result as ParityLocatedCall & ParityBlockItem[]
  const name = `${method} ${file}`
  if (method === 'trace_get') {
    const [hash, place] = params as [Hex, Hex[]]
    const wanted = place.map(Number).join()
    const found = calls.get(hash)?.find(({ traceAddress }) => traceAddress.join() === wanted)
    assert.equal(found, withoutPlace(result), name)
    return 1
  }
  const isCall = (item: ParityBlockItem): item is ParityLocatedCall => item.type !== 'reward'
  const hashes = new Set(result.filter(isCall).map(({ transactionHash }) => transactionHash))
  let compared = 0
  for (const hash of hashes) {
    const expected = result
      .filter(isCall)
      .filter(({ transactionHash }) => transactionHash === hash)
      .map(withoutPlace)
    if (!calls.has(hash)) continue // what it reads is not known
    assert.equal(calls.get(hash), expected, `${name} ${hash}`)
    compared += expected.length
  }
  const rewards = result.filter((item) => item.type === 'reward')
  if (rewards.length > 0) assert.equal(rewardsLike(rewards, coinbase, reward), rewards, name)
  return compared + rewards.length
}

fixtures.test('are those of the blocks whose state was put together from them', async () => {
  const engine = await Engine.create({ threads: 2 })
  let compared = 0
  for (const number of erigonBlocks()) {
    const asked = cases.filter((each) => each.block === number && isParity(each))
    if (asked.length === 0) continue
    const block = erigonBlock(number)
    const told = await tracesOf(engine, block, { trace: true })
    const calls = new Map(
      [...told].map(([place, { trace }]) => [block.transactions[place].hash, trace]),
    )
    const reward = block.fork === 'Homestead' ? 5n * ether : 3n * ether
    for (const each of asked) {
      assert.ok(compare(each, calls, block.env.coinbase, reward) > 0)
      compared++
    }
  }
  engine.close()
  assert.ok(compared >= 24, String(compared))
})

fixtures.test(
  'are those of the last block before the merge, and the first one after it',
  async () => {
    const engine = await Engine.create({ threads: 2 })
    const asked = cases.filter(({ block }) => block === 15537393 || block === 15537394)
    for (const each of asked) {
      const { block, preState, blockHashes } = readFixture<BlockFixture>(
        'mainnet_blocks',
        `${each.block}.json.gz`,
      )
      const options = { state: new MemoryState(preState), blockHashes, client } as const
      const { value } = await engine.parity.block(block, options)
      assert.equal(value, answerTo(each).response.result, each.file)
    }
    engine.close()
    assert.is(asked.length, 2)
  },
)

fixtures.test(
  'are those of transactions on what they looked up, and tell withdrawals',
  async () => {
    const engine = await Engine.create({ threads: 2 })
    const block = recordedBlock(17073191)
    const calls = new Map<Hex, readonly ParityCall[]>()
    for (const transaction of block.transactions) {
      const { trace } = await traceRecorded(engine, block, transaction, { trace: true })
      calls.set(transaction.hash, trace)
    }
    engine.close()
    const asked = cases.filter((each) => each.block === 17073191 && isParity(each))
    const counts = asked.map((each) => compare(each, calls, block.env.coinbase as Hex, 0n))
    assert.is(counts.length, 2)
    assert.is(Math.max(...counts) - Math.min(...counts), 16)
  },
)

// What prestateTracer told of 17073191 is among what trace-oracles.test.ts compares.
fixtures.test('are those of struct logs', async () => {
  const engine = await Engine.create({ threads: 2 })
  const debugged = cases.filter((each) => !isParity(each))
  let compared = 0
  for (const each of debugged.filter(({ block }) => erigonBlocks().includes(block))) {
    const { request, response } = answerTo(each)
    const [, config] = request.params as [Hex, StructLogsConfig]
    const block = erigonBlock(each.block)
    const [{ requests, place }] = segmentsOf(block)
    const traces = await engine.traceBundle(requests, { ...place, tracer: 'structLogs', config })
    const at = block.transactions.findIndex(({ hash }) => hash === each.transaction)
    const answer = each.transaction === null ? traces : traces.slice(at, at + 1)
    const expected = each.transaction === null ? response.result : [{ result: response.result }]
    const results = (expected as { readonly result: unknown }[]).map(({ result }) => result)
    assert.equal(
      answer.map(({ value }) => value),
      results,
      each.file,
    )
    compared++
  }
  engine.close()
  assert.is(compared, 6)
})

fixtures.report()
erigon.run()
