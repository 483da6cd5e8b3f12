/** Checking proofs of work: ethash with its cache only (Yellow Paper, appendix J). */

import type { BlockHeader } from '../block/index.js'
import { keccak256 } from '../native/load.js'
import { RlpWriter } from '../rlp/index.js'
import { keccak512InPlace } from './keccak512.js'

const epochLength = 30_000n
const hashBytes = 64
const hashWords = 16
const mixBytes = 128
const mixWords = 32
const cacheBytesInitial = 2 ** 24
const cacheBytesGrowth = 2 ** 17
const cacheRounds = 3
const datasetBytesInitial = 2 ** 30
const datasetBytesGrowth = 2 ** 23
const datasetParents = 256
const accesses = 64

/** What proofs are checked with. */
export interface EthashData {
  /** Rows of 64 bytes. */
  readonly cache: Uint32Array
  /** Rows of 128 bytes in the dataset that miners use. */
  readonly datasetRows: number
}

/** What an epoch's proofs are checked with; about a second of work per 5 MiB. */
interface Epoch extends EthashData {
  readonly number: number
}

/** Blocks come in order: the last epoch is the one that is needed again. */
let latest: Epoch | undefined

/** What ethash makes of a header and its nonce. */
export interface EthashOutcome {
  /** What the header's mix hash must be. */
  readonly mix: Uint8Array
  /** As a number, at most 2^256 over the difficulty. */
  readonly result: Uint8Array
}

/** Whether a header's nonce and mix hash prove the work that its difficulty asks for. */
export function provesWork(header: BlockHeader): boolean {
  const { difficulty } = header
  const mixHash = header.bytesOf('mixHash')
  if (mixHash === undefined || difficulty === 0n) return false
  const { mix, result } = ethash(header)
  return Buffer.compare(mix, mixHash) === 0 && toBigInt(result) * difficulty <= 1n << 256n
}

/** Runs ethash for a header. */
export function ethash(header: BlockHeader): EthashOutcome {
  const number = Number(header.number / epochLength)
  if (latest?.number !== number) latest = makeEpoch(number)
  const nonce = header.bytesOf('nonce') ?? new Uint8Array(8)
  return hashimoto(latest, sealHash(header), nonce)
}

/** The hash of the header without the proof. */
export function sealHash(header: BlockHeader): Uint8Array {
  const writer = new RlpWriter()
  const { baseFeePerGas } = header
  if (baseFeePerGas !== undefined) writer.quantity(baseFeePerGas, 'baseFeePerGas', 32)
  for (const field of sealedFields) writer.bytes(header.bytesOf(field) ?? new Uint8Array(0))
  writer.list(0)
  return keccak256(writer.peek())
}

/** The fields of Frontier but the proof, last first, as the writer takes them. */
const sealedFields = [
  'extraData',
  'timestamp',
  'gasUsed',
  'gasLimit',
  'number',
  'difficulty',
  'logsBloom',
  'receiptsRoot',
  'transactionsRoot',
  'stateRoot',
  'coinbase',
  'ommersHash',
  'parentHash',
] as const

/** The mix and the result for a header and a nonce, on the data of an epoch or of a smaller one. */
export function hashimoto(
  data: EthashData,
  headerHash: Uint8Array,
  nonce: Uint8Array,
): EthashOutcome {
  const seed = new Uint32Array(hashWords)
  const message = Uint8Array.from([...headerHash, ...nonce.toReversed()])
  seed.set(wordsOf(message))
  keccak512InPlace(seed, message.length / 4)
  const mix = Uint32Array.from([...seed, ...seed])
  const item = new Uint32Array(hashWords)
  for (let i = 0; i < accesses; i++) {
    const row = (fnv(i ^ seed[0], mix[i % mixWords]) >>> 0) % data.datasetRows
    for (let half = 0; half < 2; half++) {
      datasetItem(data.cache, 2 * row + half, item)
      const at = half * hashWords
      for (let j = 0; j < hashWords; j++) mix[at + j] = fnv(mix[at + j], item[j])
    }
  }
  const digest = new Uint32Array(mixWords / 4)
  for (let i = 0; i < digest.length; i++) {
    const [a, b, c, d] = mix.subarray(4 * i, 4 * i + 4)
    digest[i] = fnv(fnv(fnv(a, b), c), d)
  }
  const compressed = bytesOf(digest)
  const result = keccak256(Uint8Array.from([...bytesOf(seed), ...compressed]))
  return { mix: compressed, result }
}

/** Half a row of the dataset, computed from the cache. */
function datasetItem(cache: Uint32Array, index: number, item: Uint32Array): void {
  const rows = cache.length / hashWords
  const start = (index % rows) * hashWords
  for (let i = 0; i < hashWords; i++) item[i] = cache[start + i]
  item[0] ^= index
  keccak512InPlace(item)
  for (let j = 0; j < datasetParents; j++) {
    const parent = ((fnv(index ^ j, item[j % hashWords]) >>> 0) % rows) * hashWords
    for (let i = 0; i < hashWords; i++) item[i] = fnv(item[i], cache[parent + i])
  }
  keccak512InPlace(item)
}

function fnv(a: number, b: number): number {
  return Math.imul(a, 0x01000193) ^ b
}

function makeEpoch(number: number): Epoch {
  const cache = makeCache(seedOf(number), cacheRowsOf(number))
  return { number, cache, datasetRows: datasetRowsOf(number) }
}

/** How many rows of 64 bytes an epoch's cache has. */
export function cacheRowsOf(epoch: number): number {
  return primeRows(cacheBytesInitial + cacheBytesGrowth * epoch, hashBytes)
}

/** How many rows of 128 bytes an epoch's dataset has. */
export function datasetRowsOf(epoch: number): number {
  return primeRows(datasetBytesInitial + datasetBytesGrowth * epoch, mixBytes)
}

/** What an epoch's cache is made from: zeros, hashed once for each epoch before. */
export function seedOf(epoch: number): Uint8Array {
  let seed: Uint8Array = new Uint8Array(32)
  for (let i = 0; i < epoch; i++) seed = keccak256(seed)
  return seed
}

/** The most rows below so many bytes whose number is prime; every second one is looked at. */
function primeRows(bytes: number, rowBytes: number): number {
  let rows = bytes / rowBytes - 1
  while (!isPrime(rows)) rows -= 2
  return rows
}

function isPrime(odd: number): boolean {
  for (let divisor = 3; divisor * divisor <= odd; divisor += 2) {
    if (odd % divisor === 0) return false
  }
  return true
}

/** Sergio Demian Lerner's RandMemoHash over a chain of hashes. */
export function makeCache(seed: Uint8Array, rows: number): Uint32Array {
  const cache = new Uint32Array(rows * hashWords)
  const row = new Uint32Array(hashWords)
  row.set(wordsOf(seed))
  keccak512InPlace(row, seed.length / 4)
  cache.set(row)
  for (let i = 1; i < rows; i++) {
    keccak512InPlace(row)
    cache.set(row, i * hashWords)
  }
  for (let round = 0; round < cacheRounds; round++) {
    for (let i = 0; i < rows; i++) {
      const start = i * hashWords
      const before = ((i + rows - 1) % rows) * hashWords
      const other = (cache[start] % rows) * hashWords
      for (let j = 0; j < hashWords; j++) row[j] = cache[before + j] ^ cache[other + j]
      keccak512InPlace(row)
      cache.set(row, start)
    }
  }
  return cache
}

/** Bytes as little-endian words, on machines of either kind. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true))
}

function bytesOf(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length)
  const view = new DataView(bytes.buffer)
  words.forEach((word, i) => {
    view.setUint32(4 * i, word, true)
  })
  return bytes
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
