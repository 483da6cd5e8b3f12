/** What Besu's `evmtool` does, against what Besu's own tests of it expect: `oracles/besu_evmtool`. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fixtureNames, hasFixtures, readFixture, withFixtures } from './fixtures.js'
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

tool.run()
fixtures.report()
