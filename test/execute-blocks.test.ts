/** Chains of blocks: results in order, a state that moves on, and what stands when it ends early. */

import { createBlockFromRLP } from '@ethereumjs/block'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import {
  BlockHeader,
  type BlockResult,
  BraidError,
  type ChainProgress,
  Engine,
  type ExecuteBlocksOptions,
  InvalidBlockError,
  isBraidError,
  MemoryState,
  SourceState,
  StateTrie,
} from '../lib/index.js'
import { type BuiltChain, buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'
import { damagedHeader } from './support/damaged-header.js'

const chains = suite('executeBlocks')

const shape = { seed: 12, blocks: 12, blocksPerFork: 4, firstFork: 'paris' }
const chain = await buildChain(generateChain(shape))
const engine = await Engine.create({ common: commonOf(chain.recipe) })
const headers = chain.blocks.map((rlp) => decodeBlock(rlp).header)

const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

/** What an import of the chain begins with. */
function start({ alloc, genesis }: BuiltChain = chain) {
  const state = new MemoryState(alloc, { trie: true })
  return { state, parent: genesis, blockHashes: new Map([[0n, genesis.hash]]) }
}

/** Checks that a state and its trie are those after the first blocks of the chain. */
function standsAfter(count: number, { state }: { readonly state: MemoryState }): void {
  const { stateRoot } = count === 0 ? chain.genesis : headers[count - 1]
  assert.is(state.root, stateRoot, `the trie after ${count} blocks`)
  assert.is(new StateTrie(state).root, stateRoot, `the state after ${count} blocks`)
}

/** Iterates until something is thrown. */
async function endOf(
  results: AsyncIterable<BlockResult>,
): Promise<{ readonly count: number; readonly error: unknown }> {
  let count = 0
  try {
    for await (const _ of results) count++
  } catch (error) {
    return { count, error }
  }
  return { count, error: undefined }
}

async function* later<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  for (const item of items) {
    await new Promise((resolve) => setImmediate(resolve))
    yield item
  }
}

chains('yields results in order, and the state is always that after the last one', async () => {
  const from = start()
  let count = 0
  for await (const result of engine.executeBlocks(chain.blocks, from)) {
    const header = headers[count++]
    assert.is(result.number, header.number)
    assert.is(result.hash, header.hash)
    assert.is(result.stateRoot, header.stateRoot)
    assert.equal(result.verify(), [])
    standsAfter(count, from)
  }
  assert.is(count, chain.blocks.length)
})

chains('takes blocks of every kind, synchronous or not', async () => {
  const from = start()
  const common = commonOf(chain.recipe)
  const sources = chain.blocks.map((rlp, i) =>
    i % 2 === 0 ? rlp : createBlockFromRLP(rlp, { common, setHardfork: true }),
  )
  const { count, error } = await endOf(engine.executeBlocks(later(sources), from))
  assert.is(error, undefined)
  assert.is(count, chain.blocks.length)
  standsAfter(count, from)
})

chains('computes state roots where the state keeps them, or leaves them alone', async () => {
  const { parent, blockHashes } = start()
  const state = new MemoryState(chain.alloc)
  for await (const result of engine.executeBlocks(chain.blocks, { state, parent, blockHashes })) {
    assert.is(result.stateRoot, undefined)
  }
  let count = 0
  for await (const result of engine.executeBlocks(chain.blocks, start())) {
    assert.is(result.stateRoot, headers[count++].stateRoot)
  }
  const from = start()
  for await (const result of engine.executeBlocks(chain.blocks, { ...from, stateRoot: false })) {
    assert.is(result.stateRoot, undefined)
  }
  standsAfter(chain.blocks.length, from)
})

for (const ahead of [undefined, 0, 1, 2, 5]) {
  const further = Math.max(1, ahead ?? 2)
  chains(`reads ${further} blocks ahead of the one that it yields, and no further`, async () => {
    let read = 0
    function* counted() {
      for (const block of chain.blocks) {
        read++
        yield block
      }
    }
    const from = start()
    let count = 0
    for await (const result of engine.executeBlocks(counted(), { ...from, ahead })) {
      assert.is(result.stateRoot, headers[count++].stateRoot)
      await new Promise((resolve) => setTimeout(resolve, 5))
      assert.is(read, Math.min(count + further, chain.blocks.length))
    }
    standsAfter(chain.blocks.length, from)
  })
}

for (const policy of ['sequential', 'optimistic', 'ahead'] as const) {
  chains(
    `gives the same with a window and without one, and reports that add up: ${policy}`,
    async () => {
      const several = await Engine.create({
        common: commonOf(chain.recipe),
        policy,
        threads: 3,
      })
      for (const ahead of [0, 1, 4]) {
        const from = start()
        let count = 0
        for await (const result of several.executeBlocks(chain.blocks, { ...from, ahead })) {
          assert.is(result.stateRoot, headers[count++].stateRoot)
          const { transactions, workers, executions, reExecutions, workerReports } = result.report
          assert.is(transactions.length, result.transactionCount)
          assert.is(workerReports.length, workers)
          assert.is(executions, result.transactionCount + reExecutions)
          for (const { runs, start, end } of transactions) {
            assert.is(runs.filter(({ committed }) => committed).length, 1)
            assert.ok(start <= end)
          }
        }
        assert.is(count, chain.blocks.length)
        standsAfter(count, from)
      }
      several.close()
    },
  )

  chains(`an invalid block in the window leaves the state before it: ${policy}`, async () => {
    const several = await Engine.create({ common: commonOf(chain.recipe), policy, threads: 2 })
    for (const failing of [1, 2, 5]) {
      const from = start()
      const blocks = chain.blocks.with(failing, damagedHeader(chain.blocks[failing], 'gasUsed'))
      const { count, error } = await endOf(several.executeBlocks(blocks, { ...from, ahead: 6 }))
      assert.is(count, failing)
      assert.ok(isBraidError(error))
      standsAfter(failing, from)
    }
    several.close()
  })
}

chains('a window that is left alone, or let go of, ends', async () => {
  for (let i = 0; i < 20; i++) {
    const from = start()
    const results = engine.executeBlocks(chain.blocks, { ...from, ahead: 8 })
    await results.next()
    if (i % 2 === 0) await results.return()
    standsAfter(1, from)
  }
})

chains('does not wait for the next block to yield one', async () => {
  let release = () => {}
  async function* slow() {
    yield chain.blocks[0]
    await new Promise<void>((resolve) => {
      release = resolve
    })
    yield chain.blocks[1]
  }
  const from = start()
  const results = engine.executeBlocks(slow(), from)
  assert.is((await results.next()).value?.number, 1n)
  standsAfter(1, from)
  const second = results.next()
  release()
  assert.is((await second).value?.number, 2n)
  assert.ok((await results.next()).done)
})

chains('stands after the last yielded block when the consumer breaks off', async () => {
  for (const after of [1, 5, chain.blocks.length]) {
    const from = start()
    let isClosed = false
    function* blocks() {
      try {
        yield* chain.blocks
      } finally {
        isClosed = true
      }
    }
    let count = 0
    for await (const _ of engine.executeBlocks(blocks(), from)) {
      // Let the next block run to its end: it must be dropped all the same.
      await new Promise((resolve) => setTimeout(resolve, 10))
      if (++count === after) break
    }
    assert.ok(isClosed)
    standsAfter(after, from)
    const rest = { ...from, parent: headers[after - 1] }
    const { error } = await endOf(engine.executeBlocks(chain.blocks.slice(after), rest))
    // The hashes of the blocks before the break were not handed on.
    if (error !== undefined) assert.ok(isBraidError(error, 'STATE_MISSING_BLOCK_HASH'))
  }
})

const failing = 6
/** What is given in place of a block, and the error; the last is the number that it names. */
const wrong: readonly (readonly [string, Uint8Array, string, string, number?])[] = [
  [
    'receiptsRoot',
    damagedHeader(chain.blocks[failing], 'receiptsRoot'),
    'BLOCK_FIELD_MISMATCH',
    'receiptsRoot',
  ],
  [
    'stateRoot',
    damagedHeader(chain.blocks[failing], 'stateRoot'),
    'BLOCK_FIELD_MISMATCH',
    'stateRoot',
  ],
  ['gasUsed', damagedHeader(chain.blocks[failing], 'gasUsed'), 'BLOCK_FIELD_MISMATCH', 'gasUsed'],
  [
    'parentHash',
    damagedHeader(chain.blocks[failing], 'parentHash'),
    'BLOCK_PARENT_MISMATCH',
    'parentHash',
  ],
  ['no block', new Uint8Array(3), 'DECODE_FIELD_TYPE', 'block'],
  [
    'the block after',
    chain.blocks[failing + 1],
    'BLOCK_PARENT_MISMATCH',
    'parentHash',
    failing + 2,
  ],
]

for (const [what, block, code, field, number = failing + 1] of wrong) {
  chains(`stands after the block before one that is wrong: ${what}`, async () => {
    const from = start()
    const blocks = chain.blocks.with(failing, block)
    const { count, error } = await endOf(engine.executeBlocks(blocks, from))
    assert.is(count, failing)
    assert.instance(error, BraidError)
    assert.is((error as BraidError).code, code)
    assert.is((error as BraidError).details.field, field)
    assert.is((error as BraidError).details.blockNumber, BigInt(number))
    assert.match((error as BraidError).message, `block ${number}`)
    standsAfter(failing, from)
  })
}

chains('fails at a block whose parent is not the given one', async () => {
  const from = { ...start(), parent: headers[3] }
  const { count, error } = await endOf(engine.executeBlocks(chain.blocks, from))
  assert.is(count, 0)
  assert.ok(isBraidError(error, 'BLOCK_PARENT_MISMATCH'))
  standsAfter(0, from)
})

chains('tells differences instead of failing, without verify', async () => {
  const from = start()
  const block = damagedHeader(chain.blocks[0], 'stateRoot')
  for await (const result of engine.executeBlocks([block], { ...from, verify: false })) {
    assert.is(result.stateRoot, headers[0].stateRoot)
    assert.equal(
      result.verify().map(({ field }) => field),
      ['stateRoot'],
    )
  }
  standsAfter(1, from)
})

chains('checks what consensus demands of headers where it is asked to', async () => {
  // A difference that executing does not show: the extra data may be at most 32 bytes.
  const long = damagedHeader(chain.blocks[0], 'extraData')
  const plain = start()
  assert.is((await endOf(engine.executeBlocks([long], plain))).error, undefined)
  const from = start()
  const { error } = await endOf(engine.executeBlocks([long], { ...from, validate: true }))
  assert.instance(error, InvalidBlockError)
  assert.is((error as InvalidBlockError).code, 'BLOCK_EXTRA_DATA_INVALID')
  standsAfter(0, from)
})

chains('ends with CANCELLED, and stands after the last yielded block', async () => {
  const controller = new AbortController()
  const from = { ...start(), signal: controller.signal }
  const results = engine.executeBlocks(chain.blocks, from)
  await results.next()
  await results.next()
  const reason = new Error('enough')
  controller.abort(reason)
  const { count, error } = await endOf(results)
  assert.is(count, 0)
  assert.ok(isBraidError(error, 'CANCELLED'))
  assert.is((error as Error).cause, reason)
  standsAfter(2, from)
})

chains('ends with CANCELLED while it waits for a block', async () => {
  const controller = new AbortController()
  const from = { ...start(), signal: controller.signal }
  async function* endless() {
    yield chain.blocks[0]
    await new Promise(() => {})
  }
  const results = engine.executeBlocks(endless(), from)
  await results.next()
  setTimeout(() => controller.abort(), 5)
  const { error } = await endOf(results)
  assert.ok(isBraidError(error, 'CANCELLED'))
  standsAfter(1, from)
  const aborted = { ...start(), signal: AbortSignal.abort() }
  assert.throws(
    () => engine.executeBlocks(chain.blocks, aborted),
    (error: unknown) => isBraidError(error, 'CANCELLED'),
  )
})

chains('passes on what the source throws, after the blocks before it', async () => {
  const failure = new Error('no more')
  async function* blocks() {
    yield* chain.blocks.slice(0, 3)
    throw failure
  }
  const from = start()
  const { count, error } = await endOf(engine.executeBlocks(blocks(), from))
  assert.is(error, failure)
  assert.is(count, 3)
  standsAfter(3, from)
})

chains('tells how far it has come', async () => {
  const reports: ChainProgress[] = []
  const onProgress = (progress: ChainProgress) => reports.push(progress)
  let transactions = 0
  let gasUsed = 0n
  let blocks = 0
  for await (const result of engine.executeBlocks(chain.blocks, { ...start(), onProgress })) {
    transactions += result.transactionCount
    gasUsed += result.gasUsed
    const { elapsed, mgasPerSecond, ...counts } = reports[blocks++]
    const { number: blockNumber, hash: blockHash } = result
    assert.equal(counts, { blockNumber, blockHash, blocks, transactions, gasUsed })
    assert.ok(elapsed > 0)
    assert.ok(Math.abs(mgasPerSecond - Number(gasUsed) / 1000 / elapsed) < 1e-6)
  }
  assert.is(reports.length, chain.blocks.length)
})

chains('ends after the block whose report was not welcome', async () => {
  const failure = new Error('not now')
  const from = start()
  const onProgress = ({ blocks }: ChainProgress) => {
    if (blocks === 2) throw failure
  }
  const { count, error } = await endOf(engine.executeBlocks(chain.blocks, { ...from, onProgress }))
  assert.is(count, 2)
  assert.is(error, failure)
  standsAfter(2, from)
})

chains('fails where somebody else has moved the state', async () => {
  const from = start()
  const { state, blockHashes } = from
  const results = engine.executeBlocks(chain.blocks, from)
  await results.next()
  // The second block executes already, on the state after the first.
  state.commit(await engine.executeBlock(chain.blocks[1], { state, blockHashes }))
  const { count, error } = await endOf(results)
  assert.is(count, 0)
  assert.ok(isBraidError(error, 'STATE_RESULT_STALE'))
  assert.is(error.details.blockNumber, 2n)
})

chains('moves a state on a source along', async () => {
  const memory = new MemoryState(chain.alloc)
  const state = new SourceState({
    getAccount: async (address) => memory.getAccount(address),
    getStorage: async (address, slot) => memory.getStorage(address, slot),
    getCode: async (_, address) => memory.getCode(address),
  })
  const trie = new StateTrie(memory)
  const { parent, blockHashes } = start()
  const options = { state, parent, blockHashes }
  let count = 0
  for await (const result of engine.executeBlocks(chain.blocks, options)) {
    trie.update(result)
    assert.is(trie.root, headers[count++].stateRoot)
  }
  assert.is(count, chain.blocks.length)
})

chains('a state on a source that somebody else moved takes no stale result', async () => {
  const memory = new MemoryState(chain.alloc)
  const state = new SourceState({
    getAccount: async (address) => memory.getAccount(address),
    getStorage: async (address, slot) => memory.getStorage(address, slot),
    getCode: async (_, address) => memory.getCode(address),
  })
  const { parent, blockHashes } = start()
  const results = engine.executeBlocks(chain.blocks, { state, parent, blockHashes })
  await results.next()
  // The second block executes already; its result will not fit the state any more.
  state.commit(await engine.executeBlock(chain.blocks[1], { state, blockHashes }))
  const { count, error } = await endOf(results)
  assert.is(count, 0)
  assert.ok(isBraidError(error, 'STATE_RESULT_STALE'))
})

chains('computes the roots in receipts before Byzantium', async () => {
  const old = await buildChain(
    generateChain({ seed: 3, blocks: 6, blocksPerFork: 3, firstFork: 'spuriousDragon' }),
  )
  const common = commonOf(old.recipe)
  const oldEngine = await Engine.create({ common })
  const from = start(old)
  const options = { ...from, transactionRoots: true, validate: true }
  const { count, error } = await endOf(oldEngine.executeBlocks(old.blocks, options))
  assert.is(error, undefined)
  assert.is(count, 6)
  const damaged = damagedHeader(old.blocks[0], 'receiptsRoot')
  const end = await endOf(
    oldEngine.executeBlocks([damaged], { ...start(old), transactionRoots: true }),
  )
  assert.is((end.error as InvalidBlockError).field, 'receiptsRoot')
  oldEngine.close()
})

chains('refuses options that make no sense at once', () => {
  const refused = (options: unknown, field: string, blocks: unknown = chain.blocks) =>
    assert.throws(
      () => engine.executeBlocks(blocks as never, options as ExecuteBlocksOptions),
      (error: unknown) => isBraidError(error, 'OPTION_INVALID') && error.details.field === field,
    )
  const { state, blockHashes } = start()
  refused(undefined, 'options')
  refused({}, 'state')
  refused({ state, trie: {} }, 'trie')
  refused({ state: state.snapshot() }, 'state')
  refused(
    {
      state: new SourceState({
        getAccount: () => undefined,
        getStorage: () => 0n,
        getCode: () => undefined,
      }),
      stateRoot: true,
    },
    'stateRoot',
  )
  refused({ state, validate: true, blockHashes }, 'parent')
  refused({ state, onProgress: 1 }, 'onProgress')
  for (const ahead of [-1, 1.5, 65, '2', null]) refused({ state, ahead }, 'ahead')
  refused({ state, parent: {} }, 'parent')
  refused({ state, signal: {} }, 'signal')
  refused({ state }, 'blocks', chain.blocks[0])
  refused({ state }, 'blocks', 7)
  assert.instance(headers[0], BlockHeader)
})

chains('leaves nothing unhandled', async () => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(unhandled, [])
})

chains.run()
