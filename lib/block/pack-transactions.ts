/** Packing of transactions that are run without a block: simulations and state tests. */

import { Revision, type Ruleset } from '../chain/index.js'
import { BraidError, errorFor } from '../errors.js'
import { Transaction, TransactionFlag } from '../native/wire.js'
import { RlpReader } from '../rlp/reader.js'
import { RlpWriter } from '../rlp/writer.js'
import { hexToBytes, putHex, uint256ToBytes } from './hex.js'
import { assembleInput } from './input-assembly.js'
import { type InputColumns, withColumns } from './input-columns.js'
import { checkUint64, completeInput, visibleBlockHashes } from './input-context.js'
import { writeTransaction } from './rpc-writer.js'
import { readTransactions } from './transaction-reader.js'
import type { BlockEnvironment, RpcTransaction, TransactionFields } from './types.js'

/**
 * The packed input for unsigned transactions with known senders, run in the given environment. What
 * belongs to a block alone is left out: no rewards, withdrawals, system calls, deposits.
 *
 * @throws BlockDecodeError with the transaction's index and the field; InvalidTransactionError for an
 *   unknown type or an unnameable chain; OptionsError for the environment
 */
export function packTransactions(
  environment: BlockEnvironment,
  ruleset: Ruleset,
  transactions: readonly TransactionFields[],
): Uint8Array {
  const { number, baseFee = 0n, excessBlobGas = 0n, difficulty = 0n } = environment
  checkUint64(number, 'number')
  checkUint64(environment.timestamp, 'timestamp')
  checkUint64(environment.gasLimit, 'gasLimit')
  checkUint64(excessBlobGas, 'excessBlobGas')
  checkUint256(baseFee, 'baseFee')
  checkUint256(difficulty, 'difficulty')
  const input = withColumns((columns) => {
    readTransactions(new RlpReader(encodeAll(transactions, ruleset)), columns)
    putSendersAndFlags(columns, transactions)
    return assembleInput(columns)
  })
  const { parentHash, prevRandao } = environment
  return completeInput(input, {
    ruleset,
    number,
    timestamp: environment.timestamp,
    gasLimit: environment.gasLimit,
    baseFee,
    excessBlobGas,
    blockReward: 0n,
    prevRandao:
      ruleset.revision < Revision.Paris
        ? uint256ToBytes(difficulty)
        : prevRandao === undefined
          ? new Uint8Array(32)
          : hexToBytes(prevRandao, 32, 'prevRandao'),
    parentHash:
      parentHash === undefined ? new Uint8Array(32) : hexToBytes(parentHash, 32, 'parentHash'),
    coinbase: hexToBytes(environment.coinbase, 20, 'coinbase'),
    depositContract: undefined,
    systemCalls: [],
    blockHashes: visibleBlockHashes(environment.blockHashes, number, parentHash),
    drains: [],
    drainBeneficiary: undefined,
    flags: 0,
  })
}

/** The RLP of the transactions, one behind the other. */
function encodeAll(transactions: readonly TransactionFields[], ruleset: Ruleset): Uint8Array {
  const writer = new RlpWriter(1024)
  try {
    for (let i = transactions.length - 1; i >= 0; i--) {
      writer.txIndex = i
      writeTransaction(writer, rpcForm(transactions[i], ruleset), false)
    }
  } catch (cause) {
    if (cause instanceof BraidError) throw cause
    throw errorFor('DECODE_SOURCE_FAILED', {}, { cause })
  }
  return writer.peek()
}

function rpcForm(tx: TransactionFields, ruleset: Ruleset): RpcTransaction {
  const type = tx.type ?? impliedType(tx)
  const data = tx.data ?? '0x'
  return {
    type,
    chainId: tx.chainId ?? (type === 0 ? undefined : ruleset.chainId),
    nonce: tx.nonce,
    gas: tx.gasLimit,
    gasPrice: tx.gasPrice,
    maxFeePerGas: tx.maxFeePerGas,
    maxPriorityFeePerGas: tx.maxPriorityFeePerGas ?? 0n,
    maxFeePerBlobGas: tx.maxFeePerBlobGas,
    to: tx.to,
    value: tx.value ?? 0n,
    // The writer takes bytes as well as hex.
    input: data as string,
    accessList: tx.accessList,
    blobVersionedHashes: tx.blobVersionedHashes,
    authorizationList: tx.authorizationList,
  }
}

function impliedType(tx: TransactionFields): number {
  if (tx.authorizationList !== undefined) return 4
  if (tx.maxFeePerBlobGas !== undefined || tx.blobVersionedHashes !== undefined) return 3
  if (tx.maxFeePerGas !== undefined || tx.maxPriorityFeePerGas !== undefined) return 2
  return tx.accessList === undefined ? 0 : 1
}

/** Names the senders in the records and takes back what stands for signatures. */
function putSendersAndFlags(
  columns: InputColumns,
  transactions: readonly TransactionFields[],
): void {
  const { bytes, view } = columns.transactions
  transactions.forEach((tx, index) => {
    const at = index * Transaction.SIZE
    let flags = TransactionFlag.HasSender
    let skips = 0
    if (tx.skipNonceCheck === true) skips |= TransactionFlag.SkipNonceCheck
    if (tx.skipBalanceCheck === true) skips |= TransactionFlag.SkipBalanceCheck
    flags |= skips
    bytes[at + Transaction.flags] |= flags
    view.setUint32(at + Transaction.payloadSize, 0, true)
    try {
      putHex(bytes, at + Transaction.sender, 20, tx.sender, 'sender')
    } catch (cause) {
      throw errorFor('DECODE_FIELD_TYPE', { txIndex: index, field: 'sender' }, { cause })
    }
  })
}

function checkUint256(value: unknown, field: string): void {
  if (typeof value !== 'bigint' || value < 0n || value >> 256n !== 0n) {
    const actual = typeof value === 'bigint' ? value : typeof value
    throw errorFor('OPTION_INVALID', { field, expected: '256-bit bigint', actual })
  }
}
