/** Blocks and transactions as geth's tracers show them. */

import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BlockSource,
  type CallFrame,
  Engine,
  type ErrorCode,
  type Hex,
  MemoryState,
  type PolicyName,
  SourceState,
  type StateSource,
  type TracedChanges,
  type TracerConfigs,
  type TracerName,
} from '../lib/index.js'
import { coinbase, draftBlock, emptyHeader } from '../lib/workloads/draft.js'
import { damagedHeader } from './support/damaged-header.js'
import { endlessAlloc, endlessBlock, endlessOptions } from './support/endless.js'
import { errorOf, thrownBy } from './support/thrown.js'
import { cast, people, tracedAlloc, tracedBlock } from './support/traced-block.js'

const traces = suite('traces')

const engine = await Engine.create({ policy: 'sequential', threads: 1 })
const block = await tracedBlock()
const state = new MemoryState(tracedAlloc)
const { receipts } = await engine.executeBlock(block, { state })
const hashes = receipts.map(({ transactionHash }) => transactionHash)
const gasOf = (index: number): Hex => `0x${receipts[index].gasUsed.toString(16)}`

/** Every tracer, with some of the options that change what it says. */
const variants: readonly { readonly tracer: TracerName; readonly config?: object }[] = [
  { tracer: 'callTracer' },
  { tracer: 'callTracer', config: { withLog: true } },
  { tracer: 'callTracer', config: { onlyTopCall: true } },
  { tracer: 'flatCallTracer' },
  { tracer: 'flatCallTracer', config: { includePrecompiles: true, convertParityErrors: true } },
  { tracer: 'prestateTracer' },
  { tracer: 'prestateTracer', config: { diffMode: true } },
  { tracer: 'prestateTracer', config: { disableCode: true, includeEmpty: true } },
  { tracer: '4byteTracer' },
  { tracer: 'structLogs' },
  { tracer: 'structLogs', config: { enableMemory: true, disableStorage: true } },
  { tracer: 'eip3155' },
  { tracer: 'eip3155', config: { enableMemory: true, enableReturnData: true, callFrames: true } },
  { tracer: 'noopTracer' },
  { tracer: 'keccak256PreimageTracer' },
  { tracer: 'parity' },
  { tracer: 'parity', config: { trace: true, stateDiff: true } },
  { tracer: 'parity', config: { vmTrace: true, trace: true, stateDiff: true, client: 'erigon' } },
  {
    tracer: 'muxTracer',
    config: {
      prestateTracer: { diffMode: true },
      callTracer: { withLog: true },
      '4byteTracer': {},
    },
  },
]

/** The tracer's options as a caller has them who does not know which tracer it is. */
const optionsOf = ({ tracer, config }: (typeof variants)[number]) => ({
  tracer,
  config: config as TracerConfigs[TracerName],
})

/** The JSON of all transactions. */
async function textsOf(
  by: Engine,
  source: BlockSource,
  options: Parameters<Engine['traceBlock']>[1],
): Promise<string[]> {
  const texts: string[] = []
  for await (const { json, txHash, txIndex } of by.traceBlock(source, options)) {
    assert.is(txIndex, texts.length)
    if (source === block) assert.is(txHash, hashes[txIndex])
    texts.push(json)
  }
  return texts
}

traces('callTracer shows the tree of calls', async () => {
  const shown: CallFrame[] = []
  for await (const { value } of engine.traceBlock(block, { state, tracer: 'callTracer' })) {
    shown.push(value)
  }
  assert.is(shown.length, receipts.length)
  // The gas of a call with value is what is asked for and the stipend.
  const paid = (to: Hex, value: Hex) => ({
    from: cast.splitter,
    gas: '0x108fb',
    gasUsed: '0x0',
    to,
    input: '0x',
    value,
    type: 'CALL',
  })
  assert.equal(shown[0], {
    from: people[0].address,
    gas: '0x493e0',
    gasUsed: gasOf(0),
    to: cast.splitter,
    input: '0x',
    calls: [paid(cast.payees[0], '0x3'), paid(cast.payees[1], '0x4')],
    value: '0x7',
    type: 'CALL',
  })
  assert.is(shown[1].error, 'execution reverted')
  assert.is(shown[1].revertReason, 'no')
  assert.is(shown[1].output?.length, 2 + 2 * 100)
  assert.equal(shown[2].calls, undefined)
  assert.equal(
    shown[3].calls?.map(({ type, to }) => [type, to]),
    [
      ['STATICCALL', `0x${'4'.padStart(40, '0')}`],
      ['CALL', cast.counter],
    ],
  )
  assert.is(shown[4].type, 'CREATE')
  assert.is(shown[4].to, receipts[4].contractAddress)
  assert.is(shown[4].output, '0x01')
  assert.is(shown.at(-1)?.error, 'out of gas')
})

traces('logs are numbered as receipts have them', async () => {
  const config = { withLog: true }
  for await (const { txIndex, value } of engine.traceBlock(block, {
    state,
    tracer: 'callTracer',
    config,
  })) {
    const all = (frame: CallFrame): number[] => [
      ...(frame.logs ?? []).map(({ index }) => Number(index)),
      ...(frame.calls ?? []).flatMap(all),
    ]
    assert.equal(
      all(value),
      receipts[txIndex].logs.map(({ logIndex }) => logIndex),
    )
  }
})

traces('prestateTracer shows accounts before, and in diffMode what was changed', async () => {
  const tracer = 'prestateTracer'
  const slot = `0x${'00'.repeat(32)}` as const
  const before = await engine.traceTransaction(block, 6, { state, tracer })
  // The counter was called twice before.
  assert.is(before.value[cast.counter]?.storage?.[slot], `0x${'2'.padStart(64, '0')}`)
  assert.is(before.value[cast.counter]?.nonce, 1)
  const options = { state, tracer, config: { diffMode: true } } as const
  const { value } = await engine.traceTransaction(block, 6, options)
  const { pre, post }: TracedChanges = value
  assert.equal(pre[cast.counter]?.storage, { [slot]: `0x${'2'.padStart(64, '0')}` })
  assert.equal(post[cast.counter], { storage: { [slot]: `0x${'3'.padStart(64, '0')}` } })
})

traces('4byteTracer, flatCallTracer and structLogs say what the same calls are', async () => {
  const at = { state }
  const named = await engine.traceTransaction(block, 1, { ...at, tracer: '4byteTracer' })
  assert.equal(named.value, { '0x12345678-0': 1 })
  const flat = await engine.traceTransaction(block, 0, { ...at, tracer: 'flatCallTracer' })
  assert.equal(
    flat.value.map(({ traceAddress, action: { to, value } }) => [traceAddress, to, value]),
    [
      [[], cast.splitter, '0x7'],
      [[0], cast.payees[0], '0x3'],
      [[1], cast.payees[1], '0x4'],
    ],
  )
  const { header } = await engine.executeBlock(block, { state })
  assert.is(flat.value[0].blockHash, header.hash)
  assert.is(flat.value[0].transactionHash, hashes[0])
  assert.is(flat.value[0].blockNumber, Number(header.number))
  const steps = await engine.traceTransaction(block, 6, { ...at, tracer: 'structLogs' })
  assert.is(steps.value.gas, Number(receipts[6].gasUsed))
  assert.equal(
    steps.value.structLogs.map(({ op }) => op),
    'PUSH1 SLOAD PUSH1 ADD PUSH1 SSTORE PUSH1 PUSH1 PUSH1 LOG1 STOP'.split(' '),
  )
  assert.is(steps.value.structLogs[0].gas, 300_000 - 21_000)
})

const engines: readonly { readonly policy: PolicyName; readonly threads: number }[] = [
  { policy: 'optimistic', threads: 1 },
  { policy: 'optimistic', threads: 2 },
  { policy: 'optimistic', threads: 16 },
  { policy: 'ahead', threads: 2 },
  { policy: 'ahead', threads: 16 },
  { policy: 'adaptive', threads: 2 },
  { policy: 'sequential', threads: 16 },
]

traces('are the same whatever the policy and the number of threads', async () => {
  for (const made of engines) {
    const other = await Engine.create(made)
    for (const variant of variants) {
      const options = { state, ...optionsOf(variant) }
      const expected = await textsOf(engine, block, options)
      assert.is(expected.length, receipts.length)
      for (let repeat = 0; repeat < 3; repeat++) {
        const place = `${JSON.stringify(made)} ${JSON.stringify(variant)}`
        assert.equal(await textsOf(other, block, options), expected, place)
      }
    }
    other.close()
  }
})

traces('of one transaction are those that the block has, by place and by hash', async () => {
  for (const variant of variants) {
    const options = { state, ...optionsOf(variant) }
    const expected = await textsOf(engine, block, options)
    for (const at of [0, 3, 4, 17, expected.length - 1]) {
      for (const name of [at, hashes[at], `0x${hashes[at].slice(2).toUpperCase()}`]) {
        const { json, txIndex, txHash } = await engine.traceTransaction(block, name, options)
        assert.is(json, expected[at], JSON.stringify(variant))
        assert.is(txIndex, at)
        assert.is(txHash, hashes[at])
      }
    }
  }
})

traces('of one transaction need nothing of what comes after it', async () => {
  const [{ address }] = people
  const transaction = (nonce: number) => ({
    type: 0,
    from: address,
    to: cast.counter,
    nonce,
    gas: 100_000,
    gasPrice: 7_000_000_000n,
    value: 0,
    input: '0x',
  })
  const source = draftBlock({ transactions: [transaction(0), transaction(1), transaction(7)] })
  const options = { state, tracer: 'callTracer', trustSenders: true } as const
  const { value } = await engine.traceTransaction(source, 1, options)
  assert.is(value.from, address)
  const error = await errorOf(engine.traceBlock(source, options).next())
  assert.is(error.code, 'TX_NONCE_TOO_HIGH')
  assert.is((await errorOf(engine.traceTransaction(source, 2, options))).code, error.code)
})

traces('objects are made when they are looked at, and are JSON as geth has it', async () => {
  const items = []
  for await (const trace of engine.traceBlock(block, { state, tracer: 'callTracer' })) {
    items.push(trace)
  }
  const [first] = items
  assert.is(first.value, first.value)
  assert.is(Buffer.from(first.bytes).toString('utf8'), first.json)
  assert.equal(JSON.parse(first.json), first.value)
  const answer = JSON.parse(JSON.stringify(items))
  assert.equal(answer[0], { txHash: hashes[0], result: JSON.parse(first.json) })
  assert.equal(Object.keys(first), ['txHash', 'txIndex', 'bytes', 'json', 'value'])
  assert.is(structuredClone({ ...first }).json, first.json)
})

traces('a block that is not what its header says is not traced', async () => {
  const wrong = damagedHeader(block, 'gasUsed')
  for (const { tracer } of variants) {
    const iteration = engine.traceBlock(wrong, { state, tracer })
    const error = await errorOf(iteration.next())
    assert.is(error.code, 'BLOCK_FIELD_MISMATCH', tracer)
    assert.is(error.details.field, 'gasUsed')
    assert.is((await iteration.next()).done, true)
    const seen = await textsOf(engine, wrong, { state, tracer, verify: false })
    assert.is(seen.length, receipts.length)
  }
  const withTrie = new MemoryState(tracedAlloc, { trie: true })
  for (const tracer of ['callTracer', 'structLogs'] as const) {
    assert.is((await textsOf(engine, block, { state: withTrie, tracer })).length, receipts.length)
    const elsewhere = damagedHeader(block, 'stateRoot')
    const error = await errorOf(engine.traceBlock(elsewhere, { state: withTrie, tracer }).next())
    assert.is(error.details.field, 'stateRoot')
  }
})

traces('fail as executing does', async () => {
  for (const { tracer } of variants) {
    const error = await errorOf(
      engine.traceBlock(block, { state: new MemoryState({}), tracer }).next(),
    )
    assert.is(error.code, 'TX_INSUFFICIENT_FUNDS')
    assert.is(error.details.txIndex, 0)
    const malformed = engine.traceBlock(Uint8Array.of(0xc0), { state, tracer })
    assert.match((await errorOf(malformed.next())).code, /^DECODE_/)
  }
})

/** The code of the error of one call, and the field that it names. */
function refusal(options: object, source: BlockSource = block): [ErrorCode, string | undefined] {
  const { code, details } = thrownBy(() => engine.traceBlock(source, options as never))
  return [code, details.field]
}

traces('options that there are not are refused at once', async () => {
  const invalid = (field: string): [ErrorCode, string] => ['OPTION_INVALID', field]
  assert.equal(refusal({ state }), invalid('tracer'))
  for (const tracer of ['calltracer', 'toString', '', 1, null]) {
    assert.equal(refusal({ state, tracer }), invalid('tracer'))
  }
  const tracer = 'callTracer'
  assert.equal(refusal({ tracer }), invalid('state'))
  assert.equal(refusal({ state, tracer, transactionRoots: true }), invalid('transactionRoots'))
  assert.equal(refusal({ state, tracer, signal: {} }), invalid('signal'))
  assert.equal(refusal({ state, tracer, timeout: -1 }), invalid('timeout'))
  assert.equal(refusal({ state, tracer, config: 7 }), invalid('config'))
  assert.equal(refusal({ state, tracer, config: { withLogs: true } }), invalid('config.withLogs'))
  assert.equal(refusal({ state, tracer, config: { withLog: 1 } }), invalid('config.withLog'))
  const pre = { state, tracer: 'prestateTracer' }
  const both = { diffMode: true, includeEmpty: true }
  assert.equal(refusal({ ...pre, config: both }), invalid('config.includeEmpty'))
  assert.match(
    thrownBy(() => engine.traceBlock(block, { ...pre, config: both } as never)).message,
    /^cannot use diffMode with includeEmpty$/,
  )
  const steps = { state, tracer: 'structLogs' }
  for (const limit of [-1, 1.5, 1n, 2 ** 60, '9']) {
    assert.equal(refusal({ ...steps, config: { limit } }), invalid('config.limit'))
  }
  const one = await errorOf(
    engine.traceTransaction(block, 0, { state, tracer, verify: false } as never),
  )
  assert.equal([one.code, one.details.field], invalid('verify'))
})

traces('say which transaction there is not', async () => {
  const options = { state, tracer: 'callTracer' } as const
  for (const at of [receipts.length, -1, `0x${'00'.repeat(32)}`]) {
    const error = await errorOf(engine.traceTransaction(block, at, options))
    assert.is(error.code, 'TRACE_TRANSACTION_MISSING')
    assert.is(error.details.actual, at)
  }
  for (const at of ['0x12', 'first', 0.5, undefined, hashes[0].slice(2)]) {
    const error = await errorOf(engine.traceTransaction(block, at as never, options))
    assert.is(error.code, 'OPTION_INVALID')
    assert.is(error.details.field, 'transaction')
  }
})

traces('there are none of the genesis block, and none on another EVM', async () => {
  const genesis = { ...emptyHeader, transactions: [], uncles: [] }
  const options = { state, tracer: 'callTracer', verify: false } as const
  assert.is((await errorOf(engine.traceBlock(genesis, options).next())).code, 'TRACE_GENESIS')
  const vm = fileURLToPath(new URL('../Release/libbraidvm.so', import.meta.url))
  const foreign = await Engine.create({ vm })
  const error = thrownBy(() => foreign.traceBlock(block, { state, tracer: 'callTracer' }))
  assert.equal([error.code, error.details.field], ['OPTION_UNSUPPORTED', 'vm'])
  foreign.close()
  assert.is(
    thrownBy(() => foreign.traceBlock(block, { state, tracer: 'callTracer' })).code,
    'ENGINE_CLOSED',
  )
})

const endless = { state: new MemoryState(endlessAlloc), ...endlessOptions }

traces('end when a signal aborts', async () => {
  for (const variant of variants) {
    const controller = new AbortController()
    const { signal } = controller
    const next = engine
      .traceBlock(endlessBlock(), { ...endless, ...optionsOf(variant), signal })
      .next()
    await wait(15)
    const start = performance.now()
    controller.abort('enough')
    const error = await errorOf(next)
    assert.is(error.code, 'CANCELLED')
    assert.is(error.cause, 'enough')
    assert.ok(performance.now() - start < 1_000)
  }
  // While instructions are written.
  const { verify: _, ...options } = endless
  for (const config of [{}, { limit: 1 }]) {
    const signal = AbortSignal.timeout(15)
    const running = engine.traceTransaction(endlessBlock('calling'), 0, {
      ...options,
      tracer: 'structLogs',
      config,
      signal,
    })
    assert.is((await errorOf(running)).code, 'CANCELLED')
  }
})

traces('aborted between two transactions, there is no second one', async () => {
  for (const { tracer } of variants) {
    const controller = new AbortController()
    const iteration = engine.traceBlock(block, { state, tracer, signal: controller.signal })
    assert.is((await iteration.next()).value?.txIndex, 0)
    controller.abort()
    assert.is((await errorOf(iteration.next())).code, 'CANCELLED')
    const aborted = thrownBy(() =>
      engine.traceBlock(block, { state, tracer, signal: controller.signal }),
    )
    assert.is(aborted.code, 'CANCELLED')
  }
})

traces('end when the time is up, and when nobody wants them', async () => {
  for (const tracer of ['callTracer', 'structLogs'] as const) {
    const options = { ...endless, tracer, timeout: 15 }
    assert.is((await errorOf(engine.traceBlock(endlessBlock(), options).next())).code, 'TIMEOUT')
    const iteration = engine.traceBlock(endlessBlock(), { ...endless, tracer })
    const next = errorOf(iteration.next())
    await wait(15)
    await iteration.return()
    assert.is((await next).code, 'CANCELLED')
    await using unused = engine.traceBlock(endlessBlock(), { ...endless, tracer })
    assert.ok(unused)
  }
  for await (const { txIndex } of engine.traceBlock(block, { state, tracer: 'structLogs' })) {
    if (txIndex === 2) break
  }
})

traces('what a transaction does may be too much to be kept', async () => {
  const address = cast.caller
  // 512 calls with a MiB of data each.
  const code = '0x6102005b600060006210000060006000 60be61fffff15060019003806003 57'.replaceAll(
    ' ',
    '',
  )
  const from = people[0].address
  const large = new MemoryState({ [from]: { balance: 10n ** 18n }, [address]: { code } })
  const call = { type: 0, from, to: address, gasPrice: 0, value: 0, input: '0x', gas: 4_000_000 }
  const source = draftBlock({
    baseFeePerGas: 0,
    transactions: [
      { ...call, to: cast.friend, nonce: 0 },
      { ...call, nonce: 1 },
    ],
  })
  const options = { state: large, trustSenders: true, verify: false } as const
  const error = await errorOf(
    engine.traceBlock(source, { ...options, tracer: 'callTracer' }).next(),
  )
  assert.is(error.code, 'OUT_OF_MEMORY')
  assert.is(error.details.txIndex, 1)
  // Selectors alone are kept.
  const { verify: _, ...rest } = options
  const { value } = await engine.traceTransaction(source, 1, { ...rest, tracer: '4byteTracer' })
  assert.equal(value, { '0x00000000-1048572': 512 })
})

traces('instructions come in parts, on the state as it was', async () => {
  // 1.7 million gas of counting down, then a count in slot 0.
  const code = '0x61ffff5b600190038060035750600054600101600055'
  const from = people[0].address
  const alloc = { [from]: { balance: 10n ** 18n }, [cast.caller]: { code } }
  const transactions = Array.from({ length: 7 }, (_, nonce) => {
    return { type: 0, from, to: cast.caller, nonce, gas: 3e6, gasPrice: 0, value: 0, input: '0x' }
  })
  const source = draftBlock({ baseFeePerGas: 0, transactions })
  const moving = new MemoryState(alloc)
  const options = { trustSenders: true, verify: false } as const
  const result = await engine.executeBlock(source, { ...options, state: moving })
  const steps = { ...options, state: moving, tracer: 'structLogs', config: { limit: 300 } } as const
  const expected = await textsOf(engine, source, steps)
  const seen: string[] = []
  for await (const { json } of engine.traceBlock(source, steps)) {
    seen.push(json)
    if (seen.length === 1) moving.commit(result)
  }
  assert.equal(seen, expected)
  assert.is(new Set(seen.map((json) => JSON.parse(json).gas)).size, 2) // the first makes the slot
})

/** A source that answers later, out of a state in memory. */
const source: StateSource = {
  getAccount: async (address) => state.getAccount(address),
  getStorage: async (address, slot) => state.getStorage(address, slot),
  getCode: async (_, address) => state.getCode(address),
}

traces('muxTracer asks several, and keccak256PreimageTracer tells what was hashed', async () => {
  const config = { prestateTracer: { diffMode: true }, callTracer: {} } as const
  const { value } = await engine.traceTransaction(block, 3, { state, tracer: 'muxTracer', config })
  assert.equal(Object.keys(value), ['callTracer', 'prestateTracer'])
  assert.is(value.callTracer?.calls?.length, 2)
  assert.ok('post' in (value.prestateTracer ?? {}))
  const tracer = 'keccak256PreimageTracer'
  const preimages = await engine.traceTransaction(block, 3, { state, tracer })
  const nothing = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
  assert.equal(preimages.value, { [nothing]: '0x' })
  const none = await textsOf(engine, block, { state, tracer: 'muxTracer', config: {} })
  assert.equal(new Set(none), new Set(['{}']))
  for (const [given, field] of [
    [{ structLogs: {} }, 'config.structLogs'],
    [{ eip3155: {} }, 'config.eip3155'],
    [{ muxTracer: {} }, 'config.muxTracer'],
    [{ callTracer: { withLogs: true } }, 'config.callTracer.withLogs'],
    [{ callTracer: 1 }, 'config.callTracer'],
  ] as const) {
    assert.equal(refusal({ state, tracer: 'muxTracer', config: given }), ['OPTION_INVALID', field])
  }
})

traces('states of every kind tell the same', async () => {
  const { [cast.counter]: counter, ...others } = tracedAlloc
  const absent = [coinbase, ...cast.payees, cast.friend, receipts[4].contractAddress as Hex]
  const identity: Hex = `0x${'4'.padStart(40, '0')}`
  // EIP-4788
  const beaconRoots: Hex = '0x000f3df6d732807ef1319fb7b8bb8522d0beac02'
  const strict = new MemoryState(
    {
      ...others,
      [cast.counter]: { ...counter, storage: { '0x0': 0n } },
      ...Object.fromEntries([...absent, identity, beaconRoots].map((address) => [address, {}])),
    },
    { strict: true },
  )
  for (const variant of variants) {
    const options = optionsOf(variant)
    const expected = await textsOf(engine, block, { state, ...options })
    const last = expected.length - 1
    for (const other of [
      state.snapshot(),
      state.override({ [cast.payees[0]]: { balance: 0n } }),
      strict,
      new SourceState(source),
      new SourceState(source).snapshot(),
    ]) {
      const place = `${other.constructor.name} ${JSON.stringify(variant)}`
      assert.equal(await textsOf(engine, block, { state: other, ...options }), expected, place)
      const { json } = await engine.traceTransaction(block, last, { state: other, ...options })
      assert.is(json, expected[last], place)
    }
  }
})

traces('what a state cannot tell a tracer is an error', async () => {
  const failing: StateSource = {
    ...source,
    getAccount: async (address) => {
      if (address === cast.payees[1]) throw new Error('not that one')
      return state.getAccount(address)
    },
  }
  const options = { state: new SourceState(failing), tracer: 'prestateTracer' } as const
  const error = await errorOf(engine.traceBlock(block, options).next())
  assert.is(error.code, 'STATE_UNAVAILABLE')
  assert.is(error.details.address, cast.payees[1])
})

traces.run()
