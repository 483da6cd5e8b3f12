import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Common } from '@ethereumjs/common'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BlockHeader,
  type DecodedBlock,
  decodeBlock,
  encodeBlock,
  type RpcBlock,
  type RpcHeader,
} from '../lib/block/index.js'
import {
  difficultyOf,
  gasLimitRange,
  nextBaseFee,
  nextExcessBlobGas,
  rulesetForFork,
} from '../lib/chain/index.js'
import { emptyTrieRoot } from '../lib/empty-hashes.js'
import { InvalidBlockError } from '../lib/errors.js'
import { keccak256 } from '../lib/native/load.js'
import { MemoryState } from '../lib/state/memory-state.js'
import {
  type Ancestor,
  checkOmmers,
  rulesOfChain,
  validateBlock,
  validateBlockBody,
  validateHeader,
} from '../lib/validation/index.js'
import { fixtureNames, fixturePath, readFixture, withFixtures } from './fixtures.js'
import { chainOf, fieldsOn, frontierFields, headerOf } from './support/headers.js'
import { errorIn } from './support/thrown.js'

const validation = suite('validation')
const fixtures = withFixtures(validation, 'validation')

const zeros = (size: number) => `0x${'00'.repeat(size)}`
const ones = (size: number) => `0x${'11'.repeat(size)}`

function rejectionOf(run: () => unknown): string | undefined {
  const error = errorIn(run)
  return error && [error.code, error.details.field].filter(Boolean).join(' ')
}

/** A valid header and its parent in some hardfork, as fields. */
interface Pair {
  readonly common: Common
  readonly parent: RpcHeader
  readonly child: RpcHeader
}

function pairOf(hardfork: string, added: Partial<RpcHeader>, changed: Partial<RpcHeader>): Pair {
  const parent = { ...frontierFields, ...added }
  const child = {
    ...parent,
    parentHash: headerOf(parent).hash,
    number: 1001n,
    timestamp: 10_012n,
    ...changed,
  }
  return { common: chainOf(hardfork), parent, child }
}

const step = (1n << 30n) / 2048n
const merged = { difficulty: 0n, gasUsed: 512_000n }
const london = { baseFeePerGas: 1_000n }
const shanghai = { ...merged, ...london, withdrawalsRoot: emptyTrieRoot }
const cancun = {
  ...shanghai,
  blobGasUsed: 393_216n,
  excessBlobGas: 262_144n,
  parentBeaconBlockRoot: ones(32),
}
const osaka = { ...cancun, requestsHash: zeros(32), blobGasUsed: 0n, excessBlobGas: 0n }

/** Difficulties by hand: 12 seconds after the parent. */
const pairs: Readonly<Record<string, Pair>> = {
  chainstart: pairOf('chainstart', {}, { difficulty: (1n << 30n) + step }),
  homestead: pairOf('homestead', {}, { difficulty: 1n << 30n }),
  byzantium: pairOf('byzantium', {}, { difficulty: 1n << 30n }),
  london: pairOf('london', { ...london, gasUsed: 512_000n }, { difficulty: 1n << 30n }),
  paris: pairOf('paris', { ...merged, ...london }, {}),
  shanghai: pairOf('shanghai', shanghai, {}),
  // 262,144 and 393,216 less the target of 3 blobs, 393,216
  cancun: pairOf('cancun', cancun, { excessBlobGas: 262_144n }),
  osaka: pairOf('osaka', osaka, {}),
}

for (const [hardfork, { common, parent, child }] of Object.entries(pairs)) {
  validation(`a valid header of ${hardfork} is accepted`, () => {
    validateHeader(headerOf(child), headerOf(parent), { common })
  })
}

/** A field changed in a valid header, and the error that it is. */
type Mutation = readonly [hardfork: string, change: Partial<RpcHeader>, rejection: string]

const mutations: readonly Mutation[] = [
  ['homestead', { parentHash: ones(32) }, 'BLOCK_PARENT_MISMATCH parentHash'],
  ['homestead', { number: 1002n }, 'BLOCK_NUMBER_INVALID number'],
  ['homestead', { number: 1000n }, 'BLOCK_NUMBER_INVALID number'],
  ['homestead', { timestamp: 10_000n }, 'BLOCK_TIMESTAMP_NOT_AFTER_PARENT timestamp'],
  ['homestead', { timestamp: 9_999n }, 'BLOCK_TIMESTAMP_NOT_AFTER_PARENT timestamp'],
  ['homestead', { extraData: ones(33) }, 'BLOCK_EXTRA_DATA_INVALID extraData'],
  // A change by less than 1024000 / 1024
  ['homestead', { gasLimit: 1_025_000n }, 'BLOCK_GAS_LIMIT_INVALID gasLimit'],
  ['homestead', { gasLimit: 1_023_000n }, 'BLOCK_GAS_LIMIT_INVALID gasLimit'],
  ['homestead', { gasUsed: 1_024_001n }, 'BLOCK_GAS_USED_EXCEEDS_LIMIT gasUsed'],
  ['homestead', { difficulty: (1n << 30n) + 1n }, 'BLOCK_DIFFICULTY_INVALID difficulty'],
  ['homestead', { baseFeePerGas: 7n }, 'BLOCK_FIELD_UNEXPECTED baseFeePerGas'],
  ['chainstart', { difficulty: 1n << 30n }, 'BLOCK_DIFFICULTY_INVALID difficulty'],
  ['byzantium', { difficulty: (1n << 30n) - step }, 'BLOCK_DIFFICULTY_INVALID difficulty'],
  ['london', { baseFeePerGas: 1_001n }, 'BLOCK_BASE_FEE_INVALID baseFeePerGas'],
  ['london', { baseFeePerGas: null }, 'BLOCK_FIELD_UNEXPECTED baseFeePerGas'],
  ['paris', { difficulty: 1n }, 'BLOCK_DIFFICULTY_INVALID difficulty'],
  ['paris', { nonce: ones(8) }, 'BLOCK_NONCE_INVALID nonce'],
  ['paris', { sha3Uncles: ones(32) }, 'BLOCK_OMMER_INVALID ommersHash'],
  ['paris', { withdrawalsRoot: emptyTrieRoot }, 'BLOCK_FIELD_UNEXPECTED withdrawalsRoot'],
  ['cancun', { blobGasUsed: 131_073n }, 'BLOCK_BLOB_GAS_INVALID blobGasUsed'],
  ['cancun', { blobGasUsed: 7n * 131_072n }, 'BLOCK_BLOB_GAS_INVALID blobGasUsed'],
  ['cancun', { excessBlobGas: 0n }, 'BLOCK_EXCESS_BLOB_GAS_INVALID excessBlobGas'],
  ['cancun', { requestsHash: zeros(32) }, 'BLOCK_FIELD_UNEXPECTED requestsHash'],
  ['osaka', { requestsHash: null }, 'BLOCK_FIELD_UNEXPECTED requestsHash'],
]

for (const [hardfork, change, rejection] of mutations) {
  const shown = JSON.stringify(change, (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  )
  validation(`${hardfork} with ${shown.slice(0, 60)} is rejected`, () => {
    const { common, parent, child } = pairs[hardfork]
    const header = headerOf({ ...child, ...change })
    assert.is(
      rejectionOf(() => validateHeader(header, headerOf(parent), { common })),
      rejection,
    )
  })
}

validation('an error tells what was expected and what is there', () => {
  const { common, parent, child } = pairs.homestead
  const header = headerOf({ ...child, difficulty: 5n })
  try {
    validateHeader(header, headerOf(parent), { common })
    assert.unreachable()
  } catch (error) {
    assert.instance(error, InvalidBlockError)
    assert.is((error as InvalidBlockError).expected, 1n << 30n)
    assert.is((error as InvalidBlockError).actual, 5n)
  }
})

validation('what a header may just have', () => {
  const { common, parent, child } = pairs.homestead
  for (const change of [
    { gasLimit: 1_024_999n },
    { gasLimit: 1_023_001n, gasUsed: 1_023_001n },
    { extraData: ones(32) },
    { nonce: ones(8), mixHash: ones(32) },
  ]) {
    validateHeader(headerOf({ ...child, ...change }), headerOf(parent), { common })
  }
})

validation('the first ten blocks of the DAO fork say so in their extra data', () => {
  const dao = '0x64616f2d686172642d666f726b'
  const { parent, child } = pairs.homestead
  const check = (forkBlock: number, extraData: string) =>
    rejectionOf(() => {
      const common = chainOf('dao', forkBlock)
      validateHeader(headerOf({ ...child, extraData }), headerOf(parent), { common })
    })
  for (const forkBlock of [1001, 992]) {
    assert.is(check(forkBlock, dao), undefined)
    assert.is(check(forkBlock, '0x'), 'BLOCK_EXTRA_DATA_INVALID extraData')
  }
  for (const forkBlock of [1002, 991]) assert.is(check(forkBlock, '0x'), undefined)
})

validation('the gas limit doubles where London begins, and the base fee starts', () => {
  const { parent, child } = pairs.byzantium
  const common = chainOf('london')
  const first = { ...child, baseFeePerGas: 1_000_000_000n, gasLimit: 2_048_000n }
  validateHeader(headerOf(first), headerOf(parent), { common })
  const rejections = [{ gasLimit: 1_024_000n }, { baseFeePerGas: 1_000_000_001n }].map((change) =>
    rejectionOf(() =>
      validateHeader(headerOf({ ...first, ...change }), headerOf(parent), { common }),
    ),
  )
  assert.equal(rejections, [
    'BLOCK_GAS_LIMIT_INVALID gasLimit',
    'BLOCK_BASE_FEE_INVALID baseFeePerGas',
  ])
})

validation('base fees', () => {
  const after = (gasUsed: bigint, baseFeePerGas: bigint) =>
    nextBaseFee({ gasLimit: 30_000_000n, gasUsed, baseFeePerGas })
  assert.is(after(15_000_000n, 1_000n), 1_000n)
  assert.is(after(30_000_000n, 1_000n), 1_125n)
  assert.is(after(0n, 1_000n), 875n)
  assert.is(after(15_000_001n, 7n), 8n) // by 1 at the least
  assert.is(after(14_999_999n, 7n), 7n)
  assert.is(after(0n, 0n), 0n)
})

validation('gas limits have a least and a largest one', () => {
  const range = (gasLimit: bigint) =>
    gasLimitRange({ gasLimit, gasUsed: 0n, baseFeePerGas: undefined }, false)
  assert.equal(range(5_000n), { least: 5_000n, most: 5_003n })
  const largest = (1n << 63n) - 1n
  assert.is(range(largest).most, largest)
})

validation('the excess of blob gas, with and without a reserve price', () => {
  const schedule = rulesetForFork('Osaka').blobSchedule
  if (schedule === undefined) throw new Error('Osaka has blobs')
  const blob = 131_072n
  const parent = { excessBlobGas: 0n, blobGasUsed: 9n * blob, baseFeePerGas: 17n }
  assert.is(nextExcessBlobGas(parent, schedule, false), 3n * blob)
  // 8192 x 17 is above 131072 x 1: a third of what was used is added (EIP-7918)
  assert.is(nextExcessBlobGas(parent, schedule, true), 3n * blob)
  const fuller = { ...parent, excessBlobGas: 6n * blob, blobGasUsed: 6n * blob }
  assert.is(nextExcessBlobGas(fuller, schedule, false), 6n * blob)
  assert.is(nextExcessBlobGas(fuller, schedule, true), 8n * blob)
  assert.is(nextExcessBlobGas({ ...fuller, baseFeePerGas: 16n }, schedule, true), 6n * blob)
  assert.is(nextExcessBlobGas({ ...parent, blobGasUsed: 5n * blob }, schedule, true), 0n)
})

validation('arguments that are no headers', () => {
  const parent = headerOf(frontierFields)
  const call = (header: unknown) => rejectionOf(() => validateHeader(header as BlockHeader, parent))
  assert.is(call({}), 'OPTION_INVALID header')
  assert.is(call(undefined), 'OPTION_INVALID header')
})

/** A block without transactions behind another one, with ommers. */
function blockOn(
  parent: BlockHeader,
  change: Partial<RpcHeader> = {},
  ommers: readonly RpcHeader[] = [],
): { fields: RpcHeader; block: DecodedBlock; rlp: Uint8Array } {
  const fields = fieldsOn(parent, change)
  const body = { ...fields, transactions: [], uncles: ommers }
  const { ommersEncoding } = decodeBlock(encodeBlock(body))
  const ommersHash = `0x${Buffer.from(keccak256(ommersEncoding)).toString('hex')}`
  const hashed = { ...fields, sha3Uncles: change.sha3Uncles ?? ommersHash }
  const rlp = encodeBlock({ ...body, ...hashed })
  return { fields: hashed, block: decodeBlock(rlp), rlp }
}

/** Eight blocks, newest first. */
function lineage(): Ancestor[] {
  const line: Ancestor[] = [{ header: headerOf(frontierFields), ommers: [] }]
  for (let i = 0; i < 8; i++) {
    line.unshift({ header: blockOn(line[0].header).block.header, ommers: [] })
  }
  return line
}

/** What a block with these ommers on a lineage is rejected for. */
function ommersRejection(line: readonly Ancestor[], ommers: readonly RpcHeader[]) {
  const { rlp } = blockOn(line[0].header, {}, ommers)
  const [{ header: parent }] = line
  return rejectionOf(() =>
    validateBlock(rlp, { common: chainOf('byzantium'), parent, ancestors: line }),
  )
}

/** The brother of the block at a place of the lineage, told apart by its coinbase. */
function ommerAt(line: readonly Ancestor[], depth: number, change: Partial<RpcHeader> = {}) {
  return blockOn(line[depth].header, { miner: ones(20), ...change }).fields
}

validation('ommers of the last six generations are accepted', () => {
  const line = lineage()
  for (let depth = 1; depth <= 6; depth++) {
    assert.is(ommersRejection(line, [ommerAt(line, depth)]), undefined, `${depth}`)
  }
  assert.is(ommersRejection(line, [ommerAt(line, 1), ommerAt(line, 2)]), undefined)
})

validation('ommers that may not be there', () => {
  const line = lineage()
  const ommer = ommerAt(line, 1)
  const ancestor = blockOn(line[2].header).fields
  assert.is(headerOf(ancestor).hash, line[1].header.hash)
  const cases: readonly (readonly [readonly RpcHeader[], string])[] = [
    [[ommerAt(line, 0)], 'BLOCK_OMMER_INVALID ommers[0].parentHash'],
    [[ommerAt(line, 7)], 'BLOCK_OMMER_INVALID ommers[0].parentHash'],
    [[ommer, ommer], 'BLOCK_OMMER_REPEATED ommers[1]'],
    [[ommer, ommerAt(line, 2), ommerAt(line, 3)], 'BLOCK_OMMER_INVALID ommers'],
    [[ancestor], 'BLOCK_OMMER_IS_ANCESTOR ommers[0]'],
    [
      [ommer, ommerAt(line, 2, { difficulty: 1n })],
      'BLOCK_DIFFICULTY_INVALID ommers[1].difficulty',
    ],
    [[ommerAt(line, 1, { gasLimit: 5n })], 'BLOCK_GAS_LIMIT_INVALID ommers[0].gasLimit'],
    [[ommerAt(line, 1, { number: 5n })], 'BLOCK_NUMBER_INVALID ommers[0].number'],
    [[ommerAt(line, 1, { baseFeePerGas: 5n })], 'BLOCK_FIELD_UNEXPECTED ommers[0].baseFeePerGas'],
  ]
  for (const [ommers, rejection] of cases) {
    assert.is(ommersRejection(line, ommers), rejection)
  }
})

validation('an ommer that an ancestor has is not taken again', () => {
  const line = lineage()
  const ommer = ommerAt(line, 2)
  const { block } = blockOn(line[0].header, {}, [ommer])
  const longer = [{ header: block.header, ommers: block.ommers }, ...line]
  assert.is(ommersRejection(longer, [ommer]), 'BLOCK_OMMER_REPEATED ommers[0]')
})

validation('ancestors that ommers need must be given, in their order', () => {
  const line = lineage()
  const { block, rlp } = blockOn(line[0].header, {}, [ommerAt(line, 1)])
  const rules = rulesOfChain(chainOf('byzantium'))
  const missing = rejectionOf(() => checkOmmers(block, line.slice(0, 6), rules))
  assert.is(missing, 'OPTION_INVALID ancestors')
  const turned = [line[0], line[2], line[1], ...line.slice(3)]
  assert.is(
    rejectionOf(() => checkOmmers(block, turned, rules)),
    'OPTION_INVALID ancestors[1]',
  )
  const parent = line[0].header
  assert.is(
    rejectionOf(() => validateBlock(rlp, { common: chainOf('byzantium'), parent })),
    'OPTION_INVALID ancestors',
  )
})

validation('a block becomes the ancestor of the next', () => {
  const common = chainOf('byzantium')
  let parent = headerOf(frontierFields)
  for (let i = 0; i < 3; i++) {
    const { rlp, block } = blockOn(parent)
    const { header, ommers } = validateBlock(rlp, { common, parent })
    assert.is(header.hash, block.hash)
    assert.equal(ommers, [])
    parent = header
  }
})

validation('roots of the body', () => {
  const parent = headerOf(frontierFields)
  const common = chainOf('byzantium')
  const rejection = (change: Partial<RpcHeader>) =>
    rejectionOf(() => validateBlock(blockOn(parent, change).rlp, { common, parent }))
  assert.is(rejection({ transactionsRoot: ones(32) }), 'BLOCK_FIELD_MISMATCH transactionsRoot')
  assert.is(rejection({ sha3Uncles: ones(32) }), 'BLOCK_FIELD_MISMATCH ommersHash')
  const withdrawn: RpcBlock = {
    ...pairs.shanghai.child,
    transactions: [],
    withdrawals: [{ index: 0, validatorIndex: 0, address: ones(20), amount: 1 }],
  }
  const body = (block: RpcBlock) =>
    rejectionOf(() => validateBlockBody(encodeBlock(block), { common: chainOf('shanghai') }))
  assert.is(body(withdrawn), 'BLOCK_FIELD_MISMATCH withdrawalsRoot')
  assert.is(body({ ...withdrawn, withdrawals: [] }), undefined)
  assert.is(body({ ...withdrawn, withdrawals: null }), 'BLOCK_FIELD_UNEXPECTED withdrawals')
})

interface DifficultyCase {
  readonly parentTimestamp: string
  readonly parentDifficulty: string
  readonly parentUncles: string
  readonly currentTimestamp: string
  readonly currentBlockNumber: string
  readonly currentDifficulty: string
}

fixtures.test('the difficulties of all forks', () => {
  let cases = 0
  for (const folder of readdirSync(fixturePath('difficulty_tests'), { withFileTypes: true })) {
    if (!folder.isDirectory()) continue
    for (const name of fixtureNames(join('difficulty_tests', folder.name))) {
      const file = readFixture<Record<string, Record<string, Record<string, DifficultyCase>>>>(
        'difficulty_tests',
        folder.name,
        name,
      )
      for (const forks of Object.values(file)) {
        for (const [fork, tests] of Object.entries(forks)) {
          if (fork === '_info') continue
          const rule = rulesetForFork(fork).header.difficulty
          if (rule === undefined) throw new Error(`${fork} has no difficulty`)
          for (const [title, test] of Object.entries(tests)) {
            const difficulty = difficultyOf(rule, {
              number: BigInt(test.currentBlockNumber),
              timestamp: BigInt(test.currentTimestamp),
              parentTimestamp: BigInt(test.parentTimestamp),
              parentDifficulty: BigInt(test.parentDifficulty),
              parentHasOmmers: BigInt(test.parentUncles) !== 0n,
            })
            assert.is(difficulty, BigInt(test.currentDifficulty), `${name}: ${title}`)
            cases++
          }
        }
      }
    }
  }
  assert.ok(cases > 15_000)
})

fixtures.test('genesis blocks', () => {
  interface GenesisAccount {
    readonly wei?: string
    readonly balance?: string
    readonly code?: string
    readonly storage?: Record<string, string>
  }
  interface GenesisTest {
    readonly alloc: Record<string, GenesisAccount>
    readonly result: string
    readonly nonce: string
    readonly mixHash: string
    readonly parentHash: string
    readonly coinbase: string
    readonly extraData: string
    readonly gasLimit: string
    readonly difficulty: string
    readonly timestamp: string
  }
  const file = readFixture<Record<string, GenesisTest>>(
    'genesis_tests',
    'basic_genesis_tests.json.gz',
  )
  for (const [name, test] of Object.entries(file)) {
    const { alloc, result, coinbase, ...fields } = test
    const accounts = Object.entries(alloc).map(([address, { wei, ...account }]) => [
      `0x${address}`,
      { balance: 0n, ...account, ...(wei === undefined ? {} : { balance: BigInt(wei) }) },
    ])
    const state = new MemoryState(Object.fromEntries(accounts))
    const encoded = encodeBlock({
      ...frontierFields,
      ...fields,
      miner: coinbase,
      number: 0n,
      stateRoot: state.stateRoot(),
      transactions: [],
    })
    assert.is(Buffer.from(encoded).toString('hex'), result.replace(/^0x/, ''), name)
  }
})

/** Pairs of blocks where a fork begins. */
const forkBlocks = [4_370_000, 7_280_000, 12_244_000, 12_965_000, 15_537_394, 17_034_870]

fixtures.test('headers of mainnet at its forks', () => {
  const read = (number: number): BlockHeader => {
    const name = `${number}.json.gz`
    const folder = fixtureNames('mainnet_blocks').includes(name)
      ? 'mainnet_blocks'
      : 'mainnet_blocks_no_state'
    return decodeBlock(readFixture<{ block: RpcBlock }>(folder, name).block).header
  }
  for (const number of forkBlocks) validateHeader(read(number), read(number - 1))
})

validation.run()
fixtures.report()
