/** What executing transactions as those of a simulation tells of them. */

import { demand } from '../arguments.js'
import { errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'
import type { PackedReader } from '../native/packed-reader.js'
import { BlockInput, BlockOutput, Receipt, TraceFlag, Tracer, TraceText } from '../native/wire.js'
import { CallHalted, type CallLog, CallReverted, CallSuccess } from './outcome.js'

/** What became of a transaction that was executed. */
export type SimulatedOutcome = CallSuccess | CallReverted | CallHalted

/** What the native side tells of a simulated transaction. */
export interface SimulatedRun {
  readonly nonce: bigint
  readonly gas: bigint
  readonly count: number
  readonly logs: readonly {
    readonly address: Hex
    readonly topics: readonly Hex[]
    readonly data: Hex
    readonly index: number
  }[]
  readonly error?: string
  readonly cut?: true
}

/** What is told of each of so many transactions. */
export function runsOf(output: PackedReader, count: number): SimulatedRun[] {
  const found = output.sectionCount(BlockOutput.traces)
  // Only an EVM that cannot be traced leaves none.
  demand(found === count, 'vm', 'builtin', found)
  const first = output.sectionOffset(BlockOutput.traces)
  const text = output.sectionOffset(BlockOutput.traceText)
  return Array.from({ length: count }, (_, i) => {
    const at = first + i * TraceText.SIZE
    const start = text + output.u64AsNumber(at + TraceText.offset)
    const json = output.bytes.toString(
      'utf8',
      start,
      start + output.u64AsNumber(at + TraceText.size),
    )
    const run = JSON.parse(json) as SimulatedRun
    if (run.cut) throw errorFor('OUT_OF_MEMORY', { txIndex: i })
    return { ...run, nonce: BigInt(run.nonce), gas: BigInt(run.gas) }
  })
}

const evmSuccess = 0
const evmRevert = 2

/** What became of a transaction. */
export function outcomeOf(
  output: PackedReader,
  index: number,
  run: SimulatedRun,
  logs: readonly CallLog[],
): SimulatedOutcome {
  const at = output.sectionOffset(BlockOutput.receipts) + index * Receipt.SIZE
  const gasUsed = output.u64(at + Receipt.gasUsed)
  const before = output.u64(at + Receipt.gasBeforeRefund)
  const most = before > gasUsed ? before : gasUsed
  const start = output.sectionOffset(BlockOutput.pool) + output.u32(at + Receipt.outputOffset)
  const size = output.u32(at + Receipt.outputSize)
  const status = output.i32(at + Receipt.evmStatus)
  const data = output.hex(start, size)
  if (status === evmSuccess) {
    const isZero = output.isZero(at + Receipt.contractAddress, 20)
    const created = isZero ? undefined : output.hex(at + Receipt.contractAddress, 20)
    return new CallSuccess(data, gasUsed, most, logs, created)
  }
  if (status === evmRevert) return new CallReverted(output.slice(start, size), data, gasUsed, most)
  return new CallHalted(run.error ?? `evm status ${status}`, gasUsed, most)
}

/** What a packed block's transactions may use, and what is told of them. */
export interface SimulationSettings {
  /** The most gas that all of them may use. */
  readonly gasBudget: bigint
  /** Whether what value is moved comes among the logs. */
  readonly traceTransfers: boolean
}

/** Makes a packed block one whose transactions run as those of a simulation, one after another. */
export function putSimulation(
  input: Uint8Array,
  { gasBudget, traceTransfers }: SimulationSettings,
): void {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  view.setUint32(BlockInput.workers, 1, true)
  view.setUint32(BlockInput.threads, 1, true)
  view.setUint32(BlockInput.tracer, Tracer.Simulation, true)
  view.setUint32(BlockInput.traceFlags, traceTransfers ? TraceFlag.WithTransfers : 0, true)
  view.setBigUint64(BlockInput.gasBudget, gasBudget, true)
}
