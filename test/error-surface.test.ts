import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { alloc, makeChain, people } from '../examples/support/chain.mjs'
import {
  AbortError,
  type BlockEnvironment,
  BlockHeader,
  type BlockSource,
  Engine,
  type ErrorCode,
  type Hex,
  isBraidError,
  MemoryState,
  type TransactionFields,
} from '../lib/index.js'
import { rpcBlockOf } from './support/rpc.js'
import { sampleBlock, sender } from './support/sample-block.js'
import { errorOf } from './support/thrown.js'

const surface = suite('what errors say')

const blocks = await makeChain(3)
const engine = await Engine.create({ policy: 'sequential' })

const environment: BlockEnvironment = {
  number: 20_000_000n,
  timestamp: 1_720_000_000n,
  gasLimit: 30_000_000n,
  coinbase: people[0],
  baseFee: 7n,
}
const transaction: TransactionFields = {
  sender: people[0],
  nonce: 0,
  gasLimit: 30_000,
  gasPrice: 7,
  to: people[1],
}

const simulate = (...transactions: readonly object[]) =>
  engine.executeTransactions(environment, transactions as TransactionFields[], {
    state: new MemoryState(alloc),
    hardfork: 'cancun',
  })

async function execute(sources: readonly BlockSource[], options: object = {}): Promise<void> {
  for await (const _ of engine.executeBlocks(sources, {
    state: new MemoryState(alloc),
    ...options,
  }));
}

surface('a header is what is expected, the block what there is', async () => {
  const state = new MemoryState(alloc)
  const right = await engine.executeBlock(blocks[0], { state })
  const result = await engine.executeBlock(withHeader(blocks[0], gasUsed, 7), {
    state,
    verify: false,
  })
  const difference = { field: 'gasUsed', expected: 7n, actual: right.gasUsed }
  assert.equal(
    result.verify().find(({ field }) => field === 'gasUsed'),
    difference,
  )
  const error = await errorOf(() =>
    engine.executeBlock(withHeader(blocks[0], gasUsed, 7), { state }),
  )
  assert.ok(isBraidError(error, 'BLOCK_FIELD_MISMATCH'))
  assert.equal(error.details, difference)
  assert.ok(error.message.endsWith(`(gasUsed, expected 7, got ${right.gasUsed})`))
})

/** Positions of fields in a header. */
const gasLimit = 9
const gasUsed = 10

/** The RLP of a block with another number in its header. */
function withHeader(encoded: Uint8Array, field: number, value: number): Uint8Array {
  const [header, ...body] = RLP.decode(encoded) as [Uint8Array[], ...Uint8Array[]]
  return RLP.encode([
    header.with(
      field,
      Buffer.from(value.toString(16).padStart(8, '0'), 'hex').subarray(value < 256 ? 3 : 2),
    ),
    ...body,
  ])
}

/** The header of the RLP of a block. */
function headerOf(encoded: Uint8Array): BlockHeader {
  const [header] = RLP.decode(encoded)
  return BlockHeader.decode(RLP.encode(header))
}

surface('a block that does not follow is named by its own number', async () => {
  const [first, , third] = blocks
  const error = await errorOf(() => execute([first, third]))
  assert.ok(isBraidError(error, 'BLOCK_PARENT_MISMATCH'))
  const { number, parentHash } = headerOf(third)
  assert.is(error.details.blockNumber, number)
  assert.ok(error.message.includes(`block ${number}`), error.message)
  assert.is(error.details.actual, parentHash)
  assert.is(error.details.expected, headerOf(first).hash)
})

surface(
  'transactions that are run without a block are told by the names of their fields',
  async () => {
    const { gasLimit: _, ...gasless } = transaction
    const rules: readonly [object, ErrorCode, string][] = [
      [gasless, 'DECODE_FIELD_MISSING', 'gasLimit'],
      [{ ...transaction, gasLimit: -1 }, 'DECODE_FIELD_RANGE', 'gasLimit'],
      [{ ...transaction, data: 7 }, 'DECODE_FIELD_TYPE', 'data'],
      [{ ...transaction, data: '0x0' }, 'DECODE_FIELD_TYPE', 'data'],
      [{ ...transaction, chainId: 1n << 64n }, 'TX_WRONG_CHAIN_ID', 'chainId'],
      [{ ...transaction, chainId: -1 }, 'DECODE_FIELD_RANGE', 'chainId'],
      [{ ...transaction, chainId: 5 }, 'TX_WRONG_CHAIN_ID', 'chainId'],
      [{ ...transaction, sender: '0x' }, 'DECODE_FIELD_TYPE', 'sender'],
      [{ ...transaction, gasLimit: 20_999 }, 'TX_INTRINSIC_GAS_TOO_LOW', 'gasLimit'],
      [{ ...transaction, gasLimit: 30_000_001 }, 'TX_GAS_LIMIT_EXCEEDS_BLOCK', 'gasLimit'],
      [{ ...transaction, gasPrice: 6 }, 'TX_MAX_FEE_BELOW_BASE_FEE', 'gasPrice'],
      [{ ...transaction, maxFeePerGas: 6 }, 'TX_MAX_FEE_BELOW_BASE_FEE', 'maxFeePerGas'],
      [
        { ...transaction, maxFeePerGas: 8, maxPriorityFeePerGas: 9 },
        'TX_PRIORITY_FEE_ABOVE_MAX_FEE',
        'maxPriorityFeePerGas',
      ],
      [{ ...transaction, nonce: 3 }, 'TX_NONCE_TOO_HIGH', 'nonce'],
    ]
    for (const [wrong, code, field] of rules) {
      const error = await errorOf(() => simulate(transaction, wrong))
      assert.is(error.code, code, `${field}: ${error}`)
      assert.is(error.details.field, field, code)
      assert.is(error.details.txIndex, 1, code)
    }
    for (const odd of [null, 7, '0x']) {
      const error = await errorOf(() => simulate(transaction, odd as never))
      assert.match(error.code, /^DECODE_FIELD_(TYPE|MISSING)$/)
      assert.is(error.details.txIndex, 1)
    }
    const throwing = {
      ...transaction,
      get nonce(): number {
        throw new Error('mine')
      },
    }
    const error = await errorOf(() => simulate(transaction, Object.create(throwing)))
    assert.is(error.code, 'DECODE_SOURCE_FAILED')
    assert.is(error.details.txIndex, 1)
  },
)

surface('transactions of JSON-RPC blocks are told by the names that JSON-RPC has', async () => {
  const block = rpcBlockOf(sampleBlock())
  const encoded = sampleBlock().serialize()
  const state = new MemoryState({ [sender]: { balance: 1n << 100n } })
  const missing = structuredClone(block)
  Object.assign(missing.transactions[1], { gas: undefined })
  const error = await errorOf(() => engine.executeBlock(missing, { state }))
  assert.equal(
    [error.code, error.details.txIndex, error.details.field],
    ['DECODE_FIELD_MISSING', 1, 'gas'],
  )
  for (const [source, field] of [
    [{ ...block, gasLimit: '0x5208' }, 'gas'],
    [withHeader(encoded, gasLimit, 21_000), 'gasLimit'],
  ] as const) {
    const options = { state, forgiveMissingSystemContracts: true }
    const told = await errorOf(() => engine.executeBlock(source, options))
    assert.ok(isBraidError(told, 'TX_GAS_LIMIT_EXCEEDS_BLOCK'), String(told))
    assert.is(told.details.field, field)
    assert.ok(told.details.expected < told.details.actual)
    assert.ok(told.details.txIndex >= 0)
  }
})

surface('an aborted call is one by name and by code', async () => {
  const state = new MemoryState(alloc)
  const reason = new Error('mine')
  for (const call of [
    (signal: AbortSignal) => engine.executeBlock(blocks[0], { state, signal }),
    (signal: AbortSignal) => engine.executeTransactions(environment, [], { state, signal }),
    (signal: AbortSignal) => execute(blocks, { signal }),
  ]) {
    const error = await errorOf(() => call(AbortSignal.abort(reason)))
    assert.is(error.name, 'AbortError')
    assert.is(error.code, 'CANCELLED')
    assert.is(error.cause, reason)
    assert.instance(error, AbortError)
    assert.match(String(error.stack), /^AbortError: /)
  }
  const controller = new AbortController()
  const running = engine.executeBlock(blocks[0], { state, signal: controller.signal })
  controller.abort()
  const error = await errorOf(() => running)
  assert.equal([error.name, error.code], ['AbortError', 'CANCELLED'])
})

surface('a hash that is missing is named, that of block 0 too', async () => {
  // PUSH0 BLOCKHASH
  const state = new MemoryState({ ...alloc, [people[2]]: { code: '0x5f40' } })
  const call = () =>
    engine.executeTransactions(
      { ...environment, number: 5n },
      [{ ...transaction, to: people[2] }],
      {
        state,
        hardfork: 'shanghai',
      },
    )
  const error = await errorOf(call)
  assert.ok(isBraidError(error, 'STATE_MISSING_BLOCK_HASH'))
  assert.equal(error.details, { txIndex: 0, field: 'blockHashes[0]', expected: 0n })
})

surface('the details of a code are typed by it', async () => {
  const error: unknown = await errorOf(() => simulate({ ...transaction, nonce: 3 }))
  assert.ok(isBraidError(error, 'TX_NONCE_TOO_HIGH'))
  const index: number = error.details.txIndex
  const missing: bigint = error.details.actual - error.details.expected
  assert.equal([index, missing], [0, 3n])
  const code: 'TX_NONCE_TOO_HIGH' = error.code
  assert.is(code, 'TX_NONCE_TOO_HIGH')
  const any: unknown = error
  assert.ok(isBraidError(any))
  // @ts-expect-error without a code it is not known whether there is one
  const maybe: number = any.details.txIndex
  assert.is(maybe, 0)
})

surface('JSON of an error has its numbers in hex', async () => {
  const error = await errorOf(() => simulate({ ...transaction, nonce: 3 }))
  const { name, code, message, details } = JSON.parse(JSON.stringify({ error })).error
  assert.equal([name, code, message], ['InvalidTransactionError', error.code, error.message])
  const address: Hex = people[0]
  assert.equal(details, { txIndex: 0, field: 'nonce', address, expected: '0x0', actual: '0x3' })
})

surface.run()
