/** What the data of a REVERT say. */

import { bufferOf } from '../hex/index.js'

const errorSelector = 0x08c379a0 // Error(string)
const panicSelector = 0x4e487b71 // Panic(uint256)

/** What the codes of Solidity's panics stand for, in geth's words. */
const panics: ReadonlyMap<bigint, string> = new Map([
  [0x00n, 'generic panic'],
  [0x01n, 'assert(false)'],
  [0x11n, 'arithmetic underflow or overflow'],
  [0x12n, 'division or modulo by zero'],
  [0x21n, 'enum overflow'],
  [0x22n, 'invalid encoded storage byte array accessed'],
  [0x31n, 'out-of-bounds array access; popping on an empty array'],
  [0x32n, 'out-of-bounds access of an array or bytesN'],
  [0x41n, 'out of memory'],
  [0x51n, 'uninitialized function'],
])

/** The text of Error(string), or what Panic(uint256) stands for; undefined where the data are neither. */
export function revertReason(data: Uint8Array): string | undefined {
  if (data.length < 4) return undefined
  const bytes = bufferOf(data)
  const selector = bytes.readUInt32BE(0)
  if (selector === errorSelector) return stringOf(bytes.subarray(4))
  if (selector !== panicSelector || bytes.length < 36) return undefined
  const code = wordAt(bytes, 4)
  return panics.get(code) ?? `unknown panic code: 0x${code.toString(16)}`
}

/** The one string that the data hold, encoded by the ABI. */
function stringOf(bytes: Buffer): string | undefined {
  if (bytes.length < 32) return undefined
  const offset = wordAt(bytes, 0)
  if (offset + 32n > BigInt(bytes.length)) return undefined
  const at = Number(offset)
  const size = wordAt(bytes, at)
  if (offset + 32n + size > BigInt(bytes.length)) return undefined
  return bytes.toString('utf8', at + 32, at + 32 + Number(size))
}

function wordAt(bytes: Buffer, at: number): bigint {
  return BigInt(`0x${bytes.toString('hex', at, at + 32)}`)
}
