/** Call frames as columns: typed arrays for tables and analytics. */

import { Frame, Tracer } from '../native/wire.js'
import { PackedFrames } from './frames.js'
import type { NativeTracer } from './native-tracer.js'

/**
 * The call frames of a block as columns; row `i` of each is the same frame. Frames are in the order in which they
 * were entered, transaction by transaction.
 */
export interface CallColumns {
  /** How many there are. */
  readonly length: number
  /** The positions of their transactions in the block. */
  readonly transactionIndex: Uint32Array
  /** The row of the frame that calls; -1: the transaction itself. */
  readonly parent: Int32Array
  /** How deep they are; 0: the transaction's own. */
  readonly depth: Uint16Array
  /** What they come from: positions in {@link frameKinds}. */
  readonly kind: Uint8Array
  /** Why they have failed: positions in {@link callFailures}; 0: they have not. */
  readonly failure: Uint8Array
  /** 1: what is called is a precompiled contract. */
  readonly isPrecompile: Uint8Array
  /** Who calls, 20 bytes each. */
  readonly from: Uint8Array
  /** Whose code runs, 20 bytes each; of creations the new account, of SELFDESTRUCT the beneficiary. */
  readonly to: Uint8Array
  /** 32 bytes each, big-endian: in wei. DELEGATECALL has its caller's. */
  readonly value: Uint8Array
  /** What they were given. Of a transaction's own, its gas limit. */
  readonly gas: BigUint64Array
  /** What they have used, with the frames below. Of a transaction's own, what it pays for. */
  readonly gasUsed: BigUint64Array
  /** How many bytes their input has. */
  readonly inputSize: Uint32Array
  /** How many bytes they have returned. */
  readonly outputSize: Uint32Array
  /** The first four bytes of the input as a number; 0 where there are fewer, and for creations. */
  readonly selector: Uint32Array
}

/** What leaves the frames of transactions in packed form. */
export const frameTracer: NativeTracer = {
  name: 'callTracer',
  tracer: Tracer.Frames,
  flags: 0,
  limit: 0,
  parts: [],
}

/** The frames of transactions, each one's in packed form. */
export function callColumnsOf(transactions: readonly Uint8Array[]): CallColumns {
  const all = transactions.map((bytes) => new PackedFrames(bytes))
  const length = all.reduce((sum, frames) => sum + frames.length, 0)
  const columns: CallColumns = {
    length,
    transactionIndex: new Uint32Array(length),
    parent: new Int32Array(length),
    depth: new Uint16Array(length),
    kind: new Uint8Array(length),
    failure: new Uint8Array(length),
    isPrecompile: new Uint8Array(length),
    from: new Uint8Array(20 * length),
    to: new Uint8Array(20 * length),
    value: new Uint8Array(32 * length),
    gas: new BigUint64Array(length),
    gasUsed: new BigUint64Array(length),
    inputSize: new Uint32Array(length),
    outputSize: new Uint32Array(length),
    selector: new Uint32Array(length),
  }
  let row = 0
  for (const [transaction, frames] of all.entries()) {
    const open: number[] = []
    for (let i = 0; i < frames.length; i++, row++) {
      columns.transactionIndex[row] = transaction
      open.length = frames.depth(i)
      columns.parent[row] = open.at(-1) ?? -1
      open.push(row)
      fillRow(columns, row, frames, i)
    }
  }
  return columns
}

function fillRow(columns: CallColumns, row: number, frames: PackedFrames, i: number): void {
  columns.depth[row] = frames.depth(i)
  columns.kind[row] = frames.kind(i)
  columns.failure[row] = frames.failure(i)
  columns.isPrecompile[row] = frames.isPrecompile(i) ? 1 : 0
  columns.from.set(frames.bytes(i, Frame.from, 20), 20 * row)
  columns.to.set(frames.bytes(i, Frame.to, 20), 20 * row)
  columns.value.set(frames.bytes(i, Frame.value, 32), 32 * row)
  columns.gas[row] = BigInt(frames.gas(i))
  columns.gasUsed[row] = BigInt(frames.gasUsed(i))
  columns.inputSize[row] = frames.inputSize(i)
  columns.outputSize[row] = frames.outputSize(i)
  columns.selector[row] = frames.selector(i)
}
