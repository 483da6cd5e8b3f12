/** Block headers. */

import { demand } from '../arguments.js'
import { displayAs } from '../display.js'
import { keccak256 } from '../native/load.js'
import { RlpReader } from '../rlp/reader.js'
import { bufferOf, bytesToHex } from './hex.js'
import type { Hex } from './types.js'

/** Positions of the fields in a header's list. */
const Field = {
  parentHash: 0,
  ommersHash: 1,
  coinbase: 2,
  stateRoot: 3,
  transactionsRoot: 4,
  receiptsRoot: 5,
  logsBloom: 6,
  difficulty: 7,
  number: 8,
  gasLimit: 9,
  gasUsed: 10,
  timestamp: 11,
  extraData: 12,
  mixHash: 13,
  nonce: 14,
  baseFeePerGas: 15,
  withdrawalsRoot: 16,
  blobGasUsed: 17,
  excessBlobGas: 18,
  parentBeaconBlockRoot: 19,
  requestsHash: 20,
} as const

type FieldName = keyof typeof Field

/** How a field is written: bytes of a fixed size, bytes of any, or a number of a largest size. */
type FieldForm = { size: number } | { maxBytes: number } | 'bytes'

const hash: FieldForm = { size: 32 }
const uint64: FieldForm = { maxBytes: 8 }
const uint256: FieldForm = { maxBytes: 32 }

/** Names and forms in the order of the list. */
const fields: readonly (readonly [FieldName, FieldForm])[] = [
  ['parentHash', hash],
  ['ommersHash', hash],
  ['coinbase', { size: 20 }],
  ['stateRoot', hash],
  ['transactionsRoot', hash],
  ['receiptsRoot', hash],
  ['logsBloom', { size: 256 }],
  ['difficulty', uint256],
  ['number', uint64],
  ['gasLimit', uint64],
  ['gasUsed', uint64],
  ['timestamp', uint64],
  ['extraData', 'bytes'],
  ['mixHash', hash],
  ['nonce', { size: 8 }],
  ['baseFeePerGas', uint256],
  ['withdrawalsRoot', hash],
  ['blobGasUsed', uint64],
  ['excessBlobGas', uint64],
  ['parentBeaconBlockRoot', hash],
  ['requestsHash', hash],
]

/** The fields of Frontier. */
const minFields = 15

/** Headers end after one of these numbers of fields: Cancun added three at once. */
const fieldCounts: ReadonlySet<number> = new Set([15, 16, 17, 20, 21])

/**
 * A block header. Numbers are read at once, hashes when they are asked for. Fields that the header's
 * hardfork does not have are undefined. Names are those of execution clients; `ommersHash` and
 * `coinbase` are `sha3Uncles` and `miner` in JSON-RPC.
 */
export class BlockHeader {
  /** The RLP of the header. */
  readonly encoded: Uint8Array
  /** The block's number. */
  readonly number: bigint
  /** In seconds since 1970. */
  readonly timestamp: bigint
  /** The most gas that the transactions may use. */
  readonly gasLimit: bigint
  /** The gas that they used. */
  readonly gasUsed: bigint
  /** The difficulty of the proof of work; 0 from Paris on. */
  readonly difficulty: bigint
  /** From London on (EIP-1559), in wei. */
  readonly baseFeePerGas: bigint | undefined
  /** From Cancun on (EIP-4844). */
  readonly blobGasUsed: bigint | undefined
  /** From Cancun on (EIP-4844). */
  readonly excessBlobGas: bigint | undefined
  readonly #text: Buffer
  /** Starts and ends of the fields' payloads in {@link encoded}. */
  readonly #ranges: Uint16Array
  #hash: Hex | undefined

  private constructor(encoded: Uint8Array, ranges: Uint16Array, numbers: HeaderNumbers) {
    this.encoded = encoded
    this.#text = bufferOf(encoded)
    this.#ranges = ranges
    this.number = numbers.number
    this.timestamp = numbers.timestamp
    this.gasLimit = numbers.gasLimit
    this.gasUsed = numbers.gasUsed
    this.difficulty = numbers.difficulty
    this.baseFeePerGas = numbers.baseFeePerGas
    this.blobGasUsed = numbers.blobGasUsed
    this.excessBlobGas = numbers.excessBlobGas
  }

  /**
   * Reads the next item as a header; its bytes are borrowed.
   *
   * @throws BlockDecodeError naming the field, after `prefix`
   * @internal
   */
  static read(reader: RlpReader, prefix = ''): BlockHeader {
    const start = reader.position
    const name = prefix === '' ? 'header' : prefix
    const outer = reader.enter(name)
    const end = reader.limit
    if (end - start > maxEncodedSize) throw reader.fail('DECODE_SOURCE_TOO_LARGE', name)
    const ranges = new Uint16Array(2 * fields.length)
    const numbers: Partial<Record<FieldName, bigint>> = {}
    let count = 0
    for (; !reader.done || count < minFields; count++) {
      if (count === fields.length) throw reader.fail('DECODE_RLP_TRAILING', name)
      const [fieldName, form] = fields[count]
      const place = prefix === '' ? fieldName : `${prefix}.${fieldName}`
      if (form === 'bytes') reader.string(place)
      else if ('size' in form) reader.sized(place, form.size)
      else numbers[fieldName] = reader.bigint(place, form.maxBytes)
      ranges[2 * count] = reader.start - start
      ranges[2 * count + 1] = reader.end - start
    }
    if (!fieldCounts.has(count)) throw reader.fail('DECODE_FIELD_MISSING', name, { actual: count })
    reader.leave(name, outer)
    const encoded = reader.bytes.subarray(start, end)
    return new BlockHeader(encoded, ranges, numbers as HeaderNumbers)
  }

  /**
   * Reads a header from the RLP that is exactly these bytes, which are kept and must not change.
   *
   * @throws BlockDecodeError `DECODE_…` with the field and the offset
   */
  static decode(encoded: Uint8Array): BlockHeader {
    demand(encoded instanceof Uint8Array, 'encoded', 'a Uint8Array', encoded)
    const reader = new RlpReader(encoded)
    const header = BlockHeader.read(reader)
    if (!reader.done) throw reader.fail('DECODE_RLP_TRAILING', 'header')
    return header
  }

  /** The block's hash: keccak-256 of the header's RLP. */
  get hash(): Hex {
    this.#hash ??= bytesToHex(keccak256(this.encoded))
    return this.#hash
  }

  /** The parent's hash. */
  get parentHash(): Hex {
    return this.#hex(Field.parentHash)
  }

  /** keccak-256 of the RLP of the list of ommers. */
  get ommersHash(): Hex {
    return this.#hex(Field.ommersHash)
  }

  /** Who gets the fees. */
  get coinbase(): Hex {
    return this.#hex(Field.coinbase)
  }

  /** The root of the state after the block. */
  get stateRoot(): Hex {
    return this.#hex(Field.stateRoot)
  }

  /** The root of the transactions. */
  get transactionsRoot(): Hex {
    return this.#hex(Field.transactionsRoot)
  }

  /** The root of the receipts. */
  get receiptsRoot(): Hex {
    return this.#hex(Field.receiptsRoot)
  }

  /** The bloom filter of all logs, 256 bytes. */
  get logsBloom(): Hex {
    return this.#hex(Field.logsBloom)
  }

  /** What the proposer wrote into the block. */
  get extraData(): Hex {
    return this.#hex(Field.extraData)
  }

  /** The mix of the proof of work; the beacon chain's randomness from Paris on (EIP-4399). */
  get mixHash(): Hex {
    return this.#hex(Field.mixHash)
  }

  /** The nonce of the proof of work, 8 bytes. */
  get nonce(): Hex {
    return this.#hex(Field.nonce)
  }

  /** From Shanghai on (EIP-4895). */
  get withdrawalsRoot(): Hex | undefined {
    return this.#optionalHex(Field.withdrawalsRoot)
  }

  /** From Cancun on (EIP-4788). */
  get parentBeaconBlockRoot(): Hex | undefined {
    return this.#optionalHex(Field.parentBeaconBlockRoot)
  }

  /** From Prague on (EIP-7685). */
  get requestsHash(): Hex | undefined {
    return this.#optionalHex(Field.requestsHash)
  }

  /**
   * The bytes of a field, in place; undefined where the header does not have it.
   * @internal
   */
  bytesOf(name: FieldName): Uint8Array | undefined {
    const at = 2 * Field[name]
    const start = this.#ranges[at]
    return start === 0 ? undefined : this.encoded.subarray(start, this.#ranges[at + 1])
  }

  #hex(field: number): Hex {
    return `0x${this.#text.toString('hex', this.#ranges[2 * field], this.#ranges[2 * field + 1])}`
  }

  #optionalHex(field: number): Hex | undefined {
    // No payload starts at 0: a list header lies before it.
    return this.#ranges[2 * field] === 0 ? undefined : this.#hex(field)
  }

  static {
    displayAs(BlockHeader, (header) => ({
      hash: header.hash,
      ...Object.fromEntries(fields.map(([name]) => [name, header[name]])),
    }))
  }
}

interface HeaderNumbers {
  readonly number: bigint
  readonly timestamp: bigint
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  readonly difficulty: bigint
  readonly baseFeePerGas?: bigint
  readonly blobGasUsed?: bigint
  readonly excessBlobGas?: bigint
}

/** Largest header that is read; extra data, 32 bytes by consensus, is all that could make it grow. */
const maxEncodedSize = 0xffff
