/** `braid tracetest`. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, encodeBlock, MemoryState } from '../lib/index.js'
import { signCalls } from '../lib/workloads/calls.js'
import { draftBlock } from '../lib/workloads/draft.js'
import { fixturePath, withFixtures } from './fixtures.js'
import { braid } from './support/braid-command.js'
import { cast, people, tracedAlloc } from './support/traced-block.js'

const tests = suite('braid tracetest')
const fixtures = withFixtures(tests, 'braid tracetest')

const folder = mkdtempSync(join(tmpdir(), 'braid-tracetest-'))
mkdirSync(join(folder, 'call_tracer'))
tests.after(() => rmSync(folder, { recursive: true }))

/** Writes a test of a call of the splitter in Cancun. */
async function write(name: string, result?: unknown): Promise<string> {
  const state = new MemoryState(tracedAlloc)
  const fees = { maxFeePerGas: 20n, maxPriorityFeePerGas: 1n }
  const calls = [{ from: people[0], to: cast.splitter, gasLimit: 300_000, value: 7n }]
  const block = draftBlock({ baseFeePerGas: 7n, transactions: signCalls(calls, state, fees) })
  const engine = await Engine.create()
  const { value } = await engine.traceTransaction(block, 0, { state, tracer: 'callTracer' })
  engine.close()
  const [, [transaction]] = RLP.decode(encodeBlock(block)) as unknown as [unknown, [Uint8Array]]
  const blocks = ['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople']
  const later = ['petersburg', 'istanbul', 'berlin', 'london']
  const test = {
    genesis: {
      alloc: state,
      config: {
        chainId: 1,
        ...Object.fromEntries([...blocks, ...later].map((fork) => [`${fork}Block`, 0])),
        terminalTotalDifficulty: 0,
        shanghaiTime: 0,
        cancunTime: 0,
      },
    },
    context: {
      number: '20000000',
      difficulty: '0',
      timestamp: '1717281407',
      gasLimit: '30000000',
      miner: block.miner,
      baseFeePerGas: '7',
    },
    input: `0x${Buffer.from(transaction).toString('hex')}`,
    result: result ?? value,
  }
  const path = join(folder, 'call_tracer', name)
  writeFileSync(path, JSON.stringify(test))
  return path
}

tests('passes what is right, and says where the rest differs', async () => {
  const right = await write('right.json')
  const passed = braid(['tracetest', right])
  assert.is(passed.stdout, '1 passed, 0 failed, 0 skipped\n', passed.stderr)
  assert.is(passed.status, 0)
  const wrong = await write('wrong.json', { type: 'CALL' })
  const failed = braid(['tracetest', join(folder, 'call_tracer')])
  assert.is(failed.status, 1)
  assert.match(failed.stdout, /wrong\.json: wrong: callTracer: 0: expected \.\.\..*, got \.\.\./)
  assert.match(failed.stdout, /^1 passed, 1 failed, 0 skipped$/m)
  // The same by another tracer.
  const other = braid(['tracetest', right, '--tracer', '4byteTracer', '--json'])
  assert.is(other.status, 1)
  assert.is(JSON.parse(other.stdout).failures[0].fork, '4byteTracer')
  rmSync(wrong)
})

tests('says where there are no tests', () => {
  const none = join(folder, 'none.json')
  writeFileSync(none, '{}')
  const { status, stderr } = braid(['tracetest', none])
  assert.is(status, 2)
  assert.match(stderr, /none\.json holds no trace tests/)
})

fixtures.test("geth's own pass, but for those of tracers that are not here", () => {
  const { status, stdout } = braid(['tracetest', fixturePath('oracles', 'geth_tracers')])
  assert.match(stdout, /^71 passed, 0 failed, 13 skipped$/m)
  assert.is(status, 0)
})

tests.run()
fixtures.report()
