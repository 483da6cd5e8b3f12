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
