import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { StateError } from '../lib/errors.js'
import { keccak256 } from '../lib/native/load.js'
import type { Alloc } from '../lib/state/alloc.js'
import { MemoryState } from '../lib/state/memory-state.js'
import { fixtureNames, readFixture, withFixtures } from './fixtures.js'

const state = suite('state')
const fixtures = withFixtures(state, 'state')

const address = `0x${'11'.repeat(20)}`
const other = `0x${'22'.repeat(20)}`
const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`
const hashOf = (hex: string) =>
  `0x${Buffer.from(keccak256(Buffer.from(hex.slice(2), 'hex'))).toString('hex')}`

state('reads numbers in every accepted spelling', () => {
  for (const balance of [255n, 255, '0xff', '0x00ff', '0x0ff', '255']) {
    const account = new MemoryState({ [address]: { balance } }).getAccount(address)
    assert.is(account?.balance, 255n, String(balance))
  }
  const largest = 2n ** 256n - 1n
  assert.is(
    new MemoryState({ [address]: { balance: largest } }).getAccount(address)?.balance,
    largest,
  )
  const { nonce } = new MemoryState({ [address]: { nonce: '0xffffffffffffffff' } }).getAccount(
    address,
  ) as { nonce: bigint }
  assert.is(nonce, 2n ** 64n - 1n)
})

state('gives back what it was made of', () => {
  const code = '0x600160020160005500'
  const made = new MemoryState({
    [address]: { balance: 7, nonce: 3, code, storage: { '0x01': '0x02', [word(5n)]: 6n } },
    [other.slice(2)]: { balance: '0x0', code: Buffer.from('00', 'hex') },
  })
  assert.is(made.accountCount, 2)
  assert.equal(made.getAccount(address), {
    address,
    nonce: 3n,
    balance: 7n,
    codeHash: hashOf(code),
  })
  assert.is(made.getCode(address), code)
  assert.is(made.getCode(other), '0x00')
  assert.is(made.getStorage(address, '0x1'), word(2n))
  assert.is(made.getStorage(address, 5n), word(6n))
  assert.is(made.getStorage(address, 6), word(0n))
  assert.is(made.getAccount(`0x${'33'.repeat(20)}`), undefined)
  assert.is(made.getCode(`0x${'33'.repeat(20)}`), '0x')
  const [first, second] = [...made.dump()].sort((a, b) => (a.address < b.address ? -1 : 1))
  assert.is(first.code, code)
  assert.equal([...first.storage].sort(), [
    [word(1n), word(2n)],
    [word(5n), word(6n)],
  ])
  assert.is(second.address, other)
  assert.is(second.storage.size, 0)
})

state('takes a zero slot for an empty one', () => {
  const made = new MemoryState({ [address]: { balance: 1, storage: { '0x01': '0x00' } } })
  assert.is(made.stateRoot(), new MemoryState({ [address]: { balance: 1 } }).stateRoot())
})

state('knows the root of the empty state', () => {
  assert.is(new MemoryState().stateRoot(), hashOf('0x80'))
})

state('copies change on their own', () => {
  const made = new MemoryState({ [address]: { balance: 1 } })
  const copy = made.clone()
  assert.is(copy.stateRoot(), made.stateRoot())
  assert.instance(copy, MemoryState)
  assert.is(copy.getAccount(address)?.balance, 1n)
})

state('knows a code hash without its code', () => {
  const made = new MemoryState({ [address]: { codeHash: word(7n) } })
  assert.is(made.getAccount(address)?.codeHash, word(7n))
  assert.throws(
    () => made.getCode(address),
    (error: unknown) => error instanceof StateError && error.code === 'STATE_MISSING_CODE',
  )
  const [account] = made.dump()
  assert.is(account.code, undefined)
})

const malformed: [string, unknown, string | undefined][] = [
  ['no object', null, undefined],
  ['a list', [], undefined],
  ['a short address', { '0x11': {} }, 'address'],
  ['an address that is no hex', { [`0x${'zz'.repeat(20)}`]: {} }, 'address'],
  ['an account that is no object', { [address]: 7 }, undefined],
  ['one account twice', { [address]: {}, [address.slice(2)]: {} }, undefined],
  ['a negative balance', { [address]: { balance: -1n } }, 'balance'],
  ['a balance of 257 bits', { [address]: { balance: 2n ** 256n } }, 'balance'],
  ['a balance of 33 bytes', { [address]: { balance: `0x${'11'.repeat(33)}` } }, 'balance'],
  ['a balance that is no number', { [address]: { balance: 'much' } }, 'balance'],
  ['a balance that is a fraction', { [address]: { balance: 0.5 } }, 'balance'],
  ['a balance with other characters', { [address]: { balance: '0xāā' } }, 'balance'],
  ['a nonce of 65 bits', { [address]: { nonce: 2n ** 64n } }, 'nonce'],
  ['code with half a byte', { [address]: { code: '0x123' } }, 'code'],
  ['code without prefix', { [address]: { code: '6001' } }, 'code'],
  ['code that is no hex', { [address]: { code: '0xgg' } }, 'code'],
  ['long code that is no hex', { [address]: { code: `0x${'00'.repeat(200)}0x` } }, 'code'],
  ['code that is a number', { [address]: { code: 7 } }, 'code'],
  ['a wrong code hash', { [address]: { code: '0x00', codeHash: word(1n) } }, 'codeHash'],
  ['a short code hash', { [address]: { codeHash: '0x01' } }, 'codeHash'],
  ['storage that is a list', { [address]: { storage: [] } }, 'storage'],
  ['a slot of 33 bytes', { [address]: { storage: { [`0x${'01'.repeat(33)}`]: 1 } } }, undefined],
  ['a value that is no hex', { [address]: { storage: { '0x01': 'x' } } }, 'storage[0x01]'],
  ['one slot twice', { [address]: { storage: { '0x01': '0x1', '0x1': '0x2' } } }, 'storage'],
]

for (const [name, alloc, field] of malformed) {
  state(`refuses ${name}`, () => {
    assert.throws(
      () => new MemoryState(alloc as Alloc),
      (error: unknown) =>
        error instanceof StateError &&
        error.code === 'STATE_MALFORMED' &&
        (field === undefined || error.details.field === field),
    )
  })
}

state('refuses addresses and slots that are none', () => {
  const made = new MemoryState()
  for (const look of [
    () => made.getAccount('0x11'),
    () => made.getCode(undefined as unknown as string),
    () => made.getStorage(address, -1n),
    () => made.getStorage(address, 2n ** 256n),
    () => made.getStorage(address, 'slot'),
  ]) {
    assert.throws(look, (error: { code?: string }) => error.code === 'OPTION_INVALID')
  }
})

interface PostState {
  readonly post: Readonly<Record<string, readonly { readonly hash: string; state: Alloc }[]>>
}

fixtures.test('has the root that the tests know for their post-states', () => {
  const folder = ['eest', 'state_tests', 'prague', 'eip7702_set_code_tx']
  let compared = 0
  for (const name of fixtureNames(...folder)) {
    for (const test of Object.values(readFixture<Record<string, PostState>>(...folder, name))) {
      for (const posts of Object.values(test.post)) {
        for (const post of posts) {
          assert.is(new MemoryState(post.state).stateRoot(), post.hash, name)
          compared++
        }
      }
    }
  }
  assert.ok(compared > 100)
})

state.run()
fixtures.report()
