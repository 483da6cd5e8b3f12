/** `engine.parity`: calls and rewards of the blocks of made chains. */

import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  Engine,
  type Hex,
  MemoryState,
  type ParityBlockItem,
  type ParityFilterOptions,
  type ParityReward,
  type PolicyName,
  SourceState,
} from '../lib/index.js'
import { root } from './fixtures.js'
import { type BuiltChain, buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'
import { damagedHeader } from './support/damaged-header.js'
import { errorOf, thrownBy } from './support/thrown.js'

const parity = suite('engine.parity')

interface Made {
  readonly chain: BuiltChain
  readonly engine: Engine
  readonly hashes: Readonly<Record<string, Hex>>
  /** The state before each block, and after the last one. */
  readonly states: readonly MemoryState[]
  /** What the blocks tell, one after another. */
  readonly items: readonly (readonly ParityBlockItem[])[]
}

async function make(firstFork: string, seed: number): Promise<Made> {
  const shape = { seed, firstFork, blocks: 12, blocksPerFork: 12 }
  const chain = await buildChain(generateChain(shape as Parameters<typeof generateChain>[0]))
  const engine = await Engine.create({ common: commonOf(chain.recipe), policy: 'sequential' })
  const hashes = Object.fromEntries(chain.headers.map(({ number, hash }) => [number, hash]))
  const state = new MemoryState(chain.alloc, { trie: true })
  const states = [state.clone()]
  const items: ParityBlockItem[][] = []
  for (const block of chain.blocks) {
    const options = { state, blockHashes: hashes, includeWithdrawals: true }
    const { value } = await engine.parity.block(block, options)
    items.push([...value])
    state.commit(await engine.executeBlock(block, { state, blockHashes: hashes }))
    states.push(state.clone())
  }
  return { chain, engine, hashes, states, items }
}

const made = await Promise.all([make('byzantium', 3), make('london', 5), make('prague', 7)])
parity.after(() => {
  for (const { engine } of made) engine.close()
})

async function collect<Item>(found: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of found) all.push(item)
  return all
}

const isReward = (item: ParityBlockItem): item is ParityReward => item.type === 'reward'
const isWithdrawal = (item: ParityBlockItem) =>
  isReward(item) && item.action.rewardType === 'withdrawal'

parity(
  'differences of transactions and rewards are all that a block does to balances',
  async () => {
    const kinds = new Set<string>()
    for (const { chain, engine, hashes, states, items } of made) {
      for (const [i, block] of chain.blocks.entries()) {
        const [state, blockHashes] = [states[i], hashes]
        const gained = new Map<Hex, bigint>()
        const add = (to: Hex, wei: bigint) => gained.set(to, (gained.get(to) ?? 0n) + wei)
        const config = { stateDiff: true } as const
        const traces = engine.traceBlock(block, { state, blockHashes, tracer: 'parity', config })
        for await (const { value } of traces) {
          for (const [address, { balance }] of Object.entries(value.stateDiff ?? {})) {
            if (balance === '=') continue
            if ('*' in balance)
              add(address as Hex, BigInt(balance['*'].to) - BigInt(balance['*'].from))
            else if ('+' in balance) add(address as Hex, BigInt(balance['+']))
            else add(address as Hex, -BigInt(balance['-']))
          }
        }
        for (const { action } of items[i].filter(isReward)) {
          kinds.add(action.rewardType)
          add(action.author, BigInt(action.value))
        }
        const { stateDiff } = await engine.executeBlock(block, { state, blockHashes })
        const expected = new Map(
          [...stateDiff].map(({ address, balance }) => [address, balance.after - balance.before]),
        )
        for (const address of new Set([...gained.keys(), ...expected.keys()])) {
          assert.is(gained.get(address) ?? 0n, expected.get(address) ?? 0n, `${i} ${address}`)
        }
      }
    }
    assert.equal([...kinds].sort(), ['block', 'uncle', 'withdrawal'])
  },
)

parity('a block has the calls of its transactions, one after another', async () => {
  for (const { chain, engine, hashes: blockHashes, states, items } of made) {
    for (const [i, block] of chain.blocks.entries()) {
      const state = states[i]
      const calls = items[i].filter((item) => !isReward(item))
      const count = new Set(calls.map(({ transactionHash }) => transactionHash)).size
      const told: ParityBlockItem[] = []
      for (let at = 0; at < count; at++) {
        const { value, txIndex } = await engine.parity.transaction(block, at, {
          state,
          blockHashes,
        })
        assert.is(txIndex, at)
        told.push(...value)
      }
      assert.equal(told, calls)
      const last = told.at(-1)
      if (last === undefined || isReward(last)) continue
      const { transactionHash, traceAddress } = last
      const get = (address: readonly number[]) =>
        engine.parity.get(block, transactionHash, address, { state, blockHashes })
      assert.equal(await get(traceAddress), last)
      assert.is(await get([...traceAddress, 99]), undefined)
    }
  }
})

parity('a range of blocks has what its blocks have, and moves the state on', async () => {
  const engines: readonly { readonly policy: PolicyName; readonly threads: number }[] = [
    { policy: 'sequential', threads: 1 },
    { policy: 'optimistic', threads: 2 },
    { policy: 'ahead', threads: 16 },
    { policy: 'adaptive', threads: 2 },
  ]
  for (const { chain, states, items } of made) {
    const common = commonOf(chain.recipe)
    const expected = items.flat().filter((item) => !isWithdrawal(item))
    for (const settings of engines) {
      await using engine = await Engine.create({ ...settings, common })
      const state = states[0].clone()
      const options = { state, parent: chain.headers[0] }
      assert.equal(await collect(engine.parity.filter(chain.blocks, options)), expected)
      assert.is(state.root, states.at(-1)?.root)
    }
    const [known] = states
    const source = new SourceState({
      getAccount: async (address) => known.getAccount(address),
      getStorage: async (address, slot) => known.getStorage(address, slot),
      getCode: async (_, address) => Buffer.from(known.getCode(address).slice(2), 'hex'),
    })
    await using engine = await Engine.create({ threads: 2, common })
    const options = { state: source, parent: chain.headers[0] }
    assert.equal(await collect(engine.parity.filter(chain.blocks, options)), expected)
  }
})

/** What a filter looks for, said otherwise. */
function addressesOf(item: ParityBlockItem): readonly [from: Hex | undefined, to: Hex | undefined] {
  if (isReward(item)) return [undefined, item.action.author]
  const { type, action, result } = item
  if (type === 'suicide') return [action.address, action.refundAddress]
  return [action.from, type === 'create' ? result?.address : action.to]
}

parity('filters find who calls and who is called', async () => {
  const [, { chain, engine, states, items }] = made
  const all = items.flat()
  const filter = (options: Omit<ParityFilterOptions, 'state'>) => {
    const state = states[0].clone()
    const { headers, blocks } = chain
    return collect(engine.parity.filter(blocks, { ...options, state, parent: headers[0] }))
  }
  const senders = [...new Set(all.map((item) => addressesOf(item)[0]))].filter(Boolean) as Hex[]
  const receivers = [...new Set(all.map((item) => addressesOf(item)[1]))].filter(Boolean) as Hex[]
  const from = senders.slice(0, 2)
  const to = receivers.slice(0, 3)
  const isFrom = (item: ParityBlockItem) => from.includes(addressesOf(item)[0] as Hex)
  const isTo = (item: ParityBlockItem) => to.includes(addressesOf(item)[1] as Hex)
  const both = all.filter((item) => isFrom(item) && isTo(item))
  const either = all.filter((item) => isFrom(item) || isTo(item))
  assert.ok(both.length > 0 && either.length > both.length)
  const upper = from.map((address) => `0x${address.slice(2).toUpperCase()}`)
  assert.equal(await filter({ fromAddress: upper }), all.filter(isFrom))
  assert.equal(await filter({ toAddress: to, fromAddress: [] }), all.filter(isTo))
  assert.equal(await filter({ fromAddress: from, toAddress: to }), both)
  assert.equal(await filter({ fromAddress: from, toAddress: to, mode: 'union' }), either)
  // Erigon tells calls that are not paid for as well, which both are.
  const asErigon = { fromAddress: from, toAddress: to, client: 'erigon' } as const
  assert.equal(await filter(asErigon), await filter({ ...asErigon, mode: 'union' }))
  const strict = await filter({ ...asErigon, mode: 'intersection' })
  assert.ok(strict.length >= both.length && strict.length < (await filter(asErigon)).length)
  assert.equal(await filter({ after: 3, count: 5 }), all.slice(3, 8))
  assert.equal(await filter({ fromAddress: from, after: 1 }), all.filter(isFrom).slice(1))
  assert.equal(await filter({ count: 0 }), [])
  assert.equal(await filter({ after: all.length }), [])
  // Who makes a block calls nobody.
  const [{ action }] = all.filter(isReward)
  assert.ok((await filter({ toAddress: [action.author] })).some(isReward))
  assert.not.ok((await filter({ fromAddress: [action.author] })).some(isReward))
})

parity('a range ends where enough is found, or nobody looks any more', async () => {
  const [, { chain, engine, states, items }] = made
  const parent = chain.headers[0]
  const wanted = items[0].length + 1
  const state = states[0].clone()
  const found = await collect(engine.parity.filter(chain.blocks, { state, parent, count: wanted }))
  assert.is(found.length, wanted)
  const number = found.at(-1)?.blockNumber ?? 0
  assert.is(state.root, states[number].root)
  const other = states[0].clone()
  for await (const item of engine.parity.filter(chain.blocks, { state: other, parent })) {
    if (item.blockNumber === 4) break
  }
  assert.is(other.root, states[4].root)
  // Both can go on.
  const rest = { state: other, parent: chain.headers[4] }
  const after = await collect(engine.parity.filter(chain.blocks.slice(4), rest))
  assert.equal(after, items.slice(4).flat())
})

parity('failures are those of executing', async () => {
  const [{ chain, engine, hashes: blockHashes, states }] = made
  const [first, second] = chain.blocks
  const parent = chain.headers[0]
  const wrong = damagedHeader(second, 'gasUsed')
  const state = states[0].clone()
  const range = engine.parity.filter([first, wrong], { state, parent })
  const error = await errorOf(collect(range))
  assert.is(error.code, 'BLOCK_FIELD_MISMATCH')
  assert.is(error.details.blockNumber, 2n)
  assert.is(state.root, states[1].root)
  const inBlock = { state: states[1], blockHashes }
  assert.is((await errorOf(engine.parity.block(wrong, inBlock))).details.field, 'gasUsed')
  assert.ok((await engine.parity.block(wrong, { ...inBlock, verify: false })).value.length > 0)
  const missing = engine.parity.transaction(first, 999, { state: states[0], blockHashes })
  assert.is((await errorOf(missing)).code, 'TRACE_TRANSACTION_MISSING')
  const signal = AbortSignal.abort('enough')
  assert.is((await errorOf(engine.parity.block(first, { ...inBlock, signal }))).code, 'CANCELLED')
  const aborter = new AbortController()
  const ended = async () => {
    const options = { state: states[0].clone(), parent, signal: aborter.signal }
    for await (const { blockNumber } of engine.parity.filter(chain.blocks, options)) {
      if (blockNumber === 2) aborter.abort('enough')
    }
  }
  assert.is((await errorOf(ended)).code, 'CANCELLED')
  const closed = await Engine.create()
  const { parity: methods } = closed
  closed.close()
  assert.is((await errorOf(methods.block(first, inBlock))).code, 'ENGINE_CLOSED')
  assert.is(thrownBy(() => methods.filter([], { state })).code, 'ENGINE_CLOSED')
})

parity('an EVM from elsewhere does not tell enough', async () => {
  const [{ chain, states }] = made
  const common = commonOf(chain.recipe)
  await using other = await Engine.create({ common, vm: join(root, 'build/Release/libbraidvm.so') })
  const state = states[0].clone()
  const { parity: methods } = other
  const [block] = chain.blocks
  const asked = [
    () => methods.block(block, { state }),
    () => methods.transaction(block, 0, { state }),
    () => methods.get(block, 0, [], { state }),
    async () => methods.filter(chain.blocks, { state }),
    () => other.traceBundle([{ to: `0x${'00'.repeat(20)}` }], { state, tracer: 'parity' }),
  ]
  for (const each of asked) {
    const { code, details } = await errorOf(each as () => Promise<unknown>)
    assert.equal([code, details.field], ['OPTION_UNSUPPORTED', 'vm'])
  }
})

parity('options that there are not are refused', async () => {
  const [{ chain, engine, states }] = made
  const [block] = chain.blocks
  const [state] = states
  const fieldOf = async (run: () => Promise<unknown>): Promise<string | undefined> => {
    const { code, details } = await errorOf(run)
    assert.is(code, 'OPTION_INVALID')
    return details.field
  }
  const inBlock = (options: object) => () => engine.parity.block(block, options as never)
  assert.is(await fieldOf(inBlock({})), 'state')
  assert.is(await fieldOf(inBlock({ state, client: 'parity' })), 'client')
  assert.is(await fieldOf(inBlock({ state, creationMethod: 1 })), 'creationMethod')
  assert.is(await fieldOf(inBlock({ state, includeWithdrawals: 'yes' })), 'includeWithdrawals')
  assert.is(await fieldOf(inBlock({ state, tracer: 'parity' })), 'tracer')
  const one = (options: object) => () => engine.parity.transaction(block, 0, options as never)
  assert.is(await fieldOf(one({ state, verify: false })), 'verify')
  assert.is(await fieldOf(one({ state, includeWithdrawals: true })), 'includeWithdrawals')
  const at = (address: unknown) => () => engine.parity.get(block, 0, address as never, { state })
  for (const address of [undefined, '0', [-1], [0.5], ['0x0']]) {
    assert.is(await fieldOf(at(address)), 'traceAddress')
  }
  const range = (options: object) => async () =>
    engine.parity.filter(chain.blocks, { state, ...options } as never)
  for (const after of [-1, 1.5, 1n, '1']) {
    assert.is(await fieldOf(range({ after })), 'after')
    assert.is(await fieldOf(range({ count: after })), 'count')
  }
  assert.is(await fieldOf(range({ mode: 'both' })), 'mode')
  assert.is(await fieldOf(range({ fromAddress: `0x${'00'.repeat(20)}` })), 'fromAddress')
  assert.is(await fieldOf(range({ toAddress: ['0x12'] })), 'toAddress[0]')
  assert.is(await fieldOf(range({ state: state.snapshot() })), 'state')
  assert.is(await fieldOf(async () => engine.parity.filter(block as never, { state })), 'blocks')
})

parity.run()
