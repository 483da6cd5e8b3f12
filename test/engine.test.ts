import { createBlockFromRLP } from '@ethereumjs/block'
import { Common, Mainnet } from '@ethereumjs/common'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BlockEnvironment,
  Engine,
  InvalidBlockError,
  InvalidTransactionError,
  MemoryState,
  VmError,
} from '../lib/index.js'
import { finishedBlock } from './support/demo.js'
import { errorOf } from './support/thrown.js'

const engineSuite = suite('engine')

const engine = await Engine.create()
const { demo, state, outcome, encoded } = finishedBlock(engine)

const zeroHash = `0x${'00'.repeat(32)}` as const

engineSuite('executes a block and leaves the state as it is', async () => {
  const before = state.stateRoot()
  const result = await engine.executeBlock(encoded, { state })
  assert.is(result.number, 20_000_000n)
  assert.is(result.hardfork, 'cancun')
  assert.is(result.transactionCount, demo.transactions.length)
  assert.is(result.requestsHash, undefined)
  assert.equal(result.requests, [])
  assert.equal(result.verify(), [])
  assert.is(state.stateRoot(), before)
  for (const phase of Object.values(result.timings)) assert.ok(phase >= 0)
  assert.ok(result.timings.execute > 0)

  const after = state.clone()
  after.commit(result)
  assert.is(after.stateRoot(), outcome.stateRoot)
  assert.is(state.stateRoot(), before)
})

engineSuite('tells what changed in the state', async () => {
  const result = await engine.executeBlock(encoded, { state })
  const after = state.clone()
  after.commit(result)
  const changes = [...result.stateDiff]
  assert.is(changes.length, result.stateDiff.size)
  const changed = new Map(changes.map((change) => [change.address, change]))
  for (const { address, balance, nonce, codeHash, storage } of after.dump()) {
    const before = state.getAccount(address)
    const change = changed.get(address)
    if (change === undefined) {
      assert.equal(before, { address, nonce, balance, codeHash })
      continue
    }
    assert.equal(change.exists, { before: before !== undefined, after: true })
    assert.equal(change.balance, { before: before?.balance ?? 0n, after: balance })
    assert.equal(change.nonce, { before: before?.nonce ?? 0n, after: nonce })
    assert.is(change.codeHash.after, codeHash)
    assert.is(
      change.code,
      before === undefined && storage.size > 0 ? after.getCode(address) : undefined,
    )
    for (const slot of change.slots) {
      assert.is(slot.before, state.getStorage(address, slot.slot))
      assert.is(slot.after, after.getStorage(address, slot.slot))
    }
    assert.equal((change.toJSON() as { slots: unknown }).slots, change.slots)
  }
})

engineSuite('takes a Block of @ethereumjs', async () => {
  const common = new Common({ chain: Mainnet })
  const block = createBlockFromRLP(encoded, { common, setHardfork: true })
  const result = await engine.executeBlock(block, { state })
  assert.equal(result.verify(), [])
})

for (const [field, change] of [
  ['gasUsed', { gasUsed: outcome.gasUsed + 1n }],
  ['logsBloom', { logsBloom: `0x${'ff'.repeat(256)}` as const }],
  ['receiptsRoot', { receiptsRoot: zeroHash }],
] as const) {
  engineSuite(`names ${field} where the header is wrong about it`, async () => {
    const wrong = demo.encode({ ...outcome, ...change })
    const error = await errorOf(engine.executeBlock(wrong, { state }))
    assert.instance(error, InvalidBlockError)
    assert.is(error.code, 'BLOCK_FIELD_MISMATCH')
    assert.is(error.details.field, field)
    assert.is(error.details.actual, outcome[field])
    assert.is(error.details.expected, (change as Record<string, unknown>)[field])
  })
}

engineSuite('lists all differences where it is not to throw', async () => {
  const wrong = demo.encode({ ...outcome, gasUsed: 7n, receiptsRoot: zeroHash })
  const result = await engine.executeBlock(wrong, { state, verify: false })
  assert.equal(
    result.verify().map(({ field }) => field),
    ['gasUsed', 'receiptsRoot'],
  )
})

engineSuite('names the transaction that may not be in the block', async () => {
  const { sender } = demo.transactions[5]
  const poor = new MemoryState({ ...demo.alloc, [sender]: { balance: 1n } })
  const before = poor.stateRoot()
  const error = await errorOf(engine.executeBlock(encoded, { state: poor }))
  assert.instance(error, InvalidTransactionError)
  assert.is(error.code, 'TX_INSUFFICIENT_FUNDS')
  assert.is(error.details.txIndex, 5)
  assert.is(poor.stateRoot(), before)
})

engineSuite('needs the code that it runs', async () => {
  const codeHash = `0x${'77'.repeat(32)}`
  const [token] = Object.keys(demo.alloc).filter((address) => 'code' in demo.alloc[address])
  const lacking = new MemoryState({ ...demo.alloc, [token]: { codeHash } })
  const error = await errorOf(engine.executeBlock(encoded, { state: lacking }))
  assert.is(error.code, 'STATE_MISSING_CODE')
})

engineSuite('refuses what is no block and no state', async () => {
  for (const source of [null, 7, 'block', {}, { header: 1 }, Buffer.from('c0', 'hex')]) {
    const error = await errorOf(engine.executeBlock(source as never, { state }))
    assert.match(error.code, /^DECODE_/)
  }
  const error = await errorOf(engine.executeBlock(encoded, { state: {} as never }))
  assert.is(error.code, 'OPTION_INVALID')
})

engineSuite('tells that an EVM is not there', async () => {
  const error = await errorOf(Engine.create({ vm: '/nowhere/libnothing.so' }))
  assert.instance(error, VmError)
  assert.is(error.code, 'VM_NOT_FOUND')
  assert.is((await errorOf(Engine.create({ vm: '' }))).code, 'OPTION_INVALID')
  assert.is((await errorOf(Engine.create({ threads: -1 }))).code, 'OPTION_INVALID')
  for (const decodedCodeBytes of [-1, 1.5, Infinity, '1' as unknown as number]) {
    const error = await errorOf(Engine.create({ decodedCodeBytes }))
    assert.is(error.code, 'OPTION_INVALID')
    assert.match(error.message, 'decodedCodeBytes')
  }
})

engineSuite('does nothing once it is closed', async () => {
  const closed = await Engine.create()
  assert.type(closed.vm.name, 'string')
  closed.close()
  closed.close()
  assert.is((await errorOf(closed.executeBlock(encoded, { state }))).code, 'ENGINE_CLOSED')
})

engineSuite('runs many blocks at once, each with its own result', async () => {
  const expected = engine.executeBlockSync(encoded, { state }).receiptsRoot
  const results = await Promise.all(
    Array.from({ length: 20 }, () => engine.executeBlock(encoded, { state })),
  )
  for (const result of results) assert.is(result.receiptsRoot, expected)
})

const environment: BlockEnvironment = {
  number: 20_000_000n,
  timestamp: 1_717_281_407n,
  gasLimit: 30_000_000n,
  coinbase: `0x${'fe'.repeat(20)}`,
  baseFee: 7n,
}

engineSuite('executes transactions without a block', async () => {
  const sender = `0x${'aa'.repeat(20)}`
  const to = `0x${'BB'.repeat(20)}`
  const rich = new MemoryState({ [sender]: { balance: 10n ** 18n } })
  const transfer = { sender, to, nonce: 0n, gasLimit: 21_000n, gasPrice: 8n, value: 5n }
  const result = await engine.executeTransactions(
    environment,
    [transfer, { ...transfer, nonce: 1n, value: 6n }],
    { state: rich },
  )
  assert.is(result.gasUsed, 42_000n)
  assert.is(result.receipts[1].from, sender)
  assert.is(result.receipts[1].to, to.toLowerCase())
  assert.is(result.receipts[1].transactionHash, undefined)
  assert.is(result.receipts[1].type, 'legacy')
  rich.commit(result)
  assert.is(rich.getAccount(to.toLowerCase())?.balance, 11n)

  const error = await errorOf(engine.executeTransactions(environment, [transfer], { state: rich }))
  assert.is(error.code, 'TX_NONCE_TOO_LOW')
})

engineSuite('executes signed transactions without a block', async () => {
  const [signed] = demo.transactions
  const result = await engine.executeTransactions(
    { ...environment, baseFee: 7_000_000_000n },
    [signed.encoded],
    { state },
  )
  const [receipt] = result.receipts
  assert.is(receipt.from, signed.sender)
  assert.is(receipt.status, 'success')
  assert.match(receipt.transactionHash as string, /^0x[0-9a-f]{64}$/)
})

engineSuite('executes transactions under a hardfork by name', async () => {
  const sender = `0x${'aa'.repeat(20)}`
  const rich = new MemoryState({ [sender]: { balance: 10n ** 18n } })
  const typed = { sender, to: sender, nonce: 0n, gasLimit: 21_000n, maxFeePerGas: 8n }
  const error = await errorOf(
    engine.executeTransactions(environment, [typed], { state: rich, hardfork: 'Berlin' }),
  )
  assert.is(error.code, 'TX_TYPE_NOT_SUPPORTED')
  const unknown = await errorOf(
    engine.executeTransactions(environment, [typed], { state: rich, hardfork: 'Unheard' }),
  )
  assert.is(unknown.code, 'UNSUPPORTED_HARDFORK')
})

engineSuite('await using closes an engine and waits for what it runs', async () => {
  const using = await Engine.create()
  const ended: string[] = []
  const running = [
    using.executeBlock(encoded, { state }).then(() => ended.push('block')),
    errorOf(using.executeBlock(encoded, { state: new MemoryState() })).then(() =>
      ended.push('failure'),
    ),
  ]
  const disposed = using[Symbol.asyncDispose]().then(() => ended.push('disposed'))
  assert.is((await errorOf(using.executeBlock(encoded, { state }))).code, 'ENGINE_CLOSED')
  await disposed
  assert.is(ended.length, 3)
  assert.is(ended[2], 'disposed')
  await Promise.all(running)
  await using[Symbol.asyncDispose]()
})

engineSuite('await using ends an execution of blocks', async () => {
  let isReturned = false
  function* blocks() {
    try {
      for (;;) yield encoded
    } finally {
      isReturned = true
    }
  }
  const results = engine.executeBlocks(blocks(), { state: state.clone() })
  assert.is((await results.next()).done, false)
  await results[Symbol.asyncDispose]()
  assert.ok(isReturned)
  assert.equal(await results.next(), { value: undefined, done: true })
})

engineSuite.run()
