/** Headers of RLP items (Yellow Paper, appendix B): the bytes before a payload. */

/** Base of the prefix of byte strings. */
export const stringBase = 0x80
/** Base of the prefix of lists. */
export const listBase = 0xc0

/** How many bytes the header of a payload of `size` bytes takes; of lists and of strings. */
export function headerSize(size: number): number {
  return size < 56 ? 1 : 1 + sizeBytes(size)
}

/** Writes the header of a payload of `size` bytes at `at`; returns where the payload goes. */
export function writeHeader(target: Uint8Array, at: number, size: number, base: number): number {
  if (size < 56) {
    target[at] = base + size
    return at + 1
  }
  const count = sizeBytes(size)
  target[at] = base + 55 + count
  // Sizes may pass 2^32: no bit operations on the whole.
  for (let i = count, rest = size; i > 0; i--, rest = Math.floor(rest / 256)) {
    target[at + i] = rest % 256
  }
  return at + 1 + count
}

function sizeBytes(size: number): number {
  let count = 1
  for (let rest = size; rest >= 256; rest = Math.floor(rest / 256)) count++
  return count
}
