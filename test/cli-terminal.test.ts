import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { braid, braidOnTerminal, hasTerminal, screenOf } from './support/braid-command.js'

const terminal = suite('command line on a terminal')

const folder = mkdtempSync(join(tmpdir(), 'braid-terminal-'))
terminal.after(() => rmSync(folder, { recursive: true }))

let leftOut = 0
function test(name: string, run: () => void): void {
  if (hasTerminal) terminal(name, run)
  else leftOut++
}

/** A state test that does not end as it says, among files without tests. */
const account = '0x00000000000000000000000000000000000000aa'
const failing = {
  wrong: {
    env: {
      currentCoinbase: account,
      currentGasLimit: '0x1000000',
      currentNumber: '0x1',
      currentTimestamp: '0x3e8',
      currentDifficulty: '0x0',
      currentRandom: `0x${'00'.repeat(32)}`,
      currentBaseFee: '0x0',
    },
    pre: { [account]: { balance: '0x1', nonce: '0x0', code: '0x', storage: {} } },
    transaction: {
      sender: account,
      data: ['0x'],
      gasLimit: ['0x5208'],
      gasPrice: '0x0',
      nonce: '0x0',
      to: account,
      value: ['0x0'],
    },
    post: {
      Paris: [
        {
          hash: `0x${'12'.repeat(32)}`,
          logs: `0x${'34'.repeat(32)}`,
          indexes: { data: 0, gas: 0, value: 0 },
        },
      ],
    },
  },
}
const tests = join(folder, 'tests')
mkdirSync(tests)
for (const name of ['a', 'b', 'c', 'd']) {
  writeFileSync(join(tests, `${name}.json`), JSON.stringify(name === 'b' ? failing : {}))
}
const statetest = ['statetest', tests]

test('there are progress and colours, and only the results stay', () => {
  const { status, output } = braidOnTerminal(statetest)
  assert.is(status, 1)
  assert.match(output, / of 4 files/)
  assert.match(output, '\x1b[31m1 failed\x1b[39m')
  const piped = braid(statetest)
  assert.is(piped.stderr, '')
  assert.equal(screenOf(output), piped.stdout.split('\n'))
  assert.not.match(piped.stdout, '\x1b')
})

test('progress goes to standard error, results to standard output', () => {
  const file = join(folder, 'output.txt')
  const results = braidOnTerminal(statetest, { redirect: `>'${file}'` })
  assert.match(results.output, / of 4 files/)
  assert.equal(screenOf(results.output), [''])
  assert.is(readFileSync(file, 'utf8'), braid(statetest).stdout)
  const logged = braidOnTerminal(statetest, { redirect: `2>'${file}'` })
  assert.is(readFileSync(file, 'utf8'), '')
  assert.not.match(logged.output, ' of 4 files')
  assert.match(logged.output, '\x1b[31m1 failed\x1b[39m')
})

test('--json and TERM=dumb mean plain text alone', () => {
  for (const { output } of [
    braidOnTerminal([...statetest, '--json'], { env: { FORCE_COLOR: '1' } }),
    braidOnTerminal(statetest, { env: { TERM: 'dumb' } }),
  ]) {
    assert.not.match(output, '\x1b')
    assert.not.match(output, ' of 4 files')
    assert.not.match(output, /\r(?!\n)/)
  }
})

test('NO_COLOR keeps progress', () => {
  const { output } = braidOnTerminal(statetest, { env: { NO_COLOR: '1' } })
  assert.match(output, / of 4 files/)
  for (const colour of ['\x1b[31m', '\x1b[2m']) assert.not.match(output, colour)
})

terminal('FORCE_COLOR colours pipes, without progress', () => {
  const { stdout, stderr } = braid(statetest, { FORCE_COLOR: '1' })
  assert.match(stdout, '\x1b[31m1 failed\x1b[39m')
  assert.is(stderr, '')
})

test('complaints do not end up inside of the progress line', () => {
  const absent = ['x', 'y'].map((name) => join('/nowhere', `${name}.rlp`))
  const { status, output } = braidOnTerminal(['execute', ...absent])
  assert.is(status, 2)
  assert.match(output, / of 2 blocks/)
  const complaints = absent.map((path) => `braid: cannot read ${path}: no such file or folder`)
  assert.equal(screenOf(output), [...complaints, ''])
})

test('tables fit into 80 columns and name what they leave out', () => {
  const bench = ['bench', '--workload', 'transfers-independent,game', '--threads', '1']
  const { status, output } = braidOnTerminal([...bench, '--transactions', '4', '--repeat', '2'])
  assert.is(status, 0)
  assert.match(output, / of 6 measurements/)
  const screen = screenOf(output)
  for (const line of screen) assert.ok(line.length <= 80, line)
  assert.match(screen.join('\n'), /^block +policy +threads +native ms/m)
  assert.match(
    screen.join('\n'),
    /^Left out, as the terminal is too narrow:\n {2}transactions, Mgas/m,
  )
  const wide = braidOnTerminal([...bench, '--transactions', '4', '--repeat', '1'], { columns: 200 })
  assert.match(screenOf(wide.output).join('\n'), /^block +transactions +Mgas .* re-executions$/m)
})

terminal.run()
if (leftOut > 0) {
  console.log(`command line on a terminal: ${leftOut} tests left out: no script of util-linux`)
}
