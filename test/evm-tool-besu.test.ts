/** What Besu's `evmtool` does, against what Besu's own tests of it expect: `oracles/besu_evmtool`. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fixtureNames, fixturePath, hasFixtures, readFixture, withFixtures } from './fixtures.js'
import { braid } from './support/braid-command.js'

const tool = suite("Besu's evmtool")
const fixtures = withFixtures(tool, "Besu's evmtool")
const oracle = ['oracles', 'besu_evmtool', 'evmtool']

/** A call of the tool with its input and its output. */
interface Call {
  readonly cli: readonly string[]
  readonly stdin: unknown
  readonly stdout: unknown
}

const callsOf = (folder: string) =>
  (hasFixtures ? fixtureNames(...oracle, folder) : []).map((name) => ({
    name,
    ...readFixture<Call>(...oracle, folder, name),
  }))

fixtures.test('t8n --form besu makes the same of the same', () => {
  const calls = callsOf('t8n')
  assert.is(calls.length, 21)
  for (const { name, cli, stdin, stdout } of calls) {
    const [command, ...flags] = cli
    assert.is(command, 't8n')
    // What goes to a file is not looked at.
    const args = flags.map((flag) => flag.replace('=txs.rlp', '='))
    const run = braid(['t8n', '--form=besu', ...args], {}, { input: JSON.stringify(stdin) })
    assert.is(run.status, 0, `${name}: ${run.stderr}`)
    assert.equal(JSON.parse(run.stdout), stdout, name)
  }
})

/** Besu's names of options, and what they are here. */
const names: Readonly<Record<string, string | undefined>> = {
  'state-test': 'statetest',
  stdin: '-',
  '--json': '--trace',
  '--nomemory': '--trace.nomemory',
  // What is the case anyway.
  '--trace.stack': undefined,
  '--trace.eip-3155': undefined,
  '--notime': undefined,
}

/** The JSON of each line. */
const linesOf = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

fixtures.test('statetest --trace --form besu prints the same lines', () => {
  const calls = callsOf('state-test')
  assert.is(calls.length, 7)
  for (const { name, cli, stdin, stdout } of calls) {
    const given = cli.map((arg) => (arg in names ? names[arg] : arg))
    const args = given.filter((arg): arg is string => arg !== undefined)
    const [flags, command] = [args.filter((arg) => arg !== 'statetest'), 'statetest']
    const run = braid([command, '--form=besu', ...flags], {}, { input: JSON.stringify(stdin) })
    assert.is(run.status, 0, `${name}: ${run.stderr}`)
    assert.equal(linesOf(run.stdout), stdout, name)
  }
})

fixtures.test("Besu's state tests pass, and what is none is told", () => {
  for (const [name, status, text] of [
    ['HighGasPrice', 0, /^\d+ passed, 0 failed/m],
    ['access-list', 0, /^\d+ passed, 0 failed/m],
    ['eip6780-failed-create', 0, /^\d+ passed, 0 failed/m],
    ['excess-blob-gas', 0, /^\d+ passed, 0 failed/m],
    ['valid-state-test', 0, /^\d+ passed, 0 failed/m],
    ['unsupported-fork-state-test', 2, /forks that are not supported/],
    ['bogus-test', 2, /is not JSON/],
  ] as const) {
    const run = braid(['statetest', fixturePath(...oracle, `${name}.json.gz`)])
    assert.is(run.status, status, `${name}: ${run.stdout}${run.stderr}`)
    assert.match(status === 0 ? run.stdout : run.stderr, text, name)
  }
})

fixtures.test('b11r puts the same block together', () => {
  const calls = callsOf('b11r')
  assert.is(calls.length, 1)
  for (const { name, cli, stdin, stdout } of calls) {
    const run = braid(cli, {}, { input: JSON.stringify(stdin) })
    assert.is(run.status, 0, `${name}: ${run.stderr}`)
    assert.equal(JSON.parse(run.stdout), stdout, name)
  }
})

tool.run()
fixtures.report()
