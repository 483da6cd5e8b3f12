/** Transactions that are traced one after another, as `trace_callMany` does, and calls in Parity's form. */

import { createLegacyTx } from '@ethereumjs/tx'
import { createAddressFromPrivateKey, hexToBytes } from '@ethereumjs/util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type CallRequest,
  Engine,
  type Hex,
  MemoryState,
  ownTracer,
  type ParityClient,
  SourceState,
} from '../lib/index.js'
import { callAlloc, contracts, environment, poor, rich, word } from './support/call-contracts.js'
import { errorOf } from './support/thrown.js'

const bundles = suite('traced bundles')

const secretKey = hexToBytes(`0x${'45'.repeat(32)}`)
const signer: Hex = createAddressFromPrivateKey(secretKey).toString()
const engine = await Engine.create({ threads: 2 })
bundles.after(() => engine.close())
const state = new MemoryState({ ...callAlloc, [signer]: { nonce: 6n, balance: 10n ** 18n } })
const place = { state, environment } as const

const toCounter: CallRequest = { from: rich, to: contracts.counter.address, gas: 200_000n }
const slot = word(0)

/** A transaction to the counter, signed. */
function signed(nonce: bigint): Uint8Array {
  const fields = { nonce, gasLimit: 100_000n, gasPrice: 10_000n, to: contracts.counter.address }
  return createLegacyTx(fields).sign(secretKey).serialize()
}

bundles('each transaction runs on what those before it left', async () => {
  const before = state.stateRoot()
  const traces = await engine.traceBundle([toCounter, signed(6n), toCounter, signed(7n)], {
    ...place,
    tracer: 'parity',
    config: { stateDiff: true },
  })
  const changes = traces.map(({ value }) => {
    return value.stateDiff?.[contracts.counter.address]?.storage[slot]
  })
  assert.equal(
    changes,
    [0, 1, 2, 3].map((number) => ({ '*': { from: word(number), to: word(number + 1) } })),
  )
  assert.equal(traces[1].value.stateDiff?.[signer].nonce, { '*': { from: '0x6', to: '0x7' } })
  // That of the caller counts, too, as a transaction's does.
  assert.equal(traces[2].value.stateDiff?.[rich].nonce, { '*': { from: '0x6', to: '0x7' } })
  assert.is(state.stateRoot(), before)
  const alone = await engine.traceCall(toCounter, {
    ...place,
    tracer: 'parity',
    config: { stateDiff: true },
  })
  assert.is(alone.json, traces[0].json)
})

bundles('one may ask for something else than the others', async () => {
  const [calls, all, none] = await engine.traceBundle(
    [
      toCounter,
      [toCounter, { trace: true, stateDiff: true, vmTrace: true, client: 'besu' }],
      [toCounter, { trace: false }],
    ],
    { ...place, tracer: 'parity' },
  )
  assert.is(calls.value.trace.length, 1)
  assert.equal([calls.value.stateDiff, calls.value.vmTrace], [null, null])
  assert.equal(Object.keys(calls.value), ['output', 'stateDiff', 'trace', 'vmTrace'])
  const stored = all.value.vmTrace?.ops.map(({ ex }) => ex?.store).filter(Boolean)
  assert.equal(stored, [{ key: '0x0', val: '0x2' }])
  assert.equal(none.value.trace, [])
})

bundles('other tracers follow one another as well', async () => {
  const difference = { ...place, tracer: 'prestateTracer', config: { diffMode: true } } as const
  const [, second] = await engine.traceBundle([toCounter, toCounter], difference)
  assert.equal(second.value.pre[contracts.counter.address].storage, { [slot]: word(1) })
  const several = { callTracer: {}, prestateTracer: { diffMode: true } } as const
  const muxed = await engine.traceBundle([toCounter, toCounter], {
    ...place,
    tracer: 'muxTracer',
    config: several,
  })
  assert.equal(muxed[1].value.prestateTracer, second.value)
  const own = ownTracer({ callTracer: {} }, ({ callTracer }, { txIndex }) => {
    return [txIndex, callTracer.gasUsed]
  })
  const traces = await engine.traceBundle([toCounter, toCounter], { ...place, tracer: own })
  assert.equal(
    traces.map(({ value }) => value),
    muxed.map(({ value }, i) => [i, value.callTracer?.gasUsed]),
  )
  const steps = await engine.traceBundle([toCounter, toCounter], { ...place, tracer: 'structLogs' })
  assert.ok(steps[1].value.structLogs.length > 5)
  assert.equal(await engine.traceBundle([], { ...place, tracer: 'callTracer' }), [])
})

bundles('states of every kind tell the same', async () => {
  const config = { trace: true, stateDiff: true, vmTrace: true } as const
  const requests = [toCounter, { ...toCounter, to: contracts.forwarder.address, value: 5n }]
  const texts = async (on: Parameters<Engine['call']>[1]['state']) => {
    const options = { environment, state: on, tracer: 'parity', config } as const
    return (await engine.traceBundle(requests, options)).map(({ json }) => json)
  }
  const expected = await texts(state)
  const source = new SourceState({
    getAccount: async (address) => state.getAccount(address),
    getStorage: async (address, key) => state.getStorage(address, key),
    getCode: async (_, address) => Buffer.from(state.getCode(address).slice(2), 'hex'),
  })
  for (const other of [state.snapshot(), state.override({}), source]) {
    assert.equal(await texts(other), expected, other.constructor.name)
  }
})

bundles('what is impossible ends all of it, and is named', async () => {
  const options = { ...place, tracer: 'parity' } as const
  const tooPoor: CallRequest = { from: poor, to: rich, value: 1n }
  const error = await errorOf(engine.traceBundle([toCounter, tooPoor], options))
  assert.is(error.code, 'TX_INSUFFICIENT_FUNDS')
  assert.is(error.details.txIndex, 1)
  const late = await errorOf(engine.traceBundle([signed(6n), signed(6n)], options))
  assert.equal([late.code, late.details.txIndex], ['TX_NONCE_TOO_LOW', 1])
  const malformed = await errorOf(engine.traceBundle([toCounter, Uint8Array.of(0xc1)], options))
  assert.match(malformed.code, /^DECODE_/)
  assert.is(malformed.details.txIndex, 1)
  const fieldOf = async (transactions: unknown, given: object = {}) => {
    const run = engine.traceBundle(transactions as never, { ...options, ...given } as never)
    const { code, details } = await errorOf(run)
    assert.is(code, 'OPTION_INVALID')
    return details.field
  }
  assert.is(await fieldOf(toCounter), 'transactions')
  assert.is(await fieldOf([{ ...toCounter, to: '0x12' }]), 'transactions[0].to')
  assert.is(await fieldOf([[toCounter, { traces: true }]]), 'config.traces')
  assert.is(await fieldOf([toCounter], { tracer: 'parityTracer' }), 'tracer')
  assert.is(await fieldOf([toCounter], { onFailure: 'stop' }), 'onFailure')
  const signal = AbortSignal.abort('enough')
  const aborted = engine.traceBundle([toCounter], { ...options, signal })
  assert.is((await errorOf(aborted)).code, 'CANCELLED')
})

bundles('what is asked for is checked', async () => {
  const options = { ...place, tracer: 'parity' } as const
  const fieldOf = async (config: object) => {
    const { code, details } = await errorOf(
      engine.traceCall(toCounter, { ...options, config: config as never }),
    )
    assert.is(code, 'OPTION_INVALID')
    return details.field
  }
  assert.is(await fieldOf({ statediff: true }), 'config.statediff')
  assert.is(await fieldOf({ client: 'geth' }), 'config.client')
  assert.is(await fieldOf({ creationMethod: 'yes' }), 'config.creationMethod')
  for (const type of ['trace', 'stateDiff', 'vmTrace']) {
    assert.is(await fieldOf({ [type]: 1 }), `config.${type}`)
  }
})

bundles('failures are told in the form of each client', async () => {
  const told = async (to: Hex, client: ParityClient) => {
    const request = { from: rich, to, gas: 100_000n }
    const options = { ...place, tracer: 'parity', config: { client } } as const
    const { output, trace } = (await engine.traceCall(request, options)).value
    const [{ error, result, revertReason }] = trace
    return { output, error, result, revertReason }
  }
  const { address } = contracts.custom
  const said = '0xaabbccdd'
  const asOpenEthereum = await told(address, 'openethereum')
  assert.equal(asOpenEthereum, {
    output: said,
    error: 'Reverted',
    result: undefined,
    revertReason: undefined,
  })
  assert.equal(await told(address, 'besu'), { ...asOpenEthereum, revertReason: said })
  const { result } = await told(address, 'erigon')
  assert.is(result?.output, said)
  const invalid = contracts.invalid.address
  assert.is((await told(invalid, 'openethereum')).error, 'Bad instruction')
  assert.is((await told(invalid, 'openethereum')).result, undefined)
  assert.is((await told(invalid, 'erigon')).error, 'invalid opcode: INVALID')
  assert.is((await told(invalid, 'erigon')).result, null)
  assert.is((await told(contracts.underflow.address, 'besu')).error, 'Stack underflow')
  assert.is((await told(contracts.badJump.address, 'besu')).error, 'Bad jump destination')
  assert.is((await told(contracts.endless.address, 'openethereum')).error, 'Out of gas')
})

bundles('creations say how, unless it is not wanted', async () => {
  const creation: CallRequest = { from: rich, data: '0x600160005360016000f3' }
  const options = { ...place, tracer: 'parity' } as const
  const method = async (creationMethod?: boolean) => {
    const { value } = await engine.traceCall(creation, { ...options, config: { creationMethod } })
    return value.trace[0].action.creationMethod
  }
  assert.is(await method(), 'create')
  assert.is(await method(true), 'create')
  assert.is(await method(false), undefined)
})

bundles.run()
