/** How the transactions of a block were run, read out of the packed output. */

import { withJson } from '../json.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockOutput, Conflict, RunFlag, TransactionRun } from '../native/wire.js'
import { readLocation, type StateLocation } from './location.js'

/** Why a run was thrown away: a location that it had read was written by an earlier transaction. */
export interface RunConflict extends StateLocation {
  /** The transaction that wrote it, where it is known. */
  readonly writer?: number
}

/** One run of a transaction. */
export interface RunReport {
  /** Which run of the transaction it was, from 0. */
  readonly incarnation: number
  /** Who ran it, from 0. */
  readonly worker: number
  /** In milliseconds since the block was begun, its senders included. */
  readonly start: number
  /** In milliseconds since the block was begun, its senders included. */
  readonly end: number
  /** The gas that the run used, whether it was kept or not. */
  readonly gasUsed: bigint
  /** Whether the run's outcome is the transaction's. Any other run was thrown away. */
  readonly committed: boolean
  /** Whether it ran when all earlier transactions were committed, so that nothing was uncertain. */
  readonly atHead: boolean
  /** What the run was thrown away for; empty for the committed one. */
  readonly conflicts: readonly RunConflict[]
  /** The earlier transaction that the run waited for because of a hint. */
  readonly waitedFor?: number
}

/** How one transaction was run. */
export interface TransactionReport {
  /** The position of the transaction in its block. */
  readonly index: number
  /** The worker of the committed run. */
  readonly worker: number
  /** When the committed run began, in milliseconds since the block was begun. */
  readonly start: number
  /** When the committed run ended, in milliseconds since the block was begun. */
  readonly end: number
  /** How many times the transaction ran. */
  readonly incarnations: number
  /** All runs in the order of their incarnations; just one of them was committed. */
  readonly runs: readonly RunReport[]
  /** The conflicts of all runs. */
  readonly conflicts: readonly RunConflict[]
  /**
   * The earlier transaction whose writes this one read and that, of all such, ends the longest chain.
   * Unknown in sequential execution.
   */
  readonly dependsOn?: number
  /** The earlier transaction that the committed run waited for because of a hint. */
  readonly waitedFor?: number
}

const nanosecondsPerMillisecond = 1e6

/** Reads how each transaction was run, in the order of the block. */
export function readTransactionReports(output: PackedReader): readonly TransactionReport[] {
  const conflicts = conflictsByRun(output)
  const offsets = [...runOffsets(output)].sort(([a], [b]) => a - b)
  return offsets.map(([index, runs]) => {
    runs.sort((a, b) => incarnationAt(output, a) - incarnationAt(output, b))
    const read = runs.map((at) =>
      readRun(output, at, conflicts.get(runKey(index, incarnationAt(output, at))) ?? []),
    )
    const committed = read.findIndex((run) => run.committed)
    const { worker, start, end, waitedFor } = read[committed]
    const dependsOn = output.i32(runs[committed] + TransactionRun.dependsOn)
    return {
      index,
      worker,
      start,
      end,
      incarnations: read.length,
      runs: read,
      conflicts: read.flatMap((run) => run.conflicts),
      ...(dependsOn >= 0 ? { dependsOn } : {}),
      ...(waitedFor !== undefined ? { waitedFor } : {}),
    }
  })
}

/** Where the runs of each transaction lie. */
function runOffsets(output: PackedReader): Map<number, number[]> {
  const first = output.sectionOffset(BlockOutput.runs)
  const count = output.sectionCount(BlockOutput.runs)
  const offsets = new Map<number, number[]>()
  for (let i = 0; i < count; i++) {
    const at = first + i * TransactionRun.SIZE
    const index = output.u32(at + TransactionRun.transaction)
    const others = offsets.get(index)
    if (others === undefined) offsets.set(index, [at])
    else others.push(at)
  }
  return offsets
}

function readRun(output: PackedReader, at: number, conflicts: readonly RunConflict[]): RunReport {
  const flags = output.u8(at + TransactionRun.flags)
  const waitedFor = output.i32(at + TransactionRun.waitedFor)
  return withJson({
    incarnation: incarnationAt(output, at),
    worker: output.u16(at + TransactionRun.worker),
    start: output.u64AsNumber(at + TransactionRun.startNanoseconds) / nanosecondsPerMillisecond,
    end: output.u64AsNumber(at + TransactionRun.endNanoseconds) / nanosecondsPerMillisecond,
    gasUsed: output.u64(at + TransactionRun.gasUsed),
    committed: (flags & RunFlag.Committed) !== 0,
    atHead: (flags & RunFlag.AtHead) !== 0,
    conflicts,
    ...(waitedFor >= 0 ? { waitedFor } : {}),
  })
}

function conflictsByRun(output: PackedReader): ReadonlyMap<string, readonly RunConflict[]> {
  const first = output.sectionOffset(BlockOutput.conflicts)
  const count = output.sectionCount(BlockOutput.conflicts)
  const byRun = new Map<string, RunConflict[]>()
  for (let i = 0; i < count; i++) {
    const at = first + i * Conflict.SIZE
    const writer = output.i32(at + Conflict.writer)
    const conflict = {
      ...readLocation(output, at, Conflict),
      ...(writer >= 0 ? { writer } : {}),
    }
    const key = runKey(output.u32(at + Conflict.transaction), output.u32(at + Conflict.incarnation))
    const others = byRun.get(key)
    if (others === undefined) byRun.set(key, [conflict])
    else others.push(conflict)
  }
  return byRun
}

function incarnationAt(output: PackedReader, at: number): number {
  return output.u8(at + TransactionRun.incarnation)
}

function runKey(transaction: number, incarnation: number): string {
  return `${transaction}/${incarnation}`
}
