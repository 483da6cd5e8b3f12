/** States that hold a part and say so: what was not given is an error, not a zero. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Alloc,
  type BraidError,
  Engine,
  type Hex,
  MemoryState,
  SourceState,
  type TransactionFields,
} from '../lib/index.js'
import { finishedBlock } from './support/demo.js'
import { errorOf, thrownBy } from './support/thrown.js'

const strict = suite('strict states')

const engine = await Engine.create()
const eager = await Engine.create({ policy: 'ahead', threads: 2 })

const sender: Hex = `0x${'5e'.repeat(20)}`
const coinbase: Hex = `0x${'dd'.repeat(20)}`
const reader: Hex = `0x${'a1'.repeat(20)}`
const asker: Hex = `0x${'a2'.repeat(20)}`
const stranger: Hex = `0x${'99'.repeat(20)}`

const slot = (number: number): Hex => `0x${number.toString(16).padStart(64, '0')}`

const alloc: Alloc = {
  [sender]: { balance: 10n ** 18n },
  [coinbase]: {},
  // Adds slot 0 to slot 1.
  [reader]: { code: '0x60005460015401600155', storage: { '0x0': '0x5', '0x1': '0x0' } },
  // Stores the balance of the account in the input to slot 0.
  [asker]: { code: '0x60003531600055', storage: { '0x0': 0n } },
}

const environment = {
  number: 20_000_000n,
  timestamp: 1_718_000_000n,
  gasLimit: 30_000_000n,
  coinbase,
}

const call = (to: Hex, data: Hex = '0x', nonce = 0n): TransactionFields => {
  return { sender, nonce, to, data, gasLimit: 200_000n, gasPrice: 0n }
}

const word = (address: Hex): Hex => `0x${address.slice(2).padStart(64, '0')}`

for (const [name, runner] of [
  ['', engine],
  [' ahead of its turn', eager],
] as const) {
  strict(`a slot that was not given is named${name}`, async () => {
    const { [reader]: given, ...others } = alloc
    const state = new MemoryState(
      { ...others, [reader]: { ...given, storage: { '0x0': '0x5' } } },
      { strict: true },
    )
    const run = runner.executeTransactions(environment, [call(reader)], { state })
    const error = await errorOf(run)
    assert.is(error.code, 'STATE_MISSING_SLOT')
    assert.is(error.details.address, reader)
    assert.is(error.details.field, `storage[${slot(1)}]`)
  })

  strict(`an account that was not given is named${name}`, async () => {
    const state = new MemoryState(alloc, { strict: true })
    const asking = [call(asker, word(sender)), call(asker, word(stranger), 1n)]
    const error = await errorOf(runner.executeTransactions(environment, asking, { state }))
    assert.is(error.code, 'STATE_MISSING_ACCOUNT')
    assert.is(error.details.address, stranger)

    // Not what follows from the guess that it is not there.
    const poor = await errorOf(
      runner.executeTransactions(environment, [{ ...call(reader), sender: stranger }], { state }),
    )
    assert.is(poor.code, 'STATE_MISSING_ACCOUNT')
    assert.is(poor.details.address, stranger)

    const { [coinbase]: _coinbase, ...nobody } = alloc
    const unpaid = new MemoryState(nobody, { strict: true })
    const price = { ...call(reader), gasPrice: 1n }
    const tip = await errorOf(runner.executeTransactions(environment, [price], { state: unpaid }))
    assert.is(tip.details.address, coinbase)
  })

  strict(`with everything given it is as any other state${name}`, async () => {
    const transactions = [
      call(reader),
      call(reader, '0x', 1n),
      call(asker, word(sender), 2n),
      // A creation that stores to a slot nobody gave: that of a new account is zero.
      { ...call(reader, '0x602a60005500', 3n), to: null },
    ]
    const run = (given: Alloc, isStrict: boolean) => {
      const state = new MemoryState(given, { strict: isStrict })
      return runner.executeTransactions(environment, transactions, { state })
    }
    // The account that the contract is made at has to be known, too.
    const error = await errorOf(run(alloc, true))
    assert.is(error.code, 'STATE_MISSING_ACCOUNT')
    const whole = { ...alloc, [error.details.address as Hex]: {} }
    const results = [await run(whole, false), await run(whole, true)]
    const [plain, careful] = results.map(({ gasUsed, receipts }) => ({
      gasUsed,
      outputs: receipts.map(({ output, status }) => [output, status]),
    }))
    assert.equal(careful, plain)
  })
}

strict('it is moved on and back, and forked', async () => {
  const state = new MemoryState(alloc, { strict: true, history: 2 })
  const run = (from: MemoryState, nonce: bigint) =>
    engine.executeTransactions(environment, [call(reader, '0x', nonce)], { state: from })
  const first = await run(state, 0n)
  state.commit(first)
  const fork = state.clone()
  assert.is(state.getStorage(reader, 1), slot(5))
  state.commit(await run(state, 1n))
  assert.is(state.getStorage(reader, 1), slot(10))
  state.revert()
  assert.is(state.getStorage(reader, 1), slot(5))
  state.commit(await run(state, 1n))
  state.revert()
  state.revert()
  assert.is(state.getStorage(reader, 1), slot(0))
  state.commit(await run(state, 0n))
  fork.commit(await run(fork, 1n))
  assert.is(fork.getStorage(reader, 1), slot(10))
  assert.throws(
    () => fork.commit(first),
    (error: BraidError) => error.code === 'STATE_RESULT_STALE',
  )
  assert.is(fork.getStorage(reader, 1), slot(10))

  const error = await errorOf(
    engine.executeTransactions(environment, [call(asker, word(stranger), 2n)], { state: fork }),
  )
  assert.is(error.code, 'STATE_MISSING_ACCOUNT')
})

strict('reading it tells the same', () => {
  const state = new MemoryState(alloc, { strict: true })
  assert.is(state.getAccount(sender)?.balance, 10n ** 18n)
  assert.is(state.getStorage(reader, '0x0'), slot(5))
  assert.is(state.getStorage(reader, 1n), slot(0))
  const account = thrownBy(() => state.getAccount(stranger))
  assert.is(account.code, 'STATE_MISSING_ACCOUNT')
  assert.is(account.details.address, stranger)
  assert.is(thrownBy(() => state.getCode(stranger)).code, 'STATE_MISSING_ACCOUNT')
  const missing = thrownBy(() => state.getStorage(reader, 2))
  assert.is(missing.code, 'STATE_MISSING_SLOT')
  assert.is(missing.details.field, `storage[${slot(2)}]`)
  const option = thrownBy(() => new MemoryState({}, { strict: 1 as never }))
  assert.is(option.details.field, 'strict')
})

strict('code by its hash alone is missing where it runs', async () => {
  const codeHash = `0x${'77'.repeat(32)}`
  const state = new MemoryState({ ...alloc, [reader]: { codeHash } }, { strict: true })
  const error = await errorOf(engine.executeTransactions(environment, [call(reader)], { state }))
  assert.is(error.code, 'STATE_MISSING_CODE')
  assert.is(error.details.address, reader)
})

strict('a block runs on what it needs, and on nothing less', async () => {
  const { state: whole, encoded } = finishedBlock(engine)
  const source = new SourceState({
    getAccount: (address) => whole.getAccount(address),
    getStorage: (address, key) => {
      asked.push([address, key])
      return whole.getStorage(address, key)
    },
    getCode: (_, address) => whole.getCode(address),
  })
  const asked: [Hex, Hex][] = []
  await engine.executeBlock(encoded, { state: source })
  const given: Record<string, { storage: Record<string, string> }> = {}
  for (const address of source.knownAddresses()) {
    const account = whole.getAccount(address)
    const code = account === undefined ? undefined : whole.getCode(address)
    given[address] = { ...account, ...(code === '0x' ? {} : { code }), storage: {} } as never
  }
  for (const [address, key] of asked) given[address].storage[key] = whole.getStorage(address, key)

  const expected = await engine.executeBlock(encoded, { state: whole })
  const state = new MemoryState(given as Alloc, { strict: true })
  for (const result of [
    await engine.executeBlock(encoded, { state }),
    engine.executeBlockSync(encoded, { state }),
    await eager.executeBlock(encoded, { state }),
  ]) {
    assert.equal(result.verify(), [])
    assert.is(result.gasUsed, expected.gasUsed)
    assert.is(result.stateDiff.size, expected.stateDiff.size)
  }
  const [address, key] = asked[asked.length >> 1]
  const { [key]: _value, ...storage } = given[address].storage
  const less = { ...given, [address]: { ...given[address], storage } } as Alloc
  const lacking = new MemoryState(less, { strict: true })
  for (const error of [
    await errorOf(engine.executeBlock(encoded, { state: lacking })),
    thrownBy(() => engine.executeBlockSync(encoded, { state: lacking })),
  ]) {
    assert.is(error.code, 'STATE_MISSING_SLOT')
    assert.is(error.details.address, address)
    assert.is(error.details.field, `storage[${key}]`)
  }
})

strict.run()
