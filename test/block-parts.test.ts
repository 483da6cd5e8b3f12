/** The parts that decoded blocks are made of, each by itself: columns, hex, lists, hashes of ancestors. */

import { inspect } from 'node:util'
import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hexToBytes, putHex } from '../lib/arguments.js'
import { Column, copyBytes, copyNumber } from '../lib/block/column.js'
import { addRange, EncodedList } from '../lib/block/encoded-list.js'
import {
  BlockHeader,
  checkWithdrawalList,
  decodeBlock,
  encodeBlock,
  packBlock,
  packTransactions,
} from '../lib/block/index.js'
import { contextSize } from '../lib/block/input-assembly.js'
import { visibleBlockHashes } from '../lib/block/input-context.js'
import { checkEnvironment } from '../lib/block/known-members.js'
import { brokenField, fieldNames, rpcNames } from '../lib/block/transaction-names.js'
import { rulesetForFork } from '../lib/chain/index.js'
import { emptyTrieRoot } from '../lib/empty-hashes.js'
import { isBraidError } from '../lib/errors.js'
import { bytesOf, bytesToHex, uint256ToBytes } from '../lib/hex/index.js'
import { keccak256 } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { align } from '../lib/native/packed-writer.js'
import { BlockHash, BlockInput, SystemCall, Transaction } from '../lib/native/wire.js'
import { frontierFields, headerOf } from './support/headers.js'
import { errorIn } from './support/thrown.js'

const parts = suite('parts of blocks')

const fails = (run: () => unknown, code: string, field?: string): void => {
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && error.code === code, `${error}`)
    if (field !== undefined && isBraidError(error)) assert.is(error.details.field, field)
    return true
  })
}

parts('a column grows, keeps its content and gives zeros', () => {
  const column = new Column(4)
  column.bytes.fill(0xee)
  assert.is(column.record(3), 0)
  assert.equal([...column.bytes.subarray(0, 4)], [0, 0, 0, 0xee])
  column.bytes.set([1, 2, 3])
  assert.is(column.record(1), 3)
  assert.is(column.bytes.length, 4)
  column.append(Uint8Array.of(9, 8, 7, 6), 1, 3)
  assert.is(column.size, 6)
  assert.is(column.bytes.length, 8)
  assert.equal([...column.bytes.subarray(0, 6)], [1, 2, 3, 0, 8, 7])
  assert.is(column.view.getUint16(4, true), 0x0708)
  column.reserve(2)
  assert.is(column.bytes.length, 8)
  column.reserve(100)
  assert.is(column.bytes.length, 106)
  assert.is(column.size, 6)
  const { bytes } = column
  column.clear()
  assert.is(column.size, 0)
  assert.ok(column.bytes === bytes)
  // What was there before is not seen again.
  assert.is(column.record(6), 0)
  assert.equal([...column.bytes.subarray(0, 6)], [0, 0, 0, 0, 0, 0])
})

parts('a column gives back what one large block took', () => {
  const column = new Column(16)
  column.record(4 << 20)
  column.clear()
  assert.is(column.bytes.length, 4 << 20)
  column.record((4 << 20) + 1)
  column.clear()
  assert.is(column.bytes.length, 16)
  assert.is(column.view.byteLength, 16)
  assert.throws(
    () => column.reserve(0x8000_0000),
    (error: unknown) =>
      isBraidError(error, 'DECODE_SOURCE_TOO_LARGE') && error.details.actual === 0x8000_0000,
  )
})

parts('ranges of every length are copied', () => {
  const source = Uint8Array.from({ length: 200 }, (_, i) => i)
  for (const length of [0, 1, 31, 71, 72, 73, 150]) {
    const target = new Uint8Array(200).fill(0xaa)
    copyBytes(target, 3, source, 20, 20 + length)
    assert.equal([...target.subarray(3, 3 + length)], [...source.subarray(20, 20 + length)])
    assert.is(target[2], 0xaa)
    assert.is(target[3 + length], 0xaa)
  }
  const number = new Uint8Array(8)
  copyNumber(number, 6, Uint8Array.of(0, 1, 2, 3), 1, 4)
  assert.equal([...number], [0, 0, 0, 1, 2, 3, 0, 0])
})

parts('hex is of its size and nothing else', () => {
  assert.is(bytesToHex(Buffer.from('xxabc').subarray(2)), '0x616263')
  assert.equal([...hexToBytes('0x00Ff', 2, 'it')], [0, 255])
  const target = new Uint8Array(4).fill(9)
  putHex(target.subarray(1), 1, 1, '0x07', 'it')
  assert.equal([...target], [9, 9, 7, 9])
  for (const value of [
    '0x00',
    '0x000000',
    '0x00g0',
    '0x 00',
    '00ff',
    '1x00ff',
    'x',
    '',
    5,
    null,
    undefined,
  ]) {
    fails(() => hexToBytes(value, 2, 'it'), 'OPTION_INVALID', 'it')
  }
  assert.equal([...(bytesOf('0x0102') ?? [])], [1, 2])
  assert.equal([...(bytesOf('0x') ?? [1])], [])
  assert.equal([...(bytesOf(Uint8Array.of(3)) ?? [])], [3])
  for (const value of ['0x1', '0x0g', '01', 5, null, {}]) assert.is(bytesOf(value), undefined)
  const number = (1n << 255n) + (2n << 192n) + (3n << 128n) + (4n << 64n) + 5n
  assert.is(bytesToHex(uint256ToBytes(number)), `0x${number.toString(16)}`)
})

parts('a list of encodings has its items and no others', () => {
  const source = Uint8Array.of(1, 2, 3, 4, 5, 6)
  const ranges = new Column(8)
  for (const [start, end] of [
    [1, 3],
    [3, 3],
    [4, 6],
  ]) {
    addRange(ranges, start, end)
  }
  const list = new EncodedList(source, ranges)
  ranges.bytes.fill(0)
  assert.is(list.length, 3)
  assert.equal(
    list.toArray().map((item) => [...item]),
    [[2, 3], [], [5, 6]],
  )
  const { pool, offsets } = list.concatenated()
  assert.equal([...pool], [2, 3, 5, 6])
  assert.equal([...offsets], [0, 2, 2, 4])
  for (const index of [-1, 3, 0.5, Number.NaN]) assert.throws(() => list.at(index), RangeError)
})

const shanghai = {
  ...frontierFields,
  number: 7n,
  baseFeePerGas: 1n,
  withdrawalsRoot: emptyTrieRoot,
}
const withdrawals = [
  { index: 0xffff_ffff_ffffn, validatorIndex: 3n, address: `0x${'a1'.repeat(20)}`, amount: 1n },
  { index: 2n, validatorIndex: 1n << 63n, address: `0x${'a2'.repeat(20)}`, amount: 0x1_0000_0002n },
] as const
const call = {
  type: '0x0',
  gas: '0x5208',
  gasPrice: '0x1',
  value: '0x0',
  input: '0x',
  v: '0x1b',
  r: '0x1',
  s: '0x1',
} as const

parts('transactions and withdrawals are found by their place', () => {
  const to = `0x${'b7'.repeat(20)}`
  const transactions = [
    { ...call, nonce: '0x5', to },
    { ...call, nonce: `0x${'f'.repeat(15)}`, to: null },
  ]
  const rlp = encodeBlock({ ...shanghai, transactions, withdrawals } as never)
  const block = decodeBlock(rlp)
  assert.is(block.size, rlp.length)
  assert.is(block.number, 7n)
  assert.is(block.timestamp, 10_000n)
  const list = block.transactions
  assert.equal([list.to(0), list.to(1)], [to, null])
  assert.equal([list.nonce(0), list.nonce(1)], [5n, 0xfff_ffff_ffff_ffffn])
  assert.equal([list.type(0), list.type(1)], [0, 0])
  const hashes = list.encodings.toArray().map((item) => bytesToHex(keccak256(item)))
  assert.equal([list.hash(0), list.hash(1)], hashes)
  assert.equal([...list.hashes], hashes)
  const { hashes: first } = list
  assert.ok(list.hashes === first)
  for (const index of [-1, 2, 0.5, Number.NaN]) {
    for (const get of ['to', 'nonce', 'type', 'hash'] as const) {
      assert.throws(() => list[get](index), RangeError)
    }
  }
  assert.equal([...(block.withdrawals ?? [])], [...withdrawals])
  assert.equal(block.withdrawals?.at(1), withdrawals[1])
  assert.is(block.withdrawals?.length, 2)
})

const authorization = {
  chainId: '0x1',
  address: `0x${'a7'.repeat(20)}`,
  nonce: '0x0',
  r: '0x1',
  s: '0x2',
}
const setCode = {
  ...call,
  type: '0x4',
  chainId: '0x1',
  nonce: '0x0',
  gasPrice: undefined,
  maxFeePerGas: '0x9',
  maxPriorityFeePerGas: '0x1',
  to: `0x${'b7'.repeat(20)}`,
  accessList: [],
  yParity: '0x0',
  v: '0x0',
}

parts('an authorization may have 27 or 28 in place of its parity', () => {
  const encoded = (parity: object) =>
    bytesToHex(
      encodeBlock({
        ...frontierFields,
        transactions: [{ ...setCode, authorizationList: [{ ...authorization, ...parity }] }],
      } as never),
    )
  for (const [expected, spellings] of [
    ['0x0', [27, 27n, '0x1b', '0x0']],
    ['0x1', [28, 28n, '0x1c', '0x1']],
  ] as const) {
    for (const v of spellings) assert.is(encoded({ v }), encoded({ yParity: expected }), String(v))
  }
  assert.is(encoded({ v: 29 }), encoded({ yParity: 29 }))
  assert.is(encoded({ v: 27, yParity: 1 }), encoded({ yParity: 1 }))
})

parts('unsigned legacy transactions may name their chain', () => {
  const from = `0x${'c1'.repeat(20)}`
  const { v: _v, r: _r, s: _s, ...unsigned } = call
  const decode = (chainId: unknown) =>
    decodeBlock(
      {
        ...frontierFields,
        transactions: [{ ...unsigned, nonce: '0x0', to: null, from, chainId }],
      } as never,
      { trustSenders: true },
    ).transactions.encodings.at(0)
  const encodingOf = (v: number) =>
    RLP.encode([0n, 1n, 0x5208n, '0x', 0n, '0x', BigInt(v), 0n, 0n] as never)
  // EIP-155, parity 0.
  for (const five of [5, 5n, '0x5', '5']) {
    assert.is(bytesToHex(decode(five)), bytesToHex(encodingOf(45)))
  }
  for (const none of [undefined, null]) {
    assert.is(bytesToHex(decode(none)), bytesToHex(encodingOf(27)))
  }
  for (const wrong of [{}, true, 'five', 1.5]) {
    fails(() => decode(wrong), 'DECODE_FIELD_TYPE', 'chainId')
  }
  for (const [chainId, code] of [
    [-1n, 'DECODE_FIELD_RANGE'],
    [1n << 63n, 'TX_WRONG_CHAIN_ID'],
  ] as const) {
    assert.throws(
      () => decode(chainId),
      (error: unknown) =>
        isBraidError(error, code) &&
        error.details.field === 'chainId' &&
        error.details.actual === chainId,
    )
  }
})

parts('what is to be encoded must have transactions, and their signatures', () => {
  const from = `0x${'c1'.repeat(20)}`
  const { v: _v, r: _r, s: _s, ...unsigned } = call
  const encode = (transactions: unknown) => () =>
    encodeBlock({ ...frontierFields, transactions } as never)
  fails(encode(5), 'DECODE_FIELD_TYPE', 'transactions')
  fails(encode(undefined), 'DECODE_FIELD_MISSING', 'transactions')
  fails(encode([`0x${'11'.repeat(32)}`]), 'DECODE_FIELD_TYPE', 'transaction')
  fails(encode([{ ...unsigned, nonce: '0x0', to: null, from }]), 'TX_UNSIGNED', 'r')
})

parts('a block of more than 64 MiB is none, in whatever form it comes', () => {
  const extraData = `0x${'00'.repeat(64 << 20)}`
  assert.throws(
    () => decodeBlock({ ...frontierFields, extraData, transactions: [] } as never),
    (error: unknown) =>
      isBraidError(error, 'DECODE_SOURCE_TOO_LARGE') && Number(error.details.actual) > 64 << 20,
  )
})

parts('withdrawals are there where the header has their root, and only there', () => {
  const encodingOf = (fields: object) => {
    const { header } = decodeBlock(encodeBlock({ ...fields, transactions: [] } as never))
    return RLP.decode(header.encoded)
  }
  for (const [fields, hasList, expected] of [
    [shanghai, false, 'present'],
    [shanghai, true, undefined],
    [frontierFields, false, undefined],
    [frontierFields, true, 'absent'],
  ] as const) {
    const list = hasList ? [[]] : []
    const block = decodeBlock(RLP.encode([encodingOf(fields), [], [], ...list] as never))
    if (expected === undefined) {
      checkWithdrawalList(block)
      continue
    }
    assert.throws(
      () => checkWithdrawalList(block),
      (error: unknown) =>
        isBraidError(error, 'BLOCK_FIELD_UNEXPECTED') &&
        error.details.field === 'withdrawals' &&
        error.details.expected === expected,
    )
  }
})

parts('a header is written as JSON-RPC has it', () => {
  const { header } = decodeBlock(encodeBlock({ ...shanghai, transactions: [], withdrawals: [] }))
  const json = JSON.parse(JSON.stringify(header))
  assert.is(json.miner, frontierFields.miner)
  assert.is(json.sha3Uncles, frontierFields.sha3Uncles)
  assert.is(json.number, '0x7')
  assert.is(json.hash, header.hash)
  for (const name of ['ommersHash', 'coinbase', 'requestsHash', 'blobGasUsed']) {
    assert.not.ok(name in json, name)
  }
})

const environment = {
  number: 5n,
  timestamp: 6n,
  gasLimit: 7n,
  coinbase: `0x${'aa'.repeat(20)}` as const,
}

parts('members of transactions and environments that nobody knows are refused', () => {
  const sender = `0x${'c1'.repeat(20)}` as const
  const fields = { sender, gasLimit: 21_000n, gasPrice: 1n, nonce: 0n }
  const rules = rulesetForFork('Prague')
  const pack = (transactions: readonly unknown[]) => () =>
    packTransactions(environment, rules, transactions as never)
  const rejectionOf = (run: () => unknown): unknown[] => {
    const error = errorIn(run)
    if (error === undefined) return []
    const { field, expected, txIndex } = error.details
    return [error.code, field, expected, txIndex]
  }
  // What an answer of JSON-RPC says in its own words is fine beside ours.
  const answer = { from: sender, gas: 1, input: '0x', hash: '0x', v: 1, typeHex: '0x0' }
  const answers = [{ ...fields, data: '0x', ...answer }]
  assert.equal(rejectionOf(pack(answers)), [])
  for (const [name, ours] of [
    ['from', 'sender'],
    ['gas', 'gasLimit'],
    ['input', 'data'],
  ] as const) {
    const odd = { ...fields, [name]: '0x1', [ours]: undefined }
    assert.equal(rejectionOf(pack([fields, odd])), ['OPTION_INVALID', name, ours, 1])
  }
  assert.equal(rejectionOf(pack([{ ...fields, gasLimt: 1 }])), [
    'OPTION_INVALID',
    'gasLimt',
    'gasLimit',
    0,
  ])
  for (const [name, ours] of [
    ['miner', 'coinbase'],
    ['beneficiary', 'coinbase'],
    ['baseFeePerGas', 'baseFee'],
    ['mixHash', 'prevRandao'],
    ['mixDigest', 'prevRandao'],
    ['random', 'prevRandao'],
  ] as const) {
    const rejection = rejectionOf(() => checkEnvironment({ ...environment, [name]: 1n } as never))
    assert.equal(rejection, ['OPTION_INVALID', name, ours, undefined])
  }
  assert.equal(rejectionOf(() => checkEnvironment(null as never)).slice(0, 2), [
    'OPTION_INVALID',
    'environment',
  ])
  assert.equal(rejectionOf(pack([null])).slice(0, 2), ['DECODE_FIELD_MISSING', 'transaction'])
  assert.equal(rejectionOf(pack([5])).slice(0, 2), ['DECODE_FIELD_TYPE', 'transaction'])
  for (const flag of ['skipNonceCheck', 'skipBalanceCheck']) {
    assert.equal(rejectionOf(pack([{ ...fields, [flag]: true }])), [])
    assert.equal(rejectionOf(pack([{ ...fields, [flag]: undefined }])), [])
    assert.equal(rejectionOf(pack([{ ...fields, [flag]: 1 }])).slice(0, 2), [
      'DECODE_FIELD_TYPE',
      flag,
    ])
  }
})

parts('encodings are packed as they are', () => {
  const transactions = [
    { ...call, nonce: '0x5', to: null },
    { ...setCode, authorizationList: [authorization].map((item) => ({ ...item, yParity: '0x0' })) },
  ]
  const block = decodeBlock(encodeBlock({ ...frontierFields, transactions } as never))
  const encodings = block.transactions.encodings.toArray()
  const rules = rulesetForFork('Prague')
  const packed = new PackedReader(packTransactions(environment, rules, encodings))
  const first = packed.sectionOffset(BlockInput.transactions)
  assert.is(packed.sectionCount(BlockInput.transactions), 2)
  const types = [0, 1].map((i) => packed.u8(first + i * Transaction.SIZE + Transaction.type))
  assert.equal(types, [0, 4])
  assert.is(packed.u64(first + Transaction.nonce), 5n)
  const joined = Buffer.concat([encodings[0], encodings[0]])
  assert.throws(
    () => packTransactions(environment, rules, [joined]),
    (error: unknown) =>
      isBraidError(error, 'DECODE_RLP_TRAILING') &&
      error.details.expected === 1 &&
      error.details.actual === 2,
  )
  for (const [wrong, field, actual] of [
    [new Uint8Array(0), 'transaction', 0],
    [Uint8Array.of(0xbf), 'type', 0xbf],
    [Uint8Array.of(5), 'type', 5],
  ] as const) {
    assert.throws(
      () => packTransactions(environment, rules, [wrong]),
      (error: unknown) =>
        isBraidError(error) &&
        error.details.txIndex === 0 &&
        error.details.field === field &&
        error.details.actual === actual,
    )
  }
  const cause = new Error('not today')
  const source = {
    get nonce(): bigint {
      throw cause
    },
  }
  assert.throws(
    () => packTransactions(environment, rules, [source as never]),
    (error: unknown) =>
      isBraidError(error, 'DECODE_SOURCE_FAILED') &&
      error.cause === cause &&
      error.details.txIndex === 0,
  )
  // An empty list is a transaction that lacks everything, no type.
  fails(() => packTransactions(environment, rules, [Uint8Array.of(0xc0)]), 'DECODE_FIELD_MISSING')
  assert.throws(
    () =>
      packTransactions(environment, rules, [{ gasLimit: 1n, gasPrice: 1n, nonce: 0n } as never]),
    (error: unknown) =>
      isBraidError(error, 'DECODE_FIELD_TYPE') &&
      isBraidError(error.cause) &&
      error.cause.details.field === 'sender',
  )
})

parts('what is wrong with a header is no transaction’s fault', () => {
  const transactions = [{ ...call, nonce: '0x0', to: null }]
  assert.throws(
    () => encodeBlock({ ...frontierFields, gasLimit: '0xg', transactions } as never),
    (error: unknown) =>
      isBraidError(error, 'DECODE_FIELD_TYPE') &&
      error.details.field === 'gasLimit' &&
      !('txIndex' in error.details),
  )
})

parts('a header is decoded by itself, from exactly its bytes', () => {
  const { header } = decodeBlock(encodeBlock({ ...frontierFields, transactions: [] }))
  const alone = BlockHeader.decode(header.encoded)
  assert.is(alone.hash, header.hash)
  assert.is(alone.number, 1000n)
  fails(
    () => BlockHeader.decode(Buffer.concat([header.encoded, Uint8Array.of(0)])),
    'DECODE_RLP_TRAILING',
    'header',
  )
  fails(() => BlockHeader.decode('0x' as never), 'OPTION_INVALID', 'encoded')
  const shown = inspect(header)
  for (const text of [
    header.hash.slice(0, 20),
    'parentHash',
    'gasLimit',
    '1024000n',
    'requestsHash',
  ]) {
    assert.ok(shown.includes(text), `${text} in ${shown}`)
  }
})

parts('what is no source of a block is refused', () => {
  for (const [source, actual] of [
    [null, null],
    [undefined, 'undefined'],
    [5, 'number'],
    ['0xc0', 'string'],
    [{}, 'object'],
    [{ transactions: 5 }, 'object'],
    [{ serialize: 5 }, 'object'],
    [{ serialize: () => '0xc0' }, 'object'],
  ] as const) {
    assert.throws(
      () => decodeBlock(source as never),
      (error: unknown) =>
        isBraidError(error, 'DECODE_SOURCE_UNKNOWN') && error.details.actual === actual,
    )
  }
  const most = 64 << 20
  assert.throws(
    () => decodeBlock(new Uint8Array(most + 1)),
    (error: unknown) =>
      isBraidError(error, 'DECODE_SOURCE_TOO_LARGE') && error.details.actual === most + 1,
  )
  fails(() => decodeBlock(new Uint8Array(most)), 'DECODE_FIELD_TYPE', 'block')
  // A member of that name that is no function says nothing.
  const json = { ...frontierFields, transactions: [], serialize: 5 }
  assert.is(decodeBlock(json as never).number, 1000n)
})

parts('what is wrong with an ommer or a withdrawal is named', () => {
  const { header } = decodeBlock(encodeBlock({ ...frontierFields, transactions: [] }))
  const fields = RLP.decode(header.encoded) as Uint8Array[]
  const decode = (...body: unknown[]) => decodeBlock(RLP.encode([fields, ...body] as never))
  const short = fields.with(3, new Uint8Array(31))
  fails(() => decode([], [fields, short]), 'DECODE_FIELD_SIZE', 'ommers[1].stateRoot')
  fails(() => decode([], [fields.slice(0, 14)]), 'DECODE_FIELD_MISSING', 'ommers[0].nonce')
  fails(() => decode([], 5), 'DECODE_FIELD_TYPE', 'ommers')
  fails(() => decode(5, []), 'DECODE_FIELD_TYPE', 'transactions')
  const place = new Uint8Array(20)
  fails(() => decode([], [], 5), 'DECODE_FIELD_TYPE', 'withdrawals')
  fails(() => decode([], [], [5]), 'DECODE_FIELD_TYPE', 'withdrawals')
  const [one, root] = [Uint8Array.of(1), new Uint8Array(32)]
  const long = [...fields, one, root, one, one, root, root, one]
  fails(() => decode([], [fields, long]), 'DECODE_RLP_TRAILING', 'ommers[1]')
  fails(
    () => decode([], [], [[0, 0, new Uint8Array(19), 0]]),
    'DECODE_FIELD_SIZE',
    'withdrawals.address',
  )
  const large = new Uint8Array(9).fill(1)
  fails(() => decode([], [], [[large, 0, place, 0]]), 'DECODE_FIELD_RANGE', 'withdrawals.index')
  fails(
    () => decode([], [], [[0, large, place, 0]]),
    'DECODE_FIELD_RANGE',
    'withdrawals.validatorIndex',
  )
  fails(() => decode([], [], [[0, 0, place, large]]), 'DECODE_FIELD_RANGE', 'withdrawals.amount')
  fails(() => decode([], [], [[0, 0, place, 0, 0]]), 'DECODE_RLP_TRAILING', 'withdrawals')
  assert.equal(
    decode([], [fields, fields]).ommers.map(({ hash }) => hash),
    [header.hash, header.hash],
  )
})

parts('errors tell what was there instead', () => {
  const detailsOf = (run: () => unknown) => {
    const error = errorIn(run)
    if (error === undefined) return []
    const { field, expected, actual } = error.details
    return [error.code, field, expected, actual]
  }
  assert.is(detailsOf(() => hexToBytes('00ff', 2, 'it'))[3], '00ff')
  assert.is(detailsOf(() => hexToBytes(5, 2, 'it'))[3], 'number')
  assert.is(detailsOf(() => hexToBytes(undefined, 2, 'it'))[3], 'undefined')
  const { header } = decodeBlock(encodeBlock({ ...frontierFields, transactions: [] }))
  const fields = RLP.decode(header.encoded) as Uint8Array[]
  // No hardfork has a header of 18 fields.
  const more = [Uint8Array.of(1), new Uint8Array(32), Uint8Array.of(1)]
  const odd = () => decodeBlock(RLP.encode([[...fields, ...more], [], []] as never))
  assert.equal(detailsOf(odd), ['DECODE_FIELD_MISSING', 'header', undefined, 18])
  // Ommers: two at most, up to six blocks older, and none from Paris on.
  const old = (number: bigint) =>
    RLP.decode(
      decodeBlock(encodeBlock({ ...frontierFields, number, transactions: [] })).header.encoded,
    )
  const pack = (ommers: readonly unknown[], hardfork = 'Byzantium') => {
    const block = decodeBlock(RLP.encode([fields, [], ommers] as never))
    return detailsOf(() => packBlock(block, rulesetForFork(hardfork)))
  }
  const invalid = 'BLOCK_OMMER_INVALID'
  const ommer = old(999n)
  assert.equal(pack([ommer, ommer]), [])
  assert.equal(pack([ommer, ommer, ommer]), [invalid, 'ommers', 2, 3])
  assert.equal(pack([ommer, old(994n)]), [])
  assert.equal(pack([ommer, old(993n)]), [invalid, 'ommers[1].number', undefined, 993n])
  assert.equal(pack([old(1000n)]), [invalid, 'ommers[0].number', undefined, 1000n])
  assert.equal(pack([old(1001n)]), [invalid, 'ommers[0].number', undefined, 1001n])
  const merged = encodeBlock({ ...frontierFields, baseFeePerGas: 1n, transactions: [] })
  const [mergedFields] = RLP.decode(merged) as unknown as Uint8Array[][]
  const late = decodeBlock(RLP.encode([mergedFields, [], [ommer]] as never))
  assert.equal(
    detailsOf(() => packBlock(late, rulesetForFork('Paris'))),
    [invalid, 'ommers', 0, 1],
  )
})

parts('a parity is called as it was given', () => {
  const fieldOf = (change: object) => {
    const tx = { ...setCode, authorizationList: [{ ...authorization, yParity: 0 }], ...change }
    const error = errorIn(() => encodeBlock({ ...frontierFields, transactions: [tx] } as never))
    return error?.details.field
  }
  assert.is(fieldOf({}), undefined)
  assert.is(fieldOf({ yParity: undefined, v: '0xg' }), 'v')
  assert.is(fieldOf({ yParity: null, v: '0xg' }), 'v')
  assert.is(fieldOf({ yParity: '0xg', v: '0x0' }), 'yParity')
  assert.is(fieldOf({ s: '0xg' }), 's')
  assert.is(fieldOf({ r: '0xg' }), 'r')
  assert.is(fieldOf({ nonce: '0xg' }), 'nonce')
  assert.is(fieldOf({ chainId: '0xg' }), 'chainId')
  assert.is(fieldOf({ maxFeePerGas: '0xg' }), 'maxFeePerGas')
  assert.is(fieldOf({ maxPriorityFeePerGas: '0xg' }), 'maxPriorityFeePerGas')
  const blob = { type: '0x3', blobVersionedHashes: [], maxFeePerBlobGas: '0x1' }
  assert.is(fieldOf(blob), undefined)
  assert.is(fieldOf({ ...blob, maxFeePerBlobGas: '0xg' }), 'maxFeePerBlobGas')
  assert.is(fieldOf({ ...blob, blobVersionedHashes: 5 }), 'blobVersionedHashes')
  assert.is(fieldOf({ type: '0x1', gasPrice: '0xg' }), 'gasPrice')
})

parts('what an error is about has the name that the caller uses', () => {
  const rlp = encodeBlock({ ...frontierFields, transactions: [] })
  assert.is(decodeBlock(rlp).names, fieldNames)
  assert.is(decodeBlock({ ...frontierFields, transactions: [] }).names, rpcNames)
  for (const [code, type, rpc, ours] of [
    ['TX_NONCE_TOO_LOW', 0, 'nonce', 'nonce'],
    ['TX_INTRINSIC_GAS_TOO_LOW', 2, 'gas', 'gasLimit'],
    ['TX_INITCODE_TOO_LARGE', 0, 'input', 'data'],
    ['TX_SENDER_NOT_EOA', 4, 'from', 'sender'],
    ['TX_MAX_FEE_BELOW_BASE_FEE', 0, 'gasPrice', 'gasPrice'],
    ['TX_MAX_FEE_BELOW_BASE_FEE', 1, 'gasPrice', 'gasPrice'],
    ['TX_MAX_FEE_BELOW_BASE_FEE', 2, 'maxFeePerGas', 'maxFeePerGas'],
    ['TX_INSUFFICIENT_FUNDS', 0, undefined, undefined],
    ['BLOCK_GAS_USED_EXCEEDS_LIMIT', 0, undefined, undefined],
  ] as const) {
    assert.is(brokenField(code, type, rpcNames), rpc, code)
    assert.is(brokenField(code, type, fieldNames), ours, code)
  }
})

parts('a header takes 65,535 bytes at most, wherever it lies', () => {
  const empty = headerOf(frontierFields).encoded.length
  // Prefixes of the list and of the string are as long for both.
  const ommer = (size: number) => {
    const extra = size - empty - 2
    return RLP.decode(
      encodeBlock({ ...frontierFields, extraData: `0x${'ee'.repeat(extra)}`, transactions: [] }),
    )[0] as unknown as Uint8Array[]
  }
  const most = 0xffff
  const { encoded: header } = headerOf(frontierFields)
  const decode = (ommers: readonly unknown[]) =>
    decodeBlock(RLP.encode([RLP.decode(header), [], ommers] as never)).ommers
  const large = ommer(60_000)
  const [first, second] = decode([large, large])
  assert.is(first.encoded.length, 60_000)
  assert.is(second.hash, first.hash)
  const sizes = [most - 1, most, most + 1, most + 2]
  const taken = sizes.filter((size) => {
    try {
      return decode([ommer(size)]).length === 1
    } catch (error) {
      assert.ok(isBraidError(error, 'DECODE_SOURCE_TOO_LARGE'))
      assert.is(error.details.field, 'ommers[0]')
      return false
    }
  })
  assert.equal(taken, [most - 1, most])
})

parts('a field that a header does not have is not there', () => {
  const header = headerOf(frontierFields)
  for (const name of ['baseFeePerGas', 'requestsHash'] as const) {
    assert.is(header.bytesOf(name), undefined)
  }
  assert.is(header.bytesOf('nonce')?.length, 8)
  assert.is(header.bytesOf('extraData')?.length, 0)
})

parts('sections start at multiples of 8', () => {
  assert.equal([0, 1, 7, 8, 9].map(align), [0, 8, 8, 8, 16])
  const calls = align(3 * SystemCall.SIZE)
  assert.is(contextSize(3, 5), calls + 5 * BlockHash.SIZE)
})

const hashOf = (number: number): `0x${string}` => `0x${number.toString(16).padStart(64, '0')}`

parts('a block sees the hashes of 256 ancestors', () => {
  const given = new Map<bigint, `0x${string}`>()
  for (let number = 700; number < 1010; number++) given.set(BigInt(number), hashOf(number))
  const seen = visibleBlockHashes(given, 1000n, undefined)
  assert.is(seen.length, 256)
  assert.equal(seen[0], { number: 744n, hash: hashOf(744) })
  assert.equal(seen[255], { number: 999n, hash: hashOf(999) })
  const withParent = visibleBlockHashes(given, 1000n, hashOf(1))
  assert.is(withParent.length, 256)
  assert.equal(withParent[255], { number: 999n, hash: hashOf(1) })
  // The first block has no parent to be seen.
  assert.equal(visibleBlockHashes(undefined, 0n, hashOf(1)), [])
  assert.equal(visibleBlockHashes(undefined, 1n, hashOf(1)), [{ number: 0n, hash: hashOf(1) }])
})

parts('hashes may be given by any name of a number, but once', () => {
  const expected = [
    { number: 5n, hash: hashOf(5) },
    { number: 6n, hash: hashOf(6) },
  ]
  assert.equal(visibleBlockHashes({ 6: hashOf(6), 5: hashOf(5) }, 10n, undefined), expected)
  const mixed = new Map<unknown, string>([
    ['0x6', hashOf(6)],
    [5, hashOf(5)],
  ])
  assert.equal(visibleBlockHashes(mixed as never, 10n, undefined), expected)
  const twice = new Map<unknown, string>([
    ['0x6', hashOf(6)],
    [6n, hashOf(6)],
  ])
  const numbers: unknown[] = [
    twice,
    new Map([[true, hashOf(1)]]),
    5,
    'text',
    [['a']],
    new Map([[{}, hashOf(1)]]),
    { five: hashOf(5) },
    { '': hashOf(5) },
    { ' 5': hashOf(5) },
    new Map([[5.5, hashOf(5)]]),
  ]
  for (const wrong of numbers) {
    fails(() => visibleBlockHashes(wrong as never, 10n, undefined), 'OPTION_INVALID', 'blockHashes')
  }
})

parts.run()
