/** The gas that a transaction needs whatever it does (Yellow Paper, section 6.2, and the EIPs that changed it). */

import { Revision } from '../../chain/index.js'
import type { ReadTransaction } from './transaction.js'

const transactionGas = 21_000n
/** EIP-2. */
const creationGas = 32_000n
const zeroByteGas = 4n
/** EIP-2028; before, 68. */
const byteGas = 16n
const byteGasBefore = 68n
/** EIP-3860: for a word of init code. */
const initWordGas = 2n
/** EIP-2930. */
const accessAddressGas = 2_400n
const accessSlotGas = 1_900n
/** EIP-7702. */
const authorizationGas = 25_000n
/** EIP-7623: for a zero byte; others count four times. */
const floorTokenGas = 10n
const tokensOfByte = 4n

/** The gas that is paid before the first instruction. */
export function intrinsicGas(tx: ReadTransaction, revision: number): bigint {
  const { data, to, accessList, authorizations } = tx
  const isCreation = to.length === 0
  const { zeros, others } = countBytes(data)
  const perByte = revision >= Revision.Istanbul ? byteGas : byteGasBefore
  const words = BigInt(Math.ceil(data.length / 32))
  const slots = accessList.reduce((sum, [, keys]) => sum + keys.length, 0)
  return (
    transactionGas +
    (isCreation && revision >= Revision.Homestead ? creationGas : 0n) +
    zeros * zeroByteGas +
    others * perByte +
    (isCreation && revision >= Revision.Shanghai ? words * initWordGas : 0n) +
    BigInt(accessList.length) * accessAddressGas +
    BigInt(slots) * accessSlotGas +
    BigInt(authorizations) * authorizationGas
  )
}

/** The least that is paid for data (EIP-7623); nothing before Prague. */
export function floorGas({ data }: ReadTransaction, revision: number): bigint {
  if (revision < Revision.Prague) return 0n
  const { zeros, others } = countBytes(data)
  return transactionGas + (zeros + others * tokensOfByte) * floorTokenGas
}

function countBytes(data: Uint8Array): { readonly zeros: bigint; readonly others: bigint } {
  let zeros = 0
  for (const byte of data) if (byte === 0) zeros++
  return { zeros: BigInt(zeros), others: BigInt(data.length - zeros) }
}
