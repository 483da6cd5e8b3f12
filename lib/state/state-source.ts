/** States that lie elsewhere: what they are asked, and what they answer. */

import type { Hex } from '../hex/index.js'
import type { AllocQuantity } from './alloc.js'

/** How a {@link StateSource} is asked. */
export interface SourceRequest {
  /**
   * Aborts when the execution that asks has been cancelled, or its time is up: nobody waits for the
   * answer any more, whether or not the source looks at it.
   */
  readonly signal: AbortSignal
}

/** A value, or the promise of one. */
export type Awaitable<Value> = Value | PromiseLike<Value>

/** An account as a {@link StateSource} gives it. */
export interface SourceAccount {
  /** How many transactions it sent, or contracts it created. */
  readonly nonce: AllocQuantity
  /** In wei. */
  readonly balance: AllocQuantity
  /** keccak256 of the code, `0x` hex or bytes. Default: the account has no code. */
  readonly codeHash?: Hex | Uint8Array | undefined
  /**
   * The root of the account's storage trie, `0x` hex or bytes, where the source knows it. That of an
   * empty trie saves asking for slots; any other makes creations at the address fail (EIP-7610).
   */
  readonly storageRoot?: Hex | Uint8Array | undefined
}

/**
 * A state that can only be asked, most often asynchronously: a node's JSON-RPC, a database, a light
 * client, a witness. It answers for one block, the one that a {@link SourceState} starts from.
 *
 * Everything that is missing at a time is asked for before anything is awaited: transports that
 * gather the calls of a tick (viem's `batch`) send one request. What is thrown ends the execution
 * with `STATE_UNAVAILABLE`, and is its `cause`. The last argument of every method tells when the
 * execution was cancelled: `fetch(url, { signal })`.
 */
export interface StateSource {
  /** The account at an address, or undefined where there is none. */
  getAccount(address: Hex, request: SourceRequest): Awaitable<SourceAccount | undefined>
  /**
   * The value of a storage slot as a number, `0x` hex, or bytes of which leading zeros may be absent;
   * zero where nothing is stored.
   */
  getStorage(address: Hex, slot: Hex, request: SourceRequest): Awaitable<AllocQuantity | Uint8Array>
  /**
   * The code with this hash, which the account at `address` has; undefined where the source does not
   * hold it. It is asked for with the account; a block that needs code that was not given fails with
   * `STATE_MISSING_CODE`.
   */
  getCode(
    codeHash: Hex,
    address: Hex,
    request: SourceRequest,
  ): Awaitable<Hex | Uint8Array | undefined>
  /**
   * The hash of an ancestor that BLOCKHASH asks for. Without it, or where it gives undefined, hashes
   * that were not supplied with the block fail it with `STATE_MISSING_BLOCK_HASH`.
   */
  readonly getBlockHash?:
    | ((number: bigint, request: SourceRequest) => Awaitable<Hex | Uint8Array | undefined>)
    | undefined
}
