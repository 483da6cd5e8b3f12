/** `braid what-if`. */

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, MemoryState } from '../lib/index.js'
import { fixturePath, root, withFixtures } from './fixtures.js'
import { braid } from './support/braid-command.js'
import { damagedHeader } from './support/damaged-header.js'
import { serveNode } from './support/doc-context.js'
import { tracedAlloc, tracedBlock } from './support/traced-block.js'

const cli = suite('braid what-if')
const fixtures = withFixtures(cli, 'braid what-if')

const folder = mkdtempSync(join(tmpdir(), 'braid-what-if-'))
cli.after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const rlp = await tracedBlock()
const block = file('block.rlp', rlp)
const state = file('state.json', JSON.stringify(new MemoryState(tracedAlloc)))
const whatIf = (...args: readonly string[]) => braid(['what-if', '--state', state, ...args])

/** What the library says, with bigint as decimal digits. */
async function expected(): Promise<unknown> {
  const engine = await Engine.create()
  const gasCosts = { coldSload: 3000, LT: 4 }
  const options = { state: new MemoryState(tracedAlloc), rules: [{}, { gasCosts }] as const }
  const { ...comparison } = await engine.compare(rlp, options)
  engine.close()
  const decimal = (_: string, value: unknown) =>
    typeof value === 'bigint' ? String(value) : plain(value)
  return JSON.parse(JSON.stringify(comparison, decimal))
}

/** An object without its own form in JSON. */
const plain = (value: unknown) =>
  typeof value === 'object' && value !== null && 'toJSON' in value ? { ...value } : value

cli('prints what the library says as JSON', async () => {
  const { status, stdout, stderr } = whatIf(
    ...['--set', 'coldSload=3000', '--set', 'LT=4', '--json', block],
  )
  assert.is(status, 0, stderr)
  const { blocks } = JSON.parse(stdout)
  const wanted = (await expected()) as { verdicts: unknown; contracts: unknown; gasUsed: unknown }
  assert.equal(blocks[0].verdicts, wanted.verdicts)
  assert.equal(blocks[0].contracts, wanted.contracts)
  assert.equal(blocks[0].gasUsed, wanted.gasUsed)
  assert.is(typeof blocks[0].transactions[0].gasLimit, 'string')
})

cli('tells people which transactions are others', () => {
  const { status, stdout } = whatIf('--set', 'transaction=400000', block)
  assert.is(status, 0)
  assert.match(stdout, /^cancun, compared with cancun with transaction 400000$/m)
  assert.match(stdout, /^transaction 0, 0x[0-9a-f]{64}: now invalid$/m)
  assert.match(stdout, /^ {2}success, \d+ gas -> invalid \(TX_INTRINSIC_GAS_TOO_LOW\), gas limit/m)
  assert.match(stdout, /^ {2}succeeds with a gas limit of \d+, [\d.]+ times its own$/m)
})

cli('says which contracts change, and with which hardfork', () => {
  const { status, stdout } = whatIf('--fork', 'prague', '--set', 'coldSload=2200', block)
  assert.is(status, 0)
  assert.match(stdout, /^cancun, compared with prague with coldSload 2200$/m)
  assert.match(stdout, /^contract +transactions +parts +gas +other gas +change$/m)
  const based = whatIf('--base', 'prague', '--fork', 'prague', block)
  assert.match(based.stdout, /^prague, compared with prague$/m)
})

cli('ends with 1 where a block is invalid, and with 2 where it is used wrongly', () => {
  const damaged = file('damaged.rlp', damagedHeader(rlp, 'gasUsed'))
  const invalid = whatIf('--fork', 'prague', damaged)
  assert.is(invalid.status, 1, invalid.stderr)
  for (const [args, text] of [
    [[block], /--fork NAME, or --set NAME=GAS/],
    [['--set', 'coldSload', block], /--set takes NAME=GAS/],
    [['--set', 'coldSlod=1', block], /did you mean 'coldSload'/],
    [['--set', 'coldSload=x', block], /whole number/],
    [['--set', 'CLZ=4', block], /no such cost/],
    [['--fork', 'atlantis', block], /UNSUPPORTED_HARDFORK/],
    [['--fork', 'osaka', '--cache', folder, block], /--cache/],
  ] as const) {
    const { status, stderr } = whatIf(...args)
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, text)
  }
})

/** Runs the command while this process answers it. */
const asked = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const command = [join(root, 'dist/cli/braid.js'), ...args]
    const most = { maxBuffer: 1 << 28 }
    execFile(process.execPath, command, most, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr })
    })
  })

fixtures.test('takes a block of mainnet out of a node, too', async () => {
  const name = '24476005'
  const path = fixturePath('mainnet_blocks', `${name}.json.gz`)
  const url = await serveNode()
  const ways = [
    ['what-if', '--set', 'coldSload=2500', '--json'],
    ['logs', '--topic', 'null', '--topic', 'null', '--topic', 'null', '--json'],
    ['receipts', '--json'],
  ]
  for (const args of ways) {
    const { status, stdout } = braid([...args, path])
    assert.is(status, 0)
    const found = await asked(...args, '--rpc', url, name)
    assert.is(found.code, 0, found.stderr)
    assert.is(found.stdout, stdout, args.join(' '))
  }
})

cli.run()
fixtures.report()
