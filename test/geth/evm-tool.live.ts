/**
 * `braid statetest --trace` and `braid t8n` beside geth's `evm` of this machine, which is looked for beside
 * geth: the same lines of a sample of the state tests, and the same blocks of their transactions.
 *
 *   node build/test/geth/evm-tool.live.js GETH
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as assert from 'uvu/assert'
import { findJsonFiles, readJson } from '../../lib/cli/files.js'
import type { StateTest, StateTestFile } from '../../lib/cli/statetest/format.js'
import { fixturePath, hasFixtures } from '../fixtures.js'
import { braid } from '../support/braid-command.js'

const fork = 'Cancun'
/** Every so many files are looked at. */
const stride = 60

const evm = process.env.BRAID_GETH_EVM ?? join(dirname(process.argv[2]), 'evm')
const folder = mkdtempSync(join(tmpdir(), 'braid-evm-live-'))

/** Some tests have more lines than anybody wants to compare: geth is ended there. */
const mostText = 64 << 20

/** What geth's tool prints. */
function geth(args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(evm, ['--verbosity', '0', ...args], {
    encoding: 'utf8',
    maxBuffer: mostText,
  })
  return { status, stdout, stderr }
}

/** The lines of each case, in an order of their own: geth runs tests in any order. */
function casesOf(stderr: string): string[] {
  const cases: string[] = []
  let lines: string[] = []
  for (const line of stderr.trimEnd().split('\n')) {
    // The same text may be escaped in several ways.
    lines.push(JSON.stringify(JSON.parse(line)))
    if (!line.startsWith('{"stateRoot"')) continue
    cases.push(lines.join('\n'))
    lines = []
  }
  return cases.sort()
}

/** The block of a test's transactions, as files of `t8n`; undefined where they name no key. */
function transitionOf({ env, pre, transaction: tx, post }: StateTest) {
  const posts = post[fork]
  if (posts === undefined || tx.secretKey === undefined || tx.gasPrice === undefined)
    return undefined
  const short = (hex: string) => `0x${BigInt(hex === '0x' ? 0 : hex).toString(16)}`
  const txs = posts.slice(0, 10).map(({ indexes: { data, gas, value } }) => ({
    nonce: short(tx.nonce),
    gasPrice: short(tx.gasPrice ?? '0x0'),
    gas: short(tx.gasLimit[gas]),
    ...(tx.to === '' ? {} : { to: tx.to }),
    value: short(tx.value[value]),
    input: tx.data[data],
    ...{ v: '0x0', r: '0x0', s: '0x0', secretKey: tx.secretKey },
  }))
  const parent = `0x${'00'.repeat(32)}`
  const around = { currentDifficulty: '0x0', currentRandom: '0x0', currentExcessBlobGas: '0x0' }
  const rest = { withdrawals: [], blockHashes: { 0: parent }, parentBeaconBlockRoot: parent }
  return { alloc: pre, env: { ...env, ...around, ...rest }, txs }
}

function compareTransition(test: StateTest, place: string): number {
  const files = transitionOf(test)
  if (files === undefined) return 0
  const args = Object.entries(files).map(([name, content]) => {
    const path = join(folder, `${name}.json`)
    writeFileSync(path, JSON.stringify(content))
    return `--input.${name}=${path}`
  })
  const outputs = ['alloc', 'result', 'body'].map((name) => `--output.${name}=stdout`)
  const command = ['t8n', ...args, ...outputs, `--state.fork=${fork}`]
  const [expected, actual] = [geth(command), braid(command)]
  assert.is(actual.status, expected.status, `${place}: ${expected.stderr}${actual.stderr}`)
  if (expected.status !== 0) return 1
  assert.is(
    JSON.stringify(JSON.parse(actual.stdout)),
    JSON.stringify(JSON.parse(expected.stdout)),
    place,
  )
  return 1
}

if (!existsSync(evm) || !hasFixtures) {
  console.log(`left out: there is no ${existsSync(evm) ? 'conformance data' : evm}`)
} else {
  const files = findJsonFiles([fixturePath('state_tests')])
  const small = files.filter(({ slow, size }) => !slow && size < 20_000)
  let [lines, blocks] = [0, 0]
  for (let i = 0; i < small.length; i += stride) {
    const tests = readJson(small[i].path) as StateTestFile
    const path = join(folder, 'tests.json')
    writeFileSync(path, JSON.stringify(tests))
    const args = ['statetest', '--trace', '--statetest.fork', fork, path]
    const { stderr: expected, status } = geth(args)
    if (expected !== '' && status === 0) {
      const cases = casesOf(expected)
      assert.equal(casesOf(braid(args).stderr), cases, small[i].path)
      lines += cases.length
    }
    for (const test of Object.values(tests)) {
      if ('transaction' in test) blocks += compareTransition(test, small[i].path)
    }
  }
  assert.ok(lines > 20 && blocks > 5, `${lines} cases, ${blocks} blocks`)
  console.log(`${lines} traced cases and ${blocks} blocks are geth's`)
}
rmSync(folder, { recursive: true })
