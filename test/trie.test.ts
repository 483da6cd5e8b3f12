import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  emptyCodeHash,
  emptyCodeHashBytes,
  emptyOmmersHash,
  emptyTrieRoot,
  emptyTrieRootBytes,
} from '../lib/empty-hashes.js'
import { keccak256 } from '../lib/native/load.js'
import { listRoot } from '../lib/trie/list-root.js'
import { readFixture, withFixtures } from './fixtures.js'
import { trieRoot } from './support/trie-root.js'

const trie = suite('trie')
const fixtures = withFixtures(trie, 'trie')

type Pairs = [string, string | null][]
interface Vector {
  in: Pairs | Record<string, string | null>
  root: string
}

const bytesOf = (text: string) =>
  text.startsWith('0x') ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text, 'utf8')

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`

/** What is in a trie after the operations of a vector: later values win, null deletes. */
function contents(vector: Vector): Map<string, string> {
  const map = new Map<string, string>()
  const pairs = Array.isArray(vector.in) ? vector.in : Object.entries(vector.in)
  for (const [key, value] of pairs) {
    if (value === null) map.delete(key)
    else map.set(key, value)
  }
  return map
}

function rootOf(vector: Vector, secure: boolean): string {
  const entries = [...contents(vector)].map(([key, value]) => ({
    key: secure ? keccak256(bytesOf(key)) : bytesOf(key),
    value: bytesOf(value),
  }))
  return hex(trieRoot(entries))
}

trie('has the known root when it is empty', () => {
  assert.is(hex(trieRoot([])), hex(keccak256(Uint8Array.of(0x80))))
  assert.is(hex(listRoot([])), emptyTrieRoot)
})

trie('has constants for what is empty', () => {
  const hashOf = (...bytes: readonly number[]) => hex(keccak256(Uint8Array.from(bytes)))
  assert.is(emptyCodeHash, hashOf())
  assert.is(emptyTrieRoot, hashOf(0x80))
  assert.is(emptyOmmersHash, hashOf(0xc0))
  assert.is(hex(emptyCodeHashBytes), emptyCodeHash)
  assert.is(hex(emptyTrieRootBytes), emptyTrieRoot)
})

trie('hashes a root shorter than 32 bytes', () => {
  // The leaf [hex-prefix 20 (no nibbles left is odd-free), value]: rlp(['0x206b', '0x76']).
  const root = trieRoot([{ key: Buffer.from('k'), value: Buffer.from('v') }])
  assert.is(hex(root), hex(keccak256(Buffer.from('c482206b76', 'hex'))))
})

trie('gives lists of every size the root that single entries give', () => {
  for (const size of [1, 2, 127, 128, 129, 255, 256, 257, 1000]) {
    const items = Array.from({ length: size }, (_, i) => Buffer.alloc(1 + (i % 90), i + 1))
    const keys = items.map((_, i) => {
      if (i === 0) return Buffer.from('80', 'hex')
      if (i < 128) return Buffer.from([i])
      return i < 256 ? Buffer.from([0x81, i]) : Buffer.from([0x82, i >> 8, i & 255])
    })
    const entries = items.map((value, i) => ({ key: keys[i], value }))
    assert.is(hex(listRoot(items)), hex(trieRoot(entries.reverse())), `${size} items`)
  }
})

for (const [file, secure] of [
  ['trietest', false],
  ['trieanyorder', false],
  ['trietest_secureTrie', true],
  ['trieanyorder_secureTrie', true],
  ['hex_encoded_securetrie_test', true],
] as const) {
  fixtures.test(`matches ${file}`, () => {
    const vectors = readFixture<Record<string, Vector>>('trie_tests', `${file}.json.gz`)
    assert.ok(Object.keys(vectors).length > 0)
    for (const [name, vector] of Object.entries(vectors)) {
      assert.is(rootOf(vector, secure), vector.root, name)
    }
  })
}

trie.run()
fixtures.report()
