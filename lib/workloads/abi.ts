/** Call data in the encoding of Solidity's contract ABI, as far as the workloads need it. */

import { bytesToHex, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'

/** A number, an address or another value of one word as hex, or a text (`string`). */
export type AbiValue = bigint | number | Hex | { readonly text: string }

/** Call data: the selector of a function, such as `transfer(address,uint256)`, and its arguments. */
export function encodeCall(signature: string, ...values: readonly AbiValue[]): Hex {
  const selector = bytesToHex(keccak256(Buffer.from(signature)).subarray(0, 4))
  return `${selector}${encodeArguments(values).slice(2)}`
}

/** Arguments alone, as they follow the init code of a contract. */
export function encodeArguments(values: readonly AbiValue[]): Hex {
  let heads = ''
  let tails = ''
  for (const value of values) {
    if (typeof value === 'object') {
      heads += word(values.length * 32 + tails.length / 2)
      tails += encodeText(value.text)
    } else {
      heads += word(value)
    }
  }
  return `0x${heads}${tails}`
}

function encodeText(text: string): string {
  const bytes = Buffer.from(text)
  const padded = bytes.toString('hex').padEnd(Math.ceil(bytes.length / 32) * 64, '0')
  return `${word(bytes.length)}${padded}`
}

function word(value: bigint | number | Hex): string {
  return BigInt.asUintN(256, BigInt(value)).toString(16).padStart(64, '0')
}
