/** A block, decoded into packed form. */

import { bufferOf, type Hex } from '../hex/index.js'
import { keccak256Batch } from '../native/load.js'
import { BlockInput, Transaction, TransactionFlag } from '../native/wire.js'
import { RlpReader } from '../rlp/reader.js'
import type { EncodedList } from './encoded-list.js'
import type { BlockHeader } from './header.js'
import type { AssembledInput } from './input-assembly.js'
import type { TransactionNames } from './transaction-names.js'
import type { Withdrawal } from './types.js'

/** The transactions of a block. Nothing is built until it is looked at. */
export class TransactionList {
  readonly length: number
  /** What the transactions trie holds: an RLP list, or type byte and list (EIP-2718). */
  readonly encodings: EncodedList
  readonly #records: Buffer
  #hashes: Hex[] | undefined

  /** @param input holds the records at the start, as {@link AssembledInput} has them */
  constructor(encodings: EncodedList, input: AssembledInput) {
    this.encodings = encodings
    this.length = encodings.length
    this.#records = bufferOf(input.bytes)
  }

  /** The type byte; 0 for legacy transactions. */
  type(index: number): number {
    return this.#records[this.#record(index) + Transaction.type]
  }

  /** The recipient; null where a contract is created. */
  to(index: number): Hex | null {
    const at = this.#record(index)
    if ((this.#records[at + Transaction.flags] & TransactionFlag.HasTo) === 0) return null
    return `0x${this.#records.toString('hex', at + Transaction.to, at + Transaction.to + 20)}`
  }

  /** The sender's nonce. */
  nonce(index: number): bigint {
    return this.#records.readBigUInt64LE(this.#record(index) + Transaction.nonce)
  }

  /** The transaction's hash. The first call hashes all of them in one batch. */
  hash(index: number): Hex {
    this.#check(index)
    return this.hashes[index]
  }

  /** The hashes of all transactions. */
  get hashes(): readonly Hex[] {
    if (this.#hashes === undefined) {
      const { pool, offsets } = this.encodings.concatenated()
      const out = Buffer.alloc(32 * this.length)
      keccak256Batch(pool, offsets, out)
      this.#hashes = Array.from(
        { length: this.length },
        (_, i): Hex => `0x${out.toString('hex', 32 * i, 32 * i + 32)}`,
      )
    }
    return this.#hashes
  }

  #record(index: number): number {
    this.#check(index)
    return BlockInput.SIZE + index * Transaction.SIZE
  }

  #check(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`no transaction ${index}`)
  }
}

/** The withdrawals of a block (EIP-4895). */
export class WithdrawalList {
  readonly length: number
  /** What the withdrawals trie holds. */
  readonly encodings: EncodedList

  constructor(encodings: EncodedList) {
    this.encodings = encodings
    this.length = encodings.length
  }

  /** One withdrawal. */
  at(index: number): Withdrawal {
    const reader = new RlpReader(this.encodings.at(index))
    reader.enter('withdrawal')
    const position = reader.bigint('index', 8)
    const validatorIndex = reader.bigint('validatorIndex', 8)
    reader.sized('address', 20)
    const address: Hex = `0x${bufferOf(reader.payload()).toString('hex')}`
    return { index: position, validatorIndex, address, amount: reader.bigint('amount', 8) }
  }

  *[Symbol.iterator](): Generator<Withdrawal> {
    for (let i = 0; i < this.length; i++) yield this.at(i)
  }
}

/** What decoding finds beside the packed transactions. */
export interface BlockParts {
  readonly size: number
  readonly header: BlockHeader
  readonly transactions: EncodedList
  /** Undefined for blocks without a list of withdrawals. */
  readonly withdrawals: EncodedList | undefined
  readonly ommers: readonly BlockHeader[]
  readonly ommersEncoding: Uint8Array
  readonly missingOmmers: number
  readonly claimedHash: Hex | undefined
  readonly names: TransactionNames
  readonly input: AssembledInput
  readonly systemInputsOffset: number
}

/** A block, decoded once: its header, and its transactions in the form that they are executed in. */
export class DecodedBlock {
  /** The size of the block's RLP, in bytes. Ommers that are {@link missingOmmers} are not in it. */
  readonly size: number
  readonly header: BlockHeader
  readonly transactions: TransactionList
  /** Undefined for blocks without a list of withdrawals, which all are before Shanghai. */
  readonly withdrawals: WithdrawalList | undefined
  /** The ommers whose headers are known. */
  readonly ommers: readonly BlockHeader[]
  /** The RLP of the list of {@link ommers}: its keccak-256 is the header's ommersHash. */
  readonly ommersEncoding: Uint8Array
  /**
   * How many ommers a JSON-RPC block named by hash alone. Where there are any, the rewards for ommers
   * cannot be paid, and {@link ommersEncoding} is incomplete.
   */
  readonly missingOmmers: number
  /** The hash that a JSON-RPC block says it has: to be compared with the header's. */
  readonly claimedHash: Hex | undefined
  /** What the block's source calls the fields of transactions. */
  readonly names: TransactionNames
  /** Where in the pool the inputs of system calls lie: the parent's hash, the beacon block's root. */
  readonly systemInputsOffset: number
  readonly #input: AssembledInput
  #inputTaken = false

  constructor(parts: BlockParts) {
    this.size = parts.size
    this.header = parts.header
    this.transactions = new TransactionList(parts.transactions, parts.input)
    this.withdrawals = parts.withdrawals && new WithdrawalList(parts.withdrawals)
    this.ommers = parts.ommers
    this.ommersEncoding = parts.ommersEncoding
    this.missingOmmers = parts.missingOmmers
    this.claimedHash = parts.claimedHash
    this.names = parts.names
    this.systemInputsOffset = parts.systemInputsOffset
    this.#input = parts.input
  }

  get number(): bigint {
    return this.header.number
  }

  get timestamp(): bigint {
    return this.header.timestamp
  }

  /** The block's hash, computed from the header. */
  get hash(): Hex {
    return this.header.hash
  }

  /**
   * The packed block without its context, to be completed in place. The first caller gets the
   * block's own buffer, the next ones copies: a completed input may still be in use.
   */
  takeInput(): AssembledInput {
    const input = this.#input
    if (!this.#inputTaken) {
      this.#inputTaken = true
      return input
    }
    return { bytes: input.bytes.slice(), end: input.end }
  }
}
