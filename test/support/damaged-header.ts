/** Blocks whose headers say something wrong. */

import { RLP } from '@ethereumjs/rlp'

/** Positions in the list of header fields. */
const positions = {
  parentHash: 0,
  stateRoot: 3,
  receiptsRoot: 5,
  gasUsed: 10,
  extraData: 12,
} as const

/** A block with another value in a field of its header. */
export function damagedHeader(block: Uint8Array, field: keyof typeof positions): Uint8Array {
  const items = RLP.decode(block) as unknown as [Uint8Array[], ...unknown[]]
  const header = [...items[0]]
  const value = Uint8Array.from(header[positions[field]])
  if (field === 'extraData') header[positions[field]] = new Uint8Array(33)
  else if (value.length === 0) header[positions[field]] = Uint8Array.of(1)
  else {
    value[value.length - 1] ^= 2
    header[positions[field]] = value
  }
  return RLP.encode([header, ...items.slice(1)] as never)
}
