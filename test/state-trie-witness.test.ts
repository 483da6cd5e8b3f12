/** Tries of which only some nodes are there. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Hex } from '../lib/block/types.js'
import { type ErrorCode, isBraidError, StateError } from '../lib/errors.js'
import { keccak256 } from '../lib/native/load.js'
import { MemoryState } from '../lib/state/memory-state.js'
import { StateTrie } from '../lib/trie/state-trie.js'
import { fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { mutateBytes, Random } from './random.js'
import { rounds } from './support/rounds.js'
import {
  allocOf,
  copyModel,
  hexOf,
  type Model,
  packDifference,
  randomChanges,
} from './support/trie-model.js'

const witness = suite('state-trie-witness')
const fixtures = withFixtures(witness, 'state-trie-witness')

const bytes = (hex: string) => Buffer.from(hex.slice(2), 'hex')

/** All nodes that the proofs of a model's accounts and slots have. */
function nodesOf(model: Model, trie: StateTrie): Hex[] {
  const nodes = new Set<Hex>()
  for (const [address, { storage }] of model) {
    const slots = [...storage.keys()].map((key): Hex => `0x${key}`)
    const proof = trie.getProof(`0x${address}`, slots)
    for (const node of proof.accountProof) nodes.add(node)
    for (const slot of proof.storageProof) for (const node of slot.proof) nodes.add(node)
  }
  return [...nodes]
}

function failsWith(code: ErrorCode, run: () => unknown): string | undefined {
  let hash: string | undefined
  assert.throws(run, (error: unknown) => {
    if (!(error instanceof StateError)) return false
    hash = error.details.hash
    return isBraidError(error, code)
  })
  return hash
}

witness('does with nodes what the whole trie does', () => {
  for (let seed = 1; seed <= rounds(20, 3); seed++) {
    const random = new Random(seed * 31)
    let model: Model = new Map()
    for (let i = 0; i < 20; i++) randomChanges(random, model, 50)
    const whole = new StateTrie(new MemoryState(allocOf(model)))
    const partial = StateTrie.fromWitness(
      { root: whole.root, nodes: nodesOf(model, whole) },
      { history: 9 },
    )
    const { root } = whole
    assert.is(partial.root, root)
    for (let block = 0; block < 6; block++) {
      const next = copyModel(model)
      for (let i = 0; i < 3; i++) randomChanges(random, next, 50)
      const changes = packDifference(model, next)
      whole.update(changes)
      const before = partial.root
      assert.is(partial.rootAfter(changes), whole.root, `seed ${seed * 31}, block ${block}, tried`)
      assert.is(partial.root, before)
      partial.update(changes)
      assert.is(partial.root, whole.root, `seed ${seed * 31}, block ${block}`)
      model = next
    }
    while (partial.undoable > 0) partial.revert()
    assert.is(partial.root, root)
  }
})

witness('names the node that is missing, and stays as it was', () => {
  const random = new Random(77)
  const model: Model = new Map()
  for (let i = 0; i < 30; i++) randomChanges(random, model, 60)
  const whole = new StateTrie(new MemoryState(allocOf(model)))
  const nodes = nodesOf(model, whole)
  const { root } = whole
  const next = copyModel(model)
  for (let i = 0; i < 6; i++) randomChanges(random, next, 60)
  const changes = packDifference(model, next)
  whole.update(changes)
  let missed = 0
  for (let i = 0; i < nodes.length; i += rounds(1, 3)) {
    const partial = StateTrie.fromWitness({ root, nodes: nodes.toSpliced(i, 1) })
    const hash = hexOf(keccak256(bytes(nodes[i])))
    // Half of them start with everything resolved that can be.
    if (i % 2 === 0) assertReads(partial, model, hash)
    try {
      partial.update(changes)
      assert.is(partial.root, whole.root)
    } catch (error) {
      assert.ok(isBraidError(error, 'STATE_NODE_MISSING'), String(error))
      assert.is(error.details.hash, hash)
      assert.is(partial.root, root)
      assertReads(partial, model, hash)
      missed++
    }
  }
  assert.ok(missed > rounds(10, 3) && missed < nodes.length)
})

/** Checks that a trie still holds a model, but for what one missing node leads to. */
function assertReads(trie: StateTrie, model: Model, missing: string): void {
  for (const [address, account] of model) {
    try {
      assert.is(trie.getAccount(`0x${address}`)?.nonce, account.nonce)
      for (const [key, value] of account.storage) {
        assert.is(BigInt(trie.getStorage(`0x${address}`, `0x${key}`)), value)
      }
    } catch (error) {
      assert.ok(isBraidError(error, 'STATE_NODE_MISSING'), String(error))
      assert.is(error.details.hash, missing)
    }
  }
}

witness('names the node that is malformed', () => {
  const random = new Random(78)
  const model: Model = new Map()
  for (let i = 0; i < 20; i++) randomChanges(random, model, 40)
  const whole = new StateTrie(new MemoryState(allocOf(model)))
  const [address] = model.keys()
  const [rootNode] = whole.getProof(`0x${address}`).accountProof
  let malformed = 0
  for (let i = 0; i < rounds(3000, 300); i++) {
    // The altered node is found, since its own hash is taken for the root.
    const node = mutateBytes(random, bytes(rootNode))
    const hash = hexOf(keccak256(node))
    const partial = StateTrie.fromWitness({ root: hash, nodes: [node] })
    try {
      partial.getAccount(`0x${address}`)
    } catch (error) {
      assert.ok(error instanceof StateError, String(error))
      if (error.code === 'STATE_NODE_MISSING') continue
      assert.is(error.code, 'STATE_NODE_INVALID')
      assert.is(error.details.hash, hash)
      malformed++
    }
  }
  assert.ok(malformed > rounds(1000, 100))
})

const list = (...items: string[]) => {
  const payload = items.join('')
  const size = payload.length / 2
  return `${size < 56 ? (0xc0 + size).toString(16) : `f8${size.toString(16)}`}${payload}`
}
const hashItem = `a0${'11'.repeat(32)}`
const leafPath = `a120${'00'.repeat(32)}`
const account = list('80', '80', hashItem, hashItem)

for (const [name, node] of [
  ['a string', '80'],
  ['three items', list('80', '80', '80')],
  ['a branch with a value', list(...Array(16).fill(hashItem), '01')],
  ['a branch with one child', list(hashItem, ...Array(16).fill('80'))],
  ['a branch with a short hash', list(hashItem, '8111', ...Array(15).fill('80'))],
  ['an extension without nibbles', list('00', hashItem)],
  ['an extension without a child', list('11', '80')],
  ['an extension to the end of the key', list(`a100${'00'.repeat(32)}`, hashItem)],
  ['a path with unknown flags', list('41', hashItem)],
  ['a path with a nibble in place of the padding', list('822111', hashItem)],
  ['a leaf with a short key', list('8220aa', `b8${(account.length / 2).toString(16)}${account}`)],
  ['a leaf with a long key', list(`a220${'00'.repeat(33)}`, '80')],
  ['an account that is no list', list(leafPath, '83aabbcc')],
  ['an account with a leading zero', list(leafPath, `b845${list('00', '80', hashItem, hashItem)}`)],
  ['an account with a short hash', list(leafPath, `a5${list('80', '80', hashItem, '80')}`)],
] as const) {
  witness(`refuses ${name}`, () => {
    const encoded = bytes(`0x${node}`)
    const root = hexOf(keccak256(encoded))
    if (name === 'a string') return void assert.is(root, new StateTrie().root)
    const partial = StateTrie.fromWitness({ root, nodes: [encoded] })
    const look = () => partial.getAccountByHash(`0x${'00'.repeat(32)}`)
    assert.is(failsWith('STATE_NODE_INVALID', look), root)
  })
}

witness('refuses an extension above a leaf', () => {
  const leaf = bytes(
    `0x${list(`a03${'0'.repeat(63)}`, `b8${(account.length / 2).toString(16)}${account}`)}`,
  )
  const leafHash = hexOf(keccak256(leaf))
  const extension = bytes(`0x${list('10', `a0${leafHash.slice(2)}`)}`)
  const root = hexOf(keccak256(extension))
  const look = (trie: StateTrie) => trie.getAccountByHash(`0x${'00'.repeat(32)}`)
  const partial = StateTrie.fromWitness({ root, nodes: [leaf, extension] })
  assert.is(
    failsWith('STATE_NODE_INVALID', () => look(partial)),
    leafHash,
  )
  const without = StateTrie.fromWitness({ root, nodes: [extension] })
  assert.is(
    failsWith('STATE_NODE_MISSING', () => look(without)),
    leafHash,
  )
})

interface WitnessFile {
  readonly block: { readonly miner: Hex; readonly transactions: { from: Hex; to: Hex | null }[] }
  readonly parentStateRoot: Hex
  readonly witness: { readonly state: Hex[]; readonly codes: Hex[] }
}

fixtures.test('reads the witnesses of mainnet blocks', () => {
  const names = fixtureNames('witness_blocks')
  assert.ok(names.length > 1)
  for (const name of names) {
    const { block, parentStateRoot, witness } = readFixture<WitnessFile>('witness_blocks', name)
    const trie = StateTrie.fromWitness({ root: parentStateRoot, nodes: witness.state })
    assert.is(trie.root, parentStateRoot)
    const codes = new Set(witness.codes.map((code) => hexOf(keccak256(bytes(code)))))
    let contracts = 0
    for (const { from, to } of block.transactions) {
      const sender = trie.getAccount(from)
      assert.ok(sender !== undefined && sender.balance > 0n, from)
      const called = to === null ? undefined : trie.getAccount(to)
      if (called !== undefined && codes.has(called.codeHash)) contracts++
    }
    assert.ok(contracts > 0)
    // An account off the witness's paths; one in a thousand addresses would be found absent.
    const missing = failsWith('STATE_NODE_MISSING', () => {
      for (let i = 1; i < 100; i++) trie.getAccount(`0x${i.toString(16).padStart(40, '9')}`)
    })
    assert.match(missing ?? '', /^0x[0-9a-f]{64}$/)
    assert.is(trie.root, parentStateRoot)
    // What is read and written back gives the same root.
    const { address } = { address: block.transactions[0].from }
    const proof = trie.getProof(address)
    assert.is(hexOf(keccak256(bytes(proof.accountProof[0]))), parentStateRoot)
    for (const node of proof.accountProof) assert.ok(witness.state.includes(node))
  }
})

witness.run()
fixtures.report()
