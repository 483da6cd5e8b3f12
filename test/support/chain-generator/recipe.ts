/** What a generated chain is made of: plain data that JSON can hold and a shrinker can take apart. */

import type { Hex } from '../../../lib/index.js'

/** A hardfork and the position of its first block; 0 is the genesis block. */
export interface ForkRecipe {
  readonly name: string
  readonly from: number
}

/** An account of the genesis block. */
export interface AccountRecipe {
  readonly balance?: Hex
  readonly nonce?: Hex
  readonly code?: Hex
  readonly storage?: Readonly<Record<string, Hex>>
}

/** An authorization to run another account's code (EIP-7702). */
export interface AuthorizationRecipe {
  /** Whose secret key signs. */
  readonly key: number
  readonly address: Hex
  /** What is added to the nonce that the authority has before the block. */
  readonly nonceAhead: number
  /** 0 or the chain's, else it is void. */
  readonly chainId: number
}

/** A transaction without what follows from the chain: nonce, fees, signature. */
export interface TransactionRecipe {
  readonly type: 0 | 1 | 2 | 3 | 4
  /** Whose secret key signs. */
  readonly from: number
  /** How many of the sender's nonces authorizations earlier in the block have taken. Default: none. */
  readonly nonceSkip?: number
  /** Absent: creates a contract. */
  readonly to?: Hex
  readonly value?: Hex
  readonly data?: Hex
  readonly gas: number
  /** In wei. */
  readonly tip?: number
  readonly accessList?: readonly { readonly address: Hex; readonly storageKeys: readonly Hex[] }[]
  readonly blobs?: number
  readonly authorizations?: readonly AuthorizationRecipe[]
}

/** A block without what follows from its parent and its execution. */
export interface BlockRecipe {
  /** Seconds since the parent, at least 1. */
  readonly delay: number
  readonly coinbase: Hex
  readonly transactions: readonly TransactionRecipe[]
  /** Ignored before Shanghai. The amount is in gwei. */
  readonly withdrawals?: readonly { readonly address: Hex; readonly amount: number }[]
  /** Ignored from Paris on. The parent of an ommer is `depth` generations above the block. */
  readonly ommers?: readonly { readonly depth: number; readonly coinbase: Hex }[]
}

/** A chain. */
export interface ChainRecipe {
  /** What it was generated from, to be told. */
  readonly seed?: number
  readonly forks: readonly ForkRecipe[]
  readonly alloc: Readonly<Record<Hex, AccountRecipe>>
  readonly blocks: readonly BlockRecipe[]
}
