/** The parts that the state trie is made of, each by itself: nibbles, the pool, branches, batches. */

import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isBraidError } from '../lib/errors.js'
import { keccak256 } from '../lib/native/load.js'
import { MemoryState } from '../lib/state/memory-state.js'
import {
  childOf,
  newBranch,
  onlyNibble,
  referenceAt,
  resolveChild,
  setChild,
  setReferredChild,
} from '../lib/trie/branch.js'
import { ChangeBatch, EntryFlag, largestBatch } from '../lib/trie/change-batch.js'
import { newExtension } from '../lib/trie/extension.js'
import { accountLeaf, valueLeaf } from '../lib/trie/leaf.js'
import { nibbleAt, sameKey, setNibble, sharedNibbles } from '../lib/trie/nibbles.js'
import {
  branchWords,
  extensionWords,
  hashWords,
  Kind,
  leafWords,
  NONE,
  NodePool,
  popCount,
  rootWords,
  UNRESOLVED,
} from '../lib/trie/node-pool.js'
import { StateTrie } from '../lib/trie/state-trie.js'
import { StorageTrie } from '../lib/trie/storage-trie.js'
import { type ProofLike, verifyProof } from '../lib/trie/verify-proof.js'
import { Random } from './random.js'
import { copyModel, type Model, packDifference } from './support/trie-model.js'

const parts = suite('parts of the state trie')

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

parts('nibbles are the digits of a key', () => {
  const bytes = Uint8Array.from(Buffer.from('ff0123456789abcdef', 'hex'))
  const digits = Array.from({ length: 16 }, (_, i) => nibbleAt(bytes, 1, i).toString(16)).join('')
  assert.is(digits, '0123456789abcdef')
  const [key, digitsOfKey] = [new Uint8Array(33).fill(0xff), [...'f'.repeat(66)]]
  for (const [i, nibble] of [3, 0, 15, 8, 1].entries()) {
    setNibble(key, 1, 7 + i, nibble)
    digitsOfKey[2 + 7 + i] = nibble.toString(16)
    assert.is(hex(key), digitsOfKey.join(''))
  }
})

parts('keys share nibbles up to where they differ, or to the limit', () => {
  const random = new Random(1)
  for (let at = 0; at < 64; at++) {
    const a = random.bytes(34)
    const b = Uint8Array.of(7, ...a.subarray(2))
    setNibble(b, 1, at, nibbleAt(a, 2, at) ^ 1)
    assert.is(sharedNibbles(a, 2, b, 1, 0, 64), at)
    assert.is(sharedNibbles(a, 2, b, 1, at, 64), at)
    assert.is(sharedNibbles(a, 2, b, 1, 0, at >> 1), at >> 1)
    assert.not.ok(sameKey(a, 2, b, 1))
    setNibble(b, 1, at, nibbleAt(a, 2, at))
    assert.ok(sameKey(a, 2, b, 1))
    assert.is(sharedNibbles(a, 2, b, 1, 3, 64), 64)
  }
})

parts('bits are counted', () => {
  for (let mask = 0; mask < 65536; mask++) {
    if (popCount(mask) !== mask.toString(2).replaceAll('0', '').length)
      assert.unreachable(`${mask}`)
  }
})

/** A leaf whose value fills so many bytes. */
const leafOf = (pool: NodePool, size: number): number =>
  valueLeaf(pool, NONE, new Uint8Array(size).fill(size), 0, size)

parts('a record that is given back is the next of its size', () => {
  const pool = new NodePool(16)
  const [small, large, other] = [leafOf(pool, 4), leafOf(pool, 32), leafOf(pool, 3)]
  assert.is(leafWords(3), leafWords(4))
  assert.is(leafWords(5), leafWords(4) + 1)
  assert.is(pool.usedBytes, 4 * (1 + leafWords(4) + leafWords(32) + leafWords(3)))
  pool.release(small)
  pool.release(other)
  const used = pool.usedBytes
  assert.is(leafOf(pool, 1), other)
  assert.is(leafOf(pool, 2), small)
  assert.is(pool.usedBytes, used)
  pool.release(large)
  const extension = newExtension(pool, 5, small, new Uint8Array(32), 0)
  assert.ok(extension !== large)
  assert.is(pool.usedBytes, used + 4 * extensionWords)
  assert.is(leafOf(pool, 29), large)
})

parts('a pool that grows keeps what is in it', () => {
  const pool = new NodePool(1)
  const leaves = Array.from({ length: 400 }, (_, i) => leafOf(pool, 1 + (i % 60)))
  for (const [i, leaf] of leaves.entries()) {
    const size = 1 + (i % 60)
    assert.is(pool.sizeOf(leaf), leafWords(size))
    assert.is(pool.bytes[(leaf + 9) * 4 + size - 1], size)
  }
  assert.is(pool.byteLength, pool.words.length * 4)
  assert.ok(pool.usedBytes <= pool.byteLength)
  assert.ok(pool.byteLength < 2 * pool.usedBytes)
})

parts('a tree that is given back leaves nothing', () => {
  const pool = new NodePool()
  const grow = (): number => {
    let branch = newBranch(pool)
    for (const nibble of [0, 3, 9, 15])
      branch = setChild(pool, branch, nibble, leafOf(pool, nibble + 1))
    branch = setChild(pool, branch, 4, UNRESOLVED)
    let top = newBranch(pool)
    top = setChild(pool, top, 1, newExtension(pool, 7, branch, new Uint8Array(32), 0))
    return setChild(pool, top, 2, leafOf(pool, 40))
  }
  pool.releaseTree(grow())
  const { usedBytes } = pool
  for (let i = 0; i < 5; i++) pool.releaseTree(grow())
  assert.is(pool.usedBytes, usedBytes)
  pool.releaseTree(NONE)
  pool.releaseTree(UNRESOLVED)
  // Nothing was given back, which would be taken for room.
  const other = new NodePool()
  const kept = leafOf(other, 4)
  other.releaseTree(NONE)
  assert.is(other.kindOf(kept), Kind.Leaf)
  const root = pool.allocate(rootWords)
  assert.ok(root !== NONE && root !== UNRESOLVED)
})

parts('an account is given back with its storage', () => {
  const pool = new NodePool()
  const value = {
    bytes: new Uint8Array(64).fill(7),
    nonceAt: 0,
    nonceSize: 2,
    balanceAt: 2,
    balanceSize: 9,
    codeHashAt: 32,
  }
  const grow = (storage: number) => accountLeaf(pool, NONE, value, storage)
  pool.releaseTree(grow(leafOf(pool, 20)))
  pool.releaseTree(grow(NONE))
  const { usedBytes } = pool
  for (let i = 0; i < 5; i++) {
    pool.releaseTree(grow(leafOf(pool, 20)))
    pool.releaseTree(grow(NONE))
    pool.releaseTree(grow(UNRESOLVED))
  }
  assert.is(pool.usedBytes, usedBytes)
  const root = pool.allocate(rootWords)
  pool.words.fill(0, root, root + rootWords)
  pool.words[root] = Kind.Root
  assert.is(pool.sizeOf(root), rootWords)
  assert.ok(root < pool.words.length)
})

parts('a copy of a pool is another one, and can be gone back to', () => {
  const pool = new NodePool()
  const [first, second] = [leafOf(pool, 8), leafOf(pool, 8)]
  pool.release(first)
  const copy = pool.clone()
  const { usedBytes } = pool
  assert.is(copy.usedBytes, usedBytes)
  assert.is(leafOf(pool, 5), first)
  leafOf(pool, 5)
  pool.bytes[(second + 9) * 4] = 77
  assert.is(copy.usedBytes, usedBytes)
  assert.is(copy.bytes[(second + 9) * 4], 8)
  pool.assign(copy)
  assert.is(pool.usedBytes, usedBytes)
  assert.is(pool.bytes[(second + 9) * 4], 8)
  assert.is(leafOf(pool, 7), first)
  // The copy's free records are its own.
  assert.is(leafOf(copy, 6), first)
})

parts('branches hold what was put into them', () => {
  const pool = new NodePool(64)
  const random = new Random(3)
  const reference = (seed: number) => new Uint32Array(hashWords).fill(seed)
  for (let round = 0; round < 40; round++) {
    let branch = newBranch(pool)
    const children = new Map<number, { child: number; reference?: number; isInline: boolean }>()
    for (let step = 0; step < 60; step++) {
      const nibble = random.below(16)
      const child = 1 + random.below(1000)
      const kind = random.below(4)
      if (kind === 0) {
        branch = setChild(pool, branch, nibble, NONE)
        children.delete(nibble)
      } else if (kind === 1) {
        branch = setChild(pool, branch, nibble, child)
        const isInline = children.get(nibble)?.isInline ?? false
        children.set(nibble, { child, isInline })
      } else if (kind === 2 && children.has(nibble)) {
        resolveChild(pool, branch, nibble, child)
        children.set(nibble, { ...children.get(nibble)!, child })
      } else if (!children.get(nibble)?.isInline) {
        const isInline = random.below(2) === 0
        branch = setReferredChild(pool, branch, nibble, child, reference(step + 1), isInline)
        children.set(nibble, { child, reference: step + 1, isInline })
      }
      let rank = 0
      const [head, mask] = [pool.words[branch], pool.words[branch + 1]]
      assert.ok(((head >>> 8) & 31) >= children.size && ((head >>> 8) & 31) <= 16)
      assert.is(pool.sizeOf(branch), branchWords((head >>> 8) & 31))
      for (let each = 0; each < 16; each++) {
        const expected = children.get(each)
        assert.is(childOf(pool, branch, each), expected?.child ?? NONE)
        assert.is((mask >>> each) & 1, expected === undefined ? 0 : 1)
        const isDirty = expected !== undefined && expected.reference === undefined
        assert.is((head >>> (16 + each)) & 1, isDirty ? 1 : 0)
        assert.is((mask >>> (16 + each)) & 1, expected?.isInline ? 1 : 0)
        if (expected === undefined) continue
        const at = referenceAt(pool, branch, rank++)
        if (expected.reference === undefined) continue
        assert.equal(pool.words.slice(at, at + hashWords), reference(expected.reference))
      }
      const [only] = children.keys()
      assert.is(onlyNibble(pool, branch), children.size === 1 ? only : -1)
    }
    pool.release(branch)
  }
})

const noFields = { nonce: 0, balance: 0, codeHash: 0 }

parts('numbers become RLP, and zero a removal', () => {
  const numbers = [
    0n,
    1n,
    0x7fn,
    0x80n,
    0xffn,
    0x100n,
    1n << 128n,
    (1n << 248n) - 1n,
    (1n << 256n) - 1n,
  ]
  const source = Buffer.concat(
    numbers.map((number) => Buffer.from(number.toString(16).padStart(64, '0'), 'hex')),
  )
  const batch = new ChangeBatch(0, numbers.length, source, noFields)
  for (const [i] of numbers.entries()) batch.setNumber(i, 32 * i)
  for (const [i, number] of numbers.entries()) {
    assert.is(batch.flags[i], number === 0n ? EntryFlag.Remove : 0)
    if (number === 0n) continue
    const value = batch.values.subarray(batch.valueAt[i], batch.valueAt[i] + batch.valueSize[i])
    assert.is(hex(value), hex(RLP.encode(number)))
  }
})

parts('values of any size find room', () => {
  const sizes = [1, 200, 0, 3, 500, 34]
  const batch = new ChangeBatch(0, sizes.length, new Uint8Array(0), noFields)
  for (const [i, size] of sizes.entries()) batch.setValue(i, new Uint8Array(size).fill(i + 1))
  for (const [i, size] of sizes.entries()) {
    const value = batch.values.subarray(batch.valueAt[i], batch.valueAt[i] + batch.valueSize[i])
    assert.equal([...value], new Array(size).fill(i + 1))
  }
})

parts('entries are sorted by their keys, however many they are', () => {
  const random = new Random(9)
  for (const count of [0, 1, 2, 16, 17, 18, 100, 1000]) {
    const batch = new ChangeBatch(0, count + 4, new Uint8Array(0), noFields)
    for (let i = 0; i < count + 4; i++) {
      // Some begin with the same 32 bits; the highest bit is set in others.
      const key = random.bytes(32)
      if (i % 3 === 0) key.fill(0x80, 0, 4)
      batch.keys.set(key, 32 * i)
    }
    batch.sortRange(2, count + 2)
    const order = [...batch.order]
    assert.equal(order.slice(0, 2), [0, 1])
    assert.equal(order.slice(-2), [count + 2, count + 3])
    const keys = order.slice(2, -2).map((i) => hex(batch.keys.subarray(32 * i, 32 * i + 32)))
    assert.equal(keys, [...keys].sort())
    assert.is(new Set(order).size, count + 4)
  }
})

parts('a batch has its limit', () => {
  assert.is(largestBatch, 2_097_152)
  assert.throws(() => new ChangeBatch(1, largestBatch, new Uint8Array(0), noFields), RangeError)
})

const account = `0x${'a1'.repeat(20)}` as const
const trie = new StateTrie(
  new MemoryState({
    [account]: {
      balance: 77n,
      nonce: 3n,
      storage: { '0x1': '0x05', '0x2': `0x${'ff'.repeat(32)}` },
    },
    [`0x${'b2'.repeat(20)}`]: { balance: 1n },
  }),
)
const proof = trie.getProof(account, [1n, 2n, 3n])

parts('a proof tells which of its fields is wrong', () => {
  const [first, ...rest] = proof.storageProof
  const wrong = `0x${'12'.repeat(32)}` as const
  const cases: readonly [field: string, change: object][] = [
    ['nonce', { nonce: 4n }],
    ['balance', { balance: '0x4e' }],
    ['storageHash', { storageHash: wrong }],
    ['codeHash', { codeHash: wrong }],
    ['codeHash', { codeHash: `0x${'00'.repeat(32)}` }],
    ['nonce', { nonce: -1n }],
    ['nonce', { nonce: 1.5 }],
    ['nonce', { nonce: '3' }],
    ['nonce', { nonce: '0x' }],
    ['balance', { balance: 1n << 256n }],
    ['balance', { balance: null }],
    ['accountProof', { accountProof: [...proof.accountProof, wrong] }],
    ['storageProof[0].value', { storageProof: [{ ...first, value: 6n }, ...rest] }],
    ['value', { storageProof: [{ ...first, value: 'many' }, ...rest] }],
    ['key', { storageProof: [{ ...first, key: `0x${'1'.repeat(65)}` }, ...rest] }],
    [
      'storageProof[0].proof',
      { storageProof: [{ ...first, proof: [...first.proof, wrong] }, ...rest] },
    ],
    [
      'storageProof[2]',
      { storageProof: [...proof.storageProof.slice(0, 2), { ...rest[1], proof: [] }] },
    ],
    ['accountProof', { accountProof: proof.accountProof.slice(0, -1) }],
    ['proof', { storageProof: undefined }],
  ]
  for (const [field, change] of cases) {
    assert.throws(
      () => verifyProof(trie.root, { ...proof, ...change } as ProofLike),
      (error: unknown) => {
        assert.ok(isBraidError(error, 'PROOF_INVALID'), `${field}: ${error}`)
        assert.is(error.details.field, field)
        return true
      },
    )
  }
})

parts('a proof that lacks a node or has none tells which, and why', () => {
  const told = (change: object, root: unknown = trie.root) => {
    try {
      verifyProof(root as never, { ...proof, ...change } as ProofLike)
    } catch (error) {
      if (!isBraidError(error)) throw error
      const { field, hash } = error.details
      const { cause } = error
      assert.is('hash' in error.details, hash !== undefined)
      return [error.code, field, hash, isBraidError(cause) ? cause.details.field : undefined]
    }
    return []
  }
  const invalid = 'PROOF_INVALID'
  assert.equal(told({}), [])
  assert.equal(told({}, '0x12'), ['OPTION_INVALID', 'root', undefined, undefined])
  assert.equal(told({ address: '0x12' }), [invalid, 'proof', undefined, 'address'])
  assert.equal(told({ accountProof: [] }), [invalid, 'accountProof', trie.root, undefined])
  const [first] = proof.accountProof
  assert.equal(told({ accountProof: [first, '0xzz'] }), [
    invalid,
    'accountProof',
    undefined,
    'accountProof[1]',
  ])
  const [slot, ...rest] = proof.storageProof
  const withProof = (nodes: unknown) => ({ storageProof: [{ ...slot, proof: nodes }, ...rest] })
  const place = 'storageProof[0]'
  assert.equal(told(withProof([])), [invalid, place, proof.storageHash, undefined])
  assert.equal(told(withProof(['0xzz'])), [invalid, place, undefined, `${place}.proof[0]`])
})

parts('a trie says how large it is, and a copy keeps as many steps as it', () => {
  const state = new MemoryState({ [account]: { balance: 5n } })
  for (const history of [0, 2]) {
    const ours = new StateTrie(state, { history })
    assert.ok(ours.byteLength > 100)
    assert.throws(
      () => ours.revert(),
      (error: unknown) =>
        isBraidError(error, 'STATE_UNAVAILABLE') && error.details.field === 'history',
    )
    const copy = ours.clone()
    let model: Model = new Map()
    for (let i = 0; i < 3; i++) {
      const next = copyModel(model)
      next.set('cc'.repeat(20), {
        nonce: BigInt(i),
        balance: 1n,
        codeHash: hex(keccak256(new Uint8Array(0))),
        storage: new Map(),
        cleared: false,
      })
      copy.update(packDifference(model, next))
      model = next
    }
    assert.is(copy.undoable, history)
    assert.is(ours.undoable, 0)
  }
  const storage = new StorageTrie()
  assert.ok(storage.byteLength > 0)
  for (const [call, field] of [
    [() => trie.getStorageByHash('0x12', new Uint8Array(32)), 'addressHash'],
    [() => trie.getStorageByHash(new Uint8Array(32), '0x12'), 'slotHash'],
  ] as const) {
    assert.throws(
      call,
      (error: unknown) => isBraidError(error, 'OPTION_INVALID') && error.details.field === field,
    )
  }
})

parts('a proof may have its numbers in any form, and its hashes in capitals', () => {
  const upper = (text: string) => `0x${text.slice(2).toUpperCase()}` as const
  verifyProof(trie.root, {
    ...proof,
    nonce: 3,
    balance: '0x4d',
    codeHash: upper(proof.codeHash),
    storageHash: upper(proof.storageHash),
    storageProof: proof.storageProof.map(({ key, value, proof: nodes }) => ({
      key: BigInt(key),
      value: `0x${value.toString(16)}` as const,
      proof: nodes,
    })),
  })
  const largest = { ...proof, storageProof: [{ ...proof.storageProof[0], key: 1 }] }
  verifyProof(trie.root, largest)
})

parts('slots and addresses come in every form that is unambiguous', () => {
  const five = `0x${'05'.padStart(64, '0')}`
  const word = Buffer.from('01'.padStart(64, '0'), 'hex')
  for (const slot of [1n, '0x1', '0x01', word] as const) {
    assert.is(trie.getStorage(account, slot), five)
    assert.is(trie.getStorage(Buffer.from('a1'.repeat(20), 'hex'), slot), five)
  }
  const last = (1n << 256n) - 1n
  assert.is(BigInt(trie.getStorage(account, last)), 0n)
  assert.is(BigInt(trie.getStorage(`0x${'cc'.repeat(20)}`, 1n)), 0n)
  assert.is(BigInt(trie.getStorage(`0x${'b2'.repeat(20)}`, 1n)), 0n)
  const refused: readonly [field: string, call: () => unknown][] = [
    ['slot', () => trie.getStorage(account, -1n)],
    ['slot', () => trie.getStorage(account, 1n << 256n)],
    ['slot', () => trie.getStorage(account, '0x')],
    ['slot', () => trie.getStorage(account, `0x${'0'.repeat(65)}`)],
    ['slot', () => trie.getStorage(account, ' 0x1' as never)],
    ['slot', () => trie.getStorage(account, '0x1g' as never)],
    ['slot', () => trie.getStorage(account, 1 as never)],
    ['slot', () => trie.getStorage(account, new Uint8Array(33))],
    ['address', () => trie.getStorage(`${account}00`, 1n)],
    ['address', () => trie.getAccount('0xa1a' as never)],
    ['address', () => trie.getAccount(new Uint8Array(19))],
    ['address', () => trie.getProof(`0x${'a1'.repeat(21)}`)],
    ['slots', () => trie.getProof(account, 1n as never)],
    ['addressHash', () => trie.getAccountByHash(account)],
    ['slotHash', () => trie.getStorageByHash(`0x${'00'.repeat(32)}`, '0x1')],
    ['root', () => StateTrie.fromWitness({ root: new Uint8Array(31), nodes: [] })],
    ['nodes', () => StateTrie.fromWitness({ root: new Uint8Array(32), nodes: 5 as never })],
    [
      'nodes[1]',
      () => StateTrie.fromWitness({ root: new Uint8Array(32), nodes: ['0x00', '0x0' as never] }),
    ],
    ['witness', () => StateTrie.fromWitness(undefined as never)],
    ['state', () => new StateTrie({ native: {} } as never)],
  ]
  for (const [field, call] of refused) {
    assert.throws(call, (error: unknown) => {
      assert.ok(isBraidError(error, 'OPTION_INVALID'), `${field}: ${error}`)
      assert.is(error.details.field, field)
      return true
    })
  }
})

parts('a proof may list the root of the empty trie, and nodes that are part of others', () => {
  const { storageProof: _, ...rest } = trie.getProof(`0x${'b2'.repeat(20)}`)
  const slot = (proof: readonly string[]) => ({
    ...rest,
    storageProof: [{ key: 1, value: 0, proof }],
  })
  const refused = (given: object) =>
    assert.throws(
      () => verifyProof(trie.root, given as ProofLike),
      (error: unknown) => isBraidError(error, 'PROOF_INVALID'),
    )
  verifyProof(trie.root, slot([]) as ProofLike)
  verifyProof(trie.root, slot(['0x80']) as ProofLike)
  refused(slot(['0x81']))
  refused(slot(['0x80', '0x81']))
  // The root of the empty trie is none of a trie that is not empty.
  refused({ ...proof, accountProof: ['0x80', ...proof.accountProof] })
  const [first, ...others] = proof.accountProof
  const part = `0x${first.slice(-20)}`
  verifyProof(trie.root, { ...proof, accountProof: [first, part, ...others] } as ProofLike)
  verifyProof(trie.root, {
    ...proof,
    accountProof: [first, `${first.slice(0, 20)}`, ...others],
  } as ProofLike)
  refused({ ...proof, accountProof: [first, '0x0102030405', ...others] })
  refused({ ...proof, accountProof: [first, first, ...others] })
})

const holder = `0x${'d5'.repeat(20)}`
const slots = Object.fromEntries(
  Array.from({ length: 200 }, (_, i) => [`0x${i.toString(16)}`, i + 1]),
)

/** A state whose one account goes and comes back, as packed differences. */
function goAndCome() {
  const storage = new Map(
    Object.entries(slots).map(([key, value]): [string, bigint] => [
      key.slice(2).padStart(64, '0'),
      BigInt(value),
    ]),
  )
  const codeHash = 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
  const full: Model = new Map([
    [holder.slice(2), { nonce: 1n, balance: 5n, codeHash, storage, cleared: false }],
  ])
  const empty: Model = new Map()
  return { gone: packDifference(full, empty), back: packDifference(empty, copyModel(full)) }
}

for (const history of [0, 1]) {
  parts(`an update is dropped or kept, history ${history}`, () => {
    const { gone, back } = goAndCome()
    const state = new MemoryState({ [holder]: { nonce: 1n, balance: 5n, storage: slots } })
    const ours = new StateTrie(state, { history })
    const { root } = ours
    const emptyRoot = new StateTrie().root
    const dropped = ours.attempt(gone)
    assert.is(dropped.root(), emptyRoot)
    dropped.drop()
    assert.is(ours.root, root)
    assert.is(ours.undoable, 0)
    assert.is(BigInt(ours.getStorage(holder as never, 5n)), 6n)
    let size = 0
    for (let i = 0; i < 12; i++) {
      const leaving = ours.attempt(gone)
      assert.is(leaving.root(), emptyRoot)
      leaving.keep()
      assert.is(ours.undoable, history)
      ours.attempt(back).keep()
      assert.is(ours.root, root)
      // What nobody can bring back any more is given back.
      if (i === 3) size = ours.nodes.store.pool.usedBytes
    }
    assert.is(ours.nodes.store.pool.usedBytes, size)
    if (history === 0) return
    ours.revert()
    assert.is(ours.root, emptyRoot)
  })
}

parts.run()
