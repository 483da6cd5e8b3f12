/** Keccak-512, checked with digests that another implementation (noble's) computed. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { keccak512InPlace } from '../lib/validation/keccak512.js'

const keccak512 = suite('Keccak-512')

/** By the number of words of the message, whose i-th byte is 7 i + 1: the digests. */
const digests: Readonly<Record<number, string>> = {
  0: '0eab42de4c3ceb9235fc91acffe746b29c29a8c366b7c60e4e67c466f36a4304c00fa9caf9d87976ba469bcbe06713b435f091ef2769fb160cdab33d3670680e',
  8: '3d5cee4ce9fe5aaace488f32e128052d34c865d7238d18309bdd401e745d8867b6e97ce16dce1732a0d894fe8642d683622152cf9d7e921cd7fc418be45a78e7',
  10: '62186266d4a46a1ae8a65fdedc4ed51a102b265325e963f92755467bb4778018cded440d775da40134755a583c05edab919f079acde0ea1c63866495ae5f1051',
  16: '47566762b31eeff4a6f6b7e20df89850ba9b0dab16e9527883ca51a6d78c58b4ea8c910f8898fec8c52d30ec8893708cfdf9f5d4e5f10a67bb17eaf40fc14792',
  17: '05a6383e9151624ae1f6ee8c3664fdd9a9e5b9d341466378fa0fd5d40e5bf789174ce46c263cff1d01793d2e8023ac757f65159acdd2567402d7bf11342b4c89',
}

/** Words whose bytes lie as they would in memory of a little-endian machine. */
function message(words: number, size: number): Uint32Array {
  const byte = (i: number): number => (7 * i + 1) & 0xff
  return Uint32Array.from({ length: size }, (_, i) =>
    i < words
      ? byte(4 * i) | (byte(4 * i + 1) << 8) | (byte(4 * i + 2) << 16) | (byte(4 * i + 3) << 24)
      : 0x5555_5555,
  )
}

function digestOf(words: Uint32Array): string {
  const bytes = Buffer.alloc(64)
  for (let i = 0; i < 16; i++) bytes.writeUInt32LE(words[i], 4 * i)
  return bytes.toString('hex')
}

for (const [count, digest] of Object.entries(digests)) {
  keccak512(`of ${count} words`, () => {
    const words = message(Number(count), 20)
    keccak512InPlace(words, Number(count))
    assert.is(digestOf(words), digest)
    // Only the first 16 words are the hash's.
    const rest = Array.from(words.subarray(16))
    assert.equal(rest, Array.from(message(Number(count), 20).subarray(16)))
  })
}

keccak512('takes 16 words where it is not told how many', () => {
  const words = message(16, 16)
  keccak512InPlace(words)
  assert.is(digestOf(words), digests[16])
})

keccak512.run()
