/** The outcome of executing transactions. */

import type { Hex } from '../block/types.js'
import { displayAs } from '../display.js'
import { PackedReader } from '../native/packed-reader.js'
import { BlockOutput } from '../native/wire.js'
import type { ReceiptContext } from '../receipts/context.js'
import type { Log } from '../receipts/log.js'
import { type Receipt, readReceipts } from '../receipts/receipt.js'
import { ExecutionReport } from '../report/execution-report.js'
import { StateDiff } from './state-diff.js'

/** Where the time of an execution went, in milliseconds. */
export interface Timings {
  /** Decoding the block and packing it, on the JavaScript thread. */
  readonly decode: number
  /** Until all senders are recovered from the signatures; several threads execute meanwhile. */
  readonly senders: number
  /** Executing, from then on: up to the root of the receipts. */
  readonly execute: number
  /** Header checks with the roots that they need, on the JavaScript thread. */
  readonly receipts: number
}

/**
 * What executing transactions gave. The data stays in the packed form that the native engine made;
 * objects are built when they are looked at.
 */
export class ExecutionResult {
  /**
   * The packed output.
   * @internal
   */
  readonly packed: Uint8Array
  /** @internal */
  protected readonly output: PackedReader
  readonly #context: ReceiptContext
  readonly #policy: string
  #receipts: readonly Receipt[] | undefined
  #logs: readonly Log[] | undefined
  #report: ExecutionReport | undefined

  /** @internal */
  constructor(packed: Uint8Array, context: ReceiptContext, policy: string) {
    this.packed = packed
    this.output = new PackedReader(packed)
    this.#context = context
    this.#policy = policy
  }

  /** How many transactions ran. */
  get transactionCount(): number {
    return this.output.sectionCount(BlockOutput.receipts)
  }

  /** The gas used by all transactions. */
  get gasUsed(): bigint {
    return this.output.u64(BlockOutput.gasUsed)
  }

  /** The blob gas used by all transactions (EIP-4844). */
  get blobGasUsed(): bigint {
    return this.output.u64(BlockOutput.blobGasUsed)
  }

  /** The bloom filter of all logs, 256 bytes. */
  get logsBloom(): Hex {
    return this.output.hex(BlockOutput.bloom, 256)
  }

  /** A receipt per transaction. */
  get receipts(): readonly Receipt[] {
    this.#receipts ??= readReceipts(this.output, this.#context)
    return this.#receipts
  }

  /** The logs of all transactions. */
  get logs(): readonly Log[] {
    this.#logs ??= this.receipts.flatMap((receipt) => receipt.logs)
    return this.#logs
  }

  /** What changed in the state. */
  get stateDiff(): StateDiff {
    return new StateDiff(this.output)
  }

  /** How the transactions were executed: when, on which worker, how often, and why. */
  get report(): ExecutionReport {
    this.#report ??= new ExecutionReport(this.output, this.#policy)
    return this.#report
  }

  static {
    displayAs(ExecutionResult, ({ transactionCount, gasUsed, receipts, stateDiff }) => {
      return { transactionCount, gasUsed, receipts, stateDiff }
    })
  }
}
