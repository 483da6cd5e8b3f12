/** Packing of transactions that stand each for itself: one that cannot be read leaves the others as they are. */

import type { Ruleset } from '../chain/index.js'
import { type BraidError, errorFor, isBraidError } from '../errors.js'
import { headerSize, listBase, stringBase, writeHeader } from '../rlp/header.js'
import { RlpReader } from '../rlp/reader.js'
import { assembleInput, contextSize } from './input-assembly.js'
import { type InputColumns, withColumns } from './input-columns.js'
import { completeInput } from './input-context.js'
import { readTransactions } from './transaction-reader.js'

/** The block that candidates are looked at for: what rules say of it without its fees. */
export interface CandidateEnvironment {
  readonly ruleset: Ruleset
  readonly number: bigint
  readonly timestamp: bigint
  readonly gasLimit: bigint
}

/** Candidates in packed form. */
export interface PackedCandidates {
  /** A packed BlockInput of those that could be read. Its base fee is 0, that of blobs the least there is. */
  readonly input: Uint8Array
  /** Which of those that were given each of its transactions is. */
  readonly places: readonly number[]
  /** Why the others could not be read, by their place among those that were given. */
  readonly failures: ReadonlyMap<number, BraidError>
}

/** Packs encoded transactions (EIP-2718), as many of them as can be read. */
export function packCandidates(
  environment: CandidateEnvironment,
  encodings: readonly Uint8Array[],
): PackedCandidates {
  const places: number[] = []
  const failures = new Map<number, BraidError>()
  const input = withColumns((columns) => {
    for (const [i, encoding] of encodings.entries()) {
      const undo = marked(columns)
      try {
        readOne(encoding, columns)
        places.push(i)
      } catch (error) {
        if (!isBraidError(error)) throw error
        undo()
        failures.set(i, error)
      }
    }
    return assembleInput(columns, contextSize(0, 0))
  })
  const { ruleset, number, timestamp, gasLimit } = environment
  const packed = completeInput(input, {
    ruleset,
    number,
    timestamp,
    gasLimit,
    baseFee: 0n,
    excessBlobGas: 0n,
    blockReward: 0n,
    prevRandao: new Uint8Array(32),
    parentHash: new Uint8Array(32),
    coinbase: new Uint8Array(20),
    depositContract: undefined,
    systemCalls: [],
    blockHashes: [],
    drains: [],
    drainBeneficiary: undefined,
    flags: 0,
  })
  return { input: packed, places, failures }
}

/** Reads one transaction, which must be all that its encoding holds. */
function readOne(encoding: Uint8Array, columns: InputColumns): void {
  const { transactionRanges } = columns
  const before = transactionRanges.size
  readTransactions(new RlpReader(inList(encoding)), columns)
  const count = (transactionRanges.size - before) / 8
  if (count !== 1) throw errorFor(count === 0 ? 'DECODE_RLP_TRUNCATED' : 'DECODE_RLP_TRAILING')
}

/** A transaction as an item of a block's list: typed ones are strings there. */
function inList(encoding: Uint8Array): Uint8Array {
  if (encoding.length === 0 || encoding[0] >= listBase) return encoding
  const item = new Uint8Array(headerSize(encoding.length) + encoding.length)
  item.set(encoding, writeHeader(item, 0, encoding.length, stringBase))
  return item
}

/** Remembers where the columns are; what it returns takes them back there. */
function marked(columns: InputColumns): () => void {
  const { transactions, accessEntries, storageKeys, blobHashes } = columns
  const { authorizations, pool, transactionRanges } = columns
  const used = [transactions, accessEntries, storageKeys, blobHashes]
  const all = [...used, authorizations, pool, transactionRanges]
  const sizes = all.map(({ size }) => size)
  return () => {
    for (const [i, column] of all.entries()) column.size = sizes[i]
  }
}
