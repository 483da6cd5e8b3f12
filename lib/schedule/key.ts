/** Numbers that stand for addresses, calls and locations where looking for equal ones. */

/**
 * Odd multipliers that spread bits well: 2^32 over the golden ratio (Knuth, The Art of Computer
 * Programming, section 6.4), and one of MurmurHash3's finalizer.
 */
const spreadHigh = 0x9e3779b1
const spreadLow = 0x85ebca6b

/** A key has 53 bits, what a number holds exactly: 21 of one lane, 32 of the other. */
const highMask = 0x1f_ffff
const highUnit = 0x1_0000_0000

/**
 * The key of some 32-bit words in a buffer: equal for equal bytes, and for different ones in about
 * one of 2^53 pairs. Never 0. No defence against whoever looks for such a pair: for hints alone.
 */
export function keyOfWords(view: DataView, at: number, words: number): number {
  let high = words
  let low = ~words
  for (let i = 0; i < words; i++) {
    const word = view.getUint32(at + 4 * i, true)
    high = Math.imul(high ^ word, spreadHigh)
    high ^= high >>> 15
    low = Math.imul(low ^ word, spreadLow)
    low ^= low >>> 13
  }
  return join(high, low)
}

/** The key of a key and a 32-bit number. Never 0. */
export function combineKeys(key: number, value: number): number {
  let high = Math.imul((key / highUnit) ^ value, spreadHigh)
  high ^= high >>> 15
  let low = Math.imul(key ^ value, spreadLow)
  low ^= low >>> 13
  return join(high, low)
}

function join(high: number, low: number): number {
  return (high & highMask) * highUnit + (low >>> 0) || 1
}
