import { TransactionType, type TypedTransaction } from '@ethereumjs/tx'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BlockEnvironment,
  decodeBlock,
  type PackOptions,
  packBlock,
  packTransactions,
  type RpcBlock,
  type TransactionFields,
} from '../lib/block/index.js'
import { blobBaseFee, mainnetCommon, rulesetAt, rulesetForFork } from '../lib/chain/index.js'
import type { ErrorCode } from '../lib/error-codes.js'
import { keccak256, recoverAddresses } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import {
  AccessEntry,
  Authorization,
  AuthorizationFlag,
  BlockFlag,
  BlockHash,
  BlockInput,
  Magic,
  Ommer,
  SystemCall,
  Transaction,
  TransactionFlag,
  WIRE_VERSION,
  Withdrawal,
} from '../lib/native/wire.js'
import { sampleBlock, sampleRpcBlock, sender } from './support/sample-block.js'
import { errorIn } from './support/thrown.js'

const pack = suite('pack')

const common = mainnetCommon()
const sample = sampleBlock()
const source = sample.serialize()
const prague = rulesetForFork('Prague')

const hexOf = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`

function codeOf(run: () => unknown): ErrorCode | undefined {
  return errorIn(run)?.code
}

/** Checks what the reader on the other side relies on: sections lie inside, aligned, and the links. */
function checkLayout(reader: PackedReader): void {
  const sections: [field: number, size: number][] = [
    [BlockInput.transactions, Transaction.SIZE],
    [BlockInput.ommers, Ommer.SIZE],
    [BlockInput.withdrawals, Withdrawal.SIZE],
    [BlockInput.blockHashes, BlockHash.SIZE],
    [BlockInput.systemCalls, SystemCall.SIZE],
    [BlockInput.drains, 20],
    [BlockInput.accessEntries, AccessEntry.SIZE],
    [BlockInput.storageKeys, 32],
    [BlockInput.blobHashes, 32],
    [BlockInput.authorizations, Authorization.SIZE],
    [BlockInput.pool, 1],
  ]
  assert.is(reader.u32(BlockInput.magic), Magic.BlockInput)
  assert.is(reader.u32(BlockInput.version), WIRE_VERSION)
  const ranges: [number, number][] = []
  for (const [field, size] of sections) {
    const start = reader.sectionOffset(field)
    const end = start + reader.sectionCount(field) * size
    assert.is(start % 8, 0)
    assert.ok(start >= BlockInput.SIZE && end <= reader.bytes.length)
    if (end > start) ranges.push([start, end])
  }
  ranges.sort(([a], [b]) => a - b)
  for (let i = 1; i < ranges.length; i++) assert.ok(ranges[i - 1][1] <= ranges[i][0])
}

/** Reads a packed input, having checked its layout. */
function open(bytes: Uint8Array): PackedReader {
  const reader = new PackedReader(bytes)
  checkLayout(reader)
  return reader
}

/** The start of a record. */
function record(reader: PackedReader, section: number, size: number, index: number): number {
  assert.ok(index < reader.sectionCount(section))
  return reader.sectionOffset(section) + index * size
}

const transaction = (reader: PackedReader, index: number) =>
  record(reader, BlockInput.transactions, Transaction.SIZE, index)

function poolSlice(reader: PackedReader, offset: number, size: number): Uint8Array {
  assert.ok(offset + size <= reader.sectionCount(BlockInput.pool))
  return reader.slice(reader.sectionOffset(BlockInput.pool) + offset, size)
}

interface Fees {
  maxFee: bigint
  tip: bigint
}

function feesOf(tx: TypedTransaction): Fees {
  if ('maxFeePerGas' in tx) return { maxFee: tx.maxFeePerGas, tip: tx.maxPriorityFeePerGas }
  return { maxFee: tx.gasPrice, tip: tx.gasPrice }
}

pack('the block around the transactions', () => {
  const reader = open(packBlock(decodeBlock(source), prague))
  const { header } = sample
  assert.is(reader.u32(BlockInput.revision), 13)
  assert.is(reader.u32(BlockInput.flags), BlockFlag.HasDepositContract)
  assert.is(reader.u64(BlockInput.number), header.number)
  assert.is(reader.u64(BlockInput.timestamp), header.timestamp)
  assert.is(reader.u64(BlockInput.gasLimit), header.gasLimit)
  assert.is(reader.u64(BlockInput.chainId), 1n)
  assert.is(reader.u64(BlockInput.maxBlobGas), 9n * 131_072n)
  assert.is(reader.u32(BlockInput.maxBlobsPerTransaction), 9)
  assert.is(reader.hex(BlockInput.prevRandao, 32), hexOf(header.mixHash))
  assert.is(reader.u256(BlockInput.baseFee), header.baseFeePerGas)
  assert.is(reader.u256(BlockInput.blobBaseFee), blobBaseFee(1_000_000n, 5_007_716n))
  assert.is(reader.u256(BlockInput.blockReward), 0n)
  assert.is(reader.hex(BlockInput.parentHash, 32), hexOf(header.parentHash))
  assert.is(reader.hex(BlockInput.coinbase, 20), header.coinbase.toString())
  assert.is(
    reader.hex(BlockInput.depositContract, 20),
    '0x00000000219ab540356cbb839cbe05303d7705fa',
  )
  assert.is(reader.sectionCount(BlockInput.drains), 0)
  assert.is(reader.sectionCount(BlockInput.ommers), 0)
})

pack('the records of all kinds of transactions', () => {
  const reader = open(packBlock(decodeBlock(source), prague))
  assert.is(reader.sectionCount(BlockInput.transactions), sample.transactions.length)
  sample.transactions.forEach((tx, i) => {
    const at = transaction(reader, i)
    const flags = reader.u8(at + Transaction.flags)
    const { maxFee, tip } = feesOf(tx)
    assert.is(reader.u8(at + Transaction.type), tx.type)
    assert.is(reader.u64(at + Transaction.nonce), tx.nonce)
    assert.is(reader.u64(at + Transaction.gasLimit), tx.gasLimit)
    assert.is(reader.u256(at + Transaction.value), tx.value)
    assert.is(reader.u256(at + Transaction.maxFeePerGas), maxFee)
    assert.is(reader.u256(at + Transaction.maxPriorityFeePerGas), tip)
    assert.is(reader.u256(at + Transaction.r), tx.r)
    assert.is(reader.u256(at + Transaction.s), tx.s)
    assert.is((flags & TransactionFlag.HasTo) !== 0, tx.to !== undefined)
    if (tx.to !== undefined) assert.is(reader.hex(at + Transaction.to, 20), tx.to.toString())
    // The first of the sample is signed without a chain id.
    assert.is((flags & TransactionFlag.HasChainId) !== 0, i !== 0)
    assert.is(reader.u64(at + Transaction.chainId), i === 0 ? 0n : 1n)
    assert.is(flags & TransactionFlag.HasSender, 0)
    const data = poolSlice(
      reader,
      reader.u32(at + Transaction.dataOffset),
      reader.u32(at + Transaction.dataSize),
    )
    assert.is(hexOf(data), hexOf(tx.data))
    const blobFee = 'maxFeePerBlobGas' in tx ? tx.maxFeePerBlobGas : 0n
    assert.is(reader.u256(at + Transaction.maxFeePerBlobGas), blobFee)
  })
})

pack('signing payloads: the signers come out', () => {
  const reader = open(packBlock(decodeBlock(source), prague))
  const count = sample.transactions.length
  const signatures = new Uint8Array(97 * count)
  sample.transactions.forEach((tx, i) => {
    const at = transaction(reader, i)
    const payload = poolSlice(
      reader,
      reader.u32(at + Transaction.payloadOffset),
      reader.u32(at + Transaction.payloadSize),
    )
    const hash = keccak256(payload)
    assert.is(hexOf(hash), hexOf(tx.getHashedMessageToSign()), `${i}`)
    signatures.set(hash, 97 * i)
    signatures.set(reader.slice(at + Transaction.r, 64), 97 * i + 32)
    signatures[97 * i + 96] = reader.u8(at + Transaction.yParity)
  })
  const recovered = recoverAddresses(signatures)
  for (let i = 0; i < count; i++) {
    assert.is(hexOf(recovered.subarray(21 * i + 1, 21 * i + 21)), sender, `${i}`)
  }
})

pack('access lists, blob hashes and authorizations', () => {
  const reader = open(packBlock(decodeBlock(source), prague))
  const accessOf = (index: number) => {
    const at = transaction(reader, index)
    const start = reader.u32(at + Transaction.accessStart)
    return Array.from({ length: reader.u32(at + Transaction.accessCount) }, (_, i) => {
      const entry = record(reader, BlockInput.accessEntries, AccessEntry.SIZE, start + i)
      const keyStart = reader.u32(entry + AccessEntry.keyStart)
      const keys = Array.from({ length: reader.u32(entry + AccessEntry.keyCount) }, (_, k) =>
        reader.hex(record(reader, BlockInput.storageKeys, 32, keyStart + k), 32),
      )
      return [reader.hex(entry + AccessEntry.address, 20), keys]
    })
  }
  const accessList = [
    [`0x${'01'.repeat(20)}`, [`0x${'02'.repeat(32)}`, `0x${'03'.repeat(32)}`]],
    [`0x${'04'.repeat(20)}`, []],
  ]
  assert.equal(accessOf(3), accessList)
  assert.equal(accessOf(4), [])
  assert.equal(accessOf(5), accessList)

  const blob = transaction(reader, 5)
  assert.is(reader.u32(blob + Transaction.blobCount), 2)
  const blobStart = reader.u32(blob + Transaction.blobStart)
  assert.is(
    reader.hex(record(reader, BlockInput.blobHashes, 32, blobStart + 1), 32),
    `0x01${'0d'.repeat(31)}`,
  )

  const setCode = transaction(reader, 6)
  assert.is(reader.u32(setCode + Transaction.authorizationCount), 2)
  const start = reader.u32(setCode + Transaction.authorizationStart)
  const at = record(reader, BlockInput.authorizations, Authorization.SIZE, start)
  assert.is(reader.u256(at + Authorization.chainId), 1n)
  assert.is(reader.hex(at + Authorization.address, 20), `0x${'05'.repeat(20)}`)
  assert.is(reader.u64(at + Authorization.nonce), 7n)
  assert.is(reader.u8(at + Authorization.yParity), 1)
  assert.is(reader.u8(at + Authorization.flags), 0)
  assert.is(reader.hex(at + Authorization.r, 32), `0x${'06'.repeat(32)}`)
  assert.is(reader.hex(at + Authorization.s, 32), `0x${'07'.repeat(32)}`)
})

pack('an authorization with an impossible parity is void, not undecodable', () => {
  const rpc = sampleRpcBlock()
  const [good] = rpc.transactions[6].authorizationList ?? []
  rpc.transactions[6].authorizationList = [{ ...good, yParity: 255 }]
  const reader = open(packBlock(decodeBlock(rpc), prague))
  const at = record(reader, BlockInput.authorizations, Authorization.SIZE, 0)
  assert.is(reader.u8(at + Authorization.flags), AuthorizationFlag.Malformed)
})

pack('what v stands for', () => {
  const cases: [v: bigint, parity: number, chainId: bigint | undefined][] = [
    [27n, 0, undefined],
    [28n, 1, undefined],
    [0n, 255, undefined],
    [1n, 255, undefined],
    [26n, 255, undefined],
    [29n, 255, undefined],
    [34n, 255, undefined],
    [35n, 0, 0n],
    [36n, 1, 0n],
    [37n, 0, 1n],
    [38n, 1, 1n],
    [2n * 11_155_111n + 36n, 1, 11_155_111n],
    [2n ** 32n + 34n, 1, 2n ** 31n - 1n],
    [2n ** 32n + 35n, 0, 2n ** 31n],
    [2n ** 33n + 35n, 0, 2n ** 32n],
    [2n ** 33n + 34n, 1, 2n ** 32n - 1n],
    [2n ** 64n - 1n, 0, (2n ** 64n - 36n) / 2n],
  ]
  for (const [v, parity, chainId] of cases) {
    const rpc = sampleRpcBlock()
    rpc.transactions[2].v = v
    const reader = open(packBlock(decodeBlock(rpc), prague))
    const at = transaction(reader, 2)
    assert.is(reader.u8(at + Transaction.yParity), parity, `${v}`)
    const has = (reader.u8(at + Transaction.flags) & TransactionFlag.HasChainId) !== 0
    assert.is(has, chainId !== undefined, `${v}`)
    assert.is(reader.u64(at + Transaction.chainId), chainId ?? 0n, `${v}`)
    const payloadSize = reader.u32(at + Transaction.payloadSize)
    const payload = poolSlice(reader, reader.u32(at + Transaction.payloadOffset), payloadSize)
    if (chainId === undefined) continue
    // The tail of the payload: the chain id, then two zeros.
    const digits = chainId.toString(16)
    const bytes = chainId === 0n ? '' : digits.padStart(digits.length + (digits.length % 2), '0')
    const size = bytes.length / 2
    const single = size === 1 && chainId < 0x80n
    const tail = `${single ? '' : (0x80 + size).toString(16)}${bytes}8080`
    assert.is(hexOf(payload).slice(-tail.length), tail, `${v}`)
  }
})

pack('a typed parity above 1 stands for no signature', () => {
  const rpc = sampleRpcBlock()
  rpc.transactions[4].yParity = 2
  const reader = open(packBlock(decodeBlock(rpc), prague))
  assert.is(reader.u8(transaction(reader, 4) + Transaction.yParity), 255)
})

pack('withdrawals', () => {
  const reader = open(packBlock(decodeBlock(source), prague))
  assert.is(reader.sectionCount(BlockInput.withdrawals), 2)
  const at = record(reader, BlockInput.withdrawals, Withdrawal.SIZE, 1)
  assert.is(reader.u64(at + Withdrawal.amount), 2n ** 63n)
  assert.is(reader.hex(at + Withdrawal.address, 20), `0x${'16'.repeat(20)}`)
})

pack('system calls and their input', () => {
  const reader = open(packBlock(decodeBlock(source), prague))
  const calls = Array.from({ length: reader.sectionCount(BlockInput.systemCalls) }, (_, i) => {
    const at = record(reader, BlockInput.systemCalls, SystemCall.SIZE, i)
    return {
      phase: reader.u32(at + SystemCall.phase),
      requestType: reader.u32(at + SystemCall.requestType),
      address: reader.hex(at + SystemCall.address, 20),
      input: hexOf(
        poolSlice(
          reader,
          reader.u32(at + SystemCall.inputOffset),
          reader.u32(at + SystemCall.inputSize),
        ),
      ),
    }
  })
  assert.equal(calls, [
    {
      phase: 0,
      requestType: 0,
      address: '0x000f3df6d732807ef1319fb7b8bb8522d0beac02',
      input: `0x${'15'.repeat(32)}`,
    },
    {
      phase: 0,
      requestType: 0,
      address: '0x0000f90827f1c53a10cb7a02335b175320002935',
      input: `0x${'11'.repeat(32)}`,
    },
    {
      phase: 1,
      requestType: 1,
      address: '0x00000961ef480eb55e80d19ad83579a64c007002',
      input: '0x',
    },
    {
      phase: 1,
      requestType: 2,
      address: '0x0000bbddc7ce488642fb579f8b00f3a590007251',
      input: '0x',
    },
  ])
})

pack('hashes of ancestors', () => {
  const hash = (byte: string) => `0x${byte.repeat(32)}`
  const hashesOf = (blockHashes: PackOptions['blockHashes']) => {
    const reader = open(packBlock(decodeBlock(source), prague, { blockHashes }))
    return Array.from({ length: reader.sectionCount(BlockInput.blockHashes) }, (_, i) => {
      const at = record(reader, BlockInput.blockHashes, BlockHash.SIZE, i)
      return [reader.u64(at + BlockHash.number), reader.hex(at + BlockHash.hash, 32)]
    })
  }
  const parent = [22_499_999n, hash('11')]
  assert.equal(hashesOf(undefined), [parent])
  const given = {
    '22499998': hash('aa'),
    '22499744': hash('bb'),
    // Out of sight, the block itself, and the parent, whose hash the header has.
    '22499743': hash('cc'),
    '22500000': hash('dd'),
    '22499999': hash('ee'),
    '0x1575296': hash('ff'),
  }
  const visible = [
    [22_499_744n, hash('bb')],
    [0x1575296n, hash('ff')],
    [22_499_998n, hash('aa')],
  ]
  assert.equal(hashesOf(given), [...visible, parent])
  const map = new Map(Object.entries(given).map(([key, value]) => [BigInt(key), value]))
  assert.equal(hashesOf(map), [...visible, parent])
  for (const wrong of [{ first: hash('aa') }, { '22499998': '0x12' }, { '22499998': 5 }]) {
    assert.is(
      codeOf(() => hashesOf(wrong as never)),
      'OPTION_INVALID',
    )
  }
})

pack('packing again gives the same bytes and leaves the first alone', () => {
  const block = decodeBlock(source)
  const first = packBlock(block, prague)
  const copy = first.slice()
  const osaka = packBlock(block, rulesetForFork('BPO2'), { forgiveMissingSystemContracts: true })
  assert.equal(first, copy)
  assert.equal(packBlock(block, prague), copy)
  const reader = open(osaka)
  assert.is(reader.u32(BlockInput.revision), 14)
  assert.is(reader.u32(BlockInput.maxBlobsPerTransaction), 6)
  assert.is(
    reader.u32(BlockInput.flags),
    BlockFlag.HasDepositContract | BlockFlag.ForgiveMissingSystemContracts,
  )
  assert.is(block.transactions.type(6), 4)
})

/** The sample as a block of proof of work. */
function oldBlock(number: bigint, changes: Partial<RpcBlock> = {}): RpcBlock {
  const {
    baseFeePerGas: _baseFee,
    withdrawalsRoot: _withdrawalsRoot,
    blobGasUsed: _blobGasUsed,
    excessBlobGas: _excessBlobGas,
    parentBeaconBlockRoot: _beaconRoot,
    requestsHash: _requestsHash,
    withdrawals: _withdrawals,
    ...rpc
  } = sampleRpcBlock()
  const [first] = rpc.transactions
  return { ...rpc, number, timestamp: 0, transactions: [first], difficulty: 12_345n, ...changes }
}

pack('proof of work: difficulty and rewards', () => {
  const uncles = [oldBlock(98n), oldBlock(94n, { miner: `0x${'77'.repeat(20)}` })]
  const block = decodeBlock(oldBlock(100n, { uncles }))
  const reader = open(packBlock(block, rulesetForFork('Byzantium')))
  assert.is(reader.u256(BlockInput.prevRandao), 12_345n)
  assert.is(reader.u256(BlockInput.blockReward), 3n * 10n ** 18n)
  assert.is(reader.u256(BlockInput.blobBaseFee), 0n)
  assert.is(reader.u32(BlockInput.flags), 0)
  const ommers = [0, 1].map((i) => {
    const at = record(reader, BlockInput.ommers, Ommer.SIZE, i)
    return [reader.hex(at + Ommer.coinbase, 20), reader.u32(at + Ommer.depth)]
  })
  assert.equal(ommers, [
    [`0x${'10'.repeat(20)}`, 2],
    [`0x${'77'.repeat(20)}`, 6],
  ])
})

pack('ommers that may not be there', () => {
  const byzantium = rulesetForFork('Byzantium')
  const code = (uncles: RpcBlock[], ruleset = byzantium) =>
    codeOf(() => packBlock(decodeBlock(oldBlock(100n, { uncles })), ruleset))
  assert.is(code([oldBlock(99n)]), undefined)
  assert.is(code([oldBlock(100n)]), 'BLOCK_OMMER_INVALID')
  assert.is(code([oldBlock(101n)]), 'BLOCK_OMMER_INVALID')
  assert.is(code([oldBlock(93n)]), 'BLOCK_OMMER_INVALID')
  assert.is(code([oldBlock(98n), oldBlock(97n), oldBlock(96n)]), 'BLOCK_OMMER_INVALID')
  const merged = sampleRpcBlock()
  const { transactions: _, ...header } = sampleRpcBlock()
  merged.uncles = [{ ...header, number: 22_499_999n }]
  assert.is(
    codeOf(() => packBlock(decodeBlock(merged), prague)),
    'BLOCK_OMMER_INVALID',
  )
})

pack('the DAO fork', () => {
  const drainsOf = (number: bigint) => {
    const block = decodeBlock(oldBlock(number))
    const reader = open(packBlock(block, rulesetAt(common, number, 0n)))
    return { count: reader.sectionCount(BlockInput.drains), reader }
  }
  assert.is(drainsOf(1_919_999n).count, 0)
  assert.is(drainsOf(1_920_001n).count, 0)
  const { count, reader } = drainsOf(1_920_000n)
  assert.is(count, 116)
  assert.is(
    reader.hex(BlockInput.drainBeneficiary, 20),
    '0xbf4ed7b27f1d666546e30d74d50d173d20bca754',
  )
  assert.is(
    reader.hex(record(reader, BlockInput.drains, 20, 0), 20),
    '0xd4fe7bc31cedb7bfb8a345f31e668033056b2728',
  )
})

pack('a header of another hardfork', () => {
  const block = decodeBlock(source)
  const old = decodeBlock(oldBlock(100n))
  const cases: [fork: string, field: string][] = [
    ['Cancun', 'requestsHash'],
    ['Shanghai', 'blobGasUsed'],
    ['Paris', 'withdrawalsRoot'],
    ['Berlin', 'baseFeePerGas'],
  ]
  for (const [fork, field] of cases) {
    const error = errorIn(() => packBlock(block, rulesetForFork(fork)))
    assert.is(error?.code, 'BLOCK_FIELD_UNEXPECTED')
    assert.is(error?.details.field, field)
    assert.is(error?.details.expected, 'absent')
  }
  const error = errorIn(() => packBlock(old, prague))
  assert.is(error?.code, 'BLOCK_FIELD_UNEXPECTED')
  assert.is(error?.details.expected, 'present')
})

pack('trusted senders', () => {
  const rpc = sampleRpcBlock()
  Object.assign(rpc.transactions[2], { v: null, r: null, s: null, from: `0x${'99'.repeat(20)}` })
  const reader = open(packBlock(decodeBlock(rpc, { trustSenders: true }), prague))
  const at = transaction(reader, 2)
  assert.is(
    reader.u8(at + Transaction.flags),
    TransactionFlag.HasSender | TransactionFlag.HasTo | TransactionFlag.HasChainId,
  )
  assert.is(reader.hex(at + Transaction.sender, 20), `0x${'99'.repeat(20)}`)
  assert.is(reader.u8(transaction(reader, 3) + Transaction.flags) & TransactionFlag.HasSender, 0)
})

const environment: BlockEnvironment = {
  number: 5n,
  timestamp: 1_000n,
  gasLimit: 30_000_000n,
  coinbase: `0x${'aa'.repeat(20)}`,
  baseFee: 7n,
  prevRandao: `0x${'bb'.repeat(32)}`,
  difficulty: 99n,
  excessBlobGas: 2_314_058n,
  blockHashes: { 4: `0x${'cc'.repeat(32)}`, 2: `0x${'dd'.repeat(32)}` },
}

const fields: TransactionFields = {
  sender: `0x${'ee'.repeat(20)}`,
  nonce: '0x00',
  gasLimit: '0x0186a0',
  gasPrice: '0x0a',
  to: `0x${'ff'.repeat(20)}`,
  value: '0x0001',
  data: '0x6001',
}

pack('transactions without a block', () => {
  const cancun = rulesetForFork('Cancun')
  const reader = open(
    packTransactions(environment, cancun, [
      fields,
      { ...fields, to: '', data: Uint8Array.of(1, 2), nonce: 3n, skipNonceCheck: true },
      { ...fields, accessList: [], skipBalanceCheck: true },
    ]),
  )
  assert.is(reader.u64(BlockInput.number), 5n)
  assert.is(reader.u256(BlockInput.baseFee), 7n)
  assert.is(reader.u256(BlockInput.blobBaseFee), 2n)
  assert.is(reader.hex(BlockInput.prevRandao, 32), `0x${'bb'.repeat(32)}`)
  assert.is(reader.hex(BlockInput.coinbase, 20), `0x${'aa'.repeat(20)}`)
  assert.is(reader.sectionCount(BlockInput.systemCalls), 0)
  assert.is(reader.sectionCount(BlockInput.blockHashes), 2)
  assert.is(reader.u256(BlockInput.blockReward), 0n)

  const { HasSender, HasTo, HasChainId, SkipNonceCheck, SkipBalanceCheck } = TransactionFlag
  const flags = [0, 1, 2].map((i) => reader.u8(transaction(reader, i) + Transaction.flags))
  assert.equal(flags, [
    HasSender | HasTo,
    HasSender | SkipNonceCheck,
    HasSender | HasTo | HasChainId | SkipBalanceCheck,
  ])
  const at = transaction(reader, 1)
  assert.is(reader.hex(at + Transaction.sender, 20), fields.sender)
  assert.is(reader.u32(at + Transaction.payloadSize), 0)
  assert.is(reader.u64(at + Transaction.nonce), 3n)
  const data = poolSlice(
    reader,
    reader.u32(at + Transaction.dataOffset),
    reader.u32(at + Transaction.dataSize),
  )
  assert.is(hexOf(data), '0x0102')
})

pack('types follow from the fields', () => {
  const osaka = rulesetForFork('Osaka', { chainId: 5n })
  const fee = { gasPrice: undefined, maxFeePerGas: 9n }
  const cases: [Partial<TransactionFields>, number][] = [
    [{}, TransactionType.Legacy],
    [{ accessList: [] }, TransactionType.AccessListEIP2930],
    [fee, TransactionType.FeeMarketEIP1559],
    [{ ...fee, accessList: [] }, TransactionType.FeeMarketEIP1559],
    [{ ...fee, maxFeePerBlobGas: 1n, authorizationList: [] }, TransactionType.EOACodeEIP7702],
    [{ ...fee, maxFeePerBlobGas: 1n, blobVersionedHashes: [] }, TransactionType.BlobEIP4844],
    [{ ...fee, authorizationList: [] }, TransactionType.EOACodeEIP7702],
    [{ type: 2, ...fee }, 2],
  ]
  for (const [more, type] of cases) {
    const reader = open(packTransactions(environment, osaka, [{ ...fields, ...more }]))
    const at = transaction(reader, 0)
    assert.is(reader.u8(at + Transaction.type), type)
    assert.is(reader.u64(at + Transaction.chainId), type === 0 ? 0n : 5n)
  }
})

pack('one field of a type is enough to imply it', () => {
  const osaka = rulesetForFork('Osaka')
  for (const [more, field] of [
    [{ gasPrice: undefined, maxPriorityFeePerGas: 1n }, 'maxFeePerGas'],
    [{ maxFeePerGas: 9n, blobVersionedHashes: [] }, 'maxFeePerBlobGas'],
    [{ maxFeePerGas: 9n, maxFeePerBlobGas: 1n }, 'blobVersionedHashes'],
  ] as const) {
    const error = errorIn(() => packTransactions(environment, osaka, [{ ...fields, ...more }]))
    assert.equal([error?.code, error?.details.field], ['DECODE_FIELD_MISSING', field])
  }
})

pack('checks are skipped where that is asked, and data is none where it is not given', () => {
  const osaka = rulesetForFork('Osaka')
  const { data: _data, ...bare } = fields
  for (const skipNonceCheck of [undefined, false, true]) {
    for (const skipBalanceCheck of [undefined, false, true]) {
      const tx = { ...bare, skipNonceCheck, skipBalanceCheck }
      const reader = open(packTransactions(environment, osaka, [tx]))
      const at = transaction(reader, 0)
      const flags = reader.u8(at + Transaction.flags)
      assert.is((flags & TransactionFlag.SkipNonceCheck) !== 0, skipNonceCheck === true)
      assert.is((flags & TransactionFlag.SkipBalanceCheck) !== 0, skipBalanceCheck === true)
      assert.is(reader.u32(at + Transaction.dataSize), 0)
    }
  }
})

pack('types are read in every spelling of their number', () => {
  const osaka = rulesetForFork('Osaka')
  const typed = (type: unknown) => () =>
    packTransactions(environment, osaka, [{ ...fields, accessList: [], type } as never])
  for (const type of ['0x1', '0x01', '0x0001', 1, 1n]) {
    const reader = open(typed(type)())
    assert.is(reader.u8(transaction(reader, 0) + Transaction.type), 1, String(type))
  }
  for (const type of ['0x5', '0x10', '0x01 ', ' 0x1', '00x1', '0x11', 5, 5n, -1n, 1.5, 'one']) {
    const error = errorIn(typed(type))
    assert.equal([error?.code, error?.details.field], ['TX_TYPE_NOT_SUPPORTED', 'type'])
    assert.is(error?.details.actual, type)
  }
  for (const type of [{}, true, []]) {
    const error = errorIn(typed(type))
    assert.equal([error?.code, error?.details.field], ['DECODE_FIELD_TYPE', 'type'], String(type))
  }
})

pack('from Paris on the randomness is what is said, or zero', () => {
  const prevRandao: `0x${string}` = `0x${'9a'.repeat(32)}`
  for (const hardfork of ['Paris', 'Osaka']) {
    const rules = rulesetForFork(hardfork)
    const read = (more: object) =>
      open(packTransactions({ ...environment, ...more }, rules, [fields])).hex(
        BlockInput.prevRandao,
        32,
      )
    assert.is(read({ prevRandao }), prevRandao)
    assert.is(read({ prevRandao: undefined }), `0x${'00'.repeat(32)}`)
  }
})

pack('before Paris the difficulty takes the place of the randomness', () => {
  const reader = open(packTransactions(environment, rulesetForFork('London'), [fields]))
  assert.is(reader.u256(BlockInput.prevRandao), 99n)
})

pack('wrong fields and environments', () => {
  const cancun = rulesetForFork('Cancun')
  const cases: [Partial<TransactionFields>, ErrorCode, string][] = [
    [{ sender: '0x12' }, 'DECODE_FIELD_TYPE', 'sender'],
    [{ sender: undefined }, 'DECODE_FIELD_TYPE', 'sender'],
    [{ nonce: '0x10000000000000000' }, 'DECODE_FIELD_RANGE', 'nonce'],
    [{ gasLimit: '0x10000000000000000' }, 'DECODE_FIELD_RANGE', 'gasLimit'],
    [{ gasPrice: undefined }, 'DECODE_FIELD_MISSING', 'gasPrice'],
    [{ value: '0x:bigint 0x10' }, 'DECODE_FIELD_TYPE', 'value'],
    [{ value: `0x1${'00'.repeat(32)}` }, 'DECODE_FIELD_RANGE', 'value'],
    [{ data: '0x0' }, 'DECODE_FIELD_TYPE', 'data'],
    [{ type: 9 }, 'TX_TYPE_NOT_SUPPORTED', 'type'],
    [{ chainId: 2n ** 70n, type: 1 }, 'TX_WRONG_CHAIN_ID', 'chainId'],
  ]
  for (const [more, code, field] of cases) {
    const error = errorIn(() =>
      packTransactions(environment, cancun, [fields, { ...fields, ...more } as TransactionFields]),
    )
    assert.is(error?.code, code, `${field}: ${error?.message}`)
    assert.is(error?.details.field, field)
    assert.is(error?.details.txIndex, 1)
  }
  const wrong: Partial<Record<keyof BlockEnvironment, unknown>>[] = [
    { number: -1n },
    { number: 5 },
    { timestamp: 2n ** 64n },
    { gasLimit: undefined },
    { baseFee: 2n ** 256n },
    { coinbase: '0x' },
    { prevRandao: '0x12' },
    { parentHash: 7 },
    { excessBlobGas: '0x0' },
    { difficulty: -1n },
  ]
  for (const more of wrong) {
    const error = errorIn(() =>
      packTransactions({ ...environment, ...more } as BlockEnvironment, cancun, [fields]),
    )
    const [field] = Object.keys(more)
    assert.equal([error?.code, error?.details.field], ['OPTION_INVALID', field])
  }
})

pack('a getter may decode a block of its own', () => {
  const cancun = rulesetForFork('Cancun')
  let inner = ''
  const nested: TransactionFields = {
    ...fields,
    get sender() {
      inner = decodeBlock(source).hash
      return fields.sender
    },
  }
  const expected = packTransactions(environment, cancun, [fields, fields])
  assert.equal(packTransactions(environment, cancun, [nested, nested]), expected)
  assert.is(inner, hexOf(sample.hash()))
})

pack.run()
