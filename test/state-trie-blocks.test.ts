/** The state trie moved on by executed blocks, judged by a root computed from the whole state. */

import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, MemoryState, StateTrie, verifyProof } from '../lib/index.js'
import { keccak256 } from '../lib/native/load.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { mixedAlloc, mixedBlock } from './support/mixed-block.js'
import { trieRoot } from './support/trie-root.js'

const blocks = suite('state-trie-blocks')
const fixtures = withFixtures(blocks, 'state-trie-blocks')

const bytes = (hex: string) => Buffer.from(hex.slice(2), 'hex')

/** The root of a state from its accounts, without the incremental trie. */
function rootOf(state: MemoryState): string {
  const accounts = [...state.dump()].map(({ address, nonce, balance, codeHash, storage }) => {
    const slots = [...storage].map(([slot, value]) => ({
      key: keccak256(bytes(slot)),
      value: RLP.encode(BigInt(value)),
    }))
    const value = RLP.encode([nonce, balance, trieRoot(slots), bytes(codeHash)])
    return { key: keccak256(bytes(address)), value }
  })
  return `0x${Buffer.from(trieRoot(accounts)).toString('hex')}`
}

blocks('follows a block with a transaction of every kind', async () => {
  const engine = await Engine.create()
  const { result } = await mixedBlock(engine)
  const state = new MemoryState(mixedAlloc)
  const trie = new StateTrie(state, { history: 1 })
  const before = trie.root
  assert.is(before, rootOf(state))
  trie.update(result)
  state.commit(result)
  assert.is(trie.root, rootOf(state))
  assert.not.equal(trie.root, before)
  for (const { address, slots } of result.stateDiff) {
    const keys = slots.map(({ slot }) => slot)
    const proof = trie.getProof(address, keys)
    verifyProof(trie.root, proof)
    assert.is(proof.balance, state.getAccount(address)?.balance ?? 0n)
    for (const { key, value } of proof.storageProof) {
      assert.is(value, BigInt(state.getStorage(address, key)))
    }
  }
  trie.revert()
  assert.is(trie.root, before)
  engine.close()
})

fixtures.test('follows mainnet blocks, and back', async () => {
  const engine = await Engine.create()
  const names = fixtureNames('mainnet_blocks')
  assert.ok(names.length > 0)
  for (const name of names) {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const state = new MemoryState(preState)
    const trie = new StateTrie(state, { history: 1 })
    const before = rootOf(state)
    assert.is(trie.root, before, name)
    const result = await engine.executeBlock(block, {
      state,
      blockHashes,
      forgiveMissingSystemContracts: true,
      forgiveMissingOmmers: true,
    })
    trie.update(result)
    state.commit(result)
    assert.is(trie.root, rootOf(state), name)
    trie.revert()
    assert.is(trie.root, before, name)
  }
  engine.close()
})

blocks.run()
fixtures.report()
