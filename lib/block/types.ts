/** The shapes that blocks and transactions come in, and what decoding makes of them. */

import type { BlockHashes } from '../chain/ancestors.js'
import type { Hex, Quantity } from '../hex/index.js'

/** An entry of an access list (EIP-2930). */
export interface RpcAccessListEntry {
  /** The account that is accessed. */
  readonly address: string
  /** Its slots that are accessed, 32 bytes each. */
  readonly storageKeys: readonly string[]
}

/** A signed authorization (EIP-7702). */
export interface RpcAuthorization {
  /** The chain that it holds for; 0: any chain. */
  readonly chainId: Quantity
  /** The contract whose code the account delegates to. */
  readonly address: string
  /** The nonce that the account must have. */
  readonly nonce: Quantity
  /** The parity of the signature. */
  readonly yParity?: Quantity | undefined
  /** Used where `yParity` is absent: 0/1 or 27/28. */
  readonly v?: Quantity | undefined
  /** The first half of the signature. */
  readonly r: Quantity
  /** The second half of the signature. */
  readonly s: Quantity
}

/**
 * A transaction as `eth_getBlockByNumber` gives it in full, or as viem formats that. Members that
 * this package does not read are ignored.
 */
export interface RpcTransaction {
  /** `0x0` to `0x4`, or viem's names (`legacy`, `eip2930`, `eip1559`, `eip4844`, `eip7702`). */
  readonly type?: Quantity | null | undefined
  /** The chain that the transaction is signed for. */
  readonly chainId?: Quantity | null | undefined
  /** The number of transactions that the sender sent before. */
  readonly nonce: Quantity
  /** The most gas that the transaction may use. */
  readonly gas: Quantity
  /** In wei per gas: of types 0 and 1. */
  readonly gasPrice?: Quantity | null | undefined
  /** In wei per gas: from type 2 on (EIP-1559). */
  readonly maxFeePerGas?: Quantity | null | undefined
  /** In wei per gas: from type 2 on (EIP-1559). */
  readonly maxPriorityFeePerGas?: Quantity | null | undefined
  /** In wei per blob gas: of type 3 (EIP-4844), which needs it. */
  readonly maxFeePerBlobGas?: Quantity | null | undefined
  /** Absent, null or empty: the transaction creates a contract. */
  readonly to?: string | null | undefined
  /** What is moved to the recipient, in wei. */
  readonly value: Quantity
  /** The data of the call, or the init code. */
  readonly input: string
  /** From type 1 on (EIP-2930). */
  readonly accessList?: readonly RpcAccessListEntry[] | null | undefined
  /** The hashes of the blobs: of type 3 (EIP-4844). */
  readonly blobVersionedHashes?: readonly string[] | null | undefined
  /** Of type 4 (EIP-7702). */
  readonly authorizationList?: readonly RpcAuthorization[] | null | undefined
  /** The parity of the signature, for legacy transactions with the chain in it (EIP-155). */
  readonly v?: Quantity | null | undefined
  /** The parity of the signature, of typed transactions; `v` does as well. */
  readonly yParity?: Quantity | null | undefined
  /** The first half of the signature. */
  readonly r?: Quantity | null | undefined
  /** The second half of the signature. */
  readonly s?: Quantity | null | undefined
  /** Read only with `trustSenders`, and only for transactions without a signature. */
  readonly from?: string | null | undefined
}

/** A withdrawal of the consensus layer (EIP-4895). */
export interface RpcWithdrawal {
  /** The number of withdrawals before this one. */
  readonly index: Quantity
  /** The validator that is paid out. */
  readonly validatorIndex: Quantity
  /** Who gets the amount. */
  readonly address: string
  /** In gwei. */
  readonly amount: Quantity
}

/** The header members of a JSON-RPC block. */
export interface RpcHeader {
  /** The parent's hash. */
  readonly parentHash: string
  /** keccak-256 of the RLP of the list of ommers. */
  readonly sha3Uncles: string
  /** Who gets the fees. */
  readonly miner: string
  /** The root of the state after the block. */
  readonly stateRoot: string
  /** The root of the transactions. */
  readonly transactionsRoot: string
  /** The root of the receipts. */
  readonly receiptsRoot: string
  /** The bloom filter of all logs, 256 bytes. */
  readonly logsBloom: string
  /** The difficulty of the proof of work; 0 from Paris on. */
  readonly difficulty: Quantity
  /** The block's number. */
  readonly number: Quantity
  /** The most gas that the transactions may use. */
  readonly gasLimit: Quantity
  /** The gas that they used. */
  readonly gasUsed: Quantity
  /** In seconds since 1970. */
  readonly timestamp: Quantity
  /** What the proposer wrote into the block. */
  readonly extraData: string
  /** The mix of the proof of work; the beacon chain's randomness from Paris on (EIP-4399). */
  readonly mixHash: string
  /** The nonce of the proof of work, 8 bytes. */
  readonly nonce: string
  /** From London on (EIP-1559), in wei. */
  readonly baseFeePerGas?: Quantity | null | undefined
  /** From Shanghai on (EIP-4895). */
  readonly withdrawalsRoot?: string | null | undefined
  /** From Cancun on (EIP-4844). */
  readonly blobGasUsed?: Quantity | null | undefined
  /** From Cancun on (EIP-4844). */
  readonly excessBlobGas?: Quantity | null | undefined
  /** From Cancun on (EIP-4788). */
  readonly parentBeaconBlockRoot?: string | null | undefined
  /** From Prague on (EIP-7685). */
  readonly requestsHash?: string | null | undefined
  /** The hash that the source claims; see {@link DecodedBlock.claimedHash}. */
  readonly hash?: string | null | undefined
}

/** A block as `eth_getBlockByNumber` gives it with full transactions. */
export interface RpcBlock extends RpcHeader {
  /** The transactions in full, in order. */
  readonly transactions: readonly RpcTransaction[]
  /** From Shanghai on (EIP-4895). */
  readonly withdrawals?: readonly RpcWithdrawal[] | null | undefined
  /**
   * JSON-RPC gives only the hashes of ommers. To have their rewards paid, give their headers
   * (`eth_getUncleByBlockNumberAndIndex`) instead.
   */
  readonly uncles?: readonly (string | RpcHeader)[] | null | undefined
}

/** What an `@ethereumjs/block` Block is recognised by. */
export interface SerializableBlock {
  /** The header. */
  readonly header: object
  /** The transactions. */
  readonly transactions: readonly object[]
  /** The block's RLP. */
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
  /** The number of withdrawals before this one. */
  readonly index: bigint
  /** The validator that is paid out. */
  readonly validatorIndex: bigint
  /** Who gets the amount. */
  readonly address: Hex
  /** In gwei. */
  readonly amount: bigint
}

/** An entry of an access list given as fields. */
export interface AccessListFields {
  /** The account that is accessed. */
  readonly address: string
  /** Its slots that are accessed, 32 bytes each. */
  readonly storageKeys: readonly string[]
}

/** A signed authorization given as fields (EIP-7702). */
export interface AuthorizationFields {
  /** The chain that it holds for; 0: any chain. */
  readonly chainId: Quantity
  /** The contract whose code the account delegates to. */
  readonly address: string
  /** The nonce that the account must have. */
  readonly nonce: Quantity
  /** The parity of the signature. */
  readonly yParity: Quantity
  /** The first half of the signature. */
  readonly r: Quantity
  /** The second half of the signature. */
  readonly s: Quantity
}

/**
 * An unsigned transaction with a known sender, as simulators and state tests run it. Quantities may
 * be hex with leading zeros. Without `type` it follows from the members that are there:
 * authorizationList 4, maxFeePerBlobGas or blobVersionedHashes 3, maxFeePerGas 2, accessList 1,
 * else 0.
 */
export interface TransactionFields {
  /** Who sends the transaction. Nobody checks a signature. */
  readonly sender: string
  /** 0 to 4 (EIP-2718). */
  readonly type?: number | undefined
  /** Default: that of the ruleset for typed transactions, none for legacy ones. */
  readonly chainId?: Quantity | undefined
  /** The sender's nonce. */
  readonly nonce: Quantity
  /** The most gas that the transaction may use. */
  readonly gasLimit: Quantity
  /** In wei per gas: of types 0 and 1, which need it. Others do not look at it. */
  readonly gasPrice?: Quantity | undefined
  /** In wei per gas: from type 2 on (EIP-1559), which need it. */
  readonly maxFeePerGas?: Quantity | undefined
  /** In wei per gas: from type 2 on (EIP-1559). Default 0. */
  readonly maxPriorityFeePerGas?: Quantity | undefined
  /** In wei per blob gas: of type 3 (EIP-4844). */
  readonly maxFeePerBlobGas?: Quantity | undefined
  /** Absent, null or empty: the transaction creates a contract. */
  readonly to?: string | null | undefined
  /** What is moved to the recipient, in wei. Default 0. */
  readonly value?: Quantity | undefined
  /** The data of the call, or the init code, `0x` hex or bytes. Default: none. */
  readonly data?: string | Uint8Array | undefined
  /** From type 1 on (EIP-2930). Default: none. */
  readonly accessList?: readonly AccessListFields[] | undefined
  /** The hashes of the blobs: of type 3 (EIP-4844). */
  readonly blobVersionedHashes?: readonly string[] | undefined
  /** Of type 4 (EIP-7702). */
  readonly authorizationList?: readonly AuthorizationFields[] | undefined
  /** Run whatever the sender's nonce is (simulation). Default false. */
  readonly skipNonceCheck?: boolean | undefined
  /**
   * Run whatever the sender's balance is (simulation): it is lent what it lacks, and that is taken back
   * in the end. Fees that the sender does not have go to nobody; only value that it sent beyond its own
   * stays with whom it went to. Default false.
   */
  readonly skipBalanceCheck?: boolean | undefined
}

/** A transaction that is run without a block: as fields, or the encoding of a signed one (EIP-2718). */
export type TransactionSource = TransactionFields | Uint8Array

/** The block around transactions that are run without one. */
export interface BlockEnvironment {
  /** The block's number. */
  readonly number: bigint
  /** In seconds since 1970. */
  readonly timestamp: bigint
  /** The most gas that the transactions may use together. */
  readonly gasLimit: bigint
  /** Who gets the priority fees. */
  readonly coinbase: string
  /** In wei per gas. Default 0. */
  readonly baseFee?: bigint | undefined
  /** What PREVRANDAO returns from Paris on, 32 bytes. Default zero. */
  readonly prevRandao?: string | undefined
  /** What the same instruction returns before Paris. Default 0. */
  readonly difficulty?: bigint | undefined
  /** Default 0. Makes the blob base fee from Cancun on. */
  readonly excessBlobGas?: bigint | undefined
  /** Default zero. */
  readonly parentHash?: string | undefined
  /** Hashes of ancestors for BLOCKHASH. */
  readonly blockHashes?: BlockHashes | undefined
}

/** How a source is read. */
export interface DecodeOptions {
  /**
   * Take `from` of JSON transactions that carry no signature as their sender. Default false: such a
   * transaction is an error.
   */
  readonly trustSenders?: boolean | undefined
}

/** What a block's packed input needs from outside the block. */
export interface PackOptions {
  /** Hashes of ancestors for BLOCKHASH. The parent's hash is known from the header. */
  readonly blockHashes?: BlockHashes | undefined
  /**
   * Skip system contracts that have no code instead of failing the block: for states that hold only
   * what a block's transactions touch. Default false.
   */
  readonly forgiveMissingSystemContracts?: boolean | undefined
}
