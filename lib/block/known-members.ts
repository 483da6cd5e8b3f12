/** Which members callers' transactions and environments have, so that slips of the hand are told. */

import { checkMembers, checkObject, type MembersOf, unknownMember } from '../arguments.js'
import type { BlockEnvironment, TransactionFields } from './types.js'

const environmentMembers: MembersOf<BlockEnvironment> = {
  number: true,
  timestamp: true,
  gasLimit: true,
  coinbase: true,
  baseFee: true,
  prevRandao: true,
  difficulty: true,
  excessBlobGas: true,
  parentHash: true,
  blockHashes: true,
}

/** What headers call the members of environments. */
const headerNames: ReadonlyMap<string, string> = new Map([
  ['miner', 'coinbase'],
  ['beneficiary', 'coinbase'],
  ['baseFeePerGas', 'baseFee'],
  ['mixHash', 'prevRandao'],
  ['mixDigest', 'prevRandao'],
  ['random', 'prevRandao'],
])

/** Throws `OPTION_INVALID` where an environment is no object, or has members that are not known. */
export function checkEnvironment(environment: BlockEnvironment): void {
  checkObject(environment, 'environment')
  checkMembers(environment, environmentMembers, { synonyms: headerNames })
}

const transactionMembers: MembersOf<TransactionFields> = {
  sender: true,
  type: true,
  chainId: true,
  nonce: true,
  gasLimit: true,
  gasPrice: true,
  maxFeePerGas: true,
  maxPriorityFeePerGas: true,
  maxFeePerBlobGas: true,
  to: true,
  value: true,
  data: true,
  accessList: true,
  blobVersionedHashes: true,
  authorizationList: true,
  skipNonceCheck: true,
  skipBalanceCheck: true,
}

/**
 * What answers of JSON-RPC say beyond that (viem's `typeHex` among it): it may come along, and nobody
 * looks at it.
 */
const answerMembers: ReadonlySet<string> = new Set([
  'hash',
  'blockHash',
  'blockNumber',
  'blockTimestamp',
  'transactionIndex',
  'v',
  'r',
  's',
  'yParity',
  'typeHex',
])

/** What JSON-RPC calls fields that have another name here. It may come along where that is there too. */
const rpcNames: ReadonlyMap<string, keyof TransactionFields> = new Map([
  ['from', 'sender'],
  ['gas', 'gasLimit'],
  ['input', 'data'],
])

/** Throws `OPTION_INVALID` where a transaction has members that are not known. */
export function checkTransactionMembers(fields: TransactionFields, txIndex: number): void {
  for (const name of Object.keys(fields)) {
    if (Object.hasOwn(transactionMembers, name) || answerMembers.has(name)) continue
    const ours = rpcNames.get(name)
    if (ours !== undefined && fields[ours] !== undefined) continue
    const place = { synonyms: rpcNames, details: { txIndex } }
    throw unknownMember(name, Object.keys(transactionMembers), place)
  }
}
