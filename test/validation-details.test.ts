/** The edges of what consensus demands, and what errors tell about it. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock, encodeBlock, type RpcBlock, type RpcHeader } from '../lib/block/index.js'
import { emptyTrieRoot } from '../lib/empty-hashes.js'
import { keccak256 } from '../lib/native/load.js'
import {
  type Ancestor,
  difference,
  validateBlock,
  validateBlockBody,
  validateHeader,
} from '../lib/validation/index.js'
import { chainOf, fieldsOn, frontierFields, headerOf } from './support/headers.js'
import { errorIn } from './support/thrown.js'

const details = suite('details of validation')

const ones = (size: number): string => `0x${'11'.repeat(size)}`

function rejectionOf(run: () => unknown): readonly unknown[] {
  const error = errorIn(run)
  if (error === undefined) return []
  const { field, expected, actual } = error.details
  return [error.code, field, expected, actual]
}

const parent = headerOf(frontierFields)

const byzantium = chainOf('byzantium')
const child = fieldsOn(parent)
const block = encodeBlock({ ...child, transactions: [] })

details('options and ancestors that are none are named', () => {
  const validate = (options: unknown) => rejectionOf(() => validateBlock(block, options as never))
  const right = { common: byzantium, parent }
  const header = headerOf(child)
  for (const [options, field] of [
    [undefined, 'options'],
    [5, 'options'],
    [{ ...right, proofOfWork: 'yes' }, 'proofOfWork'],
    [{ common: byzantium }, 'parent'],
    [{ ...right, parent: {} }, 'parent'],
    [{ ...right, ancestors: {} }, 'ancestors'],
    [{ ...right, ancestors: [undefined] }, 'ancestors[0]'],
    [{ ...right, ancestors: [{ header, ommers: [] }, { header }] }, 'ancestors[1]'],
    [{ ...right, ancestors: [{ ommers: [] }] }, 'ancestors[0]'],
    [{ ...right, ancestors: [{ header: {}, ommers: [] }] }, 'ancestors[0]'],
    [{ ...right, ancestors: [{ header, ommers: 5 }] }, 'ancestors[0]'],
    [{ ...right, ancestors: [{ header, ommers: [header, {}] }] }, 'ancestors[0]'],
  ] as const) {
    assert.equal(validate(options).slice(0, 2), ['OPTION_INVALID', field])
  }
  assert.equal(validate({ ...right, ancestors: [{ header, ommers: [header] }] }), [])
  const body = rejectionOf(() => validateBlockBody(block, null as never))
  assert.equal(body.slice(0, 2), ['OPTION_INVALID', 'options'])
  const check = (...args: unknown[]) =>
    rejectionOf(() => (validateHeader as (...args: unknown[]) => void)(...args)).slice(0, 2)
  assert.equal(check(header, {}), ['OPTION_INVALID', 'parent'])
  assert.equal(check(header, parent, 7), ['OPTION_INVALID', 'options'])
  assert.equal(check(header, parent, { proofOfWork: 1 }), ['OPTION_INVALID', 'proofOfWork'])
})

details('errors tell the bounds that were broken', () => {
  const rejection = (change: Partial<RpcHeader>) =>
    rejectionOf(() =>
      validateHeader(headerOf({ ...child, ...change }), parent, { common: byzantium }),
    )
  assert.equal(rejection({ timestamp: 10_000n }), [
    'BLOCK_TIMESTAMP_NOT_AFTER_PARENT',
    'timestamp',
    'above 10000',
    10_000n,
  ])
  assert.equal(rejection({ extraData: ones(33) }), [
    'BLOCK_EXTRA_DATA_INVALID',
    'extraData',
    'at most 32 bytes',
    ones(33),
  ])
  assert.equal(rejection({ gasLimit: 1_025_000n }), [
    'BLOCK_GAS_LIMIT_INVALID',
    'gasLimit',
    '1023001 to 1024999',
    1_025_000n,
  ])
  assert.equal(rejection({ gasUsed: 1_024_001n }), [
    'BLOCK_GAS_USED_EXCEEDS_LIMIT',
    'gasUsed',
    'at most 1024000',
    1_024_001n,
  ])
})

const blob = 131_072n
const cancun = {
  ...frontierFields,
  difficulty: 0n,
  gasUsed: 512_000n,
  baseFeePerGas: 1_000n,
  withdrawalsRoot: emptyTrieRoot,
  blobGasUsed: 0n,
  excessBlobGas: 0n,
  parentBeaconBlockRoot: ones(32),
}

/** What a header of a fork with blobs is rejected for, after a parent. */
function blobRejection(hardfork: string, before: RpcHeader, change: Partial<RpcHeader>) {
  const first = headerOf(before)
  const next = { ...before, parentHash: first.hash, number: 1001n, timestamp: 10_012n, ...change }
  return rejectionOf(() => validateHeader(headerOf(next), first, { common: chainOf(hardfork) }))
}

details('a block of Cancun has at most six blobs, and may have six', () => {
  assert.equal(blobRejection('cancun', cancun, { blobGasUsed: 6n * blob }), [])
  const [code, field, expected, actual] = blobRejection('cancun', cancun, {
    blobGasUsed: 7n * blob,
  })
  assert.equal([code, field], ['BLOCK_BLOB_GAS_INVALID', 'blobGasUsed'])
  assert.is(expected, 'a multiple of 131072 up to 786432')
  assert.is(actual, 7n * blob)
})

details('from Osaka on, the excess of blobs looks at the base fee before (EIP-7918)', () => {
  const osaka = {
    ...cancun,
    requestsHash: ones(32),
    excessBlobGas: 6n * blob,
    blobGasUsed: 6n * blob,
  }
  // 8192 x 17 is above 131072 x 1: a third of what was used is added.
  for (const [baseFeePerGas, excess] of [
    [17n, 8n * blob],
    [16n, 6n * blob],
  ]) {
    const before = { ...osaka, baseFeePerGas }
    assert.equal(blobRejection('osaka', before, { excessBlobGas: excess }), [])
    const wrong = blobRejection('osaka', before, { excessBlobGas: 7n * blob })
    assert.equal(wrong, ['BLOCK_EXCESS_BLOB_GAS_INVALID', 'excessBlobGas', excess, 7n * blob])
  }
})

details('a block of Osaka has 8 MiB at most, and may have them', () => {
  const sized = (size: number, hardfork: string) => {
    const call = { type: 0, nonce: 0, gas: 1, gasPrice: 1, value: 0, v: 27, r: 1, s: 1 }
    const header = { ...cancun, requestsHash: ones(32) }
    const withData = (length: number): Uint8Array =>
      encodeBlock({
        ...(hardfork === 'osaka' ? header : frontierFields),
        transactions: [{ ...call, to: ones(20), input: `0x${'00'.repeat(length)}` }],
        ...(hardfork === 'osaka' ? { withdrawals: [] } : {}),
      } as unknown as RpcBlock)
    const guess = size - 1000
    const encoded = withData(guess + size - withData(guess).length)
    assert.is(encoded.length, size)
    return rejectionOf(() => validateBlockBody(encoded, { common: chainOf(hardfork) }))
  }
  const most = 8_388_608
  assert.equal(sized(most + 1, 'osaka'), [
    'BLOCK_TOO_LARGE',
    undefined,
    `at most ${most}`,
    most + 1,
  ])
  // The root of the transactions is not theirs: that is what is found next.
  assert.equal(sized(most, 'osaka').slice(0, 2), ['BLOCK_FIELD_MISMATCH', 'transactionsRoot'])
  assert.is(sized(most + 1, 'byzantium')[0], 'BLOCK_FIELD_MISMATCH')
})

details('a hash that a JSON-RPC block claims must be its own', () => {
  const json = { ...child, transactions: [], uncles: [] }
  const { hash } = decodeBlock(json as RpcBlock)
  const check = (claimed: string) =>
    rejectionOf(() => validateBlockBody({ ...json, hash: claimed } as RpcBlock))
  assert.equal(check(hash), [])
  assert.equal(check(ones(32)), ['BLOCK_FIELD_MISMATCH', 'hash', ones(32), hash])
})

details('ommers that are known by hash alone are not enough', () => {
  const sha3Uncles = ones(32)
  const json = {
    ...fieldsOn(parent, { sha3Uncles }),
    transactions: [],
    uncles: [ones(32), ones(32)],
  }
  const check = (run: () => unknown) => {
    const [code, field, , actual] = rejectionOf(run)
    assert.equal([code, field, actual], ['DECODE_OMMERS_MISSING', 'uncles', '2 hashes'])
  }
  check(() => validateBlock(json as RpcBlock, { common: byzantium, parent }))
  check(() => validateBlockBody(json as RpcBlock, { common: byzantium }))
})

details('what is on one side only is no difference', () => {
  assert.equal([...difference('hash', 1n, undefined)], [])
  assert.equal([...difference('hash', undefined, 1n)], [])
  assert.equal([...difference('hash', 1n, 1n)], [])
  assert.equal([...difference('hash', 1n, 2n)], [{ field: 'hash', expected: 1n, actual: 2n }])
})

details('a young chain has fewer ancestors for ommers to come from', () => {
  const line: Ancestor[] = [{ header: headerOf({ ...frontierFields, number: 0n }), ommers: [] }]
  for (let i = 0; i < 2; i++)
    line.unshift({ header: headerOf(fieldsOn(line[0].header)), ommers: [] })
  const ommer = fieldsOn(line[1].header, { miner: ones(20) })
  const fields = fieldsOn(line[0].header)
  const { ommersEncoding } = decodeBlock(
    encodeBlock({ ...fields, transactions: [], uncles: [ommer] } as RpcBlock),
  )
  const sha3Uncles = `0x${Buffer.from(keccak256(ommersEncoding)).toString('hex')}`
  const rlp = encodeBlock({ ...fields, sha3Uncles, transactions: [], uncles: [ommer] } as RpcBlock)
  const check = (ancestors: readonly Ancestor[]) =>
    rejectionOf(() => validateBlock(rlp, { common: byzantium, parent: line[0].header, ancestors }))
  assert.is(line.length, 3)
  assert.equal(check(line), [])
  assert.equal(check(line.slice(0, 2)), ['OPTION_INVALID', 'ancestors', '3 blocks', 2])
})

details.run()
