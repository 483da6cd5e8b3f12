/** Proofs: made here and judged by @ethereumjs/mpt, made there and judged here, altered ones. */

import { createMerkleProof, verifyMerkleProof } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isBraidError, ProofError } from '../lib/errors.js'
import { bytesToHex, type Hex } from '../lib/hex/index.js'
import { MemoryState } from '../lib/state/memory-state.js'
import { StateTrie } from '../lib/trie/state-trie.js'
import { type ProofLike, verifyProof } from '../lib/trie/verify-proof.js'
import { Random } from './random.js'
import { rounds } from './support/rounds.js'
import {
  addressOf,
  allocOf,
  type Model,
  mptOf,
  noCode,
  randomChanges,
  storageMptOf,
} from './support/trie-model.js'

const proofs = suite('state-trie-proof')

const bytes = (hex: string) => Buffer.from(hex.slice(2), 'hex')

function makeModel(seed: number, size: number): Model {
  const random = new Random(seed)
  const model: Model = new Map()
  for (let i = 0; i < size; i++) randomChanges(random, model, size)
  return model
}

/** Every account, with its slots and some that are empty, and some accounts that do not exist. */
function* proofsOf(model: Model, trie: StateTrie) {
  for (const [address, { storage }] of model) {
    const slots = [...[...storage.keys()].map((key): Hex => `0x${key}`), 77n, '0x5' as const]
    yield trie.getProof(`0x${address}`, slots)
  }
  for (let i = 1000; i < 1010; i++) yield trie.getProof(`0x${addressOf(i)}`, [1n])
}

proofs('gives proofs that others accept', async () => {
  const model = makeModel(5, 60)
  const trie = new StateTrie(new MemoryState(allocOf(model)))
  const root = bytes(trie.root)
  for (const proof of proofsOf(model, trie)) {
    const { address, nonce, balance, storageHash, codeHash } = proof
    const nodes = proof.accountProof.map(bytes)
    const found = await verifyMerkleProof(bytes(address), nodes, { root, useKeyHashing: true })
    const account = model.get(address.slice(2))
    if (account === undefined) {
      assert.is(found, null)
    } else {
      const fields = [nonce, balance, bytes(storageHash), bytes(codeHash)]
      assert.equal(Buffer.from(found!), Buffer.from(RLP.encode(fields)))
      assert.is(nonce, account.nonce)
      assert.is(balance, account.balance)
    }
    for (const { key, value, proof: slotNodes } of proof.storageProof) {
      assert.is(value, account?.storage.get(key.slice(2)) ?? 0n)
      if (slotNodes.length === 0) continue
      const root = bytes(storageHash)
      const options = { root, useKeyHashing: true }
      const leaf = await verifyMerkleProof(bytes(key), slotNodes.map(bytes), options)
      if (value === 0n) assert.is(leaf, null)
      else assert.equal(Buffer.from(leaf!), Buffer.from(RLP.encode(value)))
    }
  }
})

proofs('accepts its own proofs', () => {
  const model = makeModel(6, 60)
  const trie = new StateTrie(new MemoryState(allocOf(model)))
  for (const proof of proofsOf(model, trie)) verifyProof(trie.root, proof)
  const empty = new StateTrie()
  verifyProof(empty.root, empty.getProof(`0x${addressOf(1)}`, [1n]))
})

proofs('accepts proofs of others', async () => {
  const model = makeModel(7, 40)
  const mpt = await mptOf(model)
  const root = bytesToHex(mpt.root())
  for (let i = 0; i < 60; i++) {
    const address = addressOf(i)
    const account = model.get(address)
    const storage = await storageMptOf(account?.storage ?? new Map())
    const accountProof = await createMerkleProof(mpt, Buffer.from(address, 'hex'))
    const keys = ['0x0', '0x3', '0x14', '0xffff'] as const
    const storageProof = await Promise.all(
      keys.map(async (key) => {
        const padded = key.slice(2).padStart(64, '0')
        const nodes = await createMerkleProof(storage, Buffer.from(padded, 'hex'))
        const value = `0x${(account?.storage.get(padded) ?? 0n).toString(16)}` as const
        return { key, value, proof: nodes.map(bytesToHex) }
      }),
    )
    // As JSON-RPC gives it.
    verifyProof(root, {
      address: `0x${address}`,
      accountProof: accountProof.map(bytesToHex),
      balance: `0x${(account?.balance ?? 0n).toString(16)}`,
      nonce: `0x${(account?.nonce ?? 0n).toString(16)}`,
      codeHash: account === undefined ? `0x${'00'.repeat(32)}` : `0x${account.codeHash}`,
      storageHash: bytesToHex(storage.root()),
      storageProof,
    })
  }
  assert.is(noCode.length, 64)
})

proofs('lists the nodes that others list', async () => {
  const many = rounds(2000, 100)
  const account = { nonce: 1n, balance: 1n, codeHash: noCode, storage: new Map(), cleared: false }
  const model: Model = new Map(Array.from({ length: many }, (_, i) => [addressOf(i), account]))
  const trie = new StateTrie(new MemoryState(allocOf(model)))
  const mpt = await mptOf(model)
  for (let i = many - many / 4; i < many + many / 4; i++) {
    const theirs = await createMerkleProof(mpt, Buffer.from(addressOf(i), 'hex'))
    assert.equal(trie.getProof(`0x${addressOf(i)}`).accountProof, theirs.map(bytesToHex))
  }
})

/** Fails unless the proof is refused in the right way. */
function assertRefused(root: Hex, proof: ProofLike, what: string): void {
  assert.throws(
    () => verifyProof(root, proof),
    (error: unknown) => error instanceof ProofError && isBraidError(error, 'PROOF_INVALID'),
    what,
  )
}

proofs('refuses every altered proof', () => {
  const random = new Random(11)
  const model = makeModel(8, rounds(60, 20))
  const trie = new StateTrie(new MemoryState(allocOf(model)))
  const { root } = trie
  const flip = (hex: Hex): Hex => {
    const altered = bytes(hex)
    altered[random.below(altered.length)] ^= 1 << random.below(8)
    return bytesToHex(altered)
  }
  let tried = 0
  for (const proof of proofsOf(model, trie)) {
    const { accountProof, storageProof } = proof
    const alterations: [string, Partial<ProofLike>][] = [
      ['the balance', { balance: proof.balance + 1n }],
      ['the nonce', { nonce: proof.nonce + 1n }],
      ['the code hash', { codeHash: flip(proof.codeHash) }],
      ['the storage hash', { storageHash: flip(proof.storageHash) }],
      ['a node less', { accountProof: accountProof.slice(0, -1) }],
      ['a node twice', { accountProof: [...accountProof, accountProof[0]] }],
      ['a foreign node', { accountProof: [...accountProof, bytesToHex(random.bytes(40))] }],
      ['no object', { accountProof: undefined as never }],
      ['a node that is no hex', { accountProof: ['0xzz'] }],
      ['another address', { address: flip(proof.address) }],
    ]
    for (let i = 0; i < accountProof.length; i++) {
      alterations.push([
        `account node ${i}`,
        { accountProof: accountProof.with(i, flip(accountProof[i])) },
      ])
    }
    for (let i = 0; i < storageProof.length; i++) {
      const slot = storageProof[i]
      const change = (altered: Partial<typeof slot>) => ({
        storageProof: storageProof.with(i, { ...slot, ...altered }),
      })
      alterations.push([`value ${i}`, change({ value: slot.value + 1n })])
      if (slot.proof.length === 0) continue
      alterations.push([`no nodes ${i}`, change({ proof: [] })])
      const at = random.below(slot.proof.length)
      const altered = slot.proof.with(at, flip(slot.proof[at]))
      alterations.push([`storage node ${i}`, change({ proof: altered })])
    }
    for (const [what, alteration] of alterations) {
      // The path of another address may be this one's, where neither exists.
      if (what === 'another address' && !model.has(proof.address.slice(2))) continue
      assertRefused(root, { ...proof, ...alteration }, `${what} of ${proof.address}`)
      tried++
    }
    assertRefused(flip(root), proof, 'another root')
  }
  assert.ok(tried > rounds(500, 150), `${tried}`)
})

proofs('of absent accounts may name hashes of zeros, those of others not', () => {
  const address: Hex = `0x${'aa'.repeat(20)}`
  const trie = new StateTrie(new MemoryState({ [address]: { balance: 1n } }))
  const zero: Hex = `0x${'00'.repeat(32)}`
  const zeroed = (at: Hex): ProofLike => {
    const proof = trie.getProof(at, [1n])
    return { ...proof, codeHash: zero, storageHash: zero }
  }
  verifyProof(trie.root, zeroed(`0x${'bb'.repeat(20)}`))
  assert.throws(
    () => verifyProof(trie.root, zeroed(address)),
    (error: unknown) => isBraidError(error, 'PROOF_INVALID'),
  )
})

proofs.run()
