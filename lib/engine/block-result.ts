/** The outcome of executing a block, and its comparison with the block's header. */

import { bytesToHex } from '../block/hex.js'
import type { BlockHeader, DecodedBlock, Hex } from '../block/index.js'
import { blobBaseFee, Revision, type Ruleset } from '../chain/index.js'
import { type BraidError, errorFor } from '../errors.js'
import { keccak256 } from '../native/load.js'
import { BlockOutput } from '../native/wire.js'
import { receiptsRoot } from '../receipts/encoding.js'
import type { ReceiptContext } from '../receipts/receipt.js'
import { listRoot } from '../trie/list-root.js'
import { ExecutionResult, type Timings } from './execution-result.js'
import { type Request, readRequests, requestsHash } from './requests.js'

/** The header fields that are compared, and the block's hash where its source claims one. */
export type HeaderCheck =
  | 'hash'
  | 'transactionsRoot'
  | 'ommersHash'
  | 'withdrawalsRoot'
  | 'gasUsed'
  | 'blobGasUsed'
  | 'logsBloom'
  | 'receiptsRoot'
  | 'requestsHash'

/** A field of the header that is not what the block gives. */
export interface HeaderDifference {
  readonly field: HeaderCheck
  /** What decoding or executing the block gives. */
  readonly expected: Hex | bigint
  /** What the header says. */
  readonly actual: Hex | bigint
}

/** The error that a difference is. */
export function differenceError({ field, expected, actual }: HeaderDifference): BraidError {
  return errorFor('BLOCK_FIELD_MISMATCH', { field, expected, actual })
}

const nanosecondsPerMillisecond = 1e6

/** What executing a block gave. */
export class BlockResult extends ExecutionResult {
  readonly #block: DecodedBlock
  readonly #ruleset: Ruleset
  readonly #decodeMilliseconds: number
  #receiptMilliseconds = 0
  #receiptsRoot: Hex | undefined
  #differences: readonly HeaderDifference[] | undefined

  /** @internal */
  constructor(
    packed: Uint8Array,
    block: DecodedBlock,
    ruleset: Ruleset,
    decodeMilliseconds: number,
    policy: string,
  ) {
    super(packed, contextOf(block, ruleset), policy)
    this.#block = block
    this.#ruleset = ruleset
    this.#decodeMilliseconds = decodeMilliseconds
  }

  /** The block's header. */
  get header(): BlockHeader {
    return this.#block.header
  }

  /** The block's number. */
  get number(): bigint {
    return this.#block.number
  }

  /** The block's hash. */
  get hash(): Hex {
    return this.#block.hash
  }

  /** The hardfork that the block was executed under, as `@ethereumjs/common` names it. */
  get hardfork(): string {
    return this.#ruleset.hardfork
  }

  /** The root of the receipts; undefined before Byzantium, where receipts hold state roots. */
  get receiptsRoot(): Hex | undefined {
    if (this.#ruleset.revision < Revision.Byzantium) return undefined
    this.#receiptsRoot ??= bytesToHex(receiptsRoot(this.output))
    return this.#receiptsRoot
  }

  /** The requests to the consensus layer (EIP-7685); empty before Prague. */
  get requests(): readonly Request[] {
    return readRequests(this.output)
  }

  /** The hash of the requests; undefined before Prague. */
  get requestsHash(): Hex | undefined {
    if (this.#ruleset.revision < Revision.Prague) return undefined
    return bytesToHex(requestsHash(this.output))
  }

  /** Where the time went. */
  get timings(): Timings {
    const { output } = this
    return {
      decode: this.#decodeMilliseconds,
      senders: output.u64AsNumber(BlockOutput.sendersNanoseconds) / nanosecondsPerMillisecond,
      execute: output.u64AsNumber(BlockOutput.executeNanoseconds) / nanosecondsPerMillisecond,
      receipts: this.#receiptMilliseconds,
    }
  }

  /**
   * Compares the block and its outcome with everything that the header says but the state root.
   * Returns the fields that differ, none where the block is right. What the pre-Byzantium receipts
   * root and the hash of ommers known by hash alone would need is not there: they are not compared.
   */
  verify(): readonly HeaderDifference[] {
    if (this.#differences === undefined) {
      const start = performance.now()
      this.#differences = [...this.#compare()]
      this.#receiptMilliseconds = performance.now() - start
    }
    return this.#differences
  }

  *#compare(): Iterable<HeaderDifference> {
    const { header, transactions, withdrawals, ommersEncoding, missingOmmers, claimedHash } =
      this.#block
    const { revision } = this.#ruleset
    if (claimedHash !== undefined) yield* differing('hash', claimedHash, header.hash)
    const transactionsRoot = bytesToHex(listRoot(transactions.encodings.toArray()))
    yield* differing('transactionsRoot', transactionsRoot, header.transactionsRoot)
    if (missingOmmers === 0) {
      yield* differing('ommersHash', bytesToHex(keccak256(ommersEncoding)), header.ommersHash)
    }
    if (withdrawals !== undefined) {
      const withdrawalsRoot = bytesToHex(listRoot(withdrawals.encodings.toArray()))
      yield* differing('withdrawalsRoot', withdrawalsRoot, header.withdrawalsRoot)
    }
    yield* differing('gasUsed', this.gasUsed, header.gasUsed)
    if (revision >= Revision.Cancun) {
      yield* differing('blobGasUsed', this.blobGasUsed, header.blobGasUsed)
    }
    yield* differing('logsBloom', this.logsBloom, header.logsBloom)
    yield* differing('receiptsRoot', this.receiptsRoot, header.receiptsRoot)
    yield* differing('requestsHash', this.requestsHash, header.requestsHash)
  }
}

/** A difference, where there is one. Which fields a header has was checked when it was packed. */
function* differing(
  field: HeaderCheck,
  expected: Hex | bigint | undefined,
  actual: Hex | bigint | undefined,
): Iterable<HeaderDifference> {
  if (expected === undefined || actual === undefined || expected === actual) return
  yield { field, expected, actual }
}

function contextOf(block: DecodedBlock, { blobSchedule }: Ruleset): ReceiptContext {
  const { header, transactions } = block
  return {
    get blockHash() {
      return block.hash
    },
    blockNumber: block.number,
    get blobGasPrice() {
      const { excessBlobGas } = header
      if (blobSchedule === undefined || excessBlobGas === undefined) return undefined
      return blobBaseFee(excessBlobGas, blobSchedule.baseFeeUpdateFraction)
    },
    transactionHash: (index) => transactions.hash(index),
    to: (index) => transactions.to(index),
  }
}
