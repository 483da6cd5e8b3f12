/** Blocks that are traced: how they are executed, and what is told of their transactions. */

import { demand } from '../arguments.js'
import { errorFor, shownValue } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { type NativeTracer, TransactionTrace, tracedInput, tracesIn } from '../trace/index.js'
import type { PreparedBlock } from './block-execution.js'
import type { ExecuteBlockOptions } from './options.js'
import type { TraceOptions } from './trace-options.js'
import type { Tracing } from './traced-execution.js'

/** How a block is executed that is traced like this. */
export function executionOptions(
  options: Omit<TraceOptions, 'tracer' | 'config'>,
  signal: AbortSignal | undefined,
): ExecuteBlockOptions {
  const { state, blockHashes, verify, trustSenders, timeout } = options
  const { forgiveMissingSystemContracts, forgiveMissingOmmers } = options
  const forgiven = { forgiveMissingSystemContracts, forgiveMissingOmmers }
  return { state, blockHashes, verify, trustSenders, timeout, signal, ...forgiven }
}

/** What has a packed block traced from one of its transactions on. */
export function traceOf({ block }: PreparedBlock, tracer: NativeTracer, start: number): Tracing {
  const hashes = [block.hash, ...block.transactions.hashes]
  return (input) => tracedInput(input, tracer, hashes, start)
}

/** The traces in an output, whose first one is of the transaction at `start`. */
export function* tracesOf(
  { block }: PreparedBlock,
  output: Uint8Array,
  { name }: NativeTracer,
  start: number,
): Generator<TransactionTrace> {
  const { hashes } = block.transactions
  const isLines = name === 'eip3155'
  for (const [i, bytes] of tracesIn(output).entries()) {
    yield new TransactionTrace(hashes[start + i], start + i, bytes, { isLines })
  }
}

/** The place of a transaction in its block. */
export function placeOf(at: unknown, { block }: PreparedBlock): number {
  const { hashes, length } = block.transactions
  const isName = Number.isSafeInteger(at) || (typeof at === 'string' && isHash.test(at))
  demand(isName, 'transaction', 'an index, or a hash of 32 bytes', at)
  const index = typeof at === 'string' ? hashes.indexOf(at.toLowerCase() as Hex) : Number(at)
  if (index >= 0 && index < length) return index
  throw errorFor('TRACE_TRANSACTION_MISSING', { field: 'transaction', actual: shownValue(at) })
}

const isHash = /^0x[0-9a-f]{64}$/i
