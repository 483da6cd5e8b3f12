/** The trie below the state: batches of raw keys, judged by @ethereumjs/mpt. */

import { createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt'
import { MapDB, ValueEncoding } from '@ethereumjs/util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { keccak256 } from '../lib/native/load.js'
import { NodeSet } from '../lib/trie/node-store.js'
import { StorageTrie } from '../lib/trie/storage-trie.js'
import { readFixture, withFixtures } from './fixtures.js'
import { Random } from './random.js'
import { batchOf } from './support/raw-batch.js'
import { rounds } from './support/rounds.js'

const trie = suite('state-trie-batch')
const fixtures = withFixtures(trie, 'state-trie-batch')

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

async function judge(
  mpt: MerklePatriciaTrie,
  changes: ReadonlyMap<string, Uint8Array | undefined>,
) {
  for (const [key, value] of changes) {
    if (value === undefined) await mpt.del(Buffer.from(key, 'hex'))
    else await mpt.put(Buffer.from(key, 'hex'), value)
  }
  return hex(mpt.root())
}

/** A key near others: random nibbles only at a few places. */
function nearKey(random: Random, spread: number): string {
  const key = new Uint8Array(32)
  for (let i = random.below(3); i >= 0; i--) {
    const at = random.pick([0, 1, 15, 30, 31])
    key[at] = random.below(spread) * random.pick([1, 16, 17])
  }
  return hex(key)
}

/** A key that others share up to its last three nibbles, or less. */
function lastNibbles(random: Random): string {
  const key = new Uint8Array(32)
  key[31] = random.below(3) + 16 * random.below(3)
  if (random.below(4) === 0) key[30] = 1 + random.below(2)
  return hex(key)
}

/** The RLP of a small or a large number. */
function randomValue(random: Random): Uint8Array {
  switch (random.below(4)) {
    case 0:
      return Uint8Array.of(1 + random.below(0x7f))
    case 1:
      return Uint8Array.of(0x81, 0x80 + random.below(0x80))
    case 2:
      return Uint8Array.of(0x85, 1 + random.below(255), ...random.bytes(4))
    default:
      return Uint8Array.of(0xa0, 1 + random.below(255), ...random.bytes(31))
  }
}

/** The number of an RLP as 32 bytes of hex. */
function numberOf(value: Uint8Array | undefined): string {
  const digits = hex(value ?? new Uint8Array(0))
  return `0x${(digits.length > 2 ? digits.slice(2) : digits).padStart(64, '0')}`
}

const shapes: readonly [string, (random: Random) => string, number][] = [
  ['near keys, inline nodes', (random) => nearKey(random, 4), 12],
  ['near keys in wide branches', (random) => nearKey(random, 16), 40],
  ['keys that differ at the end', (random) => lastNibbles(random), 5],
  ['hashed keys', (random) => hex(keccak256(Uint8Array.of(random.below(256)))), 60],
]

for (const [name, makeKey, most] of shapes) {
  trie(`follows a trie that changes: ${name}`, async () => {
    for (let seed = 1; seed <= rounds(40, 4); seed++) {
      const random = new Random(seed * 7919)
      let ours = new StorageTrie()
      const db = new MapDB<string, Uint8Array>()
      const mpt = await createMPT({ db, valueEncoding: ValueEncoding.Bytes })
      const present = new Map<string, Uint8Array>()
      for (let round = 0; round < 8; round++) {
        const changes = new Map<string, Uint8Array | undefined>()
        const removals = random.below(4)
        for (let i = random.below(most); i >= 0; i--) {
          const key =
            present.size > 0 && random.below(2) === 0
              ? random.pick([...present.keys()])
              : makeKey(random)
          changes.set(key, random.below(4) < removals ? undefined : randomValue(random))
        }
        if (round === 6) for (const key of present.keys()) changes.set(key, undefined)
        for (const [key, value] of changes) {
          if (value === undefined) present.delete(key)
          else present.set(key, value)
        }
        ours.update(batchOf(changes))
        const expected = await judge(mpt, changes)
        // Sometimes changes pile up before anything is hashed.
        if (random.below(3) > 0) {
          assert.is(hex(ours.root), expected, `seed ${seed * 7919}, round ${round}`)
        }
        for (const key of [...changes.keys(), makeKey(random)]) {
          assert.is(ours.get(Buffer.from(key, 'hex')), numberOf(present.get(key)))
        }
        // Sometimes it goes on with nothing but the other's nodes.
        if (random.below(3) === 0) {
          ours = new StorageTrie(mpt.root(), new NodeSet([...db._database.values()]))
        }
      }
      assert.is(hex(ours.root), hex(mpt.root()), `seed ${seed * 7919}`)
    }
  })
}

trie('gives the memory of removed keys to new ones', () => {
  const ours = new StorageTrie()
  const keys = Array.from({ length: 500 }, (_, i) => hex(keccak256(Uint8Array.of(i, i >> 8))))
  const fill = () => ours.update(batchOf(new Map(keys.map((key) => [key, Uint8Array.of(7)]))))
  fill()
  const { root, byteLength } = ours
  for (let i = 0; i < 20; i++) {
    ours.update(batchOf(new Map(keys.map((key) => [key, undefined]))))
    assert.is(hex(ours.root), hex(keccak256(Uint8Array.of(0x80))))
    fill()
    assert.is(hex(ours.root), hex(root))
  }
  assert.is(ours.byteLength, byteLength)
})

trie('sorts keys that begin alike', async () => {
  const keys = Array.from({ length: 300 }, (_, i) => {
    const key = new Uint8Array(32).fill(i % 3)
    key[20] = (i * 7) & 255
    key[31] = i >> 4
    return hex(key)
  })
  const changes = new Map(keys.map((key, i) => [key, Uint8Array.of(1 + (i % 100))]))
  const ours = new StorageTrie()
  ours.update(batchOf(changes))
  assert.is(hex(ours.root), await judge(await createMPT({}), changes))
})

interface Vector {
  readonly in: [string, string | null][] | Record<string, string | null>
  readonly root: string
}

for (const file of [
  'trietest_secureTrie',
  'trieanyorder_secureTrie',
  'hex_encoded_securetrie_test',
]) {
  fixtures.test(`matches ${file}, all at once and one by one`, () => {
    const vectors = Object.entries(
      readFixture<Record<string, Vector>>('trie_tests', `${file}.json.gz`),
    )
    assert.ok(vectors.length > 0)
    const bytesOf = (text: string) =>
      text.startsWith('0x') ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text, 'utf8')
    for (const [name, vector] of vectors) {
      const pairs = Array.isArray(vector.in) ? vector.in : Object.entries(vector.in)
      const changes = pairs.map(
        ([key, value]) =>
          [hex(keccak256(bytesOf(key))), value === null ? undefined : bytesOf(value)] as const,
      )
      const atOnce = new StorageTrie()
      atOnce.update(batchOf(new Map(changes)))
      assert.is(`0x${hex(atOnce.root)}`, vector.root, name)
      const oneByOne = new StorageTrie()
      for (const change of changes) oneByOne.update(batchOf(new Map([change])))
      assert.is(`0x${hex(oneByOne.root)}`, vector.root, name)
    }
  })
}

trie.run()
fixtures.report()
