/** Simulated blocks and bundles. */

import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createFeeMarket1559Tx } from '@ethereumjs/tx'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import {
  type BundleOptions,
  type CallRequest,
  Engine,
  MemoryState,
  type SimulatedBlock,
  type Simulation,
  SourceState,
} from '../lib/index.js'
import {
  at,
  callAlloc,
  contracts,
  dataOf,
  environment,
  poor,
  rich,
  word,
} from './support/call-contracts.js'
import { endlessKinds } from './support/endless.js'
import { simulationBase } from './support/simulation-base.js'
import { errorOf } from './support/thrown.js'

const simulations = suite('simulations')

const engine = await Engine.create({ threads: 2 })
const { header, state } = await simulationBase()
const { token, counter, reverter, forwarder, endless } = contracts

const simulate = (simulation: Simulation, more: object = {}): Promise<SimulatedBlock[]> =>
  engine.simulate(simulation, { state, block: header, ...more })

simulations('blocks follow one another, and see what those before them changed', async () => {
  const blocks = await simulate({
    blocks: [
      { calls: [{ to: counter.address }, { to: counter.address }] },
      { blockOverrides: { number: header.number + 4n }, calls: [{ to: counter.address }] },
    ],
  })
  assert.equal(
    blocks.map(({ header: { number, timestamp } }) => [
      number - header.number,
      timestamp - header.timestamp,
    ]),
    [
      [1n, 12n],
      [2n, 24n],
      [3n, 36n],
      [4n, 48n],
    ],
  )
  const values = blocks.flatMap(({ calls }) =>
    calls.flatMap(({ logs }) => logs.map(({ data }) => data)),
  )
  assert.equal(values, [word(1), word(2), word(3)])
  let parent = header
  for (const { header: each, hash, rlp } of blocks) {
    assert.is(each.parentHash, parent.hash)
    assert.is(decodeBlock(rlp).header.hash, hash)
    parent = each
  }
  // Nothing of it has happened.
  assert.is(state.getStorage(counter.address, 0n), word(0))
  assert.is(state.root, header.stateRoot)
})

simulations(
  'a block without calls leaves the state as it is, roots are those of the state',
  async () => {
    const request: Simulation = { blocks: [{}, { calls: [{ from: rich, to: poor, value: 5n }] }] }
    const [empty, moved] = await simulate(request)
    // The contracts of the system are not in this state.
    assert.is(empty.header.stateRoot, header.stateRoot)
    const after = new MemoryState({
      ...callAlloc,
      [rich]: { balance: 10n ** 21n - 5n, nonce: 6n },
      [poor]: { balance: 5n },
    })
    assert.is(moved.header.stateRoot, after.stateRoot())
    // Without a trie they are not known.
    const [plain] = await simulate(request, { state: new MemoryState(callAlloc) })
    assert.is(plain.header.stateRoot, word(0))
  },
)

simulations('overrides of the state last, moves of precompiled contracts do not', async () => {
  const sha256 = `${at('00').slice(0, -2)}02`
  const blocks = await simulate({
    blocks: [
      {
        stateOverrides: {
          [poor]: { balance: 100n },
          [sha256]: { movePrecompileTo: at('99') },
          [token.address]: { state: { [word(BigInt(poor))]: 3n } },
        },
        calls: [
          { to: at('99'), data: '0x' },
          { to: token.address, data: dataOf(rich) },
          { to: token.address, data: dataOf(poor) },
        ],
      },
      {
        calls: [
          { from: poor, to: rich, value: 100n },
          { to: at('99'), data: '0x' },
          { to: sha256 },
          { to: token.address, data: dataOf(poor) },
        ],
      },
    ],
  })
  const data = blocks.map(({ calls }) =>
    calls.map(({ outcome }) => (outcome.status === 'success' ? outcome.data : outcome.status)),
  )
  const emptyHash = '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  assert.equal(data, [
    [emptyHash, word(0), word(3)],
    ['0x', '0x', emptyHash, word(3)],
  ])
  const { storage, ...rest } = callAlloc[token.address] ?? {}
  const after = new MemoryState({
    ...callAlloc,
    [token.address]: { ...rest, storage: { [word(BigInt(poor))]: 3n } },
    [poor]: { nonce: 1n },
    [rich]: { balance: 10n ** 21n + 100n, nonce: 5n },
    [at('00')]: { nonce: 6n },
  })
  assert.is(blocks[1].header.stateRoot, after.stateRoot())
})

simulations('gas that is not named is what is left, nonces count on', async () => {
  const [{ calls }] = await simulate({
    blocks: [
      {
        blockOverrides: { gasLimit: 200_000n },
        calls: [
          { from: rich, to: poor },
          { from: rich, to: poor, gas: 50_000n },
          { from: rich, to: endless.address },
        ],
      },
    ],
  })
  assert.equal(
    calls.map(({ transaction: { nonce, gas } }) => [nonce, gas]),
    [
      [5n, 200_000n],
      [6n, 50_000n],
      [7n, 158_000n],
    ],
  )
  const halted = calls[2].outcome
  assert.is(halted.status === 'halted' && halted.reason, 'out of gas')
  // The budget of all of them.
  const [, second] = await simulate(
    { blocks: [{ calls: [{ to: poor }] }, { calls: [{ to: endless.address }] }] },
    { gasCap: 71_000n },
  )
  assert.is(second.calls[0].outcome.gasUsed, 50_000n)
})

simulations('what value is moved comes among the logs, in its place', async () => {
  const ask = (traceTransfers: boolean) =>
    simulate({
      traceTransfers,
      blocks: [
        {
          stateOverrides: { [at('d2')]: { code: mixed } },
          calls: [
            { from: rich, to: forwarder.address, value: 9n },
            { from: rich, to: at('d2'), value: 2n },
            { from: rich, to: reverter.address, value: 1n },
            { from: rich, to: poor, value: 4n },
          ],
        },
      ],
    })
  const [{ calls, header: block }] = await ask(true)
  const pseudo = at('ee')
  assert.equal(
    calls.map(({ logs }) =>
      logs.map(({ address, data, logIndex }) => [
        address,
        data === '0x' ? 0n : BigInt(data),
        logIndex,
      ]),
    ),
    [
      [
        [pseudo, 9n, 0],
        [pseudo, 9n, 1],
      ],
      [
        [pseudo, 2n, 2],
        [at('d2'), 0n, 3],
        [pseudo, 1n, 4],
        [at('d2'), 0n, 5],
      ],
      [],
      [[pseudo, 4n, 7]],
    ],
  )
  const [first] = calls[0].logs
  assert.equal(first.topics, [
    '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
    word(BigInt(rich)),
    word(BigInt(forwarder.address)),
  ])
  // They are in no receipt, and so in no root.
  const [{ header: without, calls: quiet }] = await ask(false)
  assert.is(block.hash, without.hash)
  assert.equal(
    quiet[1].logs.map(({ logIndex }) => logIndex),
    [0, 1],
  )
})

/** LOG0, a call with 1 wei to 0xb3, LOG0. */
const mixed = `0x60006000a06000600060006000600173${at('b3').slice(2)}5af15060006000a000`

simulations('with validation, nonces and fees count', async () => {
  const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n }
  const [{ header: block, calls }] = await simulate({
    validation: true,
    blocks: [{ calls: [{ from: rich, to: poor, value: 1n, ...fees }] }],
  })
  // The parent was half full.
  assert.is(block.baseFeePerGas, header.baseFeePerGas)
  assert.is(calls[0].outcome.status, 'success')
  const cost = 21_000n * ((block.baseFeePerGas ?? 0n) + 10n) + 1n
  const after = new MemoryState({
    ...callAlloc,
    [rich]: { balance: 10n ** 21n - cost, nonce: 6n },
    [poor]: { balance: 1n },
    [header.coinbase]: { balance: 210_000n },
  })
  assert.is(block.stateRoot, after.stateRoot())
})

simulations('BLOCKHASH knows the simulated blocks', async () => {
  const blocks = await simulate({
    blocks: [{}, {}, { calls: [-1n, 0n, 1n, 2n].map((i) => hashAt(header.number + i)) }],
  })
  const data = blocks[2].calls.map(({ outcome }) => outcome.status === 'success' && outcome.data)
  assert.equal(data, [header.parentHash, header.hash, blocks[0].hash, blocks[1].hash])
  const missing = await errorOf(simulate({ blocks: [{ calls: [hashAt(header.number - 2n)] }] }))
  assert.is(missing.code, 'STATE_MISSING_BLOCK_HASH')
})

const hashAt = (number: bigint): CallRequest => ({
  to: contracts.hashes.address,
  data: dataOf(number),
})

simulations('says the same on every state, but for roots that are not known', async () => {
  const request: Simulation = {
    traceTransfers: true,
    blocks: [
      { stateOverrides: { [poor]: { balance: 3n } }, calls: [{ from: poor, to: rich, value: 1n }] },
      { calls: [{ to: counter.address }, { to: token.address, data: dataOf(rich) }] },
    ],
  }
  const seen = (blocks: SimulatedBlock[]) => blocks.map(({ calls }) => calls)
  const expected = seen(await simulate(request))
  const source = new SourceState({
    getAccount: async (address) => state.getAccount(address),
    getStorage: async (address, slot) => state.getStorage(address, slot),
    getCode: async (_, address) => state.getCode(address),
  })
  for (const each of [state.snapshot(), state.override({}), source, source.snapshot()]) {
    assert.equal(seen(await simulate(request, { state: each })), expected)
  }
  const { outcomes } = await engine.simulateBundle([{ from: rich, to: counter.address }], {
    state: source,
    environment,
  })
  assert.is(outcomes[0].status, 'success')
})

simulations('an abort and the time end a simulation', async () => {
  const { computing } = endlessKinds
  const request: Simulation = {
    blocks: [
      {
        blockOverrides: { gasLimit: 1n << 60n },
        stateOverrides: { [computing.address]: { code: computing.code } },
        calls: [{ to: computing.address }],
      },
    ],
  }
  const long = { gasCap: 1n << 60n }
  const aborter = new AbortController()
  setTimeout(() => aborter.abort(), 20)
  const aborted = await errorOf(simulate(request, { ...long, signal: aborter.signal }))
  assert.is(aborted.code, 'CANCELLED')
  const timedOut = await errorOf(simulate(request, { ...long, timeout: 20 }))
  assert.is(timedOut.code, 'TIMEOUT')
})

const bundle = (
  transactions: readonly (CallRequest | Uint8Array)[],
  more: Partial<BundleOptions> = {},
) => engine.simulateBundle(transactions, { state, environment, ...more })

simulations('transactions of a bundle see each other', async () => {
  const { outcomes, succeeded, gasUsed, stateDiff } = await bundle([
    { from: rich, to: counter.address },
    { from: rich, to: counter.address },
    { from: rich, to: poor, value: 10n },
    { from: poor, to: rich, value: 4n },
  ])
  assert.ok(succeeded)
  const logs = outcomes.map((outcome) => outcome.status === 'success' && outcome.logs[0]?.data)
  assert.equal(logs, [word(1), word(2), undefined, undefined])
  assert.is(
    gasUsed,
    outcomes.reduce(
      (sum, outcome) => sum + (outcome.status === 'invalid' ? 0n : outcome.gasUsed),
      0n,
    ),
  )
  assert.equal(stateDiff.get(poor)?.balance.after, 6n)
  assert.equal(stateDiff.get(rich)?.nonce, { before: 5n, after: 8n })
  assert.equal(stateDiff.get(counter.address)?.slots, [
    { slot: word(0), before: word(0), after: word(2) },
  ])
  assert.is(state.getStorage(counter.address, 0n), word(0))
})

simulations('a bundle goes on, ends or is taken back where a transaction fails', async () => {
  const transactions: CallRequest[] = [
    { from: rich, to: counter.address },
    { from: poor, to: rich, value: 1n },
    { from: rich, to: reverter.address },
    { from: rich, to: counter.address },
  ]
  const statuses = async (onFailure: BundleOptions['onFailure']) => {
    const { outcomes, succeeded, stateDiff } = await bundle(transactions, { onFailure })
    assert.not.ok(succeeded)
    const count = stateDiff.get(counter.address)?.slots[0]?.after
    return [...outcomes.map(({ status }) => status), count]
  }
  const all = ['success', 'invalid', 'reverted', 'success', word(2)]
  assert.equal(await statuses(undefined), all)
  assert.equal(await statuses('continue'), all)
  assert.equal(await statuses('stop'), ['success', 'invalid', word(1)])
  assert.equal(await statuses('revert'), ['success', 'invalid', undefined])
})

simulations('signed transactions of a bundle obey all rules', async () => {
  const key = Buffer.alloc(32, 1)
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague })
  const signed = (nonce: number, maxFeePerGas = 2000n) =>
    createFeeMarket1559Tx(
      { nonce, gasLimit: 100_000, to: counter.address, maxFeePerGas },
      { common },
    ).sign(key)
  const signer = signed(0).getSenderAddress().toString()
  const funded = new MemoryState({ ...callAlloc, [signer]: { balance: 10n ** 18n } })
  const transactions = [signed(0), signed(0), signed(1, 999n), signed(1)].map((tx) =>
    tx.serialize(),
  )
  const { outcomes, stateDiff } = await bundle(transactions, { state: funded })
  assert.equal(
    outcomes.map((outcome) => (outcome.status === 'invalid' ? outcome.rule : outcome.status)),
    ['success', 'TX_NONCE_TOO_LOW', 'TX_MAX_FEE_BELOW_BASE_FEE', 'success'],
  )
  assert.equal(stateDiff.get(signer)?.nonce.after, 2n)
  const poorOne = await bundle(transactions.slice(0, 1))
  const [outcome] = poorOne.outcomes
  assert.is(outcome.status === 'invalid' && outcome.rule, 'TX_INSUFFICIENT_FUNDS')
})

simulations.run()
