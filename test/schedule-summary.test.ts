import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock, packBlock } from '../lib/block/index.js'
import { mainnetCommon, rulesetAt } from '../lib/chain/index.js'
import type { RpcTransaction } from '../lib/index.js'
import { callKeysOf } from '../lib/schedule/call-keys.js'
import { combineKeys } from '../lib/schedule/key.js'
import { PackedBlockSummary } from '../lib/schedule/summary.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { account, call, packedOf, summaryOf } from './support/schedule.js'

const summaries = suite('block summaries')
const fixtures = withFixtures(summaries, 'summaries of mainnet blocks')

summaries('say what transactions are', () => {
  const keys = [`0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`] as const
  const summary = summaryOf([
    { to: account(7), value: 5n, gasLimit: 21_000n },
    { to: account(8), data: call(0xa9059cbb, 1, 2), gasLimit: 70_000n },
    { to: null, data: '0x60016002', gasLimit: 90_000n },
    { to: account(8), data: '0x010203' },
    {
      to: account(7),
      data: call(0xffffffff, 1),
      accessList: [
        { address: account(9), storageKeys: keys },
        { address: account(10), storageKeys: [] },
      ],
    },
    { to: account(8), data: call(0xa9059cbb, 1, 3), maxFeePerGas: 9n },
  ])
  const { transactions } = summary
  assert.is(summary.number, 20_000_000n)
  assert.is(summary.timestamp, 1_717_281_407n)
  assert.is(summary.gasLimit, 1n << 40n)
  assert.is(summary.transactionCount, 6)
  assert.is(transactions.length, 6)
  const column = <Value>(read: (index: number) => Value) =>
    Array.from({ length: transactions.length }, (_, i) => read(i))
  assert.equal(
    column((i) => transactions.gasLimit(i)),
    [21_000, 70_000, 90_000, 100_000, 100_000, 100_000],
  )
  assert.equal(
    column((i) => transactions.dataSize(i)),
    [0, 68, 4, 3, 36, 68],
  )
  assert.equal(
    column((i) => transactions.hasValue(i)),
    [true, false, false, false, false, false],
  )
  assert.equal(
    column((i) => transactions.isTransfer(i)),
    [true, false, false, false, false, false],
  )
  assert.equal(
    column((i) => transactions.isCreation(i)),
    [false, false, true, false, false, false],
  )
  assert.equal(
    column((i) => transactions.selector(i)),
    [undefined, 0xa9059cbb, undefined, undefined, 0xffffffff, 0xa9059cbb],
  )
  assert.equal(
    column((i) => transactions.to(i)),
    [account(7), account(8), null, account(8), account(7), account(8)],
  )
  assert.is(transactions.sender(3), account(0x100003))
  assert.is(transactions.accessListLength(3), 0)
  assert.equal(transactions.accessList(3), [])
  assert.is(transactions.accessListLength(4), 2)
  assert.equal(transactions.accessList(4), [
    { address: account(9), storageKeys: keys },
    { address: account(10), storageKeys: [] },
  ])

  const recipients = column((i) => transactions.recipientKey(i))
  assert.is(recipients[0], recipients[4])
  assert.is(recipients[1], recipients[3])
  assert.is(recipients[2], 0)
  assert.is(new Set(recipients).size, 3)
  const argumentKeys = column((i) => transactions.argumentKey(i))
  assert.is(argumentKeys[1], argumentKeys[4])
  assert.is(argumentKeys[1], argumentKeys[5])
  assert.equal([argumentKeys[0], argumentKeys[2], argumentKeys[3]], [0, 0, 0])

  for (const index of [-1, 6, 0.5, 2 ** 32, Number.NaN]) {
    assert.throws(() => transactions.gasLimit(index), RangeError)
    assert.throws(() => transactions.to(index), RangeError)
    assert.throws(() => transactions.recipientKey(index), RangeError)
  }
})

summaries('have keys that differ where bytes do', () => {
  const recipients = summaryOf(Array.from({ length: 3000 }, (_, i) => ({ to: account(i) })))
  const keys = new Set<number>()
  for (let i = 0; i < 3000; i++) {
    const key = recipients.transactions.recipientKey(i)
    assert.ok(Number.isSafeInteger(key) && key > 0)
    keys.add(key)
    for (let value = 0; value < 3; value++) keys.add(combineKeys(key, value))
  }
  assert.is(keys.size, 4 * 3000)
  const calls = callKeysOf(
    summaryOf([
      { data: call(1, 1) },
      { data: call(1, 2) },
      { data: call(2, 1) },
      { data: call(1, 1), to: account(3) },
      { gasLimit: 21_000n },
      { to: null },
    ]).transactions,
  )
  assert.is(calls.functions[0], calls.functions[1])
  assert.is(new Set(calls.functions).size, 4)
  assert.is(new Set(calls.arguments).size, 5)
  assert.equal([...calls.functions.subarray(4)], [0, 0])
  assert.equal([...calls.arguments.subarray(4)], [0, 0])
})

fixtures.test('agree with mainnet blocks', () => {
  for (const name of fixtureNames('mainnet_blocks')) {
    const { block, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const decoded = decodeBlock(block)
    const ruleset = rulesetAt(mainnetCommon(), decoded.number, decoded.timestamp)
    const summary = new PackedBlockSummary(packBlock(decoded, ruleset, { blockHashes }))
    const { transactions } = summary
    assert.is(summary.number, BigInt(block.number as string))
    assert.is(summary.gasLimit, BigInt(block.gasLimit as string))
    assert.is(transactions.length, block.transactions.length)
    for (const [i, source] of block.transactions.entries()) {
      const { to, input, gas, value, accessList = [] } = source as RpcTransaction
      const data = input as string
      const isCall = to !== null && to !== undefined
      assert.is(transactions.to(i), to ?? null)
      assert.is(transactions.gasLimit(i), Number(gas))
      assert.is(transactions.dataSize(i), data.length / 2 - 1)
      assert.is(transactions.hasValue(i), BigInt(value as string) !== 0n)
      assert.is(transactions.isTransfer(i), isCall && data === '0x')
      const selector = isCall && data.length >= 10 ? Number(data.slice(0, 10)) : undefined
      assert.is(transactions.selector(i), selector)
      assert.is(transactions.sender(i), undefined)
      assert.equal(
        transactions.accessList(i),
        (accessList ?? []).map(({ address, storageKeys }) => ({ address, storageKeys })),
      )
    }
  }
})

summaries('cost little', () => {
  const input = packedOf(
    Array.from({ length: 1400 }, (_, i) => ({ to: account(i % 50), data: call(i % 7, i, 1) })),
  )
  let best = Number.POSITIVE_INFINITY
  let sum = 0
  for (let round = 0; round < 60; round++) {
    const start = performance.now()
    const { transactions } = new PackedBlockSummary(input)
    for (let i = 0; i < transactions.length; i++) {
      sum += transactions.recipientKey(i) + (transactions.selector(i) ?? 0)
      sum += transactions.gasLimit(i) + transactions.dataSize(i)
      if (transactions.isTransfer(i) || transactions.hasValue(i)) sum++
    }
    best = Math.min(best, performance.now() - start)
  }
  assert.ok(sum > 0)
  // Usually 0.1 ms; the bound is for machines under load.
  assert.ok(best < 1, `1400 transactions took ${best} ms`)
})

summaries.run()
fixtures.report()
