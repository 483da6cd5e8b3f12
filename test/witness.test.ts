/** Blocks executed on a witness alone, up to the state root after them. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Alloc,
  type BlockHashes,
  type BlockSource,
  type BlockWitness,
  type BraidError,
  Engine,
  type ErrorCode,
  type Hex,
  MemoryState,
  type RpcBlock,
  SourceState,
  StateError,
  StateTrie,
  WitnessState,
} from '../lib/index.js'
import { keccak256 } from '../lib/native/load.js'
import { fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { Random } from './random.js'
import { finishedBlock } from './support/demo.js'
import { frontierFields } from './support/headers.js'
import { mixedAlloc, mixedBlock, mixedBlockHashes } from './support/mixed-block.js'
import { rounds } from './support/rounds.js'
import { errorOf } from './support/thrown.js'

const witnesses = suite('witness')
const fixtures = withFixtures(witnesses, 'witness')

const engine = await Engine.create({ policy: 'sequential' })
const { demo, outcome, encoded } = finishedBlock(engine)

const bytes = (hex: string) => Buffer.from(hex.slice(2), 'hex')
const hashOf = (hex: string): Hex => `0x${Buffer.from(keccak256(bytes(hex))).toString('hex')}`

/** The parts of a witness as the tests make them: all in hex, in arrays of their own. */
interface Parts extends BlockWitness {
  readonly parentStateRoot: Hex
  readonly state: readonly Hex[]
  readonly codes: readonly Hex[]
}

/** The nodes and the code that a block asks a state for, and those that the change of its root takes. */
async function witnessOf(block: BlockSource, alloc: Alloc, hashes?: BlockHashes): Promise<Parts> {
  const memory = new MemoryState(alloc)
  const trie = new StateTrie(memory)
  const slots = new Map<Hex, Set<Hex>>()
  const codes = new Set<Hex>()
  const slotsOf = (address: Hex): Set<Hex> => {
    const known = slots.get(address) ?? new Set()
    slots.set(address, known)
    return known
  }
  const recorder = new SourceState({
    getAccount(address) {
      slotsOf(address)
      return memory.getAccount(address)
    },
    getStorage(address, slot) {
      slotsOf(address).add(slot)
      return memory.getStorage(address, slot)
    },
    getCode(_hash, address) {
      const code = memory.getCode(address)
      codes.add(code)
      return code
    },
  })
  const options = { state: recorder, trustSenders: true, verify: false, blockHashes: hashes }
  const result = await engine.executeBlock(block, options)
  for (const account of result.stateDiff) {
    for (const { slot } of account.slots) slotsOf(account.address).add(slot)
  }
  // The neighbours of what is removed are among all the others.
  for (const { address, storage } of memory.dump()) {
    for (const slot of storage.keys()) slotsOf(address).add(slot)
  }
  const nodes = new Set<Hex>()
  for (const [address, keys] of slots) {
    const { accountProof, storageProof } = trie.getProof(address, [...keys])
    for (const node of [...accountProof, ...storageProof.flatMap(({ proof }) => proof)]) {
      nodes.add(node)
    }
  }
  return { parentStateRoot: trie.root, state: [...nodes], codes: [...codes], blockHashes: hashes }
}

const demoWitness = await witnessOf(encoded, demo.alloc)

const engines = {
  sequential: engine,
  optimistic: await Engine.create({ policy: 'optimistic', threads: 2 }),
  ahead: await Engine.create({ policy: 'ahead', threads: 2 }),
}

for (const [name, policyEngine] of Object.entries(engines)) {
  witnesses(`gives the state root after a block, ${name}`, async () => {
    const state = new WitnessState(demoWitness)
    assert.is(state.stateRoot, demoWitness.parentStateRoot)
    const result = await policyEngine.executeBlock(encoded, { state })
    assert.is(result.stateRoot, outcome.stateRoot)
    assert.is(result.gasUsed, outcome.gasUsed)
    assert.is(state.stateRoot, demoWitness.parentStateRoot)
  })
}

witnesses('takes bytes, numbers of blocks in hex, and nodes that nobody needs', async () => {
  const { block } = await mixedBlock(engine)
  const source = block.serialize()
  const [[number, hash]] = mixedBlockHashes
  const witness = await witnessOf(source, mixedAlloc, mixedBlockHashes)
  const whole = new MemoryState(mixedAlloc)
  const options = { state: whole, blockHashes: mixedBlockHashes }
  whole.commit(engine.executeBlockSync(source, options))
  for (const blockHashes of [
    mixedBlockHashes,
    { [String(number)]: hash },
    { [`0x${number.toString(16)}`]: hash },
  ]) {
    const state = new WitnessState({
      parentStateRoot: bytes(witness.parentStateRoot),
      state: [...witness.state.map(bytes), ...witness.state.map(bytes), new Uint8Array(0)],
      codes: witness.codes.map(bytes),
      blockHashes,
    })
    const result = await engine.executeBlock(source, { state })
    assert.is(result.stateRoot, whole.stateRoot())
    assert.equal(result.verify(), [])
  }
  const state = new WitnessState({ ...witness, blockHashes: undefined })
  assert.is(
    (await errorOf(engine.executeBlock(source, { state }))).code,
    'STATE_MISSING_BLOCK_HASH',
  )
})

witnesses('refuses a block whose header has another state root', async () => {
  const wrong = `0x${'12'.repeat(32)}` as const
  const block = demo.encode({ ...outcome, stateRoot: wrong })
  const state = new WitnessState(demoWitness)
  const error = await errorOf(engine.executeBlock(block, { state }))
  assert.is(error.code, 'BLOCK_FIELD_MISMATCH')
  const { field, expected, actual } = error.details
  assert.equal(
    { field, expected, actual },
    { field: 'stateRoot', expected: wrong, actual: outcome.stateRoot },
  )
  const result = await engine.executeBlock(block, { state, verify: false })
  assert.equal(result.verify(), [
    { field: 'stateRoot', expected: wrong, actual: outcome.stateRoot },
  ])
  assert.is((await engine.executeBlock(encoded, { state })).stateRoot, outcome.stateRoot)
})

witnesses('tells another difference before it asks for the state root', async () => {
  const block = demo.encode({ ...outcome, gasUsed: 7n, stateRoot: `0x${'12'.repeat(32)}` })
  const error = await errorOf(engine.executeBlock(block, { state: new WitnessState(demoWitness) }))
  assert.is(error.details.field, 'gasUsed')
})

witnesses('moves on with what is committed; clones and executions do not', async () => {
  const state = new WitnessState(demoWitness)
  const first = await engine.executeBlock(encoded, { state })
  const before = state.clone()
  const running = engine.executeBlock(encoded, { state })
  state.commit(first)
  assert.is((await running).stateRoot, outcome.stateRoot)
  assert.is(state.stateRoot, outcome.stateRoot)
  assert.is(before.stateRoot, demoWitness.parentStateRoot)
  assert.is((await engine.executeBlock(encoded, { state: before })).stateRoot, outcome.stateRoot)
  assert.is((await errorOf(engine.executeBlock(encoded, { state }))).code, 'TX_NONCE_TOO_LOW')
  const stale = (error: unknown) =>
    error instanceof StateError && error.code === 'STATE_RESULT_STALE'
  assert.throws(() => state.commit(first), stale)
  assert.is(state.stateRoot, outcome.stateRoot)
  before.commit(first)
  assert.is(before.stateRoot, outcome.stateRoot)
  assert.is(before.clone().stateRoot, outcome.stateRoot)
})

witnesses('gives state roots of chains', async () => {
  const state = new WitnessState(demoWitness)
  const roots: (Hex | undefined)[] = []
  for await (const { stateRoot } of engine.executeBlocks([encoded], { state, stateRoot: true })) {
    roots.push(stateRoot)
    assert.is(state.stateRoot, outcome.stateRoot)
  }
  assert.equal(roots, [outcome.stateRoot])

  const wrong = demo.encode({ ...outcome, stateRoot: `0x${'12'.repeat(32)}` })
  const fresh = new WitnessState(demoWitness)
  const error = await errorOf(engine.executeBlocks([wrong], { state: fresh }).next())
  assert.is(error.details.field, 'stateRoot')
  assert.is(fresh.stateRoot, demoWitness.parentStateRoot)
  const options = { state: fresh, stateRoot: false }
  const { value } = await engine.executeBlocks([wrong], options).next()
  assert.is(value?.stateRoot, undefined)
})

witnesses('needs the root that its nodes are of', async () => {
  const parentStateRoot = `0x${'34'.repeat(32)}` as const
  for (const policyEngine of Object.values(engines)) {
    const state = new WitnessState({ ...demoWitness, parentStateRoot })
    const error = await errorOf(policyEngine.executeBlock(encoded, { state }))
    assert.ok(error instanceof StateError)
    assert.is(error.code, 'STATE_NODE_MISSING')
    assert.is(error.details.hash, parentStateRoot)
    assert.match(error.details.address ?? '', /^0x[0-9a-f]{40}$/)
    assert.ok(error.message.includes(parentStateRoot))
    assert.is(state.stateRoot, parentStateRoot)
  }
})

witnesses('names a node that hashes right and is none of a state', async () => {
  const node: Hex = '0xc3010203'
  const state = new WitnessState({ ...demoWitness, parentStateRoot: hashOf(node), state: [node] })
  const error = await errorOf(engine.executeBlock(encoded, { state }))
  assert.is(error.code, 'STATE_NODE_INVALID')
  assert.is(error.details.hash, hashOf(node))
})

interface Damage {
  readonly block: BlockSource
  readonly witness: Parts
  readonly stateRoot: Hex
  readonly engine: Engine
  readonly verify?: boolean
}

/**
 * Executes a block without one of a witness's nodes, or with it altered. Returns the error, which must
 * name the node; undefined where the block did without it.
 */
async function without(
  { block, witness, stateRoot, engine, verify }: Damage,
  index: number,
  altered?: Hex,
): Promise<BraidError | undefined> {
  const nodes = witness.state.toSpliced(index, 1, ...(altered === undefined ? [] : [altered]))
  const state = new WitnessState({ ...witness, state: nodes })
  const options = { state, trustSenders: true, verify }
  try {
    const result = await engine.executeBlock(block, options)
    assert.is(result.stateRoot, stateRoot)
    return undefined
  } catch (error) {
    assert.ok(error instanceof StateError, String(error))
    assert.is(error.code, 'STATE_NODE_MISSING')
    assert.is(error.details.hash, hashOf(witness.state[index]))
    assert.is(state.stateRoot, witness.parentStateRoot)
    return error
  }
}

/** The bytes with one of them other than it was. */
function flipped(random: Random, hex: Hex): Hex {
  const data = bytes(hex)
  data[random.below(data.length)] ^= 1 + random.below(255)
  return `0x${data.toString('hex')}`
}

witnesses('names the node that it cannot do without', async () => {
  const random = new Random(4711)
  const { stateRoot } = outcome
  const { state: nodes } = demoWitness
  let needed = 0
  for (let i = 0; i < rounds(36, 12); i++) {
    const policyEngine = i % 6 === 0 ? engines.ahead : engine
    const damage = { block: encoded, witness: demoWitness, stateRoot, engine: policyEngine }
    const index = random.below(nodes.length)
    const altered = i % 2 === 0 ? flipped(random, nodes[index]) : undefined
    if ((await without(damage, index, altered)) !== undefined) needed++
  }
  assert.ok(needed > rounds(6, 2), `${needed}`)
})

/** A contract of two slots, of which the block clears one: the other moves up in the trie. */
const clearing = {
  alloc: {
    [`0x${'aa'.repeat(20)}`]: { balance: 10n ** 18n },
    [`0x${'bb'.repeat(20)}`]: { code: '0x600060005500', storage: { '0x0': 1, '0x1': 2 } },
  },
  block: {
    ...frontierFields,
    transactions: [
      {
        type: '0x0',
        from: `0x${'aa'.repeat(20)}`,
        to: `0x${'bb'.repeat(20)}`,
        nonce: '0x0',
        gas: '0x186a0',
        gasPrice: '0x1',
        value: '0x0',
        input: '0x',
      },
    ],
  } as unknown as RpcBlock,
}

witnesses('names a node that only the new root takes', async () => {
  const { alloc, block } = clearing
  const witness = await witnessOf(block, alloc)
  const state = new MemoryState(alloc)
  state.commit(engine.executeBlockSync(block, { state, trustSenders: true, verify: false }))
  const damage = { block, witness, stateRoot: state.stateRoot(), engine, verify: false }
  const random = new Random(99)
  const neighbour = new StateTrie(new MemoryState(alloc))
    .getProof(`0x${'bb'.repeat(20)}`, [1n])
    .storageProof[0].proof.at(-1) as Hex
  for (let i = 0; i < witness.state.length; i++) {
    const error = await without(damage, i)
    const other = await without(damage, i, flipped(random, witness.state[i]))
    assert.ok(error !== undefined && other !== undefined, `node ${i}`)
    const { address } = error.details
    assert.is(address === undefined, witness.state[i] === neighbour)
  }
})

witnesses('needs the code that runs', async () => {
  let needed = 0
  for (let i = 0; i < demoWitness.codes.length; i++) {
    const { codes } = demoWitness
    for (const given of [
      codes.toSpliced(i, 1),
      codes.with(i, `${codes[i].slice(0, -2)}fe` as Hex),
    ]) {
      if (given[i] === codes[i]) continue
      const state = new WitnessState({ ...demoWitness, codes: given })
      const error = await errorOf(engine.executeBlock(encoded, { state }))
      assert.is(error.code, 'STATE_MISSING_CODE')
      assert.match(error.details.address ?? '', /^0x[0-9a-f]{40}$/)
      assert.is(state.stateRoot, demoWitness.parentStateRoot)
      needed++
    }
  }
  assert.ok(needed > 0)
})

for (const [field, witness] of [
  ['witness', null],
  ['witness', 'nodes'],
  ['parentStateRoot', { state: [], codes: [] }],
  ['parentStateRoot', { ...demoWitness, parentStateRoot: '0x12' }],
  ['state', { ...demoWitness, state: undefined }],
  ['state[1]', { ...demoWitness, state: ['0xc0', '0xc'] }],
  ['state[0]', { ...demoWitness, state: ['0xzz'] }],
  ['state[0]', { ...demoWitness, state: [7] }],
  ['codes', { ...demoWitness, codes: {} }],
  ['codes[0]', { ...demoWitness, codes: [null] }],
  ['blockHashes', { ...demoWitness, blockHashes: 7 }],
  ['blockHashes[x]', { ...demoWitness, blockHashes: { x: `0x${'11'.repeat(32)}` } }],
  ['blockHashes[5]', { ...demoWitness, blockHashes: { 5: '0x11' } }],
] as const) {
  witnesses(`is refused where ${field} is wrong`, () => {
    const isRefusal = (error: unknown) =>
      error instanceof StateError &&
      error.code === ('STATE_MALFORMED' satisfies ErrorCode) &&
      error.details.field === field
    assert.throws(() => new WitnessState(witness as never), isRefusal)
  })
}

interface WitnessFile {
  readonly block: RpcBlock & { readonly stateRoot: Hex }
  readonly parentStateRoot: Hex
  readonly witness: Omit<Parts, 'parentStateRoot'>
}

function readWitness(name: string): { block: WitnessFile['block']; witness: Parts } {
  const { block, parentStateRoot, witness } = readFixture<WitnessFile>('witness_blocks', name)
  return { block, witness: { parentStateRoot, ...witness } }
}

fixtures.test('executes mainnet blocks', async () => {
  const names = fixtureNames('witness_blocks')
  assert.ok(names.length > 1)
  for (const name of names) {
    const { block, witness } = readWitness(name)
    for (const policyEngine of Object.values(engines)) {
      const state = new WitnessState(witness)
      const result = await policyEngine.executeBlock(block, { state })
      assert.is(result.stateRoot, block.stateRoot, name)
      state.commit(result)
      assert.is(state.stateRoot, block.stateRoot, name)
    }
  }
})

fixtures.test('names nodes that mainnet blocks cannot do without', async () => {
  const random = new Random(23587691)
  for (const name of fixtureNames('witness_blocks')) {
    const { block, witness } = readWitness(name)
    let needed = 0
    for (let i = 0; i < 12; i++) {
      const policyEngine = i % 6 === 0 ? engines.ahead : engine
      const damage = { block, witness, stateRoot: block.stateRoot, engine: policyEngine }
      const index = random.below(witness.state.length)
      const altered = i % 2 === 0 ? flipped(random, witness.state[index]) : undefined
      if ((await without(damage, index, altered)) !== undefined) needed++
    }
    assert.ok(needed > 2, `${needed} of 12 in ${name}`)
  }
})

witnesses.after(() => {
  for (const each of Object.values(engines)) each.close()
})

witnesses.run()
fixtures.report()
