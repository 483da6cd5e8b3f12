/** What receipts say of transactions that are in no block. */

import type { BlockEnvironment, TransactionSource } from '../block/index.js'
import { blobBaseFee, type Ruleset } from '../chain/index.js'
import { bytesToHex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { BlockInput, Transaction, TransactionFlag } from '../native/wire.js'
import type { ReceiptContext } from '../output/receipt-context.js'

/** The context of transactions that were run in an environment; their recipients are in the input. */
export function transactionsContext(
  environment: BlockEnvironment,
  { blobSchedule }: Ruleset,
  transactions: readonly TransactionSource[],
  input: Uint8Array,
): ReceiptContext {
  const { excessBlobGas = 0n } = environment
  const packed = new PackedReader(input)
  return {
    blockHash: undefined,
    blockNumber: environment.number,
    blockTimestamp: environment.timestamp,
    blobGasPrice: blobSchedule && blobBaseFee(excessBlobGas, blobSchedule.baseFeeUpdateFraction),
    transactionHash(index) {
      const transaction = transactions[index]
      return transaction instanceof Uint8Array ? bytesToHex(keccak256(transaction)) : undefined
    },
    to(index) {
      const at = packed.sectionOffset(BlockInput.transactions) + index * Transaction.SIZE
      const hasTo = packed.u8(at + Transaction.flags) & TransactionFlag.HasTo
      return hasTo ? packed.hex(at + Transaction.to, 20) : null
    },
  }
}
