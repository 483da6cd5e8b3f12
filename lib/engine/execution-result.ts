/** The outcome of executing transactions. */

import { displayAs, label } from '../display.js'
import type { Hex } from '../hex/index.js'
import { toRpcForm } from '../json.js'
import { PackedReader } from '../native/packed-reader.js'
import { BlockOutput } from '../native/wire.js'
import { logColumns, type ResultColumns, receiptColumns } from '../output/columns.js'
import { ExecutionReport } from '../output/execution-report.js'
import { Log } from '../output/log.js'
import { filteredLogs, type LogFilter } from '../output/log-filter.js'
import { type Receipt, readReceipts } from '../output/receipt.js'
import type { ReceiptContext } from '../output/receipt-context.js'
import { StateDiff } from '../output/state-diff.js'
import { ownMembers } from '../own-members.js'

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
 * objects are built when they are looked at. All members are the result's own: spread and
 * `structuredClone` build and copy them.
 */
export class ExecutionResult {
  /** How many transactions ran. */
  readonly transactionCount: number
  /** The gas used by all transactions. */
  readonly gasUsed: bigint
  /** The blob gas used by all transactions (EIP-4844). */
  readonly blobGasUsed: bigint
  /** The bloom filter of all logs, 256 bytes. */
  readonly logsBloom: Hex
  /** A receipt per transaction. */
  declare readonly receipts: readonly Receipt[]
  /** The logs of all transactions. */
  declare readonly logs: Log[]
  /** What changed in the state. */
  declare readonly stateDiff: StateDiff
  /** How the transactions were executed: when, on which worker, how often, and why. */
  declare readonly report: ExecutionReport
  readonly #packed: Uint8Array
  readonly #output: PackedReader
  readonly #context: ReceiptContext
  readonly #policy: string
  #receipts: readonly Receipt[] | undefined
  #logs: Log[] | undefined
  #stateDiff: StateDiff | undefined
  #report: ExecutionReport | undefined

  static readonly #members = ownMembers<ExecutionResult>({
    receipts(result) {
      result.#receipts ??= result.readReceipts(result.#output)
      return result.#receipts
    },
    logs(result) {
      result.#logs ??= result.receipts.flatMap((receipt) => receipt.logs)
      return result.#logs
    },
    stateDiff(result) {
      result.#stateDiff ??= new StateDiff(result.#output)
      return result.#stateDiff
    },
    report(result) {
      result.#report ??= new ExecutionReport(result.#output, result.#policy)
      return result.#report
    },
  })

  /** @internal */
  constructor(packed: Uint8Array, context: ReceiptContext, policy: string) {
    const output = new PackedReader(packed)
    this.transactionCount = output.sectionCount(BlockOutput.receipts)
    this.gasUsed = output.u64(BlockOutput.gasUsed)
    this.blobGasUsed = output.u64(BlockOutput.blobGasUsed)
    this.logsBloom = output.hex(BlockOutput.bloom, 256)
    this.#packed = packed
    this.#output = output
    this.#context = context
    this.#policy = policy
    ExecutionResult.#members(this)
  }

  /**
   * The packed output. Undefined for what has the prototype and was not constructed.
   * @internal
   */
  get packed(): Uint8Array {
    return (#packed in this ? this.#packed : undefined) as Uint8Array
  }

  /** @internal */
  protected get output(): PackedReader {
    return this.#output
  }

  /** @internal */
  protected readReceipts(output: PackedReader): readonly Receipt[] {
    return readReceipts(output, this.#context)
  }

  /**
   * The logs that a filter wants, as `eth_getLogs` of geth understands it: found on the packed bytes, so that
   * objects are made of no others.
   *
   * @throws OptionsError `OPTION_INVALID` where the filter is malformed
   */
  getLogs(filter: LogFilter = {}): Log[] {
    return filteredLogs(this.#output, filter).map(({ logIndex, transactionIndex }) =>
      this.logAt(logIndex, transactionIndex),
    )
  }

  /** @internal */
  protected logAt(logIndex: number, transactionIndex: number): Log {
    return new Log(this.#output, this.#context, logIndex, transactionIndex)
  }

  /**
   * Logs and receipts as columns: typed arrays, made when they are looked at, without a text per field.
   *
   * @param filter which logs are wanted, as {@link getLogs} takes it. Default: all
   * @throws OptionsError `OPTION_INVALID`, looking at `logs`, where the filter is malformed
   */
  toColumns(filter?: LogFilter): ResultColumns {
    const output = this.#output
    const context = this.#context
    return {
      get logs() {
        return logColumns(output, filter)
      },
      get receipts() {
        return receiptColumns(output, context)
      },
    }
  }

  /** The result as JSON-RPC would give it: receipts with their logs, and quantities in hex. */
  toJSON(): object {
    const { gasUsed, blobGasUsed, logsBloom, receipts, stateDiff } = this
    return toRpcForm({ gasUsed, blobGasUsed, logsBloom, receipts, stateDiff }) as object
  }

  static {
    displayAs(ExecutionResult, ({ transactionCount, gasUsed, receipts, logs, stateDiff }) => {
      return { transactionCount, gasUsed, ...countsOf({ receipts, logs, stateDiff }) }
    })
  }
}

/** Lists as how many there are of what: a result is shown on one screen. */
export function countsOf(lists: {
  readonly receipts: readonly Receipt[]
  readonly logs: readonly Log[]
  readonly stateDiff: StateDiff
}): object {
  const { receipts, logs, stateDiff } = lists
  return {
    receipts: label(`${receipts.length} receipts`),
    logs: label(`${logs.length} logs`),
    stateDiff: label(`${stateDiff.size} accounts`),
  }
}
