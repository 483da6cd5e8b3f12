import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine } from '../lib/engine/engine.js'
import { keccak256 } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import type { Log } from '../lib/output/log.js'
import type { Receipt } from '../lib/output/receipt.js'
import { encodeReceipt, logsHash } from '../lib/output/receipt-encoding.js'
import { listRoot } from '../lib/trie/list-root.js'
import { finishedBlock } from './support/demo.js'
import { tokenAddress } from './support/demo-block/block.js'

const receipts = suite('receipts')

const engine = await Engine.create()
const { demo, state, encoded } = finishedBlock(engine)
const result = engine.executeBlockSync(encoded, { state })

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'))

/** The bloom filter of logs, straight from the Yellow Paper (section 4.3.1). */
function bloomOf(logs: readonly Log[]): string {
  const bloom = new Uint8Array(256)
  for (const { address, topics } of logs) {
    for (const item of [address, ...topics]) {
      const hash = Buffer.from(keccak256(bytes(item)))
      for (const at of [0, 2, 4]) {
        const bit = hash.readUInt16BE(at) & 2047
        bloom[255 - (bit >> 3)] |= 1 << (bit & 7)
      }
    }
  }
  return hex(bloom)
}

/** The encoding of a receipt by another implementation of RLP. */
function encode(receipt: Receipt): string {
  const list = RLP.encode([
    receipt.status === 'success' ? 1 : 0,
    receipt.cumulativeGasUsed,
    receipt.logsBloom,
    receipt.logs.map(({ address, topics, data }) => [address, topics, data]),
  ])
  return hex(receipt.type === 'legacy' ? list : Buffer.concat([Uint8Array.of(2), list]))
}

receipts('have one object per transaction, in order', () => {
  assert.is(result.receipts.length, demo.transactions.length)
  let cumulative = 0n
  result.receipts.forEach((receipt, index) => {
    cumulative += receipt.gasUsed
    assert.is(receipt.transactionIndex, index)
    assert.is(receipt.cumulativeGasUsed, cumulative)
    assert.is(receipt.from, demo.transactions[index].sender)
    assert.is(receipt.transactionHash, hex(keccak256(demo.transactions[index].encoded)))
    assert.is(receipt.type, 'eip1559')
    assert.is(receipt.effectiveGasPrice, 8_000_000_000n)
    assert.is(receipt.blockHash, result.hash)
    assert.is(receipt.blockNumber, 20_000_000n)
    assert.is(receipt.blobGasUsed, undefined)
  })
  assert.is(result.gasUsed, cumulative)
})

receipts('name recipients, created contracts and outcomes', () => {
  const [first] = result.receipts
  assert.is(first.status, 'success')
  assert.is(first.gasUsed, 21_000n)
  assert.is(first.contractAddress, null)
  const created = result.receipts.filter((receipt) => receipt.to === null)
  assert.is(created.length, 1)
  assert.match(created[0].contractAddress as string, /^0x[0-9a-f]{40}$/)
  const reverted = result.receipts.filter((receipt) => receipt.status === 'reverted')
  assert.is(reverted.length, 1)
  assert.is(reverted[0].to, tokenAddress)
  assert.is(reverted[0].logs.length, 0)
})

receipts('hold the logs with their places in the block', () => {
  assert.is(result.logs.length, 100)
  result.logs.forEach((log, index) => {
    assert.is(log.logIndex, index)
    assert.is(log.address, tokenAddress)
    assert.is(log.topics.length, 3)
    assert.is(BigInt(log.data), BigInt(1000 + index))
    const receipt = result.receipts[log.transactionIndex]
    assert.is(BigInt(log.topics[1] ?? 0), BigInt(receipt.from))
    assert.is(log.transactionHash, receipt.transactionHash)
    assert.ok(receipt.logs.includes(log))
  })
})

receipts('have the bloom filters of their logs', () => {
  for (const receipt of result.receipts) assert.is(receipt.logsBloom, bloomOf(receipt.logs))
  assert.is(result.logsBloom, bloomOf(result.logs))
})

receipts('are encoded as another implementation encodes them', () => {
  const output = new PackedReader(result.packed)
  result.receipts.forEach((receipt, index) => {
    assert.is(hex(encodeReceipt(output, index)), encode(receipt), `receipt ${index}`)
  })
  assert.is(result.receiptsRoot, hex(listRoot(result.receipts.map((r) => bytes(encode(r))))))
  const logs = result.logs.map(({ address, topics, data }) => [address, topics, data])
  assert.is(hex(logsHash(output)), hex(keccak256(RLP.encode(logs))))
})

receipts('become plain objects', () => {
  const plain = { ...result.receipts[100] }
  assert.is(plain.logs.length, 1)
  assert.is({ ...plain.logs[0] }.address, tokenAddress)
  assert.is(plain.transactionHash, result.receipts[100].transactionHash)
})

receipts('are built once', () => {
  assert.is(result.receipts, result.receipts)
  assert.is(result.logs, result.logs)
  assert.is(result.receipts[100].logs, result.receipts[100].logs)
})

receipts.run()
