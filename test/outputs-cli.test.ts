/** `braid logs` and `braid receipts`. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, MemoryState } from '../lib/index.js'
import { braid } from './support/braid-command.js'
import { damagedHeader } from './support/damaged-header.js'
import { cast, tracedAlloc, tracedBlock } from './support/traced-block.js'

const cli = suite('braid logs, braid receipts')

const folder = mkdtempSync(join(tmpdir(), 'braid-outputs-'))
cli.after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const rlp = await tracedBlock()
const block = file('block.rlp', rlp)
const state = file('state.json', JSON.stringify(new MemoryState(tracedAlloc)))
const run = (command: string, ...args: readonly string[]) =>
  braid([command, '--state', state, ...args])

const engine = await Engine.create({ policy: 'sequential', threads: 1 })
const result = await engine.executeBlock(rlp, { state: new MemoryState(tracedAlloc) })
engine.close()

const topic = `0x${'09'.padStart(64, '0')}`
const other = `0x${'08'.padStart(64, '0')}`

cli('prints logs as eth_getLogs gives them', () => {
  const { status, stdout, stderr } = run('logs', '--json', block)
  assert.is(status, 0, stderr)
  assert.equal(JSON.parse(stdout), JSON.parse(JSON.stringify(result.logs)))
  const twice = run('logs', '--json', block, block)
  assert.is(JSON.parse(twice.stdout).length, 2 * result.logs.length)
})

cli('prints the logs that a filter wants', () => {
  const count = (...args: readonly string[]) =>
    JSON.parse(run('logs', '--json', ...args, block).stdout).length
  const all = result.logs.length
  assert.is(count('--address', cast.counter), all)
  assert.is(count('--address', `${cast.splitter},${cast.counter}`), all)
  assert.is(count('--address', cast.splitter), 0)
  assert.is(count('--topic', `${other},${topic}`), all)
  assert.is(count('--topic', other), 0)
  assert.is(count('--topic', 'null'), all)
  assert.is(count('--topic', 'null', '--topic', 'null'), 0)
})

cli('prints receipts as eth_getBlockReceipts gives them', () => {
  const { status, stdout } = run('receipts', '--json', block)
  assert.is(status, 0)
  assert.equal(JSON.parse(stdout), JSON.parse(JSON.stringify(result.receipts)))
})

cli('shows people both', () => {
  const logs = run('logs', block)
  assert.match(logs.stdout, /^block \d+, transaction \d+, log 0 of 0x[0-9a-f]{40}\n {2}0x0+9$/m)
  const receipts = run('receipts', block)
  assert.match(receipts.stdout, /^transaction 1, 0x[0-9a-f]{64}: reverted$/m)
  assert.match(receipts.stdout, /^ {2}\d+ gas at \d+ wei, 1 logs$/m)
  assert.match(receipts.stdout, /-> creates 0x[0-9a-f]{40}$/m)
})

cli('ends with 1 where a block is invalid, and with 2 where it is used wrongly', () => {
  const damaged = file('damaged.rlp', damagedHeader(rlp, 'gasUsed'))
  for (const command of ['logs', 'receipts']) {
    const { status, stderr } = run(command, damaged)
    assert.is(status, 1)
    assert.match(stderr, /BLOCK_FIELD_MISMATCH/)
    assert.is(run(command, '--cache', folder, block).status, 2)
  }
  for (const args of [
    ['--address', '0x12'],
    ['--topic', 'nothing'],
    ['--topic', cast.counter],
    [...Array(5)].flatMap(() => ['--topic', 'null']),
  ]) {
    const { status, stderr } = run('logs', ...args, block)
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, /--(address|topic)/)
  }
})

cli.run()
