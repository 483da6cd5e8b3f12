/** Bytes and numbers as `0x` hex and back. */

export {
  bufferOf,
  bytesOf,
  bytesToHex,
  putUint256,
  quantity,
  uint256Of,
  uint256ToBytes,
  zeroHash,
} from './codec.js'
export { isPrefixed, writeHex } from './digits.js'
export type { Hex, Quantity } from './types.js'
