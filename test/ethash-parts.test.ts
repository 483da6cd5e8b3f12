/** Ethash on small data, against the algorithm as its specification writes it; the sizes of epochs. */

import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BlockHeader } from '../lib/block/index.js'
import { keccak256 } from '../lib/native/load.js'
import {
  cacheRowsOf,
  datasetRowsOf,
  hashimoto,
  makeCache,
  provesWork,
  sealHash,
  seedOf,
} from '../lib/validation/ethash.js'
import { keccak512InPlace } from '../lib/validation/keccak512.js'
import { frontierFields, headerOf } from './support/headers.js'

const parts = suite('parts of ethash')

/** Bytes of which no two neighbours are alike. */
const bytesOf = (size: number, step: number) =>
  Uint8Array.from({ length: size }, (_, i) => (step * i + i * i + 7) & 0xff)

/** Keccak-512 of little-endian words. */
function keccak512(words: readonly number[]): number[] {
  const buffer = new Uint32Array(Math.max(16, words.length))
  buffer.set(words)
  keccak512InPlace(buffer, words.length)
  return [...buffer.subarray(0, 16)]
}

function wordsOf(bytes: Uint8Array): number[] {
  const buffer = Buffer.from(bytes)
  return Array.from({ length: bytes.length / 4 }, (_, i) => buffer.readUInt32LE(4 * i))
}

function packed(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * words.length)
  words.forEach((word, i) => {
    bytes.writeUInt32LE(word, 4 * i)
  })
  return bytes
}

const hashOf = (byte: number) => `0x${`0${byte}`.repeat(32)}`
const fnv = (a: number, b: number) => Number((BigInt(a) * 0x01000193n) & 0xffff_ffffn) ^ b
const unsigned = (word: number) => word >>> 0

/** `mkcache`, `calc_dataset_item` and `hashimoto` of the specification, on rows of words. */
const specification = {
  cache(seed: Uint8Array, rows: number): number[][] {
    const cache = [keccak512(wordsOf(seed))]
    while (cache.length < rows) cache.push(keccak512(cache[cache.length - 1]))
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < rows; i++) {
        const other = cache[cache[i][0] % rows]
        const before = cache[(i - 1 + rows) % rows]
        cache[i] = keccak512(before.map((word, j) => unsigned(word ^ other[j])))
      }
    }
    return cache
  },
  item(cache: readonly number[][], index: number): number[] {
    let mix = [...cache[index % cache.length]]
    mix[0] = unsigned(mix[0] ^ index)
    mix = keccak512(mix)
    for (let j = 0; j < 256; j++) {
      const parent = cache[unsigned(fnv(index ^ j, mix[j % 16])) % cache.length]
      mix = mix.map((word, i) => unsigned(fnv(word, parent[i])))
    }
    return keccak512(mix)
  },
  hashimoto(cache: readonly number[][], rows: number, header: Uint8Array, nonce: Uint8Array) {
    const seed = keccak512(wordsOf(Buffer.concat([header, nonce.toReversed()])))
    let mix = [...seed, ...seed]
    for (let i = 0; i < 64; i++) {
      const row = unsigned(fnv(unsigned(i ^ seed[0]), mix[i % 32])) % rows
      const data = [0, 1].flatMap((half) => specification.item(cache, 2 * row + half))
      mix = mix.map((word, j) => unsigned(fnv(word, data[j])))
    }
    const digest: number[] = []
    for (let i = 0; i < 32; i += 4) {
      const [a, b, c, d] = mix.slice(i, i + 4)
      digest.push(unsigned(fnv(unsigned(fnv(unsigned(fnv(a, b)), c)), d)))
    }
    return { mix: packed(digest), result: keccak256(packed([...seed, ...digest])) }
  },
}

parts('a cache is a chain of hashes, mixed three times', () => {
  for (const rows of [1, 2, 7, 31, 101]) {
    for (const seed of [new Uint8Array(32), bytesOf(32, 5)]) {
      const expected = specification.cache(seed, rows).flat()
      assert.equal([...makeCache(seed, rows)], expected, `${rows}`)
    }
  }
})

parts('the mix and the result are those of the specification', () => {
  for (const [cacheRows, datasetRows] of [
    [31, 57],
    [101, 1021],
    [61, 50_000_017],
  ] as const) {
    const seed = bytesOf(32, cacheRows)
    const cache = specification.cache(seed, cacheRows)
    const data = { cache: makeCache(seed, cacheRows), datasetRows }
    const [header, nonce] = [bytesOf(32, 3), bytesOf(8, 11)]
    const expected = specification.hashimoto(cache, datasetRows, header, nonce)
    const { mix, result } = hashimoto(data, header, nonce)
    assert.is(Buffer.from(mix).toString('hex'), expected.mix.toString('hex'))
    assert.is(Buffer.from(result).toString('hex'), Buffer.from(expected.result).toString('hex'))
  }
})

parts('sizes are the primes that the specification lists', () => {
  for (const [epoch, cacheBytes, datasetBytes] of [
    [0, 16_776_896, 1_073_739_904],
    [1, 16_907_456, 1_082_130_304],
    [2, 17_039_296, 1_090_514_816],
  ] as const) {
    assert.is(cacheRowsOf(epoch), cacheBytes / 64)
    assert.is(datasetRowsOf(epoch), datasetBytes / 128)
  }
  // On the way to the last one's primes there is the square of one.
  for (const epoch of [...Array(40).keys(), 1574]) {
    const [cache, dataset] = [cacheRowsOf(epoch), datasetRowsOf(epoch)]
    assert.is(largestPrimeBelow((2 ** 24 + 2 ** 17 * epoch) / 64), cache, `${epoch}`)
    assert.is(largestPrimeBelow((2 ** 30 + 2 ** 23 * epoch) / 128), dataset, `${epoch}`)
  }
})

function largestPrimeBelow(limit: number): number {
  for (let candidate = limit - 1; ; candidate--) {
    let divisor = 2
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++
    if (divisor * divisor > candidate) return candidate
  }
}

parts('each epoch has a seed of its own', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  assert.is(hex(seedOf(0)), '00'.repeat(32))
  assert.is(hex(seedOf(1)), hex(keccak256(new Uint8Array(32))))
  assert.is(hex(seedOf(3)), hex(keccak256(seedOf(2))))
})

parts('what is sealed is the header without its proof', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const fields = {
    ...frontierFields,
    parentHash: hashOf(1),
    sha3Uncles: hashOf(2),
    stateRoot: hashOf(3),
    transactionsRoot: hashOf(4),
    receiptsRoot: hashOf(5),
    gasUsed: 21_000n,
    extraData: '0x1234',
    mixHash: hashOf(6),
  }
  const frontier = headerOf(fields)
  const london = headerOf({ ...fields, baseFeePerGas: 7n })
  const itemsOf = ({ encoded }: BlockHeader) => RLP.decode(encoded) as Uint8Array[]
  const sealed = itemsOf(frontier).slice(0, 13)
  assert.is(hex(sealHash(frontier)), hex(keccak256(RLP.encode(sealed))))
  const withFee = [...sealed, Uint8Array.of(7)]
  assert.is(hex(sealHash(london)), hex(keccak256(RLP.encode(withFee))))
})

parts('no difficulty is no work', () => {
  assert.not.ok(provesWork(headerOf({ ...frontierFields, difficulty: 0n })))
})

parts.run()
