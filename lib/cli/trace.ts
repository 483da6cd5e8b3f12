/** `braid trace`: executes a block and shows what its transactions do. */

import type { BlockSource } from '../block/types.js'
import type { Engine } from '../engine/engine.js'
import type { TraceBlockOptions } from '../engine/trace-options.js'
import { isBraidError } from '../errors.js'
import type {
  CallFrame,
  ParityTrace,
  ParityTracerConfig,
  TracerConfigs,
  TracerName,
  TransactionTrace,
} from '../trace/index.js'
import {
  createEngine,
  type ExecutionOptions,
  givenState,
  isInvalidBlock,
  prepareBlock,
} from './block-run.js'
import { callTreeLines } from './call-tree.js'
import { complainAbout } from './complaint.js'
import { ExitCode, written } from './console.js'
import { parityLines } from './parity-lines.js'
import { type RemoteBlocks, remoteBlocksOf } from './remote-blocks.js'

/** The options of the command. */
interface TraceOptions extends Omit<ExecutionOptions, 'vm'> {
  /** The place or the hash of a transaction. */
  readonly tx?: string
  readonly tracer: TracerName
  readonly config?: object
  /** What is asked for in place of the tracer. */
  readonly parity?: ParityTracerConfig
  /** The address of a node that has the block and its state. */
  readonly rpc?: string
  /** A folder for what that node answers. */
  readonly cache?: string
  readonly json?: boolean
}

/** How a block is executed. */
type Surroundings = Omit<TraceBlockOptions, 'tracer' | 'config'>

/** Runs the command on the block of a file or of a node. */
export async function trace(path: string, given: TraceOptions): Promise<ExitCode> {
  const options = withParity(given)
  const remote = remoteBlocksOf(options)
  const files = remote === undefined ? givenState(options, [path]) : undefined
  const engine = await createEngine({ ...options, vm: 'builtin' })
  try {
    if (remote === undefined) {
      const { source, options: surroundings } = prepareBlock(path, files)
      await show(engine, source, { ...surroundings, verify: true }, options)
    } else {
      await showRemote(remote, path, engine, options)
    }
    return ExitCode.Success
  } catch (error) {
    if (!isInvalidBlock(error)) throw error
    complainAbout(error, { input: path })
    return ExitCode.Difference
  } finally {
    engine.close()
  }
}

/** The tracer that is meant by `--parity`. */
function withParity(options: TraceOptions): TraceOptions {
  const { parity, config } = options
  return parity === undefined
    ? options
    : { ...options, tracer: 'parity', config: { ...parity, ...config } }
}

/**
 * Shows a block of a node. Where its outcome is not what the header says, what the node's traces told is not
 * believed; of a single transaction nothing would tell, so they are not asked for.
 */
async function showRemote(
  remote: RemoteBlocks,
  name: string,
  engine: Engine,
  options: TraceOptions,
): Promise<void> {
  const block = await remote.find(name)
  const showOn = (state: TraceBlockOptions['state']) => show(engine, block, { state }, options)
  if (options.tx !== undefined) return remote.on(block, false, showOn)
  try {
    await remote.on(block, true, showOn)
  } catch (error) {
    // Nothing was printed yet: the block is checked before.
    if (!isBraidError(error) || !isInvalidBlock(error)) throw error
    await remote.on(block, false, showOn)
  }
}

async function show(
  engine: Engine,
  source: BlockSource,
  { verify, ...surroundings }: Surroundings,
  { tx, tracer, config, json }: TraceOptions,
): Promise<void> {
  const settings = { ...surroundings, tracer, config: config as TracerConfigs[TracerName] }
  if (tx !== undefined) {
    const at = /^\d+$/.test(tx) ? Number(tx) : tx
    const traced = await engine.traceTransaction(source, at, settings)
    if (!json) await showText(traced, tracer)
    else if (await written(jsonOf(traced, tracer))) await written('\n')
    return
  }
  const traces = engine.traceBlock(source, { ...settings, verify })
  if (json) await (tracer === 'parity' ? showReplays(traces) : showDebugTraces(traces, tracer))
  else for await (const traced of traces) if (!(await showText(traced, tracer))) return
}

/** Prints what `debug_traceBlockByNumber` answers, a transaction at a time. */
async function showDebugTraces(
  traces: AsyncIterable<TransactionTrace>,
  tracer: TracerName,
): Promise<void> {
  let separator = '['
  for await (const traced of traces) {
    const head = `${separator}{"txHash":"${traced.txHash}","result":`
    const answer = jsonOf(traced, tracer)
    if (!(await written(head)) || !(await written(answer)) || !(await written('}'))) return
    separator = ','
  }
  await written(separator === '[' ? '[]\n' : ']\n')
}

/** Prints what `trace_replayBlockTransactions` answers, a transaction at a time. */
async function showReplays(traces: AsyncIterable<TransactionTrace>): Promise<void> {
  let separator = '['
  for await (const { bytes } of traces) {
    if (!(await written(separator)) || !(await written(bytes))) return
    separator = ','
  }
  await written(separator === '[' ? '[]\n' : ']\n')
}

/** The JSON of a trace: of lines an array. */
function jsonOf(traced: TransactionTrace, tracer: TracerName): string | Uint8Array {
  return tracer === 'eip3155' ? JSON.stringify(traced.value) : traced.bytes
}

/** Prints a transaction for people; false where nobody reads any more. */
function showText(traced: TransactionTrace, tracer: TracerName): Promise<boolean> {
  // For tools as much as for people: nothing stands between the lines.
  if (tracer === 'eip3155') return written(traced.bytes)
  const { txIndex, txHash, value } = traced
  const indented = linesOf(value, tracer)
    .map((line) => `  ${line}\n`)
    .join('')
  return written(`transaction ${txIndex}, ${txHash}\n${indented}`)
}

function linesOf(value: unknown, tracer: TracerName): string[] {
  switch (tracer) {
    case 'callTracer':
      return callTreeLines(value as CallFrame)
    case 'parity':
      return [...parityLines(value as ParityTrace)]
    default:
      return JSON.stringify(value, undefined, 2).split('\n')
  }
}
