/**
 * The VMTests: single call frames under the rules of Frontier. Each is run as a transaction to the
 * contract; its gas is the frame's with the intrinsic gas before and the refund after.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findJsonFiles, readJson } from '../lib/cli/files.js'
import {
  type Alloc,
  Engine,
  type ExecutionResult,
  isBraidError,
  MemoryState,
} from '../lib/index.js'
import { keccak256 } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { logsHash } from '../lib/output/receipt-encoding.js'
import { fixturePath, withFixtures } from './fixtures.js'

const vmTests = suite('VMTests')
const fixtures = withFixtures(vmTests, 'VMTests')

interface VmTest {
  readonly env: {
    readonly currentCoinbase: string
    readonly currentDifficulty: string
    readonly currentNumber: string
    readonly currentTimestamp: string
  }
  readonly exec: {
    readonly address: string
    readonly caller: string
    readonly code: string
    readonly data: string
    readonly gas: string
    readonly gasPrice: string
    readonly value: string
  }
  readonly pre: Alloc
  /** Absent where the frame halts exceptionally. */
  readonly post?: Alloc
  readonly gas?: string
  readonly logs?: string
  readonly out?: string
}

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`

/** In these tests the hash of a block is keccak256 of its number in decimal digits. */
function ancestors(number: bigint): Map<bigint, string> {
  const hashes = new Map<bigint, string>()
  for (let n = number > 256n ? number - 256n : 0n; n < number; n++) {
    hashes.set(n, hex(keccak256(Buffer.from(n.toString()))))
  }
  return hashes
}

/** 21000, and 68 or 4 per byte of data (Yellow Paper, appendix G, before EIP-2028). */
function intrinsicGas(data: string): bigint {
  const bytes = [...Buffer.from(data.slice(2), 'hex')]
  return bytes.reduce((sum, byte) => sum + (byte === 0 ? 4n : 68n), 21_000n)
}

async function execute(engine: Engine, test: VmTest, state: MemoryState): Promise<ExecutionResult> {
  const { env, exec } = test
  const number = BigInt(env.currentNumber)
  return engine.executeTransactions(
    {
      number,
      timestamp: BigInt(env.currentTimestamp),
      gasLimit: 2n ** 64n - 1n,
      coinbase: env.currentCoinbase,
      difficulty: BigInt(env.currentDifficulty),
      blockHashes: ancestors(number),
    },
    [
      {
        sender: exec.caller,
        to: exec.address,
        nonce: 0n,
        gasLimit: BigInt(exec.gas) + intrinsicGas(exec.data),
        gasPrice: exec.gasPrice,
        value: exec.value,
        data: exec.data,
        skipNonceCheck: true,
        skipBalanceCheck: true,
      },
    ],
    { state, hardfork: 'Frontier' },
  )
}

function compare(test: VmTest, result: ExecutionResult, state: MemoryState, name: string): void {
  const [receipt] = result.receipts
  const { address, data, gas } = test.exec
  const { post } = test
  if (post === undefined) {
    assert.is(receipt.status, 'reverted', name)
    return
  }
  assert.is(receipt.status, 'success', name)
  assert.is(receipt.output, test.out, name)
  assert.is(hex(logsHash(new PackedReader(result.packed))), test.logs, name)

  state.commit(result)
  const before = test.pre[address]?.storage ?? {}
  const after = post[address]?.storage ?? {}
  for (const slot of Object.keys({ ...before, ...after })) {
    assert.is(BigInt(state.getStorage(address, slot)), BigInt(after[slot] ?? 0), `${name} ${slot}`)
  }

  const used = intrinsicGas(data) + BigInt(gas) - BigInt(test.gas ?? 0)
  const cleared = Object.keys(before).filter((slot) => after[slot] === undefined).length
  // SELFDESTRUCT and clearing a slot give gas back, up to half of what was used.
  const refund = address in post ? 15_000n * BigInt(cleared) : 24_000n
  const limit = used / 2n
  assert.is(receipt.gasUsed, used - (refund < limit ? refund : limit), name)
}

fixtures.test('all frames give the output, logs, storage and gas that the tests know', async () => {
  const engine = await Engine.create()
  let compared = 0
  for (const { path } of findJsonFiles([
    fixturePath('legacy_tests', 'Constantinople', 'VMTests'),
  ])) {
    for (const [name, test] of Object.entries(readJson(path) as Record<string, VmTest>)) {
      const { address, caller, code } = test.exec
      const state = new MemoryState({ ...test.pre, [address]: { ...test.pre[address], code } })
      const callerCode = test.pre[caller]?.code ?? '0x'
      if (callerCode !== '0x') {
        // A contract that calls on its own account: no transaction can do that (EIP-3607).
        const error = await execute(engine, test, state).catch((thrown: unknown) => thrown)
        assert.ok(isBraidError(error, 'TX_SENDER_NOT_EOA'), name)
        continue
      }
      compare(test, await execute(engine, test, state), state, name)
      compared++
    }
  }
  assert.ok(compared > 500)
})

vmTests.run()
fixtures.report()
