/** The stable names of what can go wrong. */

/**
 * The codes and what they mean. Names that the native engine shares with this table
 * (`lib/native/wire.schema.json`, `ErrorCode`) mean the same on both sides.
 */
export const errorMeanings = {
  /** A buffer that crossed the native boundary breaks the wire format: a defect of this package. */
  INPUT_MALFORMED: 'the packed input breaks the wire format',
  /** The packed input names an EVM revision that the native engine does not implement. */
  UNSUPPORTED_REVISION: 'the EVM revision is not supported by the native engine',
  /** The EVM implementation failed on its own account, not through the code it ran. */
  VM_INTERNAL_ERROR: 'the virtual machine failed internally',
  /** The execution was cancelled by its caller. */
  CANCELLED: 'the execution was cancelled',
  /** The execution took longer than its `timeout` allows. */
  TIMEOUT: 'the execution took too long',
  /** Native memory ran out, or a transaction took more than 1 GiB; the state is as it was before. */
  OUT_OF_MEMORY: 'out of native memory',
  /** The system gave no thread with a stack that is large enough; the state is as it was before. */
  THREAD_UNAVAILABLE: 'no thread to run on',

  /** An account's code hash is known but its code was not supplied. */
  STATE_MISSING_CODE: 'the code of an account is missing from the state',
  /** A strict `MemoryState` was asked for an account that it was not given. */
  STATE_MISSING_ACCOUNT: 'an account is missing from the state',
  /** A strict `MemoryState` was asked for a slot that it was not given. */
  STATE_MISSING_SLOT: 'a storage slot is missing from the state',
  /** BLOCKHASH asked for a hash that was not supplied. */
  STATE_MISSING_BLOCK_HASH: 'the hash of an ancestor block is missing',
  /** The state cannot answer: it is closed, or its source failed. */
  STATE_UNAVAILABLE: 'the state is not available',
  /** An override moves the precompiled contract of an account that has none in the hardfork of the block. */
  STATE_NOT_PRECOMPILE: 'the account is not a precompile',
  /** A pre-state (alloc, dump) does not have the documented shape. */
  STATE_MALFORMED: 'the given state is malformed',
  /** A file of accounts ends before it says that it does. */
  STATE_FILE_TRUNCATED: 'the state file ends too early',
  /** A file of accounts is not what was written: a checksum, a count or an order is wrong. */
  STATE_FILE_DAMAGED: 'the state file is damaged',
  /** A file of accounts is of another format, or of a version that is not known. */
  STATE_FILE_UNSUPPORTED: 'the format of the state file is not supported',

  /** A snapshot, or the state that it was taken of, was closed. */
  STATE_CLOSED: 'the state is closed',
  /** There is no store in the folder, and none was to be made. */
  STORE_NOT_FOUND: 'there is no store in the folder',
  /** The folder holds no state: it is empty, or an import never came to its end. */
  STORE_EMPTY: 'the store holds no state',
  /** The folder holds a state already. */
  STORE_EXISTS: 'there is a store in the folder already',
  /** Somebody else has the store open for writing, in this process or another one. */
  STORE_LOCKED: 'the store is in use',
  /** The store was written in another version of the format. */
  STORE_VERSION: 'the store has another version',
  /** The files of the store are damaged. */
  STORE_CORRUPT: 'the store is damaged',
  /** The disk is full. What was not written yet is still in memory: make room and commit again. */
  STORE_DISK_FULL: 'the disk of the store is full',
  /** The store would grow beyond its `sizeLimit`. */
  STORE_SIZE_LIMIT: 'the store has reached its size limit',
  /** The store, or its folder, cannot be written. */
  STORE_READ_ONLY: 'the store cannot be written',
  /** The system failed to read or write the store. */
  STORE_IO: 'the store could not be read or written',
  /** More snapshots of a store are open than there may be. */
  STORE_TOO_MANY_SNAPSHOTS: 'too many snapshots of the store are open',
  /** A state has another root than it was said to have. */
  STORE_WRONG_ROOT: 'the state has another root',
  /** The store keeps no addresses and slots, so that it cannot be dumped. */
  STORE_NO_PREIMAGES: 'the store keeps no addresses',
  /** A store is of another chain. */
  STORE_OTHER_CHAIN: 'the store is of another chain',
  /** A consumer of a state's changes fell so far behind that some of them were dropped. */
  STATE_CHANGES_LOST: 'changes of the state were lost',
  /** A result is committed to a state that is not the one it was executed on, or twice. */
  STATE_RESULT_STALE: 'the result does not belong to the state as it is now',
  /** The pool has the transaction already. */
  POOL_KNOWN: 'the pool has the transaction already',
  /** What was given to a pool is no transaction; the cause says why. */
  POOL_MALFORMED: 'no transaction',
  /** A transaction that no block of the hardfork may have; the cause says why. */
  POOL_INVALID: 'the transaction is not valid',
  /** A transaction is larger than the pool takes them. */
  POOL_TOO_LARGE: 'the transaction is too large',
  /** Its sender's nonce is beyond that of the transaction. */
  POOL_NONCE_TOO_LOW: 'the nonce is used already',
  /** A transaction with blobs, or of an account that delegates, must be the next one of its sender. */
  POOL_NONCE_GAP: 'the nonce is not the next one',
  /** The sender is a contract (EIP-3607). */
  POOL_SENDER_HAS_CODE: 'the sender is a contract',
  /** The sender cannot pay for the transaction and for what it has in the pool. */
  POOL_OVERDRAFT: 'the balance does not cover what is in the pool',
  /** It pays a lower tip than the pool asks for. */
  POOL_UNDERPRICED: 'the tip is too low',
  /** It would replace a transaction that pays about as much. */
  POOL_REPLACEMENT_UNDERPRICED: 'the fees are too low to replace a transaction',
  /** The pool is full of transactions that are worth more. */
  POOL_FULL: 'the pool is full',
  /** The account has as many transactions in the pool as it may. */
  POOL_SENDER_FULL: 'the account has too many transactions in the pool',
  /** There are as many local transactions as there may be. */
  POOL_LOCAL_LIMIT: 'too many local transactions',
  /** An account that sends blobs sends nothing else meanwhile, and the other way round. */
  POOL_SENDER_RESERVED: 'the account sends transactions of another kind',
  /** An account that delegates its code has one transaction in the pool at a time (EIP-7702). */
  POOL_IN_FLIGHT_LIMIT: 'the account has a transaction under way',
  /** An authority of the transaction has transactions under way itself (EIP-7702). */
  POOL_AUTHORITY_RESERVED: 'an authority has transactions under way',
  /** A transaction with blobs came without them. */
  POOL_SIDECAR_MISSING: 'the blobs are missing',
  /** Blobs, commitments or proofs are not those of the transaction (EIP-4844, EIP-7594). */
  POOL_SIDECAR_INVALID: 'the blobs are not those of the transaction',
  /** There is no library to check blobs with: `customCrypto.kzg` of the chain's `Common`. */
  POOL_BLOBS_UNSUPPORTED: 'nothing checks blobs here',
  /** More transactions wait to be looked at than there may be. */
  POOL_BUSY: 'too many transactions wait to be looked at',
  /** The journal of local transactions could not be read or written. */
  POOL_JOURNAL_FAILED: 'the journal could not be read or written',
  /** The pool has been closed. */
  POOL_CLOSED: 'the pool is closed',

  /** A trie node that is needed is not among those that were given. */
  STATE_NODE_MISSING: 'a trie node is missing',
  /** A trie node that was given is not one of a state trie. */
  STATE_NODE_INVALID: 'a trie node is malformed',
  /** A Merkle proof does not prove what it says. */
  PROOF_INVALID: 'the proof is invalid',

  /** The transaction's type does not exist, or not yet in the block's hardfork (EIP-2718). */
  TX_TYPE_NOT_SUPPORTED: 'the transaction type is not supported',
  /** No address can be recovered: r, s or the parity is out of range (EIP-2), or no such point. */
  TX_SIGNATURE_INVALID: 'the transaction signature is invalid',
  /** The transaction was signed for another chain (EIP-155). */
  TX_WRONG_CHAIN_ID: 'the transaction is for another chain',
  /** The nonce is below the sender's nonce. */
  TX_NONCE_TOO_LOW: 'the nonce is below that of the sender',
  /** The nonce is above the sender's nonce. */
  TX_NONCE_TOO_HIGH: 'the nonce is above that of the sender',
  /** The nonce is 2^64 - 1 or more (EIP-2681). */
  TX_NONCE_OVERFLOW: 'the nonce is at its maximum',
  /** The sender has code other than a delegation (EIP-3607, EIP-7702). */
  TX_SENDER_NOT_EOA: 'the sender has code',
  /** The balance does not cover value, gas and blob gas at their maximum prices. */
  TX_INSUFFICIENT_FUNDS: 'the sender cannot pay for the transaction',
  /** The gas limit is below the intrinsic gas. */
  TX_INTRINSIC_GAS_TOO_LOW: 'the gas limit is below the intrinsic gas',
  /** The gas limit is below the calldata floor (EIP-7623). */
  TX_FLOOR_GAS_TOO_LOW: 'the gas limit is below the floor of the data cost',
  /** The gas limit is above what the block has left. */
  TX_GAS_LIMIT_EXCEEDS_BLOCK: 'the gas limit is above the gas left in the block',
  /** The gas limit is above the cap per transaction (EIP-7825). */
  TX_GAS_LIMIT_EXCEEDS_CAP: 'the gas limit is above the cap per transaction',
  /** The maximum fee is below the block's base fee (EIP-1559). */
  TX_MAX_FEE_BELOW_BASE_FEE: 'the maximum fee per gas is below the base fee',
  /** The priority fee is above the maximum fee (EIP-1559). */
  TX_PRIORITY_FEE_ABOVE_MAX_FEE: 'the priority fee is above the maximum fee',
  /** The init code of a creation is too large (EIP-3860). */
  TX_INITCODE_TOO_LARGE: 'the init code is too large',
  /** The maximum fee per blob gas is below the block's blob base fee (EIP-4844). */
  TX_BLOB_FEE_TOO_LOW: 'the maximum fee per blob gas is below the blob base fee',
  /** A blob transaction carries no blob (EIP-4844). */
  TX_BLOB_MISSING: 'a blob transaction has no blobs',
  /** More blobs than a transaction may carry (EIP-4844, EIP-7594). */
  TX_BLOB_TOO_MANY: 'the transaction has too many blobs',
  /** A blob hash does not start with the version byte 0x01 (EIP-4844). */
  TX_BLOB_VERSION_INVALID: 'a blob hash has an unknown version',
  /** A blob transaction creates a contract (EIP-4844). */
  TX_BLOB_CREATE: 'a blob transaction cannot create a contract',
  /** The block's blobs are used up (EIP-4844). */
  TX_BLOB_GAS_EXCEEDS_BLOCK: 'the blob gas is above what is left in the block',
  /** A set-code transaction has no authorizations (EIP-7702). */
  TX_SET_CODE_EMPTY: 'a set-code transaction has no authorizations',
  /** A set-code transaction creates a contract (EIP-7702). */
  TX_SET_CODE_CREATE: 'a set-code transaction cannot create a contract',
  /** The transaction is not signed, and senders are not trusted (`trustSenders`). */
  TX_UNSIGNED: 'the transaction is not signed',

  /** A system contract that the hardfork needs has no code (EIP-7002, EIP-7251). */
  BLOCK_SYSTEM_CONTRACT_MISSING: 'a system contract is missing',
  /** A call of a system contract failed (EIP-7002, EIP-7251). */
  BLOCK_SYSTEM_CALL_FAILED: 'a system call failed',
  /** A deposit event does not have the layout of EIP-6110. */
  BLOCK_DEPOSIT_INVALID: 'a deposit event is malformed',
  /** A header field that the hardfork needs is absent, or one it does not know is present. */
  BLOCK_FIELD_UNEXPECTED: 'the header does not have the fields of its hardfork',
  /** An ommer may not be in its block: too old, too many, or ommers have ended (EIP-3675). */
  BLOCK_OMMER_INVALID: 'an ommer may not be in the block',
  /** An ommer is in the block twice, or in an ancestor already. */
  BLOCK_OMMER_REPEATED: 'an ommer was included before',
  /** An ommer is one of the block's ancestors. */
  BLOCK_OMMER_IS_ANCESTOR: 'an ommer is an ancestor of the block',
  /** The block does not name the given parent as its own. */
  BLOCK_PARENT_MISMATCH: 'the block has another parent',
  /** The block's parent is not in the chain that the block is imported into. */
  BLOCK_PARENT_UNKNOWN: 'the parent of the block is not known',
  /** The number is not the parent's plus one. */
  BLOCK_NUMBER_INVALID: 'the block number does not follow the parent',
  /** The block is not younger than its parent. */
  BLOCK_TIMESTAMP_NOT_AFTER_PARENT: 'the timestamp is not after that of the parent',
  /** The gas limit moved too far from the parent's, or is out of its range. */
  BLOCK_GAS_LIMIT_INVALID: 'the gas limit of the block is out of range',
  /** The header claims more gas than the block may use. */
  BLOCK_GAS_USED_EXCEEDS_LIMIT: 'the gas used is above the gas limit of the block',
  /** The extra data is too long, or not what the first blocks of the DAO fork say (EIP-779). */
  BLOCK_EXTRA_DATA_INVALID: 'the extra data is invalid',
  /** The difficulty does not follow from the parent, or is not 0 from Paris on (EIP-3675). */
  BLOCK_DIFFICULTY_INVALID: 'the difficulty is wrong',
  /** The nonce and the mix hash prove no work, or too little (ethash). */
  BLOCK_PROOF_OF_WORK_INVALID: 'the proof of work is invalid',
  /** The nonce is not 0 from Paris on (EIP-3675). */
  BLOCK_NONCE_INVALID: 'the nonce is wrong',
  /** The base fee does not follow from the parent (EIP-1559). */
  BLOCK_BASE_FEE_INVALID: 'the base fee is wrong',
  /** The blob gas is no number of blobs that a block may have (EIP-4844). */
  BLOCK_BLOB_GAS_INVALID: 'the blob gas used is out of range',
  /** The excess of blob gas does not follow from the parent (EIP-4844, EIP-7918). */
  BLOCK_EXCESS_BLOB_GAS_INVALID: 'the excess blob gas is wrong',
  /** The block's RLP is larger than the hardfork allows (EIP-7934). */
  BLOCK_TOO_LARGE: 'the block is too large',
  /** A field of the header is not what executing or checking the block gives. */
  BLOCK_FIELD_MISMATCH: 'a field of the header does not match',

  /** The source of a block is none of the accepted kinds. */
  DECODE_SOURCE_UNKNOWN: 'not an RLP block, a JSON-RPC block or an @ethereumjs/block Block',
  /** An RLP item reaches beyond its list or beyond the input. */
  DECODE_RLP_TRUNCATED: 'the RLP ends inside an item',
  /** An RLP item is not written in its shortest form. */
  DECODE_RLP_NON_CANONICAL: 'the RLP is not canonical',
  /** Bytes or items follow where the structure ends. */
  DECODE_RLP_TRAILING: 'the RLP has more items or bytes than the structure',
  /** The RLP is nested deeper than is decoded. */
  DECODE_RLP_TOO_DEEP: 'the RLP is nested too deeply',
  /** A byte string where a list belongs, or the reverse; in JSON, a value of the wrong type. */
  DECODE_FIELD_TYPE: 'a field has the wrong type',
  /** A field that must be there is absent. */
  DECODE_FIELD_MISSING: 'a field is missing',
  /** A field of fixed size has another size. */
  DECODE_FIELD_SIZE: 'a field has the wrong size',
  /** A number is larger than its field holds. */
  DECODE_FIELD_RANGE: 'a number is out of range',
  /** A number is written with leading zero bytes. */
  DECODE_LEADING_ZERO: 'a number has leading zeros',
  /** A JSON-RPC block names ommers by hash alone, but their rewards and the rules need their headers. */
  DECODE_OMMERS_MISSING: 'the headers of ommers are missing',
  /** The source or what would be made of it is too large to be a block. */
  DECODE_SOURCE_TOO_LARGE: 'the block is too large',
  /** The source raised an error of its own while it was read; see `cause`. */
  DECODE_SOURCE_FAILED: 'reading the block failed',
  /** A file of blocks is packed or laid out wrongly: a checksum, an entry or a count. */
  DECODE_FILE_DAMAGED: 'the file of blocks is damaged',

  /** The block is of a hardfork that is not known or not implemented. */
  UNSUPPORTED_HARDFORK: 'the hardfork is not supported',
  /** The chain switches on an EIP that its hardfork does not contain. */
  UNSUPPORTED_EIP: 'an EIP outside of its hardfork is not supported',
  /** The chain seals blocks in a way (proof of authority) that is not implemented. */
  UNSUPPORTED_CONSENSUS: 'the consensus of the chain is not supported',
  /** The chain's configuration contradicts itself or lacks a value. */
  CHAIN_CONFIG_INVALID: 'the chain configuration is invalid',
  /** A replay of the chain is under way, which moves the chain at the pace of its consumer. */
  CHAIN_BUSY: 'the chain is being replayed',
  /** The chain was closed. */
  CHAIN_CLOSED: 'the chain is closed',
  /** Only number and hash of the chain's head are known, and what is asked for needs its header. */
  CHAIN_HEAD_UNKNOWN: 'the header of the head is not known',

  /** A checkpoint cannot be read or written; see `cause`. */
  CHECKPOINT_UNAVAILABLE: 'the checkpoint cannot be read or written',
  /** A file is there that holds no checkpoint. */
  CHECKPOINT_MALFORMED: 'the file holds no checkpoint',

  /** The EVM's shared library was not found. */
  VM_NOT_FOUND: 'the virtual machine was not found',
  /** The shared library could not be loaded or has no EVMC entry point. */
  VM_LOAD_FAILED: 'the virtual machine could not be loaded',
  /** The EVM speaks another EVMC ABI version than 12 and 18. */
  VM_ABI_MISMATCH: 'the virtual machine has another EVMC ABI version',

  /** The native addon could not be found or loaded. */
  NATIVE_LOAD_FAILED: 'the native addon could not be loaded',
  /** The engine was closed. */
  ENGINE_CLOSED: 'the engine is closed',
  /** A made workload runs contracts of an npm package that is not installed; the message names it. */
  WORKLOAD_PACKAGE_MISSING: 'the contracts that the workload runs are not installed',
  /** The scheduling policy threw while it planned a block; see `cause`. */
  POLICY_FAILED: 'the scheduling policy failed',

  /** The genesis block has no block before it, on whose state it could be executed. */
  TRACE_GENESIS: 'the genesis block is not traceable',
  /** A block has no transaction with that hash, or at that place. */
  TRACE_TRANSACTION_MISSING: 'the transaction is not in the block',

  /** A node cannot be reached, or does not answer calls, however often it was asked. */
  RPC_UNAVAILABLE: 'the node is not available',
  /** A node took longer for an answer than its `timeout` allows, however often it was asked. */
  RPC_TIMEOUT: 'the node took too long',
  /** A node's answer is none by JSON-RPC 2.0, is not what the method gives, or is too long. */
  RPC_RESPONSE_INVALID: 'the answer of the node is invalid',
  /** A node answered a call with an error: `rpcCode` is its code, `actual` its message. */
  RPC_ERROR: 'the node answered with an error',
  /** More calls wait for a node than its client keeps. */
  RPC_QUEUE_FULL: 'too many calls wait for the node',

  /** A simulation has more blocks or calls than one may have. */
  SIMULATION_TOO_LARGE: 'the simulation is too large',
  /** The number or the time of a simulated block is not after those before it. */
  SIMULATION_ORDER_INVALID: 'the simulated blocks are out of order',
  /** What is to be replaced of the state before a simulated block is malformed, or impossible. */
  SIMULATION_OVERRIDE_INVALID: 'the state cannot be overridden so',
  /** A call of a simulation breaks a rule, so that it could not be in its block. */
  SIMULATION_CALL_INVALID: 'a call cannot be in its block',
  /** A call of a simulation asks for more gas than is left of its block's. */
  SIMULATION_BLOCK_FULL: 'a call does not fit into its block',

  /** An option has the wrong type or an impossible value. */
  OPTION_INVALID: 'an option is invalid',
  /** What an option, or an object given with it, asks for cannot be done. */
  OPTION_UNSUPPORTED: 'an option is not supported',
} as const

/** A stable name of what went wrong; see {@link errorMeanings}. */
export type ErrorCode = keyof typeof errorMeanings
