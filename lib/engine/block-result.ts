/** The outcome of executing a block, and its comparison with the block's header. */

import type { BlockHeader, DecodedBlock } from '../block/index.js'
import { blobBaseFee, Revision, type Ruleset } from '../chain/index.js'
import { displayAs, label } from '../display.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { toRpcForm } from '../json.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput } from '../native/wire.js'
import { BlockLog } from '../output/log.js'
import type { LogFilter } from '../output/log-filter.js'
import { type BlockReceipt, readBlockReceipts } from '../output/receipt.js'
import type { BlockReceiptContext } from '../output/receipt-context.js'
import { receiptsRootBeforeByzantium } from '../output/receipt-encoding.js'
import { type Request, readRequests, requestsHash } from '../output/requests.js'
import type { RpcReceipt } from '../output/rpc-receipts.js'
import { ownMembers } from '../own-members.js'
import {
  type BodyField,
  bodyDifferences,
  difference,
  type FieldDifference,
} from '../validation/index.js'
import { countsOf, ExecutionResult, type Timings } from './execution-result.js'

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

/** The fields of a header that differ: none where the block is right as far as it could be compared. */
export interface HeaderVerification extends ReadonlyArray<HeaderDifference> {
  /** Fields of the header that were not compared, for want of what they follow from. */
  readonly unchecked: readonly HeaderCheck[]
}

const nanosecondsPerMillisecond = 1e6

/** What executing a block gave. */
export class BlockResult extends ExecutionResult {
  /** The block's number. */
  readonly number: bigint
  /** The hardfork that the block was executed under, as `@ethereumjs/common` names it. */
  readonly hardfork: string
  /** The block's header. */
  readonly header: BlockHeader
  /**
   * The root of the receipts. Before Byzantium receipts hold state roots: it is undefined unless the
   * block was executed with `transactionRoots`.
   */
  readonly receiptsRoot: Hex | undefined
  /**
   * The root of the state after the block, where it was computed: by `executeBlocks`, or because the
   * block was executed on a `WitnessState`.
   */
  readonly stateRoot: Hex | undefined
  /** The requests to the consensus layer (EIP-7685); empty before Prague. */
  readonly requests: readonly Request[]
  /** Where the time went. */
  readonly timings: Timings
  /** The block's hash. */
  declare readonly hash: Hex
  /** The hash of the requests; undefined before Prague. */
  declare readonly requestsHash: Hex | undefined
  /** A receipt per transaction. */
  declare readonly receipts: readonly BlockReceipt[]
  /** The logs of all transactions. */
  declare readonly logs: BlockLog[]
  readonly #block: DecodedBlock
  readonly #ruleset: Ruleset
  readonly #context: BlockReceiptContext
  readonly #transactionRoots: readonly Uint8Array[] | undefined
  readonly #policy: string
  #differences: readonly HeaderDifference[] | undefined

  static readonly #members = ownMembers<BlockResult>({
    hash: ({ header }) => header.hash,
    requestsHash: (result) =>
      result.#ruleset.revision < Revision.Prague
        ? undefined
        : bytesToHex(requestsHash(result.output)),
  })

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
    this.number = block.number
    this.hardfork = ruleset.hardfork
    this.header = block.header
    this.receiptsRoot = rootOfReceipts(this.output, ruleset, transactionRoots)
    this.stateRoot = undefined
    this.requests = readRequests(this.output)
    this.timings = timingsOf(this.output, decodeMilliseconds)
    this.#context = context
    this.#transactionRoots = transactionRoots
    this.#policy = policy
    this.#block = block
    this.#ruleset = ruleset
    BlockResult.#members(this)
  }

  /** @internal The block that was executed. */
  get block(): DecodedBlock {
    return this.#block
  }

  /** @internal The same outcome of a block that differs in what its header says of it. */
  ofBlock(block: DecodedBlock): BlockResult {
    const { packed, timings, stateRoot } = this
    const roots = this.#transactionRoots
    const made = new BlockResult(packed, block, this.#ruleset, timings.decode, this.#policy, roots)
    if (stateRoot !== undefined) made.setStateRoot(stateRoot)
    return made
  }

  /** @internal */
  protected override readReceipts(output: PackedReader): readonly BlockReceipt[] {
    return readBlockReceipts(output, this.#context)
  }

  /** The logs that a filter wants: see {@link ExecutionResult.getLogs}. */
  override getLogs(filter?: LogFilter): BlockLog[] {
    return super.getLogs(filter) as BlockLog[]
  }

  /** @internal */
  protected override logAt(logIndex: number, transactionIndex: number): BlockLog {
    return new BlockLog(this.output, this.#context, logIndex, transactionIndex)
  }

  /** The receipts as JSON-RPC gives them: what a node answers to `eth_getBlockReceipts`. */
  toRpcReceipts(): RpcReceipt[] {
    return this.receipts.map((receipt) => receipt.toRpcReceipt())
  }

  /** @internal */
  setStateRoot(root: Hex): void {
    Object.assign(this, { stateRoot: root })
  }

  /**
   * Compares the block and its outcome with everything that the header says. Returns the fields that
   * differ, none where the block is right, and as their `unchecked` those that could not be compared:
   * the state root where {@link stateRoot} is not known, the receipts root before Byzantium without
   * `transactionRoots`, the hash of ommers that are known by hash alone.
   */
  verify(): HeaderVerification {
    if (this.#differences === undefined) {
      const start = performance.now()
      this.#differences = [...this.#compare()]
      // Where the caller froze the result, it stays as it was.
      Reflect.set(this.timings, 'receipts', performance.now() - start)
    }
    const { stateRoot, header } = this
    const last = difference('stateRoot', header.stateRoot, stateRoot)
    return Object.assign([...this.#differences, ...last], { unchecked: this.#unchecked() })
  }

  #unchecked(): HeaderCheck[] {
    const unchecked: HeaderCheck[] = []
    if (this.#block.missingOmmers > 0) unchecked.push('ommersHash')
    if (this.receiptsRoot === undefined) unchecked.push('receiptsRoot')
    if (this.stateRoot === undefined) unchecked.push('stateRoot')
    return unchecked
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

  /** The result as JSON-RPC would give it: header, receipts with their logs, quantities in hex. */
  override toJSON(): object {
    const { hash, number, hardfork, header, stateRoot, receiptsRoot, requestsHash } = this
    const roots = { stateRoot, receiptsRoot, requestsHash }
    const { requests, timings } = this
    const block = toRpcForm({ hash, number, hardfork, header, ...roots, requests, timings })
    return { ...(block as object), ...super.toJSON() }
  }

  static {
    displayAs(BlockResult, (result) => {
      const { number, hash, hardfork, transactionCount, gasUsed, blobGasUsed } = result
      const { requests, timings } = result
      const block = { number, hash, hardfork, transactionCount, gasUsed, blobGasUsed }
      return {
        ...block,
        ...countsOf(result),
        requests: label(`${requests.length} requests`),
        timings,
      }
    })
  }
}

function rootOfReceipts(
  output: PackedReader,
  { revision }: Ruleset,
  stateRoots: readonly Uint8Array[] | undefined,
): Hex | undefined {
  if (revision >= Revision.Byzantium) return output.hex(BlockOutput.receiptsRoot, 32)
  return stateRoots && bytesToHex(receiptsRootBeforeByzantium(output, stateRoots))
}

function timingsOf(output: PackedReader, decode: number): Timings {
  return {
    decode,
    senders: output.u64AsNumber(BlockOutput.sendersNanoseconds) / nanosecondsPerMillisecond,
    execute: output.u64AsNumber(BlockOutput.executeNanoseconds) / nanosecondsPerMillisecond,
    receipts: 0,
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
