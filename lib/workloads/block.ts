/** Turns a workload's calls into a signed block whose header is right. */

import { RLP } from '@ethereumjs/rlp'
import { encodeBlock } from '../block/decode.js'
import type { RpcBlock, RpcTransaction } from '../block/types.js'
import { emptyOmmersHash, emptyTrieRoot } from '../empty-hashes.js'
import { Engine } from '../engine/engine.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import type { MemoryState } from '../state/memory-state.js'
import type { Sender } from './cast.js'
import { QuickSigner, type Signature } from './signatures.js'
import type { Workload } from './workload.js'

/** A transaction of a workload. */
export interface Call {
  readonly from: Sender
  readonly to: Hex
  readonly gasLimit: number
  readonly value?: bigint
  readonly data?: Hex
}

/** Mainnet's. */
const chainId = 1

/** When the block is: in Cancun (EIP-7569). */
export const blockNumber = 20_000_000n
/** In seconds. */
export const blockTimestamp = 1_717_281_407n

/** In wei per gas. */
const baseFee = 7_000_000_000n
const priorityFee = 1_000_000_000n

/** What a transaction pays for each gas, in wei. */
export const gasPrice: bigint = baseFee + priorityFee

/** Who is paid for the block. */
const proposer: Hex = `0x${'fe'.repeat(20)}`

const zeroHash: Hex = `0x${'00'.repeat(32)}`
/** Blocks of today have at least this gas limit. */
const usualGasLimit = 30_000_000

/**
 * Makes the block and executes it once to complete its header. Throws where a transaction fails: a
 * workload measures what its name says or nothing.
 */
export async function makeBlock(
  name: string,
  state: MemoryState,
  calls: readonly Call[],
): Promise<Workload> {
  const block = blockOf(state, calls)
  const engine = await Engine.create()
  try {
    const result = await engine.executeBlock(block, { state, verify: false })
    const failed = result.receipts.findIndex((receipt) => receipt.status !== 'success')
    if (failed >= 0) throw new Error(`transaction ${failed} of workload ${name} fails`)
    const after = state.clone()
    after.commit(result)
    const outcome = result.verify().map(({ field, actual }) => [field, actual])
    const header = { ...Object.fromEntries(outcome), stateRoot: after.stateRoot() }
    return { name, state, block: encodeBlock({ ...block, ...header }) }
  } finally {
    engine.close()
  }
}

function blockOf(state: MemoryState, calls: readonly Call[]): RpcBlock {
  const gasLimits = calls.reduce((sum, { gasLimit }) => sum + gasLimit, 0)
  return {
    parentHash: zeroHash,
    sha3Uncles: emptyOmmersHash,
    miner: proposer,
    stateRoot: zeroHash,
    transactionsRoot: zeroHash,
    receiptsRoot: zeroHash,
    logsBloom: `0x${'00'.repeat(256)}`,
    difficulty: 0n,
    number: blockNumber,
    // A transaction's limit must fit into what is left, whatever those before it used.
    gasLimit: Math.max(usualGasLimit, gasLimits),
    gasUsed: 0n,
    timestamp: blockTimestamp,
    extraData: '0x',
    mixHash: bytesToHex(keccak256(Buffer.from('randomness'))),
    nonce: '0x0000000000000000',
    baseFeePerGas: baseFee,
    withdrawalsRoot: emptyTrieRoot,
    withdrawals: [],
    blobGasUsed: 0n,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: zeroHash,
    transactions: transactionsOf(state, calls),
    uncles: [],
  }
}

function transactionsOf(state: MemoryState, calls: readonly Call[]): RpcTransaction[] {
  const signer = new QuickSigner()
  const nonces = new Map<Hex, bigint>()
  return calls.map((call) => {
    const { address, secretKey } = call.from
    const nonce = nonces.get(address) ?? state.getAccount(address)?.nonce ?? 0n
    nonces.set(address, nonce + 1n)
    const signature = signer.sign(signingHash(call, nonce), secretKey)
    return transactionOf(call, nonce, signature)
  })
}

/** What the sender of an EIP-1559 transaction signs. */
function signingHash({ to, gasLimit, value = 0n, data = '0x' }: Call, nonce: bigint): Uint8Array {
  const accessList: never[] = []
  const fees = [priorityFee, gasPrice]
  const list = RLP.encode([chainId, nonce, ...fees, gasLimit, to, value, data, accessList])
  return keccak256(Buffer.concat([Uint8Array.of(2), list]))
}

function transactionOf(
  { to, gasLimit, value = 0n, data = '0x' }: Call,
  nonce: bigint,
  signature: Signature,
): RpcTransaction {
  return {
    type: 2,
    chainId,
    nonce,
    maxPriorityFeePerGas: priorityFee,
    maxFeePerGas: gasPrice,
    gas: gasLimit,
    to,
    value,
    input: data,
    ...signature,
  }
}
