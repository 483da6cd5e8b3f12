/** A block with a transaction of every kind, made and signed by @ethereumjs. */

import { type Block, createBlock } from '@ethereumjs/block'
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
  createWithdrawal,
  hexToBytes,
  type PrefixedHexString,
} from '@ethereumjs/util'
import type { RpcBlock, RpcTransaction } from '../../lib/block/index.js'
import { commonAt } from './common.js'
import { rpcBlockOf } from './rpc.js'

const common = commonAt(Hardfork.Prague)
/** Rules before EIP-155: signatures without a chain id. */
const homestead = commonAt(Hardfork.Homestead)

const secretKey = hexToBytes(`0x${'45'.repeat(32)}`)
const to = `0x${'ab'.repeat(20)}` as const
const hash = (byte: string): PrefixedHexString => `0x${byte.repeat(32)}`

const accessList = [
  { address: `0x${'01'.repeat(20)}` as const, storageKeys: [hash('02'), hash('03')] },
  { address: `0x${'04'.repeat(20)}` as const, storageKeys: [] },
]

const authorizationList = [
  {
    chainId: '0x1',
    address: `0x${'05'.repeat(20)}`,
    nonce: '0x7',
    yParity: '0x1',
    r: hash('06'),
    s: hash('07'),
  },
  {
    chainId: '0x',
    address: `0x${'08'.repeat(20)}`,
    nonce: '0x',
    yParity: '0x',
    r: '0x9',
    s: '0xa',
  },
] as never

const fees = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 7n }

/** The address that signs all transactions. */
export const sender = createAddressFromPrivateKey(secretKey).toString()

/** One signed transaction of every kind. */
export function sampleTransactions(): TypedTransaction[] {
  return [
    createLegacyTx(
      { nonce: 0n, gasPrice: 2n ** 40n, gasLimit: 21_000n, to, value: 10n ** 18n },
      { common: homestead },
    ),
    createLegacyTx(
      { nonce: 1n, gasPrice: 5n, gasLimit: 300_000n, value: 0n, data: `0x60${'00'.repeat(99)}` },
      { common },
    ),
    createLegacyTx({ nonce: 300n, gasPrice: 5n, gasLimit: 2n ** 40n, to, value: 128n }, { common }),
    createAccessList2930Tx(
      { chainId: 1n, nonce: 127n, gasPrice: 9n, gasLimit: 90_000n, to, data: '0x01', accessList },
      { common },
    ),
    createFeeMarket1559Tx(
      { ...fees, chainId: 1n, nonce: 128n, gasLimit: 90_000n, value: 2n ** 200n },
      { common },
    ),
    createBlob4844Tx(
      {
        ...fees,
        chainId: 1n,
        nonce: 2n ** 40n,
        gasLimit: 90_000n,
        to,
        accessList,
        maxFeePerBlobGas: 11n,
        blobVersionedHashes: [`0x01${'0c'.repeat(31)}`, `0x01${'0d'.repeat(31)}`],
      },
      { common },
    ),
    createEOACode7702Tx(
      {
        ...fees,
        chainId: 1n,
        nonce: 2n ** 32n,
        gasLimit: 90_000n,
        to,
        data: `0x${'0e'.repeat(77)}`,
        authorizationList,
      },
      { common },
    ),
  ].map((tx) => tx.sign(secretKey))
}

/** The block, of Prague. Its header is not that of a valid block. */
export function sampleBlock(): Block {
  return createBlock(
    {
      header: {
        number: 22_500_000n,
        timestamp: 1_750_000_000n,
        gasLimit: 36_000_000n,
        gasUsed: 1n,
        baseFeePerGas: 1_000n,
        coinbase: `0x${'10'.repeat(20)}`,
        parentHash: hash('11'),
        mixHash: hash('12'),
        extraData: '0x1314',
        excessBlobGas: 1_000_000n,
        blobGasUsed: 262_144n,
        parentBeaconBlockRoot: hash('15'),
      },
      transactions: sampleTransactions() as never,
      withdrawals: [
        createWithdrawal({ index: 1n, validatorIndex: 2n, address: to, amount: 3n }),
        createWithdrawal({
          index: 2n ** 33n,
          validatorIndex: 0n,
          address: `0x${'16'.repeat(20)}`,
          amount: 2n ** 63n,
        }),
      ],
    },
    { common, skipConsensusFormatValidation: true },
  )
}

/** A copy of a type without `readonly`, to be damaged. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A JSON-RPC block to be damaged. */
export interface MutableRpcBlock extends Mutable<Omit<RpcBlock, 'transactions'>> {
  transactions: Mutable<RpcTransaction>[]
}

/** The block as JSON-RPC gives it. */
export function sampleRpcBlock(): MutableRpcBlock {
  return rpcBlockOf(sampleBlock()) as MutableRpcBlock
}
