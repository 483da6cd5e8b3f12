/** Code without an account, as geth's `evm run` and Besu's `evmtool` execute it: traced calls say the same lines. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { besuLines } from '../lib/cli/statetest/besu-lines.js'
import { type Eip3155Line, Engine, type Hex, MemoryState } from '../lib/index.js'
import { fixtureNames, hasFixtures, readFixture, readText, withFixtures } from './fixtures.js'

const bare = suite('code without an account')
const fixtures = withFixtures(bare, 'code without an account')
const engine = await Engine.create({ threads: 1 })
bare.after(() => engine.close())

/** What these tools give where nothing else is said. */
const usualGas = 10_000_000_000n
const sender: Hex = `0x${'00'.repeat(19)}ab`

interface Run {
  readonly code: string
  readonly input?: string | undefined
  readonly receiver?: string | undefined
  readonly coinbase?: string | undefined
  readonly hardfork: string
  readonly gas?: bigint | undefined
  /** Whether the gas pays for the transaction, too. */
  readonly paysIntrinsic?: boolean | undefined
}

const hexOf = (text: string, size: number): Hex =>
  `0x${text.replace(/^0x/, '').toLowerCase().padStart(size, '0')}`

/** Executes code as the code of the receiver; what it takes for the transaction is put on top. */
async function traced(run: Run) {
  const { code, input = '', hardfork, gas = usualGas, paysIntrinsic } = run
  const to = hexOf(run.receiver ?? 'c0ffee', 40)
  const data = hexOf(input, 0)
  const bytes = Buffer.from(data.slice(2), 'hex')
  const intrinsic = bytes.reduce((sum, byte) => sum + (byte === 0 ? 4n : 16n), 21_000n)
  const request = { from: sender, to, data, gas: paysIntrinsic ? gas : gas + intrinsic }
  const options = {
    state: new MemoryState({ [to]: { code: hexOf(code, 0) } }),
    environment: {
      number: 1n,
      timestamp: 1n,
      gasLimit: usualGas,
      coinbase: hexOf(run.coinbase ?? '0', 40),
      baseFee: 0n,
    },
    hardfork,
    gasCap: 2n ** 63n,
  }
  const config = { callFrames: true }
  const { value } = await engine.traceCall(request, { ...options, tracer: 'eip3155', config })
  const outcome = await engine.call(request, options)
  if (outcome.status === 'invalid') throw new Error(outcome.reason)
  const output = outcome.status === 'halted' ? '0x' : outcome.data
  return {
    lines: value as readonly Eip3155Line[],
    output,
    gasUsed: outcome.gasUsed - intrinsic,
    status: outcome.status,
  }
}

/** Besu's names of hardforks. */
const hardforks: Readonly<Record<string, string>> = {
  BPO5: 'osaka',
  London: 'london',
  Shanghai: 'shanghai',
}

interface Call {
  readonly cli: readonly string[]
  readonly stdout: readonly object[]
}

interface Summary {
  readonly output: string
  readonly gasUsed: string
  readonly pass: boolean
  readonly fork: string
}

fixtures.test('Besu executes six pieces of code in the same way', async () => {
  const folder = ['oracles', 'besu_evmtool', 'evmtool', 'trace']
  const names = hasFixtures ? fixtureNames(...folder) : []
  assert.is(names.length, 6)
  for (const name of names) {
    const { cli, stdout } = readFixture<Call>(...folder, name)
    const option = (key: string) => (cli.includes(key) ? cli[cli.indexOf(key) + 1] : undefined)
    const gas = option('--gas')
    const summary = stdout.at(-1) as Summary
    const { lines, ...outcome } = await traced({
      code: option('--code') ?? '',
      input: option('--input'),
      receiver: option('--receiver'),
      coinbase: option('--coinbase'),
      hardfork: hardforks[summary.fork],
      gas: gas === undefined ? undefined : BigInt(gas),
      paysIntrinsic: cli.includes('--intrinsic-gas'),
    })
    const told = besuLines(
      lines,
      { 'trace.nomemory': true },
      () => (option('--code') ?? '').length / 2,
    )
    assert.equal(
      told.map((line) => JSON.parse(line)),
      stdout.slice(0, -1),
      name,
    )
    assert.is(outcome.output, summary.output, name)
    assert.is(`0x${outcome.gasUsed.toString(16)}`, summary.gasUsed, name)
    assert.is(outcome.status !== 'halted', summary.pass, name)
  }
})

fixtures.test("geth's evm run prints the same lines", async () => {
  const expected = readText('oracles', 'geth_evm_tool', 'evmrun', '1.out.2.txt.gz')
  const { lines } = await traced({ code: '6040', hardfork: 'osaka' })
  const steps = lines.filter((line) => 'pc' in line || ('output' in line && 'gasUsed' in line))
  assert.equal(
    steps.map((line) => JSON.stringify(line)),
    expected.trimEnd().split('\n'),
  )
})

bare.run()
fixtures.report()
