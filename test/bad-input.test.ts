/**
 * Damaged blocks thrown at the engine: each gives a result or an error with a code, leaves the state
 * as it was, and the engine goes on.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ErrorCode } from '../lib/error-codes.js'
import {
  type Alloc,
  type BlockHashes,
  type BlockSource,
  Engine,
  type ExecuteBlockSyncOptions,
  encodeBlock,
  MemoryState,
  type RpcBlock,
} from '../lib/index.js'
import { decodeRlp, type RlpItem } from '../lib/rlp/index.js'
import { type BlockFixture, fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { damageBytes, mutateBytes, Random } from './random.js'
import { detached, outOfBounds, shared } from './support/buffers.js'
import { mixedAlloc, mixedBlock, mixedBlockHashes } from './support/mixed-block.js'
import { mutateJson, oddValues } from './support/mutate-json.js'
import { outcomeOf } from './support/outcome.js'
import { encodeTree } from './support/rlp-tree.js'
import { rounds } from './support/rounds.js'
import { rpcBlockOf } from './support/rpc.js'

const bad = suite('bad input')
const fixtures = withFixtures(bad, 'bad input')

/** How many damaged blocks of each kind. */
const count = rounds(process.env.BRAID_LONG === undefined ? 1_200 : 40_000, 160)
/** After how many of them a good block has to run. */
const goodEvery = 50

const engine = await Engine.create()
const { block, result: goodResult } = await mixedBlock(engine)
const source = block.serialize()
const rpcSource = JSON.stringify(rpcBlockOf(block))
const goodReceiptsRoot = goodResult.receiptsRoot

/** An engine's victim: a state that no block may change. */
class Target {
  readonly options: ExecuteBlockSyncOptions
  readonly #state: MemoryState
  readonly #before: Uint8Array
  readonly counts = new Map<ErrorCode | 'ok', number>()
  #runs = 0

  constructor(alloc: Alloc, blockHashes: BlockHashes) {
    this.#state = new MemoryState(alloc)
    this.#before = this.#state.native.dump()
    this.options = { state: this.#state, blockHashes, forgiveMissingSystemContracts: true }
  }

  /** Runs a block, on this thread or another, and checks what is left behind. */
  async run(damaged: unknown, describe: () => string): Promise<ErrorCode | 'ok'> {
    const options = { ...this.options, verify: this.#runs % 3 === 0 }
    const sync = this.#runs++ % 2 === 0
    const outcome = await outcomeOf(async () => {
      const blockSource = damaged as BlockSource
      const result = sync
        ? engine.executeBlockSync(blockSource, options)
        : await engine.executeBlock(blockSource, options)
      // What is built when it is looked at has to hold too.
      result.verify()
      for (const receipt of result.receipts) receipt.toJSON()
      for (const change of result.stateDiff) change.toJSON()
    }, describe)
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1)
    if (Buffer.compare(this.#state.native.dump(), this.#before) !== 0) {
      throw new Error(`the state changed: ${describe()}`)
    }
    return outcome
  }

  /** How many kinds of outcomes there were. */
  get kinds(): number {
    return this.counts.size
  }
}

/** The engine still does what it did before. */
function checkGoodBlock(): void {
  const options = { state: new MemoryState(mixedAlloc), blockHashes: mixedBlockHashes }
  const result = engine.executeBlockSync(source, options)
  assert.is(result.receiptsRoot, goodReceiptsRoot)
}

/** Throws damaged blocks at a target; gives the target. */
async function bombard(
  count: number,
  make: (round: number) => readonly [unknown, string],
): Promise<Target> {
  const target = new Target(mixedAlloc, mixedBlockHashes)
  for (let round = 0; round < count; round++) {
    const [damaged, description] = make(round)
    await target.run(damaged, () => description)
    if (round % goodEvery === 0) checkGoodBlock()
  }
  checkGoodBlock()
  return target
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

bad('blocks with bytes changed, moved, doubled, cut out, put in or cut off', async () => {
  const random = new Random(0xbad)
  const target = await bombard(2 * count, (round) => {
    const damaged = (round % 2 === 0 ? damageBytes : mutateBytes)(random, source)
    return [damaged, hex(damaged)]
  })
  assert.ok(target.kinds > 8, [...target.counts.keys()].join())
})

bad('every truncation of a block, and blocks with bytes behind the end', async () => {
  const step = process.env.BRAID_LONG === undefined ? 7 : 1
  await bombard(Math.floor(source.length / step), (round) => {
    return [source.subarray(0, round * step), `truncated to ${round * step}`]
  })
  const target = await bombard(50, (round) => {
    return [Buffer.concat([source, new Uint8Array(1 + round)]), `${1 + round} zeros behind`]
  })
  assert.equal([...target.counts.keys()], ['DECODE_RLP_TRAILING'])
})

bad('random bytes', async () => {
  const random = new Random(0x5eed)
  const target = await bombard(count, () => {
    const damaged = random.bytes(random.below(300))
    if (damaged.length > 3 && random.below(2) === 0) damaged.set([0xf8, damaged.length - 2])
    return [damaged, hex(damaged)]
  })
  assert.not(target.counts.has('ok'))
})

/** Replaces, doubles, swaps or drops items of a list that holds trees. */
function rearrange(random: Random, tree: RlpItem[]): void {
  let list = tree
  for (;;) {
    const at = random.below(Math.max(list.length, 1))
    const item = list[at]
    if (Array.isArray(item) && item.length > 0 && random.below(4) > 0) {
      list = item
      continue
    }
    const other = random.below(Math.max(list.length, 1))
    const kind = random.below(5)
    if (kind === 0) list.splice(at, 1)
    else if (kind === 1) list.splice(other, 0, item ?? [])
    else if (kind === 2 && list.length > 1) [list[at], list[other]] = [list[other], list[at]]
    else if (kind === 3) list[at] = random.bytes(random.pick([0, 1, 8, 9, 20, 32, 33, 256]))
    else list[at] = random.pick<RlpItem>([[], [[]], [item ?? []], new Uint8Array(5000)])
    return
  }
}

bad('well-formed RLP of other trees, typed transactions included', async () => {
  const random = new Random(0x77ee)
  const target = await bombard(2 * count, () => {
    const tree = decodeRlp(source) as RlpItem[]
    const transactions = tree[1] as RlpItem[]
    const at = random.below(transactions.length)
    const envelope = transactions[at]
    if (random.below(2) === 0 && envelope instanceof Uint8Array) {
      const inner = decodeRlp(envelope.subarray(1)) as RlpItem[]
      rearrange(random, inner)
      transactions[at] = Uint8Array.of(envelope[0], ...encodeTree(inner))
    } else {
      rearrange(random, random.below(2) === 0 ? tree : transactions)
    }
    const damaged = encodeTree(tree)
    return [damaged, hex(damaged)]
  })
  assert.ok(target.kinds > 8, [...target.counts.keys()].join())
})

/** Numbers at the limits of what signatures may hold: zero, the order of secp256k1, its half. */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const signatureNumbers = [
  0n,
  1n,
  order / 2n,
  order / 2n + 1n,
  order - 1n,
  order,
  order + 1n,
  // Above the field's order minus the group's: r could stand for two points.
  (1n << 256n) - (1n << 32n) - 977n - order,
  (1n << 256n) - 1n,
]
const bytesOf = (value: bigint) =>
  (value === 0n ? '' : value.toString(16)).replace(/^(.(..)*)$/, '0$1')

bad('signatures at the limits', async () => {
  const random = new Random(0x516)
  const target = await bombard(count, () => {
    const tree = decodeRlp(source) as RlpItem[]
    const transactions = tree[1] as RlpItem[]
    const at = random.below(transactions.length)
    const envelope = transactions[at]
    const inner = (
      envelope instanceof Uint8Array ? decodeRlp(envelope.subarray(1)) : envelope
    ) as RlpItem[]
    const numbers = [random.pick(signatureNumbers), random.pick(signatureNumbers)]
    const kept = random.below(3)
    for (const [i, value] of numbers.entries()) {
      if (i === kept) continue
      inner[inner.length - 2 + i] = Buffer.from(bytesOf(value), 'hex')
    }
    if (random.below(4) === 0) {
      const v = random.pick([0n, 1n, 2n, 26n, 27n, 28n, 29n, 35n, 37n, 38n, 39n, 1n << 255n])
      inner[inner.length - 3] = Buffer.from(bytesOf(v), 'hex')
    }
    if (envelope instanceof Uint8Array) {
      transactions[at] = Uint8Array.of(envelope[0], ...encodeTree(inner))
    }
    const damaged = encodeTree(tree)
    return [damaged, hex(damaged)]
  })
  assert.ok((target.counts.get('TX_SIGNATURE_INVALID') ?? 0) > count / 4)
})

bad('JSON blocks with values of other types and sizes', async () => {
  const random = new Random(0x15_0)
  const target = await bombard(2 * count, (round) => {
    const rpc = JSON.parse(rpcSource) as Record<string, unknown>
    for (let edits = 1 + random.below(2); edits > 0; edits--) mutateJson(random, rpc)
    return [rpc, `round ${round}`]
  })
  assert.ok(target.kinds > 8, [...target.counts.keys()].join())
})

bad('JSON blocks whose keys aim at prototypes', async () => {
  const random = new Random(0x9070)
  const payload = '{"polluted":1,"gas":"0x1","length":9,"r":"0x1","transactions":[]}'
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'serialize', 'hasOwnProperty']
  const places = [...rpcSource.matchAll(/[{,](?="\w+":)/g)].map(({ index }) => index + 1)
  await bombard(count / 4, () => {
    const at = random.pick(places)
    const member = `"${random.pick(names)}":${random.below(2) === 0 ? payload : 'null'},`
    const text = rpcSource.slice(0, at) + member + rpcSource.slice(at)
    return [JSON.parse(text), text]
  })
  assert.is(Object.hasOwn(Object.prototype, 'polluted'), false)
  assert.is(({} as Record<string, unknown>).gas, undefined)
})

/** An object all of whose parts count what is read of them, and fail at the `last` reading. */
function failingAt(value: unknown, last: { count: number }): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, key, receiver) {
      if (last.count-- === 0) throw new RangeError(`no ${String(key)}`)
      return failingAt(Reflect.get(target, key, receiver), last)
    },
    has(target, key) {
      if (last.count-- === 0) throw new TypeError(`no ${String(key)}`)
      return Reflect.has(target, key)
    },
  })
}

bad('JSON blocks whose getters throw, whichever does', async () => {
  const readings = { count: Number.POSITIVE_INFINITY }
  let reads = 0
  const target = new Target(mixedAlloc, mixedBlockHashes)
  for (; reads < 2_000; reads++) {
    readings.count = reads
    const rpc = failingAt(JSON.parse(rpcSource), readings)
    const outcome = await target.run(rpc, () => `reading ${reads}`)
    if (outcome === 'ok') break
    assert.is(outcome, 'DECODE_SOURCE_FAILED')
  }
  assert.ok(reads > 100 && reads < 2_000, `${reads} readings`)
  checkGoodBlock()
})

bad('objects that are no blocks, and blocks that are no objects', async () => {
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const given = detached(source)
  const beyond = outOfBounds()
  const target = new Target(mixedAlloc, mixedBlockHashes)
  for (const [index, odd] of [
    ...oddValues.filter((value) => typeof value !== 'object' || Array.isArray(value)),
    revoked.proxy,
    given,
    beyond,
    Object.create(Uint8Array.prototype) as unknown,
    new Uint16Array(source.length),
    new DataView(source.buffer),
    source.buffer,
    { serialize: () => given },
    { serialize: () => 'block' },
    { serialize: () => ({ length: 5 }) },
    {
      serialize() {
        throw undefined
      },
    },
    { transactions: { length: 2 ** 32 } },
    { transactions: Array(2 ** 31) },
    { ...JSON.parse(rpcSource), transactions: Array(2 ** 31) },
    new Uint8Array(65 << 20),
  ].entries()) {
    const outcome = await target.run(odd, () => `source ${index}: ${typeof odd}`)
    assert.match(outcome, /^DECODE_/, `source ${index}`)
  }
  checkGoodBlock()
})

bad('bytes that change or go while the block runs and after', async () => {
  const options = { state: new MemoryState(mixedAlloc), blockHashes: mixedBlockHashes }
  const bytes = Uint8Array.from(source)
  const running = engine.executeBlock(bytes, options)
  bytes.fill(0xff)
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  const result = await running
  assert.equal(result.verify(), [])
  assert.is(result.hash, goodResult.hash)
  assert.is(result.receipts[3].transactionHash, goodResult.receipts[3].transactionHash)

  assert.is((await engine.executeBlock(shared(source), options)).receiptsRoot, goodReceiptsRoot)
})

/** Header numbers at their limits: what they do to hardforks, prices, windows and types. */
bad('header numbers at their limits', async () => {
  const limits = ['0x0', '0x1', '0x7fffffffffffffff', '0x8000000000000000', '0xffffffffffffffff']
  const fields = [
    'number',
    'timestamp',
    'gasLimit',
    'gasUsed',
    'excessBlobGas',
    'blobGasUsed',
    'difficulty',
    'baseFeePerGas',
  ]
  const cases = fields.flatMap((field) => limits.map((limit) => [field, limit] as const))
  await bombard(cases.length * 2, (round) => {
    const [field, limit] = cases[round % cases.length]
    const rpc = JSON.parse(rpcSource) as Record<string, unknown>
    rpc[field] = limit
    // The claimed hash would be the first difference.
    delete rpc.hash
    const encoded = round < cases.length ? rpc : encodeBlock(rpc as unknown as RpcBlock)
    return [encoded, `${field} ${limit}`]
  })
})

fixtures.test('mainnet blocks with damaged bytes and JSON', async () => {
  const random = new Random(0x3a1)
  const names = fixtureNames('mainnet_blocks')
  const perBlock = process.env.BRAID_LONG === undefined ? 3 : 200
  for (const name of names) {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
    const target = new Target(preState, blockHashes)
    const encoded = encodeBlock(block)
    const text = JSON.stringify(block)
    for (let round = 0; round < perBlock; round++) {
      const damaged = damageBytes(random, encoded)
      await target.run(damaged, () => `${name} ${hex(damaged)}`)
      const rpc = JSON.parse(text) as Record<string, unknown>
      mutateJson(random, rpc)
      await target.run(rpc, () => `${name} round ${round}`)
    }
  }
  checkGoodBlock()
})

bad.run()
fixtures.report()
