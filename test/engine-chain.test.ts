/** Chains of blocks at their ends: what is stopped, told and left alone. */

import { setTimeout as wait } from 'node:timers/promises'
import { inspect } from 'node:util'
import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import {
  type BlockSource,
  type ChainProgress,
  Engine,
  type ExecuteBlocksOptions,
  isBraidError,
  MemoryState,
  StateTrie,
} from '../lib/index.js'
import { onAbort } from '../lib/on-abort.js'
import { buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'
import { damagedHeader } from './support/damaged-header.js'
import { blockOfCalls, endlessAlloc, endlessBlock, endlessKinds } from './support/endless.js'

const ends = suite('ends of chains')

const chain = await buildChain(
  generateChain({ seed: 12, blocks: 4, blocksPerFork: 4, firstFork: 'paris' }),
)
const engine = await Engine.create({ common: commonOf(chain.recipe) })

/** What an import of the chain begins with. */
function start(): ExecuteBlocksOptions & { readonly state: MemoryState } {
  const { genesis } = chain
  const state = new MemoryState(chain.alloc, { trie: true })
  return { state, parent: genesis, blockHashes: new Map([[0n, genesis.hash]]) }
}

/** Runs to the end; what was thrown, if anything. */
async function errorOf(results: AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const _ of results);
  } catch (error) {
    return error
  }
  return undefined
}

/** A source that tells whether it was read and ended. */
function watched(blocks: readonly BlockSource[]) {
  const calls: string[] = []
  const iterator = blocks[Symbol.iterator]()
  const source = {
    [Symbol.iterator]: () => ({
      next() {
        calls.push('next')
        return iterator.next()
      },
      return() {
        calls.push('return')
        return { done: true as const, value: undefined }
      },
    }),
  }
  return { source, calls }
}

ends('a source that came to its end is not ended once more, another one is', async () => {
  const whole = watched(chain.blocks)
  assert.is(await errorOf(engine.executeBlocks(whole.source, start())), undefined)
  assert.equal(whole.calls, ['next', 'next', 'next', 'next', 'next'])
  const part = watched(chain.blocks)
  for await (const _ of engine.executeBlocks(part.source, start())) break
  assert.is(part.calls.at(-1), 'return')
  assert.is(part.calls.filter((call) => call === 'return').length, 1)
})

ends('an abort before the first block is asked for comes first', async () => {
  const controller = new AbortController()
  const from = start()
  const results = engine.executeBlocks(chain.blocks, { ...from, signal: controller.signal })
  controller.abort('enough')
  const error = await errorOf(results)
  assert.ok(isBraidError(error, 'CANCELLED'))
  assert.is(error.cause, 'enough')
  assert.is(from.state.stateRoot(), chain.genesis.stateRoot)
})

ends('headers are held against the outcome without state roots as well', async () => {
  for (const stateRoot of [false, true]) {
    const from = { ...start(), stateRoot }
    const damaged = damagedHeader(chain.blocks[0], 'gasUsed')
    const error = await errorOf(engine.executeBlocks([damaged], from))
    assert.ok(isBraidError(error, 'BLOCK_FIELD_MISMATCH'), `${error}`)
    assert.is(error.details.field, 'gasUsed')
    assert.is(error.details.blockNumber, 1n)
  }
})

ends('the trie of a state moves with it, whether roots are asked for or not', async () => {
  for (const stateRoot of [true, undefined, false]) {
    const from = start()
    const state = from.state.withTrie()
    assert.is(
      await errorOf(engine.executeBlocks(chain.blocks, { ...from, state, stateRoot })),
      undefined,
    )
    assert.is(state.root, new StateTrie(state).root)
  }
})

ends('the block behind one that fails is stopped', async () => {
  const own = await Engine.create()
  const first = { ...blockOfCalls([]), gasUsed: 5 }
  const { hash } = decodeBlock(first as never)
  const second = { ...endlessBlock(), number: 20_000_001, parentHash: hash }
  const state = new MemoryState(endlessAlloc)
  const root = state.stateRoot()
  const error = await errorOf(own.executeBlocks([first, second], { state, trustSenders: true }))
  assert.ok(isBraidError(error, 'BLOCK_FIELD_MISMATCH'), `${error}`)
  const ended = own[Symbol.asyncDispose]().then(() => true)
  assert.ok(await Promise.race([ended, wait(3000, false)]), 'something still runs')
  assert.is(state.stateRoot(), root)
})

ends('a transaction that is invalid is named as its source calls it', async () => {
  const own = await Engine.create()
  const { address } = endlessKinds.computing
  const [call] = blockOfCalls([address], 21_000n).transactions
  const block = { ...blockOfCalls([]), transactions: [{ ...call, nonce: 7 }] }
  const options = { state: new MemoryState(endlessAlloc), trustSenders: true }
  const error = await errorOf(own.executeBlocks([block], options))
  assert.ok(isBraidError(error, 'TX_NONCE_TOO_HIGH'), `${error}`)
  const { field, txIndex, blockNumber } = error.details
  assert.equal(
    { field, txIndex, number: `${blockNumber}` },
    { field: 'nonce', txIndex: 0, number: '20000000' },
  )
  const dear = { ...block, transactions: [{ ...call, gas: 20_999 }] }
  const poor = await errorOf(own.executeBlocks([dear], options))
  assert.ok(isBraidError(poor, 'TX_INTRINSIC_GAS_TOO_LOW'), `${poor}`)
  assert.is(poor.details.field, 'gas')
  // Nor are senders trusted where nobody said so.
  const unsigned = await errorOf(own.executeBlocks([block], { state: options.state }))
  assert.ok(isBraidError(unsigned, 'TX_UNSIGNED'), `${unsigned}`)
  own.close()
})

ends('proofs of work are checked where that is asked, and only there', async () => {
  const recipe = generateChain({ seed: 3, blocks: 1, blocksPerFork: 1, firstFork: 'berlin' })
  const old = await buildChain(recipe)
  const own = await Engine.create({ common: commonOf(old.recipe) })
  const run = (more: object) => {
    const state = new MemoryState(old.alloc)
    return errorOf(own.executeBlocks(old.blocks, { state, parent: old.genesis, ...more }))
  }
  assert.is(await run({ validate: true }), undefined)
  assert.is(await run({ validate: true, proofOfWork: false }), undefined)
  own.close()
})

ends('progress is counted from when the first block is asked for', async () => {
  const seen: ChainProgress[] = []
  const begin = performance.now()
  const onProgress = (progress: ChainProgress) => seen.push(progress)
  assert.is(
    await errorOf(engine.executeBlocks(chain.blocks, { ...start(), onProgress })),
    undefined,
  )
  const passed = performance.now() - begin
  assert.is(seen.length, 4)
  for (const { elapsed } of seen) assert.ok(elapsed > 0 && elapsed <= passed, `${elapsed} ms`)
})

ends('what is shown of a result says how many there are of what', async () => {
  const from = start()
  for await (const result of engine.executeBlocks(chain.blocks, from)) {
    const shown = inspect(result)
    for (const [count, what] of [
      [result.receipts.length, 'receipts'],
      [result.logs.length, 'logs'],
      [result.stateDiff.size, 'accounts'],
      [result.requests.length, 'requests'],
    ]) {
      assert.ok(shown.includes(`${count} ${what}`), `${count} ${what} in ${shown}`)
    }
    const [account] = result.stateDiff
    if (account) assert.ok(inspect(result.stateDiff).includes(account.address))
    const json = JSON.parse(JSON.stringify(result))
    const { stateRoot, receiptsRoot, requestsHash } = result
    assert.equal(
      [json.stateRoot, json.receiptsRoot, json.requestsHash],
      [stateRoot, receiptsRoot, requestsHash],
    )
  }
})

/** A block with other values in some fields of its header, by their positions. */
function withFields(block: Uint8Array, changes: Readonly<Record<number, Uint8Array>>): Uint8Array {
  const [header, ...body] = RLP.decode(block) as unknown as [Uint8Array[], ...unknown[]]
  const fields = header.map((value, i) => changes[i] ?? value)
  return RLP.encode([fields, ...body] as never)
}

ends('a result tells every field that is not as the header says', async () => {
  const recipe = generateChain({ seed: 7, blocks: 2, blocksPerFork: 2, firstFork: 'prague' })
  const prague = await buildChain(recipe)
  const own = await Engine.create({ common: commonOf(recipe) })
  const one = Uint8Array.of(1)
  const run = (block: BlockSource) => {
    const state = new MemoryState(prague.alloc)
    const blockHashes = { 0: prague.genesis.hash }
    return own.executeBlock(block, { state, blockHashes, verify: false })
  }
  const fieldsOf = async (block: BlockSource) =>
    (await run(block)).verify().map(({ field }) => field)
  const [block] = prague.blocks
  assert.equal(await fieldsOf(block), [])
  for (const [position, field, value] of [
    [5, 'receiptsRoot', new Uint8Array(32).fill(1)],
    [6, 'logsBloom', new Uint8Array(256).fill(1)],
    [10, 'gasUsed', one],
    [17, 'blobGasUsed', one],
    [20, 'requestsHash', new Uint8Array(32).fill(1)],
  ] as const) {
    assert.equal(await fieldsOf(withFields(block, { [position]: value })), [field])
  }
  // Blob gas is compared from Cancun on: before it no header has any.
  const first = generateChain({ seed: 7, blocks: 1, blocksPerFork: 2, firstFork: 'cancun' })
  const cancun = await buildChain(first)
  const former = await Engine.create({ common: commonOf(first) })
  const damaged = withFields(cancun.blocks[0], { 17: one })
  const wrong = await former.executeBlock(damaged, {
    state: new MemoryState(cancun.alloc),
    blockHashes: { 0: cancun.genesis.hash },
    verify: false,
  })
  assert.equal(
    wrong.verify().map(({ field }) => field),
    ['blobGasUsed'],
  )
  former.close()
  const state = new MemoryState(chain.alloc, { trie: true })
  const options = { state, blockHashes: { 0: chain.genesis.hash }, verify: false }
  assert.equal([...(await engine.executeBlock(chain.blocks[0], options)).verify()], [])
  own.close()
})

ends('times are milliseconds, and those of checks come with them', async () => {
  const begin = performance.now()
  const state = new MemoryState(chain.alloc, { trie: true })
  const blockHashes = { 0: chain.genesis.hash }
  const result = await engine.executeBlock(chain.blocks[0], { state, blockHashes, verify: false })
  assert.is(result.timings.receipts, 0)
  result.verify()
  const passed = performance.now() - begin
  const { decode, senders, execute, receipts } = result.timings
  for (const time of [decode, senders, execute])
    assert.ok(time >= 0 && time <= passed, `${time} ms`)
  assert.ok(receipts > 0 && receipts <= passed, `${receipts} ms`)
})

ends('receipts have a status from Byzantium on, and a root before', async () => {
  for (const [firstFork, hasStatus] of [
    ['byzantium', true],
    ['spuriousDragon', false],
  ] as const) {
    const recipe = generateChain({ seed: 3, blocks: 4, blocksPerFork: 5, firstFork })
    const old = await buildChain(recipe)
    const own = await Engine.create({ common: commonOf(recipe) })
    const options = {
      state: new MemoryState(old.alloc),
      parent: old.genesis,
      transactionRoots: true,
    }
    let count = 0
    for await (const result of own.executeBlocks(old.blocks, options)) {
      const answers = result.toRpcReceipts()
      result.receipts.forEach((receipt, i) => {
        count++
        assert.is(receipt.root === undefined, hasStatus)
        assert.is('status' in answers[i], hasStatus)
      })
    }
    assert.ok(count > 0)
    own.close()
  }
})

ends('a change of every account is found by its address', async () => {
  let most = 0
  for await (const { stateDiff } of engine.executeBlocks(chain.blocks, start())) {
    const all = [...stateDiff]
    most = Math.max(most, all.length)
    for (const account of all) {
      assert.equal(stateDiff.get(account.address)?.toJSON(), account.toJSON())
      const capitals = `0x${account.address.slice(2).toUpperCase()}`
      assert.is(stateDiff.get(capitals)?.address, account.address)
    }
    assert.is(stateDiff.get(`0x${'9d'.repeat(20)}`), undefined)
    assert.is(stateDiff.accounts.length, all.length)
    // Once they are made, they are the same.
    stateDiff.accounts.forEach((account, i) => {
      assert.ok(stateDiff.get(account.address) === account)
      assert.ok([...stateDiff][i] === account)
    })
    assert.throws(
      () => stateDiff.get('0x12'),
      (error: unknown) =>
        isBraidError(error, 'OPTION_INVALID') && error.details.field === 'address',
    )
  }
  assert.ok(most > 2, `${most} accounts`)
})

ends('a signal has one listener, however many wait for it', () => {
  const { signal } = new AbortController()
  let listeners = 0
  const counting = Object.assign(Object.create(signal) as AbortSignal, {
    addEventListener: () => {
      listeners++
    },
    removeEventListener: () => {
      listeners--
    },
  })
  const forget = [() => {}, () => {}, () => {}].map((action) => onAbort(counting, action))
  assert.is(listeners, 1)
  forget[0]()
  forget[1]()
  assert.is(listeners, 1)
  forget[2]()
  assert.is(listeners, 0)
})

ends.run()
