/** EVMs from elsewhere, of both versions of EVMC: this package's own in that guise, and evmone where it is. */

import { existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findJsonFiles } from '../lib/cli/files.js'
import { StateTestRunner } from '../lib/cli/statetest/runner.js'
import type { TestFailure } from '../lib/cli/test-outcome.js'
import { Engine, isBraidError, MemoryState } from '../lib/index.js'
import { fixturePath, withFixtures } from './fixtures.js'
import { endlessAlloc, endlessBlock, endlessOptions } from './support/endless.js'

const foreign = suite('EVMs from elsewhere')
const fixtures = withFixtures(foreign, 'EVMs from elsewhere')

const library = (name: string) => new URL(`../Release/${name}`, import.meta.url).pathname

/** What there is to test; BRAID_EVMONE names the evmone. */
const evms: Record<string, string> = {
  'libbraidvm (EVMC 12)': library('libbraidvm.so'),
  'libbraidvm18 (EVMC 18)': library('libbraidvm18.so'),
}
const evmone = process.env.BRAID_EVMONE
if (evmone !== undefined && existsSync(evmone)) evms.evmone = evmone
else console.log('EVMs from elsewhere: evmone left out: BRAID_EVMONE names no file')

const folders = [
  'state_tests',
  'legacy_tests/Cancun/GeneralStateTests',
  'legacy_tests/Constantinople/GeneralStateTests',
  'eest/state_tests',
  'osaka_state_tests',
]

/** Every so many files of a folder are run here; `npm run test:state -- --vm` runs all. */
const stride = 60

/** Runs a sample of a folder's state tests; gives how many passed, and what did not. */
function runSample(vm: string, folder: string): { passed: number; failures: TestFailure[] } {
  const runner = new StateTestRunner({ vm })
  const files = findJsonFiles([fixturePath(folder)]).filter((file) => !file.slow)
  const failures: TestFailure[] = []
  let passed = 0
  for (let i = 0; i < files.length; i += stride) {
    const outcome = runner.runFile(files[i].path)
    passed += outcome.passed
    failures.push(...outcome.failures)
  }
  return { passed, failures }
}

const sender = `0x${'aa'.repeat(20)}`
const contract = `0x${'bb'.repeat(20)}`
const environment = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: sender }

/** Runs a call of a contract with this code; gives its receipt. */
async function call(vm: string, code: string, hardfork: string) {
  const engine = await Engine.create({ vm })
  const state = new MemoryState({
    [sender]: { balance: 10n ** 18n },
    [contract]: { nonce: 1n, balance: 100n, code },
  })
  const transaction = { sender, to: contract, nonce: 0n, gasLimit: 10_000_000n, gasPrice: 0n }
  try {
    const result = await engine.executeTransactions(environment, [transaction], {
      state,
      hardfork,
    })
    const { status, gasUsed, output } = result.receipts[0]
    state.commit(result)
    return { status, gasUsed, output, stateRoot: state.stateRoot() }
  } finally {
    engine.close()
  }
}

/** Whether the EVM has Constantinople, which EVMC 18 has no number for. */
async function hasConstantinople(vm: string): Promise<boolean> {
  try {
    await call(vm, '0x00', 'constantinople')
    return true
  } catch (error) {
    assert.is((error as { code: string }).code, 'VM_INTERNAL_ERROR')
    return false
  }
}

for (const [name, vm] of Object.entries(evms)) {
  for (const folder of folders) {
    fixtures.test(`${name}: a sample of ${folder} passes`, async () => {
      const { passed, failures } = runSample(vm, folder)
      const isKnown = (await hasConstantinople(vm))
        ? () => false
        : ({ fork, reason }: TestFailure) =>
            fork === 'Constantinople' && reason.startsWith('VM_INTERNAL_ERROR')
      assert.equal(
        failures.filter((failure) => !isKnown(failure)),
        [],
      )
      assert.ok(passed > 0)
    })
  }

  foreign(`${name}: creations and nested calls end as in the built-in one`, async () => {
    const codes = {
      // Contracts with the value 1 and 2, whose addresses are returned: CREATE, CREATE2.
      create: '0x5f5f6001f05f526007602a5f6002f560205260405ff3',
      // Calls itself, as deep as gas and depth allow.
      deep: '0x5f5f5f5f5f305af15f5260205ff3',
      // Sends more than it has, then what it has: 0 and 1.
      value: '0x5f5f5f5f6103e8335af15f525f5f5f5f6064335af160205260405ff3',
    }
    for (const [title, code] of Object.entries(codes)) {
      const expected = await call('builtin', code, 'cancun')
      assert.is(expected.status, 'success', title)
      assert.equal(await call(vm, code, 'cancun'), expected, title)
    }
  })
}

foreign('EVMC 18 has no Constantinople, EVMC 12 has', async () => {
  assert.is(await hasConstantinople(evms['libbraidvm (EVMC 12)']), true)
  assert.is(await hasConstantinople(evms['libbraidvm18 (EVMC 18)']), false)
})

foreign('both have the name and version of the built-in one', async () => {
  const { vm: own } = await Engine.create()
  for (const name of ['libbraidvm.so', 'libbraidvm18.so']) {
    const engine = await Engine.create({ vm: library(name) })
    assert.equal(engine.vm, own)
    engine.close()
  }
})

for (const [name, vm] of Object.entries(evms)) {
  foreign(
    `${name} ends where it is cancelled between calls, however much gas there is`,
    async () => {
      const engine = await Engine.create({ vm })
      const state = new MemoryState(endlessAlloc)
      const signal = AbortSignal.timeout(15)
      const start = performance.now()
      try {
        await engine.executeBlock(endlessBlock('calling'), { ...endlessOptions, state, signal })
        assert.unreachable('it ended by itself')
      } catch (error) {
        assert.ok(isBraidError(error, 'CANCELLED'), String(error))
      }
      assert.ok(performance.now() - start < 5000)
      engine.close()
    },
  )
}

foreign.run()
