/** Blocks under two sets of rules. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Alloc,
  type BlockComparison,
  Engine,
  gasCostNames,
  type Hex,
  MemoryState,
  type RuleSet,
  SourceState,
  type StateSource,
  type Verdict,
} from '../lib/index.js'
import { protocolCost } from '../lib/what-if/gas-costs.js'
import { type Call, signCalls } from '../lib/workloads/calls.js'
import { sendersOf } from '../lib/workloads/cast.js'
import { addBlock, openChain } from '../lib/workloads/chain.js'
import { blockOfCalls, endlessAlloc, endlessBlock, endlessOptions } from './support/endless.js'
import { errorOf } from './support/thrown.js'
import { tracedAlloc, tracedBlock } from './support/traced-block.js'

const compare = suite('compare')

const cancun = 12
const engine = await Engine.create({ policy: 'sequential', threads: 1 })
const people = sendersOf('what-if', 4, 1)

const account = (byte: string): Hex => `0x${byte.padStart(40, '0')}`

const contracts = {
  /** Reads slots 1 to 4, cold. */
  reader: account('e1'),
  /** Hashes 64 words. */
  hasher: account('e2'),
  /** Stores the gas that is left. */
  meter: account('e3'),
  /** Calls the hasher with 2000 gas, and reverts where that fails. */
  guard: account('e4'),
  /** Counts leading zeros, which Osaka brings. */
  counter: account('e5'),
  /** Copies, logs, calls the identity precompile, and has a power. */
  mixed: account('e6'),
  /** Hands its gas to the reader. */
  teller: account('e7'),
}

const reads = [1, 2, 3, 4].map((slot) => `60${slot.toString(16).padStart(2, '0')}5450`).join('')

const codes: Readonly<Record<Hex, string>> = {
  [contracts.reader]: `0x${reads}00`,
  [contracts.hasher]: '0x6108006000205000',
  [contracts.meter]: '0x5a60005500',
  // CALL(2000, hasher, 0, 0, 0, 0, 0); JUMPI to the end where it is not 0; REVERT.
  [contracts.guard]: `0x6000600060006000600073${contracts.hasher.slice(2)}6107d0f1602a57600080fd5b00`,
  [contracts.counter]: '0x60011e600055',
  [contracts.mixed]:
    '0x602060006000376020600060003960ff600052600160206000a1' +
    // STATICCALL(gas, 4, 0, 32, 0, 32), EXP(2, 3)
    '6020600060206000600461fffffa50600360020a5000',
  // MSTORE(0, GAS), CALL(gas, reader, 0, 0, 32, 0, 0)
  [contracts.teller]: `0x5a6000526000600060206000600073${contracts.reader.slice(2)}5af150`,
}

const alloc: Alloc = {
  ...Object.fromEntries(people.map(({ address }) => [address, { balance: 10n ** 19n }])),
  ...Object.fromEntries(
    Object.entries(codes).map(([address, code]) => [address, { nonce: 1n, code: code as Hex }]),
  ),
}

const friend = account('fe')

/** A block of calls, each from another sender in turn. */
async function blockOf(calls: readonly Omit<Call<Hex | null>, 'from'>[]): Promise<Uint8Array> {
  const state = new MemoryState(alloc)
  const chain = await openChain(engine, state)
  const fees = { maxFeePerGas: 20n * 10n ** 9n, maxPriorityFeePerGas: 10n ** 9n }
  const from = calls.map((call, i) => ({ ...call, from: people[i % people.length] }))
  return (await addBlock(chain, { transactions: signCalls(from, state, fees) })).rlp
}

const compared = async (
  calls: readonly Omit<Call<Hex | null>, 'from'>[],
  ...rules: [RuleSet, RuleSet]
): Promise<BlockComparison> =>
  engine.compare(await blockOf(calls), { state: new MemoryState(alloc), rules })

const verdictsOf = ({ transactions }: BlockComparison): Verdict[] =>
  transactions.map(({ verdict }) => verdict)

const gasLimit = 200_000

compare('says what cold reads at another price do', async () => {
  const calls = [
    { to: friend, gasLimit: 21_000, value: 1n },
    { to: contracts.reader, gasLimit },
    // 21,000 and four times PUSH1, SLOAD, POP: enough today.
    { to: contracts.reader, gasLimit: 21_000 + 4 * 2105 },
  ]
  const comparison = await compared(calls, {}, { gasCosts: { coldSload: 3000 } })
  assert.equal(verdictsOf(comparison), ['same', 'otherGas', 'nowFails'])
  const [, other, fails] = comparison.transactions
  assert.equal(other.runs, [
    { status: 'success', gasUsed: 21_000n + 4n * 2105n },
    { status: 'success', gasUsed: 21_000n + 4n * 3005n },
  ])
  assert.equal(fails.runs[1], {
    status: 'halted',
    failure: 'outOfGas',
    gasUsed: fails.gasLimit,
  })
  assert.equal(fails.divergence, {
    path: [],
    from: people[2].address,
    to: contracts.reader,
    selector: undefined,
    kind: 'failure',
    failures: [undefined, 'outOfGas'],
  })
  const least = 21_000n + 4n * 3005n
  const { neededGas = 0n, gasLimitMultiple = 0 } = fails
  assert.ok(neededGas >= least && neededGas <= least + fails.gasLimit / 1024n + 1n, `${neededGas}`)
  assert.is(gasLimitMultiple, Math.ceil((Number(neededGas) / Number(fails.gasLimit)) * 1000) / 1000)
  assert.equal(comparison.verdicts.nowFails, 1)
  const reader = comparison.contracts.find(({ address }) => address === contracts.reader)
  assert.is(reader?.transactions, 2)
  assert.equal(reader?.verdicts, { otherGas: 1, nowFails: 1 })
  assert.is(reader?.divergences, 1)
})

compare('finds the call that fails first, below the one that reverts for it', async () => {
  const comparison = await compared(
    [{ to: contracts.guard, gasLimit }],
    {},
    { gasCosts: { keccak256Word: 60n } },
  )
  const [{ verdict, runs, divergence, neededGas }] = comparison.transactions
  assert.is(verdict, 'nowFails')
  assert.is(runs[1].status, 'reverted')
  assert.equal(divergence?.path, [0])
  assert.is(divergence?.from, contracts.guard)
  assert.is(divergence?.to, contracts.hasher)
  assert.equal(divergence?.failures, [undefined, 'outOfGas'])
  // It hands on 2000 gas, whatever the transaction has.
  assert.is(neededGas, undefined)
})

compare('tells what succeeds now, and what cannot be in the block', async () => {
  const succeeds = await compared([{ to: contracts.counter, gasLimit }], {}, 'osaka')
  assert.equal(verdictsOf(succeeds), ['nowSucceeds'])
  assert.is(succeeds.transactions[0].runs[0].failure, 'invalidOpcode')
  assert.equal(succeeds.rules[1], { hardfork: 'osaka', gasCosts: {} })
  const transfers = [{ to: friend, gasLimit: 21_000 }]
  const dear: RuleSet = { gasCosts: { transaction: 30_000 } }
  const invalid = await compared(transfers, {}, dear)
  assert.equal(verdictsOf(invalid), ['nowInvalid'])
  assert.equal(invalid.transactions[0].runs[1], {
    status: 'invalid',
    rule: 'TX_INTRINSIC_GAS_TOO_LOW',
  })
  const { neededGas = 0n } = invalid.transactions[0]
  assert.ok(neededGas >= 30_000n && neededGas <= 30_020n, `${neededGas}`)
  assert.equal(verdictsOf(await compared(transfers, dear, {})), ['nowValid'])
  assert.equal(verdictsOf(await compared(transfers, dear, dear)), ['stillInvalid'])
})

compare('tells apart what is done and what it costs', async () => {
  const calls = [
    { to: contracts.meter, gasLimit },
    { to: contracts.teller, gasLimit },
  ]
  const comparison = await compared(calls, {}, { gasCosts: { PUSH: 4, GAS: 5 } })
  assert.equal(verdictsOf(comparison), ['otherOutcome', 'otherGas'])
  const [stores, tells] = comparison.transactions
  assert.is(stores.divergence, undefined) // what it stores is in no call
  assert.is(tells.divergence?.kind, 'input')
  assert.equal(tells.divergence?.path, [0])
})

compare('looks at every transaction on what the block itself has left', async () => {
  // The second one reads what the first one fails to write under the other rules.
  const calls = [
    { to: contracts.meter, gasLimit: 44_000 },
    { to: contracts.meter, gasLimit },
  ]
  const comparison = await compared(calls, {}, { gasCosts: { storageSet: 30_000 } })
  assert.equal(verdictsOf(comparison), ['nowFails', 'same'])
})

compare('is the same with every cost as it is', async () => {
  const known = gasCostNames.filter((name) => protocolCost(name, cancun) !== undefined)
  const gasCosts = Object.fromEntries(known.map((name) => [name, protocolCost(name, cancun)]))
  const calls = Object.values(contracts).map((to) => ({ to, gasLimit }))
  const creation = { to: null, gasLimit, data: '0x600160005360016000f3' as const }
  const comparison = await compared([...calls, creation], {}, { gasCosts })
  assert.is(comparison.verdicts.same, calls.length + 1)
  assert.equal(comparison.rules[1].gasCosts, mapToBigint(gasCosts))
})

const mapToBigint = (costs: Readonly<Record<string, number | undefined>>) =>
  Object.fromEntries(Object.entries(costs).map(([name, gas]) => [name, BigInt(gas ?? 0)]))

compare('counts what each cost stands for', async () => {
  /** What a transaction costs more with a cost 10 above the protocol's. */
  const surcharge = async (name: (typeof gasCostNames)[number], to: Hex | null, data?: Hex) => {
    const standard = protocolCost(name, cancun) ?? 0
    const call = { to, gasLimit: 1_000_000, ...(data === undefined ? {} : { data }) }
    const rules: [RuleSet, RuleSet] = [{}, { gasCosts: { [name]: standard + 10 } }]
    const [{ runs }] = (await compared([call], ...rules)).transactions
    return Number((runs[1].gasUsed ?? 0n) - (runs[0].gasUsed ?? 0n)) / 10
  }
  assert.is(await surcharge('keccak256Word', contracts.hasher), 64)
  assert.is(await surcharge('memoryWord', contracts.hasher), 64)
  assert.is(await surcharge('KECCAK256', contracts.hasher), 1)
  assert.is(await surcharge('coldSload', contracts.reader), 4)
  assert.is(await surcharge('warmAccess', contracts.reader), 0)
  assert.is(await surcharge('PUSH', contracts.reader), 4)
  assert.is(await surcharge('copyWord', contracts.mixed), 2)
  assert.is(await surcharge('log', contracts.mixed), 1)
  assert.is(await surcharge('logTopic', contracts.mixed), 1)
  assert.is(await surcharge('logByte', contracts.mixed), 32)
  assert.is(await surcharge('identity', contracts.mixed), 1)
  assert.is(await surcharge('identityWord', contracts.mixed), 1)
  assert.is(await surcharge('EXP', contracts.mixed), 1)
  assert.is(await surcharge('expByte', contracts.mixed), 1)
  assert.is(await surcharge('transaction', friend), 1)
  assert.is(await surcharge('calldataZero', friend, '0x000000'), 3)
  assert.is(await surcharge('calldataNonzero', friend, '0x0011'), 1)
  const creation = '0x600160005360016000f3'
  assert.is(await surcharge('codeDepositByte', null, creation), 1)
  assert.is(await surcharge('initcodeWord', null, creation), 1)
  assert.is(await surcharge('transactionCreate', null, creation), 1)
})

compare('is the same on every kind of state, and leaves it as it is', async () => {
  const block = await tracedBlock()
  const state = new MemoryState(tracedAlloc)
  const rules: [RuleSet, RuleSet] = [{}, { gasCosts: { coldSload: 3000, callValue: 9500 } }]
  const whole = await engine.compare(block, { state, rules })
  const root = state.stateRoot()
  const snapshot = state.snapshot()
  const again = await engine.compare(block, { state: snapshot, rules })
  assert.is(JSON.stringify(again), JSON.stringify(whole))
  assert.is(state.stateRoot(), root)
  const parallel = await Engine.create({ policy: 'optimistic', threads: 2 })
  const third = await parallel.compare(block, { state, rules })
  assert.is(JSON.stringify(third), JSON.stringify(whole))
  parallel.close()
})

compare('asks a source for what only the other rules look up', async () => {
  const memory = new MemoryState(alloc)
  const asked: string[] = []
  const source: StateSource = {
    getAccount: async (address) => memory.getAccount(address),
    getStorage: async (address, slot) => {
      asked.push(`${address} ${BigInt(slot)}`)
      return memory.getStorage(address, slot)
    },
    getCode: async (_, address) => memory.getCode(address),
    getBlockHash: async () => undefined,
  }
  const block = await blockOf([{ to: contracts.counter, gasLimit }])
  const rules: [RuleSet, RuleSet] = [{}, 'osaka']
  const expected = await engine.compare(block, { state: memory, rules })
  for (const state of [new SourceState(source), new SourceState(source).snapshot()]) {
    asked.length = 0
    const comparison = await engine.compare(block, { state, rules })
    assert.is(JSON.stringify(comparison), JSON.stringify(expected))
    assert.equal(asked, [`${contracts.counter} 0`])
  }
  const failing = {
    ...source,
    getStorage: async () => {
      throw new Error('gone')
    },
  }
  const error = await errorOf(() =>
    engine.compare(block, { state: new SourceState(failing), rules }),
  )
  assert.is(error.code, 'STATE_UNAVAILABLE')
})

compare('writes JSON as JSON-RPC has it', async () => {
  const comparison = await compared([{ to: friend, gasLimit: 21_000 }], {}, 'prague')
  const json = JSON.parse(JSON.stringify(comparison))
  assert.is(json.transactions[0].gasLimit, '0x5208')
  assert.equal(json.gasUsed, ['0x5208', '0x5208'])
  assert.is(json.rules[0].hardfork, 'cancun')
})

compare('takes what is wrong for what it is', async () => {
  const block = await blockOf([{ to: friend, gasLimit: 21_000 }])
  const state = new MemoryState(alloc)
  const refused = async (rules: unknown, field: string, text: string, code = 'OPTION_INVALID') => {
    const options = { state, rules: rules as [RuleSet, RuleSet] }
    const error = await errorOf(() => engine.compare(block, options))
    assert.is(error.code, code, error.message)
    if (field !== '') assert.is(error.details.field, field)
    assert.ok(`${error.message} ${error.details.expected}`.includes(text), error.message)
  }
  await refused(undefined, 'rules', 'two sets')
  await refused([{}], 'rules', 'two sets')
  await refused([{}, 7], 'rules[1]', 'a hardfork')
  await refused([{}, { gasCost: {} }], 'rules[1].gasCost', "did you mean 'gasCosts'")
  await refused(
    [{}, { gasCosts: { coldSlaod: 1 } }],
    'rules[1].gasCosts.coldSlaod',
    "did you mean 'coldSload'",
  )
  await refused([{}, { gasCosts: { sha256: -1 } }], 'rules[1].gasCosts.sha256', 'whole number')
  await refused([{}, { gasCosts: { sha256: 1.5 } }], 'rules[1].gasCosts.sha256', 'whole number')
  await refused([{}, { gasCosts: { sha256: 2n ** 64n } }], 'rules[1].gasCosts.sha256', 'whole')
  await refused([{}, { gasCosts: { modexpDivisor: 0 } }], 'rules[1].gasCosts.modexpDivisor', '1')
  await refused([{}, { gasCosts: { CLZ: 9 } }], 'rules[1].gasCosts.CLZ', 'no such cost')
  await refused([{}, { gasCosts: { coldSload: 50 } }], 'rules[1].gasCosts.coldSload', 'at least')
  await refused([{}, { gasCosts: { warmAccess: 2200 } }], 'rules[1].gasCosts.warmAccess', 'most')
  await refused([{}, 'atlantis'], '', 'atlantis', 'UNSUPPORTED_HARDFORK')
})

compare('follows calls as deep as they go', async () => {
  const deep = account('dd')
  // CALL(GAS, ADDRESS, 0, 0, 0, 0, 0)
  const state = new MemoryState({
    ...endlessAlloc,
    [deep]: { code: '0x60006000600060006000305af100' },
  })
  const block = blockOfCalls([deep], 1n << 42n)
  const rules: [RuleSet, RuleSet] = [{}, { gasCosts: { PUSH: 4, identity: 16 } }]
  const { transactions } = await engine.compare(block, { ...endlessOptions, state, rules })
  const [{ verdict, runs, divergence }] = transactions
  assert.is(verdict, 'otherGas')
  assert.is(divergence, undefined)
  const [first, second] = runs.map(({ gasUsed = 0n }) => gasUsed)
  // Five pushes in each of 1025 frames.
  assert.is(second - first, 5n * 1025n)
})

compare('ends when it is told to', async () => {
  const rules: [RuleSet, RuleSet] = [{}, { gasCosts: { JUMPDEST: 0, JUMP: 0 } }]
  const options = { ...endlessOptions, state: new MemoryState(endlessAlloc), rules, timeout: 50 }
  const error = await errorOf(async () => engine.compare(endlessBlock(), options))
  assert.is(error.code, 'TIMEOUT')
})

compare.after(() => engine.close())
compare.run()
