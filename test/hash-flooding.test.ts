/** Maps and memories in JavaScript do not degenerate by what others choose to put into them. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTransactions } from '../lib/block/index.js'
import { rulesetForFork } from '../lib/chain/index.js'
import type { Hex } from '../lib/index.js'
import { callKeysOf } from '../lib/schedule/call-keys.js'
import { ConflictMemory, none } from '../lib/schedule/conflict-memory.js'
import { combineKeys, keyOfWords, setKeyWords } from '../lib/schedule/key.js'
import { SlotMemory } from '../lib/schedule/prefetch.js'
import { PackedBlockSummary } from '../lib/schedule/summary.js'
import { WitnessSource } from '../lib/state/witness-source.js'
import { ChangeBatch } from '../lib/trie/change-batch.js'
import { account } from './support/schedule.js'

const flooding = suite('hash flooding')

/** Random numbers, the same each time (mulberry32). */
function randomness(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return (word ^ (word >>> 14)) >>> 0
  }
}

/** Runs `body` with these words for keys. */
function withWords(seed: number, body: () => void): void {
  const next = randomness(seed)
  const before = setKeyWords(Int32Array.from({ length: 4 }, next))
  try {
    body()
  } finally {
    setKeyWords(before)
  }
}

/** The least time of several that each takes, in milliseconds of this process; much slower ones run once. */
function times(first: () => void, ...others: readonly (() => void)[]): number[] {
  const timed = (run: () => void): number => {
    const start = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  }
  const best = [first, ...others].map(timed)
  for (let round = 0; round < 6; round++) {
    for (const [i, run] of [first, ...others].entries()) {
      if (best[i] < 50 * best[0]) best[i] = Math.min(best[i], timed(run))
    }
  }
  return best
}

/** A hash without a secret as one would write it: two halves, of products and shifts. */
const spread = { high: 0x9e3779b1, low: 0x85ebca6b } as const

/** The halves of {@link spread} after some words, from those before. */
function spreadHigh(state: number, word: number): number {
  const product = Math.imul(state ^ word, spread.high)
  return product ^ (product >>> 15)
}

function spreadLow(state: number, word: number): number {
  const product = Math.imul(state ^ word, spread.low)
  return product ^ (product >>> 13)
}

/** Recipients that all leave the low half at zero: the last word is what it was before. */
function recipientsMeeting(count: number): Hex[] {
  return recipients(count, (words) => {
    words[4] = words.subarray(0, 4).reduce(spreadLow, ~5)
  })
}

function recipients(count: number, change: (words: Uint32Array) => void): Hex[] {
  const next = randomness(1)
  return Array.from({ length: count }, () => {
    const words = Uint32Array.from({ length: 5 }, next)
    change(words)
    return `0x${Buffer.from(words.buffer).toString('hex')}` as const
  })
}

/** The keys of calls to these recipients. */
function callKeys(contracts: readonly Hex[]): Float64Array {
  const packed = packTransactions(
    { number: 1n, timestamp: 1n, gasLimit: 1n << 40n, coinbase: account(1) },
    rulesetForFork('cancun', { chainId: 1n }),
    contracts.map((to, i) => ({
      sender: account(0x100000 + i),
      nonce: 0n,
      gasLimit: 100_000n,
      gasPrice: 1n,
      to,
    })),
  )
  return callKeysOf(new PackedBlockSummary(packed).transactions).functions
}

flooding('contracts that were chosen to meet do not drive others out of what is learnt', () => {
  const count = 60_000
  const remembered = (contracts: readonly Hex[]): number => {
    const memory = new ConflictMemory(4 * count)
    const keys = callKeys(contracts)
    for (const key of keys) memory.enter(key)
    let found = 0
    for (const key of keys) if (memory.find(key) !== none) found++
    return found / count
  }
  const chosen = recipientsMeeting(count)
  assert.is(new Set(chosen).size, count)
  for (const seed of [1, 2, 3]) {
    withWords(seed, () => {
      assert.ok(remembered(recipients(count, () => {})) > 0.97)
      assert.ok(remembered(chosen) > 0.97, 'chosen contracts drive each other out')
    })
  }
})

flooding('nobody without the words knows which keys are equal, or what they are', () => {
  const view = new DataView(new ArrayBuffer(20))
  const keysOf = (seed: number): number[] => {
    const keys: number[] = []
    withWords(seed, () => {
      for (let i = 0; i < 1000; i++) {
        view.setUint32(16, i)
        keys.push(keyOfWords(view, 0, 5), combineKeys(keyOfWords(view, 0, 5), 7))
      }
    })
    return keys
  }
  const [a, b, again] = [keysOf(1), keysOf(2), keysOf(1)]
  assert.equal(a, again)
  assert.is(new Set([...a, ...b]).size, 4000)
  // Any differences of bits in two neighbouring words would cancel out in halves of their own.
  const next = randomness(3)
  const low = new Set<number>()
  const pairs = 20_000
  for (let i = 0; i < pairs; i++) {
    view.setUint32(8, next())
    view.setUint32(12, 0)
    const first = keyOfWords(view, 0, 5)
    view.setUint32(8, view.getUint32(8) ^ 0x80)
    view.setUint32(12, 0x80000400)
    low.add((first ^ keyOfWords(view, 0, 5)) & 0xffff)
  }
  assert.ok(low.size > 0.2 * 65_536, `${low.size} differences`)
})

/** Where V8 puts a number that is no small integer into a map: Wang's hash of its 64 bits. */
const bits = new DataView(new ArrayBuffer(8))
function placeOf(key: number): number {
  bits.setFloat64(0, key)
  const all = 0xffff_ffff_ffff_ffffn
  let hash = bits.getBigUint64(0)
  hash = (~hash + (hash << 18n)) & all
  hash ^= hash >> 31n
  hash = (hash * 21n) & all
  hash ^= hash >> 11n
  hash = (hash + (hash << 6n)) & all
  hash ^= hash >> 22n
  return Number(hash & 0x3fff_ffffn)
}

/** The words of a location: kind, address, slot. */
const locationWords = 14

/** Locations whose keys under {@link spread} go to one place of a map for `count` of them. */
function locationsMeeting(count: number): DataView {
  const next = randomness(4)
  const view = new DataView(new ArrayBuffer(count * locationWords * 4))
  const mask = count / 2 - 1
  for (let i = 0; i < count; i++) {
    let high: number = locationWords
    let low = ~locationWords
    for (let j = 0; j < locationWords - 1; j++) {
      const word = next()
      view.setUint32((i * locationWords + j) * 4, word, true)
      high = spreadHigh(high, word)
      low = spreadLow(low, word)
    }
    for (let last = 0; ; last++) {
      const key = (spreadHigh(high, last) & 0x1f_ffff) * 2 ** 32 + (spreadLow(low, last) >>> 0)
      if ((placeOf(key) & mask) !== 0) continue
      view.setUint32((i * locationWords + locationWords - 1) * 4, last, true)
      break
    }
  }
  return view
}

function randomLocations(count: number): DataView {
  const next = randomness(5)
  return new DataView(Uint32Array.from({ length: count * locationWords }, next).buffer)
}

flooding('slots that were chosen to meet in a map are found as fast as others', () => {
  const count = 1024
  withWords(4, () => {
    const lookups = (locations: DataView): (() => void) => {
      const keys = Array.from({ length: count }, (_, i) =>
        keyOfWords(locations, i * locationWords * 4, locationWords),
      )
      const memory = new SlotMemory(count)
      memory.note({
        length: count,
        transaction: () => 0,
        writer: () => 0,
        address: () => account(1),
        slot: () => `0x${'00'.repeat(32)}`,
        locationKey: (conflict) => keys[conflict],
      })
      return () => {
        for (let round = 0; round < 100; round++) {
          for (const key of keys) assert.ok(memory.get(key) !== undefined)
        }
      }
    }
    const [random, chosen] = times(
      lookups(randomLocations(count)),
      lookups(locationsMeeting(count)),
    )
    assert.ok(chosen <= 1.5 * random, `chosen ${chosen} ms, random ${random} ms`)
  })
})

flooding('block numbers of a witness that agree in 64 bits are read as fast as others', () => {
  const count = 15_000
  const hash: Hex = `0x${'11'.repeat(32)}`
  const numbers = (make: (i: bigint) => bigint): Record<string, Hex> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`0x${make(BigInt(i)).toString(16)}`, hash]),
    )
  const read = (blockHashes: Record<string, Hex>) => () => {
    const source = new WitnessSource({ parentStateRoot: hash, state: [], codes: [], blockHashes })
    assert.is(source.getBlockHash(1n << 64n), hash)
  }
  const [random, chosen] = times(
    read(numbers((i) => (1n << 64n) + i)),
    read(numbers((i) => (i + 1n) << 64n)),
  )
  assert.ok(chosen <= 1.5 * random, `chosen ${chosen} ms, random ${random} ms`)
})

flooding('hashed keys with the same start are sorted as fast as others', () => {
  const count = 20_000
  const keys = (make: (key: Uint8Array) => void): Uint8Array => {
    const next = randomness(6)
    const all = new Uint8Array(Uint32Array.from({ length: 8 * count }, next).buffer)
    for (let i = 0; i < count; i++) make(all.subarray(32 * i, 32 * i + 32))
    return all
  }
  const fields = { nonce: 0, balance: 0, codeHash: 0 }
  const batchOf = (hashed: Uint8Array): ChangeBatch =>
    new ChangeBatch(0, count, new Uint8Array(0), fields, hashed)
  const sort = (hashed: Uint8Array) => () => batchOf(hashed).sortRange(0, count)
  const sets = [1, 4, 6, 28].map((size) => keys((key) => key.fill(0x5a, 0, size)))
  const [random, ...chosen] = times(sort(keys(() => {})), ...sets.map(sort))
  for (const each of chosen) {
    // Another round over the next four bytes, at most seven: no sorting by insertion.
    assert.ok(each <= 8 * random, `chosen ${each} ms, random ${random} ms`)
  }
  for (const hashed of sets) {
    const batch = batchOf(hashed)
    batch.sortRange(0, count)
    const keyAt = (i: number) =>
      Buffer.from(hashed.buffer, hashed.byteOffset + 32 * batch.order[i], 32)
    for (let i = 1; i < count; i++) assert.ok(Buffer.compare(keyAt(i - 1), keyAt(i)) <= 0)
    assert.is(new Set(batch.order).size, count)
  }
})

flooding.run()
