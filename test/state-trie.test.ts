/** The trie of a whole state, judged by @ethereumjs/mpt. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isBraidError } from '../lib/errors.js'
import { bytesToHex } from '../lib/hex/index.js'
import { MemoryState } from '../lib/state/memory-state.js'
import { StateTrie } from '../lib/trie/state-trie.js'
import { Random } from './random.js'
import { rounds } from './support/rounds.js'
import {
  addressOf,
  allocOf,
  copyModel,
  type Model,
  mptOf,
  packDifference,
  randomChanges,
} from './support/trie-model.js'

const trie = suite('state-trie')

const stateOf = (model: Model) => new MemoryState(allocOf(model))
const rootOf = async (model: Model) => bytesToHex((await mptOf(model)).root())

trie('follows a state through random blocks, and back', async () => {
  for (let seed = 1; seed <= rounds(12, 2); seed++) {
    const random = new Random(seed * 104_729)
    let model: Model = new Map()
    randomChanges(random, model, 40)
    const ours = new StateTrie(stateOf(model), { history: 5 })
    const roots = [ours.root]
    assert.is(ours.root, await rootOf(model))
    for (let block = 0; block < 12; block++) {
      const next = copyModel(model)
      for (let i = random.below(3); i >= 0; i--) randomChanges(random, next, 40)
      const changes = packDifference(model, next)
      const expected = await rootOf(next)
      assert.is(ours.rootAfter(changes), expected, `seed ${seed}, block ${block}, tried`)
      assert.is(ours.root, roots.at(-1), `seed ${seed}, block ${block}, undone`)
      ours.update(changes)
      assert.is(ours.root, expected, `seed ${seed}, block ${block}`)
      roots.push(expected)
      model = next
      for (const [address, account] of model) {
        assert.is(ours.getAccount(`0x${address}`)?.balance, account.balance)
        for (const [key, value] of account.storage) {
          assert.is(BigInt(ours.getStorage(`0x${address}`, `0x${key}`)), value)
        }
      }
    }
    const copy = ours.clone()
    assert.is(ours.undoable, 5)
    roots.pop()
    while (ours.undoable > 0) {
      ours.revert()
      assert.is(ours.root, roots.pop(), `seed ${seed}, ${ours.undoable} left`)
    }
    assert.throws(
      () => ours.revert(),
      (error: unknown) => isBraidError(error, 'STATE_UNAVAILABLE'),
    )
    // A copy does not change with what it was copied from, and can be undone by itself.
    assert.is(copy.root, await rootOf(model))
    assert.is(copy.undoable, 5)
    while (copy.undoable > 0) copy.revert()
    assert.is(copy.root, ours.root)
  }
})

trie('can be undone without ever having been hashed', () => {
  const random = new Random(99)
  let model: Model = new Map()
  for (let i = 0; i < 8; i++) randomChanges(random, model, 20)
  const ours = new StateTrie(stateOf(model), { history: 10 })
  const base = new StateTrie(stateOf(model)).root
  for (let block = 0; block < 10; block++) {
    const next = copyModel(model)
    for (let i = 0; i < 3; i++) randomChanges(random, next, 20)
    ours.update(packDifference(model, next))
    model = next
  }
  assert.is(ours.clone().root, stateOf(model).stateRoot())
  while (ours.undoable > 0) ours.revert()
  assert.is(ours.root, base)
})

for (const history of [0, 2]) {
  trie(`lets destroyed storage go, with a history of ${history}`, () => {
    letsStorageGo(history)
  })
}

function letsStorageGo(history: number): void {
  const account = { nonce: 1n, balance: 5n, codeHash: '11'.repeat(32), cleared: false }
  const slots = Array.from({ length: 300 }, (_, i): [string, bigint] => [
    i.toString(16).padStart(64, '0'),
    BigInt(i + 1),
  ])
  const full: Model = new Map([[addressOf(1), { ...account, storage: new Map(slots) }]])
  const empty: Model = new Map()
  const rebuilt = copyModel(full)
  const ours = new StateTrie(stateOf(full), { history })
  const { root } = ours
  let size = 0
  for (let round = 0; round < 20; round++) {
    ours.update(packDifference(full, empty))
    assert.is(ours.root, new StateTrie().root)
    ours.update(packDifference(empty, rebuilt))
    assert.is(ours.root, root)
    if (round === 3) size = ours.byteLength
  }
  assert.is(ours.byteLength, size)
  while (ours.undoable > 0) ours.revert()
  assert.is(ours.root, root)
}

trie('takes an empty account for one that exists', async () => {
  const model: Model = new Map()
  const empty = { nonce: 0n, balance: 0n, codeHash: '', storage: new Map(), cleared: false }
  const ours = new StateTrie()
  const next: Model = new Map([[addressOf(3), { ...empty, codeHash: hashOfNothing }]])
  ours.update(packDifference(model, next))
  assert.is(ours.root, await rootOf(next))
  assert.equal(ours.getAccount(`0x${addressOf(3)}`), {
    nonce: 0n,
    balance: 0n,
    storageHash: new StateTrie().root,
    codeHash: `0x${hashOfNothing}`,
  })
  assert.is(ours.getAccount(`0x${addressOf(4)}`), undefined)
})

trie('is the same, however large the parts it is loaded in', async () => {
  // One account with more slots than are merged at once.
  const storage = Object.fromEntries(
    Array.from({ length: 70_000 }, (_, i) => [`0x${i.toString(16).padStart(64, '0')}`, i + 1]),
  )
  const address = `0x${addressOf(1)}`
  const alloc = { [address]: { balance: 1, storage }, [`0x${addressOf(2)}`]: { nonce: 7 } }
  const whole = new StateTrie(new MemoryState(alloc))
  assert.is(
    whole.getStorage(`0x${addressOf(1)}`, 69_999n),
    `0x${(70_000).toString(16).padStart(64, '0')}`,
  )
  // The same storage, made in three updates.
  const entries = Object.entries(storage).map(([key, value]): [string, bigint] => [
    key.slice(2),
    BigInt(value),
  ])
  const noCode = { balance: 1n, nonce: 0n, codeHash: hashOfNothing, cleared: false }
  const other = { ...noCode, nonce: 7n, balance: 0n, storage: new Map() }
  let model: Model = new Map([[addressOf(2), other]])
  const grown = new StateTrie(stateOf(model))
  for (const end of [20_000, 40_000, 70_000]) {
    const next = copyModel(model)
    next.set(addressOf(1), { ...noCode, storage: new Map(entries.slice(0, end)) })
    grown.update(packDifference(model, next))
    model = next
  }
  assert.is(grown.root, whole.root)
})

trie('refuses what it cannot use', () => {
  const ours = new StateTrie()
  const attempts: [string, () => unknown][] = [
    ['a negative history', () => new StateTrie(undefined, { history: -1 })],
    ['a history that is no number', () => new StateTrie(undefined, { history: Number.NaN })],
    ['a state that is none', () => new StateTrie({} as never)],
    ['null for a state', () => new StateTrie(null as never)],
    ['an update of nothing', () => ours.update(undefined as never)],
    ['a short address', () => ours.getAccount('0x11')],
    ['an address that is no hex', () => ours.getAccount(`0x${'zz'.repeat(20)}`)],
    ['a large slot', () => ours.getStorage(`0x${addressOf(1)}`, 2n ** 256n)],
    ['a negative slot', () => ours.getStorage(`0x${addressOf(1)}`, -1n)],
    ['a slot of 31 bytes', () => ours.getStorage(`0x${addressOf(1)}`, new Uint8Array(31))],
    ['a short root', () => StateTrie.fromWitness({ root: '0x12', nodes: [] })],
  ]
  for (const [name, attempt] of attempts) {
    assert.throws(attempt, (error: unknown) => isBraidError(error, 'OPTION_INVALID'), name)
  }
})

const hashOfNothing = 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

trie.run()
