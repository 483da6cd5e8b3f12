/** What a policy learns of a block after it was executed, read in place from the packed output. */

import type { Hex } from '../hex/index.js'
import { PackedReader } from '../native/packed-reader.js'
import {
  BlockOutput,
  Conflict,
  LocationKind,
  Receipt,
  RunFlag,
  TransactionRun,
} from '../native/wire.js'
import { ExecutionReport } from '../output/execution-report.js'
import { checkIndex } from './check-index.js'
import { keyOfWords } from './key.js'

/** How a block went. Like the summary it reads the packed form in place. */
export interface ExecutionFeedback {
  /** How many workers the block had; 1: one transaction ran after another. */
  readonly workers: number
  /** How the transactions went. */
  readonly transactions: TransactionFeedback
  /** The runs that were in vain. */
  readonly conflicts: ConflictFeedback
  /** The same and more, as the block's result has it: objects, made when they are looked at. */
  readonly report: ExecutionReport
}

/** How the transactions went, by index from 0. Indexes must be in range. */
export interface TransactionFeedback {
  /** How many transactions there are. */
  readonly length: number
  /** The gas that the transaction used. */
  gasUsed(index: number): number
  /** How often the transaction ran; 0 where nobody counted, as in sequential execution. */
  runs(index: number): number
  /**
   * Of the earlier transactions that wrote something which this one read, the one that ends the
   * longest chain of such; -1 where there is none, or nobody looked, as in sequential execution. A
   * balance that was only added to is not read.
   */
  dependsOn(index: number): number
}

/** Every run that was in vain, because somebody wrote what it had read; in no particular order. */
export interface ConflictFeedback {
  /** How many runs were in vain. */
  readonly length: number
  /** The transaction that had to run again. */
  transaction(conflict: number): number
  /** The transaction that wrote; -1 where it is not known. */
  writer(conflict: number): number
  /** The account. */
  address(conflict: number): Hex
  /** The storage slot; undefined where it was something else about the account. */
  slot(conflict: number): Hex | undefined
  /**
   * A number that stands for what was written, the same in every block: equal locations have equal
   * keys, different ones in all but one of 2^53 pairs. In another process or thread it is another
   * number.
   */
  locationKey(conflict: number): number
}

/** The feedback in a packed BlockOutput. */
export class PackedFeedback implements ExecutionFeedback {
  readonly workers: number
  readonly transactions: TransactionFeedback
  readonly conflicts: ConflictFeedback
  readonly #output: PackedReader
  readonly #policy: string
  #report: ExecutionReport | undefined

  /** @param policy the name of the policy, for the report */
  constructor(output: Uint8Array, policy: string) {
    const reader = new PackedReader(output)
    const view = new DataView(output.buffer, output.byteOffset, output.byteLength)
    this.#output = reader
    this.#policy = policy
    this.workers = Math.max(1, reader.u32(BlockOutput.workers))
    this.transactions = new PackedTransactionFeedback(reader)
    this.conflicts = new PackedConflicts(reader, view)
  }

  get report(): ExecutionReport {
    this.#report ??= new ExecutionReport(this.#output, this.#policy)
    return this.#report
  }
}

class PackedTransactionFeedback implements TransactionFeedback {
  readonly length: number
  readonly #output: PackedReader
  readonly #receipts: number
  #runs: { readonly counts: Uint32Array; readonly dependencies: Int32Array } | undefined

  constructor(output: PackedReader) {
    this.#output = output
    this.#receipts = output.sectionOffset(BlockOutput.receipts)
    this.length = output.sectionCount(BlockOutput.receipts)
  }

  gasUsed(index: number): number {
    this.#check(index)
    return this.#output.u64AsNumber(this.#receipts + index * Receipt.SIZE + Receipt.gasUsed)
  }

  runs(index: number): number {
    this.#check(index)
    return this.#sorted().counts[index]
  }

  dependsOn(index: number): number {
    this.#check(index)
    return this.#sorted().dependencies[index]
  }

  #check(index: number): void {
    checkIndex(index, this.length, 'transaction')
  }

  /** The runs by transaction: they are in the order in which workers noted them. */
  #sorted(): { readonly counts: Uint32Array; readonly dependencies: Int32Array } {
    if (this.#runs !== undefined) return this.#runs
    const output = this.#output
    const counts = new Uint32Array(this.length)
    const dependencies = new Int32Array(this.length).fill(-1)
    const end = output.sectionCount(BlockOutput.runs)
    for (let i = 0, at = output.sectionOffset(BlockOutput.runs); i < end; i++) {
      const transaction = output.u32(at + TransactionRun.transaction)
      counts[transaction]++
      if ((output.u8(at + TransactionRun.flags) & RunFlag.Committed) !== 0) {
        dependencies[transaction] = output.i32(at + TransactionRun.dependsOn)
      }
      at += TransactionRun.SIZE
    }
    this.#runs = { counts, dependencies }
    return this.#runs
  }
}

/** The kind, the address and the key of a conflict are neighbours: one key is made of all of them. */
const locationWords = (Conflict.SIZE - Conflict.kind) / 4

class PackedConflicts implements ConflictFeedback {
  readonly length: number
  readonly #output: PackedReader
  readonly #view: DataView
  readonly #start: number

  constructor(output: PackedReader, view: DataView) {
    this.#output = output
    this.#view = view
    this.#start = output.sectionOffset(BlockOutput.conflicts)
    this.length = output.sectionCount(BlockOutput.conflicts)
  }

  transaction(conflict: number): number {
    return this.#output.u32(this.#at(conflict) + Conflict.transaction)
  }

  writer(conflict: number): number {
    return this.#output.i32(this.#at(conflict) + Conflict.writer)
  }

  address(conflict: number): Hex {
    return this.#output.hex(this.#at(conflict) + Conflict.address, 20)
  }

  slot(conflict: number): Hex | undefined {
    const at = this.#at(conflict)
    const isSlot = this.#output.u32(at + Conflict.kind) === LocationKind.Storage
    return isSlot ? this.#output.hex(at + Conflict.key, 32) : undefined
  }

  locationKey(conflict: number): number {
    return keyOfWords(this.#view, this.#at(conflict) + Conflict.kind, locationWords)
  }

  #at(conflict: number): number {
    checkIndex(conflict, this.length, 'conflict')
    return this.#start + conflict * Conflict.SIZE
  }
}
