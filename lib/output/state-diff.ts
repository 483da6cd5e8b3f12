/** What an execution changed, read out of the packed output when it is looked at. */

import { hexToBytes } from '../arguments.js'
import { displayAs } from '../display.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { toRpcForm, withJson } from '../json.js'
import type { PackedReader } from '../native/packed-reader.js'
import { AccountChange, AccountFlag, BlockOutput, SlotChange } from '../native/wire.js'
import { lazyMember, ownMembers } from '../own-members.js'

/** A value before and after. */
export interface Change<Value> {
  /** The value before. */
  readonly before: Value
  /** The value after. */
  readonly after: Value
}

/** A changed storage slot; zero stands for an empty slot. */
export interface SlotDiff extends Change<Hex> {
  /** The slot, 32 bytes. */
  readonly slot: Hex
}

/**
 * A changed account: both sides of everything it has, of which some may be equal. All members are its
 * own: `{ ...diff }` and `structuredClone(diff)` have them too.
 */
export class AccountDiff {
  /** The account's address. */
  declare readonly address: Hex
  /** Whether the account existed before and exists after. */
  declare readonly exists: Change<boolean>
  /** Balances in wei. */
  declare readonly balance: Change<bigint>
  /** Nonces. */
  declare readonly nonce: Change<bigint>
  /** Hashes of the code. */
  declare readonly codeHash: Change<Hex>
  /** The code after, where it changed; undefined where it did not. */
  declare readonly code: Hex | undefined
  /** Whether all the storage that the account had before is gone; `slots` holds what came after. */
  declare readonly storageCleared: boolean
  /** The changed slots, made when they are looked at. */
  declare readonly slots: readonly SlotDiff[]

  readonly #output: PackedReader
  readonly #at: number
  #slots: readonly SlotDiff[] | undefined

  static readonly #members = ownMembers<AccountDiff>({
    slots(diff) {
      diff.#slots ??= readSlots(diff.#output, diff.#at)
      return diff.#slots
    },
  })

  /** @internal */
  constructor(output: PackedReader, at: number) {
    const flags = output.u32(at + AccountChange.flags)
    const has = (flag: number) => (flags & flag) !== 0
    this.address = output.hex(at + AccountChange.address, 20)
    this.exists = {
      before: has(AccountFlag.ExistedBefore),
      after: has(AccountFlag.ExistsAfter),
    }
    this.balance = withJson({
      before: output.u256(at + AccountChange.balanceBefore),
      after: output.u256(at + AccountChange.balanceAfter),
    })
    this.nonce = withJson({
      before: output.u64(at + AccountChange.nonceBefore),
      after: output.u64(at + AccountChange.nonceAfter),
    })
    this.codeHash = {
      before: output.hex(at + AccountChange.codeHashBefore, 32),
      after: output.hex(at + AccountChange.codeHashAfter, 32),
    }
    if (has(AccountFlag.CodeChanged)) lazyMember(this, 'code', () => readCode(output, at))
    else this.code = undefined
    this.storageCleared = has(AccountFlag.StorageCleared)
    AccountDiff.#members(this)
    this.#output = output
    this.#at = at
  }

  /** The diff in JSON, quantities in hex. */
  toJSON(): object {
    return toRpcForm({ ...this }) as object
  }

  static {
    displayAs(AccountDiff, (diff) => ({ ...diff }))
  }
}

function readCode(output: PackedReader, account: number): Hex {
  const offset = output.u32(account + AccountChange.codeOffset)
  const size = output.u32(account + AccountChange.codeSize)
  return output.hex(output.sectionOffset(BlockOutput.pool) + offset, size)
}

function readSlots(output: PackedReader, account: number): readonly SlotDiff[] {
  const first =
    output.sectionOffset(BlockOutput.slots) +
    SlotChange.SIZE * output.u32(account + AccountChange.slotStart)
  const length = output.u32(account + AccountChange.slotCount)
  return Array.from({ length }, (_, i) => {
    const at = first + i * SlotChange.SIZE
    return {
      slot: output.hex(at + SlotChange.key, 32),
      before: output.hex(at + SlotChange.before, 32),
      after: output.hex(at + SlotChange.after, 32),
    }
  })
}

/** The accounts that an execution changed, made one by one as they are iterated over. */
export class StateDiff implements Iterable<AccountDiff> {
  /** How many accounts changed. */
  readonly size: number
  /** All changed accounts, ordered as the execution left them, made when they are looked at. */
  declare readonly accounts: readonly AccountDiff[]
  readonly #output: PackedReader
  #accounts: readonly AccountDiff[] | undefined
  /** Where the accounts are, by their addresses. */
  #indexes: ReadonlyMap<string, number> | undefined

  static readonly #members = ownMembers<StateDiff>({
    accounts(diff) {
      diff.#accounts ??= Array.from({ length: diff.size }, (_, index) => diff.#at(index))
      return diff.#accounts
    },
  })

  /** @internal */
  constructor(output: PackedReader) {
    this.#output = output
    this.size = output.sectionCount(BlockOutput.accounts)
    StateDiff.#members(this)
  }

  /**
   * How an account changed; undefined where it did not. Throws `OPTION_INVALID` for what is no address.
   */
  get(address: string): AccountDiff | undefined {
    const key = bytesToHex(hexToBytes(address, 20, 'address'))
    this.#indexes ??= this.#indexByAddress()
    const index = this.#indexes.get(key)
    return index === undefined ? undefined : (this.#accounts?.[index] ?? this.#at(index))
  }

  /** Iterates over the changed accounts, ordered as the execution left them. */
  *[Symbol.iterator](): IterableIterator<AccountDiff> {
    for (let i = 0; i < this.size; i++) yield this.#accounts?.[i] ?? this.#at(i)
  }

  /** The changed accounts in JSON, quantities in hex. */
  toJSON(): object[] {
    return this.accounts.map((account) => account.toJSON())
  }

  #at(index: number): AccountDiff {
    return new AccountDiff(this.#output, offsetOf(this.#output, index))
  }

  #indexByAddress(): ReadonlyMap<string, number> {
    const output = this.#output
    const indexes = new Map<string, number>()
    for (let i = 0; i < this.size; i++) {
      indexes.set(output.hex(offsetOf(output, i) + AccountChange.address, 20), i)
    }
    return indexes
  }

  static {
    displayAs(StateDiff, (diff) => [...diff])
  }
}

/** Where the record of an account lies. */
function offsetOf(output: PackedReader, index: number): number {
  return output.sectionOffset(BlockOutput.accounts) + index * AccountChange.SIZE
}
