/** Hex strings into bytes, without objects in between. */

/** Values of hex digits by character code, 255 for other characters. */
const nibbles = new Uint8Array(256).fill(255)
for (let i = 0; i < 16; i++) {
  const digit = i.toString(16)
  nibbles[digit.charCodeAt(0)] = i
  nibbles[digit.toUpperCase().charCodeAt(0)] = i
}

/** Strings of this many digits and more go through Buffer, whose call costs as much as these. */
const longDigits = 128

/** Whether a value is a string that starts with `0x`. */
export function isPrefixed(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length >= 2 &&
    value.charCodeAt(0) === 0x30 &&
    (value.charCodeAt(1) | 0x20) === 0x78
  )
}

/**
 * Writes the bytes that the digits of `value` from `first` on stand for so that they end before
 * `end`; with an odd number of digits the first byte has one. The space must be there.
 *
 * @returns whether all characters are hex digits
 */
export function writeHex(target: Buffer, end: number, value: string, first: number): boolean {
  const digits = value.length - first
  if (digits >= longDigits && (digits & 1) === 0) {
    const text = value.slice(first)
    // Buffer takes characters beyond ASCII for digits by their low byte: they are to be told before.
    const isAscii = Buffer.byteLength(text, 'utf8') === digits
    return isAscii && target.write(text, end - digits / 2, 'hex') === digits / 2
  }
  let invalid = 0
  let at = end - 1
  let i = value.length - 1
  for (; i > first; i -= 2) {
    const lowCode = value.charCodeAt(i)
    const highCode = value.charCodeAt(i - 1)
    const low = nibbles[lowCode & 255]
    const high = nibbles[highCode & 255]
    invalid |= (low | high) & 0xf0
    invalid |= (lowCode | highCode) & 0xff00
    target[at--] = (high << 4) | low
  }
  if (i === first) {
    const code = value.charCodeAt(i)
    const low = nibbles[code & 255]
    invalid |= (low & 0xf0) | (code & 0xff00)
    target[at] = low
  }
  return invalid === 0
}
