/**
 * A program of somebody's who has viem and TypeScript's strictest settings; that it compiles is the test
 * (test/types.test.ts). Nobody runs it.
 */

import {
  type Alloc,
  adaptive,
  type BlockEnvironment,
  type BlockLog,
  type BlockReceipt,
  type BlockSource,
  type BraidErrorOptions,
  Engine,
  type EngineOptions,
  type ExecuteBlockOptions,
  type ExecuteBlocksOptions,
  type ExecuteTransactionsOptions,
  type ExecutionPlan,
  isBraidError,
  MemoryState,
  type RpcLog,
  type RpcReceipt,
  type SchedulingPolicy,
  type SourceAccount,
  SourceState,
  type StateSource,
  type TransactionFields,
  validateBlock,
  validateHeader,
} from 'braid-evm'
import {
  type Block,
  createPublicClient,
  type GetProofReturnType,
  type Hash,
  type Hex,
  http,
  type Log,
  type PublicClient,
  parseAbi,
  parseEventLogs,
  type TransactionReceipt,
  type RpcBlock as ViemRpcBlock,
  type RpcLog as ViemRpcLog,
  type RpcTransactionReceipt as ViemRpcReceipt,
} from 'viem'

declare const client: PublicClient
declare const engine: Engine
/** Whichever it is: nobody has to find out before handing it on. */
declare const anyState: MemoryState | SourceState
declare const maybe: { readonly [Name in 'flag']?: boolean }

/** A block of viem's, decoded or as it came, is a block. */
export async function blocks(
  block: Block<bigint, true, 'latest'>,
  raw: ViemRpcBlock<'latest', true>,
) {
  const fetched = await client.getBlock({ includeTransactions: true })
  const sources: BlockSource[] = [block, fetched]
  const options: ExecuteBlockOptions = { state: anyState }
  for (const source of sources) await engine.executeBlock(source, options)
  // A node's own answer has no number while it is pending.
  const { number, hash, nonce, logsBloom } = raw
  if (number === null || hash === null || nonce === null || logsBloom === null) return
  await engine.executeBlock({ ...raw, number, hash, nonce, logsBloom }, options)
}

/** Values that may be undefined are options that are not given. */
export async function options(given: {
  readonly signal: AbortSignal | undefined
  readonly hardfork: string | undefined
  readonly parentHash: Hex | undefined
  readonly stateRoot: boolean | undefined
}) {
  const { flag } = maybe
  const { signal, hardfork, parentHash, stateRoot } = given
  const engineOptions: EngineOptions = { common: undefined, vm: undefined, threads: undefined }
  const blockOptions: ExecuteBlockOptions = {
    state: anyState,
    verify: flag,
    trustSenders: flag,
    blockHashes: undefined,
    signal,
  }
  const chainOptions: ExecuteBlocksOptions = {
    ...blockOptions,
    state: anyState,
    stateRoot,
    onProgress: undefined,
  }
  const simulation: ExecuteTransactionsOptions = { state: anyState, hardfork, signal }
  const environment: BlockEnvironment = {
    number: 1n,
    timestamp: 1n,
    gasLimit: 1n,
    coinbase: '0x',
    parentHash,
    baseFee: undefined,
  }
  const transaction: TransactionFields = {
    sender: '0x',
    nonce: 0n,
    gasLimit: 0n,
    to: undefined,
    type: undefined,
    accessList: undefined,
    skipNonceCheck: flag,
  }
  const plan: ExecutionPlan = { mode: 'optimistic', workers: undefined, prefetch: undefined }
  const policy: SchedulingPolicy = { name: 'mine', plan: () => plan, learn: undefined }
  const errorOptions: BraidErrorOptions = { details: undefined, message: undefined }
  const made = await Engine.create({ ...engineOptions, policy })
  await made.executeTransactions(environment, [transaction], simulation)
  for await (const _ of made.executeBlocks([], chainOptions));
  adaptive({ memory: undefined, prefetch: flag })
  return errorOptions
}

/** The state of a node, asked by viem. */
export function sourceOf(blockNumber: bigint): StateSource {
  const { transport: _, ...rest } = createPublicClient({ transport: http() })
  void rest
  return {
    async getAccount(address): Promise<SourceAccount> {
      const proof: GetProofReturnType = await client.getProof({
        address,
        storageKeys: [],
        blockNumber,
      })
      const { nonce, balance, codeHash, storageHash } = proof
      return { nonce, balance, codeHash, storageRoot: storageHash }
    },
    getStorage: async (address, slot) =>
      (await client.getStorageAt({ address, slot, blockNumber })) ?? '0x',
    getCode: (_hash, address) => client.getCode({ address, blockNumber }),
    getBlockHash: undefined,
  }
}

/** A state of one kind or the other, wherever one is taken. */
export async function states(isLocal: boolean, alloc: Alloc, block: BlockSource) {
  const state = isLocal
    ? new MemoryState(alloc, { history: undefined })
    : new SourceState(sourceOf(1n))
  const result = await engine.executeBlock(block, { state })
  for await (const each of engine.executeBlocks([block], { state })) state.commit(each)
  const environment = { number: 1n, timestamp: 1n, gasLimit: 1n, coinbase: '0x' }
  await engine.executeTransactions(environment, [], { state })
  const clone: MemoryState | SourceState = state.clone()
  clone.commit(result)
  const parent = result.header
  validateHeader(parent, parent, { common: undefined, proofOfWork: undefined })
  return validateBlock(block, { parent, ancestors: undefined })
}

/** Receipts and logs are viem's. */
export function receipts(receipt: BlockReceipt, log: BlockLog, rpcLog: RpcLog, rpc: RpcReceipt) {
  const viemReceipt: TransactionReceipt = receipt
  const viemLog: Log<bigint, number, false> = log
  const spread: TransactionReceipt = { ...receipt }
  const viemRpcReceipt: ViemRpcReceipt = rpc
  const viemRpcLog: ViemRpcLog = rpcLog
  const json: [ViemRpcReceipt, ViemRpcLog] = [receipt.toJSON(), log.toJSON()]
  return [viemReceipt, viemLog, spread, viemRpcReceipt, viemRpcLog, json]
}

/** A result's logs are what viem parses. */
export async function events(block: BlockSource): Promise<readonly Hash[]> {
  const result = await engine.executeBlock(block, { state: anyState })
  const abi = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 value)'])
  const logs = parseEventLogs({ abi, logs: result.logs, eventName: 'Transfer' })
  const { receipts: all, stateDiff, report } = { ...result }
  const { wastedGas, workers } = { ...report }
  const value: bigint | undefined = stateDiff.get('0x')?.balance.after
  void [all.length, wastedGas, workers, value]
  return logs.map(({ transactionHash }) => transactionHash)
}

/** The details of a code are typed by it. */
export function reasonOf(error: unknown): string | undefined {
  if (isBraidError(error, 'TX_NONCE_TOO_LOW')) {
    const { txIndex, expected, actual } = error.details
    return `${txIndex + 1}: ${expected - actual}`
  }
  if (isBraidError(error, 'BLOCK_FIELD_MISMATCH')) return error.details.field.toUpperCase()
  if (isBraidError(error, 'UNSUPPORTED_HARDFORK')) return error.details.hardfork.trim()
  // @ts-expect-error not every error has a field
  if (isBraidError(error)) return error.details.field.trim()
  return undefined
}

/** What has a lifetime ends with a scope. */
export async function scope(block: BlockSource): Promise<void> {
  const made: AsyncDisposable = await Engine.create()
  const chain: AsyncDisposable = engine.executeBlocks([block], { state: anyState })
  await Promise.all([made[Symbol.asyncDispose](), chain[Symbol.asyncDispose]()])
}
