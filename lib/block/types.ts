/** The shapes that blocks and transactions come in, and what decoding makes of them. */

/** Bytes or a number as a string of hex digits after `0x`. */
export type Hex = `0x${string}`

/** A number in one of the spellings that JSON-RPC and its libraries use. */
export type Quantity = bigint | number | string

/** An entry of an access list (EIP-2930). */
export interface RpcAccessListEntry {
  readonly address: string
  readonly storageKeys: readonly string[]
}

/** A signed authorization (EIP-7702). */
export interface RpcAuthorization {
  readonly chainId: Quantity
  readonly address: string
  readonly nonce: Quantity
  readonly yParity?: Quantity
  /** Used where `yParity` is absent: 0/1 or 27/28. */
  readonly v?: Quantity
  readonly r: Quantity
  readonly s: Quantity
}

/**
 * A transaction as `eth_getBlockByNumber` gives it in full, or as viem formats that. Members that
 * this package does not read are ignored.
 */
export interface RpcTransaction {
  /** `0x0` to `0x4`, or viem's names (`legacy`, `eip2930`, `eip1559`, `eip4844`, `eip7702`). */
  readonly type?: Quantity | null
  readonly chainId?: Quantity | null
  readonly nonce: Quantity
  readonly gas: Quantity
  readonly gasPrice?: Quantity | null
  readonly maxFeePerGas?: Quantity | null
  readonly maxPriorityFeePerGas?: Quantity | null
  readonly maxFeePerBlobGas?: Quantity | null
  /** Absent, null or empty: the transaction creates a contract. */
  readonly to?: string | null
  readonly value: Quantity
  readonly input: string
  readonly accessList?: readonly RpcAccessListEntry[] | null
  readonly blobVersionedHashes?: readonly string[] | null
  readonly authorizationList?: readonly RpcAuthorization[] | null
  readonly v?: Quantity | null
  readonly yParity?: Quantity | null
  readonly r?: Quantity | null
  readonly s?: Quantity | null
  /** Read only with `trustSenders`, and only for transactions without a signature. */
  readonly from?: string | null
}

/** A withdrawal of the consensus layer (EIP-4895). */
export interface RpcWithdrawal {
  readonly index: Quantity
  readonly validatorIndex: Quantity
  readonly address: string
  /** In gwei. */
  readonly amount: Quantity
}

/** The header members of a JSON-RPC block. */
export interface RpcHeader {
  readonly parentHash: string
  readonly sha3Uncles: string
  readonly miner: string
  readonly stateRoot: string
  readonly transactionsRoot: string
  readonly receiptsRoot: string
  readonly logsBloom: string
  readonly difficulty: Quantity
  readonly number: Quantity
  readonly gasLimit: Quantity
  readonly gasUsed: Quantity
  readonly timestamp: Quantity
  readonly extraData: string
  readonly mixHash: string
  readonly nonce: string
  readonly baseFeePerGas?: Quantity | null
  readonly withdrawalsRoot?: string | null
  readonly blobGasUsed?: Quantity | null
  readonly excessBlobGas?: Quantity | null
  readonly parentBeaconBlockRoot?: string | null
  readonly requestsHash?: string | null
  /** The hash that the source claims; see {@link DecodedBlock.claimedHash}. */
  readonly hash?: string | null
}

/** A block as `eth_getBlockByNumber` gives it with full transactions. */
export interface RpcBlock extends RpcHeader {
  readonly transactions: readonly RpcTransaction[]
  readonly withdrawals?: readonly RpcWithdrawal[] | null
  /**
   * JSON-RPC gives only the hashes of ommers. To have their rewards paid, give their headers
   * (`eth_getUncleByBlockNumberAndIndex`) instead.
   */
  readonly uncles?: readonly (string | RpcHeader)[] | null
}

/** What an `@ethereumjs/block` Block is recognised by. */
export interface SerializableBlock {
  readonly header: object
  readonly transactions: readonly object[]
  serialize(): Uint8Array
}

/**
 * A block from outside: its RLP (`[header, transactions, ommers, withdrawals?]`), a JSON-RPC block
 * with full transactions, or an `@ethereumjs/block` Block. RLP bytes are borrowed, not copied: they
 * must not change while the decoded block is in use.
 */
export type BlockSource = Uint8Array | RpcBlock | SerializableBlock

/** A withdrawal, decoded. */
export interface Withdrawal {
  readonly index: bigint
  readonly validatorIndex: bigint
  readonly address: Hex
  /** In gwei. */
  readonly amount: bigint
}

/** An entry of an access list given as fields. */
export interface AccessListFields {
  readonly address: string
  readonly storageKeys: readonly string[]
}

/** A signed authorization given as fields (EIP-7702). */
export interface AuthorizationFields {
  readonly chainId: Quantity
  readonly address: string
  readonly nonce: Quantity
  readonly yParity: Quantity
  readonly r: Quantity
  readonly s: Quantity
}

/**
 * An unsigned transaction with a known sender, as simulators and state tests run it. Quantities may
 * be hex with leading zeros. Without `type` it follows from the members that are there:
 * authorizationList 4, maxFeePerBlobGas or blobVersionedHashes 3, maxFeePerGas 2, accessList 1,
 * else 0.
 */
export interface TransactionFields {
  readonly sender: string
  readonly type?: number
  /** Default: that of the ruleset for typed transactions, none for legacy ones. */
  readonly chainId?: Quantity
  readonly nonce: Quantity
  readonly gasLimit: Quantity
  /** Of types 0 and 1. */
  readonly gasPrice?: Quantity
  readonly maxFeePerGas?: Quantity
  readonly maxPriorityFeePerGas?: Quantity
  readonly maxFeePerBlobGas?: Quantity
  /** Absent, null or empty: the transaction creates a contract. */
  readonly to?: string | null
  readonly value?: Quantity
  readonly data?: string | Uint8Array
  readonly accessList?: readonly AccessListFields[]
  readonly blobVersionedHashes?: readonly string[]
  readonly authorizationList?: readonly AuthorizationFields[]
  /** Run whatever the sender's nonce is (simulation). Default false. */
  readonly skipNonceCheck?: boolean
  /** Run whatever the sender's balance is (simulation). Default false. */
  readonly skipBalanceCheck?: boolean
}

/** A transaction that is run without a block: as fields, or the encoding of a signed one (EIP-2718). */
export type TransactionSource = TransactionFields | Uint8Array

/** The block around transactions that are run without one. */
export interface BlockEnvironment {
  readonly number: bigint
  readonly timestamp: bigint
  readonly gasLimit: bigint
  readonly coinbase: string
  /** In wei per gas. Default 0. */
  readonly baseFee?: bigint
  /** What PREVRANDAO returns from Paris on, 32 bytes. Default zero. */
  readonly prevRandao?: string
  /** What the same instruction returns before Paris. Default 0. */
  readonly difficulty?: bigint
  /** Default 0. Makes the blob base fee from Cancun on. */
  readonly excessBlobGas?: bigint
  /** Default zero. */
  readonly parentHash?: string
  /** Hashes of ancestors for BLOCKHASH. */
  readonly blockHashes?: BlockHashes
}

/** Hashes of ancestor blocks by number: a map, or an object with decimal or `0x` hex keys. */
export type BlockHashes = ReadonlyMap<bigint, string> | Readonly<Record<string, string>>

/** How a source is read. */
export interface DecodeOptions {
  /**
   * Take `from` of JSON transactions that carry no signature as their sender. Default false: such a
   * transaction is an error.
   */
  readonly trustSenders?: boolean
}

/** What a block's packed input needs from outside the block. */
export interface PackOptions {
  /** Hashes of ancestors for BLOCKHASH. The parent's hash is known from the header. */
  readonly blockHashes?: BlockHashes
  /**
   * Skip system contracts that have no code instead of failing the block: for states that hold only
   * what a block's transactions touch. Default false.
   */
  readonly forgiveMissingSystemContracts?: boolean
}
