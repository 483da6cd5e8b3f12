/** Block headers. */

import { demand } from '../arguments.js'
import { displayAs } from '../display.js'
import { bufferOf, bytesToHex, type Hex } from '../hex/index.js'
import { toRpcForm } from '../json.js'
import { keccak256 } from '../native/load.js'
import { ownMembers } from '../own-members.js'
import { RlpReader } from '../rlp/reader.js'

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
 * A block header. Fields that the header's hardfork does not have are undefined. Names are those of
 * execution clients; `ommersHash` and `coinbase` are `sha3Uncles` and `miner` in JSON-RPC. All fields are
 * the header's own: `{ ...header }` and `structuredClone(header)` have them too.
 */
export class BlockHeader {
  /** The parent's hash. */
  declare readonly parentHash: Hex
  /** keccak-256 of the RLP of the list of ommers. */
  declare readonly ommersHash: Hex
  /** Who gets the fees. */
  declare readonly coinbase: Hex
  /** The root of the state after the block. */
  declare readonly stateRoot: Hex
  /** The root of the transactions. */
  declare readonly transactionsRoot: Hex
  /** The root of the receipts. */
  declare readonly receiptsRoot: Hex
  /** The bloom filter of all logs, 256 bytes. */
  declare readonly logsBloom: Hex
  /** The difficulty of the proof of work; 0 from Paris on. */
  declare readonly difficulty: bigint
  /** The block's number. */
  declare readonly number: bigint
  /** The most gas that the transactions may use. */
  declare readonly gasLimit: bigint
  /** The gas that they used. */
  declare readonly gasUsed: bigint
  /** In seconds since 1970. */
  declare readonly timestamp: bigint
  /** What the proposer wrote into the block. */
  declare readonly extraData: Hex
  /** The mix of the proof of work; the beacon chain's randomness from Paris on (EIP-4399). */
  declare readonly mixHash: Hex
  /** The nonce of the proof of work, 8 bytes. */
  declare readonly nonce: Hex
  /** From London on (EIP-1559), in wei. */
  declare readonly baseFeePerGas: bigint | undefined
  /** From Shanghai on (EIP-4895). */
  declare readonly withdrawalsRoot: Hex | undefined
  /** From Cancun on (EIP-4844). */
  declare readonly blobGasUsed: bigint | undefined
  /** From Cancun on (EIP-4844). */
  declare readonly excessBlobGas: bigint | undefined
  /** From Cancun on (EIP-4788). */
  declare readonly parentBeaconBlockRoot: Hex | undefined
  /** From Prague on (EIP-7685). */
  declare readonly requestsHash: Hex | undefined
  /** The block's hash: keccak-256 of the header's RLP. */
  declare readonly hash: Hex
  readonly #encoded: Uint8Array
  /** Starts and ends of the fields' payloads in {@link encoded}. */
  readonly #ranges: Uint16Array
  #hash: Hex | undefined

  static readonly #members = ownMembers<BlockHeader>({
    hash(header) {
      header.#hash ??= bytesToHex(keccak256(header.#encoded))
      return header.#hash
    },
  })

  private constructor(encoded: Uint8Array, ranges: Uint16Array, numbers: HeaderNumbers) {
    // One call for all: each costs more than the digits of a hash.
    const digits = bufferOf(encoded).toString('hex')
    const hex = (field: number): Hex =>
      `0x${digits.slice(2 * ranges[2 * field], 2 * ranges[2 * field + 1])}`
    // No payload starts at 0: a list header lies before it.
    const optionalHex = (field: number) => (ranges[2 * field] === 0 ? undefined : hex(field))
    this.parentHash = hex(Field.parentHash)
    this.ommersHash = hex(Field.ommersHash)
    this.coinbase = hex(Field.coinbase)
    this.stateRoot = hex(Field.stateRoot)
    this.transactionsRoot = hex(Field.transactionsRoot)
    this.receiptsRoot = hex(Field.receiptsRoot)
    this.logsBloom = hex(Field.logsBloom)
    this.difficulty = numbers.difficulty
    this.number = numbers.number
    this.gasLimit = numbers.gasLimit
    this.gasUsed = numbers.gasUsed
    this.timestamp = numbers.timestamp
    this.extraData = hex(Field.extraData)
    this.mixHash = hex(Field.mixHash)
    this.nonce = hex(Field.nonce)
    this.baseFeePerGas = numbers.baseFeePerGas
    this.withdrawalsRoot = optionalHex(Field.withdrawalsRoot)
    this.blobGasUsed = numbers.blobGasUsed
    this.excessBlobGas = numbers.excessBlobGas
    this.parentBeaconBlockRoot = optionalHex(Field.parentBeaconBlockRoot)
    this.requestsHash = optionalHex(Field.requestsHash)
    this.#encoded = encoded
    this.#ranges = ranges
    BlockHeader.#members(this)
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

  /** The RLP of the header. It does not show: the fields say the same. */
  get encoded(): Uint8Array {
    return this.#encoded
  }

  /**
   * The bytes of a field, in place; undefined where the header does not have it.
   * @internal
   */
  bytesOf(name: FieldName): Uint8Array | undefined {
    const at = 2 * Field[name]
    const start = this.#ranges[at]
    return start === 0 ? undefined : this.#encoded.subarray(start, this.#ranges[at + 1])
  }

  /** The header as JSON-RPC gives it, without the members that its hardfork does not have. */
  toJSON(): object {
    const { ommersHash, coinbase, ...others } = this
    return toRpcForm({ ...others, sha3Uncles: ommersHash, miner: coinbase }) as object
  }

  static {
    displayAs(BlockHeader, (header) => ({ ...header }))
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
