/** What `runBlock` is told, what it refuses, and the odd ends of results, on VMs of `@ethereumjs/vm`. */

import { type Block, createBlock } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM } from '@ethereumjs/evm'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { createLegacyTx, type TypedTransaction } from '@ethereumjs/tx'
import { createAddressFromString, generateAddress, type PrefixedHexString } from '@ethereumjs/util'
import {
  Bloom,
  createVM,
  runBlock as originalRunBlock,
  type RunBlockOpts,
  type RunBlockResult,
  type VM,
} from '@ethereumjs/vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { emptyOmmersHash } from '../lib/empty-hashes.js'
import { runBlock } from '../lib/ethereumjs/index.js'
import { frameError, LayerRequest, LogsBloom } from '../lib/ethereumjs/vm-objects.js'
import type { BraidError } from '../lib/index.js'
import { keccak256 } from '../lib/native/load.js'
import { listRoot } from '../lib/trie/list-root.js'
import { Random } from './random.js'
import { commonAt } from './support/common.js'
import { errorOf } from './support/thrown.js'
import {
  type BlockParts,
  blockOf,
  keys,
  senders,
  type VmAlloc,
  vmWith,
} from './support/vm-chain.js'

const told = suite('options of @ethereumjs/vm')

const free = { generate: true, skipBlockValidation: true }
const fresh: PrefixedHexString = `0x${'e0'.repeat(20)}`
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex')

function legacy(vm: VM, nonce: bigint, fields: object): TypedTransaction {
  const all = { nonce, gasPrice: 2_000n, gasLimit: 200_000n, ...fields }
  return createLegacyTx(all, { common: vm.common }).sign(keys[0])
}

/** What a block gives on both sides: that of `@ethereumjs/vm` first. */
async function onBoth(
  hardfork: string,
  alloc: VmAlloc,
  parts: (vm: VM) => BlockParts,
  options: Partial<RunBlockOpts> = {},
): Promise<RunBlockResult[]> {
  const results: RunBlockResult[] = []
  for (const run of [originalRunBlock, runBlock]) {
    const vm = await vmWith(commonAt(hardfork), alloc)
    results.push(await run(vm, { block: blockOf(vm.common, parts(vm)), ...free, ...options }))
  }
  assert.is(hex(results[1].stateRoot), hex(results[0].stateRoot))
  assert.is(hex(results[1].receiptsRoot), hex(results[0].receiptsRoot))
  return results
}

told('what cannot be followed is named', async () => {
  const common = commonAt(Hardfork.Cancun)
  const cases: readonly [field: string, make: () => Promise<VM>, more?: object][] = [
    ['blockAccessList', () => vmWith(common, {}), { blockAccessList: new Uint8Array(0) }],
    ...['step', 'newContract', 'beforeMessage', 'afterMessage'].map(
      (event): [string, () => Promise<VM>] => [
        `vm.evm.events.on('${event}')`,
        async () => {
          const vm = await vmWith(common, {})
          vm.evm.events?.on(event as 'step', () => {})
          return vm
        },
      ],
    ),
    ...(
      [
        ['customOpcodes', [{ opcode: 0x21, opcodeName: 'TEST', baseFee: 1, logicFunction() {} }]],
        [
          'customPrecompiles',
          [{ address: createAddressFromString(fresh), function: () => ({}) as never }],
        ],
        ['allowUnlimitedContractSize', true],
        ['allowUnlimitedInitCodeSize', true],
        ['profiler', { enabled: true }],
      ] as const
    ).map(([name, value]): [string, () => Promise<VM>] => [
      `vm.evm ${name}`,
      () => createVM({ common: commonAt(Hardfork.Cancun), evmOpts: { [name]: value } as never }),
    ]),
    ...['reportAfterBlock', 'reportAfterTx'].map((name): [string, () => Promise<VM>] => [
      'vm profilerOpts',
      async () =>
        createVM({ common, evm: await createEVM({ common }), profilerOpts: { [name]: true } }),
    ]),
  ]
  for (const [field, make, more] of cases) {
    const vm = await make()
    const error = await errorOf(runBlock(vm, { block: blockOf(vm.common, {}), ...free, ...more }))
    assert.is(error.code, 'OPTION_UNSUPPORTED', field)
    assert.is(error.details.field, field)
  }
})

told('what is there but not in use is no reason to refuse', async () => {
  const common = commonAt(Hardfork.Cancun)
  const vm = await createVM({
    common,
    profilerOpts: { reportAfterBlock: false, reportAfterTx: false },
    evmOpts: {
      customOpcodes: [],
      customPrecompiles: [],
      allowUnlimitedContractSize: false,
      allowUnlimitedInitCodeSize: false,
      profiler: { enabled: false },
    },
  })
  const listener = () => {}
  vm.evm.events?.on('step', listener)
  vm.evm.events?.off('step', listener)
  await runBlock(vm, { block: blockOf(common, {}), ...free })
  // Another EVM may have none of all that.
  Object.assign(vm, { _opts: undefined })
  Object.assign(vm.evm, {
    events: undefined,
    _customOpcodes: undefined,
    _customPrecompiles: undefined,
    _optsCached: undefined,
  })
  await runBlock(vm, { block: blockOf(common, {}), ...free })
})

told('a block is at most as large as its chain says, where that is asked', async () => {
  // EIP-7934 is in no hardfork of @ethereumjs/common, and has no limit unless one is given.
  const draft = blockOf(commonAt(Hardfork.Osaka), {})
  const size = draft.serialize().length
  const run = async (limit: number, validateBlockSize?: boolean, eips = [7934]) => {
    const common = new Common({
      chain: Mainnet,
      hardfork: Hardfork.Osaka,
      eips,
      params: { 7934: { maxRlpBlockSize: limit } },
      customCrypto: { kzg: {} as never },
    })
    const block = blockOf(common, {})
    assert.is(block.serialize().length, size)
    const vm = await vmWith(commonAt(Hardfork.Osaka), {})
    const options = { block, skipHeaderValidation: true, validateBlockSize }
    const { code, details } = await errorOf(runBlock(vm, options))
    return [code, details.field, details.expected, details.actual]
  }
  const limit = BigInt(size - 1)
  const tooLarge = ['BLOCK_FIELD_MISMATCH', 'size', limit, limit + 1n]
  assert.equal(await run(size - 1, true), tooLarge)
  // The header of this block says nothing true about its outcome: that is what is found next.
  for (const [most, isAsked, eips] of [
    [size, true, [7934]],
    [size - 1, false, [7934]],
    [size - 1, undefined, [7934]],
    [size - 1, true, []],
  ] as const) {
    const [code, field] = await run(most, isAsked, [...eips])
    assert.equal([code, field], ['BLOCK_FIELD_MISMATCH', 'stateRoot'])
  }
})

told('each check of nonces and balances is skipped by itself', async () => {
  const run = async (fields: object, options: Partial<RunBlockOpts>): Promise<string> => {
    const vm = await vmWith(commonAt(Hardfork.London), {})
    const block = blockOf(vm.common, { transactions: [legacy(vm, 0n, { to: fresh, ...fields })] })
    try {
      await runBlock(vm, { block, ...free, ...options })
      return 'OK'
    } catch (error) {
      return (error as BraidError).code
    }
  }
  const late = { nonce: 5n }
  const rich = { value: 10n ** 30n }
  assert.is(await run(late, {}), 'TX_NONCE_TOO_HIGH')
  assert.is(await run(late, { skipBalance: true }), 'TX_NONCE_TOO_HIGH')
  assert.is(await run(late, { skipNonce: true }), 'OK')
  assert.is(await run(rich, {}), 'TX_INSUFFICIENT_FUNDS')
  assert.is(await run(rich, { skipNonce: true }), 'TX_INSUFFICIENT_FUNDS')
  assert.is(await run(rich, { skipBalance: true }), 'OK')
})

told('the hardfork is set where the VM was made so', async () => {
  for (const [made, asked, expected] of [
    [true, undefined, 'london'],
    [true, false, 'berlin'],
    [false, undefined, 'berlin'],
    [false, true, 'london'],
  ] as const) {
    const common = commonAt(Hardfork.Berlin)
    const vm = await createVM({ common, setHardfork: made })
    const hardfork = expected === 'london' ? Hardfork.London : Hardfork.Berlin
    const block = blockOf(commonAt(hardfork), { number: 12_965_001n, timestamp: 1_628_200_000n })
    await runBlock(vm, { block, ...free, setHardfork: asked })
    assert.is(vm.common.hardfork(), expected, `${made} ${asked}`)
  }
})

told('transactions must be of the VM’s hardfork, unless that is not to be checked', async () => {
  const vm = await vmWith(commonAt(Hardfork.London), {})
  const berlin = await vmWith(commonAt(Hardfork.Berlin), {})
  const transactions = [legacy(berlin, 0n, { to: fresh })]
  const head = { ...free, skipHardForkValidation: true }
  const other = createBlock(
    { header: { ...blockOf(vm.common, {}).header }, transactions } as never,
    { common: commonAt(Hardfork.Paris), skipConsensusFormatValidation: true },
  )
  const error = await errorOf(runBlock(vm, { block: other, ...free }))
  assert.is(error.code, 'OPTION_INVALID')
  assert.is(error.details.field, 'block.common')
  assert.is(error.details.expected, 'london')
  assert.is(error.details.actual, 'paris')
  // The consensus of the other one is what is in the way then.
  assert.is((await errorOf(runBlock(vm, { block: other, ...head }))).code, 'UNSUPPORTED_CONSENSUS')
  const same = blockOf(commonAt(Hardfork.London), { transactions })
  assert.is((await runBlock(vm, { block: same, ...head })).results.length, 1)
})

told('blocks of another consensus than the hardfork’s are refused', async () => {
  const chain = (type: string): Common =>
    new Common({
      chain: { ...Mainnet, consensus: { type, algorithm: 'clique' } } as never,
      hardfork: Hardfork.London,
    })
  const vm = await vmWith(commonAt(Hardfork.London), {})
  const block = blockOf(chain('poa'), {})
  const error = await errorOf(runBlock(vm, { block, ...free }))
  assert.is(error.code, 'UNSUPPORTED_CONSENSUS')
  assert.equal([error.details.hardfork, error.details.actual], ['london', 'poa'])
  const merged = await vmWith(commonAt(Hardfork.Paris), {})
  const mined = createBlock({ header: { number: 1n } }, { common: commonAt(Hardfork.Berlin) })
  const late = await errorOf(runBlock(merged, { block: mined, ...free }))
  assert.equal([late.code, late.details.actual], ['UNSUPPORTED_CONSENSUS', 'pow'])
})

told('the state is set to the root, and caches are cleared unless told otherwise', async () => {
  for (const [clearCache, expected] of [
    [undefined, true],
    [true, true],
    [false, false],
  ] as const) {
    const vm = await vmWith(commonAt(Hardfork.London), {})
    const root = await vm.stateManager.getStateRoot()
    const calls: unknown[][] = []
    const original = vm.stateManager.setStateRoot.bind(vm.stateManager)
    vm.stateManager.setStateRoot = (...args) => {
      calls.push(args)
      return original(...args)
    }
    const block = blockOf(vm.common, {})
    await runBlock(vm, { block, ...free, root, clearCache })
    assert.equal(calls, [[root, expected]])
    await runBlock(vm, { block, ...free })
    assert.is(calls.length, 1)
  }
})

told('preimages are told only where they are asked for', async () => {
  const vm = await vmWith(commonAt(Hardfork.London), {})
  const block = (nonce: bigint) =>
    blockOf(vm.common, { transactions: [legacy(vm, nonce, { to: fresh })] })
  assert.is((await runBlock(vm, { block: block(0n), ...free })).preimages?.size, 0)
  const options = { ...free, reportPreimages: true }
  const { preimages } = await runBlock(vm, { block: block(1n), ...options })
  assert.is(preimages?.size, 3)
  for (const [key, preimage] of preimages ?? []) assert.is(key, `0x${hex(keccak256(preimage))}`)
  Object.assign(vm.stateManager, { getAppliedKey: undefined })
  const error = await errorOf(runBlock(vm, { block: block(2n), ...options }))
  assert.equal([error.code, error.details.field], ['OPTION_INVALID', 'reportPreimages'])
})

/** A block of Prague that has one request, and what its header must say. */
async function requestBlock(): Promise<{
  vm: () => Promise<VM>
  block: Block
  result: RunBlockResult
}> {
  const alloc: VmAlloc = {
    '0x00000961ef480eb55e80d19ad83579a64c007002': { nonce: 1n, code: '0x604c6000f3' },
    '0x0000bbddc7ce488642fb579f8b00f3a590007251': { nonce: 1n, code: '0x00' },
  }
  const vm = () => vmWith(commonAt(Hardfork.Prague), alloc)
  const draft = blockOf(commonAt(Hardfork.Prague), {})
  const result = await runBlock(await vm(), { block: draft, ...free })
  const block = withHeader(draft, {
    stateRoot: result.stateRoot,
    receiptTrie: result.receiptsRoot,
    logsBloom: result.logsBloom,
    gasUsed: result.gasUsed,
    requestsHash: result.requestsHash,
    withdrawalsRoot: listRoot([]),
  })
  return { vm, block, result }
}

function withHeader(block: Block, fields: object): Block {
  const data = { ...block, header: { ...block.header, ...fields } }
  return createBlock(data as never, { common: block.common, skipConsensusFormatValidation: true })
}

told('what the header says is compared, field by field', async () => {
  const { vm, block, result } = await requestBlock()
  const options = { skipHeaderValidation: true }
  assert.is(
    hex((await runBlock(await vm(), { block, ...options })).stateRoot),
    hex(result.stateRoot),
  )
  const wrong = new Uint8Array(32).fill(7)
  for (const [field, change, expected, actual] of [
    ['ommersHash', { uncleHash: wrong }, `0x${hex(wrong)}`, emptyOmmersHash],
    ['requestsHash', { requestsHash: wrong }, `0x${hex(wrong)}`, `0x${hex(result.requestsHash)}`],
    ['gasUsed', { gasUsed: result.gasUsed + 1n }, result.gasUsed + 1n, result.gasUsed],
    ['gasLimit', { gasLimit: 1n << 63n }, (1n << 63n) - 1n, 1n << 63n],
  ] as const) {
    const damaged = withHeader(block, change)
    const error = await errorOf(runBlock(await vm(), { block: damaged, ...options }))
    assert.equal([error.code, error.details.field], ['BLOCK_FIELD_MISMATCH', field])
    assert.equal([error.details.expected, error.details.actual], [expected, actual])
  }
  // A gas limit of 63 bits is none of this check's business.
  const large = withHeader(block, { gasLimit: (1n << 63n) - 1n })
  await runBlock(await vm(), { block: large, ...options })
  // With nothing to be checked, or the fields to be made, none of it counts.
  const damaged = withHeader(block, { requestsHash: wrong, transactionsTrie: wrong })
  await runBlock(await vm(), { block: damaged, ...options, ...free })
  const unchecked = { ...options, skipBlockValidation: true }
  const error = await errorOf(runBlock(await vm(), { block: damaged, ...unchecked }))
  assert.is(error.details.field, 'requestsHash')
})

told('the block of the event has the fields that were made, and only then', async () => {
  const { vm, block, result } = await requestBlock()
  const finished: Block[] = []
  for (const options of [free, { skipHeaderValidation: true }]) {
    const target = await vm()
    target.events.on('afterBlock', (event) => {
      finished.push(event.block)
    })
    await runBlock(target, { block, ...options })
  }
  assert.ok(finished[0] !== block)
  assert.is(hex(finished[0].hash()), hex(block.hash()))
  assert.is(finished[0].header.gasUsed, result.gasUsed)
  assert.ok(finished[1] === block)
})

told('ommers of any age are paid as they are by the original', async () => {
  const ommers = (numbers: readonly bigint[]) =>
    numbers.map((number, i) => ({
      number,
      coinbase: `0x${'0e'.repeat(19)}${i.toString(16).padStart(2, '0')}` as PrefixedHexString,
    }))
  for (const hardfork of [Hardfork.Chainstart, Hardfork.SpuriousDragon, Hardfork.Byzantium]) {
    for (const numbers of [[99n, 94n], [95n], []]) {
      await onBoth(hardfork, {}, () => ({ ommers: ommers(numbers) }))
    }
  }
  // Older ones than consensus knows, where blocks run transaction by transaction.
  await onBoth(Hardfork.Homestead, {}, () => ({ ommers: ommers([93n, 92n]) }))
  await onBoth(Hardfork.Homestead, {}, () => ({ ommers: ommers([91n]) }))
})

told('before Byzantium, gas limits are held against what is left of the block’s', async () => {
  const vm = await vmWith(commonAt(Hardfork.Homestead), {})
  const block = (second: bigint): Block =>
    blockOf(vm.common, {
      transactions: [
        legacy(vm, 0n, { to: fresh, gasLimit: 21_000n }),
        legacy(vm, 1n, { to: fresh, gasLimit: second }),
      ],
    })
  const left = 30_000_000n - 21_000n
  const error = await errorOf(runBlock(vm, { block: block(left + 1n), ...free }))
  assert.is(error.code, 'TX_GAS_LIMIT_EXCEEDS_BLOCK')
  const { txIndex, expected, actual } = error.details
  assert.equal([txIndex, expected, actual], [1, left, left + 1n])
  const { results, gasUsed } = await runBlock(vm, { block: block(left), ...free })
  assert.is(gasUsed, 42_000n)
  assert.equal(
    results.map(({ receipt }) => receipt.cumulativeBlockGasUsed),
    [21_000n, 42_000n],
  )
})

told('before Byzantium, an invalid transaction is named by its place in the block', async () => {
  const vm = await vmWith(commonAt(Hardfork.Homestead), {})
  const transactions = [0n, 1n, 7n].map((nonce) => legacy(vm, nonce, { to: fresh }))
  const root = hex(await vm.stateManager.getStateRoot())
  const error = await errorOf(
    runBlock(vm, { block: blockOf(vm.common, { transactions }), ...free }),
  )
  assert.is(error.code, 'TX_NONCE_TOO_HIGH')
  assert.is(error.details.txIndex, 2)
  assert.is(hex(await vm.stateManager.getStateRoot()), root)
})

told('before Byzantium, what the state manager throws is no transaction’s fault', async () => {
  const vm = await vmWith(commonAt(Hardfork.Homestead), {})
  const block = blockOf(vm.common, { transactions: [legacy(vm, 0n, { to: fresh })] })
  const cause = new Error('the disk is gone')
  vm.stateManager.getAccount = () => Promise.reject(cause)
  const error = await errorOf(runBlock(vm, { block, ...free }))
  assert.is(error.code, 'STATE_UNAVAILABLE')
  assert.is(error.cause, cause)
  assert.not.ok('txIndex' in error.details)
})

told('a chain without the DAO fork drains nothing', async () => {
  const hardforks = Mainnet.hardforks.filter(({ name }) => name !== 'dao')
  const common = new Common({
    chain: { ...Mainnet, hardforks },
    hardfork: Hardfork.Homestead,
  })
  const vm = await vmWith(common, {})
  const block = blockOf(common, { transactions: [legacy(vm, 0n, { to: fresh, value: 7n })] })
  const { results } = await runBlock(vm, { block, ...free })
  assert.not.ok('exceptionError' in results[0].execResult)
  const account = await vm.stateManager.getAccount(createAddressFromString(fresh))
  assert.is(account?.balance, 7n)
})

told('the logs of transactions come in their order', async () => {
  const logger: PrefixedHexString = `0x${'d7'.repeat(20)}`
  // LOG2 of a byte with topics 1 and 2, LOG0 of nothing, LOG1 of two bytes with topic 3.
  const code: PrefixedHexString = `0x${`
    61abcd 6000 52 6002 6001 6001 601f a2 6000 6000 a0 6003 6002 601e a1 00`.replaceAll(/\s/g, '')}`
  for (const hardfork of [Hardfork.Homestead, Hardfork.London]) {
    const [theirs, ours] = await onBoth(hardfork, { [logger]: { nonce: 1n, code } }, (vm) => ({
      transactions: [0n, 1n].map((nonce) => legacy(vm, nonce, { to: logger })),
    }))
    const logs = (result: RunBlockResult) =>
      result.receipts.map((receipt) =>
        receipt.logs.map(([at, topics, data]) => [hex(at), topics.map(hex), hex(data)]),
      )
    assert.equal(logs(ours), logs(theirs))
    assert.equal(
      logs(ours)[1].map(([, topics, data]) => [topics.length, data]),
      [
        [2, 'cd'],
        [0, ''],
        [1, 'abcd'],
      ],
    )
  }
})

told('frames fail for the same reasons', async () => {
  const at = (n: number): PrefixedHexString =>
    `0x${'d9'.repeat(19)}${n.toString(16).padStart(2, '0')}`
  const codes: PrefixedHexString[] = [
    '0x5b6000600056', // pushes until the stack is full
    '0x0c', // an instruction that is none
    '0x600160006000 3e'.replace(' ', '') as PrefixedHexString, // returned data that is not there
    '0x60006000fd',
    '0xfe',
    '0x50',
    '0x6001600055',
  ]
  const alloc: VmAlloc = Object.fromEntries(codes.map((code, i) => [at(i), { nonce: 1n, code }]))
  for (const hardfork of [Hardfork.Homestead, Hardfork.Byzantium, Hardfork.London]) {
    const [theirs, ours] = await onBoth(hardfork, alloc, (vm) => ({
      transactions: [
        ...codes.map((_, i) => legacy(vm, BigInt(i), { to: at(i) })),
        // A pairing of garbage, and code that begins with 0xef.
        legacy(vm, 7n, { to: `0x${'00'.repeat(19)}08`, data: '0x01' }),
        legacy(vm, 8n, { data: '0x60ef60005360016000f3' }),
      ],
    }))
    const errors = (result: RunBlockResult) =>
      result.results.map(({ execResult }) => execResult.exceptionError?.error)
    // The original names what a precompiled contract found wrong with its input.
    const expected = errors(theirs).map((error, i) => (i === 7 && error ? 'out of gas' : error))
    assert.equal(errors(ours), expected)
    assert.is(ours.results[1].execResult.exceptionError?.errorType, 'EVMError')
  }
})

told('a VM that has another price of blobs than the block is refused', async () => {
  const block = blockOf(commonAt(Hardfork.Cancun), {})
  for (const [name, owner] of [
    ['blobGasPriceUpdateFraction', 'block.common'],
    ['minBlobGas', 'vm.common'],
  ] as const) {
    const vm = await vmWith(commonAt(Hardfork.Cancun), {})
    // Making a VM sets them back.
    vm.common.updateParams({ 4844: { [name]: 77 } })
    const { code, details } = await errorOf(runBlock(vm, { block, ...free }))
    assert.equal([code, details.field], ['OPTION_UNSUPPORTED', `${owner} params.${name}`])
    if (owner === 'vm.common') continue
    assert.equal([details.expected, details.actual], [77n, block.common.param(name)])
  }
})

told('blocks of hardforks without withdrawals and requests are checked as well', async () => {
  for (const hardfork of [Hardfork.Homestead, Hardfork.London, Hardfork.Paris]) {
    const common = commonAt(hardfork)
    const draft = blockOf(common, {})
    const result = await runBlock(await vmWith(common, {}), { block: draft, ...free })
    const { stateRoot, receiptsRoot: receiptTrie } = result
    const block = withHeader(draft, { stateRoot, receiptTrie })
    const options = { block, skipHeaderValidation: true }
    const checked = await runBlock(await vmWith(common, {}), options)
    assert.is(hex(checked.stateRoot), hex(stateRoot))
  }
})

told('nothing is created where storage is left, by the root of the account', async () => {
  const at: PrefixedHexString = `0x${hex(generateAddress(senders[0].bytes, new Uint8Array(0)))}`
  const slot: PrefixedHexString = `0x${'00'.repeat(31)}01`
  for (const [storage, expected] of [
    [{ [slot]: '0x05' }, true],
    [{}, false],
  ] as const) {
    const results = await onBoth(Hardfork.London, { [at]: { balance: 1n, storage } }, (vm) => ({
      transactions: [legacy(vm, 0n, { data: '0x00' })],
    }))
    for (const { results: each } of results) {
      assert.is(each[0].execResult.exceptionError !== undefined, expected)
    }
  }
})

told('code that the state manager has lost is an error', async () => {
  const vm = await vmWith(commonAt(Hardfork.London), { [fresh]: { nonce: 1n, code: '0x6001' } })
  vm.stateManager.getCode = async () => new Uint8Array(0)
  const block = blockOf(vm.common, { transactions: [legacy(vm, 0n, { to: fresh })] })
  const error = await errorOf(runBlock(vm, { block, ...free }))
  assert.is(error.code, 'STATE_MISSING_CODE')
})

told('an EVM of another hardfork is refused, and both are named', async () => {
  const evm = await createEVM({ common: commonAt(Hardfork.Berlin) })
  const vm = await createVM({ common: commonAt(Hardfork.London), evm })
  const error = await errorOf(runBlock(vm, { block: blockOf(vm.common, {}), ...free }))
  const { field, expected, actual } = error.details
  assert.is(error.code, 'OPTION_UNSUPPORTED')
  assert.equal([field, expected, actual], ['vm.evm.common', 'london', 'berlin'])
})

told('a frame that ends as none is known to is an internal error', () => {
  assert.is(frameError(0), undefined)
  assert.is(frameError(-1)?.error, 'internal error')
})

told('half a VM and half a block are none', async () => {
  const vm = await vmWith(commonAt(Hardfork.London), {})
  const block = blockOf(vm.common, {})
  const emit = () => {}
  const { stateManager, evm } = vm
  for (const [field, odd, oddBlock] of [
    ['vm', { _emit: emit }, block],
    ['vm', { stateManager, evm }, block],
    ['vm', { _emit: emit, evm }, block],
    ['vm', { _emit: emit, stateManager }, block],
    ['vm', { _emit: 5, stateManager, evm }, block],
    ['block', vm, { header: block.header }],
    ['block', vm, { transactions: [] }],
    ['block', vm, { header: 5, transactions: [] }],
    ['block', vm, { header: block.header, transactions: {} }],
  ] as const) {
    const error = await errorOf(runBlock(odd as never, { block: oddBlock as never, ...free }))
    assert.equal([error.code, error.details.field], ['OPTION_INVALID', field])
  }
})

told('blooms are those of the original', () => {
  const random = new Random(5)
  for (let round = 0; round < 20; round++) {
    const entries = Array.from({ length: 1 + round }, () => random.bytes(20 + 12 * (round % 2)))
    const [theirs, ours, other] = [new Bloom(), new LogsBloom(), new LogsBloom()]
    for (const entry of entries) {
      theirs.add(entry)
      ours.add(entry)
    }
    assert.is(hex(ours.bitvector), hex(theirs.bitvector))
    assert.ok(entries.every((entry) => ours.check(entry)))
    assert.ok(ours.multiCheck(entries))
    const strange = Array.from({ length: 20 }, () => random.bytes(20))
    for (const entry of strange) {
      assert.is(ours.check(entry), theirs.check(entry))
      const both = [entries[0], entry]
      assert.is(ours.multiCheck(both), theirs.multiCheck(both))
    }
    other.add(strange[0])
    other.or(theirs)
    theirs.add(strange[0])
    assert.is(hex(other.bitvector), hex(theirs.bitvector))
  }
})

told('requests have their type in front of their data', () => {
  const request = new LayerRequest(2, Uint8Array.of(7, 8, 9))
  assert.is(request.type, 2)
  assert.equal([...request.data], [7, 8, 9])
  assert.equal([...request.bytes], [2, 7, 8, 9])
})

told('a VM without a blockchain that checks headers is told what to do', async () => {
  const vm = await vmWith(commonAt(Hardfork.London), {})
  for (const blockchain of [{}, { validateHeader: 5 }]) {
    Object.assign(vm, { blockchain })
    const error = await errorOf(runBlock(vm, { block: blockOf(vm.common, {}) }))
    assert.equal([error.code, error.details.field], ['OPTION_INVALID', 'skipHeaderValidation'])
  }
  assert.instance(vm.stateManager, MerkleStateManager)
})

told.run()
