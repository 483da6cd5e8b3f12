/** Packing of transactions that are run without a block: simulations and state tests. */

import { checkUint64, checkUint256, hexToBytes, putHex } from '../arguments.js'
import { Revision, type Ruleset } from '../chain/index.js'
import { errorFor, isBraidError } from '../errors.js'
import { uint256ToBytes } from '../hex/index.js'
import { Transaction, TransactionFlag } from '../native/wire.js'
import { listBase } from '../rlp/header.js'
import { RlpReader } from '../rlp/reader.js'
import { RlpWriter } from '../rlp/writer.js'
import { assembleInput, contextSize } from './input-assembly.js'
import { type InputColumns, withColumns } from './input-columns.js'
import { completeInput, visibleBlockHashes } from './input-context.js'
import { checkTransactionMembers } from './known-members.js'
import { writeTransaction } from './rpc-writer.js'
import { fieldNames } from './transaction-names.js'
import { readTransactions } from './transaction-reader.js'
import type {
  BlockEnvironment,
  RpcTransaction,
  TransactionFields,
  TransactionSource,
} from './types.js'

/**
 * The packed input for transactions run in the given environment: unsigned ones with known senders,
 * or the encodings of signed ones. What belongs to a block alone is left out: no rewards,
 * withdrawals, system calls, deposits.
 *
 * @throws BlockDecodeError with the transaction's index and the field; InvalidTransactionError for an
 *   unknown type or an unnameable chain; OptionsError for the environment
 */
export function packTransactions(
  environment: BlockEnvironment,
  ruleset: Ruleset,
  transactions: readonly TransactionSource[],
): Uint8Array {
  const { number, baseFee = 0n, excessBlobGas = 0n, difficulty = 0n } = environment
  checkUint64(number, 'number')
  checkUint64(environment.timestamp, 'timestamp')
  checkUint64(environment.gasLimit, 'gasLimit')
  checkUint64(excessBlobGas, 'excessBlobGas')
  checkUint256(baseFee, 'baseFee')
  checkUint256(difficulty, 'difficulty')
  const { parentHash, prevRandao } = environment
  const blockHashes = visibleBlockHashes(environment.blockHashes, number, parentHash)
  const input = withColumns((columns) => {
    readTransactions(new RlpReader(encodeAll(transactions, ruleset)), columns)
    checkCount(columns, transactions)
    putSendersAndFlags(columns, transactions)
    return assembleInput(columns, contextSize(0, blockHashes.length))
  })
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
    blockHashes,
    drains: [],
    drainBeneficiary: undefined,
    flags: 0,
  })
}

/** Fails where encodings that were given ran into each other: such are no transactions. */
function checkCount(columns: InputColumns, transactions: readonly TransactionSource[]): void {
  const expected = transactions.length
  const actual = columns.transactions.size / Transaction.SIZE
  if (actual !== expected) throw errorFor('DECODE_RLP_TRAILING', { expected, actual })
}

/** The RLP of the transactions as a block has them, one behind the other. */
function encodeAll(transactions: readonly TransactionSource[], ruleset: Ruleset): Uint8Array {
  const writer = new RlpWriter(1024)
  try {
    for (let i = transactions.length - 1; i >= 0; i--) {
      writer.txIndex = i
      const tx = transactions[i]
      if (!(tx instanceof Uint8Array)) writeFields(writer, tx, ruleset)
      else if (tx.length > 0 && tx[0] >= listBase) writer.raw(tx)
      else writer.bytes(tx)
    }
  } catch (cause) {
    if (isBraidError(cause)) throw cause
    throw errorFor('DECODE_SOURCE_FAILED', { txIndex: writer.txIndex }, { cause })
  }
  return writer.peek()
}

/** Writes a transaction given as fields; errors name them as the caller does. */
function writeFields(writer: RlpWriter, tx: TransactionFields, ruleset: Ruleset): void {
  if (typeof tx !== 'object' || tx === null) {
    throw writer.wrongType('transaction', 'fields or an encoding', tx)
  }
  checkTransactionMembers(tx, writer.txIndex)
  for (const flag of ['skipNonceCheck', 'skipBalanceCheck'] as const) {
    if (tx[flag] !== undefined && typeof tx[flag] !== 'boolean') {
      throw writer.wrongType(flag, 'true or false', tx[flag])
    }
  }
  writeTransaction(writer, rpcForm(tx, ruleset), false, fieldNames)
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
  transactions: readonly TransactionSource[],
): void {
  const { bytes, view } = columns.transactions
  transactions.forEach((tx, index) => {
    if (tx instanceof Uint8Array) return
    const at = index * Transaction.SIZE
    bytes[at + Transaction.flags] |=
      TransactionFlag.HasSender |
      (tx.skipNonceCheck === true ? TransactionFlag.SkipNonceCheck : 0) |
      (tx.skipBalanceCheck === true ? TransactionFlag.SkipBalanceCheck : 0)
    view.setUint32(at + Transaction.payloadSize, 0, true)
    try {
      putHex(bytes, at + Transaction.sender, 20, tx.sender, 'sender')
    } catch (cause) {
      throw errorFor('DECODE_FIELD_TYPE', { txIndex: index, field: 'sender' }, { cause })
    }
  })
}
