/** Executes a block on `@ethereumjs/vm`, where somebody has installed it. */

import type { MerkleStateManager } from '@ethereumjs/statemanager'
import { decodeBlock } from '../../block/index.js'
import { mainnetCommon } from '../../chain/index.js'
import type { Subject } from './subject.js'
import { trustingKzg } from './trusting-kzg.js'

/**
 * The milliseconds from the encoded block to its compared header, the state root included where the
 * state is whole; undefined where the packages are not installed. Rejects where the outcome is not what
 * the header says.
 *
 * @param warmUps how often to run it before the clock starts
 */
export async function runOnEthereumjs(
  subject: Subject,
  warmUps: number,
): Promise<number | undefined> {
  const packages = await installedPackages()
  if (packages === undefined) return undefined
  const { block: blocks, vm: vms, statemanager, util } = packages
  const { number, timestamp, header } = decodeBlock(subject.block)
  const common = mainnetCommon()
  common.setHardforkBy({ blockNumber: number, timestamp })
  common.customCrypto.kzg = trustingKzg
  const isWhole = subject.trie !== undefined
  let milliseconds = 0
  for (let i = 0; i <= warmUps; i++) {
    const stateManager = new statemanager.MerkleStateManager({ common })
    await fill(stateManager, subject, packages)
    const vm = await vms.createVM({ common, stateManager })
    Object.assign(vm.blockchain, { getBlock: blockHashesOf(subject, packages) })
    const start = performance.now()
    const block = blocks.createBlockFromRLP(subject.block, { common })
    // The root of a part of the state is not that of the header: then it is computed, not compared.
    const options = { block, skipHeaderValidation: true, generate: !isWhole }
    const result = await vms.runBlock(vm, options)
    milliseconds = performance.now() - start
    const root = util.bytesToHex(result.receiptsRoot)
    if (result.gasUsed !== header.gasUsed) throw new Error(`gas used: ${result.gasUsed}`)
    if (root !== header.receiptsRoot) throw new Error(`receipts root: ${root}`)
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

function blockHashesOf({ options: { blockHashes = {} } }: Subject, { util }: Packages) {
  return async (number: number) => ({
    hash: () => util.hexToBytes((blockHashes[String(number)] ?? '0x') as `0x${string}`),
  })
}

async function fill(
  stateManager: MerkleStateManager,
  { options: { state } }: Subject,
  { util }: Packages,
): Promise<void> {
  const { Account, createAddressFromString, hexToBytes } = util
  await stateManager.checkpoint()
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
  await stateManager.commit()
  await stateManager.flush()
}
