/** Gas estimates and access lists, as geth makes them. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CallRequest, Engine, MemoryState } from '../lib/index.js'
import {
  at,
  callAlloc,
  contracts,
  dataOf,
  environment,
  poor,
  rich,
  word,
} from './support/call-contracts.js'
import { errorOf } from './support/thrown.js'

const estimates = suite('estimates')

const engine = await Engine.create()
const state = new MemoryState(callAlloc)
const options = { state, environment }
const { token, counter, reverter, endless, invalid, caller, greedy, clearer, forwarder } = contracts

async function estimate(request: CallRequest, more: object = {}): Promise<bigint> {
  const outcome = await engine.estimateGas(request, { ...options, ...more })
  if (outcome.status !== 'success') throw new Error(JSON.stringify(outcome))
  return outcome.gas
}

async function suffices(request: CallRequest, gas: bigint): Promise<boolean> {
  const outcome = await engine.call({ ...request, gas }, options)
  return outcome.status === 'success'
}

const requests: CallRequest[] = [
  { from: rich, to: token.address, data: dataOf(rich) },
  { from: rich, to: counter.address },
  { from: rich, to: caller.address },
  { from: rich, to: clearer.address },
  { from: rich, to: forwarder.address, value: 5n },
  { from: rich, data: '0x6001600060003960016000f3' },
]

estimates('a plain transfer takes 21,000', async () => {
  assert.is(await estimate({ from: rich, to: poor, value: 1n }), 21_000n)
  assert.is(await estimate({ from: rich, to: poor, value: 1n, maxFeePerGas: 5000n }), 21_000n)
  // What its access list costs comes to that.
  const accessList = [{ address: poor, storageKeys: [] }]
  assert.ok((await estimate({ from: rich, to: poor, accessList })) >= 23_400n)
})

estimates('an estimate suffices, and lies close above the least gas that does', async () => {
  for (const request of requests) {
    const gas = await estimate(request)
    const least = await estimate(request, { errorRatio: 0 })
    assert.ok(await suffices(request, gas))
    assert.ok(await suffices(request, least))
    assert.not.ok(await suffices(request, least - 1n))
    assert.ok(gas >= least && Number(gas - least) / Number(gas) < 0.015, `${gas} for ${least}`)
  }
})

estimates('finds the gas that a contract asks for', async () => {
  const least = await estimate({ to: greedy.address }, { errorRatio: 0 })
  assert.ok(least > 200_000n && least < 230_000n, `${least}`)
  assert.not.ok(await suffices({ to: greedy.address }, least - 1n))
})

estimates('takes the first gas that geth tries where that is near enough', async () => {
  // Used 21,000 and what the code takes: (used + 2,300) * 64 / 63 lies within 1.5 % of nothing less.
  const outcome = await engine.call({ from: rich, to: counter.address }, options)
  if (outcome.status !== 'success') throw new Error(outcome.status)
  const likely = ((outcome.maxGasUsed + 2_300n) * 64n) / 63n
  const gas = await estimate({ from: rich, to: counter.address })
  assert.ok(gas <= likely)
})

estimates('says why no gas suffices, in the words of geth', async () => {
  const revert = await engine.estimateGas({ to: reverter.address }, options)
  assert.is(revert.status === 'reverted' && revert.reason, 'not today')
  assert.equal('rpcError' in revert && revert.rpcError.code, 3)
  const halt = await engine.estimateGas({ to: invalid.address }, options)
  assert.is(halt.status === 'halted' && halt.reason, 'invalid opcode: INVALID')
  const cases = [
    // From Osaka on, a transaction has no more.
    [{ to: endless.address }, 16_777_216n],
    [{ to: endless.address, gas: 100_000 }, 100_000n],
    [{ to: endless.address, gas: 20_000_000 }, 16_777_216n],
    // As much as its sender can pay for.
    [{ to: endless.address, from: rich, maxFeePerGas: 10n ** 16n }, 100_000n],
    [{ to: token.address, data: `0x${'01'.repeat(100)}`, gas: 21_100 }, 21_100n],
  ] as const
  for (const [request, gas] of cases) {
    const outcome = await engine.estimateGas(request, options)
    const message = 'rpcError' in outcome && outcome.rpcError.message
    assert.is(message, `gas required exceeds allowance (${gas})`)
  }
  const cap = await engine.estimateGas({ to: endless.address }, { ...options, gasCap: 60_000n })
  assert.is('reason' in cap && cap.reason, 'gas required exceeds allowance (60000)')
  const prague = await engine.estimateGas(
    { to: endless.address },
    { ...options, hardfork: 'prague' },
  )
  assert.is('reason' in prague && prague.reason, 'gas required exceeds allowance (50000000)')
  const broke = await engine.estimateGas(
    { to: token.address, from: poor, value: 1n, maxFeePerGas: 2000n },
    options,
  )
  assert.is(broke.status === 'invalid' && broke.rule, 'TX_INSUFFICIENT_FUNDS')
  assert.is('reason' in broke && broke.reason, 'insufficient funds for transfer')
  const free = await engine.estimateGas({ to: token.address, from: poor, value: 1n }, options)
  const text = 'rpcError' in free ? free.rpcError.message : ''
  assert.ok(text.startsWith('failed with 16777216 gas: insufficient funds for gas * price + value'))
})

estimates('refuses a ratio that is none', async () => {
  for (const errorRatio of [-0.1, 1, Number.NaN, '0.1' as unknown as number]) {
    const error = await errorOf(engine.estimateGas({}, { ...options, errorRatio }))
    assert.equal([error.code, error.details.field], ['OPTION_INVALID', 'errorRatio'])
  }
})

estimates('an access list names what is looked up, and what it saves is seen', async () => {
  const result = await engine.createAccessList({ from: rich, to: caller.address }, options)
  assert.equal(result.accessList, [
    { address: counter.address, storageKeys: [word(0)] },
    { address: at('b1'), storageKeys: [] },
  ])
  assert.is(result.outcome.status, 'success')
  const with_ = { from: rich, to: caller.address, accessList: result.accessList }
  const outcome = await engine.call(with_, options)
  assert.is(outcome.status === 'success' && outcome.gasUsed, result.gasUsed)
  assert.equal(JSON.parse(JSON.stringify(result)), {
    accessList: result.accessList,
    gasUsed: `0x${result.gasUsed.toString(16)}`,
  })
})

estimates(
  'an access list leaves out sender, recipient and precompiles, but not their slots',
  async () => {
    const own = await engine.createAccessList({ to: token.address, data: dataOf(rich) }, options)
    assert.equal(own.accessList, [{ address: token.address, storageKeys: [word(BigInt(rich))] }])
    // STATICCALL of the identity precompile, BALANCE of the caller, of the recipient, and of one more.
    const code = `0x6000600060006000600461fffffa503331503031${'50'}73${at('b9').slice(2)}3100`
    const overrides = { [at('d1')]: { code } }
    const some = await engine.createAccessList(
      { from: rich, to: at('d1') },
      { ...options, overrides },
    )
    assert.equal(some.accessList, [{ address: at('b9'), storageKeys: [] }])
  },
)

estimates('an access list keeps what the request names, and tells of a failure', async () => {
  const accessList = [
    { address: at('77'), storageKeys: [word(5)] },
    { address: rich, storageKeys: [] },
  ]
  const result = await engine.createAccessList(
    { from: rich, to: reverter.address, accessList },
    options,
  )
  assert.equal(result.accessList, [{ address: at('77'), storageKeys: [word(5)] }])
  const json = JSON.parse(JSON.stringify(result))
  assert.is(json.error, 'execution reverted')
  const invalidOne = await engine.createAccessList({ from: poor, to: at('77'), value: 1 }, options)
  assert.is(invalidOne.outcome.status, 'invalid')
})

estimates.run()
