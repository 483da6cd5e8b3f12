/** The lines of EIP-3155: what they say of instructions and frames, against `structLogs`. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Eip3155Config,
  type Eip3155Exit,
  type Eip3155Line,
  type Eip3155Step,
  Engine,
  MemoryState,
} from '../lib/index.js'
import { thrownBy } from './support/thrown.js'
import { cast, people, tracedAlloc, tracedBlock } from './support/traced-block.js'

const lines = suite('eip3155')
const engine = await Engine.create({ policy: 'sequential', threads: 1 })
lines.after(() => engine.close())

const block = await tracedBlock()
const state = new MemoryState(tracedAlloc)

const traceOf = (index: number, config: Eip3155Config = {}) =>
  engine.traceTransaction(block, index, { state, tracer: 'eip3155', config })

const isStep = (line: Eip3155Line): line is Eip3155Step => 'pc' in line

/** Members of a step, as geth orders them. */
const members = 'pc op gas gasCost memory memSize stack returnData depth refund opName error'

lines('tell of each instruction what structLogs does', async () => {
  const { receipts } = await engine.executeBlock(block, { state })
  for (const [index] of receipts.entries()) {
    const { value } = await traceOf(index, { enableMemory: true, enableReturnData: true })
    const { value: expected } = await engine.traceTransaction(block, index, {
      state,
      tracer: 'structLogs',
      config: { enableMemory: true, enableReturnData: true },
    })
    const steps = value.filter(isStep)
    // What fails in its execution comes twice: without and with its error.
    const once = steps.filter((step, i) => step.pc !== steps[i - 1]?.pc || step.error === undefined)
    assert.equal(
      once.map((step) => ({
        pc: step.pc,
        op: step.opName,
        gas: Number(step.gas),
        gasCost: Number(step.gasCost),
        memory: step.memory ?? '0x',
        stack: step.stack,
        returnData: step.returnData,
        depth: step.depth,
        refund: step.refund,
      })),
      expected.structLogs.map((step) => ({
        pc: step.pc,
        op: step.op,
        gas: step.gas,
        gasCost: step.gasCost,
        memory: `0x${(step.memory ?? []).map((word) => word.slice(2)).join('')}`,
        stack: step.stack,
        returnData: step.returnData,
        depth: step.depth,
        refund: step.refund ?? 0,
      })),
      `${index}`,
    )
    for (const step of steps) {
      assert.is(step.memSize, step.memory === undefined ? 0 : (step.memory.length - 2) / 2)
      assert.equal(
        Object.keys(step),
        members.split(' ').filter((name) => name in step),
      )
    }
  }
})

lines('are text, a line each, and values when they are looked at', async () => {
  const trace = await traceOf(6)
  assert.match(trace.json, /^\{"pc":0,.*\}\n\{"output":"","gasUsed":"0x[0-9a-f]+"\}\n$/s)
  assert.is(Buffer.from(trace.bytes).toString(), trace.json)
  assert.equal(
    trace.value,
    trace.json
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  )
  assert.is(trace.value, trace.value)
  const ops = trace.value.filter(isStep).map(({ opName }) => opName)
  assert.equal(ops, 'PUSH1 SLOAD PUSH1 ADD PUSH1 SSTORE PUSH1 PUSH1 PUSH1 LOG1 STOP'.split(' '))
  assert.equal(JSON.parse(JSON.stringify(trace)).result, trace.value)
})

lines('leave out stacks, and tell of frames that are entered', async () => {
  const { value } = await traceOf(0, { disableStack: true, callFrames: true })
  for (const line of value) if (isStep(line)) assert.is(line.stack, null)
  const entries = value.filter((line) => 'from' in line)
  assert.equal(
    entries.map(({ from, to, value: wei, type }) => [from, to, wei, type]),
    [
      [people[0].address, cast.splitter, '0x7', 'CALL'],
      [cast.splitter, cast.payees[0], '0x3', 'CALL'],
      [cast.splitter, cast.payees[1], '0x4', 'CALL'],
    ],
  )
  const exits = value.filter((line) => 'output' in line)
  assert.is(exits.length, 3)
})

lines('tell why a frame failed', async () => {
  const { value } = await traceOf(1)
  const [fault, exit] = value.slice(-2)
  assert.is((fault as Eip3155Step).opName, 'REVERT')
  assert.is((fault as Eip3155Step).error, 'execution reverted')
  assert.ok('output' in exit && exit.output.startsWith('08c379a0'))
  assert.is('error' in exit && exit.error, 'execution reverted')
})

lines('end where they have taken what they may', async () => {
  const { json: whole } = await traceOf(6)
  const { json } = await traceOf(6, { limit: 300 })
  assert.ok(whole.startsWith(json))
  assert.ok(json.length > 300 && json.length < 600, `${json.length}`)
  assert.ok(json.endsWith('}\n'))
})

lines('tell of a call', async () => {
  const environment = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: cast.friend }
  const request = { from: people[0].address, to: cast.counter, gas: 100_000n }
  const { json, value } = await engine.traceCall(request, { state, environment, tracer: 'eip3155' })
  assert.is(json.split('\n').length, value.length + 1)
  assert.is(value.length, 12)
  const [first] = value
  assert.ok(isStep(first) && first.gas === '0x13498', JSON.stringify(first))
})

/** The steps of code that is run as init code. */
async function stepsOf(code: string): Promise<Eip3155Step[]> {
  const environment = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: cast.friend }
  const where = { state, environment, tracer: 'eip3155', hardfork: 'osaka' } as const
  const { value } = await engine.traceCall({ data: `0x${code}`, gas: 200_000n }, where)
  return value.filter(isStep)
}

lines(
  'tell of an instruction without its operands the cost that is fixed, as geth counts it',
  async () => {
    for (const [op, cost] of [
      ['a4', '0x0'],
      ['0a', '0x0'],
      ['55', '0x0'],
      ['54', '0x0'],
      ['ff', '0x1388'],
      ['01', '0x3'],
      ['20', '0x1e'],
    ]) {
      const [{ gasCost, error }] = await stepsOf(op)
      assert.is(gasCost, cost, op)
      assert.match(error ?? '', /^stack underflow/)
    }
  },
)

lines('tell of memory that has grown where an operation fails', async () => {
  // RETURNDATACOPY(0, 0, 33) of nothing
  const steps = await stepsOf('60215f5f3e')
  const [before, fault] = steps.slice(-2)
  assert.equal([before.memSize, fault.memSize], [0, 64])
  assert.is(fault.error, 'return data out of bounds')
})

lines('tell what init code has returned that may not become code', async () => {
  const environment = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: cast.friend }
  const where = { state, environment, tracer: 'eip3155', hardfork: 'osaka' } as const
  // MSTORE8(0, 0xef), RETURN(0, 2)
  const { value } = await engine.traceCall({ data: '0x60ef5f5360025ff3', gas: 200_000n }, where)
  const { gasUsed: _, ...exit } = value.at(-1) as Eip3155Exit
  const error = 'invalid code: must not begin with 0xef'
  assert.equal(exit, { output: 'ef00', error })
  const call = await engine.traceCall(
    { data: '0x60ef5f5360025ff3', gas: 200_000n },
    { ...where, tracer: 'callTracer' },
  )
  assert.equal([call.value.output, call.value.error], [undefined, error])
})

lines('refuse what they cannot be asked for', () => {
  for (const [config, field] of [
    [{ disableStorage: true }, 'config.disableStorage'],
    [{ callFrames: 1 }, 'config.callFrames'],
    [{ limit: -1 }, 'config.limit'],
  ] as const) {
    const options = { state, tracer: 'eip3155', config } as never
    const { code, details } = thrownBy(() => engine.traceBlock(block, options))
    assert.equal([code, details.field], ['OPTION_INVALID', field])
  }
})

lines.run()
