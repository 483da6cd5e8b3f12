import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BlockSource,
  DecodedBlock,
  decodeBlock,
  encodeBlock,
  type RpcBlock,
  type RpcTransaction,
} from '../lib/block/index.js'
import type { ErrorCode } from '../lib/error-codes.js'
import type { BraidError } from '../lib/errors.js'
import { keccak256 } from '../lib/native/load.js'
import { decodeRlp, type RlpItem } from '../lib/rlp/index.js'
import { encodeTree } from './support/rlp-tree.js'
import { type Mutable, sampleBlock, sampleRpcBlock, sender } from './support/sample-block.js'
import { errorIn } from './support/thrown.js'

const block = suite('block')

const hexOf = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))

function errorOf(source: unknown, options?: object): BraidError | undefined {
  return errorIn(() => decodeBlock(source as BlockSource, options))
}

/** Checks code, field and transaction of the error that a source gives. */
function refuses(
  source: unknown,
  code: ErrorCode,
  field?: string,
  txIndex?: number,
  title = field,
): void {
  const error = errorOf(source)
  assert.is(error?.code, code, `${title}: ${error?.message}`)
  if (field !== undefined) assert.is(error?.details.field, field, title)
  if (txIndex !== undefined) assert.is(error?.details.txIndex, txIndex, title)
}

const sample = sampleBlock()
const serialized = sample.serialize()

block('RLP, JSON-RPC and @ethereumjs/block give the same block', () => {
  assert.is(hexOf(encodeBlock(sampleRpcBlock())), hexOf(serialized))
  const hash = hexOf(sample.hash())
  for (const source of [serialized, Buffer.from(serialized), sampleRpcBlock(), sample]) {
    const decoded = decodeBlock(source)
    assert.instance(decoded, DecodedBlock)
    assert.is(decoded.hash, hash)
    assert.is(decoded.number, 22_500_000n)
    assert.is(decoded.timestamp, 1_750_000_000n)
    assert.is(decoded.missingOmmers, 0)
    assert.equal(
      decoded.transactions.hashes,
      sample.transactions.map((tx) => hexOf(tx.hash())),
    )
  }
  assert.is(decodeBlock(sampleRpcBlock()).claimedHash, hash)
  assert.is(decodeBlock(serialized).claimedHash, undefined)
})

block('a source may lie anywhere in a larger buffer', () => {
  const larger = new Uint8Array(serialized.length + 100).fill(0xff)
  larger.set(serialized, 37)
  const part = larger.subarray(37, 37 + serialized.length)
  assert.is(decodeBlock(part).hash, hexOf(sample.hash()))
})

block('all fields of the header', () => {
  const { header } = decodeBlock(serialized)
  const expected = sample.header.toJSON() as Record<string, string>
  assert.is(header.parentHash, expected.parentHash)
  assert.is(header.ommersHash, expected.uncleHash)
  assert.is(header.coinbase, expected.coinbase)
  assert.is(header.stateRoot, expected.stateRoot)
  assert.is(header.transactionsRoot, expected.transactionsTrie)
  assert.is(header.receiptsRoot, expected.receiptTrie)
  assert.is(header.logsBloom, expected.logsBloom)
  assert.is(header.difficulty, BigInt(expected.difficulty))
  assert.is(header.number, BigInt(expected.number))
  assert.is(header.gasLimit, BigInt(expected.gasLimit))
  assert.is(header.gasUsed, BigInt(expected.gasUsed))
  assert.is(header.timestamp, BigInt(expected.timestamp))
  assert.is(header.extraData, expected.extraData)
  assert.is(header.mixHash, expected.mixHash)
  assert.is(header.nonce, expected.nonce)
  assert.is(header.baseFeePerGas, BigInt(expected.baseFeePerGas))
  assert.is(header.withdrawalsRoot, expected.withdrawalsRoot)
  assert.is(header.blobGasUsed, BigInt(expected.blobGasUsed))
  assert.is(header.excessBlobGas, BigInt(expected.excessBlobGas))
  assert.is(header.parentBeaconBlockRoot, expected.parentBeaconBlockRoot)
  assert.is(header.requestsHash, expected.requestsHash)
})

block('transactions and withdrawals on demand', () => {
  const { transactions, withdrawals } = decodeBlock(serialized)
  assert.is(transactions.length, 7)
  sample.transactions.forEach((tx, i) => {
    assert.is(transactions.type(i), tx.type)
    assert.is(transactions.to(i), tx.to === undefined ? null : tx.to.toString())
    assert.is(transactions.nonce(i), tx.nonce)
    assert.is(hexOf(transactions.encodings.at(i)), hexOf(tx.serialize()))
    assert.is(transactions.hash(i), hexOf(tx.hash()))
  })
  for (const index of [-1, 7, 0.5, Number.NaN]) {
    assert.throws(() => transactions.type(index), /no transaction/)
    assert.throws(() => transactions.hash(index), /no transaction/)
  }
  assert.equal(
    [...(withdrawals ?? [])].map(({ index, validatorIndex, amount }) => [
      index,
      validatorIndex,
      amount,
    ]),
    [
      [1n, 2n, 3n],
      [2n ** 33n, 0n, 2n ** 63n],
    ],
  )
  assert.is(withdrawals?.at(1).address, `0x${'16'.repeat(20)}`)
})

block('the spellings of JSON-RPC libraries', () => {
  const rpc = sampleRpcBlock()
  const names = ['legacy', 'eip2930', 'eip1559', 'eip4844', 'eip7702']
  const viem: RpcBlock = {
    ...rpc,
    number: BigInt(rpc.number),
    timestamp: BigInt(rpc.timestamp),
    gasUsed: BigInt(rpc.gasUsed),
    transactions: rpc.transactions.map((tx) => ({
      ...tx,
      type: names[Number(tx.type)],
      nonce: Number(tx.nonce),
      value: BigInt(tx.value),
      gas: BigInt(tx.gas),
      v: tx.v == null ? tx.v : BigInt(tx.v),
      yParity: tx.yParity == null ? tx.yParity : Number(tx.yParity),
      chainId: tx.chainId == null ? tx.chainId : Number(tx.chainId),
    })),
  }
  assert.is(hexOf(encodeBlock(viem)), hexOf(serialized))

  // Upper case and leading zeros; no type; null and empty for nobody; v in place of yParity.
  const odd = sampleRpcBlock()
  odd.gasLimit = `0x000${BigInt(odd.gasLimit).toString(16).toUpperCase()}`
  odd.miner = `0x${odd.miner.slice(2).toUpperCase()}`
  odd.transactions[0].type = undefined
  odd.transactions[1].to = null
  odd.transactions[3].v = odd.transactions[3].yParity
  odd.transactions[3].yParity = undefined
  odd.transactions[4].to = ''
  assert.is(hexOf(encodeBlock(odd)), hexOf(serialized))
})

block('ommers', () => {
  const { transactions, withdrawals, ...header } = sampleRpcBlock()
  const rpc: Mutable<RpcBlock> = { ...header, transactions: [], withdrawals: [] }
  rpc.uncles = [rpc.parentHash, header, rpc.parentHash]
  const decoded = decodeBlock(rpc)
  assert.is(decoded.missingOmmers, 2)
  assert.is(decoded.ommers.length, 1)
  assert.is(decoded.ommers[0].hash, decoded.hash)
  assert.is(hexOf(keccak256(decoded.ommers[0].encoded)), decoded.hash)
  assert.equal(decodeRlp(decoded.ommersEncoding), [decodeRlp(decoded.header.encoded)])
  rpc.uncles = [{ ...header, gasLimit: '0x1ffffffffffffffff' }]
  refuses(rpc, 'DECODE_FIELD_RANGE', 'uncles.gasLimit')
})

block('what is no block', () => {
  for (const source of [undefined, null, 5, 'block', true, {}, [], { transactions: 5 }, () => 5]) {
    refuses(source, 'DECODE_SOURCE_UNKNOWN')
  }
  refuses({ serialize: () => 'block' }, 'DECODE_SOURCE_UNKNOWN')
  refuses(new Uint8Array(0), 'DECODE_FIELD_MISSING')
  refuses(new Uint8Array(1), 'DECODE_FIELD_TYPE')
  refuses(new Uint8Array((64 << 20) + 1), 'DECODE_SOURCE_TOO_LARGE')
})

block('what a source raises becomes the cause', () => {
  const cause = new Error('mine')
  const error = errorOf({
    serialize() {
      throw cause
    },
  })
  assert.is(error?.code, 'DECODE_SOURCE_FAILED')
  assert.is(error?.cause, cause)
})

block('blocks with transaction hashes only', () => {
  const rpc = { ...sampleRpcBlock(), transactions: [`0x${'00'.repeat(32)}`] }
  refuses(rpc, 'DECODE_FIELD_TYPE', 'transaction', 0)
})

block('wrong values in JSON headers', () => {
  const cases: [field: keyof RpcBlock, value: unknown, ErrorCode][] = [
    ['parentHash', undefined, 'DECODE_FIELD_MISSING'],
    ['parentHash', null, 'DECODE_FIELD_MISSING'],
    ['parentHash', '0x12', 'DECODE_FIELD_SIZE'],
    ['parentHash', 12, 'DECODE_FIELD_TYPE'],
    ['parentHash', `0x${'zz'.repeat(32)}`, 'DECODE_FIELD_TYPE'],
    ['logsBloom', '0x', 'DECODE_FIELD_SIZE'],
    ['miner', `0x${'00'.repeat(21)}`, 'DECODE_FIELD_SIZE'],
    ['nonce', '0x0', 'DECODE_FIELD_TYPE'],
    ['number', -1, 'DECODE_FIELD_RANGE'],
    ['number', 1.5, 'DECODE_FIELD_TYPE'],
    ['number', '0x10000000000000000', 'DECODE_FIELD_RANGE'],
    ['number', {}, 'DECODE_FIELD_TYPE'],
    ['timestamp', 'now', 'DECODE_FIELD_TYPE'],
    ['difficulty', `0x1${'00'.repeat(32)}`, 'DECODE_FIELD_RANGE'],
    ['extraData', '0x123', 'DECODE_FIELD_TYPE'],
    ['baseFeePerGas', null, 'DECODE_FIELD_MISSING'],
    ['excessBlobGas', undefined, 'DECODE_FIELD_MISSING'],
    ['withdrawals', 5, 'DECODE_FIELD_TYPE'],
    ['withdrawals', [5], 'DECODE_FIELD_TYPE'],
    ['uncles', 'none', 'DECODE_FIELD_TYPE'],
    ['uncles', [5], 'DECODE_FIELD_TYPE'],
  ]
  for (const [field, value, code] of cases) {
    refuses({ ...sampleRpcBlock(), [field]: value }, code, field, undefined, `${field} ${value}`)
  }
  refuses({ ...sampleRpcBlock(), withdrawalsRoot: null }, 'DECODE_FIELD_MISSING', 'withdrawalsRoot')
})

block('wrong values in JSON transactions', () => {
  const address = `0x${'00'.repeat(20)}`
  const cases: [index: number, field: keyof RpcTransaction, value: unknown, ErrorCode][] = [
    [0, 'nonce', '0x10000000000000000', 'DECODE_FIELD_RANGE'],
    [0, 'nonce', undefined, 'DECODE_FIELD_MISSING'],
    [1, 'gas', '0x10000000000000000', 'DECODE_FIELD_RANGE'],
    [1, 'gasPrice', null, 'DECODE_FIELD_MISSING'],
    [2, 'value', `0x1${'00'.repeat(32)}`, 'DECODE_FIELD_RANGE'],
    [2, 'value', -5n, 'DECODE_FIELD_RANGE'],
    [2, 'to', '0x12', 'DECODE_FIELD_SIZE'],
    [2, 'to', 5, 'DECODE_FIELD_TYPE'],
    [2, 'input', '0x1', 'DECODE_FIELD_TYPE'],
    [2, 'input', undefined, 'DECODE_FIELD_MISSING'],
    [2, 'v', undefined, 'DECODE_FIELD_MISSING'],
    [2, 'v', '0x1000000000000000000', 'TX_WRONG_CHAIN_ID'],
    [2, 'r', null, 'DECODE_FIELD_MISSING'],
    [2, 's', {}, 'DECODE_FIELD_TYPE'],
    [3, 'type', '0x5', 'TX_TYPE_NOT_SUPPORTED'],
    [3, 'type', 'eip9999', 'TX_TYPE_NOT_SUPPORTED'],
    [3, 'type', 127, 'TX_TYPE_NOT_SUPPORTED'],
    [3, 'type', {}, 'DECODE_FIELD_TYPE'],
    [3, 'chainId', undefined, 'DECODE_FIELD_MISSING'],
    [3, 'chainId', '0x10000000000000000', 'TX_WRONG_CHAIN_ID'],
    [3, 'accessList', {}, 'DECODE_FIELD_TYPE'],
    [3, 'accessList', [5], 'DECODE_FIELD_TYPE'],
    [3, 'gasPrice', '0xgg', 'DECODE_FIELD_TYPE'],
    [4, 'maxFeePerGas', undefined, 'DECODE_FIELD_MISSING'],
    [5, 'maxFeePerBlobGas', undefined, 'DECODE_FIELD_MISSING'],
    [5, 'blobVersionedHashes', undefined, 'DECODE_FIELD_MISSING'],
    [5, 'blobVersionedHashes', '0x', 'DECODE_FIELD_TYPE'],
    [5, 'blobVersionedHashes', ['0x01'], 'DECODE_FIELD_SIZE'],
    [6, 'authorizationList', null, 'DECODE_FIELD_MISSING'],
    [6, 'authorizationList', [null], 'DECODE_FIELD_MISSING'],
  ]
  for (const [index, field, value, code] of cases) {
    const rpc = sampleRpcBlock()
    rpc.transactions[index] = { ...rpc.transactions[index], [field]: value }
    refuses(rpc, code, field, index, `${index} ${field} ${String(value)}`)
  }
  const entries: [unknown, ErrorCode, string][] = [
    [{ address: '0x01', storageKeys: [] }, 'DECODE_FIELD_SIZE', 'accessList.address'],
    [{ address }, 'DECODE_FIELD_MISSING', 'accessList.storageKeys'],
    [{ address, storageKeys: ['0x01'] }, 'DECODE_FIELD_SIZE', 'accessList.storageKeys'],
  ]
  for (const [entry, code, field] of entries) {
    const rpc = sampleRpcBlock()
    rpc.transactions[3] = { ...rpc.transactions[3], accessList: [entry as never] }
    refuses(rpc, code, field, 3)
  }
  const fields: [string, unknown, ErrorCode][] = [
    ['chainId', `0x1${'00'.repeat(32)}`, 'DECODE_FIELD_RANGE'],
    ['nonce', '0x10000000000000000', 'DECODE_FIELD_RANGE'],
    ['yParity', '0x100', 'DECODE_FIELD_RANGE'],
    ['r', `0x1${'00'.repeat(32)}`, 'DECODE_FIELD_RANGE'],
    ['s', `0x1${'00'.repeat(32)}`, 'DECODE_FIELD_RANGE'],
    ['address', '0x', 'DECODE_FIELD_SIZE'],
  ]
  for (const [field, value, code] of fields) {
    const rpc = sampleRpcBlock()
    const good = rpc.transactions[6].authorizationList?.[0]
    rpc.transactions[6].authorizationList = [{ ...good, [field]: value } as never]
    refuses(rpc, code, `authorizationList.${field}`, 6)
  }
})

block('unsigned transactions only with trusted senders', () => {
  const rpc = sampleRpcBlock()
  for (const tx of rpc.transactions) Object.assign(tx, { v: null, yParity: null, r: null, s: null })
  refuses(rpc, 'TX_UNSIGNED', 'r', 6)
  assert.is(errorOf(rpc, { trustSenders: true })?.code, 'DECODE_FIELD_MISSING')
  for (const tx of rpc.transactions) tx.from = sender
  refuses(rpc, 'TX_UNSIGNED', 'r', 6)
  const decoded = decodeBlock(rpc, { trustSenders: true })
  assert.is(decoded.transactions.length, 7)
  assert.is(decoded.transactions.type(6), 4)
  rpc.transactions[2].from = '0x12'
  const error = errorOf(rpc, { trustSenders: true })
  assert.is(error?.code, 'DECODE_FIELD_TYPE')
  assert.is(error?.details.txIndex, 2)
})

/** The sample's RLP with one change to its tree. */
function changed(change: (tree: { [index: number]: RlpItem }[]) => void): Uint8Array {
  const tree = decodeRlp(serialized) as { [index: number]: RlpItem }[]
  change(tree)
  return encodeTree(tree as RlpItem)
}

block('the number of fields in a header', () => {
  const counted = (count: number) =>
    changed((tree) => {
      const header = tree[0] as RlpItem[]
      while (header.length > count) header.pop()
      while (header.length < count) header.push(new Uint8Array(32))
    })
  for (const count of [15, 16, 17, 20, 21]) assert.is(errorOf(counted(count)), undefined)
  for (const count of [0, 1, 14, 18, 19]) refuses(counted(count), 'DECODE_FIELD_MISSING')
  refuses(counted(22), 'DECODE_RLP_TRAILING', 'header')
})

block('wrong values in RLP headers', () => {
  const cases: [index: number, hex: string, ErrorCode, string][] = [
    [0, '0x12', 'DECODE_FIELD_SIZE', 'parentHash'],
    [2, '0x', 'DECODE_FIELD_SIZE', 'coinbase'],
    [8, '0x00', 'DECODE_LEADING_ZERO', 'number'],
    [8, '0x010000000000000000', 'DECODE_FIELD_RANGE', 'number'],
    [15, `0x01${'00'.repeat(32)}`, 'DECODE_FIELD_RANGE', 'baseFeePerGas'],
    [20, '0x', 'DECODE_FIELD_SIZE', 'requestsHash'],
  ]
  for (const [index, hex, code, field] of cases) {
    const source = changed((tree) => {
      tree[0][index] = bytesOf(hex)
    })
    refuses(source, code, field)
  }
  refuses(
    changed((tree) => {
      tree[0][3] = []
    }),
    'DECODE_FIELD_TYPE',
    'stateRoot',
  )
  refuses(
    changed((tree) => {
      tree[0][12] = new Uint8Array(70_000)
    }),
    'DECODE_SOURCE_TOO_LARGE',
  )
})

block('wrong values in RLP transactions', () => {
  const legacy: [index: number, hex: string, ErrorCode, string][] = [
    [0, '0x00', 'DECODE_LEADING_ZERO', 'nonce'],
    [0, '0x010000000000000000', 'DECODE_FIELD_RANGE', 'nonce'],
    [1, `0x01${'00'.repeat(32)}`, 'DECODE_FIELD_RANGE', 'gasPrice'],
    [2, '0x010000000000000000', 'DECODE_FIELD_RANGE', 'gasLimit'],
    [3, '0x1234', 'DECODE_FIELD_SIZE', 'to'],
    [3, `0x${'00'.repeat(21)}`, 'DECODE_FIELD_SIZE', 'to'],
    [4, '0x0001', 'DECODE_LEADING_ZERO', 'value'],
    [6, '0x010000000000000000', 'TX_WRONG_CHAIN_ID', 'v'],
    [6, '0x001b', 'DECODE_LEADING_ZERO', 'v'],
    [7, `0x01${'00'.repeat(32)}`, 'DECODE_FIELD_RANGE', 'r'],
    [8, `0x00${'01'.repeat(31)}`, 'DECODE_LEADING_ZERO', 's'],
  ]
  for (const [index, hex, code, field] of legacy) {
    const source = changed((tree) => {
      ;(tree[1][2] as RlpItem[])[index] = bytesOf(hex)
    })
    refuses(source, code, field, 2)
  }
  for (let index = 0; index < 9; index++) {
    const source = changed((tree) => {
      ;(tree[1][0] as RlpItem[])[index] = []
    })
    refuses(source, 'DECODE_FIELD_TYPE', undefined, 0, `list at ${index}`)
  }
  const short = changed((tree) => (tree[1][0] as RlpItem[]).pop())
  refuses(short, 'DECODE_FIELD_MISSING', 's', 0)
  const long = changed((tree) => (tree[1][0] as RlpItem[]).push(new Uint8Array(0)))
  refuses(long, 'DECODE_RLP_TRAILING', 'transaction', 0)
})

block('wrong envelopes of typed transactions', () => {
  const envelope = (bytes: Uint8Array) =>
    changed((tree) => {
      tree[1][3] = bytes
    })
  const good = sample.transactions[3].serialize()
  assert.is(errorOf(envelope(good)), undefined)
  refuses(envelope(new Uint8Array(0)), 'DECODE_FIELD_SIZE', 'transaction', 3)
  refuses(envelope(Uint8Array.of(1)), 'DECODE_FIELD_MISSING', 'transaction', 3)
  refuses(envelope(Uint8Array.of(1, 0xc0)), 'DECODE_FIELD_MISSING', 'chainId', 3)
  refuses(envelope(Uint8Array.of(1, 0x80)), 'DECODE_FIELD_TYPE', 'transaction', 3)
  refuses(envelope(Uint8Array.of(...good, 0)), 'DECODE_RLP_TRAILING', 'transaction', 3)
  refuses(envelope(good.subarray(0, -1)), 'DECODE_RLP_TRUNCATED', 'transaction', 3)
  for (const type of [0, 5, 0x7f, 0x80, 0xbf, 0xff]) {
    const wrong = Uint8Array.from(good)
    wrong[0] = type
    refuses(envelope(wrong), 'TX_TYPE_NOT_SUPPORTED', 'type', 3)
  }
  // A type 3 transaction with its blobs, as the network carries it, is not part of a block.
  const blob = sample.transactions[5].serialize()
  const wrapped = [decodeRlp(blob.subarray(1)), [], [], []]
  refuses(envelope(Uint8Array.of(3, ...encodeTree(wrapped))), 'DECODE_FIELD_TYPE', 'chainId', 3)
})

block('items behind the block and in it', () => {
  refuses(Uint8Array.of(...serialized, 0x80), 'DECODE_RLP_TRAILING', 'block')
  refuses(
    changed((tree) => tree.push(new Uint8Array(0) as never)),
    'DECODE_RLP_TRAILING',
    'block',
  )
  refuses(
    changed((tree) => tree.splice(1)),
    'DECODE_FIELD_MISSING',
    'transactions',
  )
  refuses(
    changed((tree) => {
      ;(tree[3][0] as RlpItem[]).push(new Uint8Array(0))
    }),
    'DECODE_RLP_TRAILING',
    'withdrawals',
  )
})

block.run()
