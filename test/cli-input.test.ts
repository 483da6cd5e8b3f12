/** What the command does with inputs that are not what they should be, or come in another way. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BlockTestFile, isBlockTest } from '../lib/cli/blocktest/format.js'
import { isStateTest } from '../lib/cli/statetest/format.js'
import { addCases, emptyOutcome } from '../lib/cli/test-outcome.js'
import { Engine } from '../lib/engine/engine.js'
import { fixturePath, readFixture, root, withFixtures } from './fixtures.js'
import { braid, type CommandInput, type CommandOutput } from './support/braid-command.js'
import { finishedBlock } from './support/demo.js'

const input = suite('command line, inputs')
const fixtures = withFixtures(input, 'command line, inputs')

const folder = mkdtempSync(join(tmpdir(), 'braid-input-'))
input.after(() => rmSync(folder, { recursive: true }))

const engine = await Engine.create()
const { demo, encoded } = finishedBlock(engine)
engine.close()
const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`
const alloc = JSON.stringify(demo.alloc, (_, value) => {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`
  return value instanceof Uint8Array ? hex(value) : value
})

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const state = file('state.json', alloc)
const block = file('block.rlp', encoded)

/** Runs the command with something on standard input. */
const piped = (given: CommandInput['input'], ...args: string[]) => braid(args, {}, { input: given })

/** Checks that a command failed with an error in one line, and perhaps one that helps. */
function failed({ status, stderr }: CommandOutput, error: RegExp, name = String(error)): void {
  assert.is(status, 2, name)
  assert.match(stderr, /^braid: [^\n]*\n([^\n]*\n)?$/, name)
  assert.match(stderr.slice('braid: '.length), error, name)
}

input('a dash is standard input: bytes, hex, JSON, packed or not', () => {
  for (const given of [encoded, `${hex(encoded)}\n`, gzipSync(encoded)]) {
    const { status, stdout } = piped(given, 'execute', '-', '--state', state)
    assert.is(status, 0)
    assert.match(stdout, /^20000000 .* matches$/m)
  }
  const whole = JSON.stringify({ block: hex(encoded), preState: JSON.parse(alloc) })
  const text = JSON.stringify({ ...JSON.parse(whole), block: undefined })
  assert.is(piped(alloc, 'execute', block, '--state', '-').status, 0)
  assert.is(piped(alloc, 'inspect', block, '--state', '-', '--json').status, 0)
  failed(piped(text, 'execute', '-'), /^DECODE_|^standard input/)
  failed(piped('{', 'execute', '-', '--state', state), /^standard input is not JSON: /)
  failed(piped('', 'execute', '-', '--state', state), /^standard input: DECODE_/)
  failed(piped('', 'execute', '-'), /^standard input brings no preState/)
  for (const args of [
    ['execute', '-', '-', '--state', state],
    ['execute', '-', '--state', '-'],
    ['inspect', '-', '--state', '-'],
    ['bench', '-', '--state', '-'],
    ['statetest', '-', '-'],
    ['blocktest', '-', folder, '-'],
  ]) {
    failed(piped(encoded, ...args), /^standard input can be read only once\nSee braid /)
  }
})

input('standard input may come in pieces', () => {
  const script =
    '{ head -c 3000; sleep 0.1; cat; } < "$0" | "$1" dist/cli/braid.js execute - --state "$2"'
  const { status } = spawnSync('sh', ['-c', script, block, process.execPath, state], { cwd: root })
  assert.is(status, 0)
})

input('a state must be one', () => {
  for (const text of ['null', '[]', '5', '"x"', 'true', '{"__proto__":{}}', '{"constructor":1}']) {
    const error = /^STATE_MALFORMED: [^\n]*\nA state is an object of accounts by address/
    failed(braid(['execute', block, '--state', file('bad.json', text)]), error, text)
  }
  for (const text of ['{"alloc":5}', '{"preState":[]}']) {
    failed(braid(['execute', block, '--state', file('bad.json', text)]), /^STATE_MALFORMED: /, text)
  }
})

input('members of a block file of the wrong type are typed errors', () => {
  const good = { block: hex(encoded), preState: JSON.parse(alloc) }
  const witness = { state: [], codes: [] }
  const parentStateRoot = hex(new Uint8Array(32))
  const values = [null, 5, -1, 1.5, true, 'x', '0x00', [], [[]], {}, { x: 1 }, { __proto__: 1 }]
  const paths: string[] = []
  const add = (value: object) => paths.push(file(`m${paths.length}.json`, JSON.stringify(value)))
  for (const value of values) {
    add({ ...good, block: value })
    add({ ...good, preState: value })
    add({ ...good, block: JSON.parse('{"__proto__":{"number":1}}') })
    add({ block: good.block, parentStateRoot: value, witness })
    add({ block: good.block, parentStateRoot, witness: value })
    for (const member of ['state', 'codes', 'headers', 'blockHashes']) {
      add({ block: good.block, parentStateRoot, witness: { ...witness, [member]: value } })
    }
  }
  const { status, stderr } = braid(['execute', ...paths])
  assert.is(status, 2)
  const lines = stderr.split('\n').filter((line) => line.startsWith('braid: '))
  assert.ok(lines.length > 90, `${lines.length}`)
  for (const line of lines) {
    assert.match(
      line,
      /^braid: .*m\d+\.json(: (DECODE|STATE|OPTION|BLOCK|TX)_[A-Z_]+: | brings no )/,
    )
  }
})

input('what unpacks to more than there is room for is refused', () => {
  const member = gzipSync(Buffer.alloc(64 << 20))
  const bomb = file('bomb.json.gz', Buffer.concat(new Array(40).fill(member)))
  failed(braid(['statetest', bomb]), /^cannot unpack .*bomb\.json\.gz: it is larger than 512 MiB\n/)
  failed(
    braid(['execute', file('cut.gz', member.subarray(0, 99))]),
    /^cannot unpack .*ends too early/,
  )
  failed(braid(['execute', file('fake.gz', 'hello')]), /^cannot unpack .*not packed by gzip/)
})

input('files without end, or too large, are refused', () => {
  const large = file('large.json', '')
  truncateSync(large, 5e9)
  failed(braid(['execute', large]), /^cannot read .*: it is larger than 512 MiB\n$/)
  failed(braid(['execute', '/dev/zero']), /^cannot read \/dev\/zero: it is larger than 512 MiB\n$/)
})

input('what the system does not let through is said in words', () => {
  const loop = join(folder, 'loop.json')
  symlinkSync('loop.json', loop)
  const cases: [string[], RegExp][] = [
    [['execute', folder], /^cannot read .*: it is a folder\n$/],
    [['execute', loop], /^cannot read .*: its symbolic links go in a circle\n$/],
    [['statetest', loop], /^cannot read .*: its symbolic links go in a circle\n$/],
    [['execute', join(block, 'x')], /^cannot read .*: no such file or folder\n$/],
    [['execute', 'x'.repeat(300)], /^cannot read x+: the name is too long\n$/],
    [['statetest', '/nowhere'], /^cannot read \/nowhere: no such file or folder\n$/],
    [['statetest', block], /^not a \.json or \.json\.gz file: /],
    [['execute', block, '--state', folder], /^cannot read .*: it is a folder\n$/],
    [['inspect', block, '--state', state, '--html', folder], /^cannot write .*: it is a folder\n$/],
  ]
  for (const [args, error] of cases) failed(braid(args), error, args.join(' '))
})

input('a file or folder that may not be read', () => {
  const secret = join(folder, 'secret')
  mkdirSync(secret)
  writeFileSync(join(secret, 'a.json'), '{}', { mode: 0 })
  mkdirSync(join(secret, 'b'), { mode: 0 })
  // Nobody keeps root out.
  const given = process.getuid?.() === 0 ? { uid: 65_534 } : {}
  const error = /^cannot read .*: permission denied\n$/
  const denied = braid(['execute', join(secret, 'a.json')], {}, given)
  failed(denied, error)
  failed(braid(['statetest', join(secret, 'b')], {}, given), error)
})

input('binary junk, deep nesting and commands for terminals', () => {
  const junk = Uint8Array.from({ length: 5000 }, (_, i) => (i === 0 ? 0xf9 : i * 7919))
  failed(braid(['execute', file('junk.rlp', junk), '--state', state]), /: DECODE_[A-Z_]+: /)
  const deep = `${'['.repeat(300_000)}${']'.repeat(300_000)}`
  failed(braid(['execute', file('deep.json', deep), '--state', state]), /: DECODE_[A-Z_]+: /)
  const evil = file('evil.json', '{"\u001b]0;title\u0007\u009b31m":{"\u001b[2J":1}} \u001b[31m')
  const name = `\u001b[31m`
  for (const args of [
    ['statetest', evil],
    ['execute', evil, '--state', state],
    ['execute', name],
    [name],
    ['execute', `--${name}`],
    ['execute', 'x', '--policy', name],
    ['statetest', folder, '--fork', name],
  ]) {
    const { status, stdout, stderr } = braid(args)
    assert.is(status, 2, JSON.stringify(args))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.not.match(stdout + stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/, JSON.stringify(args))
  }
})

input('no test at all is no success', () => {
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  symlinkSync('.', join(empty, 'again'))
  const paths = [
    empty,
    ...['{}', '[]', 'null', '5', '"x"'].map((text, i) => file(`n${i}.json`, text)),
  ]
  for (const command of ['statetest', 'blocktest']) {
    const kind = command.replace('test', ' tests')
    for (const path of paths) {
      const { status, stdout, stderr } = braid([command, path])
      assert.is(status, 2, path)
      assert.is(stdout, '0 passed, 0 failed, 0 skipped\n')
      const said = path === empty ? `no ${kind} were found` : `${path} holds no ${kind}`
      assert.is(stderr, `braid: ${said}\n`)
    }
    const { status: end, stdout: json } = braid([command, empty, '--json'])
    assert.is(end, 2)
    assert.is(JSON.parse(json).passed, 0)
    const { status } = piped('{}', command, '-')
    assert.is(status, 2)
  }
})

const stateTests = ['state_tests', 'stExample', 'add11.json.gz'] as const
const blockTests = [
  'blockchain_tests',
  'ValidBlocks',
  'bcExample',
  'shanghaiExample.json.gz',
] as const

fixtures.test('tests of the other kind are no success either, and said', () => {
  const states = fixturePath(...stateTests)
  const blocks = fixturePath(...blockTests)
  const hint = 'runs block tests, of which there are some'
  failed(
    braid(['statetest', blocks]),
    new RegExp(`holds no state tests; braid blocktest ${hint}\n$`),
  )
  failed(braid(['blocktest', states]), /holds no block tests; braid statetest runs state tests/)
  // One among others that are right.
  const { status, stdout, stderr } = braid(['statetest', states, blocks])
  assert.is(status, 2)
  assert.match(stdout, /^1 passed, 0 failed, 1 skipped\n$/)
  assert.match(stderr, /shanghaiExample\.json\.gz holds no state tests/)
  // In a folder, they are only left out.
  assert.is(braid(['statetest', fixturePath('state_tests', 'stExample')]).status, 0)
})

fixtures.test('tests may come on standard input', () => {
  const text = JSON.stringify(readFixture(...stateTests))
  assert.match(piped(text, 'statetest', '-').stdout, /^1 passed, 0 failed, 0 skipped\n$/)
  const { status, stdout } = piped(JSON.stringify(readFixture(...blockTests)), 'blocktest', '-')
  assert.is(status, 0)
  assert.match(stdout, /^[1-9]\d* passed, 0 failed/)
  // The reason names where the test came from.
  const failing = JSON.stringify(readFixture(...stateTests)).replace(
    /"logs":"0x.{8}/,
    '"logs":"0x00000000',
  )
  assert.match(
    piped(failing, 'statetest', '-').stdout,
    /^standard input: add11: Cancun: 0: logs hash/,
  )
})

fixtures.test('tests that are malformed inside fail, each for itself', () => {
  const [[name, test]] = Object.entries(readFixture<Record<string, object>>(...stateTests))
  const changed = {
    [name]: test,
    noNumber: { ...test, env: {} },
    noAccount: { ...test, pre: { x: 1 } },
    noCase: { ...test, post: { Cancun: [null, 5, {}] } },
    badConfig: { ...test, config: { chainid: 'x' } },
  }
  const { status, stdout } = braid(['statetest', file('malformed.json', JSON.stringify(changed))])
  assert.is(status, 1)
  assert.match(stdout, /^1 passed, 6 failed, 0 skipped$/m)
  const noTests = { a: { ...test, post: { Cancun: 5 } }, b: { ...test, env: null } }
  failed(
    braid(['statetest', file('none.json', JSON.stringify(noTests))]),
    /holds no state tests\n$/,
  )
})

fixtures.test('block tests that are malformed inside fail, each for itself', () => {
  const [[name, test]] = Object.entries(readFixture<BlockTestFile>(...blockTests))
  const config = { chainid: 'x', blobSchedule: { Cancun: null } }
  const changed = {
    [name]: test,
    noHeader: { ...test, genesisBlockHeader: {} },
    noAccount: { ...test, pre: { x: 1 } },
    noBytes: { ...test, blocks: [{ rlp: 'zz', blockHeader: {} }] },
    badConfig: { ...test, config },
    badName: { ...test, network: 'FrontierToHomesteadAtDiffzz' },
  }
  const { status, stdout } = braid(['blocktest', file('malformed.json', JSON.stringify(changed))])
  assert.is(status, 1)
  assert.match(stdout, /^1 passed, 4 failed, 1 skipped$/m)
})

fixtures.test('only forks that are not supported: no success', () => {
  const tests = Object.entries(readFixture<BlockTestFile>(...blockTests))
  const later = tests.map(([name, test]) => [name, { ...test, network: 'Amsterdam' }])
  const path = file('later.json', JSON.stringify(Object.fromEntries(later)))
  failed(braid(['blocktest', path]), /^no block tests were run: all are of forks that are not supp/)
})

input('what is a test, and what is not', () => {
  for (const value of [null, undefined, 5, 'x', [], {}, { env: {}, pre: {}, transaction: {} }]) {
    assert.is(isStateTest(value), false)
    assert.is(isBlockTest(value), false)
  }
  assert.is(isStateTest({ env: null, pre: {}, transaction: {}, post: {} }), false)
  assert.is(isStateTest({ env: {}, pre: {}, transaction: {}, post: { Cancun: 1 } }), false)
  assert.is(isStateTest({ env: {}, pre: {}, transaction: {}, post: {} }), true)
  const test = { network: 'x', lastblockhash: '', blocks: [], pre: {}, genesisBlockHeader: {} }
  assert.is(isBlockTest(test), true)
  assert.is(isBlockTest({ ...test, genesisBlockHeader: null }), false)
  assert.is(isBlockTest({ ...test, blocks: [null] }), false)
})

input('a fork may be called anything', () => {
  const { otherForks } = emptyOutcome()
  for (const name of ['__proto__', 'constructor', '__proto__']) addCases(otherForks, name, 2)
  assert.equal(Object.entries(otherForks), [
    ['__proto__', 4],
    ['constructor', 2],
  ])
})

input.run()
fixtures.report()
