/** A valid Prague block with a transaction of every kind, and the state before it. */

import { type Block, createBlockFromRLP } from '@ethereumjs/block'
import { Hardfork } from '@ethereumjs/common'
import {
  createAccessList2930Tx,
  createBlob4844Tx,
  createEOACode7702Tx,
  createFeeMarket1559Tx,
  createLegacyTx,
  type TypedTransaction,
} from '@ethereumjs/tx'
import {
  createAddressFromPrivateKey,
  eoaCode7702SignAuthorization,
  hexToBytes,
  type PrefixedHexString,
} from '@ethereumjs/util'
import type { Engine } from '../../lib/engine/engine.js'
import { type Alloc, type BlockResult, Chain, MemoryState } from '../../lib/index.js'
import { StateTrie } from '../../lib/trie/state-trie.js'
import { draftBlock } from '../../lib/workloads/draft.js'
import { commonAt } from './common.js'
import { headerOf } from './headers.js'
import { rpcTransactionOf } from './rpc.js'

const common = commonAt(Hardfork.Prague)

const secretKey = hexToBytes(`0x${'45'.repeat(32)}`)
const authorityKey = hexToBytes(`0x${'46'.repeat(32)}`)
const sender = createAddressFromPrivateKey(secretKey).toString()

const number = 22_500_000n
const timestamp = 1_750_000_000n

/** What the contract asks BLOCKHASH for: the parent, which the header names, and one that it does not. */
const olderNumber = number - 3n

/** Ancestors that the block's code asks for. */
export const mixedBlockHashes = new Map([[olderNumber, `0x${'77'.repeat(32)}`]])

/** Where the contract lies that transactions call. */
export const contract = `0x${'c0'.repeat(20)}` as const

/**
 * Stores the hashes of two ancestors and what it was called with, logs a word of memory with the
 * caller as topic, and asks the identity and sha256 precompiles.
 */
const code =
  '0x' +
  '6001430340600055' + // SSTORE(0, BLOCKHASH(NUMBER - 1))
  '6003430340600155' + // SSTORE(1, BLOCKHASH(NUMBER - 3))
  '366000600037' + // CALLDATACOPY(0, 0, CALLDATASIZE)
  '600051600255' + // SSTORE(2, MLOAD(0))
  '3360206000a1' + // LOG1(0, 32, CALLER)
  '60206040602060006004620186a0fa50' + // STATICCALL(100000, identity, 0, 32, 64, 32)
  '60206060602060006002620186a0fa50' + // STATICCALL(100000, sha256, 0, 32, 96, 32)
  '606051600355' + // SSTORE(3, MLOAD(96))
  '60806000f3' // RETURN(0, 128)

/** The state before the block. */
export const mixedAlloc: Alloc = {
  [sender]: { balance: 10n ** 24n },
  [contract]: { balance: 5n, nonce: 1n, code, storage: { '0x0': 7, '0x2': '0xff' } },
  // Withdrawal and consolidation requests (EIP-7002, EIP-7251): contracts without requests.
  '0x00000961ef480eb55e80d19ad83579a64c007002': { nonce: 1n, code: '0x00' },
  '0x0000bbddc7ce488642fb579f8b00f3a590007251': { nonce: 1n, code: '0x00' },
}

const fees = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 7n, chainId: 1n }
const slot = (byte: string): PrefixedHexString => `0x${byte.repeat(32)}`
const accessList = [{ address: contract, storageKeys: [slot('00'), slot('02')] }]

/** The block's transactions, all by one sender. */
function transactions(): TypedTransaction[] {
  const authorization = eoaCode7702SignAuthorization(
    { chainId: '0x1', address: contract, nonce: '0x0' },
    authorityKey,
  )
  const options = { common }
  const data = `0x${'5a'.repeat(40)}` as const
  const gasLimit = 300_000n
  const to = contract
  return [
    createLegacyTx({ nonce: 0n, gasPrice: 2_000n, gasLimit, to, value: 5n }, options),
    // Init code that deploys one byte: MSTORE8(0, 1), RETURN(0, 1), a byte of 0x01 (ADD).
    createLegacyTx(
      { nonce: 1n, gasPrice: 2_000n, gasLimit, data: '0x600160005360016000f3' },
      options,
    ),
    createAccessList2930Tx(
      { chainId: 1n, nonce: 2n, gasPrice: 3_000n, gasLimit, to, data, accessList },
      options,
    ),
    createFeeMarket1559Tx({ ...fees, nonce: 3n, gasLimit, to, data, value: 2n ** 60n }, options),
    createBlob4844Tx(
      {
        ...fees,
        nonce: 4n,
        gasLimit,
        to,
        maxFeePerBlobGas: 11n,
        blobVersionedHashes: [`0x01${'0c'.repeat(31)}`, `0x01${'0d'.repeat(31)}`],
      },
      options,
    ),
    createEOACode7702Tx(
      { ...fees, nonce: 5n, gasLimit, to, data, authorizationList: [authorization] },
      options,
    ),
    // Out of gas.
    createFeeMarket1559Tx({ ...fees, nonce: 6n, gasLimit: 25_000n, to }, options),
  ].map((tx) => tx.sign(secretKey))
}

/** The block before. */
const parent = headerOf({
  ...draftBlock({}),
  number: number - 1n,
  timestamp: timestamp - 12n,
  gasLimit: 36_000_000n,
  requestsHash: `0x${'00'.repeat(32)}`,
  stateRoot: new StateTrie(new MemoryState(mixedAlloc)).root,
})

/** The block with the header that belongs to it; executing it verifies. */
export async function mixedBlock(engine: Engine): Promise<{
  readonly block: Block
  readonly result: BlockResult
}> {
  const state = new MemoryState(mixedAlloc, { trie: true })
  const blockHashes = mixedBlockHashes
  const chain = await Chain.open({ engine, state, head: parent, blockHashes })
  const { rlp } = await chain.buildBlock({
    timestamp,
    baseFeePerGas: 1_000n,
    coinbase: `0x${'10'.repeat(20)}`,
    prevRandao: `0x${'12'.repeat(32)}`,
    extraData: '0x1314',
    parentBeaconBlockRoot: `0x${'15'.repeat(32)}`,
    withdrawals: [
      { index: 1n, validatorIndex: 2n, address: `0x${'16'.repeat(20)}`, amount: 3n },
      { index: 2n, validatorIndex: 3n, address: sender, amount: 4n },
    ],
    transactions: transactions().map(rpcTransactionOf),
  })
  const block = createBlockFromRLP(rlp, { common, skipConsensusFormatValidation: true })
  return { block, result: engine.executeBlockSync(rlp, { state, blockHashes }) }
}
