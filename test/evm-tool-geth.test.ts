/** What geth's `evm` does, against what geth's own tests of it expect: `oracles/geth_evm_tool`. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fixturePath, readFixture, readText, withFixtures } from './fixtures.js'
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

/** A state transition of the oracle. */
interface TransitionCase {
  readonly dir: string
  readonly alloc: string
  readonly env: string
  readonly txs: string
  readonly fork: string
  readonly reward: string | null
  readonly outputs: readonly string[]
  readonly expected: string | null
  readonly exitCode: number
}

interface Manifest {
  readonly t8n: readonly TransitionCase[]
}

/** The options that name the inputs of a transition. */
const inputsOf = ({
  dir,
  alloc,
  env,
  txs,
}: Pick<TransitionCase, 'dir' | 'alloc' | 'env' | 'txs'>) => [
  ...['--input.alloc', unpacked(dir, `${alloc}.gz`)],
  ...['--input.env', unpacked(dir, `${env}.gz`)],
  ...['--input.txs', unpacked(dir, `${txs}.gz`)],
]

fixtures.test('t8n makes the same of the same, member by member', () => {
  const { t8n } = readFixture<Manifest>(...oracle, 'manifest.json.gz')
  assert.is(t8n.length, 23)
  for (const each of t8n) {
    const { dir, fork, reward, outputs, expected, exitCode } = each
    const places = ['alloc', 'result', 'body'].map(
      (name) => `--output.${name}=${outputs.includes(name) ? 'stdout' : ''}`,
    )
    const { status, stdout, stderr } = braid([
      't8n',
      ...inputsOf(each),
      ...places,
      `--state.fork=${fork}`,
      ...(reward === null ? [] : [`--state.reward=${reward}`]),
    ])
    const place = `${dir} ${fork} ${expected}`
    assert.is(status, exitCode, `${place}: ${stderr}`)
    if (expected === null) assert.match(stderr, new RegExp(`^ERROR\\(${exitCode}\\): `), place)
    else assertSame(stdout, textOf(dir, `${expected}.gz`), place)
  }
})

/** Asserts that two documents are the same, their members in the order in which geth writes them. */
function assertSame(actual: string, expected: string, place: string): void {
  assert.equal(JSON.parse(actual), JSON.parse(expected), place)
  // Some of the files were written by hand, with their members in another order.
  const isWritten = expected.indexOf('"receipts"') <= expected.indexOf('"currentDifficulty"')
  if (isWritten) assert.is(compact(actual), compact(expected), place)
}

fixtures.test('t8n --trace writes a file of lines for each transaction', () => {
  for (const [dir, fork, ...flags] of [
    ['31', 'Cancun'],
    ['32', 'Merge', '--trace.callframes'],
  ]) {
    const out = join(folder, `out-${dir}`)
    const { status, stderr } = braid([
      't8n',
      ...inputsOf({ dir, alloc: 'alloc.json', env: 'env.json', txs: 'txs.json' }),
      `--state.fork=${fork}`,
      `--output.basedir=${out}`,
      '--trace',
      ...flags,
    ])
    assert.is(status, 0, stderr)
    const expected = readdirSync(fixturePath(...oracle, dir))
      .filter((name) => name.endsWith('.jsonl.gz'))
      .map((name) => name.replace(/\.gz$/, ''))
    const written = readdirSync(out).filter((name) => name.endsWith('.jsonl'))
    assert.equal(written.sort(), expected.sort())
    for (const name of written) {
      assert.is(readFileSync(join(out, name), 'utf8'), textOf(dir, `${name}.gz`), name)
    }
    assert.equal(
      readdirSync(out)
        .filter((name) => !name.startsWith('trace-'))
        .sort(),
      ['alloc.json', 'result.json'],
    )
  }
})

fixtures.test('t8n writes what a tracer says, and how often instructions were executed', () => {
  const out = join(folder, 'out-tracer')
  const { status, stderr } = braid([
    't8n',
    ...inputsOf({ dir: '31', alloc: 'alloc.json', env: 'env.json', txs: 'txs.json' }),
    '--state.fork=Cancun',
    `--output.basedir=${out}`,
    '--trace.tracer=callTracer',
    '--trace.jsonconfig={"onlyTopCall":true}',
    '--opcode.count=opcodes.json',
  ])
  assert.is(status, 0, stderr)
  const names = readdirSync(out).filter((name) => name.startsWith('trace-'))
  assert.is(names.length, 3)
  for (const name of names) {
    const text = readFileSync(join(out, name), 'utf8')
    assert.ok(text.endsWith('}\n'))
    assert.is(JSON.parse(text).type, 'CALL')
  }
  const counts = JSON.parse(readFileSync(join(out, 'opcodes.json'), 'utf8'))
  assert.equal(counts, { PUSH1: 12, STOP: 3 })
})

/** A transition of which everything comes on standard input. */
const document = {
  alloc: {
    // The address of the key 1.
    '7e5f4552091a69125d5dfcb7b8c2659029395bdf': { balance: '1000000000000000000' },
  },
  env: {
    currentCoinbase: '0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba',
    currentGasLimit: '30000000',
    currentNumber: '1',
    currentTimestamp: '1000',
    currentDifficulty: '0x20000',
  },
  txs: [
    {
      nonce: '0x0',
      gasPrice: '0x1',
      gas: '0x5208',
      to: '0x1111111111111111111111111111111111111111',
      value: '0x5',
      input: '0x',
      v: '0x0',
      r: '0x0',
      s: '0x0',
      secretKey: `0x${'1'.padStart(64, '0')}`,
    },
  ],
}

/** Runs a transition of such a document, or of a text that is none. */
const onStdin = (given: object | string, ...flags: readonly string[]) =>
  braid(
    [
      't8n',
      ...['alloc', 'env', 'txs'].map((name) => `--input.${name}=stdin`),
      ...['alloc', 'result', 'body'].map((name) => `--output.${name}=stdout`),
      ...flags,
    ],
    {},
    { input: typeof given === 'string' ? given : JSON.stringify(given) },
  )

tool('t8n takes everything on standard input, and gives it on standard output', () => {
  const { status, stdout, stderr } = onStdin(document, '--state.fork=Istanbul')
  assert.is(status, 0, stderr)
  const { alloc, result, body } = JSON.parse(stdout)
  assert.is(alloc['0x1111111111111111111111111111111111111111'].balance, '0x5')
  assert.is(result.gasUsed, '0x5208')
  assert.equal(result.rejected, undefined)
  const again = onStdin({ ...document, txs: undefined, txsRlp: body }, '--state.fork=Istanbul')
  assert.is(again.stdout, stdout)
  const asText = onStdin({ ...document, txs: body }, '--state.fork=Istanbul')
  assert.is(asText.stdout, stdout)
})

tool('t8n before Byzantium puts state roots into receipts', () => {
  const [tx] = document.txs
  const given = { ...document, txs: [{ ...tx, protected: false }] }
  const { status, stdout, stderr } = onStdin(given, '--state.fork=Frontier')
  assert.is(status, 0, stderr)
  const { receipts, stateRoot } = JSON.parse(stdout).result
  // Nothing is paid for the block, so the state does not move after the transaction.
  assert.is(receipts[0].root, stateRoot)
})

tool('t8n leaves out what cannot be in a block, and says why', () => {
  const [tx] = document.txs
  const txs = [
    { ...tx, nonce: '0x1' },
    tx,
    { ...tx, nonce: '0x1', gas: '0x1' },
    { ...tx, nonce: '0x1', value: '0xde0b6b3a7640000' },
    { ...tx, nonce: '0x1' },
    // Of several rules the nonce's is the one that is told.
    { ...tx, gas: '0x1' },
    { ...tx, nonce: '0x5', gas: '0xffffffff' },
  ]
  const out = join(folder, 'out-rejected')
  const { status, stdout, stderr } = onStdin(
    { ...document, txs },
    '--state.fork=Istanbul',
    '--trace',
    `--output.basedir=${out}`,
  )
  assert.is(status, 0, stderr)
  const { receipts, rejected } = JSON.parse(stdout).result
  assert.is(receipts.length, 2)
  const address = 'address 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf'
  assert.equal(rejected, [
    { index: 0, error: `nonce too high: ${address}, tx: 1 state: 0` },
    { index: 2, error: 'intrinsic gas too low: have 1, want 21000' },
    {
      index: 3,
      error:
        `insufficient funds for gas * price + value: ${address} have 999999999999978995 ` +
        'want 1000000000000021000',
    },
    { index: 5, error: `nonce too low: ${address}, tx: 0 state: 2` },
    { index: 6, error: `nonce too high: ${address}, tx: 5 state: 2` },
  ])
  // A file for each transaction that was begun.
  const sizes = readdirSync(out)
    .sort()
    .map((name) => readFileSync(join(out, name)).length > 0)
  assert.equal(sizes, [false, true, false, false, true, false, false])
})

tool('t8n says with its exit code what is wrong', () => {
  const { alloc, env, txs } = document
  const [tx] = txs
  const changed = (change: object) => ({ ...document, env: { ...env, ...change } })
  for (const [given, code, text, flags] of [
    ['{', 10, /stdin is not JSON/],
    ['[]', 10, /stdin: expected an object/],
    [{ env, txs }, 10, /alloc: expected an object, got nothing/],
    [{ ...document, alloc: { '0x12': {} } }, 10, /alloc: expected 20 bytes/],
    [{ ...document, alloc: { ...alloc, ['00'.repeat(20)]: { balance: '1x' } } }, 10, /balance/],
    [changed({ currentNumber: undefined }), 10, /env.currentNumber: expected a number/],
    [changed({ currentTimestamp: '0x1ffffffffffffffff' }), 10, /a number of 64 bits/],
    [changed({ ommers: [{ delta: 9, address: env.currentCoinbase }] }), 10, /delta/],
    [{ ...document, txs: 7 }, 10, /txs: expected a list/],
    [{ ...document, txs: [{ ...tx, gas: undefined }] }, 10, /txs\[0\].gas/],
    [{ ...document, txs: [{ ...tx, secretKey: '0x00' }] }, 10, /a key of secp256k1/],
    [{ ...document, txs: [{ ...tx, type: '0x7' }] }, 10, /a type from 0 to 4/],
    [document, 3, /unsupported fork "Istanbull"/, ['--state.fork=Istanbull']],
    [document, 3, /parentBaseFee/, ['--state.fork=London']],
    [changed({ currentDifficulty: undefined }), 3, /missing parentDifficulty/],
    [document, 3, /failed instantiating tracer/, ['--trace.tracer={}']],
    [
      document,
      3,
      /failed instantiating tracer/,
      ['--trace.tracer=callTracer', '--trace.jsonconfig={'],
    ],
    [document, 11, /cannot make .*: /, ['--output.basedir=/dev/null/there']],
    [document, 11, /no such file/, ['--input.txs=/nowhere/txs.json']],
  ] as readonly (readonly [object | string, number, RegExp, string[]?])[]) {
    const { status, stderr, stdout } = onStdin(given, '--state.fork=Istanbul', ...(flags ?? []))
    assert.is(status, code, `${text}: ${stderr}`)
    assert.match(stderr, text)
    assert.match(stderr, new RegExp(`^ERROR\\(${code}\\): `))
    assert.is(stdout, '')
  }
  for (const flag of ['--state.reward=1.5', '--state.chainid=-1', '--input.alloc']) {
    assert.is(onStdin(document, flag).status, 2)
  }
})

tool('t8n touches the coinbase also where it pays nothing', () => {
  const { currentCoinbase } = document.env
  const given = {
    ...document,
    alloc: { ...document.alloc, [currentCoinbase]: {} },
    env: {
      ...document.env,
      currentDifficulty: undefined,
      currentRandom: '0x0',
      currentBaseFee: '0x1',
      withdrawals: [],
    },
    txs: [],
  }
  const has = (reward: string) => {
    const { stdout, stderr } = onStdin(given, '--state.fork=Shanghai', `--state.reward=${reward}`)
    assert.is(stderr, '')
    return JSON.parse(stdout).alloc[currentCoinbase]
  }
  // Whoever is empty and touched is no more (EIP-161).
  assert.is(has('0'), undefined)
  assert.equal(has('-1'), { balance: '0x0' })
  assert.equal(has('2000000000'), { balance: '0x77359400' })
})

/** JSON without spaces, its members in their order. */
const compact = (json: string) => JSON.stringify(JSON.parse(json))

fixtures.test('t9n says the same of transactions', () => {
  for (const [dir, txs, fork, expected] of [
    ['15', 'signed_txs.rlp', 'Homestead', 'exp.json'],
    ['15', 'signed_txs.rlp', 'London', 'exp2.json'],
    ['15', 'blockheader.rlp', 'London', 'exp3.json'],
    ['16', 'signed_txs.rlp', 'London', 'exp.json'],
    ['17', 'signed_txs.rlp', 'London', 'exp.json'],
  ]) {
    const path = unpacked(dir, `${txs}.gz`)
    const run = braid(['t9n', '--input.txs', path, `--state.fork=${fork}`])
    const place = `${dir} ${txs} ${fork}`
    assert.is(run.status, 0, `${place}: ${run.stderr}`)
    assert.is(compact(run.stdout), compact(textOf(dir, `${expected}.gz`)), place)
  }
  const path = unpacked('18', 'invalid.rlp.gz')
  const run = braid(['t9n', '--input.txs', path, '--state.fork=London'])
  assert.is(run.status, 11, run.stdout)
})

fixtures.test('b11r puts the same blocks together', () => {
  for (const [dir, expected, ...more] of [
    ['20', 'exp.json'],
    ['21', 'exp.json'],
    ['21', 'exp-clique.json', 'seal.clique=clique.json'],
    ['22', 'exp.json'],
    ['27', 'exp.json', 'input.withdrawals=withdrawals.json'],
  ]) {
    const inputs = ['input.header=header.json', 'input.ommers=ommers.json', 'input.txs=txs.rlp']
    const flags = [...inputs, ...more].map((input) => {
      const [flag, name] = input.split('=')
      return `--${flag}=${unpacked(dir, `${name}.gz`)}`
    })
    const run = braid(['b11r', ...flags, '--output.block=stdout'])
    assert.is(run.status, 0, `${dir}: ${run.stderr}`)
    assert.is(compact(run.stdout), compact(textOf(dir, `${expected}.gz`)), dir)
  }
})

tool('b11r says with its exit code what is wrong', () => {
  const header = {
    stateRoot: `0x${'00'.repeat(32)}`,
    number: '0x1',
    gasLimit: '0x1',
    timestamp: '0x1',
  }
  const run = (given: object, ...flags: readonly string[]) => {
    const names = ['header', 'txs', 'ommers'].map((name) => `--input.${name}=stdin`)
    const args = ['b11r', ...names, '--output.block=stdout', ...flags]
    return braid(args, {}, { input: JSON.stringify(given) })
  }
  const { status, stdout } = run({ header, txs: '' })
  assert.is(status, 0)
  assert.match(JSON.parse(stdout).rlp, /^0xf901f/)
  const clique = { secretKey: `0x${'01'.repeat(32)}` }
  for (const [given, code, text, ...flags] of [
    [{ txs: '' }, 10, /header: expected an object/],
    [{ header: { ...header, number: undefined }, txs: '' }, 10, /header.number/],
    [{ header: { ...header, miner: '0x12' }, txs: '' }, 10, /header.miner: expected 20 bytes/],
    [{ header, txs: '0xc2' }, 12, /unable to decode transaction/],
    [{ header, txs: '0x80' }, 12, /no list/],
    [{ header, txs: '', ommers: ['0xc0'] }, 12, /no block/],
    [
      { header: { ...header, extraData: '0x00' }, txs: '', clique },
      3,
      /overwrite provided extra data/,
      '--seal.clique=stdin',
    ],
  ] as const) {
    const failed = run(given, ...flags)
    assert.is(failed.status, code, `${text}: ${failed.stderr}`)
    assert.match(failed.stderr, text)
  }
})

tool.run()
fixtures.report()
