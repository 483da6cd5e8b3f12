/** What calls and simulations refuse, and by which error. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BundleOptions,
  type CallOptions,
  type CallRequest,
  Engine,
  MemoryState,
  type SimulateOptions,
  type Simulation,
} from '../lib/index.js'
import { at, callAlloc, contracts, environment, rich, word } from './support/call-contracts.js'
import { simulationBase } from './support/simulation-base.js'
import { errorOf } from './support/thrown.js'

const input = suite('input of calls')

const engine = await Engine.create()
const state = new MemoryState(callAlloc)
const options = { state, environment }
const to = contracts.token.address

input('a request that is malformed is refused with the member that is', async () => {
  const cases: [unknown, string][] = [
    [null, 'request'],
    ['0x', 'request'],
    [{ to, gass: 5 }, 'gass'],
    [{ to, gasLimit: 5 }, 'gasLimit'],
    [{ to: '0x12' }, 'to'],
    [{ to: 5 }, 'to'],
    [{ to, from: 'me' }, 'from'],
    [{ to, gas: -1 }, 'gas'],
    [{ to, gas: 1n << 64n }, 'gas'],
    [{ to, gas: '12' }, 'gas'],
    [{ to, value: 1.5 }, 'value'],
    [{ to, value: 1n << 256n }, 'value'],
    [{ to, gasPrice: 1, maxFeePerGas: 1 }, 'gasPrice'],
    [{ to, gasPrice: '0xzz' }, 'gasPrice'],
    [{ to, maxFeePerGas: {} }, 'maxFeePerGas'],
    [{ to, data: '0x123' }, 'data'],
    [{ to, data: '0xgg' }, 'data'],
    [{ to, data: 7 }, 'data'],
    [{ to, data: '0x01', input: '0x02' }, 'input'],
    [{ to, chainId: 'x' }, 'chainId'],
    [{ to, accessList: {} }, 'accessList'],
    [{ to, accessList: [null] }, 'accessList[0]'],
    [{ to, accessList: [{ address: to }] }, 'accessList[0].storageKeys'],
    [{ to, accessList: [{ address: '0x', storageKeys: [] }] }, 'accessList[0].address'],
    [{ to, accessList: [{ address: to, storageKeys: ['0x1'] }] }, 'accessList[0].storageKeys[0]'],
    [{ to, blobVersionedHashes: 'all' }, 'blobVersionedHashes'],
    [{ to, blobVersionedHashes: ['0x'] }, 'blobVersionedHashes[0]'],
    [{ to, authorizationList: [5] }, 'authorizationList[0]'],
    [{ to, authorizationList: [{ chainId: 1 }] }, 'authorizationList[0].nonce'],
  ]
  for (const [request, field] of cases) {
    for (const [run, place] of [
      [() => engine.call(request as CallRequest, options), ''],
      [() => engine.callMany([{ to }, request as CallRequest], options), 'requests[1].'],
    ] as const) {
      const error = await errorOf(run())
      const expected = place === '' ? field : field === 'request' ? 'requests[1]' : place + field
      assert.equal([error.code, error.details.field], ['OPTION_INVALID', expected])
    }
  }
})

input('options that are wrong are refused by their names', async () => {
  const cases: [object, string][] = [
    [{ state: {} }, 'state'],
    [{ environment: 5 }, 'environment'],
    [{ environment: { ...environment, gas: 1 } }, 'gas'],
    [{ block: environment }, 'environment'],
    [{ gasCap: 5 }, 'gasCap'],
    [{ gasCap: 1n << 64n }, 'gasCap'],
    [{ signal: {} }, 'signal'],
    [{ timeout: 0 }, 'timeout'],
    [{ blockOverrides: 5 }, 'blockOverrides'],
    [{ blockOverrides: { timestamp: 5 } }, 'blockOverrides.timestamp'],
    [{ blockOverrides: { number: -5 } }, 'blockOverrides.number'],
    [{ blockOverrides: { prevRandao: '0x' } }, 'blockOverrides.prevRandao'],
    [{ blockOverrides: { feeRecipient: '0x' } }, 'blockOverrides.feeRecipient'],
    [{ blockHashes: 7 }, 'blockHashes'],
    [{ overide: {} }, 'overide'],
  ]
  for (const [change, field] of cases) {
    const given = { ...options, ...change } as CallOptions
    for (const run of [
      () => engine.call({ to }, given),
      () => engine.callMany([], given),
      () => engine.estimateGas({ to }, given),
      () => engine.createAccessList({ to }, given),
      () => engine.simulateBundle([], given),
    ]) {
      const error = await errorOf(run())
      assert.equal([error.code, error.details.field], ['OPTION_INVALID', field])
    }
  }
  const overrides = { [rich]: { balance: 'much' } }
  const error = await errorOf(engine.call({ to }, { ...options, overrides }))
  assert.is(error.code, 'STATE_MALFORMED')
  const move = { [rich]: { movePrecompileTo: at('01') } }
  const moved = await errorOf(engine.call({ to }, { ...options, overrides: move }))
  assert.equal([moved.code, moved.details.address], ['STATE_NOT_PRECOMPILE', rich])
  const fork = await errorOf(engine.call({ to }, { ...options, hardfork: 'tomorrow' }))
  assert.is(fork.code, 'UNSUPPORTED_HARDFORK')
})

input('a bundle that is malformed is refused', async () => {
  const cases: [unknown, Partial<BundleOptions>, string, string | number][] = [
    [5, {}, 'OPTION_INVALID', 'transactions'],
    [[{ to, gass: 1 }], {}, 'OPTION_INVALID', 'transactions[0].gass'],
    [[{ to }], { onFailure: 'cry' as 'stop' }, 'OPTION_INVALID', 'onFailure'],
  ]
  for (const [transactions, more, code, field] of cases) {
    const error = await errorOf(
      engine.simulateBundle(transactions as CallRequest[], { ...options, ...more }),
    )
    assert.equal([error.code, error.details.field], [code, field])
  }
  for (const encoded of [new Uint8Array(), Uint8Array.of(2, 0xc0, 1), Uint8Array.of(9, 0xc0)]) {
    const error = await errorOf(engine.simulateBundle([{ to }, encoded], options))
    assert.ok(/^(DECODE_|TX_TYPE)/.test(error.code), error.code)
    assert.is(error.details.txIndex, 1)
  }
})

input('a simulation that is impossible is refused with the code of geth', async () => {
  const { header, state: base } = await simulationBase()
  const given: SimulateOptions = { state: base, block: header }
  const { number, timestamp } = header
  const many = (count: number) => Array.from({ length: count }, () => ({ to }))
  const cases: [unknown, string, number | string][] = [
    [{ blocks: [] }, 'OPTION_INVALID', 'blocks'],
    [{ blockStateCalls: [{}] }, 'OPTION_INVALID', 'blockStateCalls'],
    [{ blocks: [{ call: [] }] }, 'OPTION_INVALID', 'blocks[0].call'],
    [{ blocks: [{ calls: [{ to: 7 }] }] }, 'OPTION_INVALID', 'blocks[0].calls[0].to'],
    [{ blocks: [{}], validation: 1 }, 'OPTION_INVALID', 'validation'],
    [{ blocks: many(257).map(() => ({})) }, 'SIMULATION_TOO_LARGE', -38026],
    [{ blocks: [{ blockOverrides: { number: number + 257n } }] }, 'SIMULATION_TOO_LARGE', -38026],
    [{ blocks: [{ calls: many(5001) }] }, 'SIMULATION_TOO_LARGE', -38026],
    [{ blocks: many(3).map(() => ({ calls: many(4000) })) }, 'SIMULATION_TOO_LARGE', -38026],
    [{ blocks: [{ blockOverrides: { number } }] }, 'SIMULATION_ORDER_INVALID', -38020],
    [{ blocks: [{ blockOverrides: { time: timestamp } }] }, 'SIMULATION_ORDER_INVALID', -38021],
    [
      { blocks: [{ stateOverrides: { [rich]: { movePrecompileTo: at('91') } } }] },
      'SIMULATION_OVERRIDE_INVALID',
      -32000,
    ],
    [
      { blocks: [{ stateOverrides: { [rich]: { state: {}, stateDiff: {} } } }] },
      'SIMULATION_OVERRIDE_INVALID',
      -32000,
    ],
    [
      { blocks: [{ calls: [{ from: at('92'), to, value: 1 }] }] },
      'SIMULATION_CALL_INVALID',
      -38014,
    ],
    [{ blocks: [{ calls: [{ to, gas: 20_000 }] }] }, 'SIMULATION_CALL_INVALID', -38013],
    [
      {
        blocks: [{ calls: [{ from: rich, to, nonce: 1, maxFeePerGas: 1n << 40n }] }],
        validation: true,
      },
      'SIMULATION_CALL_INVALID',
      -38010,
    ],
    [
      {
        blocks: [{ calls: [{ from: rich, to, nonce: 99, maxFeePerGas: 1n << 40n }] }],
        validation: true,
      },
      'SIMULATION_CALL_INVALID',
      -38011,
    ],
    [{ blocks: [{ calls: [{ to }] }], validation: true }, 'SIMULATION_CALL_INVALID', -38012],
    [{ blocks: [{ calls: [{ to, gas: 1n << 50n }] }] }, 'SIMULATION_BLOCK_FULL', -38015],
  ]
  for (const [simulation, code, detail] of cases) {
    const error = await errorOf(engine.simulate(simulation as Simulation, given))
    const found = typeof detail === 'number' ? error.details.rpcCode : error.details.field
    assert.equal(
      [error.code, found],
      [code, detail],
      JSON.stringify(simulation, textOf).slice(0, 99),
    )
  }
  for (const [change, field] of [
    [{ state: 5 }, 'state'],
    [{ block: { number: 5n } }, 'block'],
    [{ gasCap: 5 }, 'gasCap'],
    [{ overrides: {} }, 'overrides'],
    [{ blockHashes: { x: word(1) } }, 'blockHashes'],
  ] as const) {
    const wrong = { ...given, ...change } as unknown as SimulateOptions
    const error = await errorOf(engine.simulate({ blocks: [{}] }, wrong))
    assert.equal([error.code, error.details.field], ['OPTION_INVALID', field])
  }
})

const textOf = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)

input.run()
