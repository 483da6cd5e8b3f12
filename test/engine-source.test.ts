/** What the engine asks a source for. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addTransactionFlags } from '../lib/engine/source-execution.js'
import { Engine, type Hex, MemoryState, SourceState } from '../lib/index.js'
import { BlockFlag, BlockInput, Transaction, TransactionFlag } from '../lib/native/wire.js'

const sources = suite('executions on sources')

/** Answers out of a state, and notes what is asked for together. */
function noting(state: MemoryState, hashes: (number: bigint) => Hex | undefined = () => undefined) {
  const asked: string[][] = []
  let round: string[] | undefined
  const note = async (key: string) => {
    if (round === undefined) {
      round = []
      asked.push(round)
      setImmediate(() => {
        round = undefined
      })
    }
    round.push(key)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const source = {
    async getAccount(address: Hex) {
      await note(address)
      return state.getAccount(address)
    },
    async getStorage(address: Hex, slot: Hex) {
      await note(`${address} ${BigInt(slot)}`)
      return state.getStorage(address, slot)
    },
    async getCode(_hash: Hex, address: Hex) {
      return state.getCode(address)
    },
    async getBlockHash(number: bigint) {
      await note(`${number}`)
      return hashes(number)
    },
  }
  return { source, asked }
}

const caller: Hex = `0x${'aa'.repeat(20)}`
const callee: Hex = `0x${'bb'.repeat(20)}`
const another: Hex = `0x${'cc'.repeat(20)}`
const slotKey = (number: number): Hex => `0x${number.toString(16).padStart(64, '0')}`

sources('what access lists promise is asked for with the accounts, and once', async () => {
  const engine = await Engine.create({ threads: 1 })
  const memory = new MemoryState({
    [caller]: { balance: 10n ** 18n },
    // Reads slot 5 or more, and the balance of an account that is heard of no sooner.
    [callee]: { code: `0x600035600501545073${another.slice(2)}3150` },
    [another]: { balance: 1n },
  })
  const accessList = [
    // Nobody asks for this one at first.
    { address: another, storageKeys: [slotKey(7), slotKey(8)] },
    { address: callee, storageKeys: [slotKey(5), slotKey(6)] },
    { address: caller, storageKeys: [] },
  ]
  const { source, asked } = noting(memory)
  const state = new SourceState(source)
  const run = (nonce: bigint, data: Hex = '0x') =>
    engine.executeTransactions(
      { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: caller },
      [{ sender: caller, to: callee, nonce, gasLimit: 100_000n, gasPrice: 0n, data, accessList }],
      { state, hardfork: 'berlin' },
    )
  const result = await run(0n)
  const promised = [`${callee} 5`, `${callee} 6`]
  const slots = asked.flat().filter((key) => key.includes(' '))
  assert.equal(slots.sort(), promised.sort())
  assert.equal(asked[0].filter((key) => key.includes(' ')).sort(), promised)
  // Known accounts promise nothing: what is read of them is asked for when it is.
  const before = asked.length
  state.commit(result)
  await run(1n)
  assert.is(asked.length, before)
  accessList[1] = { address: callee, storageKeys: [slotKey(30), slotKey(31)] }
  await run(1n, slotKey(4))
  assert.equal(asked.slice(before), [[`${callee} 9`]])
  engine.close()
})

/** Code that reads the hashes of blocks. */
const hashReader = (numbers: readonly number[]) =>
  numbers.map((number) => `61${number.toString(16).padStart(4, '0')}4050`).join('')

sources('hashes are asked for one by one, and from the third on all together', async () => {
  const engine = await Engine.create({ threads: 1 })
  const hash = (number: bigint): Hex => `0x${number.toString(16).padStart(64, '7')}`
  const run = async (number: bigint, numbers: readonly number[], first = 0n) => {
    const memory = new MemoryState({
      [caller]: { balance: 10n ** 18n },
      // Stores the last 8 bytes of the input.
      [callee]: { code: `0x${hashReader(numbers)}60183560005500` },
    })
    const { source, asked } = noting(memory, (block) => (block < first ? undefined : hash(block)))
    const data = `0x${'00'.repeat(24)}0102030405060708${'00'.repeat(24)}` as const
    const result = await engine.executeTransactions(
      { number, timestamp: 1n, gasLimit: 30_000_000n, coinbase: caller },
      [{ sender: caller, to: callee, nonce: 0n, gasLimit: 200_000n, gasPrice: 0n, data }],
      { state: new SourceState(source), hardfork: 'berlin' },
    )
    const stored = result.stateDiff.get(callee)?.slots[0].after
    assert.is(stored, `0x0102030405060708${'00'.repeat(24)}`)
    return asked
      .map((round) => round.filter((key) => /^[0-9]+$/.test(key)).map(Number))
      .filter((round) => round.length > 0)
  }
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
  const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b)
  assert.equal(await run(300n, [100, 101]), [[100], [101]])
  const [one, two, rest, ...more] = await run(300n, [100, 101, 102, 103, 299, 44])
  assert.equal([one, two], [[100], [101]])
  assert.is(rest[0], 102)
  const window = range(44, 300).filter((number) => number !== 100 && number !== 101)
  assert.equal(sorted(rest), window)
  assert.equal(more, [])
  // Near the first block there are fewer; what the source does not have is no matter.
  const early = await run(6n, [3, 4, 5, 2])
  assert.equal(early.map(sorted), [[3], [4], [0, 1, 2, 5]])
  const partial = await run(300n, [100, 101, 102, 103], 90n)
  assert.equal(partial.length, 3)
  engine.close()
})

/** A packed block with transactions and something behind them. */
function inputWith(transactions: number): Buffer {
  const at = BlockInput.SIZE
  const input = Buffer.alloc(at + (transactions + 1) * Transaction.SIZE, 0x10)
  input.writeUInt32LE(at, BlockInput.transactions)
  input.writeUInt32LE(transactions, BlockInput.transactions + 4)
  input.writeUInt32LE(BlockFlag.NoRewards, BlockInput.flags)
  return input
}

sources('flags are added to every transaction and to nothing else', () => {
  for (const count of [0, 1, 3]) {
    const input = inputWith(count)
    const expected = Buffer.from(input)
    for (let i = 0; i < count; i++) {
      expected[BlockInput.SIZE + i * Transaction.SIZE + Transaction.flags] |= TransactionFlag.HasTo
    }
    addTransactionFlags(input, TransactionFlag.HasTo)
    assert.ok(input.equals(expected), `${count}`)
  }
})

sources.run()
