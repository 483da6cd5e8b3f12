/** The outcome of executing a block, and its comparison with the block's header. */

import { bytesToHex } from '../block/hex.js'
import type { BlockHeader, DecodedBlock, Hex } from '../block/index.js'
import { blobBaseFee, Revision, type Ruleset } from '../chain/index.js'
import { displayAs } from '../display.js'
import { BlockOutput } from '../native/wire.js'
import type { BlockReceiptContext } from '../receipts/context.js'
import { receiptsRootBeforeByzantium } from '../receipts/encoding.js'
import type { BlockLog } from '../receipts/log.js'
import { type BlockReceipt, readBlockReceipts } from '../receipts/receipt.js'
import type { RpcReceipt } from '../receipts/rpc.js'
import {
  type BodyField,
  bodyDifferences,
  difference,
  type FieldDifference,
} from '../validation/index.js'
import { ExecutionResult, type Timings } from './execution-result.js'
import { type Request, readRequests, requestsHash } from './requests.js'

/** The header fields that are compared, and the block's hash where its source claims one. */
export type HeaderCheck =
  | BodyField
  | 'gasUsed'
  | 'blobGasUsed'
  | 'stateRoot'
  | 'logsBloom'
  | 'receiptsRoot'
  | 'requestsHash'

/** A field of the header that is not what the block gives. */
export type HeaderDifference = FieldDifference<HeaderCheck>

const nanosecondsPerMillisecond = 1e6

/** What executing a block gave. */
export class BlockResult extends ExecutionResult {
  readonly #block: DecodedBlock
  readonly #ruleset: Ruleset
  readonly #decodeMilliseconds: number
  readonly #transactionRoots: readonly Uint8Array[] | undefined
  readonly #context: BlockReceiptContext
  #receipts: readonly BlockReceipt[] | undefined
  #logs: readonly BlockLog[] | undefined
  #receiptMilliseconds = 0
  #receiptsRoot: Hex | undefined
  #stateRoot: Hex | undefined
  #differences: readonly HeaderDifference[] | undefined

  /** @internal */
  constructor(
    packed: Uint8Array,
    block: DecodedBlock,
    ruleset: Ruleset,
    decodeMilliseconds: number,
    policy: string,
    transactionRoots?: readonly Uint8Array[],
  ) {
    const context = contextOf(block, ruleset, transactionRoots)
    super(packed, context, policy)
    this.#context = context
    this.#block = block
    this.#ruleset = ruleset
    this.#decodeMilliseconds = decodeMilliseconds
    this.#transactionRoots = transactionRoots
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

  /** A receipt per transaction. */
  override get receipts(): readonly BlockReceipt[] {
    this.#receipts ??= readBlockReceipts(this.output, this.#context)
    return this.#receipts
  }

  /** The logs of all transactions. */
  override get logs(): readonly BlockLog[] {
    this.#logs ??= this.receipts.flatMap((receipt) => receipt.logs)
    return this.#logs
  }

  /** The receipts as JSON-RPC gives them: what a node answers to `eth_getBlockReceipts`. */
  toRpcReceipts(): RpcReceipt[] {
    return this.receipts.map((receipt) => receipt.toRpcReceipt())
  }

  /**
   * The root of the receipts. Before Byzantium receipts hold state roots: it is undefined unless the
   * block was executed with `transactionRoots`.
   */
  get receiptsRoot(): Hex | undefined {
    if (this.#ruleset.revision >= Revision.Byzantium) {
      return this.output.hex(BlockOutput.receiptsRoot, 32)
    }
    const stateRoots = this.#transactionRoots
    if (stateRoots === undefined) return undefined
    this.#receiptsRoot ??= bytesToHex(receiptsRootBeforeByzantium(this.output, stateRoots))
    return this.#receiptsRoot
  }

  /**
   * The root of the state after the block, where it was computed: by `executeBlocks`, or because the
   * block was executed on a `WitnessState`.
   */
  get stateRoot(): Hex | undefined {
    return this.#stateRoot
  }

  /** @internal */
  setStateRoot(root: Hex): void {
    this.#stateRoot = root
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
   * Compares the block and its outcome with everything that the header says; with its state root only
   * where {@link stateRoot} is known.
   * Returns the fields that differ, none where the block is right. What the receipts root before
   * Byzantium (see `transactionRoots`) and the hash of ommers known by hash alone would need may not
   * be there: then they are not compared.
   */
  verify(): readonly HeaderDifference[] {
    if (this.#differences === undefined) {
      const start = performance.now()
      this.#differences = [...this.#compare()]
      this.#receiptMilliseconds = performance.now() - start
    }
    const { stateRoot, header } = this
    return [...this.#differences, ...difference('stateRoot', header.stateRoot, stateRoot)]
  }

  *#compare(): Iterable<HeaderDifference> {
    const { header } = this.#block
    const { revision } = this.#ruleset
    yield* bodyDifferences(this.#block)
    yield* difference('gasUsed', header.gasUsed, this.gasUsed)
    if (revision >= Revision.Cancun) {
      yield* difference('blobGasUsed', header.blobGasUsed, this.blobGasUsed)
    }
    yield* difference('logsBloom', header.logsBloom, this.logsBloom)
    yield* difference('receiptsRoot', header.receiptsRoot, this.receiptsRoot)
    yield* difference('requestsHash', header.requestsHash, this.requestsHash)
  }

  static {
    displayAs(BlockResult, (result) => {
      const { number, hash, hardfork, transactionCount, gasUsed, blobGasUsed } = result
      const { receipts, stateDiff, requests, timings } = result
      const block = { number, hash, hardfork, transactionCount, gasUsed, blobGasUsed }
      return { ...block, receipts, stateDiff, requests, timings }
    })
  }
}

function contextOf(
  block: DecodedBlock,
  { blobSchedule, revision }: Ruleset,
  transactionRoots: readonly Uint8Array[] | undefined,
): BlockReceiptContext {
  const { header, transactions } = block
  return {
    get blockHash() {
      return block.hash
    },
    blockNumber: block.number,
    blockTimestamp: block.timestamp,
    hasStatus: revision >= Revision.Byzantium,
    get blobGasPrice() {
      const { excessBlobGas } = header
      if (blobSchedule === undefined || excessBlobGas === undefined) return undefined
      return blobBaseFee(excessBlobGas, blobSchedule.baseFeeUpdateFraction)
    },
    transactionHash: (index) => transactions.hash(index),
    to: (index) => transactions.to(index),
    stateRoot: (index) => transactionRoots && bytesToHex(transactionRoots[index]),
  }
}
