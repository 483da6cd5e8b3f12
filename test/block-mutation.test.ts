/** Damaged blocks: every one decodes and packs, or gives an error of this package. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BlockSource, decodeBlock, packBlock } from '../lib/block/index.js'
import { rulesetForFork } from '../lib/chain/index.js'
import { BraidError } from '../lib/errors.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { BlockInput, Transaction } from '../lib/native/wire.js'
import { decodeRlp, type RlpItem } from '../lib/rlp/index.js'
import { mutateBytes, Random } from './random.js'
import { mutateJson } from './support/mutate-json.js'
import { encodeTree } from './support/rlp-tree.js'
import { sampleBlock, sampleRpcBlock } from './support/sample-block.js'

const mutation = suite('damaged blocks')

const source = sampleBlock().serialize()
const prague = rulesetForFork('Prague')

/** How many damaged blocks of each kind. */
const rounds = process.env.BRAID_LONG === undefined ? 6_000 : 200_000

/** Whether a source decodes; anything but an error of ours is a failure. */
function survives(damaged: unknown, describe: () => string): boolean {
  try {
    const block = decodeBlock(damaged as BlockSource)
    checkRanges(packBlock(block, prague))
    for (let i = 0; i < block.transactions.length; i++) {
      block.transactions.to(i)
      block.transactions.encodings.at(i)
    }
    for (const withdrawal of block.withdrawals ?? []) assert.ok(withdrawal.amount >= 0n)
    return true
  } catch (error) {
    if (error instanceof BraidError) return false
    console.error(describe())
    throw error
  }
}

/** The ranges that the records name lie in the pool. */
function checkRanges(input: Uint8Array): void {
  const reader = new PackedReader(input)
  const pool = reader.sectionCount(BlockInput.pool)
  assert.ok(reader.sectionOffset(BlockInput.pool) + pool <= input.length)
  for (let i = 0; i < reader.sectionCount(BlockInput.transactions); i++) {
    const at = reader.sectionOffset(BlockInput.transactions) + i * Transaction.SIZE
    const data = reader.u32(at + Transaction.dataOffset) + reader.u32(at + Transaction.dataSize)
    const payload =
      reader.u32(at + Transaction.payloadOffset) + reader.u32(at + Transaction.payloadSize)
    assert.ok(data <= pool && payload <= pool)
    assert.ok(reader.u8(at + Transaction.type) <= 4)
  }
}

mutation('the bytes of a block', () => {
  const random = new Random(0xb10c)
  let refused = 0
  for (let i = 0; i < rounds; i++) {
    const damaged = mutateBytes(random, source)
    if (!survives(damaged, () => Buffer.from(damaged).toString('hex'))) refused++
  }
  assert.ok(refused > rounds / 2 && refused < rounds, `${refused} of ${rounds} refused`)
})

mutation('every truncation', () => {
  for (let size = 0; size < source.length; size++) {
    assert.not(survives(source.subarray(0, size), () => `truncated to ${size}`))
  }
})

mutation('random bytes', () => {
  const random = new Random(0xdead)
  for (let i = 0; i < rounds; i++) {
    const damaged = random.bytes(random.below(200))
    // A list that seems to hold the rest, so that reading goes on.
    if (damaged.length > 3 && random.below(2) === 0) {
      damaged.set([0xf8, damaged.length - 2])
    }
    assert.not(survives(damaged, () => Buffer.from(damaged).toString('hex')))
  }
})

/** Values that fields of a tree are replaced by. */
const odd: readonly RlpItem[] = [
  new Uint8Array(0),
  Uint8Array.of(0),
  Uint8Array.of(1),
  Uint8Array.of(0x80),
  new Uint8Array(8).fill(0xff),
  new Uint8Array(9).fill(0xff),
  new Uint8Array(20),
  new Uint8Array(32).fill(0xff),
  new Uint8Array(33).fill(1),
  new Uint8Array(1000),
  [],
  [[]],
  [new Uint8Array(20), []],
  [[new Uint8Array(20), [new Uint8Array(32)]]],
]

/** Replaces, doubles or drops one item somewhere in a tree. */
function mutateTree(random: Random, tree: RlpItem[]): void {
  let list = tree
  for (;;) {
    if (list.length === 0) {
      list.push(random.pick(odd))
      return
    }
    const at = random.below(list.length)
    const item = list[at]
    if (Array.isArray(item) && random.below(5) > 0) {
      list = item
      continue
    }
    const kind = random.below(4)
    if (kind === 0) list.splice(at, 1)
    else if (kind === 1) list.splice(at, 0, item)
    else list[at] = random.pick(odd)
    return
  }
}

mutation('canonical RLP of other trees', () => {
  const random = new Random(0x7ee)
  let refused = 0
  for (let i = 0; i < rounds; i++) {
    const tree = decodeRlp(source) as RlpItem[]
    // Transactions inside envelopes are trees too.
    const transactions = tree[1] as RlpItem[]
    const at = 3 + random.below(4)
    const envelope = transactions[at] as Uint8Array
    if (random.below(2) === 0) {
      const inner = decodeRlp(envelope.subarray(1)) as RlpItem[]
      mutateTree(random, inner)
      transactions[at] = Uint8Array.of(envelope[0], ...encodeTree(inner))
    } else {
      mutateTree(random, tree)
    }
    const damaged = encodeTree(tree)
    if (!survives(damaged, () => Buffer.from(damaged).toString('hex'))) refused++
  }
  assert.ok(refused > rounds / 4 && refused < rounds, `${refused} of ${rounds} refused`)
})

mutation('JSON blocks with odd values', () => {
  const random = new Random(0x15)
  let refused = 0
  for (let i = 0; i < rounds; i++) {
    const rpc = sampleTemplate()
    for (let edits = 1 + random.below(2); edits > 0; edits--) mutateJson(random, rpc)
    if (!survives(rpc, () => String(i))) refused++
  }
  assert.ok(refused > rounds / 4 && refused < rounds, `${refused} of ${rounds} refused`)
})

const template = JSON.stringify(sampleRpcBlock())
const sampleTemplate = () => JSON.parse(template) as Record<string, unknown>

mutation.run()
