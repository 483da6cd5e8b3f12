/** `braid call`. */

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import { MemoryState } from '../lib/index.js'
import { root } from './fixtures.js'
import { braid } from './support/braid-command.js'
import { serveNode } from './support/doc-context.js'
import { cast, people, tracedAlloc, tracedBlock } from './support/traced-block.js'

const cli = suite('braid call')

const folder = mkdtempSync(join(tmpdir(), 'braid-call-'))
cli.after(() => rmSync(folder, { recursive: true }))

/** Writes a file for the command to read. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const rlp = await tracedBlock()
const block = file('block.rlp', rlp)
const state = file('state.json', JSON.stringify(new MemoryState(tracedAlloc)))
const call = (...args: readonly string[]) => braid(['call', '--state', state, ...args])

cli('says what a call returned, and what it logged', () => {
  const { status, stdout, stderr } = call('--to', cast.counter, '--from', people[0].address)
  assert.is(status, 0, stderr)
  const topic = `0x${'9'.padStart(64, '0')}`
  const lines = stdout.trimEnd().split('\n')
  assert.match(lines[0], /^success, \d+ gas$/)
  assert.equal(lines.slice(1), ['returned 0x', `log ${cast.counter} ${topic}`])
})

cli('says why a call was reverted, and ends with 1', () => {
  const { status, stdout } = call('--to', cast.refuser)
  assert.is(status, 1)
  assert.match(stdout, /^reverted, \d+ gas: no\nreturned 0x08c379a0/)
  const json = call('--to', cast.refuser, '--json')
  assert.is(json.status, 1)
  const { status: outcome, reason, gasUsed } = JSON.parse(json.stdout)
  assert.equal([outcome, reason], ['reverted', 'no'])
  assert.match(gasUsed, /^\d+$/)
})

cli('says what went wrong otherwise', () => {
  const halted = call('--to', cast.counter, '--gas', '0x5300')
  assert.is(halted.status, 1)
  assert.is(halted.stdout, 'halted, 21248 gas: out of gas\n')
  const invalid = call('--to', cast.counter, '--from', cast.friend, '--value', '1')
  assert.is(invalid.status, 1)
  assert.match(invalid.stdout, /^invalid: TX_INSUFFICIENT_FUNDS: insufficient funds/)
})

cli('creates contracts', () => {
  const { status, stdout } = call('--data', '60016000f3')
  assert.is(status, 0)
  assert.match(stdout, /^success, \d+ gas\ncreated 0x[0-9a-f]{40}\nreturned 0x00\n$/)
})

cli('prints every instruction on standard error', () => {
  const { status, stderr } = call('--to', cast.counter, '--trace', '--trace.nostack')
  assert.is(status, 0)
  const lines = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.is(lines.length, 12)
  assert.equal([lines[1].opName, lines[1].stack], ['SLOAD', null])
  assert.ok('output' in lines[11])
})

cli('runs in the block of a file, under the rules of any fork', () => {
  // NUMBER, MSTORE, RETURN
  const code = '4360005260206000f3'
  const { number } = decodeBlock(rlp).header
  const { stdout } = call('--data', code, '--block', block)
  assert.ok(stdout.includes(`returned 0x${number.toString(16).padStart(64, '0')}`), stdout)
  const push0 = call('--data', '5f5ff3', '--fork', 'London')
  assert.is(push0.status, 1)
  assert.match(push0.stdout, /^halted, .*: invalid opcode: PUSH0\n$/)
  const own = {
    block: `0x${Buffer.from(rlp).toString('hex')}`,
    preState: new MemoryState(tracedAlloc),
  }
  const whole = file('whole.json', JSON.stringify(own))
  const found = braid(['call', '--to', cast.refuser, '--block', whole])
  assert.is(found.status, 2)
})

cli('asks a node', async () => {
  const url = await serveNode()
  const args = [
    'dist/cli/braid.js',
    'call',
    '--rpc',
    url,
    '--block',
    '24476005',
    '--to',
    `0x${'11'.repeat(20)}`,
  ]
  // Not in step with this process, which would keep the node from answering.
  const { code, stdout, stderr } = await new Promise<{
    code: number
    stdout: string
    stderr: string
  }>((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
    execFile(process.execPath, args, { cwd: root, env }, (error, out, problems) =>
      resolve({ code: Number(error?.code ?? 0), stdout: out, stderr: problems }),
    )
  })
  assert.is(code, 0, stderr)
  assert.is(stdout, 'success, 21000 gas\nreturned 0x\n')
})

cli('refuses what is no call', () => {
  for (const [args, text] of [
    [[], /a call needs --to, or --data/],
    [['--to', '0x12'], /to/],
    [['--to', cast.counter, '--data', '0x1'], /data/],
    [['--to', cast.counter, '--value', 'much'], /--value takes a number/],
    [['--to', cast.counter, '--gas', '-1'], /--gas takes a number/],
    [['--to', cast.counter, '--fork', 'Berlim'], /hardfork/],
    [['--to', cast.counter, '--rpc', 'http://127.0.0.1:1'], /--state does not go with it/],
    [['--to', cast.counter, '--cache', folder], /--cache keeps what the node/],
    [['--to', cast.counter, '--block', '/nowhere'], /no such file/],
  ] as const) {
    const { status, stderr } = call(...args)
    assert.is(status, 2, `${args}`)
    assert.match(stderr, text)
  }
  const none = braid(['call', '--to', cast.counter])
  assert.is(none.status, 2)
  assert.match(none.stderr, /a call needs a state/)
})

cli.run()
