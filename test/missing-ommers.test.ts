/** JSON-RPC blocks that name ommers by their hashes, and what comparing with a header leaves out. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import {
  Engine,
  encodeBlock,
  isBraidError,
  MemoryState,
  type RpcBlock,
  type RpcHeader,
  validateBlockBody,
} from '../lib/index.js'
import { keccak256 } from '../lib/native/load.js'
import { checkOmmers, rulesOfChain } from '../lib/validation/index.js'
import { chainOf, frontierFields, headerOf } from './support/headers.js'
import { errorOf, thrownBy } from './support/thrown.js'

const ommers = suite('missing ommers')

const common = chainOf('byzantium')
const engine = await Engine.create({ common })
const ether = 10n ** 18n

const grandparent = headerOf(frontierFields)
const uncle: RpcHeader = {
  ...frontierFields,
  parentHash: grandparent.hash,
  number: 1001n,
  miner: `0x${'0e'.repeat(20)}`,
}
const parent = headerOf({ ...uncle, miner: `0x${'01'.repeat(20)}` })
const uncleHeader = headerOf(uncle)

/** A list with one item of a size from 56 to 65535. */
function listOf(item: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0xf9, item.length >> 8, item.length & 0xff]), item])
}

const { stateRoot: _stateRoot, ...fields } = frontierFields
const full: RpcBlock = {
  ...fields,
  stateRoot: stateRootWith([`0x${'0e'.repeat(20)}`, (ether * 3n * 7n) / 8n]),
  sha3Uncles: `0x${Buffer.from(keccak256(listOf(uncleHeader.encoded))).toString('hex')}`,
  parentHash: parent.hash,
  number: 1002n,
  transactions: [],
  uncles: [uncle],
}
const byHash: RpcBlock = { ...full, uncles: [uncleHeader.hash] }

function stateRootWith([address, balance]: [string, bigint]): `0x${string}` {
  const nephew = 3n * ether + (3n * ether) / 32n
  return new MemoryState({
    [address]: { balance },
    [frontierFields.miner]: { balance: nephew },
  }).stateRoot()
}

ommers('by hash alone are an error that says what to give', async () => {
  const state = new MemoryState()
  for (const verify of [true, false]) {
    const error = await errorOf(engine.executeBlock(byHash, { state, verify }))
    assert.ok(isBraidError(error, 'DECODE_OMMERS_MISSING'))
    assert.is(error.details.field, 'uncles')
    assert.match(error.message, 'headers')
    const sync = thrownBy(() => engine.executeBlockSync(byHash, { state, verify }))
    assert.is(sync.code, 'DECODE_OMMERS_MISSING')
  }
  const results = engine.executeBlocks([byHash], { state, parent })
  const error = await errorOf(results.next())
  assert.is(error.code, 'DECODE_OMMERS_MISSING')
  assert.is(error.details.blockNumber, 1002n)
  const body = thrownBy(() => validateBlockBody(byHash, { common }))
  assert.is(body.code, 'DECODE_OMMERS_MISSING')
})

ommers('are paid where their headers are given, and everything is checked', async () => {
  const state = new MemoryState({}, { trie: true })
  const results = engine.executeBlocks([full], { state, parent })
  const { value } = await results.next()
  assert.equal(value?.verify(), [])
  assert.equal(value?.verify().unchecked, [])
  assert.is(state.getAccount(uncle.miner)?.balance, (ether * 3n * 7n) / 8n)
})

ommers('may be left out on demand: what was not checked is told', async () => {
  const options = { state: new MemoryState(), forgiveMissingOmmers: true }
  const result = await engine.executeBlock(byHash, options)
  const verification = result.verify()
  assert.equal([...verification], [])
  assert.equal(verification.unchecked, ['ommersHash', 'stateRoot'])
  assert.is([...result.stateDiff].length, 1)
  const wrong = { ...options, forgiveMissingOmmers: 1 as never }
  const error = await errorOf(engine.executeBlock(byHash, wrong))
  assert.is(error.details.field, 'forgiveMissingOmmers')
  // With the root of the state it shows that somebody was not paid.
  const state = new MemoryState({}, { trie: true })
  const chain = engine.executeBlocks([byHash], { ...options, state, parent })
  const mismatch = await errorOf(chain.next())
  assert.is(mismatch.details.field, 'stateRoot')
  // Who validates blocks has to have them all the same.
  const missing = thrownBy(() => checkOmmers(decodeBlock(byHash), [], rulesOfChain(common)))
  assert.is(missing.code, 'DECODE_OMMERS_MISSING')
})

ommers('what is not compared before Byzantium is told, too', async () => {
  const old = await Engine.create({ common: chainOf('spuriousDragon') })
  const block = encodeBlock({ ...frontierFields, transactions: [] })
  const options = { state: new MemoryState() }
  const result = await old.executeBlock(block, options)
  assert.equal(result.verify().unchecked, ['receiptsRoot', 'stateRoot'])
  const whole = await old.executeBlock(block, { ...options, transactionRoots: true })
  assert.equal(whole.verify().unchecked, ['stateRoot'])
})

ommers.run()
