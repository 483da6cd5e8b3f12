/** Calls on the state as it is: `eth_call`, one and many. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { createFeeMarket1559Tx } from '@ethereumjs/tx'
import {
  Account,
  bytesToHex,
  createAddressFromString,
  hexToBytes,
  toChecksumAddress,
} from '@ethereumjs/util'
import { createVM, runTx } from '@ethereumjs/vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type CallOutcome,
  type CallRequest,
  Engine,
  LmdbState,
  MemoryState,
  type ReadableState,
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
import { errorOf } from './support/thrown.js'

const calls = suite('calls')

const engine = await Engine.create({ threads: 2 })
const state = new MemoryState(callAlloc)
const options = { state, environment }

const { token, mirror, counter, reverter, panicker, custom, endless } = contracts

/** The outcome of a call that succeeds. */
async function success(request: CallRequest, more: object = {}) {
  const outcome = await engine.call(request, { ...options, ...more })
  if (outcome.status !== 'success') throw new Error(JSON.stringify(outcome))
  return outcome
}

/** The words that a call returns. */
async function words(request: CallRequest, more: object = {}): Promise<bigint[]> {
  const { data } = await success(request, more)
  return (data.slice(2).match(/.{64}/g) ?? []).map((digits) => BigInt(`0x${digits}`))
}

calls('returns what the contract returns, and leaves the state as it is', async () => {
  const request = { to: token.address, data: dataOf(rich) }
  assert.is((await success(request)).data, word(1234))
  assert.is((await success({ to: token.address, input: dataOf(rich) })).data, word(1234))
  assert.is((await success({ to: token.address, data: hexToBytes(dataOf(rich)) })).data, word(1234))
  const first = await success({ to: counter.address })
  const second = await success({ to: counter.address })
  assert.equal(first, second)
  assert.equal(first.logs, [{ address: counter.address, topics: [word(7)], data: word(1) }])
  assert.is(state.getStorage(counter.address, 0n), word(0))
})

calls('sees no fees where the request names none, else the fees of the block', async () => {
  const [baseFee, price, number, time, coinbase, caller, balance] = await words({
    from: rich,
    to: mirror.address,
  })
  assert.equal([baseFee, price], [0n, 0n])
  assert.equal([number, time], [environment.number, environment.timestamp])
  assert.equal([coinbase, caller], [BigInt(environment.coinbase), BigInt(rich)])
  assert.is(balance, 10n ** 21n)
  const paid = await words({
    from: rich,
    to: mirror.address,
    maxFeePerGas: 1500n,
    maxPriorityFeePerGas: 7,
  })
  assert.equal(paid.slice(0, 2), [1000n, 1007n])
  assert.is(paid[6], 10n ** 21n - 1007n * 50_000_000n)
  const old = await words({ from: rich, to: mirror.address, gasPrice: '0x5dc' })
  assert.equal(old.slice(0, 2), [1000n, 1500n])
})

calls('may come from a contract, from anybody, with any nonce', async () => {
  const [, , , , , caller] = await words({ from: token.address, to: mirror.address, nonce: 99 })
  assert.is(caller, BigInt(token.address))
  assert.is((await words({ to: mirror.address }))[5], 0n)
})

calls('creates contracts: their code is returned', async () => {
  // Returns one byte of code: STOP.
  const { data, contractAddress } = await success({
    from: rich,
    data: '0x6001600060003960016000f3',
  })
  assert.is(data, '0x60')
  // The sender's nonce in the state counts, whatever the request says.
  const other = await success({
    from: rich,
    nonce: 9,
    data: '0x6001600060003960016000f3',
    to: null,
  })
  assert.is(other.contractAddress, contractAddress)
})

calls('tells a revert with its reason', async () => {
  const outcomes = await engine.callMany(
    [reverter, panicker, custom].map(({ address }) => ({ to: address })),
    options,
  )
  const read = outcomes.map((outcome) => {
    if (outcome.status !== 'reverted') throw new Error(outcome.status)
    return [
      outcome.reason,
      outcome.data.slice(0, 10),
      outcome.rpcError.message,
      outcome.rpcError.code,
    ]
  })
  assert.equal(read, [
    ['not today', '0x08c379a0', 'execution reverted: not today', 3],
    [
      'division or modulo by zero',
      '0x4e487b71',
      'execution reverted: division or modulo by zero',
      3,
    ],
    [undefined, '0xaabbccdd', 'execution reverted', 3],
  ])
})

calls('tells why a call halted', async () => {
  const { underflow, badJump, invalid } = contracts
  const cases = [
    [{ to: underflow.address }, 'stack underflow (0 <=> 2)'],
    [{ to: badJump.address }, 'invalid jump destination'],
    [{ to: invalid.address }, 'invalid opcode: INVALID'],
    [{ to: endless.address, gas: 100_000 }, 'out of gas'],
    [{ data: '0x60ef60005360016000f3', gas: 100_000 }, 'invalid code: must not begin with 0xef'],
  ] as const
  for (const [request, reason] of cases) {
    const outcome = await engine.call(request, options)
    if (outcome.status !== 'halted') throw new Error(`${reason}: ${outcome.status}`)
    assert.is(outcome.reason, reason)
    assert.equal(outcome.rpcError, { code: -32000, message: reason })
    assert.is(outcome.gasUsed, BigInt('gas' in request ? request.gas : 50_000_000))
  }
})

calls('tells which rule a call breaks', async () => {
  const cases = [
    [{ from: poor, to: token.address, value: 1 }, 'TX_INSUFFICIENT_FUNDS', 1n, 0n],
    [
      { from: rich, to: token.address, maxFeePerGas: 999 },
      'TX_MAX_FEE_BELOW_BASE_FEE',
      1000n,
      999n,
    ],
    [
      { from: rich, to: token.address, maxFeePerGas: 1000, maxPriorityFeePerGas: 1001 },
      'TX_PRIORITY_FEE_ABOVE_MAX_FEE',
      1000n,
      1001n,
    ],
    [{ to: token.address, gas: 20_999 }, 'TX_INTRINSIC_GAS_TOO_LOW', 21_000n, 20_999n],
    [{ to: token.address, chainId: 5 }, 'TX_WRONG_CHAIN_ID', 1n, 5n],
  ] as const
  for (const [request, rule, expected, actual] of cases) {
    const outcome = await engine.call(request, options)
    if (outcome.status !== 'invalid') throw new Error(`${rule}: ${outcome.status}`)
    assert.equal([outcome.rule, outcome.expected, outcome.actual], [rule, expected, actual])
  }
  const broke = await engine.call({ from: poor, to: token.address, value: 1 }, options)
  const text = `err: insufficient funds for gas * price + value: address ${toChecksumAddress(poor)} have 0 want 1 (supplied gas 50000000)`
  assert.is(broke.status === 'invalid' && broke.rpcError.message, text)
  // Funds are looked at before gas, as geth does.
  const both = await engine.call({ from: poor, to: token.address, value: 1, gas: 1 }, options)
  assert.is(both.status === 'invalid' && both.rule, 'TX_INSUFFICIENT_FUNDS')
})

calls('delegates for who has not signed, but is named', async () => {
  const of = (nonce: number) => ({
    from: poor,
    to: rich,
    data: dataOf(1n),
    authorizationList: [{ chainId: 1, address: counter.address, nonce, authority: rich }],
  })
  const { logs } = await success(of(5))
  assert.equal(
    logs.map(({ address }) => address),
    [rich],
  )
  // Only with the account's own nonce.
  assert.equal((await success(of(6))).logs, [])
  const result = await engine.createAccessList(of(5), options)
  assert.equal(result.accessList, [{ address: rich, storageKeys: [word(0)] }])
})

calls('is bound by a cap of gas, not by the block', async () => {
  const outcome = await engine.call({ to: endless.address, gas: 1n << 40n }, options)
  assert.is(outcome.status === 'halted' && outcome.gasUsed, 50_000_000n)
  const less = await engine.call({ to: endless.address }, { ...options, gasCap: 70_000n })
  assert.is(less.status === 'halted' && less.gasUsed, 70_000n)
})

calls('replaces values of the state and of the block', async () => {
  const overrides = {
    [token.address]: { stateDiff: { [word(BigInt(poor))]: 55n } },
    [poor]: { balance: 7n },
  }
  const { data } = await success({ to: token.address, data: dataOf(poor) }, { overrides })
  assert.is(data, word(55))
  const blockOverrides = {
    number: 24_000_005n,
    time: '0x6943ffff',
    feeRecipient: at('dd'),
    baseFeePerGas: 2000n,
  }
  const fees = { maxFeePerGas: 3000n, maxPriorityFeePerGas: 1n }
  const seen = await words({ from: rich, to: mirror.address, ...fees }, { blockOverrides })
  assert.equal(seen.slice(0, 5), [2000n, 2001n, 24_000_005n, 0x6943ffffn, BigInt(at('dd'))])
  const asked = { to: mirror.address, from: poor }
  assert.is((await words(asked, { overrides }))[6], 7n)
})

calls('runs in the block of a header, or in one made up for now', async () => {
  const block = {
    number: 24_000_000n,
    timestamp: 1_766_000_000n,
    gasLimit: 60_000_000n,
    coinbase: at('ce'),
    baseFeePerGas: 10n,
    mixHash: word(3),
    difficulty: 0n,
    excessBlobGas: 0n,
    parentHash: word(99),
  }
  const of = (number: bigint) => ({ to: contracts.hashes.address, data: dataOf(number) })
  const { data } = await engine
    .call(of(23_999_999n), { state, block })
    .then((outcome) => outcome as Extract<CallOutcome, { status: 'success' }>)
  assert.is(data, word(99))
  const error = await errorOf(engine.call(of(23_999_998n), { state, block }))
  assert.is(error.code, 'STATE_MISSING_BLOCK_HASH')
  assert.is(error.details.field, 'blockHashes[23999998]')
  const known = await engine.call(of(23_999_998n), {
    state,
    block,
    blockHashes: { 23999998: word(98) },
  })
  assert.is(known.status === 'success' && known.data, word(98))
  const before = BigInt(Math.floor(Date.now() / 1000))
  const now = await engine.call({ to: mirror.address }, { state })
  if (now.status !== 'success') throw new Error(now.status)
  const time = BigInt(`0x${now.data.slice(2 + 3 * 64, 2 + 4 * 64)}`)
  assert.ok(time >= before && time <= before + 60n)
})

calls('runs many calls as it runs each of them', async () => {
  const all = Object.values(contracts).map(({ address }) => address)
  const requests = Array.from({ length: 600 }, (_, i) => ({
    from: i % 3 === 0 ? rich : poor,
    to: all[i % all.length],
    gas: 60_000 + i,
    data: dataOf(BigInt(i)),
    ...(i % 5 === 0 ? { maxFeePerGas: 1000n + BigInt(i) } : {}),
    ...(i % 7 === 0 ? { value: 1n } : {}),
  }))
  const extra = { environment: { ...environment, blockHashes: {} }, overrides: hashless }
  const many = await engine.callMany(requests, { ...options, ...extra })
  const kinds = new Set(many.map(({ status }) => status))
  assert.equal([...kinds].sort(), ['halted', 'invalid', 'reverted', 'success'])
  const alone = await Engine.create({ threads: 1 })
  assert.equal(await alone.callMany(requests, { ...options, ...extra }), many)
  for (let i = 0; i < requests.length; i += 23) {
    assert.equal(await engine.call(requests[i], { ...options, ...extra }), many[i])
  }
  assert.equal(await engine.callMany([], options), [])
})

/** Without the contract that asks for hashes that nobody has. */
const hashless = { [contracts.hashes.address]: { code: '0x' } }

calls('says the same on every state', async () => {
  const requests: CallRequest[] = [
    { to: token.address, data: dataOf(rich) },
    { from: rich, to: contracts.caller.address },
    { from: rich, to: mirror.address, value: 3n },
    { to: reverter.address },
  ]
  const expected = await engine.callMany(requests, options)
  const folder = await mkdtemp(join(tmpdir(), 'braid-calls-'))
  await LmdbState.create(folder, callAlloc, { head: { number: 0n, hash: word(1) } })
  const lmdb = await LmdbState.open(folder)
  const source = new SourceState({
    getAccount: async (address) => state.getAccount(address),
    getStorage: async (address, slot) => state.getStorage(address, slot),
    getCode: async (_, address) => hexToBytes(state.getCode(address)),
  })
  const known = Object.fromEntries(
    [
      rich,
      at('b1'),
      at('00'),
      environment.coinbase,
      ...Object.values(contracts).map((c) => c.address),
    ].map((address) => [address, callAlloc[address] ?? {}]),
  )
  const strict = new MemoryState(
    {
      ...known,
      [counter.address]: { code: counter.code, storage: { '0x00': 0n } },
    },
    { strict: true },
  )
  const states: ReadableState[] = [
    state.snapshot(),
    state.override({}),
    strict,
    lmdb,
    lmdb.snapshot(),
    source,
    source.snapshot(),
  ]
  for (const each of states) {
    assert.equal(await engine.callMany(requests, { ...options, state: each }), expected)
  }
  assert.ok(source.statistics.rounds > 1)
  await lmdb[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
  const error = await errorOf(
    engine.call({ to: at('99') }, { ...options, state: new MemoryState({}, { strict: true }) }),
  )
  assert.is(error.code, 'STATE_MISSING_ACCOUNT')
})

calls('uses the gas that @ethereumjs/vm does, and returns the same', async () => {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague })
  const manager = new MerkleStateManager({ common })
  for (const { address: text, nonce, balance, code, storage } of state.dump()) {
    const address = createAddressFromString(text)
    await manager.putAccount(address, new Account(nonce, balance))
    if (code !== undefined && code !== '0x') await manager.putCode(address, hexToBytes(code))
    for (const [slot, value] of storage) {
      const trimmed = hexToBytes(value)
      await manager.putStorage(
        address,
        hexToBytes(slot),
        trimmed.subarray(trimmed.findIndex((b) => b !== 0)),
      )
    }
  }
  const vm = await createVM({ common, stateManager: manager })
  const { caller, greedy, clearer, forwarder, underflow } = contracts
  for (const { address } of [
    token,
    counter,
    reverter,
    caller,
    greedy,
    clearer,
    forwarder,
    underflow,
  ]) {
    const gas = 300_000n
    const outcome = await engine.call(
      { from: rich, to: address, gas, data: dataOf(rich), value: 1n },
      { ...options, hardfork: 'prague' },
    )
    const tx = createFeeMarket1559Tx(
      {
        nonce: 5,
        gasLimit: gas,
        to: address,
        data: dataOf(rich),
        value: 1n,
        maxFeePerGas: 1n << 20n,
      },
      { common },
    )
    await vm.stateManager.checkpoint()
    const run = await runTx(vm, {
      tx: Object.create(tx, {
        getSenderAddress: { value: () => createAddressFromString(rich) },
        isSigned: { value: () => true },
      }),
      skipNonce: true,
    })
    await vm.stateManager.revert()
    if (outcome.status === 'invalid') throw new Error(outcome.reason)
    assert.is(outcome.gasUsed, run.totalGasSpent, address)
    const data = outcome.status === 'halted' ? '0x' : outcome.data
    assert.is(data, bytesToHex(run.execResult.returnValue), address)
  }
})

calls('ends when it is aborted, and when its time is over', async () => {
  const request = { to: endless.address, gas: 1n << 60n }
  const long = { ...options, gasCap: 1n << 60n }
  const aborter = new AbortController()
  const start = performance.now()
  setTimeout(() => aborter.abort(), 30)
  const aborted = await errorOf(engine.call(request, { ...long, signal: aborter.signal }))
  assert.is(aborted.code, 'CANCELLED')
  const timedOut = await errorOf(engine.callMany([request, request], { ...long, timeout: 30 }))
  assert.is(timedOut.code, 'TIMEOUT')
  assert.ok(performance.now() - start < 2_000)
  const never = await errorOf(engine.call(request, { ...long, signal: AbortSignal.abort() }))
  assert.is(never.code, 'CANCELLED')
})

calls.run()
