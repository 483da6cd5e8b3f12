/** What the native addon exports, as C++ implements it (native/addon). */

/**
 * Accounts, storage and code in native memory. A handle stays with the thread that made it. Blocks
 * that run see the state as it was when their execution was asked for.
 */
export interface NativeState {
  /** How many accounts exist. */
  readonly accountCount: number
  /**
   * Adds the accounts of a packed StateDump. Where one exists already its nonce, balance and code are
   * replaced, and slots added.
   */
  load(stateDump: Uint8Array): void
  /**
   * Applies the account changes of a packed BlockOutput without an error. Throws
   * `STATE_RESULT_STALE`, and changes nothing, where the state is not what they are changes of.
   */
  commit(blockOutput: Uint8Array): void
  /**
   * The accounts whose whole storage committing a packed BlockOutput would clear, with it, as a packed
   * StateDump: what {@link revert} needs beside the output.
   */
  storageToClear(blockOutput: Uint8Array): Uint8Array
  /**
   * Takes back what was committed last. `cleared` is what {@link storageToClear} gave before. Throws
   * `STATE_RESULT_STALE`, and changes nothing, where the state is not what the output leads to.
   */
  revert(blockOutput: Uint8Array, cleared: Uint8Array): void
  /** The whole state as a packed StateDump. */
  dump(): Uint8Array
  /** An independent copy. It costs nothing until one of the two is changed. */
  clone(): NativeState
  /** The state as it is now, for ever. */
  snapshot(): NativeSnapshot
  /** An account as a StateAccount record without ranges, or null. */
  getAccount(address: Uint8Array): Uint8Array | null
  /** A slot's value, 32 bytes. */
  getStorage(address: Uint8Array, key: Uint8Array): Uint8Array
  /** The code of an account, or null where the state does not hold it. */
  getCode(address: Uint8Array, codeHash: Uint8Array): Uint8Array | null
  /**
   * Makes every read of an account or a slot by a block that runs take at least so many nanoseconds,
   * as from a disk or a remote: for benchmarks. At most 1e9. Clones made from now on do the same.
   */
  setReadDelay(nanoseconds: number): void
}

/**
 * What is known of a state that lies elsewhere. A handle stays with the thread that made it. Learning
 * never changes what is known; committing does.
 */
export interface NativePartialState {
  /** Learns what the records of a packed StateDump say, see StateAccountFlag. */
  learn(stateDump: Uint8Array): void
  /** Learns code by its hash, which the caller vouches for. */
  learnCode(codeHash: Uint8Array, code: Uint8Array): void
  /**
   * Applies the account changes of a packed BlockOutput without an error. Throws
   * `STATE_RESULT_STALE`, and changes nothing, where they contradict what is known.
   */
  commit(blockOutput: Uint8Array): void
  /**
   * A look at what is known now, for one execution, through packed overrides as
   * {@link NativeSnapshot.override} takes them, the lowest first.
   */
  view(layers?: readonly Uint8Array[]): NativePartialView
  /** An independent copy. It costs nothing until one of the two is changed. */
  clone(): NativePartialState
  /** The addresses of which it is known what is there, 20 bytes each. */
  addresses(): Uint8Array
  /** Whether it is known what is at an address. */
  knowsAccount(address: Uint8Array): boolean
  /** Whether the value of a slot is known. */
  knowsSlot(address: Uint8Array, key: Uint8Array): boolean
}

/** What one execution reads of a {@link NativePartialState}. */
export interface NativePartialView {
  /** As {@link NativeSnapshot} has them. What is not known is taken down, and zero. */
  getAccount(address: Uint8Array): Uint8Array | null
  getStorage(address: Uint8Array, key: Uint8Array): Uint8Array
  getCode(address: Uint8Array, codeHash: Uint8Array): Uint8Array | null
  /**
   * What was asked for and is not known, as MissingKey records. Where there is any, the execution
   * rests on guesses. Closes the view.
   */
  takeMissing(): Uint8Array
}

/** A state that nobody changes any more. Released, it throws `STATE_CLOSED`. */
export interface NativeSnapshot {
  /**
   * The same under a layer: a packed StateDump whose accounts have the values that their flags
   * `NonceSaid`, `BalanceSaid` and `CodeSaid` name, its slots, and with `StorageReplaced` no others.
   */
  override(stateDump: Uint8Array): NativeSnapshot
  /** The same moved on by what a packed BlockOutput without an error changed. */
  after(blockOutput: Uint8Array): NativeSnapshot
  /** An account as a StateAccount record without ranges, or null. */
  getAccount(address: Uint8Array): Uint8Array | null
  /** A slot's value, 32 bytes. */
  getStorage(address: Uint8Array, key: Uint8Array): Uint8Array
  /** The code of an account, or null where the state does not hold it. */
  getCode(address: Uint8Array, codeHash: Uint8Array): Uint8Array | null
  /** Another handle to the same state, with an end of its own. */
  share(): NativeSnapshot
  /** Lets go of the state. Executions under way go on. */
  release(): void
}

/** How a {@link NativeStore} is opened. Numbers are whole and not negative. */
export interface NativeStoreOptions {
  readonly readOnly: boolean
  /** Whether the structure of the whole file is read first. */
  readonly check: boolean
  /** Bytes that the file may grow to. */
  readonly sizeLimit: number | undefined
  /** Bytes for hot accounts and slots, and for code. */
  readonly cacheBytes: number | undefined
  readonly codeCacheBytes: number | undefined
  /** Bytes of mapped files in memory, above which those of the store go. */
  readonly mappedBytes: number | undefined
  /** How many blocks can be taken back. */
  readonly history: number | undefined
}

/** How a state is imported. */
export interface NativeStoreImportOptions {
  /** Whether addresses and slots are kept, so that the state can be dumped. */
  readonly preimages: boolean
  /** Bytes that the file may grow to. */
  readonly sizeLimit: number | undefined
  /** Bytes for sorting. */
  readonly memory: number | undefined
  /** The hash of the chain's genesis block. */
  readonly chain: Uint8Array
}

/** Where a {@link NativeStore} stands. */
export interface NativeStoreHead {
  readonly number: bigint
  readonly hash: Uint8Array
  readonly root: Uint8Array
  readonly chain: Uint8Array
  readonly undoable: number
  readonly accounts: number
  readonly slots: number
  readonly fileBytes: number
}

/** What checking a store found; no `problem` is the empty string. */
export interface NativeStoreReport {
  readonly accounts: number
  readonly slots: number
  readonly codes: number
  readonly codeBytes: number
  readonly root: Uint8Array
  readonly problem: string
}

/**
 * A state in a folder. Promises are settled in the order of the calls; the work is done on a thread of
 * the store. Errors have the codes `STORE_…` and `STATE_…`.
 */
export interface NativeStore {
  open(path: string, options: NativeStoreOptions): Promise<void>
  /** Moves views on by a packed BlockOutput without an error, for now. */
  begin(blockOutput: Uint8Array): Promise<void>
  /** The root after the block that was begun. */
  calculateRoot(): Promise<Uint8Array>
  /** Makes the block that was begun the head, and with `flush` writes all that was kept. */
  keep(number: bigint, hash: Uint8Array, flush: boolean): Promise<void>
  /** Forgets the block that was begun, and as many of those that were kept and not written. */
  forget(count: number): Promise<void>
  /** Puts the block that was begun by, when its root was calculated: views are as before it. */
  setAside(): Promise<void>
  /** Begins the block again that was put by; it is there until the head moves. */
  takeUp(): Promise<void>
  /** Forgets the block that was begun. */
  drop(): Promise<void>
  /** Writes all that was kept, to the disk. */
  flush(): Promise<void>
  /** Takes the last block back. */
  revert(): Promise<void>
  /** The hash of the head or of a block before it that {@link revert} leads to. */
  hashAt(number: bigint): Promise<Uint8Array>
  /** Copies what was flushed to an empty folder. */
  copyTo(folder: string): Promise<void>
  /** Recalculates everything. */
  check(): Promise<NativeStoreReport>
  /** Flushes and closes; other calls fail with `STATE_CLOSED` from now on, views stay. */
  close(): Promise<void>
  head(): NativeStoreHead
  /** Gives everything as it is now. */
  exportState(): NativeStoreExport
  view(): NativeSnapshot
}

/** The state of a {@link NativeStore} as it was when the export began, part by part. */
export interface NativeStoreExport {
  /**
   * Some accounts and slots as a packed StateDump, about as many as `limit`; null at the end. What is
   * left of the slots of an account comes first in the next part, in a record with the flag `SlotsOnly`
   * and without an address.
   */
  next(limit: number): Promise<Uint8Array | null>
  /** Lets go of the state, and so of its folder; nothing can be read any more. */
  end(): Promise<void>
}

/**
 * What others have answered, in a folder. Keys are packed as size (2 bytes, little-endian) and bytes;
 * values as size (4 bytes; all ones: not found) and bytes; facts as both sizes, key and value.
 */
export interface NativeFactStore {
  /** Opens a folder, or makes it; its file takes so many bytes at most. */
  open(path: string, bytes: number): Promise<void>
  /** The values of keys of a scope, of 32 bytes. */
  read(scope: Uint8Array, keys: Uint8Array): Promise<Uint8Array>
  /** The facts of a scope from a key on, until they are more than so many bytes. */
  scan(scope: Uint8Array, from: Uint8Array, bytes: number): Promise<Uint8Array>
  /** Codes by their hashes, packed as keys are. */
  readCodes(hashes: Uint8Array): Promise<Uint8Array>
  /** Writes facts of a scope. */
  write(scope: Uint8Array, facts: Uint8Array): Promise<void>
  /** Writes codes, packed as facts whose keys are their hashes. */
  writeCodes(codes: Uint8Array): Promise<void>
  /** Closes; other calls fail with `STATE_CLOSED` from now on. Nothing may be under way. */
  close(): Promise<void>
}

/** A state on its way into a folder. Until it is finished, the folder holds none. */
export interface NativeStoreImport {
  begin(path: string, options: NativeStoreImportOptions): Promise<void>
  /** Adds the accounts of a packed StateDump; of one with the flag `SlotsOnly` its slots alone. */
  add(stateDump: Uint8Array): Promise<void>
  /** Writes everything, the state after a block; gives its root, which must be `root` if given. */
  finish(number: bigint, hash: Uint8Array, root?: Uint8Array): Promise<Uint8Array>
  /** Removes everything. */
  abandon(): Promise<void>
  /** Accounts and slots that were added, and how many of them are written; at any time. */
  progress(): { readonly added: number; readonly written: number }
}

/** What a block can be executed on. */
export type NativeStateView = NativeState | NativeSnapshot | NativePartialView

/** Options of a {@link NativeEngine}. */
export interface NativeEngineOptions {
  /** The EVM: '' for the built-in one, 'evmone', or a path of a shared object. Default ''. */
  readonly vm?: string
  /** How many threads one block may use at most, 0 for all of the pool. Default 0. */
  readonly threads?: number
  /** How many bytes of decoded code the process keeps from now on. Undefined: as many as before. */
  readonly decodedCodeBytes?: number | undefined
}

/** An execution under way. */
export interface CancellableExecution<Output = Uint8Array> {
  /** As what {@link NativeEngine.execute} gives. */
  readonly output: Promise<Output>
  /**
   * Asks for the end. Where no worker has begun the block yet, the promise is rejected at once with
   * code `CANCELLED`. A block that runs stops at its next transaction, call frame or slice of gas, and
   * its output has that error. After the end it does nothing.
   */
  cancel(this: void): void
}

/**
 * A block that is executed in pieces, on a state of which not everything is known. A handle stays with
 * the thread that made it; all but {@link release} throw a TypeError while a piece is under way.
 */
export interface NativeResumableBlock {
  /**
   * Goes on on a worker thread, as far as what is known reaches. Gives the packed BlockOutput as
   * {@link NativeEngine.execute} does, or null where something is missing. The view must know what
   * the one before knew.
   */
  advance(view: NativeStateView): CancellableExecution<Uint8Array | null>
  /** What is missing, as MissingKey records: first what the transaction needs whose turn it is. */
  missing(): Uint8Array
  /** How many of the records that transaction asks for. */
  needed(): number
  /** How often any transaction ran. */
  runCount(): number
  /** Lets go of it. A piece under way goes on. */
  release(): void
}

/**
 * The next blocks of a chain: threads that have nothing better to do recover their senders, and run their
 * transactions ahead while the block before them executes. A handle stays with the thread that made it.
 */
export interface NativeWindow {
  /** Takes in the block that follows those before, a packed BlockInput; the number to execute it by. */
  add(blockInput: Uint8Array): number
  /** Like {@link NativeEngine.executeCancellable}; once for each block, in their order. */
  execute(block: number, state: NativeStateView): CancellableExecution
  /** Ends what is done for blocks, also for those that are executed, and takes no more. */
  close(): void
}

/** Runs packed blocks on one EVM. */
export interface NativeEngine {
  /** The EVM's own name and version. */
  readonly vmName: string
  readonly vmVersion: string
  /**
   * Runs a packed BlockInput on a worker thread and gives the packed BlockOutput. Errors of the
   * block are in the output; the promise is rejected only where there is no memory for one.
   */
  execute(state: NativeStateView, blockInput: Uint8Array): Promise<Uint8Array>
  /** Like {@link execute}, with a way to end it. */
  executeCancellable(state: NativeStateView, blockInput: Uint8Array): CancellableExecution
  /** A packed BlockInput, to be executed in pieces. */
  resumable(blockInput: Uint8Array): NativeResumableBlock
  /** A window of blocks to come. */
  window(): NativeWindow
  /** Like {@link execute}, on the calling thread. */
  executeSync(state: NativeStateView, blockInput: Uint8Array): Uint8Array
  /**
   * Runs every transaction of a packed BlockInput on the state as it is, on worker threads: none sees
   * what another one does, and nothing else of the block happens. Gives a packed CallsOutput.
   */
  call(state: NativeStateView, blockInput: Uint8Array): CancellableExecution
  /**
   * Looks at every transaction of a packed BlockInput as a pool does before it takes one in, on worker
   * threads: who signed it, which rule that needs no state it breaks, what it can cost, and what the state says
   * of its sender. Gives a packed AdmissionsOutput.
   */
  admit(state: NativeStateView, blockInput: Uint8Array): CancellableExecution
}

/** Everything the addon exports. Sizes of fixed-size arguments are checked (TypeError). */
export interface Addon {
  readonly NativeState: new () => NativeState
  readonly NativePartialState: new () => NativePartialState
  readonly NativeStore: new () => NativeStore
  readonly NativeStoreImport: new () => NativeStoreImport
  readonly NativeFactStore: new () => NativeFactStore
  readonly NativeEngine: new (options?: NativeEngineOptions) => NativeEngine
  /** How many processors the process may use: affinity and control groups counted in. */
  readonly processorCount: number
  /** Writes the hash of `data` to the first 32 bytes of `out`. */
  keccak256(data: Uint8Array, out: Uint8Array): void
  sha256(data: Uint8Array, out: Uint8Array): void
  keccak256Batch(pool: Uint8Array, offsets: Uint32Array, out: Uint8Array): void
  /** Throws a TypeError where an item is empty. */
  listRoot(pool: Uint8Array, offsets: Uint32Array, out: Uint8Array): void
  /**
   * Brings the references below a root record up to date, in a pool of trie nodes as
   * `lib/trie/node-pool.ts` describes them. Throws `INPUT_MALFORMED` where the records are none.
   */
  hashTrieNodes(words: Uint32Array, root: number): void
  /** The RLP of a node that hangs at nibble `depth`. Throws as {@link hashTrieNodes} does. */
  encodeTrieNode(words: Uint32Array, node: number, depth: number): Uint8Array
  recoverAddresses(signatures: Uint8Array): Uint8Array
  addressOfSecretKey(secretKey: Uint8Array): Uint8Array
}
