/** Keccak-512 of short messages: what ethash is made of. Nothing else needs it. */

/** Bytes that one permutation takes in: the state of 200 less twice the 64 of the hash. */
const rate = 72
const hashWords = 16

/** Round constants of Keccak-f[1600]: low and high halves. */
const roundConstants = makeRoundConstants()
/** Rotations of the lanes in the order that the pi step visits them. */
const rotations = Int32Array.from([
  1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44,
])
/** The words of those lanes. */
const piLanes = Int32Array.from([
  10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1,
]).map((lane) => 2 * lane)

/** Lanes as pairs of 32-bit words, low half first: bytes lie as the sponge takes them in. */
const state = new Int32Array(50)
const parity = new Int32Array(10)

/**
 * Hashes words in place, as little-endian bytes.
 *
 * @param words at least 16; the hash takes the first 16
 * @param count how many of them are the message: below 18
 */
export function keccak512InPlace(words: Uint32Array, count = hashWords): void {
  for (let i = 0; i < count; i++) state[i] = words[i]
  state.fill(0, count)
  state[count] ^= 1
  state[rate / 4 - 1] ^= 0x8000_0000
  permute()
  for (let i = 0; i < hashWords; i++) words[i] = state[i]
}

function permute(): void {
  const s = state
  const c = parity
  for (let round = 0; round < 48; round += 2) {
    // Theta: into every lane the parities of two columns of lanes.
    for (let x = 0; x < 10; x++) c[x] = s[x] ^ s[x + 10] ^ s[x + 20] ^ s[x + 30] ^ s[x + 40]
    for (let x = 0; x < 10; x += 2) {
      const before = x === 0 ? 8 : x - 2
      const after = x === 8 ? 0 : x + 2
      const low = c[before] ^ ((c[after] << 1) | (c[after + 1] >>> 31))
      const high = c[before + 1] ^ ((c[after + 1] << 1) | (c[after] >>> 31))
      for (let y = x; y < 50; y += 10) {
        s[y] ^= low
        s[y + 1] ^= high
      }
    }
    // Rho and pi: the lanes change places and are rotated.
    let low = s[2]
    let high = s[3]
    for (let t = 0; t < 24; t++) {
      const shift = rotations[t]
      const bits = shift & 31
      const inner = shift < 32 ? low : high
      const outer = shift < 32 ? high : low
      const lane = piLanes[t]
      low = s[lane]
      high = s[lane + 1]
      // No rotation is by 0 or 32: the opposite shifts stay below 32.
      s[lane] = (inner << bits) | (outer >>> (32 - bits))
      s[lane + 1] = (outer << bits) | (inner >>> (32 - bits))
    }
    // Chi, row by row.
    for (let y = 0; y < 50; y += 10) {
      const l0 = s[y]
      const h0 = s[y + 1]
      const l1 = s[y + 2]
      const h1 = s[y + 3]
      s[y] ^= ~l1 & s[y + 4]
      s[y + 1] ^= ~h1 & s[y + 5]
      s[y + 2] ^= ~s[y + 4] & s[y + 6]
      s[y + 3] ^= ~s[y + 5] & s[y + 7]
      s[y + 4] ^= ~s[y + 6] & s[y + 8]
      s[y + 5] ^= ~s[y + 7] & s[y + 9]
      s[y + 6] ^= ~s[y + 8] & l0
      s[y + 7] ^= ~s[y + 9] & h0
      s[y + 8] ^= ~l0 & l1
      s[y + 9] ^= ~h0 & h1
    }
    s[0] ^= roundConstants[round]
    s[1] ^= roundConstants[round + 1]
  }
}

/** The constants come out of a linear feedback shift register (FIPS 202, algorithm 5). */
function makeRoundConstants(): Int32Array {
  const constants = new Int32Array(48)
  let register = 1
  for (let round = 0; round < 24; round++) {
    for (let j = 0; j < 7; j++) {
      const bit = (1 << j) - 1
      if (register & 1) constants[2 * round + (bit >> 5)] ^= 1 << (bit & 31)
      register = register & 0x80 ? (register << 1) ^ 0x171 : register << 1
    }
  }
  return constants
}
