/** Small operations on the JavaScript side, with the `benchmark` package. */

import Benchmark from 'benchmark'
import { decodeBlock, packBlock } from '../lib/block/index.js'
import { mainnetCommon, rulesetAt } from '../lib/chain/index.js'
import { Engine } from '../lib/engine/engine.js'
import { bytesToHex } from '../lib/hex/index.js'
import { keccak256, keccak256Batch, NativeEngine, NativeState } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { readBlockReceipts } from '../lib/output/receipt.js'
import type { BlockReceiptContext } from '../lib/output/receipt-context.js'
import { listRoot } from '../lib/trie/list-root.js'
import { makeWorkload } from '../lib/workloads/index.js'
import { mainnetBlock } from './support/fixtures.js'
import { shown } from './support/measure.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** A block with many transactions, one with none. */
const fullBlock = '17666333'
const emptyBlock = '19910734'

/** How many messages a batch of hashes has, and how long each is: a node of a trie. */
const batchSize = 1024
const batchMessage = 128

/** How many calls are made at once. */
const callCount = 1000

/** How many receipts are made. */
const receiptCount = 1000

interface Operation {
  readonly name: string
  /** What one run is divided by, and its name. */
  readonly per: readonly [count: number, unit: string]
  readonly body: (() => unknown) | (() => Promise<unknown>)
  readonly deferred?: boolean
}

interface Timed {
  readonly name: string
  readonly unit: string
  readonly nanoseconds: number
  /** Relative margin of error in percent, as `benchmark` gives it. */
  readonly margin: number
}

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const timed: Timed[] = []
  for (const operation of await operations()) timed.push(await time(operation, quick ? 0.2 : 1))
  return {
    title: 'Small operations',
    text: [
      'Measured with the `benchmark` package; nanoseconds, with the margin of error it gives. Decoding,',
      `packing and the transactions root are those of mainnet block ${fullBlock}; the empty block is ${emptyBlock}.`,
      '',
      table(
        ['operation', '>ns', 'per', '>±%'],
        timed.map(({ name, unit, nanoseconds, margin }) => [
          name,
          shown(nanoseconds),
          unit,
          shown(margin),
        ]),
      ),
    ].join('\n'),
    verdicts: [],
    losses: [],
    data: timed.map((entry) => ({ ...entry })),
  }
}

/** The packed output of a block of token transfers. */
async function executedBlock(): Promise<Uint8Array> {
  const { block, state } = await makeWorkload('erc20', { transactions: receiptCount })
  const engine = await Engine.create({ policy: 'sequential' })
  const { packed } = await engine.executeBlock(block, { state })
  engine.close()
  return packed
}

/** Questions for balances of OpenZeppelin's ERC-20 contract, to one engine of one thread. */
async function balanceCalls(): Promise<Operation[]> {
  const { block, state } = await makeWorkload('erc20', { transactions: callCount })
  const { transactions } = decodeBlock(block)
  const token = transactions.to(0)
  const requests = Array.from({ length: callCount }, (_, i) => ({
    to: token,
    // Who got something: the first argument of the transfer.
    data: `0x70a08231${bytesToHex(transactions.encodings.at(i)).slice(2).split('a9059cbb')[1].slice(0, 64)}`,
  }))
  const engine = await Engine.create({ threads: 1 })
  const options = { state }
  const [first] = await engine.callMany(requests.slice(0, 1), options)
  if (first.status !== 'success' || BigInt(first.data) === 0n) throw new Error(first.status)
  return [
    {
      name: 'engine.call: balanceOf of an ERC-20, one at a time',
      per: [1, 'call'],
      body: () => engine.call(requests[0], options),
      deferred: true,
    },
    {
      name: `engine.callMany: balanceOf of an ERC-20, ${callCount} on one thread`,
      per: [callCount, 'call'],
      body: () => engine.callMany(requests, options),
      deferred: true,
    },
  ]
}

async function operations(): Promise<Operation[]> {
  const full = mainnetBlock(fullBlock)
  const transactions = [full.transactionCount, 'transaction'] as const
  const common = mainnetCommon()
  const decoded = decodeBlock(full.rlp)
  const ruleset = rulesetAt(common, decoded.number, decoded.timestamp)
  const packOptions = { blockHashes: full.blockHashes, forgiveMissingSystemContracts: true }

  const empty = mainnetBlock(emptyBlock)
  const decodedEmpty = decodeBlock(empty.rlp)
  const emptyInput = packBlock(
    decodedEmpty,
    rulesetAt(common, decodedEmpty.number, decodedEmpty.timestamp),
    { forgiveMissingSystemContracts: true },
  )
  const native = new NativeEngine({ threads: 1 })
  const state = new NativeState()

  const output = new PackedReader(await executedBlock())
  const receiptContext: BlockReceiptContext = {
    blockHash: decoded.hash,
    blockNumber: decoded.number,
    blockTimestamp: decoded.timestamp,
    hasStatus: true,
    blobGasPrice: undefined,
    transactionHash: () => decoded.hash,
    to: () => null,
  }

  const pool = new Uint8Array(batchSize * batchMessage).map((_, i) => i * 7)
  const offsets = Uint32Array.from({ length: batchSize + 1 }, (_, i) => i * batchMessage)
  const hashes = new Uint8Array(batchSize * 32)
  const hash = (size: number): Operation => {
    const data = pool.subarray(0, size)
    return { name: `keccak256, ${size} bytes`, per: [1, 'hash'], body: () => keccak256(data) }
  }
  return [
    hash(32),
    hash(136),
    hash(1024),
    {
      name: `keccak256Batch, ${batchSize} messages of ${batchMessage} bytes`,
      per: [batchSize, 'hash'],
      body: () => keccak256Batch(pool, offsets, hashes),
    },
    {
      name: 'decoding a block from RLP and packing it',
      per: transactions,
      body: () => packBlock(decodeBlock(full.rlp), ruleset, packOptions),
    },
    {
      name: 'transactions root of a decoded block',
      per: transactions,
      body: () => listRoot(decoded.transactions.encodings.toArray()),
    },
    {
      name: 'receipts of a block, all members but their logs',
      per: [receiptCount, 'receipt'],
      body: () => readBlockReceipts(output, receiptContext),
    },
    {
      name: 'crossing into the addon and back',
      per: [1, 'crossing'],
      body: () => state.accountCount,
    },
    {
      name: 'empty packed block, on the calling thread',
      per: [1, 'block'],
      body: () => native.executeSync(state, emptyInput),
    },
    {
      name: 'empty packed block, on the pool and back as a promise',
      per: [1, 'block'],
      body: () => native.execute(state, emptyInput),
      deferred: true,
    },
    ...(await balanceCalls()),
  ]
}

function time({ name, per, body, deferred = false }: Operation, maxTime: number): Promise<Timed> {
  const [count, unit] = per
  return new Promise((resolve, reject) => {
    new Benchmark({
      name,
      maxTime,
      defer: deferred,
      fn: deferred
        ? (deferral: { resolve(): void }) => {
            ;(body() as Promise<unknown>).then(() => deferral.resolve(), reject)
          }
        : body,
      onError: (event: { target: { error: unknown } }) => reject(event.target.error),
      onComplete(this: Benchmark) {
        const { mean, rme } = this.stats
        resolve({ name, unit, nanoseconds: (mean * 1e9) / count, margin: rme })
      },
    }).run({ async: deferred })
  })
}
