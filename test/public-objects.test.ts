import { inspect, stripVTControlCharacters } from 'node:util'
import { MessageChannel, Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatTransactionReceipt, parseAbi, parseEventLogs } from 'viem'
import { alloc, makeChain, people, token } from '../examples/support/chain.mjs'
import {
  BlockHeader,
  type BlockResult,
  Engine,
  encodeBlock,
  isBraidError,
  MemoryState,
  type RpcBlock,
  StateTrie,
} from '../lib/index.js'
import { mixedBlock } from './support/mixed-block.js'

const objects = suite('public objects')

const blocks = await makeChain(2)
const engine = await Engine.create({ threads: 2, policy: 'ahead' })
const state = new MemoryState(alloc)
const fresh = () => engine.executeBlock(blocks[0], { state })
const result = await fresh()
const mixed = (await mixedBlock(engine)).result
const simulated = await engine.executeTransactions(
  { number: 20_000_000n, timestamp: 1_720_000_000n, gasLimit: 10_000_000n, coinbase: people[0] },
  [{ sender: people[0], nonce: 0, gasLimit: 21_000, gasPrice: 0, to: people[1], value: 5 }],
  { state },
)

/** What an object holds, classes aside; each of its members must be documented. */
function membersOf(value: object): string[] {
  const names: string[] = []
  for (const name in value) names.push(name)
  assert.equal(names, Object.keys(value))
  return names.sort()
}

const logMembers = [
  'address',
  'blockHash',
  'blockNumber',
  'blockTimestamp',
  'data',
  'logIndex',
  'removed',
  'topics',
  'transactionHash',
  'transactionIndex',
]
const receiptMembers = [
  'blobGasPrice',
  'blobGasUsed',
  'blockHash',
  'blockNumber',
  'contractAddress',
  'cumulativeGasUsed',
  'effectiveGasPrice',
  'evmStatus',
  'from',
  'gasUsed',
  'logs',
  'logsBloom',
  'output',
  'root',
  'status',
  'to',
  'transactionHash',
  'transactionIndex',
  'type',
]
const resultMembers = [
  'blobGasUsed',
  'gasUsed',
  'logs',
  'logsBloom',
  'receipts',
  'report',
  'stateDiff',
  'transactionCount',
]

objects('show what is documented and nothing else', () => {
  assert.equal(membersOf(result.logs[0]), logMembers)
  assert.equal(membersOf(result.receipts[0]), [...receiptMembers, 'hasStatus'].sort())
  assert.equal(membersOf(simulated.receipts[0]), receiptMembers)
  assert.equal(membersOf(simulated), resultMembers)
  const ofBlocks = [
    'hardfork',
    'hash',
    'header',
    'number',
    'receiptsRoot',
    'requests',
    'requestsHash',
    'stateRoot',
    'timings',
  ]
  assert.equal(membersOf(result), [...resultMembers, ...ofBlocks].sort())
  assert.equal(membersOf(result.stateDiff), ['accounts', 'size'])
  assert.equal(membersOf(result.stateDiff.accounts[0]), [
    'address',
    'balance',
    'code',
    'codeHash',
    'exists',
    'nonce',
    'slots',
    'storageCleared',
  ])
  assert.equal(membersOf(result.report).length, 12)
  const { length } = membersOf(result.header)
  assert.is(length, 22)
  assert.equal(membersOf(state), [])
  assert.equal(membersOf(engine), [])
})

/** An object with all that it holds, in the end plain values. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return new Map(value)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}

/** What arrives at the other end of a message channel. */
function posted(value: unknown): Promise<unknown> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port2.once('message', (message) => {
      port1.close()
      resolve(message)
    })
    port1.postMessage(value)
  })
}

objects('keep their content where they are cloned, posted and spread', async () => {
  for (const value of [result, mixed, simulated]) {
    const expected = plain(value) as BlockResult
    assert.ok(expected.receipts.length > 0)
    assert.equal(structuredClone(value), expected)
    assert.equal(await posted(value), expected)
    assert.equal(plain({ ...value }), expected)
    for (const part of [value.receipts[0], value.stateDiff, value.report]) {
      assert.equal(structuredClone(part), plain(part))
      assert.equal(plain({ ...part }), plain(part))
    }
  }
  const [log] = result.logs
  assert.equal(structuredClone(log), plain(log))
  assert.is({ ...log }.address, token)
  const { header } = result
  assert.equal(structuredClone(header), plain(header))
  assert.is({ ...header }.hash, result.hash)
  assert.is(structuredClone(mixed).receipts.length, mixed.receipts.length)
})

objects('do so before anybody has looked, too', async () => {
  const [first, second, third] = [await fresh(), await fresh(), await fresh()]
  const clone = structuredClone(first)
  assert.equal(plain(clone.receipts), plain(result.receipts))
  assert.equal(plain(clone.logs), plain(result.logs))
  assert.equal(plain({ ...second }.receipts), plain(result.receipts))
  assert.equal(JSON.parse(JSON.stringify(third)).receipts, result.toRpcReceipts())
})

objects('arrive in a worker thread', async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads')
    parentPort.postMessage([workerData.number, workerData.logs.length, workerData.receipts[0].gasUsed])`
  const worker = new Worker(program, { eval: true, workerData: await fresh() })
  const answer = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  assert.equal(answer, [result.number, result.logs.length, result.receipts[0].gasUsed])
  await worker.terminate()
})

objects('can be frozen', async () => {
  const frozen = await engine.executeBlock(blocks[0], { state, verify: false })
  for (const value of [frozen, frozen.receipts[0], frozen.stateDiff, frozen.report]) {
    Object.freeze(value)
  }
  Object.freeze(frozen.timings)
  assert.equal(frozen.verify(), [])
  assert.is(frozen.logs.length, result.logs.length)
  assert.equal(plain(frozen.receipts), plain(result.receipts))
})

objects('large data is made when it is looked at, once, and is there in copies', async () => {
  // CODECOPY, LOG0 and RETURN of 4 KiB of memory.
  const code = '0x6110006000600039611000' + '6000a06110006000f3'
  const large = new MemoryState({ ...alloc, [people[2]]: { code } })
  const { receipts, logs } = await engine.executeTransactions(
    { number: 20_000_000n, timestamp: 1_720_000_000n, gasLimit: 10_000_000n, coinbase: people[0] },
    [{ sender: people[0], nonce: 0, gasLimit: 1_000_000, gasPrice: 0, to: people[2] }],
    { state: large },
  )
  assert.is(receipts[0].status, 'success')
  assert.is(logs[0].data.length, 2 + 2 * 4096)
  assert.is(structuredClone(logs[0]).data, logs[0].data)
  assert.is({ ...logs[0] }.data, logs[0].data)
  assert.is(JSON.parse(JSON.stringify(logs[0])).data, logs[0].data)
  assert.is(structuredClone(receipts[0]).output, receipts[0].output)
})

/** What JSON says of a value. */
const json = (value: unknown) => JSON.parse(JSON.stringify(value))

objects('are JSON as JSON-RPC has it', () => {
  const text = json(result)
  assert.equal(text.receipts, json(result.toRpcReceipts()))
  assert.is(text.number, '0x1312d00')
  assert.is(text.gasUsed, `0x${result.gasUsed.toString(16)}`)
  assert.is(text.hash, result.hash)
  assert.is(text.header.miner, result.header.coinbase)
  assert.equal(text.stateDiff, json(result.stateDiff))
  assert.equal(json(result.receipts[0]), json(result.receipts[0].toRpcReceipt()))
  assert.equal(json(result.logs[0]), json(result.logs[0].toRpcLog()))
  const [receipt] = json(simulated).receipts
  assert.equal([receipt.blockHash, receipt.transactionHash], [null, null])
  assert.is(receipt.gasUsed, '0x5208')
  assert.is(receipt.status, '0x1')
  for (const whole of [result, mixed, simulated, result.report, result.header, state]) {
    for (const [name, value] of numbersIn(json(whole))) {
      assert.match(value, /^0x(0|[1-9a-f][0-9a-f]*)$/, name)
    }
  }
})

/** Members that are quantities in JSON-RPC. */
function* numbersIn(value: unknown, name = ''): Iterable<[string, string]> {
  if (/^(.*gas.*|number|nonce|balance|blockNumber|logIndex|timestamp)$/i.test(name)) {
    if (typeof value === 'string' && value.length < 18) yield [name, value]
    if (typeof value === 'number') yield [name, String(value)]
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value)) yield* numbersIn(member, key)
}

objects('a header in JSON is that of the block that JSON-RPC has', () => {
  for (const { header } of [result, mixed]) {
    const block = { ...json(header), transactions: [] } as RpcBlock
    const [encoded] = [encodeBlock(block)]
    // [header, [], []]
    const decoded = BlockHeader.decode(encoded.subarray(3, 3 + header.encoded.length))
    assert.is(decoded.hash, header.hash)
    assert.is(json(header).hash, header.hash)
  }
})

objects('a state in JSON is an alloc of the same state', () => {
  const again = new MemoryState(json(state))
  assert.is(again.stateRoot(), state.stateRoot())
  const [account] = state.dump()
  assert.is(json(account).balance, `0x${account.balance.toString(16)}`)
  assert.is(json(state.getAccount(people[0])).balance, `0x${(10n ** 19n).toString(16)}`)
  const unknown = { [people[0]]: { codeHash: `0x${'12'.repeat(32)}` } }
  assert.is(json(new MemoryState(unknown))[people[0]].codeHash, unknown[people[0]].codeHash)
})

objects('no number of what is public keeps JSON from being written', async () => {
  const trie = new StateTrie(state)
  const wrong = await engine.executeBlock(blocks[1], { state: afterFirst(), verify: false })
  const values: object[] = [
    trie.getAccount(people[0]) ?? {},
    trie.getProof(token, [0n]),
    result.stateDiff.accounts[0].balance,
    result.report.transactions[0].runs[0],
    result.verify(),
    wrong.verify(),
  ]
  for await (const _ of engine.executeBlocks([blocks[0]], {
    state: state.clone(),
    onProgress: (progress) => values.push(progress),
  }));
  assert.is(values.length, 7)
  for (const value of values) assert.type(JSON.stringify(value), 'string')
  assert.is(json(values[6]).gasUsed, `0x${result.gasUsed.toString(16)}`)
  // What is shown beside JSON is as it was: plain objects, to be compared with literals.
  assert.equal(Object.keys(values[0]), ['nonce', 'balance', 'storageHash', 'codeHash'])
})

function afterFirst(): MemoryState {
  const after = state.clone()
  after.commit(result)
  return after
}

objects("viem's parseEventLogs finds the events of a result", () => {
  const abi = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 value)'])
  const events = parseEventLogs({ abi, logs: result.logs })
  assert.is(events.length, result.logs.length)
  assert.ok(events.length > 0)
  const [{ eventName, args, address, blockNumber, logIndex }] = events
  assert.is(eventName, 'Transfer')
  assert.is(args.from.toLowerCase(), people[0])
  assert.is(args.to.toLowerCase(), people[1])
  assert.equal([address, blockNumber, logIndex], [token, result.number, 0])
  for (const receipt of result.receipts) {
    assert.is(parseEventLogs({ abi, logs: receipt.logs }).length, receipt.logs.length)
  }
})

objects("viem reads their JSON as a node's", () => {
  result.receipts.forEach((receipt) => {
    const { logs, ...read } = formatTransactionReceipt(json(receipt))
    const own = plain(receipt) as Record<string, unknown>
    for (const [name, value] of Object.entries(read)) {
      if (value !== undefined && name in own && name !== 'contractAddress') {
        assert.equal(value, own[name], name)
      }
    }
    assert.is(logs.length, receipt.logs.length)
  })
})

objects('a change of the state is found by its account', () => {
  const { stateDiff } = result
  for (const change of stateDiff) {
    assert.equal(plain(stateDiff.get(change.address)), plain(change))
    const upper = `0x${change.address.slice(2).toUpperCase()}`
    assert.is(stateDiff.get(upper)?.address, change.address)
  }
  assert.is(stateDiff.get(`0x${'99'.repeat(20)}`), undefined)
  assert.is(stateDiff.size, stateDiff.accounts.length)
  assert.is(stateDiff, result.stateDiff)
  for (const odd of ['0x12', '', 7, undefined] as never[]) {
    try {
      stateDiff.get(odd)
      assert.unreachable(String(odd))
    } catch (error) {
      assert.ok(isBraidError(error, 'OPTION_INVALID'))
      assert.is(error.details.field, 'address')
    }
  }
  const [first] = json(stateDiff)
  const [change] = stateDiff
  assert.equal(first.nonce, {
    before: `0x${change.nonce.before.toString(16)}`,
    after: `0x${change.nonce.after.toString(16)}`,
  })
})

objects('a result is printed on one screen', () => {
  for (const value of [result, mixed, simulated]) {
    const lines = stripVTControlCharacters(inspect(value, { colors: true })).split('\n')
    assert.ok(lines.length <= 24, `${lines.length} lines`)
    assert.ok(
      lines.every((line) => line.length <= 80 || /Hash|hash/.test(line)),
      lines.join('\n'),
    )
  }
  const text = inspect(mixed)
  assert.match(text, new RegExp(`receipts: \\[${mixed.receipts.length} receipts\\]`))
  assert.match(text, new RegExp(`stateDiff: \\[${mixed.stateDiff.size} accounts\\]`))
})

objects.run()
