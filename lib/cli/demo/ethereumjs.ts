/** Executes a workload on `@ethereumjs/vm`, where somebody has installed it. */

import type { MerkleStateManager } from '@ethereumjs/statemanager'
import { mainnetCommon } from '../../chain/index.js'
import { blockNumber, blockTimestamp, type Workload } from '../../workloads/index.js'

/** How often it is run before the clock starts: until its JavaScript is compiled. */
const warmUps = 1

/**
 * The milliseconds from the encoded block to its compared header, the state root included; undefined
 * where the packages are not installed. Rejects where the outcome is not what the header says.
 */
export async function runOnEthereumjs(workload: Workload): Promise<number | undefined> {
  const packages = await installedPackages()
  if (packages === undefined) return undefined
  const { block: blocks, vm: vms, statemanager } = packages
  const common = mainnetCommon()
  common.setHardforkBy({ blockNumber, timestamp: blockTimestamp })
  let milliseconds = 0
  for (let i = 0; i <= warmUps; i++) {
    const stateManager = new statemanager.MerkleStateManager({ common })
    await fill(stateManager, workload, packages)
    const vm = await vms.createVM({ common, stateManager })
    const start = performance.now()
    const block = blocks.createBlockFromRLP(workload.block, { common })
    // A made block has no parent that its header could be compared with.
    await vms.runBlock(vm, { block, skipHeaderValidation: true })
    milliseconds = performance.now() - start
  }
  return milliseconds
}

async function installedPackages() {
  try {
    return {
      block: await import('@ethereumjs/block'),
      statemanager: await import('@ethereumjs/statemanager'),
      util: await import('@ethereumjs/util'),
      vm: await import('@ethereumjs/vm'),
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

type Packages = NonNullable<Awaited<ReturnType<typeof installedPackages>>>

async function fill(
  stateManager: MerkleStateManager,
  { state }: Workload,
  { util }: Packages,
): Promise<void> {
  const { Account, createAddressFromString, hexToBytes } = util
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
