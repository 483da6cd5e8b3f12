/** Runs of parts of a block, on sources that answer at once. */

import { Hardfork } from '@ethereumjs/common'
import { createLegacyTx } from '@ethereumjs/tx'
import type { PrefixedHexString } from '@ethereumjs/util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTransactions } from '../lib/block/index.js'
import { rulesetOf } from '../lib/chain/index.js'
import { executeOnSource } from '../lib/engine/source-execution.js'
import { type Alloc, type Hex, MemoryState, SourceState, type StateSource } from '../lib/index.js'
import { NativeEngine } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { BlockInput, BlockOutput, ErrorCode, Transaction } from '../lib/native/wire.js'
import { commonAt } from './support/common.js'
import { keys, senders } from './support/vm-chain.js'

const scouting = suite('scouting')

const common = commonAt(Hardfork.Shanghai)
const list: Hex = `0x${'1a'.repeat(20)}`
const slot = (number: number): PrefixedHexString => `0x${number.toString(16).padStart(64, '0')}`

/** Each slot names the next one: 20 from slot 1 on, 12 from slot 100 on. */
const links = [
  ...Array.from({ length: 20 }, (_, i) => [slot(i + 1), slot(i === 19 ? 0 : i + 2)]),
  ...Array.from({ length: 12 }, (_, i) => [slot(i + 100), slot(i === 11 ? 0 : i + 101)]),
]
const alloc: Alloc = {
  // Follows the slots from the one that it is called with.
  [list]: { nonce: 1n, code: '0x6000355b548060035700', storage: Object.fromEntries(links) },
  [senders[0].toString()]: { balance: 10n ** 24n },
}

/** 40 transactions of one sender, of which two follow the slots, and eight look at one. */
function encodings(): Uint8Array[] {
  return Array.from({ length: 40 }, (_, nonce) => {
    const start = nonce === 11 ? 1 : nonce === 29 ? 100 : nonce < 8 ? 200 + nonce : 0
    const to =
      start === 0 ? (`0x${(nonce + 1).toString(16).padStart(2, '0').repeat(20)}` as const) : list
    return createLegacyTx(
      { nonce: BigInt(nonce), gasPrice: 2_000n, gasLimit: 200_000n, to, data: slot(start) },
      { common },
    )
      .sign(keys[0])
      .serialize()
  })
}

function packed(): Uint8Array {
  const environment = {
    number: 18_000_000n,
    timestamp: 1_700_000_000n,
    gasLimit: 30_000_000n,
    coinbase: `0x${'c0'.repeat(20)}`,
    difficulty: 0n,
    parentHash: slot(7),
    baseFeePerGas: 1_000n,
  } as const
  return packTransactions(environment, rulesetOf(common, 'shanghai'), encodings())
}

class MemorySource implements StateSource {
  readonly #state = new MemoryState(alloc)
  /** Slots that nobody can read. */
  readonly unreadable = new Set<string>()

  getAccount(address: Hex) {
    return this.#state.getAccount(address)
  }

  getStorage(address: Hex, key: Hex) {
    if (this.unreadable.has(key)) throw new Error(`${key} cannot be read`)
    return this.#state.getStorage(address, key)
  }

  getCode(_hash: Hex, address: Hex) {
    return this.#state.getCode(address)
  }
}

function sourceAccess(state: SourceState) {
  const access = state.access()
  if (access.kind !== 'source') throw new Error(access.kind)
  return access
}

/** Executes the block; tells how many transactions each run had. */
async function executed(isNear: boolean, input: Uint8Array, source = new MemorySource()) {
  const native = new NativeEngine()
  const sizes: number[] = []
  const state = new SourceState(source, { isNear })
  const output = await executeOnSource(sourceAccess(state), input, async (view, part) => {
    sizes.push(new PackedReader(part).sectionCount(BlockInput.transactions))
    const made = await native.execute(view, part)
    const error = new PackedReader(made).u32(BlockOutput.error)
    assert.is.not(error, ErrorCode.INPUT_MALFORMED)
    return made
  })
  const reader = new PackedReader(output)
  assert.is(reader.u32(BlockOutput.error), ErrorCode.OK)
  return {
    gasUsed: reader.u64(BlockOutput.gasUsed),
    receiptsRoot: reader.hex(BlockOutput.receiptsRoot, 32),
    whole: sizes.filter((size) => size === 40).length,
    transactions: sizes.reduce((sum, size) => sum + size, 0),
    parts: sizes.filter((size) => size < 40),
    statistics: state.statistics,
  }
}

scouting('what follows a chain of slots is run without the others', async () => {
  const far = await executed(false, packed())
  const near = await executed(true, packed())
  assert.is(near.gasUsed, far.gasUsed)
  assert.is(near.receiptsRoot, far.receiptsRoot)
  assert.is(far.parts.length, 0)
  assert.ok(far.whole > 20, `${far.whole}`)
  assert.ok(near.whole < 8, `${near.whole}`)
  assert.ok(near.transactions < far.transactions / 2, `${near.transactions} ${far.transactions}`)
  // In the end, one transaction at a time: the one with the longest chain.
  assert.equal(near.parts.slice(-5), [1, 1, 1, 1, 1])
  const { accounts, slots, codes } = far.statistics
  const { rounds: _, ...asked } = near.statistics
  assert.equal(asked, { accounts, slots, codes })
})

scouting('places in the block and what is to be fetched early do not matter to parts', async () => {
  const input = packed()
  const view = new DataView(input.buffer)
  const first = view.getUint32(BlockInput.transactions, true)
  // Each waits for the one before it, as policies have it.
  for (let i = 1; i < 40; i++)
    view.setUint32(first + i * Transaction.SIZE + Transaction.predecessor, i, true)
  view.setUint32(BlockInput.workers, 2, true)
  const near = await executed(true, input)
  const far = await executed(false, packed())
  assert.ok(near.parts.length > 0)
  assert.is(near.receiptsRoot, far.receiptsRoot)
})

scouting('what cannot be read fails the block only where the block reads it', async () => {
  const source = new MemorySource()
  source.unreadable.add(slot(10))
  const state = new SourceState(source, { isNear: true })
  const native = new NativeEngine()
  const running = executeOnSource(sourceAccess(state), packed(), (view, part) =>
    native.execute(view, part),
  )
  const error = await running.then(
    () => undefined,
    (reason: Error) => reason,
  )
  assert.is((error as { code?: string } | undefined)?.code, 'STATE_UNAVAILABLE')
})

scouting.run()
