/** CRC-32C (RFC 3720, appendix B.4), as the framing of Snappy has it. */

/** 0x1edc6f41 with its bits reversed. */
const polynomial = 0x82f63b78

/** Tables for four bytes at a time, one behind the other. */
const tables = new Uint32Array(1024)
for (let i = 0; i < 256; i++) {
  let rest = i
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? polynomial : 0)
  tables[i] = rest
}
for (let i = 256; i < 1024; i++) {
  const before = tables[i - 256]
  tables[i] = (before >>> 8) ^ tables[before & 255]
}

/** The checksum of bytes. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  const { length } = bytes
  const whole = length - (length % 4)
  let i = 0
  for (; i < whole; i += 4) {
    crc ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)
    crc =
      tables[768 + (crc & 255)] ^
      tables[512 + ((crc >>> 8) & 255)] ^
      tables[256 + ((crc >>> 16) & 255)] ^
      tables[crc >>> 24]
  }
  for (; i < length; i++) crc = tables[(crc ^ bytes[i]) & 255] ^ (crc >>> 8)
  return ~crc >>> 0
}
