/** Proofs of work, with the vectors of ethereum/tests and a block of mainnet. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BlockHeader, decodeBlock, encodeBlock, type RpcBlock } from '../lib/block/index.js'
import { isBraidError } from '../lib/errors.js'
import { ethash, provesWork } from '../lib/validation/ethash.js'
import { validateHeader } from '../lib/validation/index.js'
import { readFixture, withFixtures } from './fixtures.js'
import { chainOf, frontierFields, headerOf } from './support/headers.js'

const proofs = suite('proofs of work')
const fixtures = withFixtures(proofs, 'proofs of work')

const ones = (size: number) => `0x${'11'.repeat(size)}`

fixtures.test('of the test vectors', () => {
  const tests = readFixture<Record<string, { header: string; mixHash: string; result: string }>>(
    'pow_tests',
    'ethash_tests.json.gz',
  )
  for (const { header: encoded, mixHash, result } of Object.values(tests)) {
    const header = BlockHeader.decode(Buffer.from(encoded.replace(/^0x/, ''), 'hex'))
    const outcome = ethash(header)
    assert.is(Buffer.from(outcome.mix).toString('hex'), mixHash)
    assert.is(Buffer.from(outcome.result).toString('hex'), result)
    // The vectors' results are above what their difficulties allow.
    assert.not.ok(provesWork(header))
  }
})

fixtures.test('of a mainnet block', () => {
  const { block } = readFixture<{ block: RpcBlock }>('mainnet_blocks', '116525.json.gz')
  assert.ok(provesWork(decodeBlock(block).header))
  // Another nonce, and the right one with another mix: the mix is no part of what is sealed.
  for (const change of [{ nonce: ones(8) }, { mixHash: ones(32) }]) {
    const other = { ...block, ...change, transactions: [], hash: null }
    assert.not.ok(provesWork(decodeBlock(encodeBlock(other)).header), JSON.stringify(change))
  }
})

proofs('are checked where that is asked, before Paris', () => {
  const fields = { ...frontierFields, number: 1000n }
  const parent = headerOf(fields)
  const check = (hardfork: string, change: object, proofOfWork?: boolean): string | undefined => {
    const next = { parentHash: parent.hash, number: 1001n, timestamp: 10_012n }
    const header = headerOf({ ...fields, ...next, ...change })
    try {
      validateHeader(header, parent, { common: chainOf(hardfork), proofOfWork })
    } catch (error) {
      if (isBraidError(error)) return `${error.code} ${error.details.field}`
      throw error
    }
    return undefined
  }
  assert.is(check('homestead', {}), undefined)
  assert.is(check('homestead', {}, false), undefined)
  assert.is(check('homestead', {}, true), 'BLOCK_PROOF_OF_WORK_INVALID nonce')
  // With the right mix, how much work it is decides, and none is none.
  const isEnough = (difficulty: bigint) => {
    const { mix } = ethash(headerOf({ ...fields, difficulty }))
    const mixHash = `0x${Buffer.from(mix).toString('hex')}`
    return provesWork(headerOf({ ...fields, difficulty, mixHash }))
  }
  assert.equal([0n, 1n, 1n << 250n].map(isEnough), [false, true, false])
  const paris = { difficulty: 0n, baseFeePerGas: 1_000_000_000n, gasLimit: 2_048_000n }
  assert.is(check('paris', paris, true), undefined)
})

proofs.run()
fixtures.report()
