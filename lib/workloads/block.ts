/** Turns a workload's calls into a signed block whose header is right. */

import { Engine } from '../engine/engine.js'
import { bytesToHex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import type { MemoryState } from '../state/memory-state.js'
import { type Call, type Fees, signCalls } from './calls.js'
import { addBlock, openChain } from './chain.js'
import { blockNumber, blockTimestamp, demandSuccess } from './draft.js'
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
 * Makes the block, and executes it once to build it. Throws where a transaction fails: a
 * workload measures what its name says or nothing.
 */
export async function makeBlock(
  name: string,
  state: MemoryState,
  calls: readonly Call[],
): Promise<Workload> {
  const gasLimits = calls.reduce((sum, { gasLimit }) => sum + gasLimit, 0)
  // A transaction's limit must fit into what is left, whatever those before it used.
  const gasLimit = BigInt(Math.max(usualGasLimit, gasLimits))
  const engine = await Engine.create()
  try {
    const chain = await openChain(engine, state, {
      number: blockNumber - 1n,
      timestamp: blockTimestamp - 12n,
      gasLimit,
      // Half full: the base fee stays what it is.
      gasUsed: gasLimit / 2n,
      baseFeePerGas,
    })
    const { rlp, result } = await addBlock(chain, {
      prevRandao: bytesToHex(keccak256(Buffer.from('randomness'))),
      transactions: signCalls(calls, state, fees),
    })
    demandSuccess(result)
    return { name, state, block: rlp }
  } finally {
    engine.close()
  }
}
