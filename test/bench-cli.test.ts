import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, MemoryState } from '../lib/index.js'
import { workloadNames } from '../lib/workloads/index.js'
import { fixturePath, withFixtures } from './fixtures.js'
import { braid } from './support/braid-command.js'
import { finishedBlock } from './support/demo.js'

const benchCli = suite('braid bench')
const fixtures = withFixtures(benchCli, 'braid bench')

const folder = mkdtempSync(join(tmpdir(), 'braid-bench-'))
benchCli.after(() => rmSync(folder, { recursive: true }))

const bench = (...args: string[]) => braid(['bench', ...args])

interface Sample {
  readonly native: number
  readonly whole: number
  readonly reExecutions: number
}

interface Row extends Sample {
  readonly policy: string
  readonly threads: number
  readonly nativeMegagasPerSecond: number
  readonly nativeSpeedUp: number
  readonly wholeMegagasPerSecond: number
  readonly wholeSpeedUp: number
  readonly samples: readonly Sample[]
}

interface Block {
  readonly block: string
  readonly transactions: number
  readonly gasUsed: string
  readonly measurements: readonly Row[]
}

interface Document {
  readonly vm: string
  readonly repeat: number
  readonly latency: number
  readonly machine: { readonly cores: number; readonly node: string }
  readonly blocks: readonly Block[]
  readonly total: Block
}

function measured(...args: string[]): Document {
  const { status, stdout, stderr } = bench(...args, '--json')
  assert.is(status, 0, stderr)
  return JSON.parse(stdout) as Document
}

/** The block of the demo and its state as files. */
async function demoFiles(): Promise<{ readonly block: string; readonly state: string }> {
  const engine = await Engine.create()
  const { encoded, demo } = finishedBlock(engine)
  engine.close()
  const block = join(folder, 'demo.rlp')
  writeFileSync(block, encoded)
  const state = join(folder, 'state.json')
  const accounts = [...new MemoryState(demo.alloc).dump()].map(({ address, ...account }) => [
    address,
    { ...account, storage: Object.fromEntries(account.storage) },
  ])
  const asHex = (_: string, value: unknown) =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : value
  writeFileSync(state, JSON.stringify(Object.fromEntries(accounts), asHex))
  return { block, state }
}

const small = ['--transactions', '8', '--repeat', '3']

benchCli('measures each workload under each policy with each number of threads', () => {
  const document = measured(
    ...['--workload', 'erc20,worst-case', '--policy', 'sequential,optimistic'],
    ...['--threads', '1,2', ...small],
  )
  assert.is(document.repeat, 3)
  assert.is(document.latency, 0)
  assert.is(document.machine.node, process.versions.node)
  assert.equal(
    document.blocks.map(({ block }) => block),
    ['erc20', 'worst-case'],
  )
  for (const { transactions, gasUsed, measurements } of document.blocks) {
    assert.is(transactions, 8)
    assert.equal(
      measurements.map(({ policy, threads }) => `${policy} ${threads}`),
      ['sequential 1', 'sequential 2', 'optimistic 1', 'optimistic 2'],
    )
    const [first] = measurements
    for (const row of measurements) {
      assert.is(row.samples.length, 3)
      const sorted = row.samples.map(({ native }) => native).sort((a, b) => a - b)
      assert.is(row.native, sorted[1])
      assert.ok(row.native > 0 && row.whole > row.native)
      assert.is(row.nativeSpeedUp, first.native / row.native)
      assert.is(row.wholeSpeedUp, first.whole / row.whole)
      assert.is(row.wholeMegagasPerSecond, Number(gasUsed) / 1000 / row.whole)
      if (row.policy === 'sequential') assert.is(row.reExecutions, 0)
    }
  }
  const [erc20, worst] = document.blocks
  const { total } = document
  assert.is(BigInt(total.gasUsed), BigInt(erc20.gasUsed) + BigInt(worst.gasUsed))
  total.measurements.forEach(({ native }, index) => {
    assert.is(native, erc20.measurements[index].native + worst.measurements[index].native)
  })
})

benchCli('the knobs reach the workload', () => {
  const options = ['--workload', 'transfers-independent', '--threads', '1', '--repeat', '1']
  const { blocks } = measured(...options, '--transactions', '5', '--accounts', '2', '--hot', '1')
  assert.is(blocks[0].transactions, 5)
  assert.is(blocks[0].gasUsed, String(5 * 21_000))
})

benchCli('latency makes reads slow', () => {
  const options = ['--workload', 'transfers-independent', '--policy', 'sequential', ...small]
  const { blocks, latency } = measured(...options, '--threads', '1', '--latency', '300')
  assert.is(latency, 300)
  // Eight senders, eight recipients and the proposer.
  assert.ok(blocks[0].measurements[0].native >= 17 * 0.3)
})

benchCli('prints a table with totals', () => {
  const { status, stdout } = bench('--workload', 'all', '--threads', '2', ...small)
  assert.is(status, 0)
  for (const name of [...workloadNames, 'total']) assert.match(stdout, new RegExp(`^${name} `, 'm'))
  assert.match(stdout, /medians of 3/)
})

benchCli('measures blocks of files, each on what the last one left', async () => {
  const { block, state } = await demoFiles()
  const { blocks } = measured(block, '--state', state, '--threads', '1')
  assert.is(blocks[0].block, 'demo')
  assert.ok(blocks[0].transactions > 200)
  // A second time the nonces are used.
  const again = bench(block, block, '--state', state, '--threads', '1')
  assert.is(again.status, 2)
  assert.match(again.stderr, /TX_NONCE_TOO_LOW/)
})

benchCli('refuses a block that is not what its header says', async () => {
  const { state } = await demoFiles()
  const engine = await Engine.create()
  const { demo, outcome } = finishedBlock(engine)
  engine.close()
  const wrong = join(folder, 'wrong.rlp')
  writeFileSync(wrong, demo.encode({ ...outcome, gasUsed: outcome.gasUsed + 1n }))
  const { status, stderr } = bench(wrong, '--state', state)
  assert.is(status, 2)
  assert.match(stderr, /wrong differs from its header: gasUsed/)
})

benchCli('exits with 2 where it is used wrongly', () => {
  for (const args of [
    [],
    ['--workload', 'fastest'],
    ['--workload', 'game', '--policy', 'fastest'],
    ['--workload', 'game', '--threads', '0'],
    ['--workload', 'game', '--threads', 'many'],
    ['--workload', 'game', '--repeat', '0'],
    ['--workload', 'game', '--latency', '-1'],
    ['--workload', 'game', '--transactions', 'x'],
    ['--workload', 'game', '--hot', '2'],
  ]) {
    const { status, stderr } = bench(...args)
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, /^braid: [^\n]*\nSee braid bench --help\.\n$/, args.join(' '))
  }
})

fixtures.test('measures a folder of mainnet blocks', () => {
  const path = fixturePath('mainnet_blocks', '116525.json.gz')
  const { blocks } = measured(path, '--threads', '2', '--repeat', '1')
  assert.is(blocks[0].block, '116525')
  assert.is(blocks[0].measurements.length, 3)
})

benchCli.run()
fixtures.report()
