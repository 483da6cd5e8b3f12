import { Hardfork } from '@ethereumjs/common'
import { createLegacyTx } from '@ethereumjs/tx'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTransactions } from '../lib/block/index.js'
import { rulesetOf } from '../lib/chain/index.js'
import {
  type BraidError,
  Engine,
  type ExecutionResult,
  type Hex,
  MemoryState,
  type SourceAccount,
  SourceState,
  StateError,
  type StateSource,
} from '../lib/index.js'
import { NativeEngine, NativePartialState } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { BlockOutput, ErrorCode, MissingKey } from '../lib/native/wire.js'
import { packFacts } from '../lib/state/facts.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { commonAt } from './support/common.js'
import { finishedBlock } from './support/demo.js'
import { mixedAlloc, mixedBlock, mixedBlockHashes } from './support/mixed-block.js'
import { errorOf } from './support/thrown.js'
import { keys } from './support/vm-chain.js'

const sources = suite('source states')
const fixtures = withFixtures(sources, 'source states')

const engine = await Engine.create()
const { demo, state: demoState, encoded } = finishedBlock(engine)

/** Compares everything that two executions gave. */
function sameOutcome(actual: ExecutionResult, expected: ExecutionResult): void {
  const json = (result: ExecutionResult): unknown[] => [
    result.gasUsed,
    result.receipts.map((receipt) => receipt.toJSON()),
    [...result.stateDiff].map((account) => account.toJSON()),
  ]
  assert.equal(json(actual), json(expected))
}

const coinbase: Hex = `0x${'dd'.repeat(20)}`

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A source that answers later, out of a state in memory, and counts what it is asked. */
class MemorySource implements StateSource {
  readonly asked: string[] = []

  constructor(
    readonly state: MemoryState,
    readonly hashes: ReadonlyMap<bigint, Hex> = new Map(),
  ) {}

  async #note(key: string): Promise<void> {
    this.asked.push(key)
    await nextTurn()
  }

  async getAccount(address: Hex): Promise<SourceAccount | undefined> {
    await this.#note(address)
    return this.state.getAccount(address)
  }

  async getStorage(address: Hex, slot: Hex): Promise<Hex> {
    await this.#note(`${address} ${slot}`)
    return this.state.getStorage(address, slot)
  }

  async getCode(_codeHash: Hex, address: Hex): Promise<Hex> {
    await this.#note(`code ${address}`)
    return this.state.getCode(address)
  }

  async getBlockHash(number: bigint): Promise<Hex | undefined> {
    await this.#note(`block ${number}`)
    return this.hashes.get(number)
  }
}

sources('give what the state itself gives, and ask for everything once', async () => {
  const expected = await engine.executeBlock(encoded, { state: demoState })
  const source = new MemorySource(demoState)
  const state = new SourceState(source)
  const result = await engine.executeBlock(encoded, { state })
  sameOutcome(result, expected)
  assert.is(new Set(source.asked).size, source.asked.length)
  const { rounds, accounts, slots, codes } = state.statistics
  assert.is(accounts + slots + codes, source.asked.length)
  assert.ok(rounds < 8, `${rounds} rounds`)
  assert.ok(accounts >= Object.keys(demo.alloc).length / 2)
  assert.is(new Set(state.knownAddresses()).size, accounts)

  await engine.executeBlock(encoded, { state })
  assert.is(state.statistics.rounds, rounds)
})

sources('move on with the results that are committed', async () => {
  const next = new MemoryState(demo.alloc)
  const state = new SourceState(new MemorySource(demoState))
  const first = await engine.executeBlock(encoded, { state })
  const before = state.clone()
  state.commit(first)
  next.commit(first)
  assert.is((await errorOf(engine.executeBlock(encoded, { state }))).code, 'TX_NONCE_TOO_LOW')
  sameOutcome(await engine.executeBlock(encoded, { state: before }), first)
  assert.throws(
    () => state.commit(first),
    (error: BraidError) => error.code === 'STATE_RESULT_STALE',
  )

  // Transactions that follow on, some of them on accounts that nothing is known of yet.
  const environment = {
    number: 20_000_001n,
    timestamp: 1_717_200_012n,
    gasLimit: 30_000_000n,
    coinbase,
  }
  const addresses = Object.keys(demo.alloc) as Hex[]
  const transactions = addresses.slice(0, 40).map((sender, i) => ({
    sender,
    nonce: next.getAccount(sender)?.nonce ?? 0n,
    to: addresses[(i * 7) % addresses.length],
    value: 1n,
    gasLimit: 200_000n,
    gasPrice: 0n,
    data: '0x01' as Hex,
  }))
  const options = { hardfork: 'cancun' }
  const given = transactions.filter(({ sender }) => next.getCode(sender) === '0x')
  const expected = await engine.executeTransactions(environment, given, {
    state: next,
    ...options,
  })
  const result = await engine.executeTransactions(environment, given, { state, ...options })
  sameOutcome(result, expected)
})

sources('execute ahead of turn as well', async () => {
  const optimistic = await Engine.create({ policy: 'optimistic', threads: 4 })
  const expected = await engine.executeBlock(encoded, { state: demoState })
  const state = new SourceState(new MemorySource(demoState))
  const results = await Promise.all(
    Array.from({ length: 6 }, () => optimistic.executeBlock(encoded, { state })),
  )
  for (const result of results) sameOutcome(result, expected)
  optimistic.close()
})

sources('leave executions under way on the state that they began on', async () => {
  const state = new SourceState(new MemorySource(demoState))
  const first = await engine.executeBlock(encoded, { state })
  const fresh = new SourceState(new MemorySource(demoState))
  const running = engine.executeBlock(encoded, { state: fresh })
  while (fresh.statistics.rounds === 0) await nextTurn()
  fresh.commit(first)
  sameOutcome(await running, first)
  assert.is(
    (await errorOf(engine.executeBlock(encoded, { state: fresh }))).code,
    'TX_NONCE_TOO_LOW',
  )

  const again = engine.executeBlock(encoded, { state })
  state.commit(first)
  sameOutcome(await again, first)
  assert.is((await errorOf(engine.executeBlock(encoded, { state }))).code, 'TX_NONCE_TOO_LOW')
})

sources('leave every execution on its state, however many commits there were before', async () => {
  // SSTORE(1, SLOAD(0)): its account, and then its slots, are asked for in rounds of their own.
  const contract: Hex = `0x${'99'.repeat(20)}`
  const alloc = { ...demo.alloc, [contract]: { code: '0x60005460015500' } }
  const next = new MemoryState(alloc)
  const first = await engine.executeBlock(encoded, { state: next })
  next.commit(first)
  const environment = { number: 20_000_001n, timestamp: 1n, gasLimit: 30_000_000n, coinbase }
  const sender = (Object.keys(demo.alloc) as Hex[]).find((each) => next.getCode(each) === '0x')
  const call = {
    sender: sender as Hex,
    nonce: next.getAccount(sender as Hex)?.nonce ?? 0n,
    to: contract,
    gasLimit: 100_000n,
    gasPrice: 0n,
  }
  const run = (state: MemoryState | SourceState) =>
    engine.executeTransactions(environment, [call], { state, hardfork: 'cancun' })
  const second = await run(next)

  const state = new SourceState(new MemorySource(new MemoryState(alloc)))
  /** Commits while something is executed and waits for the source. */
  const commitDuring = async (running: Promise<ExecutionResult>, result: ExecutionResult) => {
    const { rounds } = state.statistics
    while (state.statistics.rounds === rounds) await nextTurn()
    state.commit(result)
    sameOutcome(await running, result)
  }
  await commitDuring(engine.executeBlock(encoded, { state }), first)
  await commitDuring(run(state), second)
  assert.is((await errorOf(run(state))).code, 'TX_NONCE_TOO_LOW')
})

sources('load the hashes of ancestors that a block asks for', async () => {
  const { block } = await mixedBlock(engine)
  const memory = new MemoryState(mixedAlloc)
  const expected = await engine.executeBlock(block, {
    state: memory,
    blockHashes: mixedBlockHashes,
  })
  const source = new MemorySource(memory, mixedBlockHashes as Map<bigint, Hex>)
  const state = new SourceState(source)
  sameOutcome(await engine.executeBlock(block, { state }), expected)
  const asked = source.asked.filter((key) => key.startsWith('block'))
  assert.equal(
    asked,
    [...mixedBlockHashes.keys()].map((number) => `block ${number}`),
  )

  const without = new SourceState(new MemorySource(memory))
  const error = await errorOf(engine.executeBlock(block, { state: without }))
  assert.is(error.code, 'STATE_MISSING_BLOCK_HASH')
})

sources('tell what a source fails with when it is asked for hashes', async () => {
  const { block } = await mixedBlock(engine)
  const memory = new MemoryState(mixedAlloc)
  const [number] = [...mixedBlockHashes.keys()]
  const run = async (getBlockHash: StateSource['getBlockHash']): Promise<BraidError> => {
    const source = Object.assign(new MemorySource(memory), { getBlockHash })
    return errorOf(engine.executeBlock(block, { state: new SourceState(source) }))
  }
  const cause = new Error('connection lost')
  const failed = await run(() => {
    throw cause
  })
  assert.is(failed.code, 'STATE_UNAVAILABLE')
  assert.is(failed.details.field, `blockHashes[${number}]`)
  assert.is(failed.cause, cause)
  // An error of this package's is passed on as it is.
  const own = failed
  assert.is(
    await run(() => {
      throw own
    }),
    own,
  )
  for (const nothing of [undefined, null]) {
    assert.is((await run(() => nothing as never)).code, 'STATE_MISSING_BLOCK_HASH')
  }
  assert.is((await run(undefined)).code, 'STATE_MISSING_BLOCK_HASH')
  const malformed = await run(() => '0x12')
  assert.equal(
    [malformed.code, malformed.details.field],
    ['STATE_MALFORMED', `blockHashes[${number}]`],
  )
})

sources('count what they ask for', async () => {
  const sender: Hex = `0x${'aa'.repeat(20)}`
  const to: Hex = `0x${'bb'.repeat(20)}`
  const memory = new MemoryState({
    [sender]: { balance: 10n ** 18n },
    [to]: { code: '0x60005460010160005500' },
  })
  let refusals = 1
  const source = Object.assign(new MemorySource(memory), {
    getCode: (_hash: Hex, address: Hex) => (refusals-- > 0 ? undefined : memory.getCode(address)),
  })
  const state = new SourceState(source)
  await engine.executeTransactions(
    { number: 1000n, timestamp: 1n, gasLimit: 30_000_000n, coinbase },
    [{ sender, nonce: 0n, to, gasLimit: 200_000n, gasPrice: 0n }],
    { state, hardfork: 'cancun' },
  )
  // The code was not there with its account: it is asked for again, by itself.
  const { rounds, accounts, slots, codes } = state.statistics
  assert.is(rounds, 3)
  assert.equal(
    [accounts, slots, codes],
    [new Set(source.asked.filter((key) => key.length === 42)).size, 1, 1],
  )
})

sources('load all hashes for code that asks for many', async () => {
  const sender: Hex = `0x${'aa'.repeat(20)}`
  const to: Hex = `0x${'bb'.repeat(20)}`
  // for (n = 256; n > 0; n--) sstore(n, blockhash(number - n))
  const code = '0x6101005b80430340815560019003806003575000' as const
  const memory = new MemoryState({ [sender]: { balance: 10n ** 18n }, [to]: { code } })
  const hashes = new Map<bigint, Hex>()
  for (let number = 700n; number < 1000n; number++) {
    hashes.set(number, `0x${number.toString(16).padStart(64, '0')}`)
  }
  const source = new MemorySource(memory, hashes)
  const state = new SourceState(source)
  const result = await engine.executeTransactions(
    { number: 1000n, timestamp: 1n, gasLimit: 30_000_000n, coinbase, parentHash: hashes.get(999n) },
    [{ sender, nonce: 0n, to, gasLimit: 16_000_000n, gasPrice: 0n }],
    { state, hardfork: 'cancun' },
  )
  assert.is(result.receipts[0].status, 'success')
  const [change] = [...result.stateDiff].filter(({ address }) => address === to)
  assert.is(change.slots.length, 256)
  assert.ok(change.slots.every(({ slot, after }) => BigInt(after) === 1000n - BigInt(slot)))
  assert.is(source.asked.filter((key) => key.startsWith('block')).length, 255)
})

sources('report invalid transactions only on facts', async () => {
  const { sender } = demo.transactions[5]
  const poor = new MemoryState({ ...demo.alloc, [sender]: { balance: 1n } })
  const state = new SourceState(new MemorySource(poor))
  const expected = await errorOf(engine.executeBlock(encoded, { state: poor }))
  const error = await errorOf(engine.executeBlock(encoded, { state }))
  assert.is(error.code, 'TX_INSUFFICIENT_FUNDS')
  assert.equal(error.details, expected.details)
})

sources('fail with what the source fails with, where the block cannot do without', async () => {
  const cause = new Error('connection lost')
  class Failing extends MemorySource {
    override async getStorage(): Promise<Hex> {
      throw cause
    }
  }
  const state = new SourceState(new Failing(demoState))
  const error = await errorOf(engine.executeBlock(encoded, { state }))
  assert.instance(error, StateError)
  assert.is(error.code, 'STATE_UNAVAILABLE')
  assert.is(error.cause, cause)
  assert.ok(Object.keys(demo.alloc).includes(error.details.address as string))
})

sources('do not mind what a guess asks for in vain', async () => {
  // The contract calls the address in its slot; an empty slot, as guessed at first, names address 0,
  // which this source knows nothing of.
  const sender: Hex = `0x${'aa'.repeat(20)}`
  const to: Hex = `0x${'bb'.repeat(20)}`
  const callee: Hex = `0x${'cc'.repeat(20)}`
  const nowhere: Hex = `0x${'00'.repeat(20)}`
  const code = '0x6000600060006000600060005461ffff f1 00'.replaceAll(' ', '') as Hex
  const memory = new MemoryState({
    [sender]: { balance: 10n ** 18n },
    [to]: { code, storage: { '0x00': callee } },
    [callee]: { code: '0x600160015500' },
  })
  class Partial extends MemorySource {
    vain = 0
    override async getAccount(address: Hex): Promise<SourceAccount | undefined> {
      if (address !== nowhere) return super.getAccount(address)
      this.vain++
      throw new Error('not in the witness')
    }
  }
  const source = new Partial(memory)
  const environment = {
    number: 1000n,
    timestamp: 1n,
    gasLimit: 30_000_000n,
    coinbase,
  }
  const call = [{ sender, nonce: 0n, to, gasLimit: 200_000n, gasPrice: 0n }]
  const options = { state: new SourceState(source), hardfork: 'cancun' }
  const result = await engine.executeTransactions(environment, call, options)
  assert.is(source.vain, 1)
  assert.ok([...result.stateDiff].some(({ address }) => address === callee))
})

sources('believe the root of an empty storage, and ask for code that comes late', async () => {
  const sender: Hex = `0x${'aa'.repeat(20)}`
  const to: Hex = `0x${'bb'.repeat(20)}`
  const memory = new MemoryState({
    [sender]: { balance: 10n ** 18n },
    [to]: { code: '0x60005460010160005500' },
  })
  let refusals = 1
  const source = {
    getAccount: (address: Hex) => {
      const account = memory.getAccount(address)
      return (
        account && {
          ...account,
          storageRoot:
            '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421' as const,
        }
      )
    },
    getStorage: (): Hex => {
      throw new Error('there is no storage')
    },
    getCode: (_hash: Hex, address: Hex) =>
      refusals-- > 0 ? undefined : Buffer.from(memory.getCode(address).slice(2), 'hex'),
  }
  const environment = { number: 1000n, timestamp: 1n, gasLimit: 30_000_000n, coinbase }
  const call = [{ sender, nonce: 0n, to, gasLimit: 200_000n, gasPrice: 0n }]
  const run = (): Promise<unknown> =>
    engine.executeTransactions(environment, call, {
      state: new SourceState(source),
      hardfork: 'cancun',
    })
  await run()
  refusals = Number.POSITIVE_INFINITY
  const error = await errorOf(run())
  assert.is(error.code, 'STATE_MISSING_CODE')
  assert.is(error.details.address, to)
})

for (const [name, answers, field] of [
  ['a negative nonce', { getAccount: () => ({ nonce: -1n, balance: 0n }) }, 'nonce'],
  ['a balance of 257 bits', { getAccount: () => ({ nonce: 0, balance: 1n << 256n }) }, 'balance'],
  [
    'a short code hash',
    { getAccount: () => ({ nonce: 0, balance: 0, codeHash: '0x12' }) },
    'codeHash',
  ],
  ['a member without a meaning', { getAccount: () => ({ balance: 0, nonse: 1 }) }, 'nonse'],
  ['other code', { getCode: () => '0x00' }, 'code'],
  ['a slot of 33 bytes', { getStorage: () => new Uint8Array(33) }, undefined],
  ['no slot', { getStorage: () => undefined }, undefined],
] as const) {
  sources(`refuse a source that gives ${name}`, async () => {
    const source = new MemorySource(demoState)
    const state = new SourceState({
      getAccount: (address) => source.getAccount(address),
      getStorage: (address, slot) => source.getStorage(address, slot),
      getCode: (hash, address) => source.getCode(hash, address),
      ...(answers as object),
    })
    const error = await errorOf(engine.executeBlock(encoded, { state }))
    assert.is(error.code, 'STATE_MALFORMED')
    if (field !== undefined) assert.is(error.details.field, field)
  })
}

sources('ask for nothing twice, and for nothing where what they need has failed', async () => {
  const sender: Hex = `0x${'aa'.repeat(20)}`
  const to: Hex = `0x${'bb'.repeat(20)}`
  // balance(sload(sload(0))): a slot that is not known yet looks like 0, and so does the address in it.
  const memory = new MemoryState({
    [sender]: { balance: 10n ** 18n },
    [to]: { code: '0x600054543100', storage: { '0x0': '0x07', '0x7': coinbase } },
    [coinbase]: {},
  })
  const run = async (lacking: Hex) => {
    class Partial extends MemorySource {
      override async getAccount(address: Hex): Promise<SourceAccount | undefined> {
        const account = await super.getAccount(address)
        if (address === lacking) throw new Error('not in the witness')
        return account
      }
    }
    const source = new Partial(memory)
    const running = engine.executeTransactions(
      { number: 1000n, timestamp: 1n, gasLimit: 30_000_000n, coinbase },
      [{ sender, nonce: 0n, to, value: 1n, gasLimit: 200_000n, gasPrice: 0n }],
      { state: new SourceState(source), hardfork: 'cancun' },
    )
    const error = await running.then(
      () => undefined,
      (reason: BraidError) => reason,
    )
    assert.is(source.asked.filter((key) => key === lacking).length, 1)
    return { error, slots: source.asked.filter((key) => key.startsWith(`${to} `)) }
  }
  const guessing = await run(`0x${'00'.repeat(20)}`)
  assert.is(guessing.error, undefined)
  assert.is(guessing.slots.length, 2)

  const failing = await run(sender)
  assert.is(failing.error?.code, 'STATE_UNAVAILABLE')
  assert.is(failing.error?.details.address, sender)
  assert.equal(failing.slots, [])
})

sources('are refused where they cannot be', async () => {
  const source = new MemorySource(demoState)
  const { getAccount, getStorage, getCode } = source
  for (const [wrong, field] of [
    [undefined, 'getAccount'],
    [null, 'getAccount'],
    [{}, 'getAccount'],
    [{ getAccount, getCode }, 'getStorage'],
    [{ getAccount, getStorage, getCode: '0x' }, 'getCode'],
    [{ getAccount, getStorage, getCode, getBlockHash: null }, 'getBlockHash'],
  ] as const) {
    assert.throws(
      () => new SourceState(wrong as never),
      (error: BraidError) =>
        error.code === 'OPTION_INVALID' && error.details.field === `source.${field}`,
    )
  }
  const state = new SourceState(new MemorySource(demoState))
  assert.throws(
    () => engine.executeBlockSync(encoded, { state: state as never }),
    (error: BraidError) => error.code === 'OPTION_INVALID' && error.details.field === 'state',
  )
  assert.throws(
    () => state.commit({} as never),
    (error: BraidError) => error.code === 'OPTION_INVALID',
  )
})

sources('bear bad input at the native boundary', () => {
  const state = new NativePartialState()
  const view = state.view()
  for (const bytes of [new Uint8Array(0), new Uint8Array(64).fill(1), packFacts([]).subarray(8)]) {
    assert.throws(() => state.learn(bytes), /not a packed state/)
    assert.throws(() => state.commit(bytes), /not the packed output/)
  }
  assert.throws(() => state.learnCode(new Uint8Array(31), new Uint8Array(1)), TypeError)
  assert.throws(() => state.learn([] as never), TypeError)
  const native = new NativeEngine()
  const other = new (view.constructor as new () => typeof view)()
  assert.throws(() => native.executeSync(other, new Uint8Array(8)), /closed/)
  assert.throws(() => view.takeMissing.call(state as never), TypeError)
  assert.is(view.takeMissing().length, 0)
  assert.throws(() => native.executeSync(view, new Uint8Array(8)), /closed/)
  assert.is(other.takeMissing().length, 0)
})

sources('bear misuse of a block in pieces', async () => {
  const common = commonAt(Hardfork.Shanghai)
  const transaction = createLegacyTx(
    { nonce: 0n, gasPrice: 2_000n, gasLimit: 21_000n, to: coinbase },
    { common },
  )
  const inputEnvironment = {
    number: 18_000_000n,
    timestamp: 1_700_000_000n,
    gasLimit: 30_000_000n,
    coinbase,
    difficulty: 0n,
    parentHash: `0x${'07'.repeat(32)}`,
    baseFeePerGas: 1_000n,
  } as const
  const input = packTransactions(inputEnvironment, rulesetOf(common, 'shanghai'), [
    transaction.sign(keys[0]).serialize(),
  ])
  const native = new NativeEngine()
  const known = new NativePartialState()
  assert.throws(() => native.resumable([] as never), TypeError)
  const malformed = native.resumable(new Uint8Array(8))
  const output = await malformed.advance(known.view()).output
  assert.is(
    new PackedReader(output as Uint8Array).u32(BlockOutput.error),
    ErrorCode.INPUT_MALFORMED,
  )

  const block = native.resumable(input)
  assert.throws(() => block.advance({} as never), TypeError)
  const { output: parked, cancel } = block.advance(known.view())
  // Under way, it is the worker's.
  assert.throws(() => block.missing(), TypeError)
  assert.throws(() => block.advance(known.view()), TypeError)
  assert.is(await parked, null)
  cancel()
  assert.ok(block.needed() > 0)
  assert.is(block.missing().length % MissingKey.SIZE, 0)
  // Resumed with nothing new it is parked once more, and little runs again.
  const runs = block.runCount()
  assert.is(await block.advance(known.view()).output, null)
  assert.is(block.runCount(), runs + 1)
  block.release()
  assert.throws(() => block.needed(), TypeError)
  assert.throws(() => block.advance(known.view()), TypeError)
})

fixtures.test('execute mainnet blocks', async () => {
  const names = fixtureNames('mainnet_blocks').filter((_, i) => i % 8 === 3)
  assert.ok(names.length > 0)
  for (const name of names) {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const memory = new MemoryState(preState)
    const options = { forgiveMissingSystemContracts: true, forgiveMissingOmmers: true }
    const expected = await engine.executeBlock(block, { ...options, state: memory, blockHashes })
    const hashes = new Map(
      Object.entries(blockHashes as Record<string, Hex>).map(([key, hash]) => [BigInt(key), hash]),
    )
    const source = new MemorySource(memory, hashes)
    const state = new SourceState(source)
    const result = await engine.executeBlock(block, { ...options, state })
    sameOutcome(result, expected)
    assert.is(new Set(source.asked).size, source.asked.length, name)
  }
})

sources.run()
fixtures.report()
