/**
 * Traces of blocks of mainnet are the same to the last byte, whatever the policy and the number of threads. With
 * BRAID_LONG=1 all 51 blocks; else some.
 */

import { createHash } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  Engine,
  MemoryState,
  type PolicyName,
  type TraceBlockOptions,
  type TracerName,
} from '../lib/index.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'

const parallel = suite('traces in parallel')
const fixtures = withFixtures(parallel, 'traces in parallel')

const isLong = process.env.BRAID_LONG === '1'

/** Blocks in which transactions conflict, of several hardforks. */
const sample = ['2688148', '4370000', '12459406', '19932148']

const asked: readonly (readonly [TracerName, object])[] = [
  ['callTracer', { withLog: true }],
  ['flatCallTracer', { includePrecompiles: true }],
  ['prestateTracer', {}],
  ['prestateTracer', { diffMode: true }],
  ['4byteTracer', {}],
  ['keccak256PreimageTracer', {}],
  ['erc7562Tracer', {}],
  ['muxTracer', { callTracer: {}, prestateTracer: { diffMode: true } }],
  ['parity', { trace: true, stateDiff: true }],
]

/** Followed instruction by instruction, on one thread: less is asked of them. */
const stepped: readonly (readonly [TracerName, object])[] = [
  ['structLogs', { enableMemory: false }],
  ['eip3155', {}],
  ['parity', { vmTrace: true }],
]
/** Most gas of a block that is traced instruction by instruction. */
const mostSteppedGas = isLong ? 40_000_000n : 4_000_000n

const settings: readonly (readonly [PolicyName, number])[] = [
  ['sequential', 2],
  ['optimistic', 1],
  ['optimistic', 2],
  ['optimistic', 16],
  ['adaptive', 2],
  ['adaptive', 16],
  ['ahead', 2],
  ['ahead', 16],
]

async function digestOf(engine: Engine, file: BlockFixture, tracer: TracerName, config: object) {
  const { block, preState, blockHashes } = file
  const options = {
    state: new MemoryState(preState),
    blockHashes,
    forgiveMissingSystemContracts: true,
    forgiveMissingOmmers: true,
    verify: false,
    tracer,
    config,
  } as TraceBlockOptions<'callTracer'>
  const hash = createHash('sha256')
  let count = 0
  for await (const { txHash, bytes } of engine.traceBlock(block, options)) {
    hash.update(txHash).update(bytes)
    count++
  }
  return `${count} ${hash.digest('hex')}`
}

fixtures.test('are the same on any number of threads, by any policy', async () => {
  const one = await Engine.create({ policy: 'sequential', threads: 1 })
  const engines = await Promise.all(
    settings.map(async ([policy, threads]) => Engine.create({ policy, threads })),
  )
  const numbers = isLong ? fixtureNames('mainnet_blocks').map((name) => name.split('.')[0]) : sample
  for (const number of numbers) {
    const file = readFixture<BlockFixture>('mainnet_blocks', `${number}.json.gz`)
    const isStepped = BigInt(file.block.gasUsed) <= mostSteppedGas
    for (const [tracer, config] of isStepped ? [...asked, ...stepped] : asked) {
      const expected = await digestOf(one, file, tracer, config)
      for (const [i, engine] of engines.entries()) {
        const actual = await digestOf(engine, file, tracer, config)
        assert.is(actual, expected, `${number}: ${tracer} ${JSON.stringify(config)} ${settings[i]}`)
      }
    }
  }
  for (const engine of [one, ...engines]) engine.close()
})

parallel.run()
fixtures.report()
