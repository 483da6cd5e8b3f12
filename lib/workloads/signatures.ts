/** Signatures in quick succession, for transactions whose keys everybody may know. */

/** A number that is prime, and arithmetic modulo it. */
class Field {
  constructor(readonly prime: bigint) {}

  reduce(value: bigint): bigint {
    const rest = value % this.prime
    return rest < 0n ? rest + this.prime : rest
  }

  /** By the extended Euclidean algorithm; the value is not zero. */
  inverse(value: bigint): bigint {
    let [a, b] = [this.reduce(value), this.prime]
    let [x, y] = [1n, 0n]
    while (a !== 1n) {
      const quotient = b / a
      ;[a, b] = [b - quotient * a, a]
      ;[x, y] = [y - quotient * x, x]
    }
    return this.reduce(x)
  }
}

/** A point of the curve that is not at infinity. */
interface Point {
  readonly x: bigint
  readonly y: bigint
}

// secp256k1: y^2 = x^3 + 7 (SEC 2, section 2.4.1).
const coordinates = new Field(2n ** 256n - 2n ** 32n - 977n)
const scalars = new Field(
  0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n,
)
const generator: Point = {
  x: 0x79be667e_f9dcbbac_55a06295_ce870b07_029bfcdb_2dce28d9_59f2815b_16f81798n,
  y: 0x483ada77_26a3c465_5da4fbfc_0e1108a8_fd17b448_a6855419_9c47d08f_fb10d4b8n,
}

/** The point where the line through both, or the tangent, meets the curve, mirrored. */
function add(a: Point, b: Point): Point {
  const isSame = a.x === b.x
  const rise = isSame ? 3n * a.x * a.x : b.y - a.y
  const run = isSame ? 2n * a.y : b.x - a.x
  const slope = coordinates.reduce(rise * coordinates.inverse(run))
  const x = coordinates.reduce(slope * slope - a.x - b.x)
  return { x, y: coordinates.reduce(slope * (a.x - x) - a.y) }
}

/** A signature of a transaction (EIP-2). */
export interface Signature {
  readonly yParity: number
  readonly r: bigint
  readonly s: bigint
}

/**
 * Makes ECDSA signatures that are valid and not secret: the ephemeral keys are consecutive numbers, so
 * that the next signature costs an addition of points instead of a multiplication. Never for keys that
 * anything depends on.
 */
export class QuickSigner {
  #ephemeralKey = 1n
  #ephemeralPoint = generator

  /** Signs a hash of 32 bytes with a secret key from 1 to the group's order - 1. */
  sign(hash: Uint8Array, secretKey: Uint8Array): Signature {
    // 2G first: adding a generator to itself needs the tangent, all further additions the line.
    this.#ephemeralKey += 1n
    this.#ephemeralPoint = add(this.#ephemeralPoint, generator)
    const { x, y } = this.#ephemeralPoint
    const r = scalars.reduce(x)
    const sum = numberOf(hash) + r * numberOf(secretKey)
    const s = scalars.reduce(scalars.inverse(this.#ephemeralKey) * scalars.reduce(sum))
    const parity = Number(y & 1n)
    // Of s and -s only the lower one is valid (EIP-2).
    const isLow = 2n * s < scalars.prime
    return isLow ? { yParity: parity, r, s } : { yParity: parity ^ 1, r, s: scalars.prime - s }
  }
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
