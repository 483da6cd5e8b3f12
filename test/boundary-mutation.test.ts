/**
 * Damaged packed buffers given straight to the addon: what breaks the format is refused, what does
 * not runs, and nothing is read or written outside of the buffers. The sanitized addon
 * (scripts/sanitize.mjs) tells what this process would not notice.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock, packBlock } from '../lib/block/index.js'
import { rulesetForFork } from '../lib/chain/index.js'
import { Engine } from '../lib/engine/engine.js'
import { NativeEngine, NativeState } from '../lib/native/load.js'
import {
  AccountChange,
  AccountFlag,
  BlockInput,
  BlockOutput,
  ErrorCode,
  StateDump,
  Transaction,
} from '../lib/native/wire.js'
import { packAlloc } from '../lib/state/alloc.js'
import { edges32, edges64, Random } from './random.js'
import { detached, outOfBounds, resizable, shared, shifted } from './support/buffers.js'
import { mixedAlloc, mixedBlock, mixedBlockHashes } from './support/mixed-block.js'
import { withoutTimes } from './support/packed.js'

const boundary = suite('damaged packed buffers')

const rounds = process.env.BRAID_LONG === undefined ? 1_500 : 60_000

const engine = new NativeEngine()
const { block } = await mixedBlock(await Engine.create())
const input = Uint8Array.from(
  packBlock(decodeBlock(block.serialize()), rulesetForFork('Prague'), {
    blockHashes: mixedBlockHashes,
  }),
)
const dump = Uint8Array.from(packAlloc(mixedAlloc))

function loaded(): NativeState {
  const state = new NativeState()
  state.load(dump)
  return state
}

const state = loaded()
const before = state.dump()
const output = Uint8Array.from(engine.executeSync(state, input))

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const errorIn = (bytes: Uint8Array) => viewOf(bytes).getUint32(BlockOutput.error, true)
const knownErrors = new Set<number>(Object.values(ErrorCode))

/** The code of the error that a call throws; `ok` where it throws none. */
function codeOf(call: () => unknown): string {
  try {
    call()
    return 'ok'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return code
  }
}

/** Runs a damaged block; gives its error. */
function run(damaged: Uint8Array): number {
  const result = engine.executeSync(state, damaged)
  const error = errorIn(result)
  if (!knownErrors.has(error) || !same(state.dump(), before)) {
    throw new Error(`error ${error}: ${hex(damaged)}`)
  }
  return error
}

function checkGoodBlock(): void {
  const again = engine.executeSync(state, input)
  assert.ok(same(withoutTimes(again), withoutTimes(output)))
}

/** A copy with some of its numbers replaced or bits flipped, mostly in the first `head` bytes. */
function damage(random: Random, bytes: Uint8Array, head: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const view = viewOf(copy)
  for (let edits = 1 + random.below(3); edits > 0; edits--) {
    const end = random.below(3) === 0 ? copy.length : Math.min(head, copy.length)
    // The magic number and the version stay: nothing behind them would be looked at.
    const at = 8 + random.below(end - 16)
    const near = view.getUint32(at & ~3, true) + random.below(17) - 8
    switch (random.below(5)) {
      case 0:
        view.setUint32(at & ~3, random.pick(edges32), true)
        break
      case 1:
        view.setUint32(at & ~3, near >>> 0, true)
        break
      case 2:
        view.setBigUint64(at & ~7, random.pick(edges64), true)
        break
      case 3:
        copy[at] ^= 1 << random.below(8)
        break
      default:
        view.setUint32(at & ~3, random.below(copy.length), true)
    }
  }
  return copy
}

boundary('the block is good before it is damaged', () => {
  assert.is(errorIn(output), ErrorCode.OK)
  checkGoodBlock()
})

boundary('every number of a block header at its limits', () => {
  for (let at = 0; at < BlockInput.SIZE; at += 4) {
    for (const edge of edges32) {
      const damaged = Uint8Array.from(input)
      viewOf(damaged).setUint32(at, edge, true)
      run(damaged)
    }
  }
  for (let at = 0; at < BlockInput.prevRandao; at += 8) {
    for (const edge of edges64) {
      const damaged = Uint8Array.from(input)
      viewOf(damaged).setBigUint64(at, edge, true)
      run(damaged)
    }
  }
  checkGoodBlock()
})

boundary('revisions that do not exist', () => {
  for (const revision of [15, 16, 17, 255, 256, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    const damaged = Uint8Array.from(input)
    viewOf(damaged).setUint32(BlockInput.revision, revision, true)
    assert.is(run(damaged), ErrorCode.UNSUPPORTED_REVISION, `revision ${revision}`)
  }
})

boundary('every revision runs the block or says what is wrong with it', () => {
  const found = new Set<number>()
  for (let revision = 0; revision <= 14; revision++) {
    const damaged = Uint8Array.from(input)
    viewOf(damaged).setUint32(BlockInput.revision, revision, true)
    found.add(run(damaged))
  }
  assert.not(found.has(ErrorCode.INPUT_MALFORMED))
  assert.ok(found.has(ErrorCode.OK))
})

boundary('blocks with damaged numbers, offsets and counts', () => {
  const random = new Random(0xb0)
  const found = new Map<number, number>()
  for (let round = 0; round < 2 * rounds; round++) {
    const error = run(damage(random, input, BlockInput.SIZE + 8 * Transaction.SIZE))
    found.set(error, (found.get(error) ?? 0) + 1)
  }
  checkGoodBlock()
  assert.ok((found.get(ErrorCode.INPUT_MALFORMED) ?? 0) > rounds / 10)
  assert.ok(found.size > 8, [...found.keys()].join())
})

boundary('the same on worker threads, many at once', async () => {
  const random = new Random(0xb1)
  for (let round = 0; round < rounds / 10; round += 20) {
    const results = await Promise.all(
      Array.from({ length: 20 }, () => engine.execute(state, damage(random, input, 1000))),
    )
    for (const result of results) assert.ok(knownErrors.has(errorIn(result)))
  }
  assert.ok(same(state.dump(), before))
  checkGoodBlock()
})

boundary('transactions with numbers at their limits', () => {
  const fields = [Transaction.nonce, Transaction.gasLimit, Transaction.chainId]
  const first = viewOf(input).getUint32(BlockInput.transactions, true)
  const found = new Set<number>()
  for (const blockGas of [36_000_000n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n]) {
    for (let i = 0; i < 7; i++) {
      for (const field of fields) {
        for (const edge of edges64) {
          const damaged = Uint8Array.from(input)
          viewOf(damaged).setBigUint64(BlockInput.gasLimit, blockGas, true)
          viewOf(damaged).setBigUint64(first + i * Transaction.SIZE + field, edge, true)
          found.add(run(damaged))
        }
      }
    }
  }
  for (const error of ['TX_NONCE_TOO_HIGH', 'TX_WRONG_CHAIN_ID', 'TX_GAS_LIMIT_EXCEEDS_BLOCK']) {
    assert.ok(found.has(ErrorCode[error as keyof typeof ErrorCode]), error)
  }
})

boundary('truncated, empty and shifted blocks', () => {
  for (let size = 0; size < input.length; size += 5) {
    const error = run(input.slice(0, size))
    assert.ok(error === ErrorCode.INPUT_MALFORMED || size > BlockInput.SIZE, `${size} bytes`)
  }
  for (let shift = 1; shift < 8; shift++) assert.is(run(shifted(input, shift)), ErrorCode.OK)
  assert.is(run(new Uint8Array(0)), ErrorCode.INPUT_MALFORMED)
})

boundary('buffers that are gone, may move or are shared', async () => {
  assert.is(run(detached(input)), ErrorCode.INPUT_MALFORMED)
  assert.is(run(outOfBounds()), ErrorCode.INPUT_MALFORMED)
  const { array, resize } = resizable(input)
  assert.is(run(array), ErrorCode.OK)
  const running = engine.execute(state, array)
  resize(0)
  assert.is(errorIn(await running), ErrorCode.OK)
  assert.is(run(array), ErrorCode.INPUT_MALFORMED)

  // Another thread could change what was just checked.
  const wrong = 'ERR_INVALID_ARG_TYPE'
  assert.is(
    codeOf(() => engine.executeSync(state, shared(input))),
    wrong,
  )
  assert.is(
    codeOf(() => engine.execute(state, shared(input))),
    wrong,
  )
  assert.is(
    codeOf(() => state.load(shared(dump))),
    wrong,
  )
  assert.is(
    codeOf(() => state.commit(shared(output))),
    wrong,
  )
  assert.is(
    codeOf(() => state.load(detached(dump))),
    'INPUT_MALFORMED',
  )
  assert.is(
    codeOf(() => state.commit(detached(output))),
    'INPUT_MALFORMED',
  )
  assert.ok(same(state.dump(), before))
})

boundary('views of other types, and methods of other objects', () => {
  const wrong = 'ERR_INVALID_ARG_TYPE'
  for (const odd of [
    undefined,
    null,
    1,
    'bytes',
    {},
    [],
    input.buffer,
    new Uint8ClampedArray(8),
    new Int8Array(8),
    new Float64Array(8),
    new DataView(input.buffer),
    Object.create(Uint8Array.prototype),
    new Proxy(input, {}),
  ] as unknown as Uint8Array[]) {
    assert.is(
      codeOf(() => engine.executeSync(state, odd)),
      wrong,
    )
    assert.is(
      codeOf(() => engine.execute(state, odd)),
      wrong,
    )
    assert.is(
      codeOf(() => state.load(odd)),
      wrong,
    )
    assert.is(
      codeOf(() => state.commit(odd)),
      wrong,
    )
    assert.is(
      codeOf(() => state.getAccount(odd)),
      wrong,
    )
    assert.is(
      codeOf(() => state.getCode(odd, new Uint8Array(32))),
      wrong,
    )
    assert.is(
      codeOf(() => state.getCode(new Uint8Array(20), odd)),
      wrong,
    )
  }
  const isTypeError = (error: unknown) => error instanceof TypeError
  const prototype = Object.getPrototypeOf(state) as NativeState
  const { get: accountCount } = Object.getOwnPropertyDescriptor(prototype, 'accountCount') as {
    get: () => number
  }
  for (const odd of [undefined, 1, {}, engine, Object.create(state), new Proxy(state, {})]) {
    assert.throws(() => accountCount.call(odd), isTypeError)
    assert.throws(() => prototype.dump.call(odd as NativeState), isTypeError)
    assert.throws(() => engine.executeSync(odd as NativeState, input), isTypeError)
  }
  assert.throws(() => prototype.accountCount, isTypeError)
  assert.throws(() => engine.execute.call(state as never, state, input))
  assert.is(accountCount.call(state), state.accountCount)
})

boundary('damaged state dumps load wholly or not at all', () => {
  const random = new Random(0xd0)
  const found = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    const damaged = damage(random, dump, dump.length)
    const target = loaded()
    const code = codeOf(() => target.load(damaged))
    found.set(code, (found.get(code) ?? 0) + 1)
    if (code === 'ok') {
      // Whatever it says now, it can be read, run on and written.
      const copy = new NativeState()
      copy.load(target.dump())
      assert.ok(same(copy.dump(), target.dump()), hex(damaged))
      assert.ok(knownErrors.has(errorIn(engine.executeSync(target, input))), hex(damaged))
    } else {
      assert.is(code, 'INPUT_MALFORMED')
      assert.ok(same(target.dump(), before), hex(damaged))
    }
  }
  assert.ok((found.get('ok') ?? 0) > rounds / 10 && found.size === 2)
  for (let at = 0; at < StateDump.SIZE; at += 4) {
    for (const edge of edges32) {
      const damaged = Uint8Array.from(dump)
      viewOf(damaged).setUint32(at, edge, true)
      const code = codeOf(() => new NativeState().load(damaged))
      assert.ok(code === 'ok' || code === 'INPUT_MALFORMED', code)
    }
  }
})

boundary('damaged outputs are committed wholly or not at all', () => {
  const random = new Random(0xc0)
  const accounts = viewOf(output).getUint32(BlockOutput.accounts, true)
  const found = new Map<string, number>()
  for (let round = 0; round < 2 * rounds; round++) {
    let damaged: Uint8Array
    if (round % 2 === 0) {
      damaged = damage(random, output, BlockOutput.SIZE)
    } else {
      // Where the account changes lie.
      damaged = Uint8Array.from(output)
      damaged.set(damage(random, output.subarray(accounts), 6 * AccountChange.SIZE), accounts)
    }
    const target = loaded()
    const code = codeOf(() => target.commit(damaged))
    found.set(code, (found.get(code) ?? 0) + 1)
    if (code === 'ok') {
      const copy = new NativeState()
      copy.load(target.dump())
      assert.is(copy.accountCount, target.accountCount)
      assert.ok(knownErrors.has(errorIn(engine.executeSync(target, input))), hex(damaged))
    } else {
      assert.ok(code === 'INPUT_MALFORMED' || code === 'STATE_RESULT_STALE', code)
      assert.ok(same(target.dump(), before), hex(damaged))
    }
  }
  assert.is(found.size, 3, [...found].join())
})

boundary('outputs of other states, and flags that contradict each other', () => {
  const target = loaded()
  target.commit(output)
  const after = target.dump()
  assert.is(
    codeOf(() => target.commit(output)),
    'STATE_RESULT_STALE',
  )
  assert.ok(same(target.dump(), after))
  assert.is(
    codeOf(() => new NativeState().commit(output)),
    'STATE_RESULT_STALE',
  )

  const flagsAt = viewOf(output).getUint32(BlockOutput.accounts, true) + AccountChange.flags
  const all =
    AccountFlag.ExistedBefore |
    AccountFlag.ExistsAfter |
    AccountFlag.CodeChanged |
    AccountFlag.StorageCleared
  const count = viewOf(output).getUint32(BlockOutput.accounts + 4, true)
  for (let i = 0; i < count; i++) {
    for (let flags = 0; flags <= all; flags++) {
      const damaged = Uint8Array.from(output)
      viewOf(damaged).setUint32(flagsAt + i * AccountChange.SIZE, flags, true)
      const target = loaded()
      const code = codeOf(() => target.commit(damaged))
      assert.ok(code === 'ok' || code === 'STATE_RESULT_STALE', code)
      if (code !== 'ok') assert.ok(same(target.dump(), before))
      const copy = new NativeState()
      copy.load(target.dump())
    }
  }
})

boundary.run()
