import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, MemoryState, type RpcBlock, type RpcTransaction } from '../lib/index.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'

const mainnet = suite('mainnet blocks')
const fixtures = withFixtures(mainnet, 'mainnet blocks')

type KnownTransaction = RpcTransaction & { readonly hash: string; readonly from: string }

interface KnownBlock extends BlockFixture {
  readonly block: RpcBlock & { readonly transactions: readonly KnownTransaction[] }
}

fixtures.test('all match their headers and leave the state as it was', async () => {
  const engine = await Engine.create()
  const names = fixtureNames('mainnet_blocks')
  assert.ok(names.length > 0)
  for (const name of names) {
    const { block, preState, blockHashes } = readFixture<KnownBlock>('mainnet_blocks', name)
    const state = new MemoryState(preState)
    const before = state.stateRoot()
    const result = await engine.executeBlock(block, {
      state,
      blockHashes,
      forgiveMissingSystemContracts: true,
      forgiveMissingOmmers: true,
    })
    assert.equal(result.verify(), [], name)
    assert.is(result.transactionCount, block.transactions.length)
    assert.is(state.stateRoot(), before, name)
    result.receipts.forEach((receipt, index) => {
      const { from, hash, to } = block.transactions[index]
      assert.is(receipt.from, from, `${name} ${index}`)
      assert.is(receipt.transactionHash, hash)
      assert.is(receipt.to, to)
    })
  }
  engine.close()
})

fixtures.test('give the same output on the JavaScript thread', async () => {
  const engine = await Engine.create()
  const { block, preState, blockHashes } = readFixture<BlockFixture>(
    'mainnet_blocks',
    '19426586.json.gz',
  )
  const options = { state: new MemoryState(preState), blockHashes }
  const [first, second] = [
    await engine.executeBlock(block, options),
    engine.executeBlockSync(block, options),
  ]
  assert.equal(
    first.receipts.map((receipt) => receipt.toJSON()),
    second.receipts.map((receipt) => receipt.toJSON()),
  )
  assert.equal(
    [...first.stateDiff].map((account) => account.toJSON()),
    [...second.stateDiff].map((account) => account.toJSON()),
  )
})

mainnet.run()
fixtures.report()
