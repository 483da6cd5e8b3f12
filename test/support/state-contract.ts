/** What every kind of state promises, tried on one of them. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Alloc, BlockResult, ReadableState, State, StateChange } from '../../lib/index.js'
import { Engine, isBraidError, MemoryState } from '../../lib/index.js'
import { type BuiltChain, buildChain } from './chain-generator/build.js'
import { commonOf } from './chain-generator/forks.js'
import { generateChain } from './chain-generator/generate.js'
import { checkPrecompileOverrides, precompileAlloc } from './precompile-overrides.js'

/** A kind of state. */
export interface StateKind {
  readonly name: string
  /** Makes one of the accounts, which can undo so many commits. */
  make(alloc: Alloc, history: number): State | Promise<State>
  /** Whether it keeps a root. */
  readonly hasRoot: boolean
}

const history = 6
const byNumber = (chain: BuiltChain) => chain.headers.map(({ number, hash }) => ({ number, hash }))

/** Runs the suite on a kind of state. */
export function stateContract(kind: StateKind): void {
  const contract = suite(`the contract of states: ${kind.name}`)

  const chainOf = (seed: number) =>
    buildChain(generateChain({ seed, blocks: 6, blocksPerFork: 2, firstFork: 'shanghai' }))

  /** Executes a block on whatever can be executed on. */
  async function executed(
    engine: Engine,
    chain: BuiltChain,
    position: number,
    state: ReadableState,
  ): Promise<BlockResult> {
    const block = chain.blocks[position]
    assert.ok(block)
    const blockHashes = new Map(chain.headers.map((header) => [header.number, header.hash]))
    return engine.executeBlock(block, { state, blockHashes })
  }

  /** Checks that a state says of all accounts what one in memory does. */
  async function isSame(state: ReadableState, expected: MemoryState): Promise<void> {
    for (const { address, nonce, balance, codeHash, storage } of expected.dump()) {
      const account = await state.getAccount(address)
      assert.equal({ ...account }, { address, nonce, balance, codeHash })
      assert.is(await state.getCode(address), expected.getCode(address))
      for (const [slot, value] of storage) assert.is(await state.getStorage(address, slot), value)
    }
  }

  async function isGone(state: ReadableState, before: MemoryState, after: MemoryState) {
    for (const { address, storage } of before.dump()) {
      if (after.getAccount(address) === undefined) {
        assert.is(await state.getAccount(address), undefined)
        assert.is(await state.getCode(address), '0x')
      }
      for (const slot of storage.keys()) {
        assert.is(await state.getStorage(address, slot), after.getStorage(address, slot))
      }
    }
  }

  for (const seed of [501, 502, 503]) {
    contract(`moves on and back as one in memory does (seed ${seed})`, async () => {
      const chain = await chainOf(seed)
      const engine = await Engine.create({ common: commonOf(chain.recipe) })
      await using state = await kind.make(chain.alloc, history)
      const expected = [new MemoryState(chain.alloc)]
      const snapshots = [state.snapshot()]
      const references = byNumber(chain)
      for (const [i, reference] of references.slice(1).entries()) {
        const result = await executed(engine, chain, i, state)
        assert.is(result.stateRoot, kind.hasRoot ? result.header.stateRoot : undefined)
        await state.commit(result)
        assert.equal(state.head, reference)
        assert.is(state.undoable, i + 1)
        assert.is(state.root, kind.hasRoot ? result.header.stateRoot : undefined)
        const after = (expected.at(-1) as MemoryState).clone()
        after.commit(result)
        await isSame(state, after)
        await isGone(state, expected.at(-1) as MemoryState, after)
        expected.push(after)
        snapshots.push(state.snapshot())
      }
      for (const [i, snapshot] of snapshots.entries()) {
        await isSame(snapshot, expected[i] as MemoryState)
        assert.equal(snapshot.head, i === 0 ? undefined : references[i])
        if (i === chain.blocks.length) continue
        // The block that came after it gives on it what it gave.
        const again = await executed(engine, chain, i, snapshot)
        assert.equal(again.verify().length, 0)
      }
      await state.revert()
      assert.equal(state.head, references[chain.blocks.length - 1])
      await isSame(state, expected[chain.blocks.length - 1] as MemoryState)
      await state.revert(references[2])
      assert.equal(state.head, references[2])
      assert.is(state.undoable, 2)
      if (kind.hasRoot) assert.is(state.root, chain.headers[2]?.stateRoot)
      await isSame(state, expected[2] as MemoryState)
      await state.commit(await executed(engine, chain, 2, state))
      await isSame(state, expected[3] as MemoryState)
      for (const [i, snapshot] of snapshots.entries()) {
        await isSame(snapshot, expected[i] as MemoryState)
      }
      engine.close()
    })
  }

  contract(
    'shows nothing of a block whose root was only computed, and takes any in its place',
    async () => {
      const chain = await chainOf(504)
      const engine = await Engine.create({ common: commonOf(chain.recipe) })
      await using state = await kind.make(chain.alloc, history)
      const empty = new MemoryState(chain.alloc)
      const rootOf = (i: number) => (kind.hasRoot ? chain.headers[i]?.stateRoot : undefined)
      const isAt = async (i: number, expected: MemoryState) => {
        assert.is(state.root, rootOf(i))
        assert.is(state.snapshot().root, rootOf(i))
        assert.is(state.undoable, i)
        await isSame(state, expected)
      }
      const first = await executed(engine, chain, 0, state)
      await isAt(0, empty)
      const again = await executed(engine, chain, 0, state)
      await isAt(0, empty)
      assert.is(again.stateRoot, rootOf(1))
      const one = empty.clone()
      one.commit(first)
      const snapshot = state.snapshot()
      // The other one than whose root was computed last; then each after a step back.
      await state.commit(first)
      await isAt(1, one)
      await isSame(snapshot, empty)
      await executed(engine, chain, 1, state)
      await isAt(1, one)
      await state.revert()
      await isAt(0, empty)
      await state.commit(again)
      await isAt(1, one)
      const second = await executed(engine, chain, 1, state)
      await state.commit(second)
      one.commit(second)
      await isAt(2, one)
      // As it should be: the one whose root was computed last.
      const third = await executed(engine, chain, 2, state)
      await state.commit(third)
      one.commit(third)
      await isAt(3, one)
      await state.revert()
      assert.is(state.root, rootOf(2))
      await state.commit(await executed(engine, chain, 2, state))
      await isAt(3, one)
      const dropped = await executed(engine, chain, 3, state)
      for await (const result of engine.executeBlocks(chain.blocks.slice(3), { state })) {
        one.commit(result)
      }
      await isAt(Math.min(6, history), one)
      assert.is(dropped.stateRoot, rootOf(4))
      engine.close()
    },
  )

  contract('refuses what does not fit, and stays as it is', async () => {
    const chain = await chainOf(510)
    const engine = await Engine.create({ common: commonOf(chain.recipe) })
    await using state = await kind.make(chain.alloc, 2)
    const failing = async (call: () => unknown): Promise<[string, string | undefined]> => {
      try {
        await call()
      } catch (error) {
        if (isBraidError(error)) return [error.code, error.details.field]
        throw error
      }
      return ['nothing', undefined]
    }
    assert.equal(await failing(() => state.revert()), ['STATE_UNAVAILABLE', 'history'])
    const results: BlockResult[] = []
    for (const i of [0, 1, 2]) {
      const result = await executed(engine, chain, i, state)
      results.push(result)
      await state.commit(result)
    }
    const { head, root } = state
    const expected = new MemoryState(chain.alloc)
    for (const result of results) expected.commit(result)
    for (const result of results) {
      assert.is((await failing(() => state.commit(result)))[0], 'STATE_RESULT_STALE')
    }
    const references = byNumber(chain)
    for (const to of [references[0], references[5], { number: 2n, hash: references[1]?.hash }]) {
      const code = await failing(() => state.revert(to as never))
      assert.equal(code, ['STATE_UNAVAILABLE', 'to'])
    }
    for (const wrong of [null, 2n, '0x', {}, { number: 2, hash: references[2]?.hash }]) {
      assert.equal(await failing(() => state.revert(wrong as never)), ['OPTION_INVALID', 'to'])
    }
    assert.is((await failing(() => state.getAccount('0x12')))[0], 'OPTION_INVALID')
    assert.is((await failing(() => state.commit({} as never)))[0], 'OPTION_INVALID')
    assert.equal(state.head, head)
    assert.is(state.root, root)
    assert.is(state.undoable, 2)
    await isSame(state, expected)
    engine.close()
  })

  contract('overrides are seen by those who ask through them, and by nobody else', async () => {
    const chain = await chainOf(520)
    await using state = await kind.make(chain.alloc, 0)
    const before = new MemoryState(chain.alloc)
    const [first, second] = [...before.dump()].filter(({ storage }) => storage.size > 0)
    assert.ok(first && second)
    const [slot] = [...first.storage.keys()]
    assert.ok(slot)
    const other = `0x${'77'.repeat(32)}` as const
    const fresh = `0x${'f7'.repeat(20)}` as const
    const snapshot = state.override({
      [first.address]: { balance: 5n, stateDiff: { [other]: 9n } },
      [second.address]: { nonce: 77n, state: { [other]: '0x1' }, code: '0x6001' },
      [fresh]: { balance: '0x10' },
    })
    const value = (number: bigint) => `0x${number.toString(16).padStart(64, '0')}`
    assert.equal(
      { ...(await snapshot.getAccount(first.address)) },
      { ...(await state.getAccount(first.address)), balance: 5n },
    )
    assert.is(await snapshot.getStorage(first.address, slot), first.storage.get(slot))
    assert.is(await snapshot.getStorage(first.address, other), value(9n))
    const account = await snapshot.getAccount(second.address)
    assert.is(account?.nonce, 77n)
    assert.is(account?.balance, second.balance)
    assert.is(await snapshot.getCode(second.address), '0x6001')
    for (const key of second.storage.keys()) {
      assert.is(await snapshot.getStorage(second.address, key), value(0n))
    }
    assert.is(await snapshot.getStorage(second.address, other), value(1n))
    assert.is((await snapshot.getAccount(fresh))?.balance, 16n)
    // On top of each other.
    const twice = snapshot.override({ [first.address]: { nonce: 3n, stateDiff: { [slot]: 0n } } })
    assert.is((await twice.getAccount(first.address))?.balance, 5n)
    assert.is((await twice.getAccount(first.address))?.nonce, 3n)
    assert.is(await twice.getStorage(first.address, slot), value(0n))
    assert.is(await twice.getStorage(first.address, other), value(9n))
    assert.is(await snapshot.getStorage(first.address, slot), first.storage.get(slot))
    await isSame(state, before)
    assert.is(await state.getAccount(fresh), undefined)
    for (const wrong of [
      null,
      { [first.address]: 5 },
      { [first.address]: { storage: {} } },
      { [first.address]: { state: {}, stateDiff: {} } },
      { '0x12': {} },
      { [first.address]: { balance: -1n } },
    ]) {
      assert.throws(
        () => state.override(wrong as never),
        (error: unknown) => isBraidError(error, 'STATE_MALFORMED'),
      )
    }
    await snapshot[Symbol.asyncDispose]()
    assert.throws(
      () => snapshot.getAccount(first.address),
      (error: unknown) => isBraidError(error, 'STATE_CLOSED'),
    )
    assert.is((await twice.getAccount(first.address))?.nonce, 3n)
  })

  contract('precompiled contracts move and go where overrides say so', async () => {
    await using state = await kind.make(precompileAlloc, 0)
    await checkPrecompileOverrides(state)
  })

  contract('tells its changes in their order, until it is disposed of', async () => {
    const chain = await chainOf(530)
    const engine = await Engine.create({ common: commonOf(chain.recipe) })
    const state = await kind.make(chain.alloc, history)
    const seen: StateChange[] = []
    const follower = (async () => {
      for await (const change of state.changes()) seen.push(change)
    })()
    const slow = state.changes({ limit: 2 })
    const results: BlockResult[] = []
    for (const i of [0, 1, 2]) {
      const result = await executed(engine, chain, i, state)
      results.push(result)
      await state.commit(result)
    }
    await state.revert()
    await state[Symbol.asyncDispose]()
    await follower
    const references = byNumber(chain)
    assert.equal(
      seen.map(({ kind, block }) => [kind, block]),
      [
        ['commit', references[1]],
        ['commit', references[2]],
        ['commit', references[3]],
        ['revert', references[3]],
      ],
    )
    const told = JSON.stringify(seen.map(({ diff }) => diff))
    const [first, second, third] = results.map(({ stateDiff }) => stateDiff)
    assert.is(told, JSON.stringify([first, second, third, third]))
    try {
      await slow.next()
      assert.unreachable()
    } catch (error) {
      assert.ok(isBraidError(error, 'STATE_CHANGES_LOST'), String(error))
    }
    assert.is((await slow.next()).done, true)
    engine.close()
  })

  contract.run()
}
