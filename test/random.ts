/** Random numbers that are the same in every run. */

/** Numbers below a bound, from a seed (Marsaglia's xorshift32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 1
  }

  /** An integer from 0 up to, not including, `bound`. */
  below(bound: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return (x >>> 0) % bound
  }

  /** One of the items. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.below(256))
  }
}

/** Bytes that RLP readers trip over. */
const prefixes = [0x00, 0x01, 0x7f, 0x80, 0x81, 0xb7, 0xb8, 0xb9, 0xbf, 0xc0, 0xf7, 0xf8, 0xff]

/** A copy with a few bytes changed, cut out, put in or cut off. */
export function mutateBytes(random: Random, source: Uint8Array): Uint8Array {
  let bytes = Array.from(source)
  for (let edits = 1 + random.below(3); edits > 0; edits--) {
    const at = random.below(bytes.length + 1)
    switch (random.below(6)) {
      case 0:
        bytes[Math.min(at, bytes.length - 1)] = random.below(256)
        break
      case 1:
        bytes[Math.min(at, bytes.length - 1)] = random.pick(prefixes)
        break
      case 2:
        bytes.splice(at, 1 + random.below(4))
        break
      case 3:
        bytes.splice(at, 0, ...random.bytes(1 + random.below(4)))
        break
      case 4:
        bytes = bytes.slice(0, at)
        break
      default:
        bytes[Math.min(at, bytes.length - 1)] ^= 1 << random.below(8)
    }
    if (bytes.length === 0) bytes.push(random.below(256))
  }
  return Uint8Array.from(bytes)
}

/** Numbers at which something changes, for 32 bits. */
export const edges32: readonly number[] = [
  0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 20, 32, 255, 256, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_fff8,
  0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fff8, 0xffff_fffe, 0xffff_ffff,
]

/** Numbers at which something changes, for 64 bits. */
export const edges64: readonly bigint[] = [
  ...edges32.map(BigInt),
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 53n) + 1n,
  (1n << 62n) - 1n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 2n,
  (1n << 64n) - 1n,
]

/** RLP that announces more than there is, or more than there can be. */
const absurdLengths = [
  'b8ff',
  'bbffffffff',
  'bfffffffffffffffff',
  'f8ff',
  'fbffffffff',
  'fbff',
  'ff',
].map((hex) => Buffer.from(hex, 'hex'))

/**
 * A copy with one to three edits: bits flipped, ranges cut out, doubled, moved or filled, an absurd
 * length put in. For sources of any size; see {@link mutateBytes} for small edits of small ones.
 */
export function damageBytes(random: Random, source: Uint8Array): Uint8Array {
  let bytes = Buffer.from(source)
  for (let edits = 1 + random.below(3); edits > 0 && bytes.length > 0; edits--) {
    const at = random.below(bytes.length)
    const size = Math.min(1 + random.below(random.pick([4, 40, 400])), bytes.length - at)
    const before = bytes.subarray(0, at)
    const range = bytes.subarray(at, at + size)
    const after = bytes.subarray(at + size)
    switch (random.below(8)) {
      case 0:
      case 1:
        bytes[at] ^= 1 << random.below(8)
        break
      case 2:
        bytes = Buffer.concat([before, after])
        break
      case 3:
        bytes = Buffer.concat([before, range, range, after])
        break
      case 4: {
        const to = random.below(bytes.length)
        bytes.copy(bytes, to, at, at + size)
        break
      }
      case 5:
        range.fill(random.pick([0, 0xff, 0x80, 0xc0]))
        break
      case 6:
        random.pick(absurdLengths).copy(bytes, at)
        break
      default:
        bytes = Buffer.concat([before, random.bytes(size), after])
    }
  }
  return Uint8Array.from(bytes)
}
