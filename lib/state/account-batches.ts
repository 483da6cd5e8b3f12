/** Accounts that come one by one, packed in batches as the native state loads them. */

import { isRecord, isSequence } from '../arguments.js'
import type { Hex } from '../hex/index.js'
import { StateAccount, StateAccountFlag, StateDump } from '../native/wire.js'
import { type AllocAccount, malformed, packAlloc } from './alloc.js'

/**
 * An account that a state is loaded from: as `MemoryState.dump` gives it, or as files of accounts do, where
 * one with much storage comes in several parts, one behind the other.
 */
export interface LoadableAccount {
  /** Where the account is. */
  readonly address: string
  /** How many transactions it sent, or contracts it created. */
  readonly nonce: bigint
  /** In wei. */
  readonly balance: bigint
  /** The contract's code, or undefined where only its hash is known. */
  readonly code: Hex | undefined
  /** The hash of the code; looked at where the code is not known. */
  readonly codeHash?: Hex | undefined
  /** Values by slot. */
  readonly storage: ReadonlyMap<Hex, Hex>
  /** Whether more of its storage follows: then nothing else counts. */
  readonly more?: boolean | undefined
}

/** A batch is packed when it has come to so many accounts and slots, or characters of code. */
const batchRecords = 16_384
const batchCode = 1 << 24

/** An account that a batch collects. */
interface Collected extends AllocAccount {
  readonly storage: Record<string, string>
}

/** Packs accounts in batches, and counts them. */
export class AccountBatches {
  /** How many accounts have been packed, each once. */
  count = 0
  readonly #accounts: AsyncIterable<LoadableAccount> | Iterable<LoadableAccount>
  #batch: Record<string, Collected> = Object.create(null)
  #records = 0
  #code = 0
  /** The account that goes on in the next part. */
  #open: string | undefined

  constructor(accounts: AsyncIterable<LoadableAccount> | Iterable<LoadableAccount>) {
    if (!isSequence(accounts)) throw malformed('', undefined, 'a sequence of accounts', accounts)
    this.#accounts = accounts
  }

  /** @throws StateError `STATE_MALFORMED` for what is no account, or comes twice or in pieces */
  async *packed(): AsyncGenerator<Uint8Array, void, void> {
    for await (const account of this.#accounts) {
      this.#add(account)
      if (this.#records >= batchRecords || this.#code >= batchCode) yield this.#pack()
    }
    if (this.#open !== undefined) {
      throw malformed(this.#open, undefined, 'the rest of the account', 'the end')
    }
    if (this.#records > 0) yield this.#pack()
  }

  #add(account: LoadableAccount): void {
    if (!isRecord(account) || typeof account.address !== 'string') {
      throw malformed('', undefined, 'an account with its address', account)
    }
    const { nonce, balance, code, codeHash, storage, more = false } = account
    const address = account.address.toLowerCase()
    if (this.#open !== undefined && this.#open !== address) {
      throw malformed(this.#open, undefined, 'its parts one behind the other', address)
    }
    if (!(storage instanceof Map)) throw malformed(address, 'storage', 'a map of slots', storage)
    const begun = this.#batch[address]
    if (begun !== undefined && this.#open !== address) {
      throw malformed(address, undefined, 'distinct addresses', `${address} twice`)
    }
    this.#open = more ? address : undefined
    if (!more) this.count++
    const slots = Object.assign(begun?.storage ?? {}, Object.fromEntries(storage))
    this.#batch[address] = more
      ? { storage: slots }
      : { nonce, balance, ...(code === undefined ? { codeHash } : { code }), storage: slots }
    this.#records += 1 + storage.size
    this.#code += code?.length ?? 0
  }

  #pack(): Uint8Array {
    const packed = packAlloc(this.#batch)
    // The rest of an account that goes on says what it has beside slots.
    if (this.#open !== undefined) markSlotsOnly(packed)
    this.#batch = Object.create(null)
    this.#records = 0
    this.#code = 0
    return packed
  }
}

/** Marks the last account of a batch. */
function markSlotsOnly(packed: Uint8Array): void {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const count = view.getUint32(StateDump.accounts + 4, true)
  const at = StateDump.SIZE + (count - 1) * StateAccount.SIZE
  view.setUint32(at + StateAccount.flags, StateAccountFlag.SlotsOnly, true)
}
