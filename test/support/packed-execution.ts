/** Packed outputs that say how a block was executed, made by hand. */

import { align } from '../../lib/native/packed-writer.js'
import {
  BlockOutput,
  Conflict,
  HotLocation,
  Magic,
  RunFlag,
  TransactionRun,
  WIRE_VERSION,
} from '../../lib/native/wire.js'

/** A run; what is left out is 0, or -1 where it names a transaction. */
export interface SampleRun {
  readonly transaction: number
  readonly worker?: number
  readonly incarnation?: number
  readonly committed?: boolean
  readonly atHead?: boolean
  /** In nanoseconds. */
  readonly start: number
  /** In nanoseconds. */
  readonly end: number
  readonly gasUsed?: bigint
  readonly dependsOn?: number
  readonly waitedFor?: number
}

/** A place in the state, by its number in LocationKind. */
export interface SampleLocation {
  readonly kind: number
  readonly address: Uint8Array
  readonly key?: Uint8Array
}

/** Why a run was thrown away. */
export interface SampleConflict extends SampleLocation {
  readonly transaction: number
  readonly incarnation?: number
  readonly writer?: number
}

/** A location with its counts. */
export interface SampleHotLocation extends SampleLocation {
  readonly dependents: number
  readonly conflicts: number
}

/** How a block was executed. */
export interface SampleExecution {
  readonly workers?: number
  readonly runs?: readonly SampleRun[]
  readonly conflicts?: readonly SampleConflict[]
  readonly hotLocations?: readonly SampleHotLocation[]
}

/** A packed BlockOutput with nothing in it but the execution. */
export function packExecution(execution: SampleExecution): Uint8Array {
  const { workers = 1, runs = [], conflicts = [], hotLocations = [] } = execution
  const runsAt = BlockOutput.SIZE
  const conflictsAt = runsAt + runs.length * TransactionRun.SIZE
  const hotLocationsAt = align(conflictsAt + conflicts.length * Conflict.SIZE)
  const bytes = Buffer.alloc(hotLocationsAt + hotLocations.length * HotLocation.SIZE)
  bytes.writeUInt32LE(Magic.BlockOutput, BlockOutput.magic)
  bytes.writeUInt32LE(WIRE_VERSION, BlockOutput.version)
  bytes.writeUInt32LE(workers, BlockOutput.workers)
  for (const [field, offset, count] of [
    [BlockOutput.runs, runsAt, runs.length],
    [BlockOutput.conflicts, conflictsAt, conflicts.length],
    [BlockOutput.hotLocations, hotLocationsAt, hotLocations.length],
  ]) {
    bytes.writeUInt32LE(offset, field)
    bytes.writeUInt32LE(count, field + 4)
  }
  for (const [i, run] of runs.entries()) writeRun(bytes, runsAt + i * TransactionRun.SIZE, run)
  for (const [i, conflict] of conflicts.entries()) {
    const at = conflictsAt + i * Conflict.SIZE
    bytes.writeUInt32LE(conflict.transaction, at + Conflict.transaction)
    bytes.writeUInt32LE(conflict.incarnation ?? 0, at + Conflict.incarnation)
    bytes.writeInt32LE(conflict.writer ?? -1, at + Conflict.writer)
    writeLocation(bytes, at, Conflict, conflict)
  }
  for (const [i, location] of hotLocations.entries()) {
    const at = hotLocationsAt + i * HotLocation.SIZE
    writeLocation(bytes, at, HotLocation, location)
    bytes.writeUInt32LE(location.dependents, at + HotLocation.dependents)
    bytes.writeUInt32LE(location.conflicts, at + HotLocation.conflicts)
  }
  return bytes
}

function writeRun(bytes: Buffer, at: number, run: SampleRun): void {
  const flags =
    ((run.committed ?? true) ? RunFlag.Committed : 0) | (run.atHead ? RunFlag.AtHead : 0)
  bytes.writeUInt32LE(run.transaction, at + TransactionRun.transaction)
  bytes.writeUInt16LE(run.worker ?? 0, at + TransactionRun.worker)
  bytes.writeUInt8(run.incarnation ?? 0, at + TransactionRun.incarnation)
  bytes.writeUInt8(flags, at + TransactionRun.flags)
  bytes.writeBigUInt64LE(BigInt(run.start), at + TransactionRun.startNanoseconds)
  bytes.writeBigUInt64LE(BigInt(run.end), at + TransactionRun.endNanoseconds)
  bytes.writeBigUInt64LE(run.gasUsed ?? 0n, at + TransactionRun.gasUsed)
  bytes.writeInt32LE(run.dependsOn ?? -1, at + TransactionRun.dependsOn)
  bytes.writeInt32LE(run.waitedFor ?? -1, at + TransactionRun.waitedFor)
}

function writeLocation(
  bytes: Buffer,
  at: number,
  layout: { readonly kind: number; readonly address: number; readonly key: number },
  { kind, address, key }: SampleLocation,
): void {
  bytes.writeUInt32LE(kind, at + layout.kind)
  bytes.set(address, at + layout.address)
  bytes.set(key ?? [], at + layout.key)
}
