import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findJsonFiles } from '../lib/cli/files.js'
import { environmentOf, RulesetCache, transactionOf } from '../lib/cli/statetest/case.js'
import { CaseExecutor, PreState } from '../lib/cli/statetest/execution.js'
import type { StateTestFile } from '../lib/cli/statetest/format.js'
import { StateTestRunner } from '../lib/cli/statetest/runner.js'
import { tracedDifference } from '../lib/cli/statetest/trace-check.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { BlockOutput, Receipt } from '../lib/native/wire.js'
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

const isLong = process.env.BRAID_LONG === '1'

fixtures.test('traced cases end as they do untraced', () => {
  const runner = new StateTestRunner({ vm: 'builtin', traceCheck: true })
  const chosen = isLong ? folders : ['state_tests']
  const files = findJsonFiles(chosen.map((name) => fixturePath(name))).filter((file) => !file.slow)
  let passed = 0
  for (let i = 0; i < files.length; i += isLong ? 1 : 4 * stride) {
    const outcome = runner.runFile(files[i].path)
    assert.equal(outcome.failures, [])
    passed += outcome.passed
  }
  assert.ok(passed > 0)
})

fixtures.test('a traced case that ends otherwise is told', () => {
  const [test] = Object.values(readFixture<StateTestFile>(...example))
  const [[fork, [post]]] = Object.entries(test.post)
  const ruleset = new RulesetCache().get(fork, test.config)
  assert.ok(ruleset)
  const executor = new CaseExecutor({ vm: 'builtin' })
  const what = {
    transaction: transactionOf(test.transaction, post),
    environment: environmentOf(test.env, ruleset),
    ruleset,
    preState: new PreState(test),
  }
  const output = executor.execute(what)
  assert.ok(output instanceof PackedReader)
  const check = (bytes: Uint8Array, root = post.hash): string =>
    tracedDifference(executor, what, new PackedReader(bytes), root) ?? 'none'
  assert.is(check(output.bytes), 'none')
  assert.match(check(output.bytes, '0x00'), /^traced: state root: expected 0x00, got 0x/)
  const changed = new Uint8Array(output.bytes)
  changed[output.sectionOffset(BlockOutput.receipts) + Receipt.gasUsed] ^= 1
  assert.match(check(changed), /^traced: gas used: expected \d+, got \d+$/)
})

fixtures.test(
  'reads hex without its prefix, and data that is nothing, as goevmlab writes them',
  () => {
    const bare = (hex: string) => hex.replace(/^0x/, '')
    const written = (file: StateTestFile): StateTestFile =>
      Object.fromEntries(
        Object.entries(file).map(([name, test]) => [
          name,
          {
            ...test,
            env: { ...test.env, currentCoinbase: bare(test.env.currentCoinbase) },
            transaction: {
              ...test.transaction,
              to: bare(test.transaction.to),
              data: test.transaction.data.map(bare),
            },
            post: Object.fromEntries(
              Object.entries(test.post).map(([fork, posts]) => [
                fork,
                posts.map(({ txbytes: _, ...post }) => ({
                  ...post,
                  hash: bare(post.hash),
                  logs: bare(post.logs),
                })),
              ]),
            ),
          },
        ]),
      )
    assert.equal(reasonsOf(written), [])
    const [test] = Object.values(written(readFixture<StateTestFile>(...example)))
    assert.equal(test.transaction.data, [''])
  },
)

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
