/** The call frames of blocks as columns. */

import { checkOptions, type MembersOf } from '../arguments.js'
import type { BlockSource } from '../block/index.js'
import { checkState } from '../state/readable-state.js'
import {
  type CallColumns,
  callColumnsOf,
  frameTracer,
  tracedInput,
  tracesIn,
} from '../trace/index.js'
import type { TracingSteps } from './block-tracing.js'
import { checkSignal, checkTimeout } from './cancellation.js'
import { blockMembers, checkBlockFlags, type ExecuteBlockOptions } from './options.js'
import { checkTraceable } from './trace-options.js'

/** How a block is executed whose call frames are wanted. */
export type CallColumnsOptions = Omit<ExecuteBlockOptions, 'transactionRoots'>

const { transactionRoots: _, ...members } = blockMembers

/** Executes a block, and gives the call frames of all of its transactions. */
export async function callColumns(
  steps: TracingSteps,
  source: BlockSource,
  options: CallColumnsOptions,
): Promise<CallColumns> {
  checkOptions(options, members as MembersOf<CallColumnsOptions>)
  checkTraceable(steps.isTraceable)
  checkBlockFlags(options)
  checkSignal(options.signal)
  checkTimeout(options.timeout)
  checkState(options.state)
  const prepared = steps.prepare(source, options)
  const { block } = prepared
  const trace = (input: Uint8Array) =>
    tracedInput(input, frameTracer, [block.hash, ...block.transactions.hashes], 0)
  const { packed } = await steps.execute(prepared, options, { trace })
  return callColumnsOf(tracesIn(packed))
}
