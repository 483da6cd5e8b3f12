/** What those who give transactions call their fields. */

import type { ErrorCode } from '../error-codes.js'

/** The fields that have several names. */
export interface TransactionNames {
  /** The most gas that the transaction may use. */
  readonly gas: string
  /** The data of the call, or the init code. */
  readonly input: string
  /** Who sends the transaction. */
  readonly from: string
}

/** As JSON-RPC. */
export const rpcNames: TransactionNames = { gas: 'gas', input: 'input', from: 'from' }

/** As this package and `@ethereumjs/tx`. */
export const fieldNames: TransactionNames = { gas: 'gasLimit', input: 'data', from: 'sender' }

type RejectionCode = Extract<ErrorCode, `TX_${string}`>

/** The field that breaks the rule of a code; undefined where it is not one alone. */
const brokenFields: Readonly<Partial<Record<RejectionCode, string | keyof TransactionNames>>> = {
  TX_TYPE_NOT_SUPPORTED: 'type',
  TX_WRONG_CHAIN_ID: 'chainId',
  TX_NONCE_TOO_LOW: 'nonce',
  TX_NONCE_TOO_HIGH: 'nonce',
  TX_NONCE_OVERFLOW: 'nonce',
  TX_SENDER_NOT_EOA: 'from',
  TX_INTRINSIC_GAS_TOO_LOW: 'gas',
  TX_FLOOR_GAS_TOO_LOW: 'gas',
  TX_GAS_LIMIT_EXCEEDS_BLOCK: 'gas',
  TX_GAS_LIMIT_EXCEEDS_CAP: 'gas',
  TX_MAX_FEE_BELOW_BASE_FEE: 'maxFeePerGas',
  TX_PRIORITY_FEE_ABOVE_MAX_FEE: 'maxPriorityFeePerGas',
  TX_INITCODE_TOO_LARGE: 'input',
  TX_BLOB_FEE_TOO_LOW: 'maxFeePerBlobGas',
  TX_BLOB_MISSING: 'blobVersionedHashes',
  TX_BLOB_TOO_MANY: 'blobVersionedHashes',
  TX_BLOB_VERSION_INVALID: 'blobVersionedHashes',
  TX_BLOB_GAS_EXCEEDS_BLOCK: 'blobVersionedHashes',
  TX_BLOB_CREATE: 'to',
  TX_SET_CODE_EMPTY: 'authorizationList',
  TX_SET_CODE_CREATE: 'to',
}

/** The last transaction type whose gas has one price. */
const lastPricedType = 1

/**
 * The field of a transaction that an error of the executor is about.
 *
 * @param type the transaction's type
 */
export function brokenField(
  code: ErrorCode,
  type: number,
  names: TransactionNames,
): string | undefined {
  if (code === 'TX_MAX_FEE_BELOW_BASE_FEE' && type <= lastPricedType) return 'gasPrice'
  const field = brokenFields[code as RejectionCode]
  return field === undefined ? undefined : (names[field as keyof TransactionNames] ?? field)
}
