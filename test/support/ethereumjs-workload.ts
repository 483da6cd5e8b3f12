/** Runs a made workload on `@ethereumjs/vm`, which compares the outcome with the block's header. */

import { Block, createBlockFromRLP } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { createFeeMarket1559Tx, type TypedTransaction } from '@ethereumjs/tx'
import {
  Account,
  type Address,
  createAddressFromString,
  hexToBytes,
  type PrefixedHexString,
} from '@ethereumjs/util'
import { createVM, type RunBlockResult, runBlock } from '@ethereumjs/vm'
import { encodeBlock, type MemoryState, type RpcTransaction } from '../../lib/index.js'
import type { Workload } from '../../lib/workloads/index.js'

/** Rejects where gas used, bloom, receipts root or state root differ from the header's. */
export async function runOnEthereumjs({ block, state }: Workload): Promise<RunBlockResult> {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Cancun })
  const stateManager = new MerkleStateManager({ common })
  await fill(stateManager, state)
  const vm = await createVM({ common, stateManager })
  return runBlock(vm, {
    block: blockOf(block, common),
    // The parents of made blocks do not exist, and their signatures are made up.
    skipHeaderValidation: true,
    skipBlockValidation: true,
  })
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

function blockOf(source: Workload['block'], common: Common): Block {
  // Without transactions the block has an encoding that everybody reads; only its header is wanted.
  const { header } = createBlockFromRLP(encodeBlock({ ...source, transactions: [] }), { common })
  const transactions = source.transactions.map((transaction) => transactionOf(transaction, common))
  return new Block(header, transactions, [], [], { common })
}

/** The transaction with a signature that is never looked at, since its sender is known. */
function transactionOf(source: RpcTransaction, common: Common): TypedTransaction {
  const sender: Address = createAddressFromString(source.from ?? '')
  const fields = {
    chainId: 1n,
    nonce: BigInt(source.nonce),
    maxFeePerGas: BigInt(source.maxFeePerGas ?? 0),
    maxPriorityFeePerGas: BigInt(source.maxPriorityFeePerGas ?? 0),
    gasLimit: BigInt(source.gas),
    to: createAddressFromString(source.to ?? ''),
    value: BigInt(source.value),
    data: source.input as PrefixedHexString,
    v: 0n,
    r: 1n,
    s: 1n,
  }
  const transaction = createFeeMarket1559Tx(fields, { common, freeze: false })
  transaction.getSenderAddress = () => sender
  return transaction
}
