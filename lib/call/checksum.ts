/** Addresses with the checksum of EIP-55, as geth writes them into messages. */

import type { Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'

/** The address with capitals where its hash says so. */
export function checksumAddress(address: string): Hex {
  const digits = address.slice(2).toLowerCase()
  const hash = Buffer.from(keccak256(Buffer.from(digits, 'latin1'))).toString('hex')
  const letters = [...digits].map((digit, i) =>
    Number.parseInt(hash[i], 16) >= 8 ? digit.toUpperCase() : digit,
  )
  return `0x${letters.join('')}`
}
