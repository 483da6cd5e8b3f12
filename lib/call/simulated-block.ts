/** Blocks that were simulated. */

import type {
  BlockHeader,
  RpcAccessListEntry,
  RpcAuthorization,
  RpcTransaction,
  Withdrawal,
} from '../block/index.js'
import { type Hex, quantity } from '../hex/index.js'
import { toRpcForm } from '../json.js'
import type { CallHalted, CallLog, CallReverted, RpcErrorObject } from './outcome.js'
import type { SimulatedOutcome } from './simulated-run.js'
import { SimulationCode } from './simulation.js'

/** A log of a simulated transaction. */
export interface SimulatedLog extends CallLog {
  /** Its position among the logs of the block; logs that were taken back are counted. */
  readonly logIndex: number
}

/** A transaction of a simulated block. */
export class SimulatedCall {
  /** Its hash: that of the transaction with a signature of zeros. */
  readonly transactionHash: Hex
  /** Who sent it. */
  readonly from: Hex
  /** The transaction, with what the request did not say. */
  readonly transaction: RpcTransaction
  /** What became of it. */
  readonly outcome: SimulatedOutcome
  /** Its logs; with `traceTransfers` what value was moved is among them. */
  readonly logs: readonly SimulatedLog[]

  /** @internal */
  constructor(
    transactionHash: Hex,
    from: Hex,
    transaction: RpcTransaction,
    outcome: SimulatedOutcome,
    logs: readonly SimulatedLog[],
  ) {
    this.transactionHash = transactionHash
    this.from = from
    this.transaction = transaction
    this.outcome = outcome
    this.logs = logs
  }

  /** The call in JSON, quantities in hex. */
  toJSON(): object {
    return toRpcForm({ ...this }) as object
  }
}

/** What a block is made of beside its header. */
export interface SimulatedBody {
  readonly header: BlockHeader
  readonly calls: readonly SimulatedCall[]
  /** Undefined before Shanghai. */
  readonly withdrawals: readonly Withdrawal[] | undefined
  /** The block's RLP. */
  readonly rlp: Uint8Array
  /** Whether JSON has the transactions whole. */
  readonly isFull: boolean
}

/** A block that was simulated. */
export class SimulatedBlock {
  /** The block's header. Its state root is zero where the state keeps no trie. */
  readonly header: BlockHeader
  /** Its transactions, and what became of them. */
  readonly calls: readonly SimulatedCall[]
  /** The withdrawals; undefined before Shanghai. */
  readonly withdrawals: readonly Withdrawal[] | undefined
  /** The block's RLP. */
  readonly rlp: Uint8Array
  /** The block's hash. */
  readonly hash: Hex
  readonly #isFull: boolean

  /** @internal */
  constructor({ header, calls, withdrawals, rlp, isFull }: SimulatedBody) {
    this.header = header
    this.calls = calls
    this.withdrawals = withdrawals
    this.rlp = rlp
    this.hash = header.hash
    this.#isFull = isFull
  }

  /** The block as `eth_simulateV1` answers with it. */
  toJSON(): object {
    const { header, calls, withdrawals, rlp } = this
    const members: Record<string, unknown> = {
      ...header.toJSON(),
      size: quantity(rlp.length),
      transactions: calls.map((call, i) =>
        this.#isFull ? rpcTransaction(call, header, i) : call.transactionHash,
      ),
      uncles: [],
      ...(withdrawals === undefined ? {} : { withdrawals: toRpcForm(withdrawals) }),
      calls: calls.map((call, i) => rpcCall(call, header, i)),
    }
    const names = Object.keys(members).sort()
    return Object.fromEntries(names.map((name) => [name, members[name]]))
  }
}

function rpcCall(
  { outcome, logs, transactionHash }: SimulatedCall,
  header: BlockHeader,
  i: number,
) {
  const { gasUsed, maxGasUsed } = outcome
  const isSuccess = outcome.status === 'success'
  return {
    returnData: isSuccess ? outcome.data : '0x',
    logs: logs.map(({ address, topics, data, logIndex }) => ({
      address,
      topics,
      data,
      blockNumber: quantity(header.number),
      transactionHash,
      transactionIndex: quantity(i),
      blockHash: header.hash,
      blockTimestamp: quantity(header.timestamp),
      logIndex: quantity(logIndex),
      removed: false,
    })),
    gasUsed: quantity(gasUsed),
    maxUsedGas: quantity(maxGasUsed),
    status: isSuccess ? '0x1' : '0x0',
    ...(isSuccess ? {} : { error: errorOf(outcome) }),
  }
}

function errorOf(outcome: CallReverted | CallHalted): object {
  const { code, message, data }: RpcErrorObject = outcome.rpcError
  return outcome.status === 'reverted'
    ? { message, code, data }
    : { message, code: SimulationCode.vmError }
}

/** A transaction as geth answers with it. */
function rpcTransaction(call: SimulatedCall, header: BlockHeader, index: number): object {
  const { transaction: tx, transactionHash, from } = call
  const type = Number(tx.type)
  const [maxFee, maxTip] = [BigInt(tx.maxFeePerGas ?? 0), BigInt(tx.maxPriorityFeePerGas ?? 0)]
  const price = maxTip + (header.baseFeePerGas ?? 0n)
  const isPriced = type === 0
  return toRpcForm({
    blockHash: header.hash,
    blockNumber: header.number,
    blockTimestamp: header.timestamp,
    from,
    gas: tx.gas,
    gasPrice: isPriced ? tx.gasPrice : price < maxFee ? price : maxFee,
    maxFeePerGas: isPriced ? undefined : maxFee,
    maxPriorityFeePerGas: isPriced ? undefined : maxTip,
    maxFeePerBlobGas: tx.maxFeePerBlobGas ?? undefined,
    hash: transactionHash,
    input: tx.input.toLowerCase(),
    nonce: tx.nonce,
    to: tx.to?.toLowerCase() ?? null,
    transactionIndex: BigInt(index),
    value: tx.value,
    type: BigInt(type),
    accessList: isPriced ? undefined : (tx.accessList ?? []).map(rpcAccessListEntry),
    chainId: isPriced ? undefined : tx.chainId,
    blobVersionedHashes: tx.blobVersionedHashes ?? undefined,
    authorizationList: tx.authorizationList?.map(rpcAuthorization),
    v: 0n,
    r: 0n,
    s: 0n,
    yParity: isPriced ? undefined : 0n,
  }) as object
}

function rpcAccessListEntry({ address, storageKeys }: RpcAccessListEntry): RpcAccessListEntry {
  return {
    address: address.toLowerCase(),
    storageKeys: storageKeys.map((key) => key.toLowerCase()),
  }
}

function rpcAuthorization({ chainId, address, nonce, yParity, v, r, s }: RpcAuthorization): object {
  return {
    chainId: BigInt(chainId),
    address: address.toLowerCase(),
    nonce: BigInt(nonce),
    yParity: BigInt(yParity ?? v ?? 0),
    r: BigInt(r),
    s: BigInt(s),
  }
}
