/** How states take in accounts, facts and witnesses: every spelling, and what is refused by name. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine } from '../lib/engine/engine.js'
import { isBraidError } from '../lib/errors.js'
import { keccak256 } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { StateAccount, StateAccountFlag, StateDump, StateSlot } from '../lib/native/wire.js'
import { packAlloc } from '../lib/state/alloc.js'
import {
  checkedBlockHash,
  checkedCode,
  checkSourceAccount,
  codeHashOf,
  packFacts,
} from '../lib/state/facts.js'
import { MemoryState } from '../lib/state/memory-state.js'
import { WitnessSource } from '../lib/state/witness-source.js'
import { StateTrie } from '../lib/trie/state-trie.js'
import { errorIn } from './support/thrown.js'

const parts = suite('parts of states')

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}` as const
const word = (number: bigint | number) => `0x${number.toString(16).padStart(64, '0')}` as const
const address = `0x${'a1'.repeat(20)}` as const
const other = `0x${'b2'.repeat(20)}` as const
const noCode = hex(keccak256(new Uint8Array(0)))

function rejectionOf(run: () => unknown): readonly unknown[] {
  const error = errorIn(run)
  return error === undefined ? [] : [error.code, error.details.field, error.details.address]
}

parts('numbers of an alloc are read in every spelling', () => {
  for (const [spelling, expected] of [
    [7, 7n],
    [7n, 7n],
    ['7', 7n],
    ['0x7', 7n],
    ['0x007', 7n],
    ['0x', 0n],
    [0, 0n],
    [undefined, 0n],
    [(1n << 64n) - 1n, (1n << 64n) - 1n],
    ['18446744073709551615', (1n << 64n) - 1n],
  ] as const) {
    const state = new MemoryState({ [address]: { nonce: spelling, balance: spelling } })
    assert.is(state.getAccount(address)?.nonce, expected, String(spelling))
    assert.is(state.getAccount(address)?.balance, expected, String(spelling))
  }
  const most = (1n << 256n) - 1n
  for (const balance of [most, most.toString(), `0x${most.toString(16)}`]) {
    assert.is(new MemoryState({ [address]: { balance } }).getAccount(address)?.balance, most)
  }
})

parts('what is no account of an alloc is named', () => {
  const wrong: readonly (readonly [field: string | undefined, account: unknown])[] = [
    [undefined, null],
    [undefined, 5],
    ['nonce', { nonce: -1 }],
    ['nonce', { nonce: 1n << 64n }],
    ['nonce', { nonce: 1.5 }],
    ['nonce', { nonce: '1e3' }],
    ['nonce', { nonce: ' 1' }],
    ['nonce', { nonce: '1 ' }],
    ['nonce', { nonce: null }],
    ['nonce', { nonce: 2 ** 53 }],
    ['balance', { balance: 1n << 256n }],
    ['balance', { balance: -1n }],
    ['balance', { balance: `0x1${'0'.repeat(64)}` }],
    ['balance', { balance: '0xg' }],
    ['balance', { balance: {} }],
    ['code', { code: '0x1' }],
    ['code', { code: '6001' }],
    ['code', { code: '0x60zz' }],
    ['code', { code: 5 }],
    ['codeHash', { codeHash: '0x12' }],
    ['codeHash', { codeHash: noCode.slice(2) }],
    ['codeHash', { codeHash: 5 }],
    ['codeHash', { code: '0x00', codeHash: noCode }],
    ['storage', { storage: 5 }],
    ['storage', { storage: { '0x1': 1, '0x01': 2 } }],
    ['storage', { storage: { [word(10)]: 1, [word(10).replace('a', 'A')]: 2 } }],
    [
      'storage',
      { storage: { [word(170).replace('aa', 'aA')]: 1, [word(170).replace('aa', 'Aa')]: 2 } },
    ],
    ['storage key', { storage: { one: 1 } }],
    ['storage key', { storage: { [`0x1${'0'.repeat(64)}`]: 1 } }],
    ['storage[0x1]', { storage: { '0x1': -1 } }],
    ['storage[0x1]', { storage: { '0x1': null } }],
  ]
  for (const [field, account] of wrong) {
    const rejection = rejectionOf(
      () => new MemoryState({ [other]: {}, [address]: account as never }),
    )
    assert.equal(rejection, ['STATE_MALFORMED', field, address], JSON.stringify(field))
  }
  for (const [name, meant] of [
    ['ballance', 'balance'],
    ['storge', 'storage'],
  ]) {
    assert.throws(
      () => new MemoryState({ [address]: { [name]: 1 } }),
      (error: unknown) =>
        isBraidError(error, 'STATE_MALFORMED') &&
        error.details.field === name &&
        error.details.expected === meant &&
        error.details.address === address,
    )
  }
  // What dumps say beside an account is passed over.
  for (const name of ['address', 'key', 'root', 'storageRoot', 'storageHash', 'comment']) {
    const state = new MemoryState({ [address]: { nonce: 1, [name]: 'x' } })
    assert.is(state.getAccount(address)?.nonce, 1n, name)
  }
  for (const name of ['0x12', `${address}00`, `0x${'zz'.repeat(20)}`, `x${'a1'.repeat(20)}`]) {
    assert.equal(
      rejectionOf(() => new MemoryState({ [name]: {} })),
      ['STATE_MALFORMED', 'address', name],
    )
  }
  for (const [alloc, actual] of [
    [{ [other]: {}, [other.toUpperCase().replace('X', 'x')]: {} }, 'twice'],
    [{ [address]: { storage: { '0x1': 1, '0x01': 2 } } }, `${word(1)} twice`],
  ] as const) {
    assert.throws(
      () => new MemoryState(alloc),
      (error: unknown) => isBraidError(error) && String(error.details.actual).endsWith(actual),
    )
  }
  assert.throws(
    () => new MemoryState({ [address]: null as never }),
    (error: unknown) => isBraidError(error) && !('field' in error.details),
  )
  const twice = { [address]: {}, [address.toUpperCase().replace('X', 'x')]: {} }
  assert.is(rejectionOf(() => new MemoryState(twice))[0], 'STATE_MALFORMED')
  assert.is(
    rejectionOf(() => new MemoryState({ [address]: {}, [address.slice(2)]: {} }))[0],
    'STATE_MALFORMED',
  )
  // Neither of the two as it is written usually.
  const [some, all] = ['B2'.repeat(10) + 'b2'.repeat(10), 'B2'.repeat(20)]
  const odd = { [`0x${some}`]: {}, [`0x${all}`]: {} }
  assert.is(rejectionOf(() => new MemoryState(odd))[0], 'STATE_MALFORMED')
  const capitals = new MemoryState({ [other.toUpperCase().replace('X', 'x')]: { nonce: 3 } })
  assert.is(capitals.getAccount(other)?.nonce, 3n)
  const bare = new MemoryState({ [address.slice(2)]: { nonce: 4 } })
  assert.is(bare.getAccount(address)?.nonce, 4n)
})

parts('code and storage come out as they went in', () => {
  const codes = ['0x6001', '0x', Uint8Array.of(0x60, 2, 3)] as const
  const alloc = Object.fromEntries(
    codes.map((code, i) => [
      `0x${`c${i}`.repeat(20)}`,
      { code, nonce: i, storage: { [`0x${i + 1}`]: i + 5, '0x9': 0, [word(255)]: '0xff' } },
    ]),
  )
  const state = new MemoryState(alloc)
  assert.is(state.accountCount, 3)
  const dump = new Map([...state.dump()].map((account) => [account.address, account]))
  for (const [i, code] of codes.entries()) {
    const at = `0x${`c${i}`.repeat(20)}` as const
    const expected = typeof code === 'string' ? code : hex(code)
    assert.is(state.getCode(at), expected)
    assert.is(state.getAccount(at)?.codeHash, hex(keccak256(Buffer.from(expected.slice(2), 'hex'))))
    assert.is(dump.get(at)?.code, expected)
    // Zeros are not stored.
    assert.equal(
      [...(dump.get(at)?.storage ?? [])].sort(),
      [
        [word(i + 1), word(i + 5)],
        [word(255), word(255)],
      ].sort(),
    )
  }
  assert.is(state.getCode(address), '0x')
  const known = new MemoryState({ [address]: { codeHash: word(5) }, [other]: { code: '0x00' } })
  assert.equal(
    rejectionOf(() => known.getCode(address)),
    ['STATE_MISSING_CODE', undefined, address],
  )
  const [first] = [...known.dump()].filter((account) => account.address === address)
  assert.is(first.code, undefined)
  assert.is(first.codeHash, word(5))
  const right = hex(keccak256(Uint8Array.of(0)))
  assert.is(
    new MemoryState({ [address]: { code: '0x00', codeHash: right } }).getCode(address),
    '0x00',
  )
})

parts('slots that are zero are packed where they are asked for, and only there', () => {
  const alloc = { [address]: { storage: { '0x1': 0, '0x2': 5, '0x3': '0x' } } }
  const count = (packed: Uint8Array) => new PackedReader(packed).sectionCount(StateDump.slots)
  assert.is(count(packAlloc(alloc)), 1)
  assert.is(count(packAlloc(alloc, false)), 1)
  assert.is(count(packAlloc(alloc, true)), 3)
  // What lies behind the last slot, code here, is not part of it.
  assert.is(count(packAlloc({ [address]: { code: '0x6001', storage: { '0x1': 0 } } })), 0)
})

parts('storage that grows while it is read is an error', () => {
  let times = 0
  const storage = new Proxy<Record<string, number>>(
    {},
    {
      ownKeys: () => (times++ === 0 ? ['0x1'] : ['0x1', '0x2']),
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }),
      get: () => 1,
    },
  )
  const rejection = rejectionOf(() => new MemoryState({ [address]: { storage } }))
  assert.equal(rejection, ['STATE_MALFORMED', 'storage', address])
})

parts('an account is told in JSON as an alloc that the same state can be made of', () => {
  const state = new MemoryState({
    [address]: { balance: 5n, nonce: 3n, code: '0x6001', storage: { '0x1': 7 } },
    [other]: { balance: 1n << 80n },
  })
  const json = JSON.parse(JSON.stringify(state))
  assert.equal(Object.keys(json).sort(), [address, other])
  assert.is(new MemoryState(json).stateRoot(), state.stateRoot())
})

parts('slots are asked for by any name of a number', () => {
  const state = new MemoryState({ [address]: { storage: { '0x10': 7 } } })
  for (const slot of [16, 16n, '0x10', '0x0010', word(16)]) {
    assert.is(state.getStorage(address, slot), word(7))
  }
  assert.is(state.getStorage(address, (1n << 256n) - 1n), word(0))
  for (const slot of [
    -1,
    -1n,
    1.5,
    '10',
    '0x',
    `0x${'0'.repeat(65)}`,
    1n << 256n,
    null,
    ' 0x10',
    '0x10 ',
  ]) {
    assert.equal(
      rejectionOf(() => state.getStorage(address, slot as never)),
      ['OPTION_INVALID', 'slot', undefined],
    )
  }
  assert.is(rejectionOf(() => state.getAccount('0x12'))[1], 'address')
  assert.is(rejectionOf(() => state.getStorage('0x12', 1))[1], 'address')
})

parts('facts are checked, and refused by name', () => {
  const account = { nonce: 1n, balance: 2n }
  const accountFact = (change: object) => () =>
    packFacts([{ address, account: { ...account, ...change }, code: undefined }])
  const slotFact = (value: unknown) => () =>
    packFacts([{ address, slot: word(3), value: value as never }])
  for (const [field, run] of [
    ['nonce', accountFact({ nonce: -1n })],
    ['nonce', accountFact({ nonce: 1n << 64n })],
    ['balance', accountFact({ balance: 1n << 256n })],
    ['codeHash', accountFact({ codeHash: '0x12' })],
    ['codeHash', accountFact({ codeHash: new Uint8Array(33) })],
    ['storageRoot', accountFact({ storageRoot: '0x' })],
    ['storageRoot', accountFact({ storageRoot: 5 })],
    [`storage[${word(3)}]`, slotFact(undefined)],
    [`storage[${word(3)}]`, slotFact(new Uint8Array(33))],
    [`storage[${word(3)}]`, slotFact(-1)],
    ['code', () => checkedCode(address, noCode, '0x00')],
    ['code', () => checkedCode(address, noCode, '0x0')],
    ['codeHash', () => codeHashOf(address, { ...account, codeHash: '0x1234' })],
  ] as const) {
    assert.equal(rejectionOf(run), ['STATE_MALFORMED', field, address], field)
  }
  for (const hash of [undefined, '0x12', new Uint8Array(31), 5]) {
    assert.equal(
      rejectionOf(() => checkedBlockHash(7n, hash)),
      ['STATE_MALFORMED', 'blockHashes[7]', undefined],
    )
  }
  assert.equal([...checkedBlockHash(7n, word(9))], [...Buffer.from(word(9).slice(2), 'hex')])
  assert.is(codeHashOf(address, account), undefined)
  assert.is(codeHashOf(address, { ...account, codeHash: noCode }), undefined)
  assert.is(codeHashOf(address, { ...account, codeHash: word(5) }), word(5))
  assert.equal([...checkedCode(address, noCode, '0x')], [])
})

parts('members of a source’s plain accounts are all known', () => {
  const account = { nonce: 1n, balance: 2n, storageRoot: word(1), codeHash: noCode }
  checkSourceAccount(address, account)
  checkSourceAccount(address, { nonce: 1n, balance: 2n, storageHash: word(1) } as never)
  assert.equal(
    rejectionOf(() => checkSourceAccount(address, { ...account, ballance: 2n } as never)),
    ['STATE_MALFORMED', 'ballance', address],
  )
  // Objects of classes have more.
  class Account {
    nonce = 1n
    balance = 2n
    version = 7
  }
  checkSourceAccount(address, new Account())
})

parts('slots are told as numbers or as bytes, with or without zeros in front', () => {
  for (const [value, expected] of [
    [new Uint8Array(0), 0n],
    [Uint8Array.of(7), 7n],
    [Uint8Array.of(0, 1, 2), 258n],
    [new Uint8Array(32).fill(0xff), (1n << 256n) - 1n],
    ['0x0102', 258n],
    [258n, 258n],
  ] as const) {
    const packed = new PackedReader(packFacts([{ address, slot: word(3), value }]))
    const at = packed.sectionOffset(StateDump.slots)
    assert.is(packed.sectionCount(StateDump.slots), 1)
    assert.is(packed.hex(at + StateSlot.key, 32), word(3))
    // It says nothing about the account.
    const { flags } = StateAccount
    const first = packed.sectionOffset(StateDump.accounts)
    assert.is(packed.u32(first + flags), StateAccountFlag.SlotsOnly)
    assert.is(BigInt(packed.hex(at + StateSlot.value, 32)), expected)
  }
})

parts('an alloc that is none, or cannot be read, is an error with what is behind it', () => {
  for (const odd of [null, 5, 'text']) {
    assert.throws(
      () => new MemoryState(odd as never),
      (error: unknown) =>
        isBraidError(error, 'STATE_MALFORMED') &&
        error.details.expected === 'an object of accounts by address' &&
        error.details.actual !== undefined,
    )
  }
  const cause = new Error('not today')
  const alloc = {
    [address]: {
      get balance(): bigint {
        throw cause
      },
    },
  }
  assert.throws(
    () => new MemoryState(alloc),
    (error: unknown) => isBraidError(error, 'STATE_MALFORMED') && error.cause === cause,
  )
})

parts('what was committed for now is undone, however long the history is', async () => {
  const engine = await Engine.create({ threads: 1 })
  const environment = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: other }
  for (const history of [0, 1, 2, 5]) {
    const state = new MemoryState({ [address]: { balance: 10n ** 18n } }, { history })
    const pay = (nonce: bigint) =>
      engine.executeTransactions(
        environment,
        [{ sender: address, to: other, nonce, value: 5n, gasLimit: 21_000n, gasPrice: 0n }],
        { state, hardfork: 'berlin' },
      )
    for (let nonce = 0n; nonce < 2n; nonce++) state.commit(await pay(nonce))
    const kept = Math.min(history, 2)
    assert.is(state.undoable, kept)
    const step = state.advance(await pay(2n))
    assert.is(state.getAccount(other)?.balance, 15n)
    assert.is(state.undoable, kept)
    step.drop()
    assert.is(state.getAccount(other)?.balance, 10n)
    assert.is(state.undoable, kept)
    for (let back = 1; back <= kept; back++) {
      state.revert()
      assert.is(state.getAccount(address)?.nonce, 2n - BigInt(back))
    }
  }
  engine.close()
})

const trie = new StateTrie(
  new MemoryState({ [address]: { balance: 5, code: '0x6001', storage: { '0x1': 7 } } }),
)
const nodes = trie.getProof(address, [1n])
const witness = {
  parentStateRoot: trie.root,
  state: [...nodes.accountProof, ...nodes.storageProof[0].proof],
  codes: ['0x6001'] as const,
}

parts('a witness answers out of its nodes, codes and hashes', () => {
  const source = new WitnessSource({
    ...witness,
    blockHashes: { 5: word(50), '0x6': word(60) },
  })
  assert.is(source.getAccount(address)?.balance, 5n)
  assert.is(source.getAccount(address)?.storageRoot, nodes.storageHash)
  assert.is(BigInt(source.getStorage(address, word(1))), 7n)
  const hash = hex(keccak256(Uint8Array.of(0x60, 1)))
  assert.equal([...(source.getCode(hash) ?? [])], [0x60, 1])
  assert.is(source.getCode(word(1)), undefined)
  assert.equal(
    [5n, 6n, 7n].map((number) => source.getBlockHash(number)),
    [word(50), word(60), undefined],
  )
  const map = new Map<unknown, string>([
    [8n, word(80)],
    [9, word(90)],
  ])
  const mapped = new WitnessSource({ ...witness, blockHashes: map as never })
  assert.equal([mapped.getBlockHash(8n), mapped.getBlockHash(9n)], [word(80), word(90)])
  const bytes = new WitnessSource({
    ...witness,
    parentStateRoot: Buffer.from(trie.root.slice(2), 'hex'),
    codes: [Uint8Array.of(0x60, 1)],
    blockHashes: null as never,
  })
  assert.is(bytes.getAccount(address)?.balance, 5n)
})

parts('what a witness lacks is named with what it was needed for', () => {
  const none = new WitnessSource({ ...witness, state: [] })
  assert.equal(
    rejectionOf(() => none.getAccount(address)),
    ['STATE_NODE_MISSING', undefined, address],
  )
  assert.throws(
    () => none.getAccount(address),
    (error: unknown) => isBraidError(error) && isBraidError(error.cause, 'STATE_NODE_MISSING'),
  )
  assert.equal(
    rejectionOf(() => none.getStorage(address, word(1))),
    ['STATE_NODE_MISSING', `storage[${word(1)}]`, address],
  )
})

parts('what is no witness is named', () => {
  for (const [field, change] of [
    ['parentStateRoot', { parentStateRoot: '0x12' }],
    ['parentStateRoot', { parentStateRoot: 5 }],
    ['state', { state: {} }],
    ['state[1]', { state: [witness.state[0], 5] }],
    ['codes', { codes: '0x' }],
    ['codes[0]', { codes: ['0x1'] }],
    ['blockHashes', { blockHashes: 5 }],
    ['blockHashes[five]', { blockHashes: { five: word(5) } }],
    ['blockHashes[ 5]', { blockHashes: { ' 5': word(5) } }],
    ['blockHashes[5 ]', { blockHashes: { '5 ': word(5) } }],
    ['blockHashes[5x]', { blockHashes: { '5x': word(5) } }],
    ['blockHashes[5.5]', { blockHashes: new Map([[5.5, word(5)]]) }],
    ['blockHashes[true]', { blockHashes: new Map([[true, word(5)]]) }],
    ['blockHashes[5]', { blockHashes: { 5: '0x12' } }],
    ['blockHashes[5]', { blockHashes: { 5: 12 } }],
  ] as const) {
    const rejection = rejectionOf(() => new WitnessSource({ ...witness, ...change } as never))
    assert.equal(rejection, ['STATE_MALFORMED', field, undefined], field)
  }
  assert.equal(
    rejectionOf(() => new WitnessSource({ ...witness, nodes: [] } as never)),
    ['STATE_MALFORMED', 'nodes', undefined],
  )
  for (const odd of [null, 5, undefined]) {
    assert.equal(rejectionOf(() => new WitnessSource(odd as never)).slice(0, 2), [
      'STATE_MALFORMED',
      'witness',
    ])
  }
})

parts.run()
