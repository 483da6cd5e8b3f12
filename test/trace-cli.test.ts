/** `braid trace`. */

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { callTreeLines } from '../lib/cli/call-tree.js'
import { type CallFrame, Engine, MemoryState, type TransactionTrace } from '../lib/index.js'
import { fixturePath, readFixture, root, withFixtures } from './fixtures.js'
import { braid } from './support/braid-command.js'
import { damagedHeader } from './support/damaged-header.js'
import { serveNode } from './support/doc-context.js'
import { cast, people, tracedAlloc, tracedBlock } from './support/traced-block.js'

const cli = suite('braid trace')
const fixtures = withFixtures(cli, 'braid trace')

const folder = mkdtempSync(join(tmpdir(), 'braid-trace-'))
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
const trace = (...args: readonly string[]) => braid(['trace', block, '--state', state, ...args])

/** What the library says. */
async function expected(
  tracer: 'callTracer' | 'prestateTracer' | 'eip3155',
  config: object = {},
): Promise<TransactionTrace[]> {
  const engine = await Engine.create()
  const traces: TransactionTrace[] = []
  const options = { state: new MemoryState(tracedAlloc), tracer, config }
  for await (const each of engine.traceBlock(rlp, options)) traces.push(each)
  engine.close()
  return traces
}

cli('prints what debug_traceBlockByNumber answers, byte for byte', async () => {
  for (const [tracer, config] of [
    ['callTracer', {}],
    ['callTracer', { withLog: true }],
    ['prestateTracer', { diffMode: true }],
  ] as const) {
    const { status, stdout, stderr } = trace(
      ...['--json', '--tracer', tracer, '--config', JSON.stringify(config)],
    )
    assert.is(status, 0, stderr)
    const items = (await expected(tracer, config)).map(
      ({ txHash, json }) => `{"txHash":"${txHash}","result":${json}}`,
    )
    assert.is(stdout, `[${items.join(',')}]\n`)
  }
})

cli('prints what debug_traceTransaction answers, by place and by hash', async () => {
  const [, second] = await expected('callTracer')
  for (const tx of ['1', second.txHash]) {
    const { status, stdout } = trace('--json', '--tx', tx)
    assert.is(status, 0)
    assert.is(stdout, `${second.json}\n`)
  }
})

cli('prints the lines of EIP-3155, or with --json an array of them', async () => {
  const traces = await expected('eip3155')
  const plain = trace('--tracer', 'eip3155')
  assert.is(plain.status, 0, plain.stderr)
  assert.is(plain.stdout, traces.map(({ json }) => json).join(''))
  const { stdout } = trace('--tracer', 'eip3155', '--json')
  assert.equal(JSON.parse(stdout), JSON.parse(JSON.stringify(traces)))
  assert.is(trace('--tracer', 'eip3155', '--tx', '2').stdout, traces[2].json)
  const one = trace('--tracer', 'eip3155', '--tx', '2', '--json')
  assert.equal(JSON.parse(one.stdout), traces[2].value)
})

cli('shows people a tree of calls', () => {
  const { status, stdout } = trace()
  assert.is(status, 0)
  const lines = stdout.split('\n')
  assert.match(lines[0], /^transaction 0, 0x[0-9a-f]{64}$/)
  assert.match(lines[1], new RegExp(`^ {2}CALL ${people[0].address} -> ${cast.splitter}, `))
  assert.match(lines[1], /, 0\.000000000000000007 ether, \d+ gas$/)
  assert.is(lines[2], `    CALL ${cast.payees[0]}, 0.000000000000000003 ether, 0 gas`)
  assert.match(stdout, /, 0x12345678, \d+ gas, execution reverted: no$/m)
  assert.match(stdout, / -> 0x0{38}f3, 1 ether, 21000 gas$/m)
  assert.match(
    stdout,
    /^ {2}CREATE 0x[0-9a-f]{40} -> 0x[0-9a-f]{40}, 10 bytes of init code, \d+ gas$/m,
  )
  const logged = trace('--tx', '3', '--config', '{"withLog":true}').stdout
  assert.match(logged, new RegExp(`^ {6}log of ${cast.counter}: 0x0{63}9$`, 'm'))
})

cli('shows logs between the calls that surround them', () => {
  const frame = (to: string): CallFrame => {
    const [from, hash] = ['0x1', '0x00'] as const
    return { type: 'CALL', from, to: to as '0x', gas: hash, gasUsed: hash, input: '0x' }
  }
  const log = {
    address: '0xa',
    topics: ['0xb'],
    data: '0x',
    index: '0x0',
    position: '0x1',
  } as const
  const top = { ...frame('0xa'), calls: [frame('0xc'), frame('0xd')], logs: [log] }
  assert.equal(callTreeLines(top).map(stripVTControlCharacters), [
    'CALL 0x1 -> 0xa, 0 gas',
    '  CALL 0xc, 0 gas',
    '  log of 0xa: 0xb',
    '  CALL 0xd, 0 gas',
  ])
  // A reason is a text of whoever wrote the contract.
  const rude = { ...frame('0xa'), error: 'execution reverted', revertReason: '\u001b[2J' }
  const [line] = callTreeLines(rude)
  assert.ok(line.includes(', 0 gas, '))
  assert.ok(line.includes('execution reverted: ?[2J'), line)
})

cli('shows what other tracers say, too', () => {
  const { status, stdout } = trace('--tracer', '4byteTracer', '--tx', '1')
  assert.is(status, 0)
  assert.match(stdout, /^transaction 1, 0x.*\n {2}\{\n {4}"0x12345678-0": 1\n {2}\}\n$/)
})

cli('exits with 1 where the block is not what its header says', () => {
  const wrong = file('wrong.rlp', damagedHeader(rlp, 'gasUsed'))
  const { status, stdout, stderr } = braid(['trace', wrong, '--state', state, '--json'])
  assert.is(status, 1)
  assert.is(stdout, '')
  assert.match(stderr, /BLOCK_FIELD_MISMATCH/)
  // One transaction does not need the header.
  assert.is(braid(['trace', wrong, '--state', state, '--tx', '0']).status, 0)
  const nobody = file('nobody.json', '{}')
  assert.match(braid(['trace', block, '--state', nobody]).stderr, /TX_INSUFFICIENT_FUNDS/)
})

cli('exits with 2 where it is used wrongly', () => {
  for (const [args, said] of [
    [['--tracer', 'calltracer'], /did you mean 'callTracer'\?/],
    [['--config', '{'], /--config takes an object in JSON, not \{/],
    [['--config', '[]'], /--config takes an object in JSON/],
    [
      ['--config', '{"withLogs":true}'],
      /'config\.withLogs' is not known, did you mean 'withLog'\?/,
    ],
    [['--tx', '999'], /TRACE_TRANSACTION_MISSING/],
    [['--tx', 'first'], /OPTION_INVALID/],
    [['--cache', folder], /--cache keeps what the node of --rpc answers/],
  ] as const) {
    const { status, stdout, stderr } = trace(...args)
    assert.is(status, 2, args.join(' '))
    assert.is(stdout, '')
    assert.match(stderr, said)
  }
})

/** Runs the command while this process answers it. */
const asked = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const command = [join(root, 'dist/cli/braid.js'), 'trace', ...args]
    const most = { maxBuffer: 1 << 28 }
    execFile(process.execPath, command, most, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr })
    })
  })

fixtures.test('traces a block of mainnet, out of a file and out of a node', async () => {
  const name = '24476005'
  const path = fixturePath('mainnet_blocks', `${name}.json.gz`)
  const { status, stdout } = braid(['trace', path, '--json', '--tracer', '4byteTracer'])
  assert.is(status, 0)
  const known = readFixture<object[]>('oracles', 'mainnet_geth', `${name}.4byteTracer.json.gz`)
  assert.equal(JSON.parse(stdout), known)
  const url = await serveNode()
  const rest = ['--json', '--tracer', '4byteTracer'] as const
  const found = await asked('--rpc', url, name, ...rest)
  assert.is(found.code, 0, found.stderr)
  assert.equal(JSON.parse(found.stdout), known)
  const one = await asked('--rpc', url, name, '--tx', '7', ...rest)
  assert.is(one.code, 0, one.stderr)
  assert.equal(JSON.parse(one.stdout), (known[7] as { readonly result: object }).result)
})

cli.run()
cli('prints what trace_replayBlockTransactions answers, and one transaction of it', async () => {
  const config = { trace: true, stateDiff: true, vmTrace: true } as const
  const items: string[] = []
  const engine = await Engine.create()
  const options = { state: new MemoryState(tracedAlloc), tracer: 'parity', config } as const
  for await (const { json } of engine.traceBlock(rlp, options)) items.push(json)
  engine.close()
  const all = trace('--json', '--parity', 'trace,stateDiff,vmTrace')
  assert.is(all.status, 0, all.stderr)
  assert.is(all.stdout, `[${items.join(',')}]\n`)
  const one = trace('--json', '--parity', 'vmTrace, trace,stateDiff', '--tx', '1')
  assert.is(one.stdout, `${items[1]}\n`)
  const form = trace('--json', '--parity', 'trace', '--config', '{"client":"besu"}', '--tx', '1')
  assert.match(form.stdout, /"error":"Reverted","revertReason":"0x08c379a0/)
  const shown = (...args: readonly string[]) => stripVTControlCharacters(trace(...args).stdout)
  const calls = shown('--parity', 'trace', '--tx', '0').split('\n')
  assert.match(calls[0], /^transaction 0, 0x\w+$/)
  assert.match(calls[1], /^ {2}call 0x\w+ -> 0x0+a01, 0.000000000000000007 ether, \d+ gas$/)
  assert.match(calls[2], /^ {4}call 0x0+a01 -> 0x0+f1, 0.000000000000000003 ether, 0 gas$/)
  const refused = shown('--parity', 'trace', '--tx', '1')
  assert.match(refused, /call 0x\w+ -> 0x0+a02, 0x12345678, Reverted\n$/)
  const changed = shown('--parity', 'stateDiff', '--tx', '2')
  assert.match(changed, /\n {2}0x0+f3, new\n {4}balance: 0xde0b6b3a7640000\n/)
  assert.match(changed, /\n {4}nonce: 0x0 -> 0x1\n/)
  assert.match(
    shown('--parity', 'trace', '--tx', '4'),
    /\n {2}create 0x\w+ -> 0x\w+, 0x60016000…, 218 gas/,
  )
  const steps = shown('--parity', 'vmTrace', '--tx', '3')
  assert.match(steps, /\n {2}0: 3 gas, 278997 left, 0x0\n/)
  assert.match(steps, /\n {4}\d+: 20000 gas, \d+ left\n/)
  const wrong = trace('--parity', 'trace,statediff')
  assert.is(wrong.status, 64)
  assert.match(wrong.stderr, /--parity knows no statediff.*stateDiff/)
})

fixtures.report()
