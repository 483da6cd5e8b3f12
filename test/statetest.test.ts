import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findJsonFiles } from '../lib/cli/files.js'
import type { StateTestFile } from '../lib/cli/statetest/format.js'
import { StateTestRunner } from '../lib/cli/statetest/runner.js'
import { fixturePath, readFixture, withFixtures } from './fixtures.js'

const stateTest = suite('state tests')
const fixtures = withFixtures(stateTest, 'state tests')

const folders = [
  'state_tests',
  'legacy_tests/Cancun/GeneralStateTests',
  'legacy_tests/Constantinople/GeneralStateTests',
  'eest/state_tests',
  'osaka_state_tests',
]

/** Every so many files of a folder are run here; `npm run test:state` runs all. */
const stride = 25

for (const folder of folders) {
  fixtures.test(`a sample of ${folder} passes`, () => {
    const runner = new StateTestRunner({ vm: 'builtin' })
    const files = findJsonFiles([fixturePath(folder)]).filter((file) => !file.slow)
    let passed = 0
    for (let i = 0; i < files.length; i += stride) {
      const outcome = runner.runFile(files[i].path)
      assert.equal(outcome.failures, [])
      passed += outcome.passed
    }
    assert.ok(passed > 0)
  })
}

const example = ['state_tests', 'stExample', 'add11.json.gz']

/** The reasons that a changed test fails with. */
function reasonsOf(change: (file: StateTestFile) => unknown): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'braid-'))
  try {
    const path = join(folder, 'changed.json')
    writeFileSync(path, JSON.stringify(change(readFixture<StateTestFile>(...example))))
    const outcome = new StateTestRunner({ vm: 'builtin' }).runFile(path)
    assert.is(outcome.failed, outcome.failures.length)
    return outcome.failures.map(({ reason }) => reason)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A file with every expectation changed. */
function withPosts(file: StateTestFile, change: object): unknown {
  return Object.fromEntries(
    Object.entries(file).map(([name, test]) => [
      name,
      {
        ...test,
        post: Object.fromEntries(
          Object.entries(test.post).map(([fork, posts]) => [
            fork,
            posts.map((post) => ({ ...post, ...change })),
          ]),
        ),
      },
    ]),
  )
}

fixtures.test('tells what differs', () => {
  const zero = `0x${'00'.repeat(32)}`
  assert.equal(
    reasonsOf((file) => file),
    [],
  )
  assert.match(
    reasonsOf((file) => withPosts(file, { hash: zero }))[0],
    /^state root: expected 0x00/,
  )
  assert.match(reasonsOf((file) => withPosts(file, { logs: zero }))[0], /^logs hash: expected 0x00/)
  assert.match(
    reasonsOf((file) => withPosts(file, { expectException: 'TR_NoFunds' }))[0],
    /^accepted, expected TR_NoFunds/,
  )
  assert.match(reasonsOf((file) => withPosts(file, { txbytes: '0xc0' }))[0], /^rejected: DECODE_/)
})

fixtures.test('skips forks that it does not know', () => {
  const folder = mkdtempSync(join(tmpdir(), 'braid-'))
  try {
    const path = join(folder, 'changed.json')
    const [[name, test]] = Object.entries(readFixture<StateTestFile>(...example))
    const post = { Unheard: Object.values(test.post)[0] }
    writeFileSync(path, JSON.stringify({ [name]: { ...test, post }, other: 7 }))
    const outcome = new StateTestRunner({ vm: 'builtin' }).runFile(path)
    assert.is(outcome.skipped, post.Unheard.length + 1)
    assert.is(outcome.passed, 0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

stateTest.run()
fixtures.report()
