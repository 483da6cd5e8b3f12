/** Rules that a call breaks, in geth's words and with its codes. */

import type { ErrorCode } from '../error-codes.js'
import { errorMeanings } from '../error-codes.js'
import { checksumAddress } from './checksum.js'

/** The code of a rule for transactions. */
export type RuleCode = Extract<ErrorCode, `TX_${string}`>

/** A rule that was broken, and by what. */
export interface Rejection {
  readonly rule: RuleCode
  /** What the rule demands, where that is a number. */
  readonly expected: bigint
  /** What breaks it. */
  readonly actual: bigint
  /** Who calls. */
  readonly sender: string
}

/** What geth says of a broken rule: what the rule is called, the numbers, and its code in eth_simulateV1. */
interface Wording {
  readonly text: string
  readonly place?: (rejection: Rejection, address: string) => string
  readonly simulation?: number
}

const internal = -32603
const invalidParams = -32602

const wordings: Readonly<Partial<Record<RuleCode, Wording>>> = {
  TX_NONCE_TOO_LOW: {
    text: 'nonce too low',
    place: ({ expected, actual }, address) =>
      `address ${address}, tx: ${actual} state: ${expected}`,
    simulation: -38010,
  },
  TX_NONCE_TOO_HIGH: {
    text: 'nonce too high',
    place: ({ expected, actual }, address) =>
      `address ${address}, tx: ${actual} state: ${expected}`,
    simulation: -38011,
  },
  TX_NONCE_OVERFLOW: {
    text: 'nonce has max value',
    place: ({ actual }, address) => `address ${address}, nonce: ${actual}`,
  },
  TX_SENDER_NOT_EOA: { text: 'sender not an eoa', simulation: -38024 },
  TX_INSUFFICIENT_FUNDS: {
    text: 'insufficient funds for gas * price + value',
    place: ({ expected, actual }, address) =>
      expected === (1n << 256n) - 1n
        ? `address ${address} required balance exceeds 256 bits`
        : `address ${address} have ${actual} want ${expected}`,
    simulation: -38014,
  },
  TX_INTRINSIC_GAS_TOO_LOW: {
    text: 'intrinsic gas too low',
    place: ({ expected, actual }) => `have ${actual}, want ${expected}`,
    simulation: -38013,
  },
  TX_FLOOR_GAS_TOO_LOW: {
    text: 'insufficient gas for floor data gas cost',
    place: ({ expected, actual }) => `have ${actual}, want ${expected}`,
  },
  TX_MAX_FEE_BELOW_BASE_FEE: {
    text: 'max fee per gas less than block base fee',
    place: ({ expected, actual }, address) =>
      `address ${address}, maxFeePerGas: ${actual}, baseFee: ${expected}`,
    simulation: -38012,
  },
  TX_PRIORITY_FEE_ABOVE_MAX_FEE: {
    text: 'max priority fee per gas higher than max fee per gas',
    place: ({ expected, actual }, address) =>
      `address ${address}, maxPriorityFeePerGas: ${actual}, maxFeePerGas: ${expected}`,
    simulation: invalidParams,
  },
  TX_INITCODE_TOO_LARGE: {
    text: 'max initcode size exceeded',
    place: ({ expected, actual }) => `code size ${actual} limit ${expected}`,
    simulation: -38025,
  },
  TX_BLOB_FEE_TOO_LOW: {
    text: 'max fee per blob gas less than block blob gas fee',
    place: ({ expected, actual }, address) =>
      `address ${address} blobGasFeeCap: ${actual}, blobBaseFee: ${expected}`,
  },
  TX_BLOB_MISSING: { text: 'blob transaction missing blob hashes' },
  TX_BLOB_TOO_MANY: { text: 'blob transaction has too many blobs' },
  TX_BLOB_CREATE: { text: 'blob transaction of type create' },
  TX_SET_CODE_EMPTY: { text: 'EIP-7702 transaction with empty auth list' },
  TX_SET_CODE_CREATE: { text: 'EIP-7702 transaction cannot be used to create contract' },
  TX_TYPE_NOT_SUPPORTED: { text: 'transaction type not supported' },
}

/** What geth says of a broken rule; of one that geth does not know, what this package does. */
export function rejectionText(rejection: Rejection): string {
  const { rule, sender } = rejection
  const wording = wordings[rule]
  if (wording === undefined) return errorMeanings[rule]
  const place = wording.place?.(rejection, checksumAddress(sender))
  return place === undefined ? wording.text : `${wording.text}: ${place}`
}

/** The code of `eth_simulateV1` for a broken rule. */
export function simulationCode(rule: RuleCode): number {
  return wordings[rule]?.simulation ?? internal
}
