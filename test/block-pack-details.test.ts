/** Packed blocks at the limits: several lists, large numbers, first blocks of a hardfork. */

import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock, packBlock } from '../lib/block/index.js'
import { blobBaseFee, rulesetForFork } from '../lib/chain/index.js'
import {
  Authorization,
  AuthorizationFlag,
  BlockInput,
  Transaction,
  Withdrawal,
} from '../lib/native/wire.js'
import { open, poolSlice, record, transaction } from './support/packed-input.js'
import { sampleBlock, sampleRpcBlock } from './support/sample-block.js'
import { errorIn } from './support/thrown.js'

const packed = suite('packed blocks')

const source = sampleBlock().serialize()
const prague = rulesetForFork('Prague')

const hexOf = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`

/** The field that a call fails for. */
function fieldOf(run: () => unknown): string | undefined {
  return errorIn(run)?.details.field
}

packed('a block that is packed twice has two inputs', () => {
  const block = decodeBlock(source)
  const hash = `0x${'ab'.repeat(32)}` as const
  const first = packBlock(block, prague)
  const before = hexOf(first)
  const second = packBlock(block, prague, { blockHashes: { 22499900: hash } })
  const third = packBlock(block, prague)
  assert.is(hexOf(first), before)
  assert.is(hexOf(third), before)
  assert.is(open(second).sectionCount(BlockInput.blockHashes), 2)
  third.fill(0)
  assert.is(hexOf(first), before)
})

packed('what a block is packed with is checked by name', () => {
  const block = decodeBlock(source)
  const hash = fieldOf(() => packBlock(block, prague, { blockHashes: { 22499900: '0x12' } }))
  assert.is(hash, 'blockHashes[22499900]')
  const chain = fieldOf(() => packBlock(block, { ...prague, chainId: 1n << 64n }))
  assert.is(chain, 'chainId')
})

packed('what counts from a hardfork on counts in its first blocks', () => {
  const rpc = sampleRpcBlock()
  const later = { blobGasUsed: null, excessBlobGas: null, parentBeaconBlockRoot: null }
  const merged = { ...rpc, ...later, requestsHash: null, withdrawalsRoot: null, withdrawals: null }
  const paris = decodeBlock({ ...merged, transactions: [] } as never)
  const reader = open(packBlock(paris, rulesetForFork('Paris')))
  assert.is(reader.hex(BlockInput.prevRandao, 32), rpc.mixHash)
  const dear = decodeBlock({ ...rpc, excessBlobGas: 80_000_000n } as never)
  const fee = open(packBlock(dear, prague)).u256(BlockInput.blobBaseFee)
  assert.is(fee, blobBaseFee(80_000_000n, 5_007_716n))
  assert.ok(fee > 1n)
})

packed('amounts of withdrawals, every byte of them', () => {
  const amounts = [0x0102_0304_0506_0708n, 0x11n, 0xf0e0_d0c0_0000_0000n]
  const rpc = sampleRpcBlock()
  const withdrawals = amounts.map((amount) => ({ ...rpc.withdrawals?.[0], amount }))
  const reader = open(packBlock(decodeBlock({ ...rpc, withdrawals } as never), prague))
  amounts.forEach((amount, i) => {
    const at = record(reader, BlockInput.withdrawals, Withdrawal.SIZE, i)
    assert.is(reader.u64(at + Withdrawal.amount), amount)
  })
})

packed('what several transactions list lies one behind the other', () => {
  const rpc = sampleRpcBlock()
  const hash = (byte: string) => `0x01${byte.repeat(31)}` as const
  const authorization = {
    chainId: (1n << 255n) + 7n,
    address: `0x${'a5'.repeat(20)}`,
    nonce: 0x0102_0304_0506_0708n,
    yParity: 1n,
    r: (1n << 255n) + 1n,
    s: (1n << 254n) + 2n,
  }
  const plain = { ...authorization, yParity: 0n, nonce: 5n }
  const odd = { ...authorization, yParity: 2n }
  const transactions = [
    { ...rpc.transactions[5], blobVersionedHashes: [hash('b1'), hash('b2')] },
    { ...rpc.transactions[5], blobVersionedHashes: [hash('b3')] },
    { ...rpc.transactions[6], authorizationList: [authorization, plain] },
    { ...rpc.transactions[6], authorizationList: [odd] },
  ]
  const reader = open(packBlock(decodeBlock({ ...rpc, transactions } as never), prague))
  const ranges = (start: number, count: number) =>
    transactions.map((_, i) => {
      const at = transaction(reader, i)
      return reader.u32(at + count) === 0 ? [] : [reader.u32(at + start), reader.u32(at + count)]
    })
  assert.equal(ranges(Transaction.blobStart, Transaction.blobCount), [[0, 2], [2, 1], [], []])
  const { authorizationStart, authorizationCount } = Transaction
  assert.equal(ranges(authorizationStart, authorizationCount), [[], [], [0, 2], [2, 1]])
  ;['b1', 'b2', 'b3'].forEach((byte, i) => {
    assert.is(reader.hex(record(reader, BlockInput.blobHashes, 32, i), 32), hash(byte))
  })
  for (const [i, given, parity, flags] of [
    [0, authorization, 1, 0],
    [1, plain, 0, 0],
    [2, odd, 2, AuthorizationFlag.Malformed],
  ] as const) {
    const at = record(reader, BlockInput.authorizations, Authorization.SIZE, i)
    const word = (field: number) => BigInt(reader.hex(at + field, 32))
    assert.is(word(Authorization.chainId), given.chainId)
    assert.is(word(Authorization.r), given.r)
    assert.is(word(Authorization.s), given.s)
    assert.is(reader.u64(at + Authorization.nonce), given.nonce)
    assert.is(reader.hex(at + Authorization.address, 20), given.address)
    assert.is(reader.u8(at + Authorization.yParity), parity)
    assert.is(reader.u8(at + Authorization.flags), flags)
  }
})

packed('a parity of more than one byte is none', () => {
  const rpc = sampleRpcBlock()
  for (const [yParity, expected] of [
    ['0x', 0],
    ['0x1', 1],
    ['0x2', 255],
    ['0x100', 255],
    ['0x101', 255],
  ] as const) {
    const transactions = [{ ...rpc.transactions[4], yParity }]
    const reader = open(packBlock(decodeBlock({ ...rpc, transactions } as never), prague))
    assert.is(reader.u8(transaction(reader, 0) + Transaction.yParity), expected, yParity)
  }
})

packed('chain ids of every size are signed', () => {
  const rpc = sampleRpcBlock()
  const sizes = [1n, 127n, 128n, 255n, 256n, 65_535n, 65_536n, (1n << 32n) - 1n, 1n << 32n]
  for (const chainId of [...sizes, 0x0102_0304_0506_0708n, (1n << 63n) - 19n]) {
    const v = 2n * chainId + 36n
    const block = decodeBlock({ ...rpc, transactions: [{ ...rpc.transactions[2], v }] } as never)
    const reader = open(packBlock(block, prague))
    const at = transaction(reader, 0)
    assert.is(reader.u64(at + Transaction.chainId), chainId)
    assert.is(reader.u8(at + Transaction.yParity), 1)
    const [offset, size] = [Transaction.payloadOffset, Transaction.payloadSize]
    const payload = poolSlice(reader, reader.u32(at + offset), reader.u32(at + size))
    const items = RLP.decode(block.transactions.encodings.at(0)) as unknown as Uint8Array[]
    const expected = RLP.encode([...items.slice(0, 6), chainId, 0n, 0n] as never)
    assert.is(hexOf(payload), hexOf(expected), `${chainId}`)
  }
  // Typed ones have it as it is: up to 64 bits.
  const largest = (1n << 64n) - 1n
  const typed = { ...rpc.transactions[4], chainId: largest }
  const block = decodeBlock({ ...rpc, transactions: [typed] } as never)
  const reader = open(packBlock(block, prague))
  assert.is(reader.u64(transaction(reader, 0) + Transaction.chainId), largest)
})

packed('what is signed is whole, however large', () => {
  for (const [index, type] of [
    [1, 'legacy'],
    [4, 'fees'],
  ] as const) {
    const rpc = sampleRpcBlock()
    const input = `0x${'5b'.repeat(9 << 20)}` as const
    const { transactions } = rpc
    const tx = { ...transactions[index], input }
    const [plain, large] = [transactions[index], tx].map((each) => {
      const reader = open(packBlock(decodeBlock({ ...rpc, transactions: [each] } as never), prague))
      const at = transaction(reader, 0)
      const [offset, size] = [Transaction.payloadOffset, Transaction.payloadSize]
      return poolSlice(reader, reader.u32(at + offset), reader.u32(at + size))
    })
    const items = (payload: Uint8Array) =>
      RLP.decode(type === 'legacy' ? payload : payload.subarray(1)) as Uint8Array[]
    const position = type === 'legacy' ? 5 : 7
    const expected = items(plain).with(position, Buffer.alloc(9 << 20, 0x5b))
    assert.is(Buffer.compare(RLP.encode(items(large)), RLP.encode(expected)), 0, type)
  }
})

packed.run()
