/** The state after a block of a node's chain, and a record of what was asked of it. */

import { bytesOf, bytesToHex, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import type { Alloc } from '../state/alloc.js'
import type { SourceAccount, StateSource } from '../state/state-source.js'
import type { Node } from './node.js'
import type { KnownAccount } from './traced-accounts.js'

/** An account with what is recorded of it. */
interface RecordedAccount {
  readonly balance: Hex
  readonly nonce: Hex
  code?: Hex
  readonly storage: Record<Hex, Hex>
}

/**
 * Answers for the state after a block: with what is known already, else by asking the node. Everything
 * that it answered is recorded.
 */
export class NodeSource implements StateSource {
  readonly #node: Node
  readonly #block: Hex
  readonly #known: ReadonlyMap<Hex, KnownAccount>
  readonly #accounts = new Map<Hex, RecordedAccount>()
  readonly #slots = new Map<Hex, Record<Hex, Hex>>()
  readonly #codes = new Map<Hex, Hex>()
  readonly #blockHashes: Record<string, Hex> = {}

  /**
   * @param block the number of the block whose post-state is asked for
   * @param known what need not be asked for
   */
  constructor(node: Node, block: bigint, known: ReadonlyMap<Hex, KnownAccount>) {
    this.#node = node
    this.#block = quantity(block)
    this.#known = known
  }

  /** The accounts that were asked for and exist, with the slots that were asked for. */
  get accounts(): Alloc {
    const accounts: Record<Hex, RecordedAccount> = {}
    for (const [address, account] of this.#accounts) {
      accounts[address] = { ...account, storage: this.#slots.get(address) ?? {} }
    }
    return accounts
  }

  /** The hashes of ancestors that were asked for, by number. */
  get blockHashes(): Readonly<Record<string, Hex>> {
    return this.#blockHashes
  }

  async getAccount(address: Hex): Promise<SourceAccount | undefined> {
    const fields = this.#known.get(address)?.fields ?? (await this.#askAccount(address))
    const { balance = '0x0', nonce = 0, code = '0x' } = fields
    if (BigInt(balance) === 0n && BigInt(nonce) === 0n && code === '0x') return undefined
    const account: RecordedAccount = { balance, nonce: quantity(BigInt(nonce)), storage: {} }
    this.#accounts.set(address, account)
    if (code === '0x') return { balance, nonce }
    account.code = code
    const codeHash = bytesToHex(keccak256(bytesOf(code) ?? new Uint8Array()))
    this.#codes.set(codeHash, code)
    return { balance, nonce, codeHash }
  }

  async getStorage(address: Hex, slot: Hex): Promise<Hex> {
    const value =
      this.#known.get(address)?.slots.get(slot) ??
      (await this.#node.ask<Hex>('eth_getStorageAt', address, slot, this.#block))
    const slots = this.#slots.get(address) ?? {}
    slots[slot] = value
    this.#slots.set(address, slots)
    return value
  }

  getCode(codeHash: Hex): Hex | undefined {
    return this.#codes.get(codeHash)
  }

  async getBlockHash(number: bigint): Promise<Hex | undefined> {
    const header = await this.#node.ask<{ hash: Hex } | null>(
      'eth_getBlockByNumber',
      quantity(number),
      false,
    )
    if (header === null) return undefined
    this.#blockHashes[String(number)] = header.hash
    return header.hash
  }

  async #askAccount(address: Hex) {
    const [balance, nonce, code] = await Promise.all([
      this.#node.ask<Hex>('eth_getBalance', address, this.#block),
      this.#node.ask<Hex>('eth_getTransactionCount', address, this.#block),
      this.#node.ask<Hex>('eth_getCode', address, this.#block),
    ])
    return { balance, nonce, code }
  }
}

/** A number as JSON-RPC writes it. */
export function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`
}
