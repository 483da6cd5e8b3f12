/** States that are wrong or lack something, results in wrong places, options of wrong types. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Alloc,
  type BlockEnvironment,
  Engine,
  type ExecutionResult,
  isBraidError,
  MemoryState,
} from '../lib/index.js'
import { Random } from './random.js'
import { detached } from './support/buffers.js'
import { contract, mixedAlloc, mixedBlock, mixedBlockHashes } from './support/mixed-block.js'
import { outcomeOf } from './support/outcome.js'

const states = suite('bad states, results and options')

const engine = await Engine.create()
const { block } = await mixedBlock(engine)
const source = block.serialize()

const address = `0x${'aa'.repeat(20)}`
const other = `0x${'bb'.repeat(20)}`

/** The code of the error that a call throws, which has to be one of this package's. */
async function codeOf(call: () => unknown): Promise<string> {
  return outcomeOf(call, () => String(call))
}

const environment: BlockEnvironment = {
  number: 1_000n,
  timestamp: 1n,
  gasLimit: 30_000_000n,
  coinbase: other,
}

/** A transfer on a state, or a call of what is at `other`. */
function transfer(state: MemoryState, changes: object = {}, around: object = {}) {
  const call = {
    sender: address,
    to: other,
    nonce: 0n,
    gasLimit: 100_000n,
    gasPrice: 1n,
    value: 5n,
  }
  return engine.executeTransactions({ ...environment, ...around }, [{ ...call, ...changes }], {
    state,
    hardfork: 'prague',
  })
}

const rich = (more: Alloc = {}) => new MemoryState({ [address]: { balance: 10n ** 20n }, ...more })

states('allocs of wrong types are refused by name of account and field', async () => {
  const odd: readonly unknown[] = [
    null,
    true,
    Symbol('odd'),
    -1,
    1.5,
    Number.NaN,
    -1n,
    1n << 256n,
    '',
    'x',
    '0xzz',
    `0x1${'00'.repeat(32)}`,
    '9'.repeat(1_000),
    {},
    Object.create(null),
    [],
    () => 1,
    {
      toString() {
        throw new Error('no text')
      },
    },
  ]
  for (const field of ['balance', 'nonce', 'code', 'codeHash', 'storage']) {
    for (const value of odd) {
      // An object without members is an empty storage, and '' is no hex of any size.
      const isStorage = field === 'storage' && typeof value === 'object' && value !== null
      if (isStorage && !Array.isArray(value)) continue
      try {
        new MemoryState({ [address]: { [field]: value } } as Alloc)
        assert.unreachable(`${field}: ${typeof value}`)
      } catch (error) {
        assert.ok(isBraidError(error, 'STATE_MALFORMED'), `${field}: ${typeof value} ${error}`)
        assert.is(error.details.address, address)
        assert.is(error.details.field, field)
      }
    }
  }
  for (const alloc of [null, 7, 'alloc', [], Symbol('alloc')]) {
    assert.is(await codeOf(() => new MemoryState(alloc as never)), 'STATE_MALFORMED')
  }
  for (const account of [null, 7, 'account', undefined, Symbol('account')]) {
    assert.is(
      await codeOf(() => new MemoryState({ [address]: account } as never)),
      'STATE_MALFORMED',
    )
  }
  for (const key of ['', '0x', 'length', '__proto__', address.slice(0, -1), `${address}0`]) {
    const alloc = JSON.parse(`{"${key}":{"balance":1}}`) as Alloc
    assert.is(await codeOf(() => new MemoryState(alloc)), 'STATE_MALFORMED', key)
  }
})

states('allocs whose getters throw or change their minds are refused', async () => {
  let reads = 0
  /** An account whose member is another the second time. */
  const shifty = (field: string, first: unknown, then: unknown) => ({
    [address]: Object.defineProperty({ code: '0x6001' }, field, {
      enumerable: true,
      get: () => (reads++ === 0 ? first : then),
    }),
    [other]: { storage: { '0x1': 1 }, code: '0x6002' },
  })
  const cases: Alloc[] = [
    shifty('storage', {}, { '0x1': 1, '0x2': 2, '0x3': 3 }) as Alloc,
    shifty('code', '0x', `0x${'60'.repeat(1000)}`) as Alloc,
    shifty('code', new Uint8Array(0), new Uint8Array(1000)) as Alloc,
    { [address]: { code: detached(new Uint8Array(8)) } },
    Object.defineProperty({}, address, {
      enumerable: true,
      get() {
        throw new TypeError('no account')
      },
    }),
  ]
  for (const [index, alloc] of cases.entries()) {
    reads = 0
    assert.is(await codeOf(() => new MemoryState(alloc)), 'STATE_MALFORMED', `alloc ${index}`)
  }
})

states('random allocs load or are refused', async () => {
  const random = new Random(0xa110c)
  const quantities = ['0x', '0x0', '0x00ff', '12', 5, 7n, '0xg', -1, null, undefined]
  for (let round = 0; round < 1_000; round++) {
    const alloc: Record<string, unknown> = {}
    for (let i = random.below(4); i > 0; i--) {
      alloc[`0x${Buffer.from(random.bytes(random.below(8) === 0 ? 19 : 20)).toString('hex')}`] = {
        balance: random.pick(quantities),
        nonce: random.pick(quantities),
        code: random.pick(['0x', '0x60', '0x6', undefined, random.bytes(5)]),
        storage: { [`0x${random.below(20)}`]: random.pick(quantities) },
      }
    }
    const outcome = await codeOf(() => new MemoryState(alloc as Alloc).stateRoot())
    assert.ok(outcome === 'ok' || outcome === 'STATE_MALFORMED', outcome)
  }
})

states('code that the state does not know', async () => {
  const codeHash = `0x${'77'.repeat(32)}`
  const lacking = rich({ [other]: { nonce: 1n, codeHash } })
  const before = lacking.stateRoot()
  try {
    await transfer(lacking)
    assert.unreachable('the call needs the code')
  } catch (error) {
    assert.ok(isBraidError(error, 'STATE_MISSING_CODE'))
    assert.is(error.details.address, other)
  }
  assert.is(await codeOf(() => lacking.getCode(other)), 'STATE_MISSING_CODE')
  assert.is(lacking.stateRoot(), before)

  // Nobody asks for the code of who only receives a reward or stands by.
  const bystander = rich({ [contract]: { codeHash } })
  assert.is(await codeOf(() => transfer(bystander)), 'ok')
  // From Prague on a sender's code decides whether it may send.
  const sender = new MemoryState({ [address]: { balance: 10n ** 20n, codeHash } })
  assert.is(await codeOf(() => transfer(sender)), 'STATE_MISSING_CODE')

  const needed = new MemoryState({ ...mixedAlloc, [contract]: { codeHash } })
  const options = { state: needed, blockHashes: mixedBlockHashes }
  assert.is(await codeOf(() => engine.executeBlock(source, options)), 'STATE_MISSING_CODE')
  assert.is(await codeOf(() => engine.executeBlockSync(source, options)), 'STATE_MISSING_CODE')
})

states('hashes of ancestors that were not given', async () => {
  const state = new MemoryState(mixedAlloc)
  const before = state.stateRoot()
  for (const blockHashes of [undefined, {}, new Map(), { 5: `0x${'01'.repeat(32)}` }]) {
    try {
      await engine.executeBlock(source, { state, blockHashes } as never)
      assert.unreachable('the block asks for a hash')
    } catch (error) {
      assert.ok(isBraidError(error, 'STATE_MISSING_BLOCK_HASH'), String(error))
      assert.is(error.details.expected, block.header.number - 3n)
    }
  }
  const hash = `0x${'01'.repeat(32)}`
  const key = String(block.header.number - 3n)
  for (const blockHashes of [
    null,
    7,
    'hashes',
    { [key]: 7 },
    { [key]: '0x01' },
    { [key]: Symbol('hash') },
    { number: hash },
    new Map<unknown, unknown>([[Symbol('number'), hash]]),
    new Map<unknown, unknown>([[null, hash]]),
    { [key]: hash, [`0x${BigInt(key).toString(16)}`]: hash },
  ]) {
    assert.is(
      await codeOf(() => engine.executeBlock(source, { state, blockHashes } as never)),
      'OPTION_INVALID',
    )
  }
  assert.is(state.stateRoot(), before)
})

states('a result is committed once, to the state it is of or one like it', async () => {
  const state = rich()
  const result = await transfer(state)
  const twin = rich()
  const clone = state.clone()
  state.commit(result)
  twin.commit(result)
  clone.commit(result)
  assert.is(twin.stateRoot(), state.stateRoot())
  assert.is(clone.stateRoot(), state.stateRoot())
  const after = state.stateRoot()
  for (const target of [state, new MemoryState(), rich({ [other]: { balance: 1n } })]) {
    const before = target.stateRoot()
    try {
      target.commit(result)
      assert.unreachable('committed')
    } catch (error) {
      assert.ok(isBraidError(error, 'STATE_RESULT_STALE'))
      assert.is(error.name, 'StateError')
    }
    assert.is(target.stateRoot(), before)
  }
  assert.is(state.stateRoot(), after)
})

states('slots, code and nonces that changed in between make a result stale', async () => {
  // SSTORE(0, CALLVALUE)
  const code = '0x34600055'
  const account = { nonce: 1n, balance: 9n, code, storage: { '0x0': 1 } }
  const of = (changes: object) => rich({ [other]: { ...account, ...changes } })
  const result = await transfer(of({}))
  for (const changes of [
    { storage: { '0x0': 2 } },
    { storage: {} },
    { nonce: 2n },
    { balance: 8n },
    { code: '0x00' },
  ]) {
    const target = of(changes)
    const before = target.stateRoot()
    assert.is(await codeOf(() => target.commit(result)), 'STATE_RESULT_STALE')
    assert.is(target.stateRoot(), before)
  }
  // What the block did not touch may differ.
  const target = of({ storage: { '0x0': 1, '0x1': 2 } })
  target.commit(result)
  assert.is(BigInt(target.getStorage(other, 0)), 5n)
  assert.is(BigInt(target.getStorage(other, 1)), 2n)
})

states('a commit while a block runs: the block sees the state as it was', async () => {
  const state = rich()
  const first = await transfer(state)
  const running = Array.from({ length: 20 }, () => transfer(state))
  state.commit(first)
  for (const result of await Promise.all(running)) {
    assert.is(result.gasUsed, 21_000n)
    assert.is(await codeOf(() => state.commit(result)), 'STATE_RESULT_STALE')
  }
  assert.is(state.getAccount(other)?.balance, 5n + first.gasUsed)
  assert.is(await codeOf(() => transfer(state)), 'TX_NONCE_TOO_LOW')
  assert.is(await codeOf(() => transfer(state, { nonce: 1n })), 'ok')
})

states('what is no result cannot be committed', async () => {
  const state = rich()
  const before = state.stateRoot()
  for (const result of [null, undefined, 7, {}, { packed: null }, { packed: [] }]) {
    assert.is(await codeOf(() => state.commit(result as never)), 'OPTION_INVALID')
  }
  for (const packed of [new Uint8Array(0), new Uint8Array(1000), detached(new Uint8Array(8))]) {
    try {
      state.commit({ packed } as ExecutionResult)
      assert.unreachable('committed')
    } catch (error) {
      assert.ok(isBraidError(error, 'INPUT_MALFORMED'))
    }
  }
  assert.is(state.stateRoot(), before)
})

states('a closed engine runs nothing, and what ran ends as usual', async () => {
  const closing = await Engine.create()
  const state = new MemoryState(mixedAlloc)
  const options = { state, blockHashes: mixedBlockHashes }
  const running = Array.from({ length: 10 }, () => closing.executeBlock(source, options))
  closing.close()
  for (const result of await Promise.all(running)) assert.equal(result.verify(), [])
  assert.is(await codeOf(() => closing.executeBlock(source, options)), 'ENGINE_CLOSED')
  assert.is(await codeOf(() => closing.executeBlockSync(source, options)), 'ENGINE_CLOSED')
  assert.is(
    await codeOf(() => closing.executeTransactions(environment, [], { state })),
    'ENGINE_CLOSED',
  )
  assert.is(await codeOf(() => closing.vm), 'ENGINE_CLOSED')
})

states('options, states and environments of wrong types', async () => {
  const state = rich()
  const invalid = 'OPTION_INVALID'
  for (const odd of [null, undefined, 7, 'options'] as never[]) {
    assert.is(await codeOf(() => engine.executeBlock(source, odd)), invalid)
    assert.is(await codeOf(() => engine.executeBlockSync(source, odd)), invalid)
    assert.is(await codeOf(() => engine.executeTransactions(environment, [], odd)), invalid)
    assert.is(await codeOf(() => engine.executeTransactions(odd, [], { state })), invalid)
    if (odd !== undefined) assert.is(await codeOf(() => Engine.create(odd)), invalid)
    const options = { state: odd }
    assert.is(await codeOf(() => engine.executeBlock(source, options)), invalid)
  }
  const hollow = Object.create(MemoryState.prototype) as MemoryState
  assert.is(await codeOf(() => engine.executeBlock(source, { state: hollow })), invalid)
  for (const common of [null, 7, {}, { hardforks: 1 }] as never[]) {
    const outcome = await codeOf(async () => {
      return (await Engine.create({ common })).executeBlock(source, { state })
    })
    assert.ok(outcome === 'OPTION_INVALID' || outcome === 'CHAIN_CONFIG_INVALID', outcome)
  }
  for (const hardfork of [7, null, {}, '', '__proto__', 'constructor', Symbol('fork')]) {
    const options = { state, hardfork: hardfork as string }
    assert.is(
      await codeOf(() => engine.executeTransactions(environment, [], options)),
      'UNSUPPORTED_HARDFORK',
    )
  }
  for (const slot of [
    -1,
    1.5,
    1n << 256n,
    '',
    'x',
    null,
    {},
    Object.create(null),
    Symbol('slot'),
  ]) {
    assert.is(await codeOf(() => state.getStorage(address, slot as never)), invalid)
  }
  for (const wrong of [undefined, null, 7, '', address.slice(2), `${address}00`] as never[]) {
    assert.is(await codeOf(() => state.getAccount(wrong)), invalid)
    assert.is(await codeOf(() => state.getCode(wrong)), invalid)
    assert.is(await codeOf(() => state.getStorage(wrong, 0)), invalid)
  }
})

states('transactions and environments with numbers at their limits', async () => {
  const state = rich({ [other]: { nonce: 1n, code: '0x43405043600190034050424345500000' } })
  const before = state.stateRoot()
  const limits = [0n, 1n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n, 1n << 64n, -1n]
  const seen = new Set<string>()
  for (const limit of limits) {
    for (const field of ['number', 'timestamp', 'gasLimit', 'baseFee', 'excessBlobGas']) {
      seen.add(await codeOf(() => transfer(state, {}, { [field]: limit })))
    }
    for (const field of ['nonce', 'gasLimit', 'gasPrice', 'value', 'chainId']) {
      const around = { gasLimit: (1n << 64n) - 1n }
      seen.add(await codeOf(() => transfer(state, { [field]: limit }, around)))
    }
  }
  const last = (1n << 64n) - 1n
  const spent = new MemoryState({ [address]: { balance: 10n ** 20n, nonce: last } })
  assert.is(await codeOf(() => transfer(spent, { nonce: last })), 'TX_NONCE_OVERFLOW')
  // With that much money the gas can be bought: at most 2^63 - 1 of it exists.
  const richest = new MemoryState({ [address]: { balance: (1n << 256n) - 1n } })
  const around = { gasLimit: last }
  assert.is(
    await codeOf(() => transfer(richest, { gasLimit: 1n << 63n }, around)),
    'TX_GAS_LIMIT_EXCEEDS_BLOCK',
  )
  const { gasUsed } = await transfer(richest, { gasLimit: (1n << 63n) - 1n, value: 0n }, around)
  assert.is(gasUsed, 21_000n)
  for (const code of ['ok', 'OPTION_INVALID', 'TX_NONCE_TOO_HIGH', 'TX_INSUFFICIENT_FUNDS']) {
    assert.ok(seen.has(code), `${code} in ${[...seen]}`)
  }
  assert.is(state.stateRoot(), before)
})

states('lists of transactions that are none', async () => {
  const state = rich()
  for (const list of [
    null,
    undefined,
    7,
    {},
    'list',
    [null],
    [7],
    [[]],
    [{}],
    [new Uint8Array(0)],
  ]) {
    const outcome = await codeOf(() => {
      return engine.executeTransactions(environment, list as never, { state, hardfork: 'prague' })
    })
    assert.match(outcome, /^(DECODE|OPTION|TX)_/, JSON.stringify(list))
  }
})

states.run()
