/** Turns a workload's calls into a signed block whose header is right. */

import { Engine } from '../engine/engine.js'
import { bytesToHex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import type { MemoryState } from '../state/memory-state.js'
import { type Call, type Fees, signCalls } from './calls.js'
import { completeBlock, demandSuccess, draftBlock } from './draft.js'
import type { Workload } from './workload.js'

/** In wei per gas. */
const baseFeePerGas = 7_000_000_000n
const maxPriorityFeePerGas = 1_000_000_000n

/** What a transaction pays for each gas, in wei. */
export const gasPrice: bigint = baseFeePerGas + maxPriorityFeePerGas

const fees: Fees = { maxFeePerGas: gasPrice, maxPriorityFeePerGas }

/** Blocks of today have at least this gas limit. */
const usualGasLimit = 30_000_000

/**
 * Makes the block and executes it once to complete its header. Throws where a transaction fails: a
 * workload measures what its name says or nothing.
 */
export async function makeBlock(
  name: string,
  state: MemoryState,
  calls: readonly Call[],
): Promise<Workload> {
  const gasLimits = calls.reduce((sum, { gasLimit }) => sum + gasLimit, 0)
  const draft = draftBlock({
    // A transaction's limit must fit into what is left, whatever those before it used.
    gasLimit: Math.max(usualGasLimit, gasLimits),
    mixHash: bytesToHex(keccak256(Buffer.from('randomness'))),
    baseFeePerGas,
    transactions: signCalls(calls, state, fees),
  })
  const engine = await Engine.create()
  try {
    const { encoded, result } = completeBlock(engine, draft, { state })
    demandSuccess(result)
    return { name, state, block: encoded }
  } finally {
    engine.close()
  }
}
