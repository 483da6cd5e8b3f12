/** A node as a source: what is asked of it one by one. */

import type { Hex } from '../hex/index.js'
import type { SeedingSource, Seeds } from '../state/seeds.js'
import type { SourceAccount, SourceRequest } from '../state/state-source.js'
import { AccountProofs } from './account-proofs.js'
import { bytesIn, isNoCode, nonceIn, numberIn } from './answers.js'
import { CodeShelf } from './code-shelf.js'
import type { NodeState } from './node-state.js'
import { Seeding } from './seeding.js'

/**
 * Answers for the state after a block. An account is asked for with its code, so that it takes one round
 * trip: what it would save to know the hash of the code first costs a second one.
 */
export class RpcSource implements SeedingSource {
  readonly #node: NodeState
  readonly #proofs: AccountProofs | undefined
  readonly #codes = new CodeShelf()
  readonly #seeding: Seeding

  constructor(node: NodeState) {
    this.#node = node
    this.#seeding = new Seeding(node)
    this.#proofs = node.settings.verify ? new AccountProofs(node) : undefined
  }

  seed(input: Uint8Array, request: SourceRequest): Promise<Seeds> {
    return this.#node.withHeader(this.#seeding.seedsOf(input, request), request)
  }

  /** Asks already for what {@link seed} of an input will want to know first. */
  lookAhead(input: Uint8Array, request: SourceRequest): void {
    this.#seeding.lookAhead(input, request)
  }

  /** Code that came with an account, once. */
  takeCode(codeHash: Hex): Uint8Array | undefined {
    return this.#codes.take(codeHash)
  }

  async getAccount(address: Hex, request: SourceRequest): Promise<SourceAccount | undefined> {
    const account =
      this.#proofs === undefined
        ? this.#toldAccount(address, request)
        : this.#provedAccount(this.#proofs, address, request)
    return this.#node.withHeader(account, request)
  }

  async getStorage(address: Hex, slot: Hex, request: SourceRequest): Promise<bigint> {
    if (this.#proofs !== undefined) return this.#proofs.slot(address, slot, request)
    const method = 'eth_getStorageAt'
    const asked = this.#node.ask(method, [address, slot, this.#node.block], request)
    return numberIn(method, await this.#node.withHeader(asked, request))
  }

  /** Code is compared with its hash by who asks. */
  async getCode(codeHash: Hex, address: Hex, request: SourceRequest): Promise<Uint8Array> {
    return this.takeCode(codeHash) ?? this.#code(address, request)
  }

  async getBlockHash(number: bigint, request: SourceRequest): Promise<Hex | undefined> {
    return (await this.#node.headerAt(number, request))?.hash
  }

  async #toldAccount(address: Hex, request: SourceRequest): Promise<SourceAccount | undefined> {
    const ask = (method: string) => this.#node.ask(method, [address, this.#node.block], request)
    const [balance, nonce, code] = await Promise.all([
      ask('eth_getBalance').then((value) => numberIn('eth_getBalance', value)),
      ask('eth_getTransactionCount').then((value) => nonceIn('eth_getTransactionCount', value)),
      this.#code(address, request),
    ])
    if (balance === 0n && nonce === 0n && code.length === 0) return undefined
    return { balance, nonce, codeHash: this.#codes.put(code) }
  }

  async #provedAccount(
    proofs: AccountProofs,
    address: Hex,
    request: SourceRequest,
  ): Promise<SourceAccount | undefined> {
    const [proof, code] = await Promise.all([
      proofs.account(address, request),
      this.#code(address, request),
    ])
    const { balance, nonce, codeHash, storageHash } = proof
    if (balance === 0n && nonce === 0n && isNoCode(codeHash)) return undefined
    this.#codes.put(code)
    return { balance, nonce, codeHash, storageRoot: storageHash }
  }

  async #code(address: Hex, request: SourceRequest): Promise<Uint8Array> {
    const method = 'eth_getCode'
    return bytesIn(method, await this.#node.ask(method, [address, this.#node.block], request))
  }
}
