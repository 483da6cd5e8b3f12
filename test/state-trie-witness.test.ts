/** Tries of which only some nodes are there. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ErrorCode } from '../lib/error-codes.js'
import { isBraidError, StateError } from '../lib/errors.js'
import { bytesToHex, type Hex } from '../lib/hex/index.js'
import { keccak256 } from '../lib/native/load.js'
import { MemoryState } from '../lib/state/memory-state.js'
import { StateTrie } from '../lib/trie/state-trie.js'
import { fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { mutateBytes, Random } from './random.js'
import { rounds } from './support/rounds.js'
import {
  allocOf,
  copyModel,
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
    const hash = bytesToHex(keccak256(bytes(nodes[i])))
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
    const hash = bytesToHex(keccak256(node))
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

const list = (...items: string[]) => `${headOf(0xc0, items.join(''))}${items.join('')}`
const text = (content: string) => `${headOf(0x80, content)}${content}`

/** The header of a list or of a string of two bytes or more. */
function headOf(base: number, payload: string): string {
  const size = payload.length / 2
  if (size < 56) return (base + size).toString(16)
  const digits = size.toString(16).padStart(size > 255 ? 4 : 2, '0')
  return `${(base + 55 + digits.length / 2).toString(16)}${digits}`
}

const hashItem = `a0${'11'.repeat(32)}`
const leafPath = `a120${'00'.repeat(32)}`
const account = list('80', '80', hashItem, hashItem)
const branch = (...children: string[]) =>
  list(...children, ...Array(17 - children.length).fill('80'))

/** Nodes that are none, and what is found wrong: the form that was expected, or the code of RLP's error. */
const malformed: readonly (readonly [name: string, node: string, found: string])[] = [
  ['three items', list('80', '80', '80'), '17 or 2 items'],
  ['something behind the node', `${branch(hashItem, hashItem)}80`, 'DECODE_RLP_TRAILING node'],
  ['a branch with a value', list(...Array(16).fill(hashItem), '01'), 'no value in a branch'],
  ['a branch with one child', branch(hashItem), 'two children or more'],
  ['a branch with a byte in a string', branch(hashItem, '8111'), 'DECODE_RLP_NON_CANONICAL node'],
  ['a branch with a hash of one byte', branch(hashItem, '8191'), 'a hash of 32 bytes'],
  ['a branch with a hash of 31 bytes', branch(text('11'.repeat(31))), 'a hash of 32 bytes'],
  ['a large node in a branch', branch(list(leafPath, '01')), 'a hash instead of a node'],
  ['an extension without nibbles', list('00', hashItem), 'an extension above a branch'],
  ['an extension without a child', list('11', '80'), 'a child'],
  [
    'an extension to the end',
    list(`a100${'00'.repeat(32)}`, hashItem),
    'an extension above a branch',
  ],
  ['an extension above a leaf in it', list('10', list('20', '01')), 'a path of 64 nibbles'],
  ['a path of no bytes', list('80', hashItem), 'a path'],
  ['a path with unknown flags', list('41', hashItem), 'a hex-prefix path'],
  ['a path with a nibble as padding', list('822111', hashItem), 'a hex-prefix path'],
  ['a path with padding that is not zero', list('01', hashItem), 'a hex-prefix path'],
  ['a leaf with a short key', list('8220aa', text(account)), 'a path of 64 nibbles'],
  ['a leaf with a long key', list(`a220${'00'.repeat(33)}`, '80'), 'a path of at most 64 nibbles'],
  ['an account that is no list', list(leafPath, '05'), 'DECODE_FIELD_TYPE account'],
  [
    'an account with a leading zero',
    list(leafPath, text(list('00', '80', hashItem, hashItem))),
    'DECODE_LEADING_ZERO nonce',
  ],
  [
    'an account with a short hash',
    list(leafPath, text(list('80', '80', hashItem, '80'))),
    'DECODE_FIELD_SIZE codeHash',
  ],
  ['an account and more', list(leafPath, text(`${account}80`)), 'DECODE_RLP_TRAILING account'],
]

/** What was found wrong with a node. */
function foundBy(look: () => unknown): string {
  try {
    look()
  } catch (error) {
    const { cause } = error as Error
    if (!isBraidError(cause)) return String(cause)
    if (cause.code === 'STATE_NODE_INVALID') return String(cause.details.expected)
    return `${cause.code} ${cause.details.field}`
  }
  return 'nothing'
}

for (const [name, node, found] of malformed) {
  witness(`refuses ${name}`, () => {
    const encoded = bytes(`0x${node}`)
    const root = bytesToHex(keccak256(encoded))
    const partial = StateTrie.fromWitness({ root, nodes: [encoded] })
    const look = () => partial.getAccountByHash(`0x${'00'.repeat(32)}`)
    assert.is(failsWith('STATE_NODE_INVALID', look), root)
    assert.is(foundBy(look), found)
  })
}

witness('takes a string for no node', () => {
  assert.is(bytesToHex(keccak256(bytes('0x80'))), new StateTrie().root)
})

/** What is found wrong with a node of an account's storage, or with one below it. */
function foundInStorage(node: string, below = '80'): string {
  const storage = bytes(`0x${node}`)
  const storageHash = bytesToHex(keccak256(storage)).slice(2)
  const noCode = bytesToHex(keccak256(new Uint8Array(0))).slice(2)
  const owner = list('80', '80', `a0${storageHash}`, `a0${noCode}`)
  const leaf = bytes(`0x${list(leafPath, text(owner))}`)
  const root = bytesToHex(keccak256(leaf))
  const trie = StateTrie.fromWitness({ root, nodes: [leaf, storage, bytes(`0x${below}`)] })
  const zero = `0x${'00'.repeat(32)}` as const
  return foundBy(() => trie.getStorageByHash(zero, zero))
}

for (const [name, node, found] of [
  ['a value', list(leafPath, '05'), 'nothing'],
  ['a value of 32 bytes', list(leafPath, text(text('ff'.repeat(32)))), 'nothing'],
  ['a value of zero', list(leafPath, '8180'), 'a value that is not zero'],
  ['a value with a leading zero', list(leafPath, text('820001')), 'DECODE_LEADING_ZERO value'],
  ['a value and more', list(leafPath, '820506'), 'DECODE_RLP_TRAILING value'],
  ['no value', list(leafPath, '80'), 'DECODE_FIELD_MISSING value'],
  ['a value of 33 bytes', list(leafPath, text(text('ff'.repeat(33)))), 'DECODE_FIELD_RANGE value'],
  ['an account', list(leafPath, text(account)), 'DECODE_FIELD_TYPE value'],
] as const) {
  witness(`finds ${found} wrong with ${name} in storage`, () => {
    assert.is(foundInStorage(node), found)
  })
}

witness('refuses a branch below the last nibble, and an extension in it above a leaf', () => {
  // Extensions of 62 and 63 nibbles, with branches in them.
  const above62 = `a000${'00'.repeat(31)}`
  assert.is(foundInStorage(list(above62, branch('c23001', 'c23101'))), 'nothing')
  const longer = branch('c482200001', 'c23101')
  assert.is(foundInStorage(list(above62, longer)), 'a path of at most 64 nibbles')
  const leaves = branch('c22001', 'c22002')
  const above = `a010${'00'.repeat(31)}`
  assert.is(foundInStorage(list(above, leaves)), 'nothing')
  const tooDeep = branch('c22001', branch('c22001', 'c22002'))
  const reference = `a0${bytesToHex(keccak256(bytes(`0x${tooDeep}`))).slice(2)}`
  assert.is(foundInStorage(list(above, reference), tooDeep), 'no branch below the last nibble')
  assert.is(foundInStorage(list(above62, 'c482200001')), 'a branch')
})

witness('refuses an extension above a leaf', () => {
  const leaf = bytes(`0x${list(`a03${'0'.repeat(63)}`, text(account))}`)
  const leafHash = bytesToHex(keccak256(leaf))
  const extension = bytes(`0x${list('10', `a0${leafHash.slice(2)}`)}`)
  const root = bytesToHex(keccak256(extension))
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
    const codes = new Set(witness.codes.map((code) => bytesToHex(keccak256(bytes(code)))))
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
    assert.is(bytesToHex(keccak256(bytes(proof.accountProof[0]))), parentStateRoot)
    for (const node of proof.accountProof) assert.ok(witness.state.includes(node))
  }
})

witness.run()
fixtures.report()
