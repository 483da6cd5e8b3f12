/** What a policy knows of a block before it is executed, read in place from the packed block. */

import type { Hex } from '../hex/index.js'
import { PackedReader } from '../native/packed-reader.js'
import { AccessEntry, BlockInput, Transaction, TransactionFlag } from '../native/wire.js'
import { checkIndex } from './check-index.js'
import { keyOfWords } from './key.js'

/** What a policy knows of a block before it is executed. */
export interface BlockSummary {
  /** The block's number. */
  readonly number: bigint
  /** In seconds since 1970. */
  readonly timestamp: bigint
  /** The most gas that the transactions may use together. */
  readonly gasLimit: bigint
  /** How many transactions there are. */
  readonly transactionCount: number
  /** What is known of the transactions, by index from 0. */
  readonly transactions: TransactionSummaries
}

/** An entry of an access list (EIP-2930). */
export interface AccessSummary {
  /** The account that is accessed. */
  readonly address: Hex
  /** Its slots that are accessed, 32 bytes each. */
  readonly storageKeys: readonly Hex[]
}

/**
 * What is known of a block's transactions before they are executed. Nothing is built in advance:
 * every call reads the packed block. Those that give numbers and booleans cost some ten nanoseconds,
 * those that give hex about a microsecond. Indexes must be in range.
 */
export interface TransactionSummaries {
  /** How many transactions there are. */
  readonly length: number
  /** The most gas that the transaction may use. */
  gasLimit(index: number): number
  /** The size of the call's data, or of the init code, in bytes. */
  dataSize(index: number): number
  /** Whether the transaction moves ether. */
  hasValue(index: number): boolean
  /** Whether a contract is created. */
  isCreation(index: number): boolean
  /** Whether there is a recipient and no data: most likely ether is moved, and nothing else. */
  isTransfer(index: number): boolean
  /** The first four bytes of the data, big-endian; undefined for shorter data and for creations. */
  selector(index: number): number | undefined
  /** The recipient; null where a contract is created. */
  to(index: number): Hex | null
  /**
   * A number that stands for the recipient, the same in every block: equal recipients have equal
   * keys, different ones in all but one of 2^53 pairs; 0 where a contract is created. In another
   * process or thread it is another number, so that whoever sends transactions cannot choose it.
   */
  recipientKey(index: number): number
  /**
   * A number that stands in the same way for the 32 bytes behind the selector, which is the first
   * argument of a Solidity function; 0 where there are fewer bytes.
   */
  argumentKey(index: number): number
  /** The sender where the block's source names it; signed transactions only imply theirs. */
  sender(index: number): Hex | undefined
  /** Whether the sender is known; otherwise it is recovered from the signature. */
  hasSender(index: number): boolean
  /** How many entries the access list has. */
  accessListLength(index: number): number
  /** The access list. */
  accessList(index: number): readonly AccessSummary[]
}

/** The summary of a packed BlockInput. */
export class PackedBlockSummary implements BlockSummary {
  readonly transactions: TransactionSummaries
  readonly #input: PackedReader

  constructor(input: Uint8Array) {
    this.#input = new PackedReader(input)
    this.transactions = new PackedTransactions(input, this.#input)
  }

  get number(): bigint {
    return this.#input.u64(BlockInput.number)
  }

  get timestamp(): bigint {
    return this.#input.u64(BlockInput.timestamp)
  }

  get gasLimit(): bigint {
    return this.#input.u64(BlockInput.gasLimit)
  }

  get transactionCount(): number {
    return this.transactions.length
  }
}

class PackedTransactions implements TransactionSummaries {
  readonly length: number
  readonly #input: PackedReader
  readonly #view: DataView
  readonly #start: number
  readonly #pool: number

  constructor(bytes: Uint8Array, input: PackedReader) {
    this.#input = input
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#start = input.sectionOffset(BlockInput.transactions)
    this.#pool = input.sectionOffset(BlockInput.pool)
    this.length = input.sectionCount(BlockInput.transactions)
  }

  gasLimit(index: number): number {
    return this.#input.u64AsNumber(this.#at(index) + Transaction.gasLimit)
  }

  dataSize(index: number): number {
    return this.#input.u32(this.#at(index) + Transaction.dataSize)
  }

  hasValue(index: number): boolean {
    return !this.#input.isZero(this.#at(index) + Transaction.value, 32)
  }

  isCreation(index: number): boolean {
    return !this.#hasFlag(this.#at(index), TransactionFlag.HasTo)
  }

  hasSender(index: number): boolean {
    return this.#hasFlag(this.#at(index), TransactionFlag.HasSender)
  }

  isTransfer(index: number): boolean {
    return this.dataSize(index) === 0 && !this.isCreation(index)
  }

  selector(index: number): number | undefined {
    if (this.dataSize(index) < 4 || this.isCreation(index)) return undefined
    return this.#view.getUint32(this.#data(index))
  }

  to(index: number): Hex | null {
    if (this.isCreation(index)) return null
    return this.#input.hex(this.#at(index) + Transaction.to, 20)
  }

  recipientKey(index: number): number {
    if (this.isCreation(index)) return 0
    return keyOfWords(this.#view, this.#at(index) + Transaction.to, 5)
  }

  argumentKey(index: number): number {
    if (this.dataSize(index) < 36 || this.isCreation(index)) return 0
    return keyOfWords(this.#view, this.#data(index) + 4, 8)
  }

  sender(index: number): Hex | undefined {
    const at = this.#at(index)
    if (!this.#hasFlag(at, TransactionFlag.HasSender)) return undefined
    return this.#input.hex(at + Transaction.sender, 20)
  }

  accessListLength(index: number): number {
    return this.#input.u32(this.#at(index) + Transaction.accessCount)
  }

  accessList(index: number): readonly AccessSummary[] {
    const input = this.#input
    const first = input.u32(this.#at(index) + Transaction.accessStart)
    const entries = input.sectionOffset(BlockInput.accessEntries) + first * AccessEntry.SIZE
    const keys = input.sectionOffset(BlockInput.storageKeys)
    return Array.from({ length: this.accessListLength(index) }, (_, i) => {
      const entry = entries + i * AccessEntry.SIZE
      const firstKey = keys + 32 * input.u32(entry + AccessEntry.keyStart)
      return {
        address: input.hex(entry + AccessEntry.address, 20),
        storageKeys: Array.from({ length: input.u32(entry + AccessEntry.keyCount) }, (_, j) =>
          input.hex(firstKey + 32 * j, 32),
        ),
      }
    })
  }

  /** Where a transaction's record begins. */
  #at(index: number): number {
    checkIndex(index, this.length, 'transaction')
    return this.#start + index * Transaction.SIZE
  }

  /** Where a transaction's data begins. */
  #data(index: number): number {
    return this.#pool + this.#input.u32(this.#at(index) + Transaction.dataOffset)
  }

  #hasFlag(at: number, flag: number): boolean {
    return (this.#input.u8(at + Transaction.flags) & flag) !== 0
  }
}
