import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { alloc, makeChain, people } from '../examples/support/chain.mjs'
import { Engine, MemoryState } from '../lib/index.js'

const display = suite('display')

const [block] = await makeChain(1)
const engine = await Engine.create({ policy: 'sequential' })
const result = await engine.executeBlock(block, { state: new MemoryState(alloc) })

/** What console.log prints, all levels of it. */
const shown = (value: unknown) => inspect(value, { depth: Number.POSITIVE_INFINITY })

display('receipts, logs, diffs and reports are shown as plain objects of their class', () => {
  const [receipt] = result.receipts
  const [log] = receipt.logs
  const [diff] = result.stateDiff
  for (const [name, value] of Object.entries({
    BlockReceipt: receipt,
    BlockLog: log,
    AccountDiff: diff,
    ExecutionReport: result.report,
  })) {
    assert.is(shown(value), `${name} ${shown({ ...value })}`)
  }
})

display('a header shows its fields, a result what its block did; neither shows bytes', () => {
  const { header } = result
  const text = shown(header)
  assert.match(text, /^BlockHeader \{/)
  for (const field of ['hash', 'parentHash', 'stateRoot', 'logsBloom'] as const) {
    assert.ok(text.includes(`${field}: '${header[field]}'`), field)
  }
  assert.ok(text.includes('number: 20000000n'))
  const whole = shown(result)
  assert.match(whole, /^BlockResult \{\n {2}number: 20000000n,/)
  assert.ok(whole.includes(result.hash))
  for (const bytes of [text, whole]) assert.not.match(bytes, /Buffer|Uint8Array|PackedReader/)
})

display('so does a result of transactions without a block', async () => {
  const environment = { number: 1n, timestamp: 1n, gasLimit: 1n, coinbase: people[0] }
  const state = new MemoryState(alloc)
  const simulated = await engine.executeTransactions(environment, [], { state })
  assert.match(shown(simulated), /^ExecutionResult \{\n? +transactionCount: 0,/)
})

display('what lies too deep is named', () => {
  assert.is(inspect({ header: result.header }, { depth: 0 }), '{ header: [BlockHeader] }')
})

display.run()
