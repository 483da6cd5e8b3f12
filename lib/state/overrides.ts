/** Values of a state that are replaced for a simulation. */

import { checkMembers, isRecord, type MembersOf } from '../arguments.js'
import { PackedReader } from '../native/packed-reader.js'
import { align, putSection } from '../native/packed-writer.js'
import {
  PrecompileMove as PackedMove,
  StateAccount,
  StateAccountFlag,
  StateDump,
} from '../native/wire.js'
import { type AllocQuantity, malformed, packAlloc, writeFixed } from './alloc.js'

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
  /**
   * Where the precompiled contract of this address is called instead. Executing a block in whose hardfork there
   * is none here fails with `STATE_NOT_PRECOMPILE`. The other address must not be overridden itself; a
   * precompiled contract there is lost. Its account, and which addresses are warm (EIP-2929), stay as they are.
   */
  readonly movePrecompileTo?: string | undefined
}

/**
 * Overrides by address, as `eth_call` of JSON-RPC takes them. A precompiled contract whose address is
 * overridden, in whatever, is none any more: the account's code is called.
 */
export type StateOverrides = Readonly<Record<string, AccountOverride>>

const members: MembersOf<AccountOverride> = {
  balance: true,
  nonce: true,
  code: true,
  state: true,
  stateDiff: true,
  movePrecompileTo: true,
}

/** Packs overrides as a layer over a state. Throws `STATE_MALFORMED` with the account and the field. */
export function packOverrides(overrides: StateOverrides): Uint8Array {
  if (!isRecord(overrides)) return packAlloc(overrides)
  const moves: PrecompileMove[] = []
  const said: [string, AccountOverride][] = []
  for (const [address, given] of Object.entries(overrides)) {
    checkOverride(address, given)
    const { movePrecompileTo: to, ...rest } = given
    if (to !== undefined) moves.push(moveOf(address, to))
    // Where a contract is taken away and nothing else said, the account stays what it is.
    if (to === undefined || Object.values(rest).some((value) => value !== undefined)) {
      said.push([address, rest])
    }
  }
  checkTargets(moves, overrides)
  return withMoves(packAccounts(said), moves)
}

function packAccounts(said: readonly (readonly [string, AccountOverride])[]): Uint8Array {
  const packed = packAlloc(
    Object.fromEntries(
      said.map(([address, { balance, nonce, code, state, stateDiff }]) => [
        address,
        { balance, nonce, code, storage: state ?? stateDiff },
      ]),
    ),
    true,
  )
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const first = new PackedReader(packed).sectionOffset(StateDump.accounts)
  said.forEach(([, given], i) => {
    view.setUint32(first + i * StateAccount.SIZE + StateAccount.flags, flagsOf(given), true)
  })
  return packed
}

function checkOverride(address: string, given: unknown): asserts given is AccountOverride {
  if (!isRecord(given)) throw malformed(address, undefined, 'an object', given)
  checkMembers(given, members, { code: 'STATE_MALFORMED', details: { address } })
  const { state, stateDiff } = given as AccountOverride
  if (state !== undefined && stateDiff !== undefined) {
    throw malformed(address, 'stateDiff', 'none beside `state`', stateDiff)
  }
}

function flagsOf({ balance, nonce, code, state }: AccountOverride): number {
  return (
    (balance === undefined ? 0 : StateAccountFlag.BalanceSaid) |
    (nonce === undefined ? 0 : StateAccountFlag.NonceSaid) |
    (code === undefined ? 0 : StateAccountFlag.CodeSaid) |
    (state === undefined ? 0 : StateAccountFlag.StorageReplaced)
  )
}

/** A precompiled contract that is called elsewhere, both as bytes. */
interface PrecompileMove {
  readonly address: string
  readonly from: Buffer
  readonly to: Buffer
}

function moveOf(address: string, to: unknown): PrecompileMove {
  const [from, target] = [Buffer.alloc(20), Buffer.alloc(20)]
  writeFixed(from, 0, 20, address, address, 'address')
  writeFixed(target, 0, 20, to, address, 'movePrecompileTo')
  return { address, from, to: target }
}

/** Fails where a contract is to be moved to an account that is overridden as well. */
function checkTargets(moves: readonly PrecompileMove[], overrides: StateOverrides): void {
  if (moves.length === 0) return
  const overridden = new Set(Object.keys(overrides).map(plainAddress))
  for (const { address, to } of moves) {
    if (!overridden.has(to.toString('hex'))) continue
    const actual = `0x${to.toString('hex')}`
    throw malformed(address, 'movePrecompileTo', 'an address that is not overridden', actual)
  }
}

const plainAddress = (address: string): string => address.replace(/^0x/, '').toLowerCase()

/** The same with moves of precompiled contracts behind it, in the order of their addresses. */
function withMoves(packed: Uint8Array, moves: readonly PrecompileMove[]): Uint8Array {
  if (moves.length === 0) return packed
  const at = align(packed.length)
  const all = Buffer.alloc(at + moves.length * PackedMove.SIZE)
  all.set(packed)
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength)
  putSection(view, StateDump.moves, at, moves.length)
  moves
    .toSorted((a, b) => a.from.compare(b.from))
    .forEach(({ from, to }, i) => {
      all.set(from, at + i * PackedMove.SIZE + PackedMove.from)
      all.set(to, at + i * PackedMove.SIZE + PackedMove.to)
    })
  return all
}
