/**
 * Traces of 51 blocks of mainnet against those of geth 1.17.10: by digest for every transaction, in full
 * for some blocks. With BRAID_LONG=1 all of them, sequentially and in parallel; else a sample.
 */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  Engine,
  MemoryState,
  type TraceBlockOptions,
  type TracerConfigs,
  type TracerName,
} from '../lib/index.js'
import {
  type BlockFixture,
  fixtureNames,
  fixturePath,
  hasFixtures,
  readFixture,
  withFixtures,
} from './fixtures.js'

const geth = suite("geth's traces")
const fixtures = withFixtures(geth, "geth's traces")

/** geth's names of answers, and how to ask for them. */
const answers: Readonly<Record<string, { readonly tracer: TracerName; readonly config?: object }>> =
  {
    callTracer: { tracer: 'callTracer', config: { withLog: true } },
    flatCallTracer: { tracer: 'flatCallTracer' },
    'flatCallTracer.parity': {
      tracer: 'flatCallTracer',
      config: { convertParityErrors: true, includePrecompiles: true },
    },
    prestateTracer: { tracer: 'prestateTracer' },
    'prestateTracer.diffMode': { tracer: 'prestateTracer', config: { diffMode: true } },
    '4byteTracer': { tracer: '4byteTracer' },
    structLogs: { tracer: 'structLogs' },
  }

interface Digests {
  readonly blocks: Readonly<
    Record<
      string,
      { readonly tracers: Readonly<Record<string, { readonly tx: readonly string[] }>> }
    >
  >
}

const isLong = process.env.BRAID_LONG === '1'

/** Blocks that the sample has: every kind of hardfork, none of them large. */
const sample = [
  '116525',
  '1150000',
  '2641321',
  '2688148',
  '4370000',
  '15537393',
  '15537394',
  '19923400',
]

/** The one whose instructions the sample has. */
const stepped = ['2688148', '116525']

const folder = ['oracles', 'mainnet_geth'] as const
const digests = hasFixtures
  ? readFixture<Digests>(...folder, 'digests.json.gz').blocks
  : ({} as Digests['blocks'])

const numbersOf = (name: string): string[] => {
  if (!isLong) return name === 'structLogs' ? stepped : sample
  return fixtureNames('mainnet_blocks').map((file) => file.split('.')[0])
}

/** JSON with the members of every object in the order of their bytes. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1)) // ASCII all of them
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
  return `{${members.join(',')}}`
}

const digestOf = (value: unknown): string =>
  createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16)

/** The traces of a block, one after another. */
function tracesOf(engine: Engine, number: string, { tracer, config }: (typeof answers)[string]) {
  const file = readFixture<BlockFixture>('mainnet_blocks', `${number}.json.gz`)
  const options: TraceBlockOptions<TracerName, TracerConfigs[TracerName]> = {
    state: new MemoryState(file.preState),
    blockHashes: file.blockHashes,
    forgiveMissingSystemContracts: true,
    forgiveMissingOmmers: true,
    tracer,
    config: config as TracerConfigs[TracerName],
  }
  return engine.traceBlock(file.block, options)
}

const engines = isLong
  ? ([
      { policy: 'sequential', threads: 1 },
      { policy: 'ahead', threads: 2 },
    ] as const)
  : ([{ policy: 'ahead', threads: 2 }] as const)

for (const [name, answer] of Object.entries(answers)) {
  fixtures.test(`${name}: the digest of every transaction`, async () => {
    for (const options of engines) {
      // One instruction after another either way.
      if (name === 'structLogs' && options !== engines[0]) continue
      const engine = await Engine.create(options)
      const wrong: string[] = []
      let count = 0
      for (const number of numbersOf(name)) {
        const expected = digests[number].tracers[name].tx
        let index = 0
        for await (const trace of tracesOf(engine, number, answer)) {
          if (digestOf(JSON.parse(trace.json)) !== expected[index++]) wrong.push(trace.txHash)
        }
        assert.is(index, expected.length, number)
        count += index
      }
      engine.close()
      assert.equal(wrong, [], `${wrong.length} of ${count} (${options.policy})`)
      assert.ok(count > 10)
      if (isLong) console.log(`${name}, ${options.policy}: ${count} of ${count} digests`)
    }
  })

  // Where there are answers in full: members in geth's order, too.
  fixtures.test(`${name}: geth's own text`, async () => {
    const engine = await Engine.create(engines[0])
    const numbers = numbersOf(name).filter((number) =>
      existsSync(fixturePath(...folder, `${number}.${name}.json.gz`)),
    )
    for (const number of numbers) {
      const file = `${number}.${name}.json.gz`
      const expected = readFixture<{ txHash: string; result: unknown }[]>(...folder, file)
      const actual: string[] = []
      for await (const trace of tracesOf(engine, number, answer)) {
        actual.push(JSON.stringify({ txHash: trace.txHash, result: JSON.parse(trace.json) }))
      }
      // geth writes < > & as \u003c \u003e \u0026, which is the same text.
      const same = expected.every((item, i) => JSON.stringify(item) === actual[i])
      assert.ok(same && expected.length === actual.length, file)
    }
    engine.close()
  })
}

interface Steps {
  readonly block: number | string
  readonly index: number
  readonly txHash: string
  readonly config: object
  readonly result: unknown
}

fixtures.test('structLogs of single transactions, in three configurations', async () => {
  const engine = await Engine.create({ policy: 'sequential', threads: 1 })
  const all = readFixture<readonly Steps[]>(...folder, 'structlogs.json.gz')
  const chosen = isLong ? all : all.filter(({ index }) => index < 3)
  assert.ok(chosen.length > 10, `${chosen.length}`)
  for (const { block: number, txHash, config, result } of chosen) {
    const file = readFixture<BlockFixture>('mainnet_blocks', `${number}.json.gz`)
    const { json } = await engine.traceTransaction(file.block, txHash, {
      state: new MemoryState(file.preState),
      blockHashes: file.blockHashes,
      forgiveMissingSystemContracts: true,
      forgiveMissingOmmers: true,
      tracer: 'structLogs',
      config,
    })
    const same = JSON.stringify(JSON.parse(json)) === JSON.stringify(result)
    assert.ok(same, `${number} ${txHash} ${JSON.stringify(config)}`)
  }
  engine.close()
})

geth.run()
fixtures.report()
