/** Logs, receipts and call frames as columns. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type CallColumns,
  type CallFrame,
  callFailures,
  Engine,
  frameKinds,
  type Hex,
  MemoryState,
} from '../lib/index.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { errorOf } from './support/thrown.js'
import { cast, people, tracedAlloc, tracedBlock } from './support/traced-block.js'

const columns = suite('columns')
const fixtures = withFixtures(columns, 'columns of mainnet blocks')

const engine = await Engine.create({ policy: 'sequential', threads: 1 })

const hexOf = (bytes: Uint8Array, size: number, row: number): Hex =>
  `0x${Buffer.from(bytes.subarray(size * row, size * row + size)).toString('hex')}`

type Prepared = Parameters<Engine['executeBlock']>

/** Blocks with what they are executed on. */
async function made(): Promise<Prepared> {
  return [await tracedBlock(), { state: new MemoryState(tracedAlloc) }]
}

function* mainnet(): Generator<Prepared> {
  for (const name of fixtureNames('mainnet_blocks').filter((_, i) => i % 5 === 0)) {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const state = new MemoryState(preState)
    const forgiven = { forgiveMissingSystemContracts: true, forgiveMissingOmmers: true }
    yield [block, { state, blockHashes, ...forgiven }]
  }
}

async function checkLogs([block, options]: Prepared): Promise<void> {
  const result = await engine.executeBlock(block, options)
  const { logs } = result.toColumns()
  assert.is(logs.length, result.logs.length)
  for (const [i, log] of result.logs.entries()) {
    assert.is(logs.logIndex[i], log.logIndex)
    assert.is(logs.transactionIndex[i], log.transactionIndex)
    assert.is(hexOf(logs.address, 20, i), log.address)
    assert.is(logs.topicCount[i], log.topics.length)
    const topics = Array.from({ length: 4 }, (_, k) => hexOf(logs.topics, 32, 4 * i + k))
    assert.equal(topics.slice(0, log.topics.length), log.topics)
    for (const rest of topics.slice(log.topics.length)) assert.match(rest, /^0x0+$/)
    const data = logs.data.subarray(logs.dataOffset[i], logs.dataOffset[i + 1])
    assert.is(`0x${Buffer.from(data).toString('hex')}`, log.data)
  }
}

async function checkReceipts([block, options]: Prepared): Promise<void> {
  const result = await engine.executeBlock(block, options)
  const { receipts } = result.toColumns()
  assert.is(receipts.length, result.receipts.length)
  const types = ['legacy', 'eip2930', 'eip1559', 'eip4844', 'eip7702']
  for (const [i, receipt] of result.receipts.entries()) {
    assert.is(hexOf(receipts.transactionHash, 32, i), receipt.transactionHash)
    assert.is(types[receipts.type[i]], receipt.type)
    assert.is(receipts.status[i] === 1, receipt.status === 'success')
    assert.is(receipts.evmStatus[i], receipt.evmStatus)
    assert.is(hexOf(receipts.from, 20, i), receipt.from)
    assert.is(receipts.creates[i] === 1, receipt.to === null)
    const nobody = `0x${'00'.repeat(20)}`
    assert.is(hexOf(receipts.to, 20, i), receipt.to ?? nobody)
    assert.is(hexOf(receipts.contractAddress, 20, i), receipt.contractAddress ?? nobody)
    assert.is(receipts.gasUsed[i], receipt.gasUsed)
    assert.is(receipts.cumulativeGasUsed[i], receipt.cumulativeGasUsed)
    assert.is(receipts.blobGasUsed[i], receipt.blobGasUsed ?? 0n)
    assert.is(BigInt(hexOf(receipts.effectiveGasPrice, 32, i)), receipt.effectiveGasPrice)
    assert.is(receipts.logCount[i], receipt.logs.length)
    if (receipt.logs.length > 0) assert.is(receipts.logStart[i], receipt.logs[0].logIndex)
  }
}

/** What geth's words for failures are in those of columns. */
const words: Readonly<Record<string, string>> = {
  'execution reverted': 'reverted',
  'out of gas': 'outOfGas',
  'write protection': 'writeProtection',
  'invalid jump destination': 'invalidJump',
  'max call depth exceeded': 'callDepth',
  'insufficient balance for transfer': 'insufficientBalance',
  'contract address collision': 'addressCollision',
}

function failureOf(error: string): string | undefined {
  if (error.startsWith('invalid opcode')) return 'invalidOpcode'
  if (error.startsWith('out of gas')) return 'outOfGas'
  return words[error]
}

function checkFrames(calls: CallColumns, top: CallFrame, transaction: number, start: number) {
  let row = start
  const visit = (frame: CallFrame, parent: number, depth: number): void => {
    const own = row++
    assert.is(calls.transactionIndex[own], transaction)
    assert.is(calls.parent[own], parent)
    assert.is(calls.depth[own], depth)
    assert.is(frameKinds[calls.kind[own]], frame.type)
    assert.is(hexOf(calls.from, 20, own), frame.from)
    if (frame.to !== undefined) assert.is(hexOf(calls.to, 20, own), frame.to)
    const value = BigInt(hexOf(calls.value, 32, own))
    if (frame.value !== undefined) assert.is(value, BigInt(frame.value))
    assert.is(calls.gas[own], BigInt(frame.gas))
    assert.is(calls.gasUsed[own], BigInt(frame.gasUsed))
    const input = frame.input ?? '0x'
    assert.is(calls.inputSize[own], input.length / 2 - 1)
    const hasSelector = input.length >= 10 && !frame.type.startsWith('CREATE')
    assert.is(calls.selector[own], hasSelector ? Number(input.slice(0, 10)) : 0)
    const failure = callFailures[calls.failure[own]]
    assert.is(failure === undefined, frame.error === undefined, frame.error)
    const wanted = failureOf(frame.error ?? '')
    if (wanted !== undefined) assert.is(failure, wanted)
    for (const call of frame.calls ?? []) visit(call, own, depth + 1)
  }
  visit(top, -1, 0)
  return row
}

async function checkCalls([block, options]: Prepared): Promise<number> {
  const calls = await engine.callColumns(block, options)
  let row = 0
  const traces = engine.traceBlock(block, { ...options, tracer: 'callTracer' })
  for await (const { txIndex, value } of traces) row = checkFrames(calls, value, txIndex, row)
  assert.is(row, calls.length)
  return row
}

columns('of logs are the logs', async () => {
  await checkLogs(await made())
  const [block, options] = await made()
  const result = await engine.executeBlock(block, options)
  const topics = [`0x${'09'.padStart(64, '0')}`] as const
  const filtered = result.toColumns({ topics }).logs
  assert.is(filtered.length, result.getLogs({ topics }).length)
  assert.ok(filtered.length > 20)
  assert.is(result.toColumns({ topics: [topics[0], null] }).logs.length, 0)
})

columns('of receipts are the receipts', async () => checkReceipts(await made()))

columns('of calls are the calls', async () => {
  assert.ok((await checkCalls(await made())) > 30)
})

columns('do not depend on who executes', async () => {
  const parallel = await Engine.create({ policy: 'optimistic', threads: 2 })
  const [first, second] = [await made(), await made()]
  assert.equal(await parallel.callColumns(...first), await engine.callColumns(...second))
  parallel.close()
})

columns('of transactions that nobody has signed have no hashes', async () => {
  const [sender] = people
  const environment = { number: 20_000_000n, timestamp: 1_720_000_000n, gasLimit: 30_000_000n }
  const result = await engine.executeTransactions(
    { ...environment, coinbase: cast.friend },
    [{ sender: sender.address, nonce: 0, gasLimit: 100_000, gasPrice: 0, to: cast.counter }],
    { state: new MemoryState(tracedAlloc) },
  )
  const { logs, receipts } = result.toColumns()
  assert.is(logs.length, 1)
  assert.is(receipts.status[0], 1)
  assert.match(hexOf(receipts.transactionHash, 32, 0), /^0x0+$/)
  const [log] = result.getLogs({ address: cast.counter })
  assert.is(log.transactionHash, undefined)
  assert.is(log.address, hexOf(logs.address, 20, 0))
})

columns('are copies', async () => {
  const [block, options] = await made()
  const result = await engine.executeBlock(block, options)
  const { logs } = result.toColumns()
  const [{ address }] = result.getLogs()
  logs.address.fill(0)
  assert.is(result.getLogs()[0].address, address)
  const moved = structuredClone(logs, { transfer: [logs.data.buffer as ArrayBuffer] })
  assert.is(moved.length, logs.length)
})

columns('of a block without transactions are empty', async () => {
  const [block, options] = await made()
  const result = await engine.executeBlock(block, options)
  const none = result.toColumns({ address: `0x${'77'.repeat(20)}` }).logs
  assert.is(none.length, 0)
  assert.equal([...none.dataOffset], [0])
})

columns('refuse what is malformed', async () => {
  const [block, options] = await made()
  const result = await engine.executeBlock(block, options)
  const filter = { address: '0x12' as Hex }
  assert.is((await errorOf(() => result.toColumns(filter).logs)).code, 'OPTION_INVALID')
  const wrong = { ...options, tracer: 'callTracer' }
  const error = await errorOf(() => engine.callColumns(block, wrong as typeof options))
  assert.is(error.code, 'OPTION_INVALID')
  assert.is(error.details.field, 'tracer')
})

fixtures.test('are what objects say, in blocks of mainnet', async () => {
  let frames = 0
  for (const prepared of mainnet()) {
    await checkLogs(prepared)
    await checkReceipts(prepared)
    frames += await checkCalls(prepared)
  }
  assert.ok(frames > 1000, `${frames}`)
})

columns.after(() => engine.close())
columns.run()
fixtures.report()
