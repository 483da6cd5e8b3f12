/** Values of a state that are replaced for a simulation. */

import { checkMembers, isRecord, type MembersOf } from '../arguments.js'
import { PackedReader } from '../native/packed-reader.js'
import { StateAccount, StateAccountFlag, StateDump } from '../native/wire.js'
import { type AllocQuantity, malformed, packAlloc } from './alloc.js'

/** What is replaced of one account. What is absent stays as it is; the account exists. */
export interface AccountOverride {
  /** In wei. */
  readonly balance?: AllocQuantity | undefined
  /** How many transactions it sent, or contracts it created. */
  readonly nonce?: AllocQuantity | undefined
  /** The code, `0x` hex or bytes. */
  readonly code?: string | Uint8Array | undefined
  /** All of the storage: slots that are not named are zero. Not together with `stateDiff`. */
  readonly state?: Readonly<Record<string, string | bigint | number>> | undefined
  /** Some slots: others stay as they are. */
  readonly stateDiff?: Readonly<Record<string, string | bigint | number>> | undefined
}

/** Overrides by address, as `eth_call` of JSON-RPC takes them. */
export type StateOverrides = Readonly<Record<string, AccountOverride>>

const members: MembersOf<AccountOverride> = {
  balance: true,
  nonce: true,
  code: true,
  state: true,
  stateDiff: true,
}

/** Packs overrides as a layer over a state. Throws `STATE_MALFORMED` with the account and the field. */
export function packOverrides(overrides: StateOverrides): Uint8Array {
  const alloc = isRecord(overrides)
    ? Object.fromEntries(
        Object.entries(overrides).map(([address, given]) => [address, allocOf(address, given)]),
      )
    : overrides
  const packed = packAlloc(alloc, true)
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const first = new PackedReader(packed).sectionOffset(StateDump.accounts)
  Object.values(overrides).forEach((given, i) => {
    view.setUint32(first + i * StateAccount.SIZE + StateAccount.flags, flagsOf(given), true)
  })
  return packed
}

function allocOf(address: string, given: unknown) {
  if (!isRecord(given)) throw malformed(address, undefined, 'an object', given)
  checkMembers(given, members, { code: 'STATE_MALFORMED', details: { address } })
  const { balance, nonce, code, state, stateDiff } = given as AccountOverride
  if (state !== undefined && stateDiff !== undefined) {
    throw malformed(address, 'stateDiff', 'none beside `state`', stateDiff)
  }
  return { balance, nonce, code, storage: state ?? stateDiff }
}

function flagsOf({ balance, nonce, code, state }: AccountOverride): number {
  return (
    (balance === undefined ? 0 : StateAccountFlag.BalanceSaid) |
    (nonce === undefined ? 0 : StateAccountFlag.NonceSaid) |
    (code === undefined ? 0 : StateAccountFlag.CodeSaid) |
    (state === undefined ? 0 : StateAccountFlag.StorageReplaced)
  )
}
