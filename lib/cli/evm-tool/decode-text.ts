/** Why geth's tools say that bytes are no transaction. */

import type { BraidError } from '../../errors.js'

/** What geth calls the fields of transactions, and what it reads them into. */
const fields: Readonly<Record<string, readonly [name: string, type: string]>> = {
  chainId: ['ChainID', 'big.Int'],
  nonce: ['Nonce', 'uint64'],
  gasPrice: ['GasPrice', 'big.Int'],
  maxPriorityFeePerGas: ['GasTipCap', 'big.Int'],
  maxFeePerGas: ['GasFeeCap', 'big.Int'],
  gasLimit: ['Gas', 'uint64'],
  to: ['To', 'common.Address'],
  value: ['Value', 'big.Int'],
  data: ['Data', '[]uint8'],
  accessList: ['AccessList', 'types.AccessList'],
  maxFeePerBlobGas: ['BlobFeeCap', 'big.Int'],
  blobVersionedHashes: ['BlobHashes', '[]common.Hash'],
  authorizationList: ['AuthList', '[]types.SetCodeAuthorization'],
  v: ['V', 'big.Int'],
  yParity: ['V', 'big.Int'],
  r: ['R', 'big.Int'],
  s: ['S', 'big.Int'],
}

/** What geth calls the types of transactions. */
const kinds = ['LegacyTx', 'AccessListTx', 'DynamicFeeTx', 'BlobTx', 'SetCodeTx']

/** Whether the numbers of a transaction may have more bits than those that geth can execute. */
const wide = new Set(['value', 'gasPrice', 'maxFeePerGas', 'maxPriorityFeePerGas'])

/** Rules that geth has no way to break: it reads no such transaction. */
const createsContract: ReadonlySet<string> = new Set(['TX_BLOB_CREATE', 'TX_SET_CODE_CREATE'])

/** Whether geth cannot even read a transaction that breaks a rule. */
export function isUnreadable({ code }: BraidError): boolean {
  return !code.startsWith('TX_') || code === 'TX_TYPE_NOT_SUPPORTED' || createsContract.has(code)
}

/** What geth says of a signature that nobody can have made. */
export const invalidSignature = 'invalid transaction v, r, s values'

/** What geth says of an encoding that is no transaction, by what this package says of it. */
export function gethDecodeText(encoding: Uint8Array, error: BraidError): string {
  const isLegacy = encoding.length > 0 && encoding[0] >= 0xc0
  if (!isLegacy && encoding.length <= 1) return 'typed transaction too short'
  const kind = isLegacy ? 0 : encoding[0]
  if (error.code === 'TX_TYPE_NOT_SUPPORTED') return 'transaction type not supported'
  const { field = '', expected, actual } = error.details
  const struct = `types.${kinds[kind] ?? 'LegacyTx'}`
  if (createsContract.has(error.code)) {
    return `rlp: input string too short for common.Address, decoding into (types.Transaction)(${struct}).To`
  }
  if (field === 'transaction') {
    if (error.code === 'DECODE_FIELD_TYPE') return `rlp: expected input list for ${struct}`
    if (error.code === 'DECODE_RLP_TRAILING') {
      return `rlp: input list has too many elements for ${struct}`
    }
    return 'rlp: value size exceeds available input length'
  }
  if (error.code === 'DECODE_RLP_TRUNCATED') return `rlp: too few elements for ${struct}`
  if (error.code === 'DECODE_FIELD_RANGE' && wide.has(field)) return `${field} exceeds 256 bits`
  if (error.code === 'DECODE_FIELD_RANGE' && /^[rsv]$/.test(field)) return invalidSignature
  const [name, type] = fields[field.split('.')[0]] ?? [field, field]
  const problem = problemOf(error, Number(actual) < Number(expected))
  return `rlp: ${problem} for ${type}, decoding into (types.Transaction)(${struct}).${name}`
}

function problemOf({ code, details }: BraidError, isShort: boolean): string {
  switch (code) {
    case 'DECODE_FIELD_SIZE':
      return isShort ? 'input string too short' : 'input string too long'
    case 'DECODE_FIELD_RANGE':
      return 'input string too long'
    case 'DECODE_FIELD_TYPE':
      return details.expected === 'list' ? 'expected input list' : 'expected input string or byte'
    case 'DECODE_LEADING_ZERO':
      return 'non-canonical integer (leading zero bytes)'
    default:
      return 'non-canonical size information'
  }
}
