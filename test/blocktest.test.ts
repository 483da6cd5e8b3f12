import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import { rulesetAt } from '../lib/chain/index.js'
import type { BlockTest, BlockTestFile } from '../lib/cli/blocktest/format.js'
import { expectedRejection } from '../lib/cli/blocktest/format.js'
import { makeNetwork } from '../lib/cli/blocktest/network.js'
import { BlockTestRunner } from '../lib/cli/blocktest/runner.js'
import { findJsonFiles } from '../lib/cli/files.js'
import { Engine } from '../lib/engine/engine.js'
import type { Hex } from '../lib/hex/index.js'
import { MemoryState } from '../lib/state/memory-state.js'
import { fixturePath, readFixture, withFixtures } from './fixtures.js'
import { braid } from './support/braid-command.js'
import { chainOf } from './support/headers.js'

const blockTest = suite('block tests')
const fixtures = withFixtures(blockTest, 'block tests')

const folders = [
  'blockchain_tests',
  'legacy_tests/Cancun/BlockchainTests',
  'legacy_tests/Constantinople/BlockchainTests',
  'eest/blockchain_tests',
]

/** Every so many files of a folder are run here; `npm run test:blocks` runs all. */
const stride = 40

for (const folder of folders) {
  for (const policy of ['sequential', 'optimistic'] as const) {
    fixtures.test(`a sample of ${folder} passes, ${policy}`, async () => {
      const runner = new BlockTestRunner({ policy, threads: 2 })
      const files = findJsonFiles([fixturePath(folder)])
      let passed = 0
      for (let i = 0; i < files.length; i += stride) {
        const outcome = await runner.runFile(files[i].path)
        assert.equal(outcome.failures, [])
        passed += outcome.passed
      }
      assert.ok(passed > 0)
    })
  }
}

fixtures.test('chains with branches, changes of forks, and proofs of work', async () => {
  const runner = new BlockTestRunner({})
  const constantinople = 'legacy_tests/Constantinople/BlockchainTests'
  for (const [folder, name] of [
    [`${constantinople}/ValidBlocks/bcTotalDifficultyTest`, 'lotsOfBranchesOverrideAtTheMiddle'],
    [`${constantinople}/InvalidBlocks/bcUncleHeaderValidity`, 'nonceWrong'],
    ['blockchain_tests/TransitionTests/bcArrowGlacierToParis', 'powToPosBlockRejection'],
    ['blockchain_tests/TransitionTests/bcHomesteadToDao', 'DaoTransactions'],
  ]) {
    const outcome = await runner.runFile(fixturePath(folder, `${name}.json.gz`))
    assert.equal(outcome.failures, [])
    assert.ok(outcome.passed > 0)
  }
})

const example = ['blockchain_tests', 'ValidBlocks', 'bcExample', 'shanghaiExample.json.gz']
const rejecting = [
  'blockchain_tests',
  'InvalidBlocks',
  'bcInvalidHeaderTest',
  'badTimestamp.json.gz',
]

/** The reasons that a changed file fails with. */
async function reasonsOf(names: readonly string[], change: (test: BlockTest) => object) {
  const folder = mkdtempSync(join(tmpdir(), 'braid-'))
  try {
    const path = join(folder, 'changed.json')
    const file = readFixture<BlockTestFile>(...names)
    const changed = Object.entries(file).map(([name, test]) => [name, change(test)])
    writeFileSync(path, JSON.stringify(Object.fromEntries(changed)))
    const outcome = await new BlockTestRunner({}).runFile(path)
    assert.is(outcome.failed, outcome.failures.length)
    return outcome
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function firstReason(names: readonly string[], change: (test: BlockTest) => object) {
  const { failures } = await reasonsOf(names, change)
  return failures[0]?.reason
}

fixtures.test('what a test expects is compared', async () => {
  const hash = `0x${'11'.repeat(32)}`
  const reasons = await Promise.all([
    firstReason(example, (test) => test),
    firstReason(example, (test) => ({ ...test, lastblockhash: hash })),
    firstReason(example, (test) => ({ ...test, postState: {} })),
    firstReason(example, (test) => ({ ...test, pre: {} })),
    firstReason(example, (test) => ({
      ...test,
      genesisBlockHeader: { ...test.genesisBlockHeader, gasUsed: '0x01' },
    })),
    firstReason(example, ({ blocks, ...test }) => ({
      ...test,
      blocks: blocks.map((block) => ({ ...block, expectException: 'InvalidGasUsed' })),
    })),
    firstReason(example, ({ blocks, ...test }) => ({
      ...test,
      blocks: blocks.map(({ rlp }) => ({ rlp })),
    })),
  ])
  const patterns = [
    /^undefined$/,
    /^last block: expected 0x1111/,
    /^post state: expected 0x/,
    /^genesis state root: expected 0x/,
    /^genesis hash: expected 0x/,
    /^accepted, expected InvalidGasUsed$/,
    /^accepted, expected a rejection$/,
  ]
  patterns.forEach((pattern, i) => {
    assert.match(String(reasons[i]), pattern)
  })
})

fixtures.test('a block must be rejected for the reason that its test gives', async () => {
  const withReason = (expectException: string | undefined) =>
    firstReason(rejecting, ({ blocks, ...test }) => ({
      ...test,
      blocks: blocks.map((block) =>
        block.expectException === undefined ? block : { ...block, expectException },
      ),
    }))
  assert.is(await firstReason(rejecting, (test) => test), undefined)
  assert.is(await withReason('InvalidGasUsed|InvalidTimestamp'), undefined)
  assert.is(await withReason(undefined), undefined) // without a header: for any reason
  assert.match(
    String(await withReason('InvalidGasUsed')),
    /^expected InvalidGasUsed, rejected for another reason: BLOCK_TIMESTAMP_NOT_AFTER_PARENT/,
  )
  assert.is(await withReason('NeverHeardOf'), 'the reason NeverHeardOf is not known')
})

fixtures.test('networks that are not supported are skipped and told', async () => {
  const outcome = await reasonsOf(example, (test) => ({ ...test, network: 'Amsterdam' }))
  assert.is(outcome.passed + outcome.failed, 0)
  assert.is(outcome.skipped, outcome.unsupportedForks.Amsterdam)
  const one = new BlockTestRunner({ fork: 'Prague' })
  const left = await one.runFile(fixturePath(...example))
  assert.equal([left.passed, left.failed, left.skipped], [0, 0, 0])
})

blockTest('expectations by fork', () => {
  const block = { rlp: '0x', expectExceptionEIP150: 'A', expectExceptionALL: 'B' }
  assert.is(expectedRejection(block, 'EIP150'), 'A')
  assert.is(expectedRejection(block, 'Frontier'), 'B')
  const { expectExceptionALL: _, ...rest } = block
  assert.is(expectedRejection(rest, 'Frontier'), '')
  const header = {} as NonNullable<Parameters<typeof expectedRejection>[0]['blockHeader']>
  assert.is(expectedRejection({ ...rest, blockHeader: header }, 'Frontier'), undefined)
})

blockTest('networks by name', async () => {
  const hardfork = async (name: string, number: bigint, time: bigint, total = 0n) => {
    const network = await makeNetwork(name, undefined, false, {})
    return network && rulesetAt(network.stageAt(total).engine.common, number, time).hardfork
  }
  assert.is(await hardfork('EIP158', 0n, 0n), 'spuriousDragon')
  assert.is(await hardfork('ByzantiumToConstantinopleFixAt5', 4n, 0n), 'byzantium')
  assert.is(await hardfork('ByzantiumToConstantinopleFixAt5', 5n, 0n), 'petersburg')
  assert.is(await hardfork('ParisToShanghaiAtTime15k', 1n, 14_999n), 'paris')
  assert.is(await hardfork('ParisToShanghaiAtTime15k', 1n, 15_000n), 'shanghai')
  assert.is(await hardfork('ArrowGlacierToParisAtDiffC0000', 1n, 0n, 0xbffffn), 'arrowGlacier')
  assert.is(await hardfork('ArrowGlacierToParisAtDiffC0000', 1n, 0n, 0xc0000n), 'paris')
  assert.is(await hardfork('BPO2ToBPO3AtTime15k', 1n, 15_000n), 'bpo3')
  assert.is(await hardfork('Atlantis', 0n, 0n), undefined)
  const schedule = { BPO3: { target: '0x15', max: '0x20', baseFeeUpdateFraction: '0x013a7aa1' } }
  const network = await makeNetwork('BPO3', { blobSchedule: schedule }, false, {})
  assert.ok(network)
  const { blobSchedule } = rulesetAt(network.stageAt(0n).engine.common, 0n, 0n)
  assert.equal(blobSchedule, { target: 21, max: 32, baseFeeUpdateFraction: 20_609_697n })
})

fixtures.test('receipts before Byzantium hold state roots', async () => {
  const folder = 'legacy_tests/Constantinople/BlockchainTests/ValidBlocks/bcValidBlockTest'
  const file = readFixture<BlockTestFile>(folder, 'SimpleTx.json.gz')
  const test = Object.values(file).find(({ network }) => network === 'Homestead')
  if (test === undefined) throw new Error('no test of Homestead')
  const rlp = Buffer.from(test.blocks[0].rlp.slice(2), 'hex')
  const { header } = decodeBlock(rlp)
  const engine = await Engine.create({ common: chainOf('homestead') })
  const state = new MemoryState(test.pre)
  const without = await engine.executeBlock(rlp, { state })
  assert.is(without.receiptsRoot, undefined)
  assert.is(without.receipts[0].root, undefined)
  const result = engine.executeBlockSync(rlp, { state, transactionRoots: true })
  assert.is(result.receiptsRoot, header.receiptsRoot)
  const roots = result.receipts.map((receipt) => receipt.root as Hex)
  assert.ok(roots.every((receiptRoot) => /^0x[0-9a-f]{64}$/.test(receiptRoot)))
  assert.is.not(roots[0], header.stateRoot) // which has the rewards
  const wrong = Buffer.from(rlp)
  const at = wrong.indexOf(Buffer.from(header.receiptsRoot.slice(2), 'hex'))
  wrong[at] ^= 1
  assert.throws(
    () => engine.executeBlockSync(wrong, { state, transactionRoots: true }),
    (error: { field?: string }) => error.field === 'receiptsRoot',
  )
  engine.close()
})

fixtures.test('the command', () => {
  const folder = fixturePath('blockchain_tests', 'ValidBlocks', 'bcExample')
  const { status, stdout } = braid([
    'blocktest',
    folder,
    '--workers',
    '2',
    '--policy',
    'optimistic',
  ])
  assert.is(status, 0)
  assert.match(stdout, /^[1-9]\d* passed, 0 failed, 0 skipped\n$/)
  const json = JSON.parse(braid(['blocktest', folder, '--json', '--fork', 'Cancun']).stdout)
  assert.ok(json.passed > 0)
  assert.equal(json.failures, [])
})

blockTest('the command used wrongly', () => {
  for (const args of [[], ['/nowhere'], ['.', '--policy', 'none'], ['.', '--workers', '0']]) {
    const { status, stderr } = braid(['blocktest', ...args])
    assert.is(status, 2)
    assert.match(stderr, /^braid: /)
  }
})

blockTest.run()
fixtures.report()
