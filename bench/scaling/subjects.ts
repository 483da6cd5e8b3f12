/** The blocks that are simulated: made workloads, and large ones of mainnet. */

import { MemoryState } from 'braid-evm'
import { makeWorkload, workloadNames } from '../../lib/workloads/index.js'
import { hasFixtures, mainnetBlocks } from '../support/fixtures.js'
import type { Subject } from './recording.js'

/** Blocks of less gas are over before many workers are awake. */
const leastGas = 15_000_000

/** All workloads, of about 30 million gas each. One is made when it is asked for. */
export async function* workloadSubjects(): AsyncGenerator<Subject> {
  for (const name of workloadNames) {
    const { block, state } = await makeWorkload(name)
    yield { name, rlp: block, state, options: {} }
  }
}

/** The large blocks of mainnet; undefined where the data is not there. */
export function mainnetSubjects(): Generator<Subject> | undefined {
  return hasFixtures('mainnet_blocks') ? largeBlocks() : undefined
}

function* largeBlocks(): Generator<Subject> {
  for (const { name, rlp, gasUsed, preState, blockHashes } of mainnetBlocks()) {
    if (gasUsed <= leastGas) continue
    const options = { blockHashes, forgiveMissingSystemContracts: true }
    yield { name, rlp, state: new MemoryState(preState), options }
  }
}
