/** Traces that other projects recorded, of Besu's test chain, of mainnet blocks, of single transactions. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  Engine,
  type FlatCall,
  type Hex,
  MemoryState,
  readBlocks,
  readGenesis,
  type TracerConfigs,
  type TracerName,
} from '../lib/index.js'
import { emptyHeader } from '../lib/workloads/draft.js'
import {
  type BlockFixture,
  fixtureNames,
  fixturePath,
  readFixture,
  withFixtures,
} from './fixtures.js'
import { errorOf } from './support/thrown.js'

const oracles = suite('recorded traces')
const fixtures = withFixtures(oracles, 'recorded traces')

/**
 * A diff without what later versions of geth say of accounts that were touched and are not there:
 * `{ codeHash: 0x00… }` in `post`.
 */
function withoutTouched(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTouched)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, member]) => {
    return JSON.stringify(member) !== `{"codeHash":"0x${'00'.repeat(32)}"}`
  })
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutTouched(member)]))
}

/** Who destroyed themselves in calls that came to nothing. */
function destroyedInVain(calls: readonly FlatCall[]): Set<Hex> {
  const failed = calls.filter(({ error }) => error !== undefined)
  const isBelow = (address: readonly number[], above: readonly number[]) =>
    above.every((place, i) => address[i] === place)
  return new Set(
    calls
      .filter(({ type }) => type === 'suicide')
      .filter((call) => failed.some((f) => isBelow(call.traceAddress, f.traceAddress)))
      .map(({ action }) => action.address as Hex),
  )
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

interface Exchange {
  readonly request: {
    readonly params: readonly [
      Hex,
      { tracer: TracerName; tracerConfig?: TracerConfigs[TracerName] },
    ]
  }
  readonly response: { readonly result?: unknown; readonly error?: { readonly message: string } }
}

fixtures.test('of geth over the test chain of Besu', async () => {
  const folder = ['oracles', 'besu_debug_geth'] as const
  const kinds = ['4byte-tracer', 'call-tracer', 'prestate-tracer/diff-mode-false']
  kinds.push('prestate-tracer/diff-mode-true')
  const exchanges = kinds.flatMap((kind) => {
    const place = [...folder, 'specs', ...kind.split('/')]
    return fixtureNames(...place).map((name) => readFixture<Exchange>(...place, name))
  })
  const askedOf = (number: number) =>
    exchanges.filter(({ request }) => Number(request.params[0]) === number)
  const genesis = await readGenesis(fixturePath(...folder, 'chain', 'genesis.json.gz'))
  const state = new MemoryState(genesis.alloc, { trie: true })
  const engine = await Engine.create({ common: genesis.common, threads: 2 })
  const blockHashes: Record<string, Hex> = {}
  let compared = 0
  let number = 0
  for await (const block of readBlocks(fixturePath(...folder, 'chain', 'blocks.rlp.gz'))) {
    number++
    for (const { request, response } of askedOf(number)) {
      const { tracer, tracerConfig: config } = request.params[1]
      const traces = engine.traceBlock(block, { state, blockHashes, tracer, config })
      const answer = JSON.parse(JSON.stringify(await collect(traces)))
      const isDiff = config !== undefined && 'diffMode' in config && config.diffMode
      const ours = isDiff ? withoutTouched(answer) : answer
      assert.equal(ours, response.result, `block ${number}, ${tracer}`)
      compared++
    }
    const result = await engine.executeBlock(block, { state, blockHashes })
    blockHashes[number] = result.header.hash
    state.commit(result)
  }
  // That of block 0 is refused.
  await using mainnet = await Engine.create()
  const first = { ...emptyHeader, transactions: [], uncles: [] }
  for (const { request, response } of askedOf(0)) {
    assert.is(response.error?.message, 'genesis is not traceable')
    const { tracer } = request.params[1]
    const trace = mainnet.traceBlock(first, { state, tracer }).next()
    assert.is((await errorOf(trace)).code, 'TRACE_GENESIS')
    compared++
  }
  engine.close()
  assert.is(compared, exchanges.length)
  assert.is(compared, 140)
})

/** Where two answers differ, code hashes aside: the members that lead there, and what each has. */
function* differences(ours: unknown, theirs: unknown, path: string): Generator<string> {
  const [a, b] = [ours, theirs].map((value) => Object(value) as Record<string, unknown>)
  if (ours !== Object(ours) || theirs !== Object(theirs)) {
    if (ours !== theirs) yield `${path} ${JSON.stringify(ours)} ${JSON.stringify(theirs)}`
    return
  }
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (name !== 'codeHash') yield* differences(a[name], b[name], `${path}.${name}`)
  }
}

fixtures.test('of a block of mainnet, from a client that has not said its name', async () => {
  const name = '22244135.json.gz'
  const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', name)
  const engine = await Engine.create({ threads: 2 })
  const state = new MemoryState(preState)
  const kinds: readonly {
    readonly file: string
    readonly tracer: TracerName
    readonly config: TracerConfigs[TracerName]
    /** What that client alone says, or does not say, and how often. */
    readonly own: readonly (readonly [RegExp, number])[]
  }[] = [
    { file: 'calltrace', tracer: 'callTracer', config: {}, own: [] },
    {
      file: 'prestatetrace',
      tracer: 'prestateTracer',
      config: { includeEmpty: true },
      // A slot that an SSTORE could not pay for.
      own: [[/^2[456]\.0x88df\w+\.storage\.0x\w+ undefined "0x0+"$/, 3]],
    },
    {
      file: 'difftrace',
      tracer: 'prestateTracer',
      config: { diffMode: true },
      // Accounts that come to be; one that was touched, and is not there.
      own: [
        [/^\d+\.pre\.0x\w+ undefined {"balance":"0x0"}$/, 11],
        [/^\d+\.post\.0x\w+ {"codeHash":"0x0+"} undefined$/, 1],
      ],
    },
  ]
  for (const { file, tracer, config, own } of kinds) {
    const place = ['oracles', 'mainnet_traced', '22244135', `${file}.json.gz`]
    const { result } = readFixture<{ result: { result: unknown }[] }>(...place)
    const traces = await collect(engine.traceBlock(block, { state, blockHashes, tracer, config }))
    assert.is(traces.length, result.length)
    const found = traces.flatMap(({ value }, i) => [
      ...differences(value, result[i].result, String(i)),
    ])
    const isKnown = (difference: string) => own.some(([pattern]) => pattern.test(difference))
    assert.equal(
      found.filter((difference) => !isKnown(difference)),
      [],
    )
    for (const [pattern, count] of own) {
      assert.is(found.filter((difference) => pattern.test(difference)).length, count)
    }
  }
  engine.close()
})

interface RecordedTransaction {
  readonly index: number
  readonly transaction: Readonly<
    Record<'from' | 'value' | 'input' | 'gas' | 'nonce' | 'effectiveGasPrice', Hex>
  > & { readonly to: Hex | null }
  readonly prestate: object
  readonly prestateDiff: object
}

interface RecordedBlock {
  readonly number: number
  readonly env: Readonly<Record<'coinbase' | 'timestamp' | 'baseFeePerGas' | 'gasLimit', string>>
  readonly codes: Readonly<Record<Hex, Hex>>
  readonly transactions: readonly RecordedTransaction[]
}

/** Puts the code back into accounts, by its hash. */
function withCodes(value: unknown, codes: RecordedBlock['codes']): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value).map(([name, member]) => [name, withCodes(member, codes)])
  const { codeHash } = value as { readonly codeHash?: Hex }
  const code = codeHash === undefined ? undefined : codes[codeHash]
  return Object.fromEntries(code === undefined ? members : [...members, ['code', code]])
}

fixtures.test(
  'of single transactions of mainnet, each on what a node says it looked up',
  async () => {
    const engine = await Engine.create({ threads: 2 })
    let compared = 0
    for (const name of fixtureNames('oracles', 'mainnet_prestate')) {
      if (!name.endsWith('.json.gz')) continue
      const block = readFixture<RecordedBlock>('oracles', 'mainnet_prestate', name)
      const { number, env, codes, transactions } = block
      const environment = {
        number: BigInt(number),
        timestamp: BigInt(env.timestamp),
        gasLimit: BigInt(env.gasLimit),
        coinbase: env.coinbase as Hex,
        baseFee: BigInt(env.baseFeePerGas),
        prevRandao: `0x${'00'.repeat(32)}`,
      } as const
      for (const { index, transaction, prestate, prestateDiff } of transactions) {
        const { from, to, value, input, gas, effectiveGasPrice } = transaction
        const before = withCodes(prestate, codes)
        const state = new MemoryState(before as never)
        const request = {
          from,
          to: to ?? undefined,
          value,
          input,
          gas,
          gasPrice: effectiveGasPrice,
        }
        const place = { state, environment, tracer: 'prestateTracer' } as const
        const looked = await engine.traceCall(request, place)
        assert.equal(looked.value, before, `${number} ${index}`)
        const changed = await engine.traceCall(request, { ...place, config: { diffMode: true } })
        const calls = await engine.traceCall(request, { ...place, tracer: 'flatCallTracer' })
        const inVain = destroyedInVain(calls.value)
        const kept = Object.entries(changed.value.pre).filter(([at]) => !inVain.has(at as Hex))
        const diff = { pre: Object.fromEntries(kept), post: withoutTouched(changed.value.post) }
        assert.equal(diff, withCodes(prestateDiff, codes), `${number} ${index}`)
        compared++
      }
    }
    engine.close()
    assert.ok(compared > 100)
  },
)

fixtures.report()
oracles.run()
