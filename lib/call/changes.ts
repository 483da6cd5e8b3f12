/** What a simulation has changed so far, over the state that it began with. */

import { emptyCodeHash } from '../empty-hashes.js'
import {
  bytesOf,
  bytesToHex,
  type Hex,
  putUint256,
  uint256Of,
  uint256ToBytes,
  writeHex,
} from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { align, putSection } from '../native/packed-writer.js'
import {
  AccountChange,
  AccountFlag,
  BlockOutput,
  Magic,
  SlotChange,
  WIRE_VERSION,
} from '../native/wire.js'
import type { AccountDiff, StateDiff } from '../output/state-diff.js'
import type { AccountOverride } from '../state/overrides.js'
import type { ReadableState } from '../state/readable-state.js'

/** What an account is, but for its storage. */
interface Values {
  readonly exists: boolean
  readonly nonce: bigint
  readonly balance: bigint
  readonly codeHash: Hex
}

interface Changed {
  readonly before: Values
  after: Values
  /** The code after, where it is another than before. */
  code: Hex | undefined
  /** Whether nothing is left of the storage before. */
  cleared: boolean
  readonly slots: Map<Hex, { readonly before: Hex; after: Hex }>
}

const nothing: Values = { exists: false, nonce: 0n, balance: 0n, codeHash: emptyCodeHash }

/** Accounts and slots that are not what they were, as one step. */
export class Changes {
  readonly #accounts = new Map<Hex, Changed>()

  /** Whether there are none. */
  get isEmpty(): boolean {
    return this.#accounts.size === 0
  }

  /** Takes in what came after the changes so far. */
  absorb(diff: StateDiff): void {
    for (const account of diff) this.#absorbAccount(account)
  }

  /** Takes in what is replaced of an account. `state` is that after the changes so far. */
  async override(state: ReadableState, address: Hex, override: AccountOverride): Promise<void> {
    const known = this.#accounts.get(address)
    const account = await state.getAccount(address)
    const now: Values = account === undefined ? nothing : { ...account, exists: true }
    const changed = known ?? madeOf(now)
    this.#accounts.set(address, changed)
    const { balance, nonce, code, state: all, stateDiff } = override
    const bytes = code === undefined ? undefined : bytesOf(code)
    changed.after = {
      exists: true,
      nonce: nonce === undefined ? now.nonce : numberIn(nonce),
      balance: balance === undefined ? now.balance : numberIn(balance),
      codeHash: bytes === undefined ? now.codeHash : hashOf(bytes),
    }
    if (bytes !== undefined) changed.code = bytesToHex(bytes)
    if (all !== undefined) {
      changed.cleared = changed.before.exists
      changed.slots.clear()
    }
    for (const [key, value] of Object.entries(all ?? stateDiff ?? {})) {
      const slot = wordIn(key)
      const before = changed.slots.get(slot)?.before ?? (await state.getStorage(address, slot))
      changed.slots.set(slot, { before, after: wordIn(value) })
    }
  }

  #absorbAccount(diff: AccountDiff): void {
    const before: Values = sideOf(diff, 'before')
    const changed = this.#accounts.get(diff.address) ?? madeOf(before)
    this.#accounts.set(diff.address, changed)
    changed.after = sideOf(diff, 'after')
    if (diff.code !== undefined) changed.code = diff.code
    if (diff.storageCleared || !diff.exists.after) {
      changed.cleared = changed.before.exists
      changed.slots.clear()
    }
    for (const { slot, before: was, after } of diff.slots) {
      changed.slots.set(slot, { before: changed.slots.get(slot)?.before ?? was, after })
    }
  }

  /** The changes as a packed BlockOutput. */
  pack(): Uint8Array {
    const accounts = [...this.#accounts].filter(
      ([, { before, after }]) => before.exists || after.exists,
    )
    const codes = accounts.map(([, { code, before, after }]) =>
      code === undefined || after.codeHash === before.codeHash || !after.exists
        ? undefined
        : (bytesOf(code) ?? new Uint8Array()),
    )
    const slotCount = accounts.reduce((sum, [, { slots }]) => sum + slots.size, 0)
    const slotsAt = align(align(BlockOutput.SIZE) + accounts.length * AccountChange.SIZE)
    const poolAt = align(slotsAt + slotCount * SlotChange.SIZE)
    const poolSize = codes.reduce((sum, code) => sum + (code?.length ?? 0), 0)
    const bytes = Buffer.alloc(poolAt + poolSize)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    view.setUint32(BlockOutput.magic, Magic.BlockOutput, true)
    view.setUint32(BlockOutput.version, WIRE_VERSION, true)
    putSection(view, BlockOutput.accounts, align(BlockOutput.SIZE), accounts.length)
    putSection(view, BlockOutput.slots, slotsAt, slotCount)
    putSection(view, BlockOutput.pool, poolAt, poolSize)
    let [slot, offset] = [0, 0]
    accounts.forEach(([address, changed], i) => {
      const at = align(BlockOutput.SIZE) + i * AccountChange.SIZE
      putAccount(bytes, view, at, address, changed)
      view.setUint32(at + AccountChange.slotStart, slot, true)
      view.setUint32(at + AccountChange.slotCount, changed.slots.size, true)
      const code = codes[i]
      if (code !== undefined) {
        bytes.set(code, poolAt + offset)
        view.setUint32(at + AccountChange.codeOffset, offset, true)
        view.setUint32(at + AccountChange.codeSize, code.length, true)
        offset += code.length
      }
      for (const [key, { before, after }] of changed.slots) {
        const record = slotsAt + slot++ * SlotChange.SIZE
        putHash(bytes, record + SlotChange.key, key)
        putHash(bytes, record + SlotChange.before, before)
        putHash(bytes, record + SlotChange.after, after)
      }
    })
    return bytes
  }
}

function madeOf(before: Values): Changed {
  return { before, after: before, code: undefined, cleared: false, slots: new Map() }
}

function sideOf(diff: AccountDiff, side: 'before' | 'after'): Values {
  return {
    exists: diff.exists[side],
    nonce: diff.nonce[side],
    balance: diff.balance[side],
    codeHash: diff.codeHash[side],
  }
}

function putAccount(
  bytes: Buffer,
  view: DataView,
  at: number,
  address: Hex,
  { before, after, cleared }: Changed,
): void {
  writeHex(bytes, at + AccountChange.address + 20, address, 2)
  view.setBigUint64(at + AccountChange.nonceBefore, before.nonce, true)
  view.setBigUint64(at + AccountChange.nonceAfter, after.nonce, true)
  putUint256(view, at + AccountChange.balanceBefore, before.balance)
  putUint256(view, at + AccountChange.balanceAfter, after.balance)
  putHash(bytes, at + AccountChange.codeHashBefore, before.codeHash)
  putHash(bytes, at + AccountChange.codeHashAfter, after.codeHash)
  const hasNewCode = after.exists && after.codeHash !== before.codeHash
  const flags =
    (before.exists ? AccountFlag.ExistedBefore : 0) |
    (after.exists ? AccountFlag.ExistsAfter : 0) |
    (hasNewCode ? AccountFlag.CodeChanged : 0) |
    (cleared && after.exists ? AccountFlag.StorageCleared : 0)
  view.setUint32(at + AccountChange.flags, flags, true)
}

function putHash(bytes: Buffer, at: number, hash: Hex): void {
  writeHex(bytes, at + 32, hash, 2)
}

/** Numbers that states took already. */
function numberIn(value: unknown): bigint {
  return BigInt(value as bigint | number | string)
}

function wordIn(value: unknown): Hex {
  // Keys may lack their prefix.
  const text = typeof value === 'string' && !value.startsWith('0x') ? `0x${value}` : value
  const number = typeof text === 'number' ? BigInt(text) : uint256Of(text)
  return bytesToHex(uint256ToBytes(number ?? 0n))
}

function hashOf(code: Uint8Array): Hex {
  return code.length === 0 ? emptyCodeHash : bytesToHex(keccak256(code))
}
