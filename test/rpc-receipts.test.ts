import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Alloc,
  type BlockResult,
  Engine,
  type Hex,
  MemoryState,
  type RpcReceipt,
} from '../lib/index.js'
import { keccak256 } from '../lib/native/load.js'
import { listRoot } from '../lib/trie/list-root.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { contract, mixedAlloc, mixedBlock, mixedBlockHashes } from './support/mixed-block.js'

const rpc = suite('receipts as JSON-RPC gives them')
const fixtures = withFixtures(rpc, 'receipts as JSON-RPC gives them')

const engine = await Engine.create()
const { result } = await mixedBlock(engine)
const answer = overTheWire(result)

/** What a client reads out of a node's answer. */
function overTheWire(result: BlockResult): RpcReceipt[] {
  return JSON.parse(JSON.stringify(result.toRpcReceipts()))
}

const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`

// src/schemas/base-types.yaml of ethereum/execution-apis.
const uint = /^0x(0|[1-9a-f][0-9a-f]*)$/
const bytes = /^0x([0-9a-f]{2})*$/
const sized = (size: number) => new RegExp(`^0x[0-9a-f]{${2 * size}}$`)
const [address, hash32, bytes256] = [sized(20), sized(32), sized(256)]

/** What src/schemas/receipt.yaml of ethereum/execution-apis asks of every receipt. */
const always = {
  blockHash: hash32,
  blockNumber: uint,
  cumulativeGasUsed: uint,
  effectiveGasPrice: uint,
  from: address,
  gasUsed: uint,
  logsBloom: bytes256,
  transactionHash: hash32,
  transactionIndex: uint,
  type: uint,
}
const blob = { blobGasPrice: uint, blobGasUsed: uint }
const log = {
  address,
  data: bytes,
  blockNumber: uint,
  transactionHash: hash32,
  transactionIndex: uint,
  blockHash: hash32,
  blockTimestamp: uint,
  logIndex: uint,
}

function conforms(receipt: RpcReceipt, outcome: 'status' | 'root'): void {
  const shape: Record<string, RegExp> = {
    ...always,
    ...(receipt.type === '0x3' ? blob : {}),
    [outcome]: outcome === 'status' ? /^0x[01]$/ : hash32,
  }
  const { logs, to, contractAddress, ...others } = receipt
  assert.equal(Object.keys(others).sort(), Object.keys(shape).sort())
  for (const [name, value] of Object.entries(others)) assert.match(String(value), shape[name], name)
  assert.match((to ?? contractAddress) as string, address)
  assert.is(to === null, contractAddress !== null)
  for (const { topics, removed, ...members } of logs) {
    assert.equal(Object.keys(members).sort(), Object.keys(log).sort())
    for (const [name, value] of Object.entries(members)) {
      assert.match(value, log[name as keyof typeof log], name)
    }
    assert.ok(topics.length <= 4 && topics.every((topic) => hash32.test(topic)))
    assert.is(removed, false)
  }
}

/** The receipts root that the answer stands for (EIP-658, EIP-2718), by another RLP implementation. */
function rootOf(receipts: readonly RpcReceipt[]): Hex {
  const encodings = receipts.map(({ type, root, status, cumulativeGasUsed, logsBloom, logs }) => {
    const list = RLP.encode([
      root ?? BigInt(status),
      BigInt(cumulativeGasUsed),
      logsBloom,
      logs.map(({ address, topics, data }) => [address, topics, data]),
    ])
    return type === '0x0' ? list : Buffer.concat([Uint8Array.of(Number(type)), list])
  })
  return hex(listRoot(encodings))
}

/** Members that follow from one another and from the place in the block. */
function fitsTogether(receipts: readonly RpcReceipt[], { header, hash }: BlockResult): void {
  let gasUsed = 0n
  let logIndex = 0
  receipts.forEach((receipt, index) => {
    gasUsed += BigInt(receipt.gasUsed)
    assert.is(BigInt(receipt.cumulativeGasUsed), gasUsed)
    for (const place of [receipt, ...receipt.logs]) {
      assert.is(place.blockHash, hash)
      assert.is(BigInt(place.blockNumber), header.number)
      assert.is(Number(place.transactionIndex), index)
      assert.is(place.transactionHash, receipt.transactionHash)
    }
    for (const { blockTimestamp, logIndex: at } of receipt.logs) {
      assert.is(BigInt(blockTimestamp), header.timestamp)
      assert.is(Number(at), logIndex++)
    }
  })
}

/** The address of the contract that a transaction creates (Yellow Paper, section 7). */
function createdAddress(from: Hex, nonce: bigint): Hex {
  return hex(keccak256(RLP.encode([from, nonce])).subarray(12))
}

rpc('conform to the schema, for transactions of every type', () => {
  assert.equal(
    answer.map(({ type }) => type),
    ['0x0', '0x0', '0x1', '0x2', '0x3', '0x4', '0x2'],
  )
  for (const receipt of answer) conforms(receipt, 'status')
  fitsTogether(answer, result)
})

rpc('have the receipts root of the header', () => {
  assert.is(rootOf(answer), result.header.receiptsRoot)
})

rpc('are what is known of the block, member by member', () => {
  const bloom = result.receipts[4].logsBloom
  const { from, transactionHash } = result.receipts[4]
  assert.equal(answer[4], {
    blobGasPrice: '0x1',
    blobGasUsed: '0x40000',
    blockHash: result.hash,
    blockNumber: '0x15752a0',
    contractAddress: null,
    cumulativeGasUsed: `0x${result.receipts[4].cumulativeGasUsed.toString(16)}`,
    effectiveGasPrice: '0x3ef', // the base fee of 1000 and 7
    from,
    gasUsed: `0x${result.receipts[4].gasUsed.toString(16)}`,
    logs: [
      {
        address: contract,
        topics: [`0x${from.slice(2).padStart(64, '0')}`],
        data: `0x${'00'.repeat(32)}`,
        blockNumber: '0x15752a0',
        transactionHash,
        transactionIndex: '0x4',
        blockHash: result.hash,
        blockTimestamp: '0x684ee180',
        logIndex: '0x3',
        removed: false,
      },
    ],
    logsBloom: bloom,
    status: '0x1',
    to: contract,
    transactionHash,
    transactionIndex: '0x4',
    type: '0x3',
  })
})

rpc('have the members in the order of geth', () => {
  for (const receipt of answer) {
    assert.equal(Object.keys(receipt), Object.keys(receipt).sort())
  }
})

rpc('tell failures and created contracts', () => {
  assert.equal(
    answer.map(({ status }) => status),
    ['0x1', '0x1', '0x1', '0x1', '0x1', '0x1', '0x0'],
  )
  const [, creation, call] = answer
  assert.is(creation.to, null)
  assert.is(creation.contractAddress, createdAddress(creation.from, 1n))
  assert.is(call.contractAddress, null)
})

rpc('name the address of a contract whose creation failed, as nodes do', async () => {
  const sender = `0x${'aa'.repeat(20)}` as const
  const state = new MemoryState({ [sender]: { balance: 10n ** 18n, nonce: 5n } })
  const environment = { number: 22_500_000n, timestamp: 1_750_000_000n, gasLimit: 30_000_000n }
  const { receipts } = await engine.executeTransactions(
    { ...environment, coinbase: `0x${'10'.repeat(20)}` },
    ['0x60006000fd', '0xfe'].map((data, i) => ({
      sender,
      nonce: 5 + i,
      gasLimit: 100_000,
      gasPrice: 0,
      data,
    })),
    { state },
  )
  for (const [index, receipt] of receipts.entries()) {
    assert.is(receipt.status, 'reverted')
    assert.is(receipt.contractAddress, createdAddress(sender, BigInt(5 + index)))
  }
})

rpc('of a log alone', () => {
  assert.equal(
    result.logs.map((each) => each.toRpcLog()),
    answer.flatMap(({ logs }) => logs),
  )
})

rpc('come from the other engine calls, too', async () => {
  const { block } = await mixedBlock(engine)
  const options = { state: new MemoryState(mixedAlloc), blockHashes: mixedBlockHashes }
  const other = await engine.executeBlock(block.serialize(), options)
  assert.equal(overTheWire(other), answer)
})

/** viem's `Log` of a log that is in a block, by its documentation. */
interface ViemLog<Quantity, Index> {
  address: Hex
  blockHash: Hex
  blockNumber: Quantity
  blockTimestamp?: Quantity | undefined
  data: Hex
  logIndex: Index
  transactionHash: Hex
  transactionIndex: Index
  removed: boolean
  topics: [Hex, ...Hex[]] | []
}

/** viem's `TransactionReceipt`, by its documentation. */
interface ViemReceipt<Quantity, Index, Status, Type> {
  blobGasPrice?: Quantity | undefined
  blobGasUsed?: Quantity | undefined
  blockHash: Hex
  blockNumber: Quantity
  contractAddress: Hex | null | undefined
  cumulativeGasUsed: Quantity
  effectiveGasPrice: Quantity
  from: Hex
  gasUsed: Quantity
  logs: ViemLog<Quantity, Index>[]
  logsBloom: Hex
  root?: Hex | undefined
  status: Status
  to: Hex | null
  transactionHash: Hex
  transactionIndex: Index
  type: Type
}

type ViemType = 'legacy' | 'eip2930' | 'eip1559' | 'eip4844' | 'eip7702'

rpc("have viem's types", () => {
  type Formatted = ViemReceipt<bigint, number, 'success' | 'reverted', ViemType>
  type Raw = ViemReceipt<Hex, Hex, '0x0' | '0x1', '0x0' | '0x1' | '0x2' | '0x3' | '0x4'>
  // That this compiles is the test.
  const read: readonly Formatted[] = result.receipts
  const plain: readonly Formatted[] = result.receipts.map((receipt) => ({ ...receipt }))
  const raw: readonly Raw[] = result.toRpcReceipts()
  // Literals both ways: no wider type, such as a string, would do in the second.
  const status: RpcReceipt['status'] = '0x1' as Raw['status']
  const statuses: Record<RpcReceipt['status'], boolean> = { '0x0': false, '0x1': true }
  const types: Record<RpcReceipt['type'], ViemType> = {
    '0x0': 'legacy',
    '0x1': 'eip2930',
    '0x2': 'eip1559',
    '0x3': 'eip4844',
    '0x4': 'eip7702',
  }
  assert.ok(statuses[status])
  for (const { type, transactionIndex } of raw) {
    assert.is(types[type], result.receipts[Number(transactionIndex)].type)
  }
  assert.ok(read.length === raw.length && plain.length === raw.length)
})

rpc('say what the plain objects say, with other numbers', () => {
  const quantity = (value: bigint | number) => `0x${value.toString(16)}`
  answer.forEach((receipt, index) => {
    const plain = { ...result.receipts[index] }
    assert.is(plain.status, receipt.status === '0x1' ? 'success' : 'reverted')
    for (const name of [
      'gasUsed',
      'cumulativeGasUsed',
      'effectiveGasPrice',
      'blockNumber',
    ] as const) {
      assert.is(quantity(plain[name]), receipt[name], name)
    }
    for (const name of ['from', 'to', 'contractAddress', 'logsBloom', 'blockHash'] as const) {
      assert.is(plain[name], receipt[name], name)
    }
    plain.logs.forEach(
      ({ blockNumber, blockTimestamp, logIndex, transactionIndex, ...same }, at) => {
        const numbers = { blockNumber, blockTimestamp, logIndex, transactionIndex }
        const entries = Object.entries(numbers).map(([name, value]) => [name, quantity(value)])
        assert.equal({ ...same, ...Object.fromEntries(entries) }, receipt.logs[at])
      },
    )
  })
})

fixtures.test('of mainnet blocks have the roots of their headers', async () => {
  let blocks = 0
  const names = fixtureNames('mainnet_blocks').filter((_, index) => index % 4 === 0)
  for (const name of names) {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const state = new MemoryState(preState)
    const options = { state, blockHashes, forgiveMissingSystemContracts: true }
    const executed = await engine.executeBlock(block, options)
    const receipts = overTheWire(executed)
    // Before Byzantium receipts hold roots, which only the whole state gives.
    const hasStatus = executed.receiptsRoot !== undefined
    fitsTogether(receipts, executed)
    receipts.forEach((receipt, index) => {
      if (hasStatus) conforms(receipt, 'status')
      else assert.is('status' in receipt || 'root' in receipt, false)
      const { gasPrice, maxFeePerGas, maxPriorityFeePerGas, nonce, to } = block.transactions[index]
      assert.is(receipt.to, to ?? null)
      if (receipt.to === null) {
        assert.is(receipt.contractAddress, createdAddress(receipt.from, BigInt(nonce)))
      }
      const baseFee = BigInt(block.baseFeePerGas ?? 0)
      const [most, tip] = [maxFeePerGas ?? gasPrice, maxPriorityFeePerGas ?? gasPrice].map((fee) =>
        BigInt(fee ?? 0),
      )
      const price = most < baseFee + tip ? most : baseFee + tip
      assert.is(BigInt(receipt.effectiveGasPrice), price, `${name} ${index}`)
    })
    if (!hasStatus) continue
    assert.is(rootOf(receipts), executed.header.receiptsRoot, name)
    blocks++
  }
  assert.ok(blocks > 5)
})

interface BlockTest {
  readonly network: string
  readonly pre: Alloc
  readonly blocks: readonly { readonly rlp: Hex }[]
}

fixtures.test('hold state roots before Byzantium', async () => {
  const { chainOf } = await import('./support/headers.js')
  const folder = 'legacy_tests/Constantinople/BlockchainTests/ValidBlocks/bcValidBlockTest'
  const file = readFixture<Record<string, BlockTest>>(folder, 'SimpleTx.json.gz')
  const test = Object.values(file).find(({ network }) => network === 'Homestead')
  if (test === undefined) throw new Error('no test of Homestead')
  const old = await Engine.create({ common: chainOf('homestead') })
  const executed = old.executeBlockSync(Buffer.from(test.blocks[0].rlp.slice(2), 'hex'), {
    state: new MemoryState(test.pre),
    transactionRoots: true,
  })
  const receipts = overTheWire(executed)
  assert.ok(receipts.length > 0)
  for (const receipt of receipts) conforms(receipt, 'root')
  assert.is(rootOf(receipts), executed.header.receiptsRoot)
  old.close()
})

rpc.run()
fixtures.report()
