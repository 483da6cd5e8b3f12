/** Code that came with an account, until it is asked for by its hash. */

import { bytesToHex, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'

/** Keeps each code as often as it was put there. */
export class CodeShelf {
  readonly #codes = new Map<Hex, { readonly code: Uint8Array; count: number }>()

  /** Puts code there, and gives its hash; undefined for no code. */
  put(code: Uint8Array): Hex | undefined {
    if (code.length === 0) return undefined
    const hash = bytesToHex(keccak256(code))
    const kept = this.#codes.get(hash)
    if (kept === undefined) this.#codes.set(hash, { code, count: 1 })
    else kept.count++
    return hash
  }

  /** Takes code away. */
  take(hash: Hex): Uint8Array | undefined {
    const kept = this.#codes.get(hash)
    if (kept === undefined) return undefined
    if (--kept.count === 0) this.#codes.delete(hash)
    return kept.code
  }
}
