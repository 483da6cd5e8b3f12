/** Changes of a state trie that are many at once, or take storage away, and the way back from them. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { keccak256 } from '../lib/native/load.js'
import { AccountChange, BlockOutput, SlotChange } from '../lib/native/wire.js'
import { MemoryState } from '../lib/state/memory-state.js'
import { StateTrie } from '../lib/trie/state-trie.js'
import { Random } from './random.js'
import {
  addressOf,
  allocOf,
  copyModel,
  type Model,
  type ModelAccount,
  noCode,
  packDifference,
} from './support/trie-model.js'

const changes = suite('changes of a state trie')

const keyOf = (number: number) => number.toString(16).padStart(64, '0')
const slotsOf = (...entries: readonly (readonly [number, bigint])[]) =>
  new Map(entries.map(([key, value]) => [keyOf(key), value]))
const accountWith = (change: Partial<ModelAccount> = {}): ModelAccount => {
  return { nonce: 1n, balance: 2n, codeHash: noCode, storage: new Map(), cleared: false, ...change }
}
const rootOf = (model: Model) => new StateTrie(new MemoryState(allocOf(model))).root

/** Three addresses: the first and the last lie nearer to one another in the trie than the second. */
function unsorted(): string[] {
  const nibbleOf = (address: string) => keccak256(Buffer.from(address, 'hex'))[0] >> 4
  const all = Array.from({ length: 64 }, (_, i) => addressOf(i))
  const [first] = all
  const last = all.slice(1).find((address) => nibbleOf(address) === nibbleOf(first)) as string
  const other = all.find((address) => nibbleOf(address) !== nibbleOf(first)) as string
  return [first, other, last]
}

changes('may come in any order, there and back', () => {
  const none: Model = new Map()
  const some: Model = new Map(unsorted().map((address) => [address, accountWith()]))
  for (const [before, after] of [
    [none, some],
    [some, none],
  ] as const) {
    const trie = new StateTrie(new MemoryState(allocOf(before)), { history: 1 })
    trie.update(packDifference(before, after))
    assert.is(trie.root, rootOf(after))
    trie.revert()
    assert.is(trie.root, rootOf(before))
  }
})

changes('that take storage away are undone with it, hashed or not', () => {
  const address = addressOf(1)
  const others: Model = new Map([[addressOf(2), accountWith()]])
  const full = slotsOf([1, 5n], [2, 6n], [3, 7n])
  const before: Model = new Map([...others, [address, accountWith({ storage: full })]])
  // What is cleared whole does not name the slots that nobody looked at.
  const unread: Model = new Map([...others, [address, accountWith()]])
  const cleared = { cleared: true }
  for (const [name, account] of [
    ['destroyed', undefined],
    ['cleared', accountWith(cleared)],
    ['cleared and filled again', accountWith({ ...cleared, storage: slotsOf([2, 9n], [4, 8n]) })],
    ['emptied slot by slot', accountWith()],
    ['changed', accountWith({ storage: slotsOf([1, 5n], [2, 1n], [9, 9n]) })],
  ] as const) {
    for (const isHashed of [false, true]) {
      const trie = new StateTrie(new MemoryState(allocOf(before)), { history: 2 })
      if (isHashed) assert.is(trie.root, rootOf(before))
      const after: Model = new Map(others)
      if (account !== undefined) after.set(address, account)
      const isWhole = account === undefined || account.cleared
      const difference = packDifference(isWhole ? unread : before, after)
      trie.update(difference)
      if (isHashed) assert.is(trie.root, rootOf(after), name)
      trie.revert()
      assert.is(trie.root, rootOf(before), name)
      trie.update(difference)
      assert.is(trie.root, rootOf(after), name)
    }
  }
})

changes('of empty accounts leave their neighbours alone', () => {
  const random = new Random(161)
  const trie = new StateTrie(new MemoryState())
  let model: Model = new Map()
  for (let step = 0; step < 120; step++) {
    const next = copyModel(model)
    const address = addressOf(random.below(8))
    if (random.below(3) === 0) next.delete(address)
    else {
      const [nonce, balance] = [BigInt(random.below(2)), BigInt(random.below(2))]
      next.set(address, accountWith({ nonce, balance }))
    }
    trie.update(packDifference(model, next))
    assert.is(trie.root, rootOf(next), `step ${step}`)
    model = next
  }
})

changes('of an account alone need no node of its storage', () => {
  const address = addressOf(1)
  const storage = slotsOf(...Array.from({ length: 20 }, (_, i) => [i, 5n] as const))
  const before: Model = new Map([
    [address, accountWith({ storage })],
    [addressOf(2), accountWith()],
  ])
  const whole = new StateTrie(new MemoryState(allocOf(before)))
  const nodes = whole.getProof(`0x${address}`).accountProof
  const trie = StateTrie.fromWitness({ root: whole.root, nodes })
  const after = copyModel(before)
  after.set(address, accountWith({ balance: 9n, storage }))
  trie.update(packDifference(before, after))
  assert.is(trie.root, rootOf(after))
})

changes('may have slots behind the 65,536th', () => {
  const [first, second, third] = [addressOf(1), addressOf(2), addressOf(3)]
  const before: Model = new Map([first, second, third].map((address) => [address, accountWith()]))
  const after = copyModel(before)
  after.set(first, accountWith({ balance: 3n }))
  after.set(second, accountWith({ storage: slotsOf([5, 7n]) }))
  after.set(third, accountWith({ storage: slotsOf([6, 8n]) }))
  const { packed } = packDifference(before, after)
  // As many slots of the first account that are zero and stay so.
  const count = 65_537
  const slotsAt = BlockOutput.SIZE + 3 * AccountChange.SIZE
  const output = Buffer.concat([
    packed.subarray(0, slotsAt),
    Buffer.alloc(count * SlotChange.SIZE),
    packed.subarray(slotsAt),
  ])
  output.writeUInt32LE(count + 2, BlockOutput.slots + 4)
  output.writeUInt32LE(count, BlockOutput.SIZE + AccountChange.slotCount)
  for (const [i, start] of [
    [1, count],
    [2, count + 1],
  ]) {
    const at = BlockOutput.SIZE + i * AccountChange.SIZE
    output.writeUInt32LE(start, at + AccountChange.slotStart)
  }
  const trie = new StateTrie(new MemoryState(allocOf(before)))
  trie.update({ packed: output })
  assert.is(trie.root, rootOf(after))
})

changes.run()
