/** Nodes that have to be fetched before a trie can go on: all that a look is without are fetched at once. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MerkleNodes } from '../lib/ethereumjs/merkle-nodes.js'
import { MemoryState } from '../lib/state/memory-state.js'
import { StateTrie } from '../lib/trie/state-trie.js'
import { addressOf, allocOf, type Model, noCode, packDifference } from './support/trie-model.js'

const nodes = suite('nodes of a database')

const slotCount = 2_000
const keyOf = (slot: number) => slot.toString(16).padStart(64, '0')
const address = addressOf(1)

/** A state with one account that has these slots. */
function modelWith(slots: readonly number[]): Model {
  const storage = new Map(slots.map((slot) => [keyOf(slot), 1n]))
  return new Map([[address, { nonce: 1n, balance: 2n, codeHash: noCode, storage, cleared: false }]])
}

const everySlot = Array.from({ length: slotCount }, (_, slot) => slot)
const before = modelWith(everySlot)
const after = modelWith(everySlot.filter((slot) => slot % 2 === 1))

/** The trie of the state before, in a database that can leave nodes out; slots to be cleared were read. */
async function openTrie(isThere: (key: string) => boolean = () => true) {
  const whole = new StateTrie(new MemoryState(allocOf(before)))
  const stored = new Map(
    whole.takeNewNodes().map(({ hash, encoded }) => [Buffer.from(hash).toString('hex'), encoded]),
  )
  const reads: string[] = []
  const database = {
    db: {
      get: async (key: string) => {
        reads.push(key)
        return isThere(key) ? stored.get(key) : undefined
      },
    },
    valueEncoding: 'view',
    cacheSize: 0,
    checkpoints: [],
    batch: async () => {},
  }
  const source = new MerkleNodes(database)
  const trie = StateTrie.fromSource(Buffer.from(whole.root.slice(2), 'hex'), source)
  for (const slot of everySlot.filter((each) => each % 2 === 0)) {
    await source.with(() => trie.getStorage(`0x${address}`, `0x${keyOf(slot)}`))
  }
  return { source, trie, reads }
}

nodes('that take the places of branches are fetched at once', async () => {
  const { source, trie, reads } = await openTrie()
  const rootBefore = trie.root
  const readBefore = reads.length
  let attempts = 0
  const updated = await source.with(() => {
    attempts++
    assert.is(trie.root, rootBefore)
    trie.update(packDifference(before, after))
  })
  assert.ok(updated !== undefined)
  assert.is(attempts, 2)
  assert.ok(reads.length - readBefore > 100, `${reads.length - readBefore} siblings`)
  assert.is(new Set(reads).size, reads.length)
  assert.is(trie.root, new StateTrie(new MemoryState(allocOf(after))).root)
})

nodes('that the database lacks leave the trie as it was', async () => {
  let isWhole = true
  const { source, trie } = await openTrie(() => isWhole)
  isWhole = false
  const rootBefore = trie.root
  assert.is(await source.with(() => trie.update(packDifference(before, after))), undefined)
  assert.is(trie.root, rootBefore)
})

nodes.run()
