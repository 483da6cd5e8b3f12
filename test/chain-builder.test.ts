/** Blocks that a chain builds on its head. */

import { createTx } from '@ethereumjs/tx'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import { Chain, Engine, MemoryState } from '../lib/index.js'
import { buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'
import { secretKeys, signers } from './support/chain-generator/keys.js'
import { errorOf } from './support/thrown.js'

const builder = suite('building blocks')

const forks = ['chainstart', 'byzantium', 'berlin', 'london', 'paris', 'shanghai', 'cancun']
for (const firstFork of [...forks, 'prague', 'osaka']) {
  builder(`builds every block of a chain from ${firstFork} on anew`, async () => {
    const recipe = generateChain({ seed: 41, blocks: 10, blocksPerFork: 5, firstFork })
    const chain = await buildChain(recipe)
    const engine = await Engine.create({ common: commonOf(recipe) })
    const state = new MemoryState(chain.alloc, { trie: true })
    const head = await Chain.open({
      engine,
      state,
      head: chain.genesis,
      transactionRoots: true,
    })
    for (const [i, encoded] of chain.blocks.entries()) {
      const { header, transactions, withdrawals, ommers } = decodeBlock(encoded)
      const built = await head.buildBlock({
        timestamp: header.timestamp,
        coinbase: header.coinbase,
        transactions: Array.from({ length: transactions.length }, (_, t) =>
          transactions.encodings.at(t),
        ),
        ...(withdrawals === undefined ? {} : { withdrawals: [...withdrawals] }),
        ...(ommers.length === 0
          ? {}
          : {
              ommers: ommers.map(({ ommersHash, coinbase, ...ommer }) => ({
                ...ommer,
                sha3Uncles: ommersHash,
                miner: coinbase,
              })),
            }),
        ...(header.parentBeaconBlockRoot === undefined
          ? {}
          : { parentBeaconBlockRoot: header.parentBeaconBlockRoot }),
        gasLimit: header.gasLimit,
        extraData: header.extraData,
        prevRandao: header.mixHash,
      })
      assert.equal(Buffer.from(built.rlp), Buffer.from(encoded), `block ${i + 1}`)
      assert.is(built.result.hash, header.hash)
      assert.is(built.result.stateRoot, header.stateRoot)
      assert.is(built.result.verify().length, 0)
      for (const receipt of built.result.receipts) assert.is(receipt.blockHash, header.hash)
      assert.is(head.head.number, BigInt(i))
      const imported = await head.import(built.rlp)
      assert.is(imported.hash, built.header.hash)
    }
  })
}

async function richChain() {
  const recipe = generateChain({ seed: 3, blocks: 1, blocksPerFork: 1, firstFork: 'osaka' })
  const chain = await buildChain(recipe)
  const engine = await Engine.create({ common: commonOf(recipe) })
  const state = new MemoryState(chain.alloc, { trie: true, history: 1 })
  const common = commonOf(recipe)
  common.setHardfork('osaka')
  return { head: await Chain.open({ engine, state, head: chain.genesis }), common }
}

builder('needs no more than a time, and a transaction that may not be in it is named', async () => {
  const { head, common } = await richChain()
  const timestamp = (head.header?.timestamp ?? 0n) + 12n
  const empty = await head.buildBlock({ timestamp })
  assert.is(empty.header.gasLimit, head.header?.gasLimit)
  assert.is(empty.result.transactionCount, 0)
  const signed = (nonce: bigint) =>
    createTx(
      {
        type: 2,
        nonce,
        chainId: 1n,
        to: signers[1],
        gasLimit: 21_000n,
        maxFeePerGas: 10n ** 11n,
        maxPriorityFeePerGas: 1n,
      } as never,
      { common },
    )
      .sign(secretKeys[0])
      .serialize()
  const { nonce = 0n } = (await head.state.getAccount(signers[0])) ?? {}
  const transactions = [signed(nonce), signed(nonce + 2n)]
  const error = await errorOf(head.buildBlock({ timestamp, transactions }))
  assert.is(error.code, 'TX_NONCE_TOO_HIGH')
  assert.is(error.details.txIndex, 1)
  for (const wrong of [
    [Uint8Array.of()],
    [Uint8Array.of(0x80)],
    // Two lists.
    [Uint8Array.of(0xc0, 0xc0)],
    ['0x02' as never],
  ]) {
    const malformed = await errorOf(
      head.buildBlock({ timestamp, transactions: [signed(nonce), ...wrong] }),
    )
    assert.match(malformed.code, /^(DECODE|TX)_/)
    assert.is(malformed.details.txIndex, 1)
  }
  const built = await head.buildBlock({ timestamp, transactions: [transactions[0]] })
  await head.import(built.rlp)
  assert.is(head.head.hash, built.header.hash)
  // Its place is taken.
  assert.is((await errorOf(head.import(built))).code, 'BLOCK_PARENT_MISMATCH')
  await head.revert()
  assert.is(await head.import(built), built.result)
  assert.is(head.state.root, built.header.stateRoot)
  const early = await head.buildBlock({ timestamp })
  assert.is((await errorOf(head.import(early))).code, 'BLOCK_TIMESTAMP_NOT_AFTER_PARENT')
  const copy = { ...(await head.buildBlock({ timestamp: timestamp + 12n })) }
  assert.is((await errorOf(head.import(copy as never))).code, 'DECODE_SOURCE_UNKNOWN')
})

builder('follows the price of blobs and of gas', async () => {
  const { head } = await richChain()
  const timestamp = (head.header?.timestamp ?? 0n) + 12n
  const before = head.header?.baseFeePerGas ?? 0n
  const built = await head.buildBlock({ timestamp })
  // An empty parent lets it fall by an eighth.
  assert.is(built.header.baseFeePerGas, before - before / 8n)
  const dear = await head.buildBlock({ timestamp, baseFeePerGas: 7n })
  assert.is(dear.header.baseFeePerGas, 7n)
  assert.is((await errorOf(head.import(dear.rlp))).code, 'BLOCK_BASE_FEE_INVALID')
})

builder('refuses what the block cannot have', async () => {
  const { head } = await richChain()
  const timestamp = (head.header?.timestamp ?? 0n) + 12n
  const wrong = [
    { timestamp: 1 },
    {},
    { timestamp, ommers: [] },
    { timestamp, gasLimit: -1n },
    { timestamp, transactions: 'x' },
    { timestamp, gaslimit: 1n },
  ]
  for (const options of wrong) {
    assert.is((await errorOf(head.buildBlock(options as never))).code, 'OPTION_INVALID')
  }
  const plain = await Chain.open({
    engine: await Engine.create(),
    state: new MemoryState({}),
    head: head.header,
  })
  assert.is((await errorOf(plain.buildBlock({ timestamp }))).details.field, 'state')
})

builder.run()
