/** Runs a made workload on `@ethereumjs/vm`, which compares the outcome with the block's header. */

import { createBlockFromRLP } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { Account, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { createVM, type RunBlockResult, runBlock } from '@ethereumjs/vm'
import type { MemoryState } from '../../lib/index.js'
import type { Workload } from '../../lib/workloads/index.js'

/**
 * Rejects where a signature is wrong, or the transactions' root, gas used, bloom, receipts root or
 * state root differ from the header's.
 */
export async function runOnEthereumjs({ block, state }: Workload): Promise<RunBlockResult> {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Cancun })
  const stateManager = new MerkleStateManager({ common })
  await fill(stateManager, state)
  const vm = await createVM({ common, stateManager })
  // A made block has no parent that its header could be compared with.
  return runBlock(vm, { block: createBlockFromRLP(block, { common }), skipHeaderValidation: true })
}

async function fill(stateManager: MerkleStateManager, state: MemoryState): Promise<void> {
  for (const { address: text, nonce, balance, code, storage } of state.dump()) {
    const address = createAddressFromString(text)
    await stateManager.putAccount(address, new Account(nonce, balance))
    if (code !== undefined && code !== '0x') await stateManager.putCode(address, hexToBytes(code))
    for (const [slot, value] of storage) {
      const bytes = hexToBytes(value)
      const trimmed = bytes.subarray(bytes.findIndex((byte) => byte !== 0))
      await stateManager.putStorage(address, hexToBytes(slot), trimmed)
    }
  }
  await stateManager.flush()
}
