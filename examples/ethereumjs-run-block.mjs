/**
 * A block on a VM of `@ethereumjs/vm`, executed natively: see docs/ethereumjs.md. With `runBlock` from
 * `@ethereumjs/vm` instead, the program does the same.
 */

import { createBlock } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createFeeMarket1559Tx } from '@ethereumjs/tx'
import {
  bytesToHex,
  createAccount,
  createAddressFromPrivateKey,
  createAddressFromString,
  hexToBytes,
} from '@ethereumjs/util'
import { createVM } from '@ethereumjs/vm'
import { runBlock } from 'braid-evm/ethereumjs'

const common = new Common({ chain: Mainnet, hardfork: Hardfork.Cancun })
const vm = await createVM({ common })

const key = hexToBytes(`0x${'2b'.repeat(32)}`)
const sender = createAddressFromPrivateKey(key)
await vm.stateManager.putAccount(sender, createAccount({ balance: 10n ** 18n }))

// Stores the value that it is called with, and logs it.
const contract = createAddressFromString(`0x${'ab'.repeat(20)}`)
await vm.stateManager.putAccount(contract, createAccount({ nonce: 1n }))
await vm.stateManager.putCode(contract, hexToBytes('0x346000553460005260206000a000'))

const transactions = [7n, 8n].map((value, index) =>
  createFeeMarket1559Tx(
    {
      chainId: 1n,
      nonce: BigInt(index),
      gasLimit: 100_000n,
      maxFeePerGas: 2_000_000_000n,
      maxPriorityFeePerGas: 1_000_000n,
      to: contract,
      value,
    },
    { common },
  ).sign(key),
)
const block = createBlock(
  {
    header: { number: 20_000_000n, gasLimit: 30_000_000n, baseFeePerGas: 1_000_000_000n },
    transactions,
  },
  { common, skipConsensusFormatValidation: true },
)

vm.events.on('afterTx', ({ transaction, totalGasSpent }) => {
  console.log(`transaction ${transaction.nonce}: ${totalGasSpent} gas`)
})
const result = await runBlock(vm, { block, generate: true, skipBlockValidation: true })
console.log(
  `${result.receipts.length} receipts, ${result.gasUsed} gas, root ${bytesToHex(result.stateRoot)}`,
)
const slot = await vm.stateManager.getStorage(contract, new Uint8Array(32))
console.log(`slot 0 is ${bytesToHex(slot)}`)
