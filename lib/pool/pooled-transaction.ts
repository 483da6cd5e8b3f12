/** A transaction as the pool keeps it. */

import { displayAs } from '../display.js'
import type { Hex } from '../hex/index.js'
import { toRpcForm } from '../json.js'

/**
 * Where a transaction waits.
 *
 * - `pending`: it may be in the next block
 * - `baseFee`: it pays less than the base fee of the next block, or follows one that does
 * - `blob`: it carries blobs and waits for anything: for a fee to fall, for its sender's funds
 * - `queued`: an earlier nonce of its sender is missing, or its sender cannot pay for it any more
 */
export type SubPool = 'pending' | 'baseFee' | 'blob' | 'queued'

/**
 * Where a transaction came from.
 *
 * - `external`: from anybody
 * - `local`: from the pool's owner: it is in the journal, needs no least tip, and makes way for nothing
 * - `private`: as local, and not to be passed on
 */
export type TransactionOrigin = 'external' | 'local' | 'private'

/** What a transaction says, and who says it. */
export interface TransactionFacts {
  /** Its hash. */
  readonly hash: Hex
  /** Who signed it. */
  readonly sender: Hex
  /** The sender's nonce. */
  readonly nonce: bigint
  /** 0 to 4 (EIP-2718). */
  readonly type: number
  /** Who is called; undefined where a contract is created. */
  readonly to: Hex | undefined
  /** In wei. */
  readonly value: bigint
  /** The most gas that it may use. */
  readonly gasLimit: bigint
  /** The most that it pays for a unit of gas, in wei; the gas price of types 0 and 1. */
  readonly maxFeePerGas: bigint
  /** The most that a unit of gas gives whoever builds the block, in wei; the gas price of types 0 and 1. */
  readonly maxPriorityFeePerGas: bigint
  /** The most that it pays for a unit of blob gas, in wei; 0 without blobs. */
  readonly maxFeePerBlobGas: bigint
  /** The hashes of its blobs (EIP-4844). */
  readonly blobVersionedHashes: readonly Hex[]
  /** Who has signed its authorizations (EIP-7702), as far as the signatures are ones. */
  readonly authorities: readonly Hex[]
  /** The most that it can cost its sender: value, gas and blob gas, in wei. */
  readonly cost: bigint
  /** As it is in a block (EIP-2718), in place: not to be changed. */
  readonly encoded: Uint8Array
  /** What travels with it and is in no block: blobs, commitments and proofs; in place. */
  readonly sidecar: Uint8Array | undefined
}

/** A transaction of the pool. */
export class PooledTransaction implements TransactionFacts {
  /** Its hash. */
  readonly hash: Hex
  /** Who signed it. */
  readonly sender: Hex
  /** The sender's nonce. */
  readonly nonce: bigint
  /** 0 to 4 (EIP-2718). */
  readonly type: number
  /** Who is called; undefined where a contract is created. */
  readonly to: Hex | undefined
  /** In wei. */
  readonly value: bigint
  /** The most gas that it may use. */
  readonly gasLimit: bigint
  /** The most that it pays for a unit of gas, in wei; the gas price of types 0 and 1. */
  readonly maxFeePerGas: bigint
  /** The most that a unit of gas gives whoever builds the block, in wei; the gas price of types 0 and 1. */
  readonly maxPriorityFeePerGas: bigint
  /** The most that it pays for a unit of blob gas, in wei; 0 without blobs. */
  readonly maxFeePerBlobGas: bigint
  /** The hashes of its blobs (EIP-4844). */
  readonly blobVersionedHashes: readonly Hex[]
  /** Who has signed its authorizations (EIP-7702), as far as the signatures are ones. */
  readonly authorities: readonly Hex[]
  /** The most that it can cost its sender: value, gas and blob gas, in wei. */
  readonly cost: bigint
  /** As it is in a block (EIP-2718), in place: not to be changed. */
  readonly encoded: Uint8Array
  /** What travels with it and is in no block: blobs, commitments and proofs; in place. */
  readonly sidecar: Uint8Array | undefined
  /** Where it came from. */
  readonly origin: TransactionOrigin
  /** When it came, in milliseconds since 1970. */
  readonly addedAt: number
  #place: SubPool = 'queued'
  /**
   * What it and those of its sender before it cost together.
   * @internal
   */
  costUpToHere = 0n
  /**
   * Whether nothing but fees keeps it from the next block.
   * @internal
   */
  isReady = false

  /** @internal */
  constructor(facts: TransactionFacts, origin: TransactionOrigin, addedAt: number) {
    this.hash = facts.hash
    this.sender = facts.sender
    this.nonce = facts.nonce
    this.type = facts.type
    this.to = facts.to
    this.value = facts.value
    this.gasLimit = facts.gasLimit
    this.maxFeePerGas = facts.maxFeePerGas
    this.maxPriorityFeePerGas = facts.maxPriorityFeePerGas
    this.maxFeePerBlobGas = facts.maxFeePerBlobGas
    this.blobVersionedHashes = facts.blobVersionedHashes
    this.authorities = facts.authorities
    this.cost = facts.cost
    this.encoded = facts.encoded
    this.sidecar = facts.sidecar
    this.origin = origin
    this.addedAt = addedAt
  }

  /** Where it waits. */
  get place(): SubPool {
    return this.#place
  }

  /** How many bytes it takes: its encoding and what travels with it. */
  get size(): number {
    return this.encoded.length + (this.sidecar?.length ?? 0)
  }

  /** Whether it carries blobs. */
  get hasBlobs(): boolean {
    return this.type === 3
  }

  /**
   * What a unit of gas gives whoever builds a block of this base fee, in wei (EIP-1559); less than 0 where it
   * may not be in the block.
   */
  tipAt(baseFee: bigint): bigint {
    const left = this.maxFeePerGas - baseFee
    return left < this.maxPriorityFeePerGas ? left : this.maxPriorityFeePerGas
  }

  /** @internal */
  moveTo(place: SubPool, isReady: boolean): void {
    this.#place = place
    this.isReady = isReady
  }

  /** The transaction in JSON, quantities in hex; without its blobs. */
  toJSON(): object {
    return toRpcForm(shown(this)) as object
  }

  static {
    displayAs(PooledTransaction, shown)
  }
}

function shown(transaction: PooledTransaction): object {
  const { hash, sender, nonce, type, to, value, gasLimit, origin, place } = transaction
  const { maxFeePerGas, maxPriorityFeePerGas } = transaction
  return {
    hash,
    sender,
    nonce,
    type,
    to,
    value,
    gasLimit,
    maxFeePerGas,
    maxPriorityFeePerGas,
    origin,
    place,
  }
}
