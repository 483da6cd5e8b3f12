/** Tracers that are functions of what others say. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exampleBlock } from '../lib/example-blocks/index.js'
import { type CallFrame, Engine, type Hex, MemoryState, ownTracer } from '../lib/index.js'
import { callAlloc, contracts, environment, rich } from './support/call-contracts.js'
import { errorOf, thrownBy } from './support/thrown.js'

const tracers = suite('tracers of one’s own')

const engine = await Engine.create({ threads: 2 })
const { block, options } = exampleBlock(24476005)

const framesIn = (frame: CallFrame): number =>
  1 + (frame.calls ?? []).reduce((sum, call) => sum + framesIn(call), 0)

tracers('are given what they ask for, transaction by transaction', async () => {
  const tracer = ownTracer(
    { callTracer: { withLog: true }, prestateTracer: { diffMode: true } },
    ({ callTracer, prestateTracer }, { txIndex, txHash }) => ({
      txIndex,
      txHash,
      frames: framesIn(callTracer),
      changed: Object.keys(prestateTracer.post).length,
      gas: BigInt(callTracer.gasUsed),
    }),
  )
  const seen: Hex[] = []
  const asked = { ...options, tracer: 'callTracer' } as const
  const frames = engine.traceBlock(block, asked)
  for await (const trace of engine.traceBlock(block, { ...options, tracer })) {
    const { value } = trace
    const call = (await frames.next()).value
    assert.is(value.txIndex, seen.length)
    assert.is(value.txHash, trace.txHash)
    assert.is(value.frames, call === undefined ? 0 : framesIn(call.value))
    assert.ok(value.changed > 0)
    // The very value; in JSON as JSON-RPC has it.
    assert.is(typeof value.gas, 'bigint')
    assert.is(JSON.parse(trace.json).gas, `0x${value.gas.toString(16)}`)
    seen.push(trace.txHash)
  }
  assert.is((await frames.next()).done, true)
  assert.ok(seen.length > 20)
})

tracers('take one transaction, and calls', async () => {
  const frames = ownTracer({ callTracer: {} }, ({ callTracer }, place) => {
    return { ...place, frames: framesIn(callTracer) }
  })
  const one = await engine.traceTransaction(block, 3, { ...options, tracer: frames })
  assert.is(one.value.txIndex, 3)
  assert.is(one.value.txHash, one.txHash)
  const call = await engine.traceCall(
    { from: rich, to: contracts.caller.address },
    { state: new MemoryState(callAlloc), environment, tracer: frames },
  )
  assert.equal(call.value, { txHash: undefined, txIndex: 0, frames: 2 })
  assert.is(call.json, '{"txIndex":0,"frames":2}')
})

tracers('may ask nothing, and give nothing', async () => {
  const tracer = ownTracer({}, () => undefined)
  let count = 0
  for await (const { json, value } of engine.traceBlock(block, { ...options, tracer })) {
    assert.is(value, undefined)
    assert.is(json, 'null')
    count++
  }
  assert.ok(count > 20)
})

tracers('end the iteration by what they throw', async () => {
  const thrown = new RangeError('enough')
  const tracer = ownTracer({ callTracer: {} }, (_, { txIndex }) => {
    if (txIndex === 2) throw thrown
    return txIndex
  })
  const seen: number[] = []
  try {
    for await (const { value } of engine.traceBlock(block, { ...options, tracer })) seen.push(value)
    assert.unreachable()
  } catch (error) {
    assert.is(error, thrown)
  }
  assert.equal(seen, [0, 1])
})

tracers('are made of tracers that are there, and have no options', async () => {
  const wrong = (asks: object, trace: unknown) =>
    thrownBy(() => ownTracer(asks as never, trace as never)).details.field
  assert.is(
    wrong({ fiveByteTracer: {} }, () => 0),
    'config.fiveByteTracer',
  )
  assert.is(
    wrong({ callTracer: { deep: true } }, () => 0),
    'config.callTracer.deep',
  )
  assert.is(wrong({}, 'callTracer'), 'trace')
  const tracer = ownTracer({}, () => 0)
  const withConfig = { ...options, tracer, config: {} } as never
  assert.is((await errorOf(() => engine.traceBlock(block, withConfig))).details.field, 'config')
})

tracers.run()
