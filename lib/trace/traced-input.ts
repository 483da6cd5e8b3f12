/** Packed blocks that are traced. */

import { bufferOf, type Hex } from '../hex/index.js'
import { PackedReader } from '../native/packed-reader.js'
import { align, putSection } from '../native/packed-writer.js'
import {
  BlockFlag,
  BlockInput,
  BlockOutput,
  SystemCall,
  SystemCallPhase,
  TraceText,
  Transaction,
} from '../native/wire.js'
import type { NativeTracer } from './native-tracer.js'

/** Transactions of a block that follow one another. */
export interface TransactionRange {
  readonly start: number
  /** The first one that is not among them. */
  readonly end: number
}

/**
 * A copy of a packed block that ends with its first transactions: nothing of what comes after the last
 * transaction of a block is done.
 */
export function blockUpTo(input: Uint8Array, end: number): Uint8Array {
  const part = new Uint8Array(input)
  const packed = new PackedReader(part)
  const view = new DataView(part.buffer)
  const cut = (section: number, count: number) =>
    putSection(view, section, packed.sectionOffset(section), count)
  cut(BlockInput.transactions, end)
  cut(BlockInput.withdrawals, 0)
  cut(BlockInput.ommers, 0)
  cut(BlockInput.systemCalls, keepFirstCalls(packed))
  const flags = packed.u32(BlockInput.flags) & ~BlockFlag.HasDepositContract
  view.setUint32(BlockInput.flags, flags | BlockFlag.NoRewards, true)
  return part
}

/**
 * A copy of a packed block of which one transaction is left, to be executed on the state before it.
 */
export function blockOf(input: Uint8Array, index: number): Uint8Array {
  const part = blockUpTo(input, index + 1)
  const packed = new PackedReader(part)
  const view = new DataView(part.buffer)
  const cut = (section: number, at: number, count: number) => putSection(view, section, at, count)
  const first = packed.sectionOffset(BlockInput.transactions)
  cut(BlockInput.transactions, first + index * Transaction.SIZE, 1)
  cut(BlockInput.systemCalls, packed.sectionOffset(BlockInput.systemCalls), 0)
  cut(BlockInput.drains, packed.sectionOffset(BlockInput.drains), 0)
  view.setUint32(BlockInput.firstTransaction, index, true)
  return part
}

/** Moves the calls before the transactions to the front; how many there are. */
function keepFirstCalls(packed: PackedReader): number {
  const first = packed.sectionOffset(BlockInput.systemCalls)
  const end = first + packed.sectionCount(BlockInput.systemCalls) * SystemCall.SIZE
  let kept = first
  for (let at = first; at < end; at += SystemCall.SIZE) {
    if (packed.u32(at + SystemCall.phase) !== SystemCallPhase.BeforeTransactions) continue
    packed.bytes.copyWithin(kept, at, at + SystemCall.SIZE)
    kept += SystemCall.SIZE
  }
  return (kept - first) / SystemCall.SIZE
}

/**
 * A copy of a packed block that is traced from one of its transactions on.
 *
 * @param hashes of the block and of all of its transactions; none for calls, which are in no block
 */
export function tracedInput(
  input: Uint8Array,
  { tracer, flags, limit, ignoredOpcodes }: NativeTracer,
  hashes: readonly Hex[],
  start: number,
): Uint8Array {
  const at = align(input.length)
  const transactions = new PackedReader(input).sectionCount(BlockInput.transactions)
  const count = hashes.length === 0 ? 0 : transactions + 1
  const bytes = new Uint8Array(at + 32 * count)
  bytes.set(input)
  const view = new DataView(bytes.buffer)
  view.setUint32(BlockInput.tracer, tracer, true)
  view.setUint32(BlockInput.traceFlags, flags, true)
  view.setBigUint64(BlockInput.traceLimit, BigInt(limit), true)
  view.setUint32(BlockInput.traceStart, start, true)
  if (ignoredOpcodes !== undefined) bytes.set(ignoredOpcodes, BlockInput.ignoredOpcodes)
  const buffer = bufferOf(bytes)
  for (let i = 0; i < count; i++) buffer.write(hashes[i].slice(2), at + 32 * i, 'hex')
  putSection(view, BlockInput.traceHashes, at, count)
  return bytes
}

/** The JSON of the transactions that were traced, in place. */
export function tracesIn(output: Uint8Array): Uint8Array[] {
  const packed = new PackedReader(output)
  const first = packed.sectionOffset(BlockOutput.traces)
  const text = packed.sectionOffset(BlockOutput.traceText)
  return Array.from({ length: packed.sectionCount(BlockOutput.traces) }, (_, i) => {
    const at = first + i * TraceText.SIZE
    const offset = packed.u64AsNumber(at + TraceText.offset)
    return packed.slice(text + offset, packed.u64AsNumber(at + TraceText.size))
  })
}
