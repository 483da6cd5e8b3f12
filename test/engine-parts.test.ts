/** Parts of the engine by themselves: limits of time, what outputs report, witnesses that lack a node. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fieldNames, rpcNames } from '../lib/block/transaction-names.js'
import { checkSignal, checkTimeout, untilAborted, within } from '../lib/engine/cancellation.js'
import { executionError } from '../lib/engine/execution-error.js'
import { inOrder, strictOutput } from '../lib/engine/strict-execution.js'
import { ThreadLoad } from '../lib/engine/thread-load.js'
import { singleTransaction } from '../lib/engine/transaction-roots.js'
import { bytesToHex } from '../lib/hex/index.js'
import {
  Engine,
  type Hex,
  isBraidError,
  MemoryState,
  SourceState,
  StateTrie,
} from '../lib/index.js'
import { keccak256 } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import {
  BlockFlag,
  BlockInput,
  BlockOutput,
  ErrorCode,
  MissingKey,
  MissingKind,
  Transaction,
} from '../lib/native/wire.js'
import { witnessRootAfter } from '../lib/state/witness-root.js'
import { errorIn } from './support/thrown.js'

const parts = suite('parts of the engine')

/** Code and details of what a call throws. */
function rejectionOf(run: () => unknown): readonly [code?: string, details?: object] {
  const error = errorIn(run)
  return error === undefined ? [] : [error.code, error.details]
}

parts('a time is what timers can count', async () => {
  for (const time of [undefined, 0.5, 1, 2 ** 31 - 1]) checkTimeout(time)
  for (const time of [0, -1, 2 ** 31, Number.NaN, '5', null]) {
    const [code, details] = rejectionOf(() => checkTimeout(time as never))
    assert.is(code, 'OPTION_INVALID', String(time))
    assert.is((details as { field: string }).field, 'timeout')
  }
  const never = new Promise<void>(() => {})
  const running = within(5, undefined, (signal) => untilAborted(never, signal as AbortSignal))
  const error = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const late = untilAborted(never, AbortSignal.abort('before'))
  const cause = await late.catch((reason: Error) => reason.cause)
  assert.is(cause, 'before')
  assert.ok(isBraidError(error, 'TIMEOUT'))
  assert.equal(error.details, { field: 'timeout', expected: 'at most 5 ms' })
})

parts('a signal is whatever has the shape of one', () => {
  const shape = { aborted: false, addEventListener() {}, removeEventListener() {} }
  checkSignal(undefined)
  checkSignal(shape as never)
  const { aborted: _aborted, ...mute } = shape
  const odd = [
    null,
    5,
    mute,
    { ...shape, aborted: 0 },
    { ...shape, addEventListener: undefined },
    { ...shape, removeEventListener: true },
    Object.assign(() => {}, shape),
  ]
  for (const signal of odd) {
    const [code, details] = rejectionOf(() => checkSignal(signal as never))
    assert.is(code, 'OPTION_INVALID')
    assert.is((details as { field: string }).field, 'signal')
  }
})

parts('what engines are made of is checked by name', async () => {
  for (const [field, values] of [
    ['vm', [5, null, {}, '', 'a\0b', ['builtin']]],
    ['decodedCodeBytes', [-1, 1.5, '5', null, Number.NaN]],
  ] as const) {
    for (const value of values) {
      const error = await Engine.create({ [field]: value } as never).catch((e: unknown) => e)
      assert.ok(isBraidError(error, 'OPTION_INVALID'), `${field} ${value}: ${error}`)
      assert.is(error.details.field, field)
    }
  }
})

parts('blocks of a chain are what can be iterated over, and no bytes', async () => {
  const engine = await Engine.create({ threads: 1, decodedCodeBytes: 0 })
  const state = new MemoryState()
  const fieldOf = (blocks: unknown, options: object = {}) => {
    const [, details] = rejectionOf(() =>
      engine.executeBlocks(blocks as never, { state, ...options } as never),
    )
    return (details as { field?: string } | undefined)?.field
  }
  const iterable = { [Symbol.iterator]: () => [][Symbol.iterator]() }
  for (const blocks of [[], new Set(), iterable, (async function* () {})()]) {
    assert.is(fieldOf(blocks), undefined)
  }
  const callable = Object.assign(() => {}, iterable)
  for (const blocks of [null, undefined, 5, '0xc0', {}, callable, new Uint8Array(3)]) {
    assert.is(fieldOf(blocks), 'blocks')
  }
  // A root takes a state that keeps one.
  const elsewhere = new SourceState({
    getAccount: () => undefined,
    getStorage: () => 0n,
    getCode: () => undefined,
  })
  const wanted = { state: elsewhere, stateRoot: true }
  assert.is(fieldOf([], wanted), 'stateRoot')
  assert.is(fieldOf([], { ...wanted, stateRoot: false }), undefined)
  assert.is(fieldOf([], { stateRoot: true }), 'stateRoot')
  assert.is(fieldOf([], { state: state.withTrie(), stateRoot: true }), undefined)
  engine.close()
  // One number for the process: back to what others expect.
  ;(await Engine.create({ decodedCodeBytes: 64 << 20 })).close()
})

/** A packed output that reports an error. */
function outputWith(error: number, change: (view: DataView, bytes: Buffer) => void = () => {}) {
  const bytes = Buffer.alloc(BlockOutput.SIZE)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  view.setUint32(BlockOutput.error, error, true)
  view.setInt32(BlockOutput.errorTransaction, -1, true)
  change(view, bytes)
  return new PackedReader(bytes)
}

parts('an output’s error tells what there is to tell', () => {
  const told = (...given: Parameters<typeof outputWith>) =>
    rejectionOf(() => {
      const error = executionError(outputWith(...given))
      if (error !== undefined) throw error
    })
  assert.equal(told(ErrorCode.OK), [])
  assert.equal(told(0xffff), ['VM_INTERNAL_ERROR', {}])
  assert.equal(told(ErrorCode.TX_NONCE_TOO_LOW), ['TX_NONCE_TOO_LOW', {}])
  const first = told(ErrorCode.TX_NONCE_TOO_LOW, (view, bytes) => {
    view.setInt32(BlockOutput.errorTransaction, 0, true)
    bytes[BlockOutput.errorAddress + 19] = 0xad
  })
  assert.equal(first, ['TX_NONCE_TOO_LOW', { txIndex: 0, address: `0x${'00'.repeat(19)}ad` }])
  // Either number may be zero.
  for (const [field, expected, actual] of [
    [BlockOutput.errorExpected, '7', '0'],
    [BlockOutput.errorActual, '0', '7'],
  ] as const) {
    const [, details] = told(ErrorCode.TX_NONCE_TOO_LOW, (view) => view.setUint8(field + 31, 7))
    assert.equal(JSON.parse(JSON.stringify(details, text)), { expected, actual })
  }
  const number = (view: DataView) => view.setUint16(BlockOutput.errorExpected + 30, 0x1234)
  const missing = told(ErrorCode.STATE_MISSING_BLOCK_HASH, number)
  assert.equal(JSON.parse(JSON.stringify(missing, text)), [
    'STATE_MISSING_BLOCK_HASH',
    { field: 'blockHashes[4660]', expected: '4660' },
  ])
  const asked = told(ErrorCode.STATE_MISSING_BLOCK_HASH, (view) => {
    number(view)
    view.setInt32(BlockOutput.errorTransaction, 0, true)
  })
  assert.is((asked[1] as { txIndex?: number }).txIndex, 0)
})

/** For JSON.stringify. */
function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

parts('the field of a transaction is called as its source does', () => {
  const at = BlockInput.SIZE
  const input = Buffer.alloc(at + 2 * Transaction.SIZE)
  input.writeUInt32LE(at, BlockInput.transactions)
  input.writeUInt32LE(2, BlockInput.transactions + 4)
  input[at + Transaction.SIZE + Transaction.type] = 2
  const fieldOf = (code: number, index: number, names = rpcNames) => {
    const output = outputWith(code, (view) => {
      view.setInt32(BlockOutput.errorTransaction, index, true)
    })
    return executionError(output, { input, names })?.details.field
  }
  assert.is(fieldOf(ErrorCode.TX_INTRINSIC_GAS_TOO_LOW, 0), 'gas')
  assert.is(fieldOf(ErrorCode.TX_INTRINSIC_GAS_TOO_LOW, 0, fieldNames), 'gasLimit')
  assert.is(fieldOf(ErrorCode.TX_MAX_FEE_BELOW_BASE_FEE, 0), 'gasPrice')
  assert.is(fieldOf(ErrorCode.TX_MAX_FEE_BELOW_BASE_FEE, 1), 'maxFeePerGas')
  assert.is(fieldOf(ErrorCode.TX_INSUFFICIENT_FUNDS, 0), undefined)
  assert.is(fieldOf(ErrorCode.TX_NONCE_TOO_LOW, -1), undefined)
})

parts(
  'what the new root lacks is named by the account or the slot it lies on the way to',
  async () => {
    const engine = await Engine.create({ threads: 1 })
    const sender: Hex = `0x${'aa'.repeat(20)}`
    const contract: Hex = `0x${'bb'.repeat(20)}`
    // Adds 1 to slot 1.
    const code = '0x6001546001016001550000'
    const storage = { '0x1': '0x5', '0x2': '0x6', '0x3': '0x7' }
    const state = new MemoryState({
      [sender]: { balance: 10n ** 18n },
      [contract]: { code, storage },
      [`0x${'cc'.repeat(20)}`]: { balance: 1n },
    })
    const result = await engine.executeTransactions(
      { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: sender },
      [{ sender, to: contract, nonce: 0n, gasLimit: 100_000n, gasPrice: 0n }],
      { state, hardfork: 'berlin' },
    )
    engine.close()
    const whole = new StateTrie(state)
    const proof = whole.getProof(contract, [1n])
    const senderProof = whole.getProof(sender, []).accountProof
    const slotNodes = proof.storageProof[0].proof
    const accounts = [...senderProof, ...proof.accountProof]
    const told = (nodes: readonly Hex[]) => {
      const trie = StateTrie.fromWitness({ root: whole.root, nodes: [...new Set(nodes)] })
      let cause: unknown
      const rejection = rejectionOf(() => {
        try {
          return witnessRootAfter(trie, result)
        } catch (error) {
          cause = (error as Error).cause
          throw error
        }
      })
      if (rejection.length > 0) assert.ok(isBraidError(cause, 'STATE_NODE_MISSING'))
      return rejection
    }
    const after = state.clone()
    after.commit(result)
    assert.is(witnessRootAfter(whole, result), after.stateRoot())
    assert.equal(told([...accounts, ...slotNodes]), [])
    const [code1, nothing] = told([])
    assert.is(code1, 'STATE_NODE_MISSING')
    const changed = [...result.stateDiff].map(({ address }) => address)
    assert.is((nothing as { address: Hex }).address, changed[0])
    assert.is((nothing as { hash: Hex }).hash, whole.root)
    const [code2, slot] = told(accounts)
    assert.is(code2, 'STATE_NODE_MISSING')
    const { address, field } = slot as { address: Hex; field: string }
    assert.is(address, contract)
    assert.is(field, `storage[0x${'1'.padStart(64, '0')}]`)
    // What is no error of this package is passed on as it is.
    const cause = new Error('not today')
    const failing = {
      rootAfter() {
        throw cause
      },
    }
    assert.throws(
      () => witnessRootAfter(failing as never, result),
      (error: unknown) => error === cause,
    )
  },
)

parts(
  'a transaction is run by itself without what the block plans, and what came before it',
  () => {
    const at = BlockInput.SIZE
    const input = Buffer.alloc(at + 3 * Transaction.SIZE)
    const set = (field: number, value: number) => input.writeUInt32LE(value, field)
    set(BlockInput.transactions, at)
    set(BlockInput.transactions + 4, 3)
    set(BlockInput.drains, 64)
    set(BlockInput.drains + 4, 116)
    set(BlockInput.prefetchKeys, 72)
    set(BlockInput.prefetchKeys + 4, 5)
    set(BlockInput.flags, BlockFlag.ForgiveMissingSystemContracts)
    set(BlockInput.workers, 4)
    for (let i = 0; i < 3; i++) {
      set(at + i * Transaction.SIZE + Transaction.predecessor, i + 1)
      input[at + i * Transaction.SIZE + Transaction.type] = i
    }
    const before = Buffer.from(input)
    for (const [index, drains] of [
      [0, 116],
      [1, 0],
      [2, 0],
    ]) {
      const own = at + index * Transaction.SIZE
      const expected = Buffer.from(input)
      const put = (field: number, value: number) => expected.writeUInt32LE(value, field)
      put(BlockInput.transactions, own)
      put(BlockInput.transactions + 4, 1)
      put(BlockInput.drains + 4, drains)
      put(BlockInput.prefetchKeys + 4, 0)
      put(BlockInput.flags, BlockFlag.ForgiveMissingSystemContracts | BlockFlag.NoRewards)
      put(BlockInput.workers, 1)
      put(own + Transaction.predecessor, 0)
      const part = Buffer.from(singleTransaction(new Uint8Array(input), index))
      assert.is(part.toString('hex'), expected.toString('hex'), `${index}`)
      assert.is(input.toString('hex'), before.toString('hex'))
    }
  },
)

parts('a strict state is read in order, whatever was planned', () => {
  const input = new Uint8Array(BlockInput.SIZE)
  const flags = BlockFlag.AlwaysRunAhead | BlockFlag.NoRewards
  const view = new DataView(input.buffer)
  view.setUint32(BlockInput.flags, flags, true)
  view.setUint32(BlockInput.workers, 7, true)
  const part = new PackedReader(inOrder(input))
  assert.is(part.u32(BlockInput.flags), BlockFlag.NoRewards)
  assert.is(part.u32(BlockInput.workers), 1)
  // The input is what it was.
  assert.is(view.getUint32(BlockInput.flags, true), flags)
  assert.is(view.getUint32(BlockInput.workers, true), 7)
})

parts(
  'what a strict state lacks comes before what follows from it, not before what ended it',
  () => {
    const address = 'a7'.repeat(20)
    const key = 'b8'.repeat(32)
    const viewWith = (kind?: number) => {
      const record = Buffer.alloc(kind === undefined ? 0 : MissingKey.SIZE)
      if (kind !== undefined) {
        record.writeUInt32LE(kind, MissingKey.kind)
        record.write(address, MissingKey.address, 'hex')
        record.write(key, MissingKey.key, 'hex')
      }
      return { takeMissing: () => record } as never
    }
    const codeOf = (kind: number | undefined, error: number) =>
      rejectionOf(() => strictOutput(viewWith(kind), outputWith(error).bytes))
    const place = { address: `0x${address}` }
    for (const error of [ErrorCode.OK, ErrorCode.TX_NONCE_TOO_LOW]) {
      assert.equal(codeOf(undefined, error), [])
      assert.equal(codeOf(MissingKind.Account, error), ['STATE_MISSING_ACCOUNT', place])
      assert.equal(codeOf(MissingKind.Code, error), ['STATE_MISSING_CODE', place])
      const field = `storage[0x${key}]`
      assert.equal(codeOf(MissingKind.Slot, error), ['STATE_MISSING_SLOT', { ...place, field }])
    }
    assert.equal(codeOf(MissingKind.Slot, ErrorCode.CANCELLED), [])
  },
)

parts('a thread that is busy for just the share that is allowed is not too busy', () => {
  const pool = { size: 8 }
  const measureOf = (utilization: number) => () => ({ active: 0, idle: 0, utilization })
  // A quarter of it counts: the limit is 0.6.
  assert.ok(new ThreadLoad(8, measureOf(2.4)).poolBeside(pool) === pool)
  assert.equal(new ThreadLoad(8, measureOf(2.5)).poolBeside(pool), { size: 7 })
})

parts('of several accounts out of reach the one behind the missing node is named', async () => {
  const engine = await Engine.create({ threads: 1 })
  const sender: Hex = `0x${'aa'.repeat(20)}`
  const paid = ['b1', 'b2', 'b3', 'b4'].map((byte): Hex => `0x${byte.repeat(20)}`)
  const state = new MemoryState({
    [sender]: { balance: 10n ** 18n },
    ...Object.fromEntries(paid.map((address) => [address, { balance: 1n }])),
  })
  const payments = paid.map((to, i) => {
    return { sender, to, nonce: BigInt(i), value: 1n, gasLimit: 21_000n, gasPrice: 0n }
  })
  const environment = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: sender }
  const options = { state, hardfork: 'berlin' }
  const result = await engine.executeTransactions(environment, payments, options)
  engine.close()
  const whole = new StateTrie(state)
  const paths = new Map([sender, ...paid].map((each) => [each, whole.getProof(each).accountProof]))
  const leafOf = (address: Hex) => paths.get(address)?.at(-1) as Hex
  const hashOf = (node: Hex) => bytesToHex(keccak256(Buffer.from(node.slice(2), 'hex')))
  for (const first of paid) {
    for (const second of paid) {
      const lacking = new Set([leafOf(first), leafOf(second)])
      const nodes = [...new Set([...paths.values()].flat())].filter((node) => !lacking.has(node))
      const trie = StateTrie.fromWitness({ root: whole.root, nodes })
      const [code, details] = rejectionOf(() => witnessRootAfter(trie, result))
      assert.is(code, 'STATE_NODE_MISSING')
      const { address, hash } = details as { address: Hex; hash: Hex }
      assert.is(hashOf(leafOf(address)), hash)
    }
  }
})

parts.run()
