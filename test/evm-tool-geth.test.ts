/** What geth's `evm` does, against what geth's own tests of it expect: `oracles/geth_evm_tool`. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readText, withFixtures } from './fixtures.js'
import { braid } from './support/braid-command.js'

const tool = suite("geth's evm")
const fixtures = withFixtures(tool, "geth's evm")
const oracle = ['oracles', 'geth_evm_tool']

const folder = mkdtempSync(join(tmpdir(), 'braid-evm-'))
tool.after(() => rmSync(folder, { recursive: true }))

/** The text of a file of the oracle. */
const textOf = (...name: readonly string[]) => readText(...oracle, ...name)

/** A file of the oracle, unpacked. */
function unpacked(...name: readonly string[]): string {
  const path = join(folder, name.join('-').replace(/\.gz$/, ''))
  writeFileSync(path, textOf(...name))
  return path
}

fixtures.test('statetest --trace prints the same lines and the same results', () => {
  const path = unpacked('statetest.json.gz')
  const expected = [textOf('evmrun', '8.out.1.txt.gz'), textOf('evmrun', '8.out.2.txt.gz')]
  for (const flags of [
    [],
    ['--trace.format=json'],
    ['--trace.nomemory=true', '--trace.noreturndata', '--trace.nostorage'],
    ['--statetest.fork', 'London', '--statetest.index=0', '--run', 'naive'],
  ]) {
    const { status, stdout, stderr } = braid(['statetest', '--trace', ...flags, path])
    assert.is(status, 0, stderr)
    assert.is(stdout, expected[0])
    assert.is(stderr, expected[1])
  }
  const batch = braid(['statetest', '--trace'], {}, { input: `${path}\n${path}\n\nnot read` })
  assert.is(batch.stdout, expected[0].repeat(2))
  assert.is(batch.stderr, expected[1].repeat(2))
})

tool.run()
fixtures.report()
