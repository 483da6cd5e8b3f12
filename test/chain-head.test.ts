/** Chains with a head: imports, reorganisations, replays. */

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  Chain,
  type ChainOptions,
  Engine,
  FileCheckpointStore,
  MemoryState,
  type ReplayOptions,
  stateCheckpoint,
} from '../lib/index.js'
import { type BuiltChain, buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'
import { damagedHeader } from './support/damaged-header.js'
import { SlowState } from './support/slow-state.js'
import { errorOf } from './support/thrown.js'

const chains = suite('chains with a head')

const shape = { blocks: 12, blocksPerFork: 6, firstFork: 'cancun' }
const recipe = generateChain({ seed: 31, ...shape })
const built = await buildChain(recipe)
const other = generateChain({ seed: 32, ...shape })
const engine = await Engine.create({ common: commonOf(recipe) })
const folder = await mkdtemp(join(tmpdir(), 'braid-chain-'))
chains.after(() => rm(folder, { recursive: true }))

type Options = Partial<ChainOptions> & { readonly history?: number }

async function opened({ history = 32, ...options }: Options = {}): Promise<Chain> {
  const state = new MemoryState(built.alloc, { history, trie: true })
  return Chain.open({ engine, state, head: built.genesis, ...options })
}

/** Another chain that leaves the first one after so many blocks. */
async function branchAfter(position: number): Promise<BuiltChain> {
  // Hardforks come by time.
  const blocks = recipe.blocks.map((block, i) =>
    i < position ? block : { ...other.blocks[i], delay: block.delay },
  )
  const branch = await buildChain({ ...recipe, blocks })
  assert.equal(branch.blocks.slice(0, position), built.blocks.slice(0, position))
  return branch
}

function contentOf(chain: Chain): unknown[] {
  const state = chain.state as MemoryState
  return [...state.dump()].map((account) => ({ ...account, storage: [...account.storage] }))
}

function placeOf(chain: Chain) {
  const { head, header, state } = chain
  return {
    head,
    header: header?.hash,
    root: state.root,
    undoable: state.undoable,
    content: contentOf(chain),
  }
}

async function imported(count: number, options: Options = {}): Promise<Chain> {
  const chain = await opened(options)
  for (const block of built.blocks.slice(0, count)) await chain.import(block)
  return chain
}

const referenceTo = ({ number, hash }: BuiltChain['genesis']) => ({ number, hash })

chains('imports blocks, each of which becomes the head', async () => {
  const chain = await opened()
  assert.equal(chain.head, referenceTo(built.genesis))
  for (const [i, block] of built.blocks.entries()) {
    const result = await chain.import(block)
    assert.is(result.hash, built.headers[i + 1].hash)
    assert.is(result.stateRoot, built.headers[i + 1].stateRoot)
    assert.equal(chain.head, referenceTo(built.headers[i + 1]))
    assert.is(chain.header?.hash, chain.head.hash)
    assert.equal(chain.state.head, chain.head)
    assert.is(chain.state.root, chain.header?.stateRoot)
  }
})

chains('a block that is wrong leaves everything as it was', async () => {
  const chain = await imported(5)
  const before = placeOf(chain)
  const wrong = [
    damagedHeader(built.blocks[5], 'stateRoot'),
    damagedHeader(built.blocks[5], 'extraData'),
    built.blocks[4],
    built.blocks[7],
    built.blocks[5].subarray(0, 100),
  ]
  const codes: string[] = []
  for (const block of wrong) {
    codes.push((await errorOf(chain.import(block))).code)
    assert.equal(placeOf(chain), before)
  }
  assert.equal(codes, [
    'BLOCK_FIELD_MISMATCH',
    'BLOCK_EXTRA_DATA_INVALID',
    'BLOCK_PARENT_MISMATCH',
    'BLOCK_PARENT_MISMATCH',
    'DECODE_RLP_TRUNCATED',
  ])
  await chain.import(built.blocks[5])
})

for (const depth of [1, 4, 12]) {
  chains(`takes another branch ${depth} blocks back, and comes back`, async () => {
    const chain = await imported(12)
    const before = placeOf(chain)
    const branch = await branchAfter(12 - depth)
    const results = await chain.reorganise(branch.blocks.slice(12 - depth))
    assert.equal(
      results.map(({ hash }) => hash),
      branch.headers.slice(13 - depth).map(({ hash }) => hash),
    )
    assert.equal(chain.head, referenceTo(branch.headers[12]))
    assert.is(chain.state.root, branch.headers[12].stateRoot)
    await chain.reorganise(built.blocks.slice(12 - depth))
    assert.equal(placeOf(chain), before)
  })
}

chains('goes back to where it was, whichever block of a branch is wrong', async () => {
  const branch = await branchAfter(8)
  for (const kept of [false, true]) {
    const chain = await imported(12)
    const before = placeOf(chain)
    for (let wrong = 8; wrong < 12; wrong++) {
      const blocks = branch.blocks.slice(8, wrong)
      blocks.push(damagedHeader(branch.blocks[wrong], 'stateRoot'))
      const given = kept
        ? blocks
        : (async function* () {
            yield* blocks
          })()
      const error = await errorOf(chain.reorganise(given))
      assert.is(error.code, 'BLOCK_FIELD_MISMATCH')
      assert.is(error.details.blockNumber, branch.headers[wrong + 1].number)
      assert.equal(placeOf(chain), before)
    }
    // What was brought back can be left once more, and gone behind.
    await chain.reorganise(branch.blocks.slice(8))
    assert.equal(chain.head, referenceTo(branch.headers[12]))
    await chain.revert(referenceTo(branch.headers[3]))
    await chain.import(built.blocks[3])
  }
})

chains('a branch must begin at a block of the chain that can be gone back to', async () => {
  const chain = await imported(12, { history: 4 })
  const before = placeOf(chain)
  const branch = await branchAfter(6)
  let ended = false
  async function* given(blocks: Uint8Array[]) {
    try {
      yield* blocks
    } finally {
      ended = true
    }
  }
  const unknown = await errorOf(chain.reorganise(given(branch.blocks.slice(8))))
  assert.is(unknown.code, 'BLOCK_PARENT_UNKNOWN')
  assert.ok(ended)
  assert.is((await errorOf(chain.reorganise(branch.blocks.slice(6)))).code, 'STATE_UNAVAILABLE')
  assert.is((await errorOf(chain.reorganise([]))).code, 'OPTION_INVALID')
  assert.equal(placeOf(chain), before)
})

chains('a branch of more right blocks than can be undone stays', async () => {
  const chain = await imported(8, { history: 2 })
  const branch = await branchAfter(7)
  const wrong = damagedHeader(branch.blocks[11], 'stateRoot')
  const blocks = [...branch.blocks.slice(7, 11), wrong]
  assert.is((await errorOf(chain.reorganise(blocks))).code, 'BLOCK_FIELD_MISMATCH')
  assert.equal(chain.head, referenceTo(branch.headers[11]))
  assert.is(chain.state.root, branch.headers[11].stateRoot)
  await chain.import(branch.blocks[11])
})

chains('a chain that was opened anew does not go behind where it began', async () => {
  const first = await imported(6)
  const chain = await Chain.open({ engine, state: first.state, head: built.headers[6] })
  const branch = await branchAfter(5)
  const before = placeOf(chain)
  assert.is((await errorOf(chain.reorganise(branch.blocks.slice(5)))).code, 'STATE_UNAVAILABLE')
  assert.equal(placeOf(chain), before)
  // By hand it does.
  await chain.revert(referenceTo(built.headers[5]))
  assert.equal(chain.head, referenceTo(built.headers[5]))
  assert.is(chain.header, undefined)
  assert.is((await errorOf(chain.import(built.blocks[5]))).code, 'CHAIN_HEAD_UNKNOWN')
  for await (const _ of chain.replay(built.blocks));
  assert.equal(chain.head, referenceTo(built.headers[12]))
})

chains('reverts one block, or to one', async () => {
  const chain = await imported(12)
  await chain.revert()
  assert.equal(chain.head, referenceTo(built.headers[11]))
  await chain.revert(referenceTo(built.headers[4]))
  assert.is(chain.state.root, built.headers[4].stateRoot)
  await chain.revert(referenceTo(built.genesis))
  assert.equal(chain.head, referenceTo(built.genesis))
  assert.is((await errorOf(chain.revert())).code, 'STATE_UNAVAILABLE')
  assert.is((await errorOf(chain.revert(referenceTo(built.headers[4])))).code, 'STATE_UNAVAILABLE')
  for (const block of built.blocks) await chain.import(block)
  const wrong = { number: built.headers[4].number, hash: built.headers[5].hash }
  assert.is((await errorOf(chain.revert(wrong))).code, 'STATE_UNAVAILABLE')
  assert.equal(chain.head, referenceTo(built.headers[12]))
})

chains('a state whose steps take time is as good', async () => {
  const state = new SlowState(built.alloc, { history: 32, trie: true, head: built.genesis })
  const chain = await opened({ state })
  const branch = await branchAfter(8)
  const wrong = damagedHeader(branch.blocks[11], 'stateRoot')
  // Asked for all at once: each waits for its turn.
  const steps: Promise<unknown>[] = built.blocks.map((block) => chain.import(block))
  steps.push(errorOf(chain.reorganise([...branch.blocks.slice(8, 11), wrong])))
  steps.push(chain.reorganise(branch.blocks.slice(8)), chain.revert())
  await Promise.all(steps)
  assert.equal(chain.head, referenceTo(branch.headers[11]))
  assert.is(state.root, branch.headers[11].stateRoot)
  assert.ok(state.steps > 20)
})

chains('sees that somebody else moved the state', async () => {
  const chain = await imported(3)
  chain.state.revert()
  assert.is((await errorOf(chain.import(built.blocks[3]))).code, 'STATE_RESULT_STALE')
})

async function replayed(chain: Chain, options: ReplayOptions = {}, take = 100): Promise<bigint[]> {
  const numbers: bigint[] = []
  const run = chain.replay(built.blocks, options)
  for await (const { number } of run) {
    numbers.push(number)
    assert.is(run.progress.blockNumber, number)
    if (numbers.length === take) break
  }
  return numbers
}

const range = (from: number, to: number): bigint[] =>
  Array.from({ length: to - from + 1 }, (_, i) => BigInt(from + i))

chains('replays from the head on, and tells how far it is', async () => {
  const chain = await imported(3)
  const run = chain.replay([...built.blocks], { to: 9n })
  assert.is(run.progress.blocks, 0)
  assert.is(await run.start(), 4n)
  assert.is(run.progress.total, 6)
  for await (const { number } of run) {
    const { total, eta = Number.NaN, blocks, elapsed } = run.progress
    assert.equal({ total, blocks }, { total: 6, blocks: Number(number) - 3 })
    assert.ok(eta >= 0 && elapsed > 0)
  }
  assert.is(run.progress.eta, 0)
  assert.is(chain.head.number, 9n)
  assert.equal(await replayed(chain), range(10, 12))
  assert.equal(await replayed(chain), [])
})

chains('a source may begin where it is asked to', async () => {
  const chain = await imported(3)
  const asked: bigint[] = []
  const run = chain.replay((from) => {
    asked.push(from)
    return built.blocks.slice(Number(from) - 1)
  })
  for await (const _ of run);
  assert.equal(asked, [4n])
  assert.is(chain.head.number, 12n)
})

chains('replays what it has seen once more, where the state can go back', async () => {
  const chain = await imported(8)
  assert.equal(await replayed(chain, { from: 5n, to: 10n }), range(5, 10))
  const far = await errorOf(replayed(chain, { from: 12n }))
  assert.is(far.code, 'OPTION_INVALID')
  assert.is(chain.head.number, 10n)
})

chains('goes on behind the checkpoint, or the head', async () => {
  for (const every of [1, 3]) {
    const path = join(folder, `checkpoint-${every}`)
    const checkpoint = new FileCheckpointStore(path)
    assert.is(await checkpoint.load(), undefined)
    const chain = await opened()
    // The consumer was not done with block 5.
    assert.equal(await replayed(chain, { checkpoint, every }, 5), range(1, 5))
    assert.equal(await checkpoint.load(), referenceTo(built.headers[4]))
    assert.equal(await replayed(chain, { checkpoint, every }, 2), [5n, 6n])
    // A state that has lost the last blocks.
    const behind = await imported(3)
    assert.equal(await replayed(behind, { checkpoint, every }, 2), [4n, 5n])
    const noted = new FileCheckpointStore(path)
    assert.equal(await noted.load(), referenceTo(built.headers[4]))
    // One that has gone on.
    const ahead = await imported(9)
    assert.equal(await replayed(ahead, { checkpoint, every }), range(5, 12))
    assert.equal(await noted.load(), referenceTo(built.headers[12]))
    assert.equal(await replayed(ahead, { checkpoint, every }), [])
  }
  assert.equal(
    (await readdir(folder)).filter((name) => name.endsWith('.tmp')),
    [],
  )
})

chains('a state that lasts is its own checkpoint', async () => {
  const chain = await opened()
  const checkpoint = stateCheckpoint(chain.state)
  assert.equal(await replayed(chain, { checkpoint }, 5), range(1, 5))
  assert.equal(await replayed(chain, { checkpoint }), range(6, 12))
})

chains('says which checkpoint it cannot read', async () => {
  const path = join(folder, 'other')
  for (const text of ['', '{}', '{"number":1,"hash":"0x"}', 'null']) {
    await writeFile(path, text)
    const error = await errorOf(new FileCheckpointStore(path).load())
    assert.is(error.code, 'CHECKPOINT_MALFORMED')
    assert.is(error.details.file, path)
  }
  const missing = new FileCheckpointStore(join(folder, 'none', 'checkpoint'))
  assert.is(await missing.load(), undefined)
  const error = await errorOf(missing.save(referenceTo(built.genesis)))
  assert.is(error.code, 'CHECKPOINT_UNAVAILABLE')
  assert.is((await errorOf(new FileCheckpointStore(folder).load())).code, 'CHECKPOINT_UNAVAILABLE')
})

chains('learns the header of its head from the blocks that it passes over', async () => {
  const { state } = await imported(6)
  const chain = await Chain.open({ engine, state })
  assert.is(chain.header, undefined)
  assert.equal(chain.head, referenceTo(built.headers[6]))
  assert.is((await errorOf(chain.import(built.blocks[6]))).code, 'CHAIN_HEAD_UNKNOWN')
  assert.is((await errorOf(chain.buildBlock({ timestamp: 1n }))).code, 'CHAIN_HEAD_UNKNOWN')
  const elsewhere = await branchAfter(5)
  const foreign = chain.replay(elsewhere.blocks)
  assert.is((await errorOf(foreign.next())).code, 'BLOCK_PARENT_MISMATCH')
  const short = chain.replay(built.blocks.slice(6))
  assert.is((await errorOf(short.next())).code, 'CHAIN_HEAD_UNKNOWN')
  assert.equal(await replayed(chain), range(7, 12))
  assert.equal(chain.head, referenceTo(built.headers[12]))
})

chains('an invalid block ends a replay at the one before', async () => {
  const chain = await opened()
  const blocks = [...built.blocks]
  blocks[7] = damagedHeader(blocks[7], 'stateRoot')
  const seen: bigint[] = []
  const run = chain.replay(blocks)
  const error = await errorOf(
    (async () => {
      for await (const { number } of run) seen.push(number)
    })(),
  )
  assert.is(error.code, 'BLOCK_FIELD_MISMATCH')
  assert.is(error.details.blockNumber, 8n)
  assert.equal(seen, range(1, 7))
  assert.equal(chain.head, referenceTo(built.headers[7]))
  await chain.import(built.blocks[7])
})

chains('a signal ends a replay, also while it waits for its source', async () => {
  const chain = await opened()
  const aborter = new AbortController()
  async function* stuck() {
    yield* built.blocks.slice(0, 2)
    await new Promise(() => {})
  }
  const run = chain.replay(stuck(), { signal: aborter.signal })
  await run.next()
  await run.next()
  const waiting = errorOf(run.next())
  aborter.abort('enough')
  const error = await waiting
  assert.is(error.code, 'CANCELLED')
  assert.is(error.cause, 'enough')
  assert.is(chain.head.number, 2n)
  await chain.import(built.blocks[2])
  const silent = chain.replay(
    (async function* () {
      await new Promise(() => {})
      yield built.blocks[0]
    })(),
  )
  const first = errorOf(silent.next())
  await silent.return()
  assert.is((await first).code, 'CANCELLED')
  await chain.import(built.blocks[3])
})

chains('nobody else moves the chain during a replay', async () => {
  const chain = await opened()
  const run = chain.replay(built.blocks)
  await run.next()
  for (const refused of [
    chain.import(built.blocks[1]),
    chain.reorganise([built.blocks[1]]),
    chain.revert(),
    chain.buildBlock({ timestamp: 1n }),
    chain.replay(built.blocks).next(),
  ]) {
    assert.is((await errorOf(refused)).code, 'CHAIN_BUSY')
  }
  await run.return()
  assert.is(chain.head.number, 1n)
  await chain.import(built.blocks[1])
  // Begun, but never iterated over.
  const begun = chain.replay(built.blocks)
  await begun.start()
  await begun.return()
  await chain.import(built.blocks[2])
})

chains('a closed chain refuses, and ends what is under way', async () => {
  const chain = await opened()
  const run = chain.replay(built.blocks)
  await run.next()
  await chain[Symbol.asyncDispose]()
  assert.is((await run.next()).done, true)
  assert.is(chain.head.number, 1n)
  assert.is((await errorOf(chain.import(built.blocks[1]))).code, 'CHAIN_CLOSED')
  assert.is((await errorOf(chain.replay(built.blocks).next())).code, 'CHAIN_CLOSED')
})

chains('what contradicts itself is refused', async () => {
  const state = new MemoryState(built.alloc, { trie: true })
  const [, first] = built.headers
  const wrong: readonly Partial<ChainOptions>[] = [
    { head: undefined },
    { head: first },
    { state: new MemoryState(built.alloc, { head: { number: 1n, hash: first.hash } }) },
    { ancestors: [{ header: first, ommers: [] }] },
    { engine: {} as never },
    { state: {} as never },
    { validate: 1 as never },
    { blockHashes: { x: '0x' } },
    { genesis: {} as never },
  ]
  for (const options of wrong) {
    const error = await errorOf(Chain.open({ engine, state, head: built.genesis, ...options }))
    assert.is(error.code, 'OPTION_INVALID', JSON.stringify(Object.keys(options)))
  }
  const chain = await opened()
  for (const options of [{ from: 0n }, { every: 0 }, { checkpoint: {} }, { upto: 1n }]) {
    assert.is((await errorOf(() => chain.replay([], options as never))).code, 'OPTION_INVALID')
  }
})

chains.run()
