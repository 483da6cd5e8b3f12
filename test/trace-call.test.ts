/** Calls that are traced, as `debug_traceCall` does. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CallRequest, Engine, MemoryState, SourceState } from '../lib/index.js'
import {
  at,
  callAlloc,
  contracts,
  dataOf,
  environment,
  errorData,
  poor,
  rich,
  word,
} from './support/call-contracts.js'
import { errorOf } from './support/thrown.js'

const traces = suite('traced calls')

const engine = await Engine.create({ threads: 2 })
const state = new MemoryState(callAlloc)
const place = { state, environment }

const toCounter: CallRequest = { from: rich, to: contracts.caller.address, gas: 200_000n }

traces('show the frames of a call, and give the same gas as the call itself', async () => {
  const trace = await engine.traceCall(toCounter, { ...place, tracer: 'callTracer' })
  const { value } = trace
  const outcome = await engine.call(toCounter, place)
  assert.is(outcome.status, 'success')
  assert.is(BigInt(value.gasUsed), outcome.status === 'success' ? outcome.gasUsed : 0n)
  assert.is(value.type, 'CALL')
  assert.is(value.from, rich)
  assert.is(value.gas, '0x30d40')
  assert.is(value.calls?.length, 1)
  assert.is(value.calls?.[0].to, contracts.counter.address)
  assert.equal(JSON.parse(JSON.stringify(trace)), JSON.parse(trace.json))
})

traces('leave the state as it is', async () => {
  const before = state.stateRoot()
  await engine.traceCall(toCounter, {
    ...place,
    tracer: 'prestateTracer',
    config: { diffMode: true },
  })
  assert.is(state.stateRoot(), before)
})

traces('say what was looked up and changed', async () => {
  const { value } = await engine.traceCall(toCounter, {
    ...place,
    tracer: 'prestateTracer',
    config: { diffMode: true },
  })
  const counter = value.post[contracts.counter.address]
  assert.equal(counter?.storage, { [word(0)]: word(1) })
})

traces('may have more gas than the block, up to the cap', async () => {
  const config = { disableStack: true, disableStorage: true, limit: 1 }
  const options = { ...place, tracer: 'structLogs', config } as const
  const { value } = await engine.traceCall(
    { to: contracts.endless.address, gas: 90_000_000n },
    { ...options, gasCap: 70_000_000n },
  )
  assert.is(value.failed, true)
  assert.is(value.gas, 70_000_000)
  assert.is(value.structLogs.length, 1)
})

traces('are in no block: as with geth its hash is null and its number 0', async () => {
  const { value } = await engine.traceCall(toCounter, { ...place, tracer: 'flatCallTracer' })
  assert.is(value.length, 2)
  assert.is(value[0].blockHash, null)
  assert.is(value[0].blockNumber, 0)
  assert.is(value[0].transactionHash, null)
  assert.is(value[0].transactionPosition, 0)
})

traces('ask several tracers', async () => {
  const config = { prestateTracer: {}, callTracer: { onlyTopCall: true } }
  const both = await engine.traceCall(toCounter, { ...place, tracer: 'muxTracer', config })
  const alone = await engine.traceCall(toCounter, {
    ...place,
    tracer: 'callTracer',
    config: config.callTracer,
  })
  const { callTracer, prestateTracer } = JSON.parse(both.json)
  assert.equal(callTracer, alone.value)
  assert.ok(prestateTracer[contracts.counter.address])
})

traces('tell why a call reverts', async () => {
  const request = { to: contracts.reverter.address }
  const { value } = await engine.traceCall(request, { ...place, tracer: 'callTracer' })
  assert.is(value.error, 'execution reverted')
  assert.is(value.revertReason, 'not today')
  assert.is(value.output, `0x${errorData('not today')}`)
})

traces('take overrides, of the state and of the block', async () => {
  const { value } = await engine.traceCall(
    { to: contracts.mirror.address },
    {
      ...place,
      tracer: 'callTracer',
      blockOverrides: { number: 7n },
      overrides: { [at('00')]: { balance: 5n } },
    },
  )
  const words = (value.output ?? '0x').slice(2).match(/.{64}/g) ?? []
  assert.is(BigInt(`0x${words[2]}`), 7n)
  assert.is(BigInt(`0x${words[6]}`), 5n)
})

traces('load what a state out of a source lacks, also what only the tracer looks at', async () => {
  const source = new SourceState({
    getAccount: async (address) => state.getAccount(address),
    getStorage: async (address, slot) => state.getStorage(address, slot),
    getCode: async (_, address) => Buffer.from(state.getCode(address).slice(2), 'hex'),
  })
  for (const tracer of ['prestateTracer', 'callTracer', 'structLogs'] as const) {
    const options = { environment, tracer } as const
    const known = await engine.traceCall(toCounter, { ...options, state })
    const asked = await engine.traceCall(toCounter, { ...options, state: source })
    assert.is(asked.json, known.json)
  }
})

traces('fail where the call is impossible', async () => {
  const options = { ...place, tracer: 'callTracer' } as const
  const sending = engine.traceCall({ from: poor, to: rich, value: 1n }, options)
  assert.is((await errorOf(sending)).code, 'TX_INSUFFICIENT_FUNDS')
  const dear = engine.traceCall({ from: rich, to: poor, gas: 20_000n }, options)
  assert.is((await errorOf(dear)).code, 'TX_INTRINSIC_GAS_TOO_LOW')
})

traces('fail where an option is wrong', async () => {
  const wrong = async (options: object, request: object = toCounter) =>
    (
      await errorOf(
        engine.traceCall(request, { ...place, tracer: 'callTracer', ...options } as never),
      )
    ).details.field
  assert.is(await wrong({ tracer: 'nothing' }), 'tracer')
  assert.is(await wrong({ config: { deep: true } }), 'config.deep')
  assert.is(await wrong({ gasCap: -1n }), 'gasCap')
  assert.is(await wrong({ txIndex: 0 }), 'txIndex')
  assert.is(await wrong({}, { to: '0x12' }), 'to')
})

traces('end when they are aborted', async () => {
  const request = { to: contracts.token.address, data: dataOf(BigInt(rich)) }
  const options = { ...place, tracer: 'callTracer', signal: AbortSignal.abort() } as const
  assert.is((await errorOf(engine.traceCall(request, options))).code, 'CANCELLED')
})

traces.run()
