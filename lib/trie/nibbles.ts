/** Keys as nibbles, the steps of a path through a trie. */

/** The nibbles of a key. */
export const keyNibbles = 64

/** The nibble at `position` of the key that begins at `at`. */
export function nibbleAt(bytes: Uint8Array, at: number, position: number): number {
  const byte = bytes[at + (position >> 1)]
  return position & 1 ? byte & 15 : byte >> 4
}

/** Sets a nibble of a key. */
export function setNibble(bytes: Uint8Array, at: number, position: number, nibble: number): void {
  const index = at + (position >> 1)
  bytes[index] = position & 1 ? (bytes[index] & 0xf0) | nibble : (bytes[index] & 15) | (nibble << 4)
}

/** Up to which nibble, at most `limit`, two keys agree whose first `from` nibbles do. */
export function sharedNibbles(
  a: Uint8Array,
  aAt: number,
  b: Uint8Array,
  bAt: number,
  from: number,
  limit: number,
): number {
  let position = from
  while (position < limit && nibbleAt(a, aAt, position) === nibbleAt(b, bAt, position)) position++
  return position
}

/** Whether two ranges of 32 bytes are equal. */
export function sameKey(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): boolean {
  for (let i = 31; i >= 0; i--) if (a[aAt + i] !== b[bAt + i]) return false
  return true
}

/** Copies bytes between buffers, which for a few bytes is quicker than `set` of a `subarray`. */
export function copyBytes(
  target: Uint8Array,
  targetAt: number,
  source: Uint8Array,
  sourceAt: number,
  size: number,
): void {
  for (let i = 0; i < size; i++) target[targetAt + i] = source[sourceAt + i]
}
