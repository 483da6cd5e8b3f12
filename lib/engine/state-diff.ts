/** What an execution changed, read out of the packed output when it is looked at. */

import type { Hex } from '../block/types.js'
import { displayAs } from '../display.js'
import type { PackedReader } from '../native/packed-reader.js'
import { AccountChange, AccountFlag, BlockOutput, SlotChange } from '../native/wire.js'

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

/** A changed account: both sides of everything it has, of which some may be equal. */
export class AccountDiff {
  readonly #output: PackedReader
  readonly #at: number

  /** @internal */
  constructor(output: PackedReader, at: number) {
    this.#output = output
    this.#at = at
  }

  /** The account's address. */
  get address(): Hex {
    return this.#output.hex(this.#at + AccountChange.address, 20)
  }

  /** Whether the account existed before and exists after. */
  get exists(): Change<boolean> {
    return {
      before: this.#has(AccountFlag.ExistedBefore),
      after: this.#has(AccountFlag.ExistsAfter),
    }
  }

  /** Balances in wei. */
  get balance(): Change<bigint> {
    const output = this.#output
    return {
      before: output.u256(this.#at + AccountChange.balanceBefore),
      after: output.u256(this.#at + AccountChange.balanceAfter),
    }
  }

  /** Nonces. */
  get nonce(): Change<bigint> {
    const output = this.#output
    return {
      before: output.u64(this.#at + AccountChange.nonceBefore),
      after: output.u64(this.#at + AccountChange.nonceAfter),
    }
  }

  /** Hashes of the code. */
  get codeHash(): Change<Hex> {
    const output = this.#output
    return {
      before: output.hex(this.#at + AccountChange.codeHashBefore, 32),
      after: output.hex(this.#at + AccountChange.codeHashAfter, 32),
    }
  }

  /** The code after, where it changed; undefined where it did not. */
  get code(): Hex | undefined {
    if (!this.#has(AccountFlag.CodeChanged)) return undefined
    const output = this.#output
    const offset = output.u32(this.#at + AccountChange.codeOffset)
    const size = output.u32(this.#at + AccountChange.codeSize)
    return output.hex(output.sectionOffset(BlockOutput.pool) + offset, size)
  }

  /** Whether all the storage that the account had before is gone; `slots` holds what came after. */
  get storageCleared(): boolean {
    return this.#has(AccountFlag.StorageCleared)
  }

  /** The changed slots. */
  get slots(): SlotDiff[] {
    const output = this.#output
    const first =
      output.sectionOffset(BlockOutput.slots) +
      SlotChange.SIZE * output.u32(this.#at + AccountChange.slotStart)
    const length = output.u32(this.#at + AccountChange.slotCount)
    return Array.from({ length }, (_, i) => {
      const at = first + i * SlotChange.SIZE
      return {
        slot: output.hex(at + SlotChange.key, 32),
        before: output.hex(at + SlotChange.before, 32),
        after: output.hex(at + SlotChange.after, 32),
      }
    })
  }

  /** The diff as a plain object; numbers are bigint as everywhere. */
  toJSON() {
    const { address, exists, balance, nonce, codeHash, code, storageCleared, slots } = this
    return { address, exists, balance, nonce, codeHash, code, storageCleared, slots }
  }

  #has(flag: number): boolean {
    return (this.#output.u32(this.#at + AccountChange.flags) & flag) !== 0
  }

  static {
    displayAs(AccountDiff, (diff) => diff.toJSON())
  }
}

/** The accounts that an execution changed, made one by one as they are iterated over. */
export class StateDiff implements Iterable<AccountDiff> {
  readonly #output: PackedReader

  /** @internal */
  constructor(output: PackedReader) {
    this.#output = output
  }

  /** How many accounts changed. */
  get size(): number {
    return this.#output.sectionCount(BlockOutput.accounts)
  }

  /** Iterates over the changed accounts, ordered as the execution left them. */
  *[Symbol.iterator](): IterableIterator<AccountDiff> {
    const first = this.#output.sectionOffset(BlockOutput.accounts)
    for (let i = 0; i < this.size; i++) {
      yield new AccountDiff(this.#output, first + i * AccountChange.SIZE)
    }
  }

  static {
    displayAs(StateDiff, (diff) => [...diff])
  }
}
