import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { emptyTrieRoot } from '../lib/empty-hashes.js'
import { VmError } from '../lib/errors.js'
import {
  addressOfSecretKey,
  encodeTrieNode,
  hashTrieNodes,
  keccak256,
  keccak256Batch,
  NativeEngine,
  NativeState,
  packedListRoot,
  recoverAddresses,
  sha256,
} from '../lib/native/load.js'
import { ErrorCode, StateAccount } from '../lib/native/wire.js'
import { valueLeaf } from '../lib/trie/leaf.js'
import { NONE, NodePool } from '../lib/trie/node-pool.js'
import { deepCalls } from './support/deep-calls.js'
import { address, packBlock, packState, readOutput, withoutTimes, word } from './support/packed.js'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const text = (value: string) => Buffer.from(value, 'ascii')

const sender = address(1)
const receiver = address(2)
const looper = address(3)

/** JUMPDEST, PUSH1 0, JUMP: runs until its gas is used up. */
const endlessLoop = Buffer.from('5b600056', 'hex')

function sampleState(): NativeState {
  const state = new NativeState()
  state.load(
    packState([
      { address: sender, balance: 1000n },
      { address: looper, code: endlessLoop, codeHash: keccak256(endlessLoop) },
    ]),
  )
  return state
}

function balanceOf(state: NativeState, account: Uint8Array): bigint | null {
  const record = state.getAccount(account)
  if (record === null) return null
  return BigInt(`0x${hex(record.subarray(StateAccount.balance, StateAccount.balance + 32))}`)
}

const hashing = suite('hashing')

hashing('keccak256 and sha256 of known inputs', () => {
  // The empty string, and "abc": FIPS 180-4's example for SHA-256, the Keccak team's for Keccak.
  assert.is(
    hex(keccak256(text(''))),
    'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  )
  assert.is(
    hex(keccak256(text('abc'))),
    '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
  )
  assert.is(
    hex(sha256(text('abc'))),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})

hashing('a batch equals single hashes, at every length and across pieces', () => {
  const lengths = Array.from({ length: 700 }, (_, i) => (i * 37) % 600)
  const offsets = new Uint32Array(lengths.length + 1)
  for (const [i, length] of lengths.entries()) offsets[i + 1] = offsets[i] + length
  const pool = Uint8Array.from({ length: offsets[lengths.length] }, (_, i) => (i * i) & 255)
  const out = new Uint8Array(32 * lengths.length)
  keccak256Batch(pool, offsets, out)
  for (let i = 0; i < lengths.length; i++) {
    const single = keccak256(pool.subarray(offsets[i], offsets[i + 1]))
    assert.is(hex(out.subarray(32 * i, 32 * i + 32)), hex(single), `hash ${i}`)
  }
})

hashing('a batch refuses offsets that leave the pool, descend, or have no room for hashes', () => {
  const pool = new Uint8Array(10)
  const out = new Uint8Array(64)
  const isTypeError = (error: unknown) => error instanceof TypeError
  assert.throws(() => keccak256Batch(pool, Uint32Array.of(0, 11), out), isTypeError)
  assert.throws(() => keccak256Batch(pool, Uint32Array.of(5, 4), out), isTypeError)
  assert.throws(() => keccak256Batch(pool, Uint32Array.of(0, 1, 2, 3), out), isTypeError)
  assert.throws(() => keccak256Batch(pool, [0, 1] as unknown as Uint32Array, out), isTypeError)
  assert.throws(() => keccak256('abc' as unknown as Uint8Array), isTypeError)
})

hashing(
  'the root of a list refuses offsets that leave the pool or descend, and empty items',
  () => {
    const pool = new Uint8Array(10)
    const isTypeError = (error: unknown) => error instanceof TypeError
    for (const offsets of [
      [0, 11],
      [5, 4],
      [0, 3, 3],
      [3, 3],
    ]) {
      assert.throws(() => packedListRoot(pool, Uint32Array.from(offsets)), isTypeError)
    }
    assert.throws(() => packedListRoot(pool, [0, 1] as unknown as Uint32Array), isTypeError)
    const unused = packedListRoot(pool, Uint32Array.of(2, 5, 6))
    const moved = packedListRoot(pool.subarray(1), Uint32Array.of(0, 3, 4))
    assert.is(hex(unused), hex(moved))
    for (const none of [[], [7]]) {
      assert.is(`0x${hex(packedListRoot(pool, Uint32Array.from(none)))}`, emptyTrieRoot)
    }
  },
)

hashing('records of a trie are refused where they are none', () => {
  const isTypeError = (error: unknown) => error instanceof TypeError
  const isMalformed = (error: unknown) => (error as { code?: string }).code === 'INPUT_MALFORMED'
  const pool = new NodePool()
  const leaf = valueLeaf(pool, NONE, Uint8Array.of(1), 0, 1)
  const short = encodeTrieNode(pool.words, leaf, 62)
  // A list of the path: a leaf's, two nibbles left, both zero; and of the value.
  assert.is(hex(short), 'c482200001')
  assert.throws(() => encodeTrieNode(pool.words, leaf, 65), isMalformed)
  assert.throws(() => encodeTrieNode(pool.words, pool.words.length, 0), isMalformed)
  assert.throws(() => hashTrieNodes(pool.words, leaf), isMalformed)
  assert.throws(() => hashTrieNodes(new Uint32Array(0), 0), isMalformed)
  assert.throws(() => hashTrieNodes(pool.bytes as unknown as Uint32Array, leaf), isTypeError)
  assert.throws(() => hashTrieNodes(pool.words, 'leaf' as unknown as number), isTypeError)
})

hashing('the address of a secret key, and its refusals', () => {
  // Secret key 1: the generator of the curve is the public key.
  assert.is(hex(addressOfSecretKey(word(1))), '7e5f4552091a69125d5dfcb7b8c2659029395bdf')
  assert.throws(
    () => addressOfSecretKey(word(0)),
    (error: unknown) => error instanceof RangeError,
  )
  assert.throws(
    () => addressOfSecretKey(new Uint8Array(31)),
    (error: unknown) => error instanceof TypeError,
  )
})

hashing('recovery gives the signer, and nothing for an impossible signature', () => {
  // The example of EIP-155: nonce 9, signed with the key 0x4646…46.
  const signature = Buffer.concat([
    Buffer.from('daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53', 'hex'),
    Buffer.from('28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276', 'hex'),
    Buffer.from('67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83', 'hex'),
    Buffer.from([0]),
  ])
  const zeroR = Buffer.from(signature)
  zeroR.fill(0, 32, 64)
  const wrongParity = Buffer.from(signature)
  wrongParity[96] = 2
  const many = Array.from({ length: 100 }, (_, i) => [signature, zeroR, wrongParity][i % 3])
  const recovered = recoverAddresses(Buffer.concat(many))
  assert.is(recovered.length, 2100)
  for (let i = 0; i < 100; i++) {
    const entry = hex(recovered.subarray(21 * i, 21 * i + 21))
    const expected = i % 3 === 0 ? '019d8a62f656a8d1615c1294fd71e9cfb3e4855a4f' : '00'.repeat(21)
    assert.is(entry, expected, `signature ${i}`)
  }
  assert.throws(
    () => recoverAddresses(new Uint8Array(96)),
    (error: unknown) => error instanceof TypeError,
  )
})
hashing.run()

const states = suite('native state')

states('accounts, storage and code are read back', () => {
  const state = new NativeState()
  const code = Buffer.from('6000', 'hex')
  state.load(
    packState([
      {
        address: receiver,
        balance: 7n,
        nonce: 3n,
        code,
        codeHash: keccak256(code),
        storage: [[word(1), word(2)]],
      },
    ]),
  )
  assert.is(state.accountCount, 1)
  assert.is(balanceOf(state, receiver), 7n)
  assert.is(state.getAccount(sender), null)
  assert.is(hex(state.getStorage(receiver, word(1))), hex(word(2)))
  assert.is(hex(state.getStorage(receiver, word(9))), hex(word(0)))
  assert.is(hex(state.getCode(receiver, keccak256(code)) ?? new Uint8Array(0)), '6000')
  assert.is(state.getCode(receiver, word(5)), null)
  assert.is(state.getCode(receiver, keccak256(new Uint8Array(0)))?.length, 0)
})

states('a dump loads into an equal state', () => {
  const state = sampleState()
  const copy = new NativeState()
  copy.load(state.dump())
  assert.is(hex(copy.dump()), hex(state.dump()))
  assert.is(copy.accountCount, 2)
})

states('a state loads from unaligned bytes', () => {
  const packed = packState([{ address: sender, balance: 5n }])
  const shifted = new Uint8Array(packed.length + 3)
  shifted.set(packed, 3)
  const state = new NativeState()
  state.load(shifted.subarray(3))
  assert.is(balanceOf(state, sender), 5n)
})

states('malformed dumps are refused and change nothing', () => {
  const state = sampleState()
  const packed = packState([{ address: receiver, balance: 5n, storage: [[word(1), word(1)]] }])
  for (let size = 0; size < packed.length; size++) {
    assert.throws(
      () => state.load(packed.subarray(0, size)),
      (error: NodeJS.ErrnoException) => error.code === 'INPUT_MALFORMED',
    )
  }
  assert.is(state.accountCount, 2)
})

states('clones change on their own', () => {
  const state = sampleState()
  const copy = state.clone()
  copy.load(packState([{ address: sender, balance: 1n }]))
  assert.is(balanceOf(state, sender), 1000n)
  assert.is(balanceOf(copy, sender), 1n)
  state.load(packState([{ address: sender, balance: 2n }]))
  assert.is(balanceOf(copy, sender), 1n)
})

states('wrong arguments and receivers are TypeErrors', () => {
  const state = sampleState()
  const isTypeError = (error: unknown) => error instanceof TypeError
  assert.throws(() => state.getAccount(new Uint8Array(19)), isTypeError)
  assert.throws(() => state.getStorage(sender, new Uint8Array(1)), isTypeError)
  assert.throws(() => state.load(null as unknown as Uint8Array), isTypeError)
  assert.throws(() => state.dump.call({} as NativeState), isTypeError)
})
states.run()

const engines = suite('native engine')
const transfer = packBlock([{ sender, to: receiver, value: 300n }])

engines('a block runs, leaves the state alone, and moves it on when it is committed', async () => {
  const engine = new NativeEngine()
  const state = sampleState()
  const output = await engine.execute(state, transfer)
  assert.equal(readOutput(output), {
    error: ErrorCode.OK,
    errorTransaction: -1,
    gasUsed: 21_000n,
    receipts: 1,
  })
  assert.is(balanceOf(state, receiver), null)
  state.commit(output)
  assert.is(balanceOf(state, sender), 700n)
  assert.is(balanceOf(state, receiver), 300n)
})

engines('the calling thread and a worker give the same bytes but for the times', async () => {
  const engine = new NativeEngine({ threads: 2 })
  const state = sampleState()
  const here = withoutTimes(engine.executeSync(state, transfer))
  const there = withoutTimes(await engine.execute(state, transfer))
  assert.is(hex(there), hex(here))
})

engines('an invalid block is an answer, and cannot be committed', () => {
  const engine = new NativeEngine()
  const state = sampleState()
  const output = engine.executeSync(state, packBlock([{ sender, to: receiver, nonce: 5n }]))
  assert.is(readOutput(output).error, ErrorCode.TX_NONCE_TOO_HIGH)
  assert.is(readOutput(output).errorTransaction, 0)
  assert.throws(
    () => state.commit(output),
    (error: NodeJS.ErrnoException) => error.code === 'INPUT_MALFORMED',
  )
})

engines('bytes that are no block are an answer too', async () => {
  const engine = new NativeEngine()
  const state = sampleState()
  for (let size = 0; size < transfer.length; size += 7) {
    const output = await engine.execute(state, transfer.subarray(0, size))
    assert.is(readOutput(output).error, ErrorCode.INPUT_MALFORMED)
  }
})

engines('a running block sees neither commits nor writes to its input', async () => {
  const engine = new NativeEngine()
  const state = sampleState()
  const input = packBlock([
    { sender, to: looper, gasLimit: 5_000_000n },
    { sender, to: receiver, nonce: 1n, value: 300n },
  ])
  const running = engine.execute(state, input)
  input.fill(0xff)
  state.load(packState([{ address: sender, balance: 0n }]))
  const output = await running
  assert.is(readOutput(output).error, ErrorCode.OK)
  assert.is(readOutput(output).receipts, 2)
  assert.is(balanceOf(state, sender), 0n)
})

engines('many blocks run at once on one engine and one state', async () => {
  const engine = new NativeEngine()
  const state = sampleState()
  const outputs = await Promise.all(
    Array.from({ length: 300 }, () => engine.execute(state, transfer)),
  )
  for (const output of outputs) assert.is(readOutput(output).gasUsed, 21_000n)
})

engines('a missing or foreign library is a typed error', () => {
  const codeOf = (vm: string) => {
    try {
      return new NativeEngine({ vm }).vmName
    } catch (error) {
      return error instanceof VmError ? error.code : error
    }
  }
  assert.is(codeOf('/nowhere/libnothing.so'), 'VM_NOT_FOUND')
  assert.is(codeOf('/etc/passwd'), 'VM_LOAD_FAILED')
  assert.is(codeOf(''), new NativeEngine().vmName)
})

engines('the VM in libbraidvm runs blocks like the built-in one', async () => {
  const path = new URL('../Release/libbraidvm.so', import.meta.url).pathname
  const block = packBlock([
    { sender, to: looper, gasLimit: 100_000n },
    { sender, to: receiver, nonce: 1n, value: 300n },
  ])
  const foreign = await new NativeEngine({ vm: path }).execute(sampleState(), block)
  const own = await new NativeEngine().execute(sampleState(), block)
  assert.is(hex(withoutTimes(foreign)), hex(withoutTimes(own)))
})

engines('wrong options and arguments are TypeErrors', () => {
  const isTypeError = (error: unknown) => error instanceof TypeError
  const engine = new NativeEngine()
  assert.throws(() => new NativeEngine({ threads: -1 }), isTypeError)
  assert.throws(() => new NativeEngine({ vm: 1 as unknown as string }), isTypeError)
  assert.throws(() => engine.executeSync({} as NativeState, transfer), isTypeError)
  assert.throws(() => engine.executeSync(engine as unknown as NativeState, transfer), isTypeError)
  assert.throws(() => engine.execute(sampleState(), null as unknown as Uint8Array), isTypeError)
})

engines('the deepest calls fit threads with little stack', async () => {
  const worker = new Worker(new URL('./support/deep-caller.js', import.meta.url), {
    resourceLimits: { stackSizeMb: 1 },
  })
  const gasUsed = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  assert.is(gasUsed, deepCalls())
})

engines('worker threads may be ended while their blocks run', async () => {
  const rounds = process.env.BRAID_LONG === undefined ? 12 : 100
  for (let round = 0; round < rounds; round++) {
    const worker = new Worker(new URL('./support/busy-worker.js', import.meta.url))
    await new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    await new Promise((resolve) => setTimeout(resolve, round % 4))
    await worker.terminate()
  }
  // The pool still serves this thread.
  const output = await new NativeEngine().execute(sampleState(), transfer)
  assert.is(readOutput(output).gasUsed, 21_000n)
})
engines.run()
