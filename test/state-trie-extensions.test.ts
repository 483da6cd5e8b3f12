/** Extensions: what leaves their path, what takes them apart, and which nodes that needs. */

import { createMPT } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { MapDB, ValueEncoding } from '@ethereumjs/util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isBraidError } from '../lib/errors.js'
import { keccak256 } from '../lib/native/load.js'
import { NodeSet } from '../lib/trie/node-store.js'
import { StorageTrie } from '../lib/trie/storage-trie.js'
import { batchOf } from './support/raw-batch.js'

const extensions = suite('extensions of a trie')

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
/** A key by its first digits. */
const keyOf = (digits: string) => digits.padEnd(64, '0')
/** A value too large for its node to lie in another one. */
const largeValue = (byte: number) => Uint8Array.of(0xa0, ...new Uint8Array(32).fill(byte))

type Changes = readonly (readonly [digits: string, value: Uint8Array | undefined])[]

const changesOf = (changes: Changes) =>
  batchOf(new Map(changes.map(([digits, value]) => [keyOf(digits), value])))

/** A trie, the nodes of it by their hash, and what it holds. */
async function whole(content: Changes) {
  const db = new MapDB<string, Uint8Array>()
  const mpt = await createMPT({ db, valueEncoding: ValueEncoding.Bytes })
  for (const [digits, value] of content) {
    await mpt.put(Buffer.from(keyOf(digits), 'hex'), value as Uint8Array)
  }
  const nodes = new Map([...db._database.values()].map((node) => [hex(keccak256(node)), node]))
  return { root: mpt.root(), nodes }
}

const rootAfter = (content: Changes) => {
  const trie = new StorageTrie()
  trie.update(changesOf(content))
  return hex(trie.root)
}

const [first, second] = ['abcd1', 'abcd8']
const pair: Changes = [
  [first, largeValue(1)],
  [second, largeValue(2)],
]

extensions('need nothing below them for keys that leave their path and are not there', async () => {
  const { root, nodes } = await whole(pair)
  const above = nodes.get(hex(root)) as Uint8Array
  for (const absent of [['0'], ['f'], ['abc'], ['abce'], ['abcc'], ['0', 'abc1', 'ac', 'f']]) {
    const trie = new StorageTrie(root, new NodeSet([above]))
    trie.update(changesOf(absent.map((digits) => [digits, undefined])))
    assert.is(hex(trie.root), hex(root), absent.join())
  }
})

extensions('need only what lies on the way to keys that are there', async () => {
  const { root, nodes } = await whole(pair)
  // All but the second leaf.
  const leaf = [...nodes].filter(([, node]) => hex(node).includes('02'.repeat(32)))
  const others = [...nodes].filter(([hash]) => leaf.every(([own]) => own !== hash))
  assert.is(others.length, nodes.size - 1)
  const trie = new StorageTrie(root, new NodeSet(others.map(([, node]) => node)))
  // The absent ones have the second leaf's nibble where the branch is.
  const absent = ['00008', 'abcc8', 'abce8', 'ffff8'].map((digits) => [digits, undefined] as const)
  trie.update(changesOf([...absent, [first, largeValue(3)]]))
  assert.is(hex(trie.root), rootAfter([pair[1], [first, largeValue(3)]]))
})

extensions('are taken apart at every nibble, however seldom they are hashed', () => {
  const added = ['f', 'af', 'abf', 'abcf', 'abcdf']
  for (const digits of added) {
    for (const isHashed of [false, true]) {
      const trie = new StorageTrie()
      trie.update(changesOf(pair))
      assert.is(hex(trie.root), rootAfter(pair))
      trie.update(changesOf([[first, largeValue(5)]]))
      const changed: Changes = [[first, largeValue(5)], pair[1]]
      if (isHashed) assert.is(hex(trie.root), rootAfter(changed))
      trie.update(changesOf([[digits, largeValue(6)]]))
      assert.is(hex(trie.root), rootAfter([...changed, [digits, largeValue(6)]]), digits)
      // And put together again.
      trie.update(changesOf([[digits, undefined]]))
      assert.is(hex(trie.root), rootAfter(changed), digits)
    }
  }
})

extensions('that hold their branch are read and taken apart', async () => {
  const small = (digits: string, value: number) => [digits, Uint8Array.of(value)] as const
  const near = ['1', '2'].map((digit, i) => small(`${'0'.repeat(63)}${digit}`, i + 1))
  const { root, nodes } = await whole(near)
  for (const digits of ['0'.repeat(62), '0'.repeat(60), '']) {
    const added = small(`${digits}5`, 9)
    const trie = new StorageTrie(root, new NodeSet([...nodes.values()]))
    trie.update(changesOf([added]))
    assert.is(hex(trie.root), rootAfter([...near, added]), digits)
  }
})

extensions('go with the last key below them', () => {
  const trie = new StorageTrie()
  trie.update(changesOf(pair))
  trie.update(changesOf([[first, undefined]]))
  assert.is(hex(trie.root), rootAfter([pair[1]]))
  trie.update(changesOf([[second, undefined]]))
  assert.is(hex(trie.root), hex(new StorageTrie().root))
  trie.update(changesOf(pair))
  trie.update(changesOf(pair.map(([digits]) => [digits, undefined])))
  assert.is(hex(trie.root), hex(new StorageTrie().root))
  trie.update(changesOf(pair))
  assert.is(hex(trie.root), rootAfter(pair))
})

extensions('have a branch below them, and nothing else', () => {
  const below = RLP.encode([Uint8Array.of(0x20, ...new Uint8Array(31)), largeValue(1)])
  const above = RLP.encode([Uint8Array.of(0x00, 0xab), keccak256(below)])
  const trie = new StorageTrie(keccak256(above), new NodeSet([above, below]))
  assert.throws(
    () => trie.update(changesOf([['ab1', largeValue(2)]])),
    (error: unknown) =>
      isBraidError(error, 'STATE_NODE_INVALID') &&
      isBraidError(error.cause, 'STATE_NODE_INVALID') &&
      error.cause.details.expected === 'a branch',
  )
})

extensions.run()
