/** Which addresses are precompiled contracts. */

import { Revision } from '../chain/index.js'
import type { Hex } from '../hex/index.js'

/** What each revision added, from the first address on. */
const added: readonly (readonly [revision: number, first: number, last: number])[] = [
  [Revision.Frontier, 0x01, 0x04],
  [Revision.Byzantium, 0x05, 0x08],
  [Revision.Istanbul, 0x09, 0x09], // EIP-152
  [Revision.Cancun, 0x0a, 0x0a], // EIP-4844
  [Revision.Prague, 0x0b, 0x11], // EIP-2537
  [Revision.Osaka, 0x100, 0x100], // EIP-7951
]

/** The addresses of a revision's precompiled contracts, in lower case. */
export function precompilesOf(revision: number): ReadonlySet<string> {
  const addresses = new Set<string>()
  for (const [since, first, last] of added) {
    for (let i = first; revision >= since && i <= last; i++) addresses.add(addressOf(i))
  }
  return addresses
}

function addressOf(number: number): Hex {
  return `0x${number.toString(16).padStart(40, '0')}`
}
