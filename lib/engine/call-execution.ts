/** Runs of calls on states, however they are kept. */

import type { Common } from '@ethereumjs/common'
import {
  BlockSimulation,
  type CallOptions,
  CallSession,
  checkSimulateOptions,
  checkSimulation,
  missingBlockHashes,
  type RunPacked,
  type SimulatedBlock,
  type SimulateOptions,
  type Simulation,
} from '../call/index.js'
import { errorFor } from '../errors.js'
import type { CancellableExecution, NativeStateView } from '../native/addon.js'
import type { NativeEngine } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { AdmissionsOutput, BlockOutput, CallsOutput, ErrorCode } from '../native/wire.js'
import { missingError } from '../state/missing-error.js'
import type { ReadableState } from '../state/readable-state.js'
import type { SourceAccess } from '../state/source-access.js'
import { checkSignal, checkTimeout, untilAborted, untilEnded, within } from './cancellation.js'
import { executionError } from './execution-error.js'
import { records } from './missing-keys.js'
import { withBlockHashes } from './source-execution.js'
import { finalErrors } from './strict-execution.js'

/**
 * Throws where an EVM from elsewhere is asked for what only the built-in one tells.
 *
 * @throws OptionsError `OPTION_UNSUPPORTED`
 */
export function demandBuiltIn({ isBuiltIn, vmName }: NativeEngine): void {
  if (isBuiltIn) return
  throw errorFor('OPTION_UNSUPPORTED', { field: 'vm', expected: 'builtin', actual: vmName })
}

/**
 * Opens a session on an engine's EVM and does some work with it, which a signal or the time can end. `how`
 * packed blocks are run that the work asks for.
 */
export async function withSession<Value>(
  native: NativeEngine,
  common: Common,
  options: CallOptions,
  work: (session: CallSession, run: RunPacked) => Promise<Value>,
  how: (native: NativeEngine) => Work = blockOn,
): Promise<Value> {
  const { signal, timeout } = options
  checkSignal(signal)
  checkTimeout(timeout)
  return within(timeout, signal, (ending) => {
    const run = (state: ReadableState, input: Uint8Array) =>
      runOn(callsOn(native), state, input, ending)
    const execute = (state: ReadableState, input: Uint8Array) =>
      runOn(how(native), state, input, ending)
    return work(new CallSession(common, options, run), execute)
  })
}

/** Simulates blocks, until a signal or the time ends it. */
export async function simulateBlocks(
  native: NativeEngine,
  common: Common,
  simulation: Simulation,
  options: SimulateOptions,
): Promise<SimulatedBlock[]> {
  demandBuiltIn(native)
  checkSimulateOptions(options)
  checkSimulation(simulation)
  const { signal, timeout } = options
  checkSignal(signal)
  checkTimeout(timeout)
  return within(timeout, signal, (ending) => {
    const run = (state: ReadableState, input: Uint8Array) =>
      runOn(blockOn(native), state, input, ending)
    const errorOf = (output: PackedReader) =>
      executionError(output) ?? errorFor('VM_INTERNAL_ERROR')
    return new BlockSimulation(common, simulation, options, run, errorOf).blocks()
  })
}

/** How packed input is run, and what its output says. */
export interface Work {
  start(view: NativeStateView, input: Uint8Array): CancellableExecution
  /** Whether the output is what it is whatever may be missing. */
  isFinal(output: PackedReader): boolean
  /** Numbers of blocks whose hashes were asked for in vain. */
  missingHashes(output: Uint8Array): bigint[]
}

const callsOn = (native: NativeEngine): Work => ({
  start: (view, input) => native.call(view, input),
  isFinal: (output) => output.u32(CallsOutput.error) !== ErrorCode.OK,
  missingHashes: missingBlockHashes,
})

const blockOn = (native: NativeEngine): Work => ({
  start: (view, input) => native.executeCancellable(view, input),
  isFinal: (output) => finalErrors.has(output.u32(BlockOutput.error)),
  missingHashes(packed) {
    const output = new PackedReader(packed)
    const isMissing = output.u32(BlockOutput.error) === ErrorCode.STATE_MISSING_BLOCK_HASH
    return isMissing ? [output.u256(BlockOutput.errorExpected)] : []
  },
})

/** As a block that is traced: tracers look at more than is executed on, whatever that comes to. */
export const tracedOn = (native: NativeEngine): Work => ({
  ...blockOn(native),
  isFinal: () => false,
})

/** Looks at packed transactions as a pool does before it takes them in; gives a packed AdmissionsOutput. */
export function admit(
  native: NativeEngine,
  state: ReadableState,
  input: Uint8Array,
): Promise<Uint8Array> {
  const work: Work = {
    start: (view, packed) => native.admit(view, packed),
    isFinal: (output) => output.u32(AdmissionsOutput.error) !== ErrorCode.OK,
    missingHashes: () => [],
  }
  return runOn(work, state, input, undefined)
}

/**
 * Runs packed input whole, unlike a block that is executed in pieces; on a state with a source again and
 * again, until nothing is missing.
 */
async function runOn(
  work: Work,
  state: ReadableState,
  input: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const access = state.access()
  switch (access.kind) {
    case 'whole':
      return outputOf(work, access.view, input, signal)
    case 'strict': {
      const output = await outputOf(work, access.view, input, signal)
      const missing = access.view.takeMissing()
      if (!work.isFinal(new PackedReader(output)) && missing.length > 0) throw missingError(missing)
      return output
    }
    default: {
      const ending = signal ?? new AbortController().signal
      return access.during((source) => runOnSource(work, source, input, ending), ending)
    }
  }
}

async function outputOf(
  work: Work,
  view: NativeStateView,
  input: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (signal === undefined) return work.start(view, input).output
  checkSignal(signal)
  return untilEnded(work.start(view, input), signal)
}

async function runOnSource(
  work: Work,
  source: SourceAccess,
  input: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  let further = await untilAborted(source.seed(input), signal)
  for (let current = input; ; ) {
    const view = source.view()
    let missing: Uint8Array[] = []
    const output = await outputOf(work, view, current, signal).finally(() => {
      // Closed, so that what is known can grow in place.
      missing = Array.from(records(view.takeMissing()), ([, record]) => record)
    })
    if (work.isFinal(new PackedReader(output))) return output
    if (missing.length > 0) {
      await untilAborted(source.load(missing, further), signal)
      further = []
      continue
    }
    const hashes = await untilAborted(
      Promise.all(
        work.missingHashes(output).map(async (number) => {
          return { number, hash: await source.blockHash(number) }
        }),
      ),
      signal,
    )
    const known = hashes.flatMap(({ number, hash }) =>
      hash === undefined ? [] : [{ number, hash }],
    )
    if (known.length === 0) return output
    current = withBlockHashes(current, known)
  }
}
