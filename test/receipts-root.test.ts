import { createMPT } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TransactionFields } from '../lib/block/types.js'
import { type BlockEnvironment, Engine, type ExecutionResult, MemoryState } from '../lib/index.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { BlockOutput } from '../lib/native/wire.js'
import type { Receipt } from '../lib/output/receipt.js'
import { encodeReceipt } from '../lib/output/receipt-encoding.js'
import { listRoot } from '../lib/trie/list-root.js'
import { Random } from './random.js'

const roots = suite('receipts root')

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}` as const
const address = (number: number) => `0x${number.toString(16).padStart(40, '0')}` as const
const word = (number: number) => number.toString(16).padStart(64, '0')

const sender = address(0xaa)

/** Logs with so many topics, as often and with as much data as the call's two words say. */
const logger = (topics: number) =>
  '0x' +
  '3660006000' + // CALLDATACOPY(0, 0, CALLDATASIZE): data that is not all zeros
  '37600035' + // the logs that are left
  '5b8015602057' + // loop: end where there are none
  '60019003' + // one less
  '80'.repeat(topics) + // topics: the logs that are left
  '5b'.repeat(4 - topics) + // so that the end is where it is for all
  `6020356000a${topics}` + // LOG(0, the second word, topics)
  '600956' + // JUMP(loop)
  '5b00' // end

/** Fails whatever it is called with. */
const failing = address(0xfe)
const loggers = [0, 1, 2, 3, 4].map((topics) => address(0x100 + topics))

const state = new MemoryState({
  [sender]: { balance: 10n ** 30n },
  [failing]: { balance: 0n, code: '0xfe' },
  ...Object.fromEntries(
    loggers.map((place, topics) => [place, { balance: 0n, code: logger(topics) }]),
  ),
})

const environment: BlockEnvironment = {
  number: 22_500_000n,
  timestamp: 1_750_000_000n,
  gasLimit: 10n ** 15n,
  coinbase: address(0xfee),
  baseFee: 7n,
}

/** Members of a transaction by its type. */
const typed: Readonly<Record<number, Partial<TransactionFields>>> = {
  0: { gasPrice: 8n },
  1: { gasPrice: 8n, accessList: [{ address: sender, storageKeys: [] }] },
  2: { maxFeePerGas: 9n, maxPriorityFeePerGas: 1n },
  3: { maxFeePerGas: 9n, maxFeePerBlobGas: 9n, blobVersionedHashes: [`0x01${'0c'.repeat(31)}`] },
  4: {
    maxFeePerGas: 9n,
    authorizationList: [{ chainId: 1n, address: failing, nonce: 0n, yParity: 0n, r: 1n, s: 1n }],
  },
}

interface Shape {
  readonly count: number
  readonly maxLogs: number
  readonly maxData: number
}

function transactions(random: Random, { count, maxLogs, maxData }: Shape): TransactionFields[] {
  let blobs = 0
  return Array.from({ length: count }, (_, nonce) => {
    const wanted = random.below(5)
    const type = wanted === 3 && blobs++ >= 6 ? 2 : wanted
    const base = { ...typed[type], type, sender, nonce, gasLimit: 10n ** 8n }
    const kind = random.below(4)
    if (kind === 0) return { ...base, to: failing, gasLimit: 60_000n }
    if (kind === 1) return { ...base, to: address(0xb0b), value: 1n, gasLimit: 60_000n }
    const data = `0x${word(random.below(maxLogs + 1))}${word(random.below(maxData + 1))}` as const
    return { ...base, to: random.pick(loggers), data }
  })
}

/** The encoding of a receipt, by another implementation of RLP. */
function encoded({ type, status, cumulativeGasUsed, logsBloom, logs }: Receipt): Uint8Array {
  const number = ['legacy', 'eip2930', 'eip1559', 'eip4844', 'eip7702'].indexOf(type)
  const list = RLP.encode([
    status === 'success' ? 1 : 0,
    cumulativeGasUsed,
    logsBloom,
    logs.map(({ address, topics, data }) => [address, topics, data]),
  ])
  return number === 0 ? list : Buffer.concat([Uint8Array.of(number), list])
}

/** The root by another implementation of tries. */
async function mptRoot(receipts: readonly Receipt[]): Promise<string> {
  const mpt = await createMPT()
  for (const [index, receipt] of receipts.entries()) {
    await mpt.put(RLP.encode(index), encoded(receipt))
  }
  return hex(mpt.root())
}

function nativeRoot({ packed }: ExecutionResult): string {
  return new PackedReader(packed).hex(BlockOutput.receiptsRoot, 32)
}

/** The root by this package's encoding and trie in TypeScript. */
function ownRoot({ packed, receipts }: ExecutionResult): string {
  const output = new PackedReader(packed)
  return hex(listRoot(receipts.map((_, index) => encodeReceipt(output, index))))
}

const engines = {
  sequential: await Engine.create({ policy: 'sequential', threads: 1 }),
  optimistic: await Engine.create({ policy: 'optimistic' }),
}
const options = { state, hardfork: 'prague' }

const shapes: readonly Shape[] = [
  ...[0, 1, 2, 127, 128, 129, 255, 256, 257, 2000].map((count) => ({
    count,
    maxLogs: 3,
    maxData: 90,
  })),
  { count: 300, maxLogs: 0, maxData: 0 },
  { count: 12, maxLogs: 1000, maxData: 40 },
  { count: 12, maxLogs: 3, maxData: 300_000 },
]

for (const shape of shapes) {
  const { count, maxLogs, maxData } = shape
  roots(`of ${count} receipts, up to ${maxLogs} logs of up to ${maxData} bytes`, async () => {
    const list = transactions(new Random(count + maxLogs), shape)
    const result = await engines.sequential.executeTransactions(environment, list, options)
    assert.is(result.receipts.length, count)
    assert.is(nativeRoot(result), ownRoot(result))
    assert.is(nativeRoot(result), await mptRoot(result.receipts))
    const parallel = await engines.optimistic.executeTransactions(environment, list, options)
    assert.is(nativeRoot(parallel), nativeRoot(result))
  })
}

roots('cover every type, outcome and number of topics', async () => {
  const list = transactions(new Random(9), { count: 257, maxLogs: 3, maxData: 90 })
  const { receipts, logs } = await engines.sequential.executeTransactions(
    environment,
    list,
    options,
  )
  assert.is(new Set(receipts.map(({ type }) => type)).size, 5)
  assert.is(new Set(receipts.map(({ status }) => status)).size, 2)
  assert.is(new Set(logs.map(({ topics }) => topics.length)).size, 5)
})

roots('are zero where receipts hold state roots', async () => {
  const transfer = { sender, nonce: 0n, gasPrice: 8n, gasLimit: 21_000n, to: address(0xb0b) }
  const rootAt = async (hardfork: string) => {
    const old = { ...environment, baseFee: undefined }
    return nativeRoot(
      await engines.sequential.executeTransactions(old, [transfer], { state, hardfork }),
    )
  }
  assert.is(await rootAt('spuriousDragon'), `0x${'00'.repeat(32)}`)
  // Of many a block with one plain transfer.
  assert.is(
    await rootAt('byzantium'),
    '0x056b23fbba480696b65fe5a59b8f2148a1299103c4f57df839233af2cf4ca2d2',
  )
})

roots.run()
