/** Logs that filters want. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BlockLog,
  type BlockResult,
  Engine,
  type Hex,
  type LogFilter,
  MemoryState,
  type TopicFilter,
} from '../lib/index.js'
import { signCalls } from '../lib/workloads/calls.js'
import { sendersOf } from '../lib/workloads/cast.js'
import { addBlock, openChain } from '../lib/workloads/chain.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { Random } from './random.js'
import { errorOf } from './support/thrown.js'

const filters = suite('logs of filters')
const fixtures = withFixtures(filters, 'filters of logs')

const engine = await Engine.create({ policy: 'sequential', threads: 1 })
const people = sendersOf('filters', 4, 1)

const byte = (value: number) => value.toString(16).padStart(2, '0')
const contractAt = (i: number): Hex => `0x${'00'.repeat(18)}aa${byte(i)}`
const topicOf = (value: number): Hex => `0x${'00'.repeat(31)}${byte(value)}`

/** Some of three topics, so that filters find something. */
const topicCount = 3

/** Code that emits logs with 0 to 4 random topics and some data. */
function logging(random: Random): Hex {
  const logs = Array.from({ length: random.below(6) }, () => {
    const topics = Array.from({ length: random.below(5) }, () => random.below(topicCount))
    const pushed = topics.map((topic) => `60${byte(topic)}`).join('')
    return `${pushed}60${byte(random.below(40))}6000${byte(0xa0 + topics.length)}`
  })
  return `0x${logs.join('')}00`
}

const contracts = 6

async function randomBlock(seed: number): Promise<BlockResult> {
  const random = new Random(seed)
  const senders = people.map(({ address }) => [address, { balance: 10n ** 18n }])
  const codes = Array.from({ length: contracts }, (_, i) => {
    return [contractAt(i), { nonce: 1n, code: logging(random) }]
  })
  const alloc = Object.fromEntries([...senders, ...codes])
  const state = new MemoryState(alloc)
  const calls = Array.from({ length: 24 }, (_, i) => ({
    from: people[i % people.length],
    to: contractAt(random.below(contracts)),
    gasLimit: 100_000,
  }))
  const fees = { maxFeePerGas: 20n * 10n ** 9n, maxPriorityFeePerGas: 10n ** 9n }
  const chain = await openChain(engine, state)
  const { rlp } = await addBlock(chain, { transactions: signCalls(calls, state, fees) })
  return engine.executeBlock(rlp, { state: new MemoryState(alloc) })
}

const listOf = (value: unknown) => (Array.isArray(value) ? value : [value])

/** What geth says of one log, in as few words as there are. */
function matches(log: BlockLog, { address, topics }: LogFilter): boolean {
  const addresses = address === undefined || address === null ? [] : listOf(address)
  const lower = addresses.map((one: string) => one.toLowerCase())
  if (lower.length > 0 && !lower.includes(log.address)) return false
  const positions = topics ?? []
  if (positions.length > log.topics.length) return false
  return positions.every((topic, i) => {
    const some = topic === null ? [] : listOf(topic)
    return some.length === 0 || some.includes(null) || some.includes(log.topics[i])
  })
}

function randomTopic(random: Random): TopicFilter {
  const kind = random.below(6)
  if (kind === 0) return null
  if (kind === 1) return []
  if (kind === 2) return topicOf(random.below(topicCount))
  const list: (Hex | null)[] = Array.from({ length: 1 + random.below(2) }, () =>
    topicOf(random.below(topicCount + 1)),
  )
  if (kind === 3) list.splice(random.below(list.length + 1), 0, null)
  return list
}

function randomFilter(random: Random): LogFilter {
  const someContract = () => contractAt(random.below(contracts + 1))
  const addresses: readonly LogFilter['address'][] = [
    undefined,
    null,
    [],
    someContract(),
    [someContract()],
    [someContract(), someContract()],
  ]
  const topics = Array.from({ length: random.below(5) }, () => randomTopic(random))
  return {
    address: addresses[random.below(addresses.length)],
    ...(random.below(5) === 0 ? {} : { topics }),
  }
}

filters('are those that a naive filter wants, of random logs', async () => {
  let found = 0
  for (let seed = 1; seed <= 12; seed++) {
    const result = await randomBlock(seed)
    const random = new Random(1000 + seed)
    for (let i = 0; i < 200; i++) {
      const filter = randomFilter(random)
      const wanted = result.logs.filter((log) => matches(log, filter))
      assert.equal(
        result.getLogs(filter).map((log) => log.toJSON()),
        wanted.map((log) => log.toJSON()),
        JSON.stringify(filter),
      )
      found += wanted.length
    }
  }
  assert.ok(found > 1000, `${found}`)
})

filters('are all of them where nothing is asked for', async () => {
  const result = await randomBlock(3)
  const all = result.logs.map((log) => log.toJSON())
  for (const filter of [undefined, {}, { address: null, topics: null }, { topics: [] }]) {
    assert.equal(
      result.getLogs(filter).map((log) => log.toJSON()),
      all,
    )
  }
  assert.is(result.getLogs({ topics: [null, null, null, null] }).length, all.filter(hasFour).length)
})

const hasFour = (log: object) => (log as { topics: unknown[] }).topics.length === 4

filters('do not mind the case of digits', async () => {
  const result = await randomBlock(3)
  const [{ address }] = result.logs
  const upper: Hex = `0x${address.slice(2).toUpperCase()}`
  assert.ok(result.getLogs({ address: upper }).length > 0)
  assert.is(result.getLogs({ address: upper }).length, result.getLogs({ address }).length)
})

filters('are refused where they are malformed', async () => {
  const result = await randomBlock(1)
  const refused = async (filter: unknown, field: string) => {
    const error = await errorOf(() => result.getLogs(filter as LogFilter))
    assert.is(error.code, 'OPTION_INVALID')
    assert.is(error.details.field, field, error.message)
  }
  await refused(null, 'filter')
  await refused('0x00', 'filter')
  await refused({ adress: contractAt(0) }, 'adress')
  await refused({ fromBlock: '0x1' }, 'fromBlock')
  await refused({ address: '0x00' }, 'address')
  await refused({ address: 7 }, 'address')
  await refused({ address: [contractAt(0), `${contractAt(1)}0`] }, 'address')
  await refused({ topics: topicOf(1) }, 'topics')
  await refused({ topics: [null, null, null, null, null] }, 'topics')
  await refused({ topics: [null, '0x01'] }, 'topics[1]')
  await refused({ topics: [[topicOf(1), undefined]] }, 'topics[0]')
  await refused({ topics: [`0x${'zz'.repeat(32)}`] }, 'topics[0]')
})

fixtures.test('find the transfers in blocks of mainnet', async () => {
  const transfer: Hex = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
  let found = 0
  for (const name of fixtureNames('mainnet_blocks').slice(-6)) {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const state = new MemoryState(preState)
    const surroundings = { state, blockHashes, forgiveMissingSystemContracts: true }
    const result = await engine.executeBlock(block, { ...surroundings, forgiveMissingOmmers: true })
    const filter: LogFilter = { topics: [transfer, null, null] }
    const logs = result.getLogs(filter)
    assert.equal(
      logs,
      result.logs.filter((log) => matches(log, filter)),
    )
    found += logs.length
  }
  assert.ok(found > 100, `${found}`)
})

filters.after(() => engine.close())
filters.run()
fixtures.report()
