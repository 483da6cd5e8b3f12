/** VMs of `@ethereumjs/vm` on identical states, and blocks for them. */

import { type Block, createBlock } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import type { TypedTransaction } from '@ethereumjs/tx'
import {
  createAddressFromPrivateKey,
  createAddressFromString,
  createWithdrawal,
  hexToBytes,
  type PrefixedHexString,
} from '@ethereumjs/util'
import { createVM, type VM } from '@ethereumjs/vm'

/** Two accounts that can sign. */
export const keys = [hexToBytes(`0x${'45'.repeat(32)}`), hexToBytes(`0x${'46'.repeat(32)}`)]
export const senders = keys.map((key) => createAddressFromPrivateKey(key))

export interface VmAccount {
  readonly balance?: bigint
  readonly nonce?: bigint
  readonly code?: PrefixedHexString
  readonly storage?: Readonly<Record<PrefixedHexString, PrefixedHexString>>
}

export type VmAlloc = Readonly<Record<PrefixedHexString, VmAccount>>

/** A VM with the senders' ether and the accounts. */
export async function vmWith(common: Common, alloc: VmAlloc): Promise<VM> {
  const own = common.copy()
  const stateManager = new MerkleStateManager({ common: own })
  const vm = await createVM({ common: own, stateManager })
  const rich: VmAlloc = Object.fromEntries(
    senders.map((sender) => [sender.toString(), { balance: 10n ** 24n }]),
  )
  await vm.stateManager.checkpoint()
  const accounts: VmAlloc = { ...rich, ...alloc }
  for (const [hex, account] of Object.entries(accounts)) {
    const address = createAddressFromString(hex)
    const { balance = 0n, nonce = 0n, code, storage = {} } = account
    await vm.stateManager.modifyAccountFields(address, { balance, nonce })
    if (code !== undefined) await vm.stateManager.putCode(address, hexToBytes(code))
    for (const [slot, value] of Object.entries(storage)) {
      const key = hexToBytes(slot as PrefixedHexString)
      await vm.stateManager.putStorage(address, key, hexToBytes(value))
    }
  }
  await vm.stateManager.commit()
  return vm
}

export interface BlockParts {
  readonly number?: bigint
  readonly timestamp?: bigint
  readonly extraData?: PrefixedHexString
  readonly transactions?: readonly TypedTransaction[]
  readonly ommers?: readonly { readonly number: bigint; readonly coinbase: PrefixedHexString }[]
  readonly withdrawals?: readonly { readonly address: PrefixedHexString; readonly amount: bigint }[]
  readonly baseFeePerGas?: bigint
}

/** A block of a VM's hardfork; its roots and gas are not filled in. */
export function blockOf(common: Common, parts: BlockParts): Block {
  const { number = 100n, transactions = [], ommers = [], withdrawals = [] } = parts
  const has = (eip: number): boolean => common.isActivatedEIP(eip)
  const header = {
    number,
    timestamp: parts.timestamp ?? 1_800_000_000n,
    gasLimit: 30_000_000n,
    extraData: parts.extraData ?? '0x',
    coinbase: `0x${'c0'.repeat(20)}` as const,
    parentHash: `0x${'11'.repeat(32)}` as const,
    mixHash: `0x${'12'.repeat(32)}` as const,
    difficulty: common.consensusType() === 'pow' ? 131_072n : 0n,
    ...(has(1559) ? { baseFeePerGas: parts.baseFeePerGas ?? 1_000n } : {}),
    ...(has(4788) ? { parentBeaconBlockRoot: `0x${'15'.repeat(32)}` as const } : {}),
  }
  return createBlock(
    {
      header,
      transactions: [...transactions] as never,
      uncleHeaders: ommers.map((ommer) => ({ ...ommer, difficulty: 131_072n })),
      ...(has(4895)
        ? {
            withdrawals: withdrawals.map((withdrawal, index) =>
              createWithdrawal({ index, validatorIndex: 7, ...withdrawal }),
            ),
          }
        : {}),
    },
    { common, skipConsensusFormatValidation: true },
  )
}
