import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine } from '../lib/engine/engine.js'
import { fixtureNames, fixturePath, readFixture, withFixtures } from './fixtures.js'
import { braid as run } from './support/braid-command.js'
import { finishedBlock } from './support/demo.js'

const cli = suite('command line')
const fixtures = withFixtures(cli, 'command line')

const folder = mkdtempSync(join(tmpdir(), 'braid-cli-'))
cli.after(() => rmSync(folder, { recursive: true }))

const braid = (...args: string[]) => run(args)

/** Writes a file for the command to read. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const engine = await Engine.create()
const block = finishedBlock(engine)
const asJson = (value: unknown) =>
  JSON.stringify(value, (_, item) => {
    if (typeof item === 'bigint') return `0x${item.toString(16)}`
    return item?.type === 'Buffer' ? `0x${Buffer.from(item.data).toString('hex')}` : item
  })
const alloc = Object.fromEntries(
  Object.entries(block.demo.alloc).map(([address, { code, ...account }]) => [
    address,
    code === undefined ? account : { ...account, code: `0x${Buffer.from(code).toString('hex')}` },
  ]),
)
const state = file('state.json', asJson(alloc))

interface WitnessFile {
  readonly block: { readonly stateRoot: string }
  readonly witness: { readonly state: readonly string[] }
}

cli('exits with 2 where it is used wrongly', () => {
  for (const args of [
    [],
    ['dance'],
    ['execute'],
    ['execute', '--nonsense'],
    ['statetest'],
    ['statetest', folder, '--workers', '0'],
    ['demo', 'now'],
    ['demo', '--repeat', '0'],
    ['demo', '--part', 'most'],
  ]) {
    const { status, stderr } = braid(...args)
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, /^braid: [^\n]*\nSee braid ([a-z]+ )?--help\.\n$/)
  }
})

cli('exits with 2 where an input cannot be used', () => {
  const noJson = file('broken.json', '{')
  for (const args of [
    ['execute', '/nowhere/block.json'],
    ['execute', noJson, '--state', state],
    ['execute', state],
    ['execute', file('empty.rlp', ''), '--state', state],
    ['execute', file('block.rlp', block.encoded), '--state', noJson],
    ['execute', file('block.rlp', block.encoded)],
    ['statetest', '/nowhere'],
    ['statetest', noJson],
    ['demo', '--vm', '/nowhere/libnothing.so'],
  ]) {
    const { status, stderr } = braid(...args)
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, /^braid: [^\n]*\n([^\n]+\n)?$/)
  }
})

cli('executes an RLP block, as bytes and as hex', () => {
  const hexText = `0x${Buffer.from(block.encoded).toString('hex')}\n`
  for (const path of [file('block.rlp', block.encoded), file('block.hex', hexText)]) {
    const { status, stdout } = braid('execute', path, '--state', state)
    assert.is(status, 0, path)
    assert.match(stdout, /^block .* header$/m)
    assert.match(stdout, /^20000000 .* matches$/m)
  }
})

cli('exits with 1 and names every difference', () => {
  const wrong = block.demo.encode({
    ...block.outcome,
    gasUsed: 7n,
    receiptsRoot: `0x${'00'.repeat(32)}`,
  })
  const path = file('wrong.rlp', wrong)
  const { status, stdout } = braid('execute', path, '--state', state)
  assert.is(status, 1)
  assert.match(stdout, /gasUsed: the header has 7, the block gives \d+$/m)
  assert.match(stdout, /receiptsRoot: the header has 0x0{64}, the block gives 0x[0-9a-f]{64}$/m)
  const report = JSON.parse(braid('execute', path, '--state', state, '--json').stdout)
  assert.is(report.blocks[0].differences.length, 2)
})

cli('exits with 1 where a transaction may not be in the block', () => {
  const path = file('block.rlp', block.encoded)
  const { status, stdout } = braid('execute', path, '--state', file('nobody.json', '{}'))
  assert.is(status, 1)
  assert.match(stdout, /TX_INSUFFICIENT_FUNDS/)
})

cli('goes on from block to block', () => {
  const path = file('block.rlp', block.encoded)
  const { status, stdout } = braid('execute', path, path, '--state', state)
  assert.is(status, 1)
  assert.match(stdout, /matches/)
  assert.match(stdout, /TX_NONCE_TOO_LOW/)
})

fixtures.test('executes a mainnet block that brings its pre-state', () => {
  const { status, stdout } = braid('execute', fixturePath('mainnet_blocks', '19426586.json.gz'))
  assert.is(status, 0)
  assert.match(stdout, /^19426586 +shanghai +127 +15757891 .* matches$/m)
})

cli('inspects a block for people and for programs', () => {
  const args = ['inspect', file('block.rlp', block.encoded), '--state', state, '--threads', '2']
  const shown = braid(...args)
  assert.is(shown.status, 0)
  assert.match(shown.stdout, /^20000000 .* matches$/m)
  assert.match(shown.stdout, /^hot location +dependents +conflicts$/m)
  const { blocks } = JSON.parse(braid(...args, '--json', '--repeat', '2').stdout)
  assert.is(blocks.length, 1)
  const [{ transactions, execution, differences }] = blocks
  assert.is(execution.workers, 2)
  assert.is(execution.transactions.length, transactions)
  assert.ok(execution.hotLocations.length > 0)
  assert.equal(differences, [])
})

fixtures.test('executes mainnet blocks on the witnesses that they bring', () => {
  const paths = fixtureNames('witness_blocks').map((name) => fixturePath('witness_blocks', name))
  assert.ok(paths.length > 1)
  const { status, stdout } = braid('execute', ...paths)
  assert.is(status, 0)
  assert.is(
    stdout.match(/^ {2}the state root 0x[0-9a-f]{64} matches the header$/gm)?.length,
    paths.length,
  )
  const options = ['--policy', 'optimistic', '--threads', '2', '--json']
  const { blocks } = JSON.parse(braid('execute', paths[0], ...options).stdout)
  const fixture = readFixture<WitnessFile>('witness_blocks', fixtureNames('witness_blocks')[0])
  assert.is(blocks[0].stateRoot, fixture.block.stateRoot)
  assert.equal(blocks[0].differences, [])

  const wrongRoot = { ...fixture.block, stateRoot: `0x${'12'.repeat(32)}` }
  const wrong = braid('execute', file('wrong.json', asJson({ ...fixture, block: wrongRoot })))
  assert.is(wrong.status, 1)
  assert.match(
    wrong.stdout,
    /stateRoot: the header has 0x(12){32}, the block gives 0x[0-9a-f]{64}$/m,
  )
  assert.not.match(wrong.stdout, /matches the header/)

  const witness = { ...fixture.witness, state: [] }
  const missing = braid('execute', file('missing.json', asJson({ ...fixture, witness })))
  assert.is(missing.status, 2)
  assert.match(missing.stderr, /STATE_NODE_MISSING: .*account 0x[0-9a-f]{40}, node 0x[0-9a-f]{64}/)
})

fixtures.test('runs state tests and counts them', () => {
  const path = fixturePath('state_tests', 'stExample')
  const all = braid('statetest', path)
  assert.is(all.status, 0)
  assert.match(all.stdout, /^\d+ passed, 0 failed, 0 skipped\n$/)
  const one = braid('statetest', path, '--fork', 'Cancun', '--workers', '2', '--json')
  assert.is(one.status, 0)
  assert.ok(JSON.parse(one.stdout).passed > 0)
  const slip = braid('statetest', path, '--fork', 'Cancum')
  assert.is(slip.status, 2)
  assert.match(slip.stdout, /^0 passed, 0 failed/)
  assert.match(slip.stderr, /^braid: no state tests of the fork Cancum .*did you mean 'Cancun'\?$/m)
})

fixtures.test('runs blocks and state tests under any policy', () => {
  const path = fixturePath('state_tests', 'stExample')
  const block = fixturePath('mainnet_blocks', '19426586.json.gz')
  const { passed } = JSON.parse(braid('statetest', path, '--json').stdout)
  for (const policy of ['sequential', 'optimistic', 'adaptive']) {
    for (const threads of ['0', '3']) {
      const options = ['--policy', policy, '--threads', threads]
      const tests = JSON.parse(braid('statetest', path, ...options, '--json').stdout)
      assert.equal([tests.passed, tests.failed], [passed, 0], options.join(' '))
      assert.match(braid('execute', block, block, ...options).stdout, /matches/)
    }
  }
})

cli('refuses policies and numbers of threads that do not exist', () => {
  const path = file('nothing.json', '{}')
  const cases: [string[], RegExp][] = [
    [['--policy', 'fastest'], /^--policy knows no fastest: it takes sequential, /],
    [['--policy', 'optimstic'], /^--policy knows no optimstic, did you mean 'optimistic'\?$/],
    ...['-1', 'abc', '', '1e1', '0x2', '1.5', '1025'].map((text): [string[], RegExp] => [
      [`--threads=${text}`],
      new RegExp(`^--threads takes a whole number from 0 to 1024, not ${text || 'an empty text'}$`),
    ]),
  ]
  for (const [options, expected] of cases) {
    for (const command of ['statetest', 'blocktest', 'execute', 'inspect']) {
      const { status, stderr } = braid(command, path, ...options)
      assert.is(status, 2)
      const [line, hint] = stderr.split('\n')
      assert.match(line.replace('braid: ', ''), expected)
      assert.is(hint, `See braid ${command} --help.`)
    }
  }
})

fixtures.test('ends where a worker cannot read its file', () => {
  const broken = file('large.json', '{'.padEnd(100_000))
  const path = fixturePath('state_tests', 'stExample')
  const { status, stderr } = braid('statetest', path, broken, broken, '--workers', '3')
  assert.is(status, 2)
  assert.match(stderr, /^braid: .*large\.json is not JSON/)
})

fixtures.test('leaves slow tests out where it is told so', () => {
  const path = fixturePath('state_tests', 'slow')
  const { status, stdout } = braid('statetest', path, '--skip-slow')
  assert.is(status, 2) // for then nothing is left
  assert.match(stdout, /^\d+ files in slow folders left out\n0 passed, 0 failed, 0 skipped\n$/)
})

cli.run()
fixtures.report()
