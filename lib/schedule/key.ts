/**
 * Numbers that stand for addresses, calls and locations where looking for equal ones.
 *
 * Whoever sends transactions chooses those, and JavaScript's maps place numbers without any secret. So
 * the numbers depend on random words of this thread: nobody can choose what they will be, nor two that
 * meet. They mean nothing elsewhere: no place for them in files, or in anything that one compares.
 */

/** The random words; see {@link setKeyWords}. */
let secret: Int32Array = crypto.getRandomValues(new Int32Array(4))

/** Rounds after the last word. */
const finalRounds = 3

/** A key has 53 bits, what a number holds exactly: 21 of one half, 32 of the other. */
const highMask = 0x1f_ffff
const highUnit = 0x1_0000_0000

/**
 * The key of some 32-bit words in a buffer: equal for equal bytes, and for different ones in about
 * one of 2^53 pairs. Never 0. The rounds are those of HalfSipHash (Aumasson and Bernstein), one for
 * each word and three at the end, as they are usual for hash tables.
 */
export function keyOfWords(view: DataView, at: number, words: number): number {
  let v0 = secret[0]
  let v1 = secret[1]
  let v2 = secret[2]
  let v3 = secret[3]
  for (let i = 0; i < words + finalRounds; i++) {
    const word = i < words ? view.getInt32(at + 4 * i, true) : 0
    if (i === words) v2 ^= ~words
    v3 ^= word
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= word
  }
  return ((v0 ^ v2) & highMask) * highUnit + ((v1 ^ v3) >>> 0) || 1
}

const pair = new DataView(new ArrayBuffer(16))

/** The key of a key and another one, or a 32-bit number. Never 0. */
export function combineKeys(key: number, value: number): number {
  pair.setInt32(0, key, true)
  pair.setInt32(4, key / highUnit, true)
  pair.setInt32(8, value, true)
  pair.setInt32(12, value / highUnit, true)
  return keyOfWords(pair, 0, 4)
}

/** For tests: gives all keys from now on other words. Returns those before. @internal */
export function setKeyWords(words: Int32Array): Int32Array {
  const before = secret
  secret = words
  return before
}
