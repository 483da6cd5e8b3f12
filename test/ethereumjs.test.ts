import { type Block, createBlock, createBlockFromRPC, type JSONRPCBlock } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM, paramsEVM } from '@ethereumjs/evm'
import { RLP } from '@ethereumjs/rlp'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import {
  createAccessList2930Tx,
  createBlob4844Tx,
  createEOACode7702Tx,
  createFeeMarket1559Tx,
  createLegacyTx,
  paramsTx,
  type TypedTransaction,
} from '@ethereumjs/tx'
import {
  createAddressFromString,
  eoaCode7702SignAuthorization,
  hexToBytes,
  type PrefixedHexString,
  unpadBytes,
} from '@ethereumjs/util'
import {
  createVM,
  runBlock as originalRunBlock,
  type RunBlockOpts,
  type RunBlockResult,
  type RunTxResult,
  type VM,
} from '@ethereumjs/vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runBlock } from '../lib/ethereumjs/index.js'
import { Engine, isBraidError } from '../lib/index.js'
import { listRoot } from '../lib/trie/list-root.js'
import { readFixture, withFixtures } from './fixtures.js'
import { commonAt } from './support/common.js'
import { errorOf } from './support/thrown.js'
import {
  type BlockParts,
  blockOf,
  keys,
  senders,
  type VmAccount,
  type VmAlloc,
  vmWith,
} from './support/vm-chain.js'

const ethereumjs = suite('@ethereumjs/vm')
const fixtures = withFixtures(ethereumjs, '@ethereumjs/vm')

const store: PrefixedHexString = `0x${'d0'.repeat(20)}`
const reverter: PrefixedHexString = `0x${'d1'.repeat(20)}`
const destroyer: PrefixedHexString = `0x${'d2'.repeat(20)}`
const clearer: PrefixedHexString = `0x${'d3'.repeat(20)}`
const factory: PrefixedHexString = `0x${'d4'.repeat(20)}`
const fresh: PrefixedHexString = `0x${'e0'.repeat(20)}`

const slot = (number: number): PrefixedHexString => `0x${number.toString(16).padStart(64, '0')}`

/** The state before the blocks. */
const alloc: VmAlloc = {
  // Adds one to slot 0, sets slot 1 to the value, logs both, returns the sum.
  [store]: {
    nonce: 1n,
    balance: 3n,
    code: '0x60005460010180600055346001556000523460205233 60206000a160406000f3'.replace(
      ' ',
      '',
    ) as PrefixedHexString,
    storage: { [slot(0)]: '0x07', [slot(5)]: '0x0900' },
  },
  // Reverts with a word.
  [reverter]: { nonce: 1n, code: '0x602a60005260206000fd' },
  // Sends all it has to the caller and goes.
  [destroyer]: { nonce: 1n, balance: 77n, code: '0x33ff', storage: { [slot(1)]: '0x01' } },
  // Clears three slots: refunds.
  [clearer]: {
    nonce: 1n,
    code: '0x600060005560006001556000600255',
    storage: { [slot(0)]: '0x01', [slot(1)]: '0x02', [slot(2)]: '0x03' },
  },
  // Creates a contract that destroys itself in its constructor, and one that stays.
  [factory]: {
    nonce: 1n,
    balance: 1_000n,
    code: '0x6133ff6000526002601e6005f0506000600060006000f05060016000526001601f6001f0506000',
  },
  // Calls to it run out of gas.
  '0xd500000000000000000000000000000000000000': { nonce: 1n, code: '0x5b600056' },
  // An invalid instruction, a stack underflow, a bad jump.
  '0xd600000000000000000000000000000000000000': { nonce: 1n, code: '0xfe' },
  '0xd700000000000000000000000000000000000000': { nonce: 1n, code: '0x01' },
  '0xd800000000000000000000000000000000000000': { nonce: 1n, code: '0x600456' },
}

const prague: VmAlloc = {
  ...alloc,
  // Withdrawal requests (EIP-7002): one, of 76 bytes. Consolidations: none.
  '0x00000961ef480eb55e80d19ad83579a64c007002': { nonce: 1n, code: '0x604c6000f3' },
  '0x0000bbddc7ce488642fb579f8b00f3a590007251': { nonce: 1n, code: '0x00' },
  // The contract of EIP-2935, as it is deployed.
  '0x0000f90827f1c53a10cb7a02335b175320002935': {
    nonce: 1n,
    code: '0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500',
  },
  // That of EIP-4788.
  '0x000f3df6d732807ef1319fb7b8bb8522d0beac02': {
    nonce: 1n,
    code: '0x3373fffffffffffffffffffffffffffffffffffffffe14604d57602036146024575f5ffd5b5f35801560495762001fff810690815414603c575f5ffd5b62001fff01545f5260205ff35b5f5ffd5b62001fff42064281555f359062001fff015500',
  },
}

/** Transactions of one sender, every kind that a hardfork has. */
function transactions(vm: VM): TypedTransaction[] {
  const { common } = vm
  const options = { common }
  let nonce = 0n
  const gasPrice = 2_000n
  const gasLimit = 200_000n
  const legacy = (fields: object): TypedTransaction =>
    createLegacyTx({ nonce: nonce++, gasPrice, gasLimit, ...fields }, options)
  const list: TypedTransaction[] = [
    legacy({ to: fresh, value: 5n }),
    legacy({ to: store, value: 9n }),
    legacy({ to: store, data: '0x0102' }),
    legacy({ to: reverter }),
    legacy({ data: '0x600160005360016000f3' }),
    legacy({ data: '0x60006000fd' }),
    legacy({ data: '0xfe', value: 3n }),
    legacy({ to: clearer }),
    legacy({ to: destroyer, value: 1n }),
    legacy({ to: factory }),
    legacy({ to: '0xd500000000000000000000000000000000000000', gasLimit: 50_000n }),
    legacy({ to: '0xd600000000000000000000000000000000000000' }),
    legacy({ to: '0xd700000000000000000000000000000000000000' }),
    legacy({ to: '0xd800000000000000000000000000000000000000' }),
    // Precompiles: identity, and one that does not exist.
    legacy({ to: '0x0000000000000000000000000000000000000004', data: '0x010203' }),
    legacy({ to: '0x0000000000000000000000000000000000000003', value: 1n }),
    legacy({ to: '0x0000000000000000000000000000000000000fff' }),
    // To itself, and to the coinbase.
    legacy({ to: senders[0].toString(), value: 4n }),
    legacy({ to: `0x${'c0'.repeat(20)}`, value: 4n }),
  ]
  const chainId = 1n
  if (common.isActivatedEIP(2930)) {
    const accessList = [{ address: store, storageKeys: [slot(0), slot(9)] }]
    list.push(
      createAccessList2930Tx(
        { chainId, nonce: nonce++, gasPrice, gasLimit, to: store, accessList },
        options,
      ),
    )
  }
  const fees = { chainId, gasLimit, maxFeePerGas: 9_000n, maxPriorityFeePerGas: 7n }
  if (common.isActivatedEIP(1559)) {
    list.push(createFeeMarket1559Tx({ ...fees, nonce: nonce++, to: store, value: 1n }, options))
    // The floor of the data's cost, from Prague on.
    const data = `0x${'ab'.repeat(900)}` as const
    list.push(createFeeMarket1559Tx({ ...fees, nonce: nonce++, to: fresh, data }, options))
  }
  if (common.isActivatedEIP(4844)) {
    const blobVersionedHashes: PrefixedHexString[] = [`0x01${'0c'.repeat(31)}`]
    list.push(
      createBlob4844Tx(
        { ...fees, nonce: nonce++, to: store, maxFeePerBlobGas: 11n, blobVersionedHashes },
        options,
      ),
    )
  }
  if (common.isActivatedEIP(7702)) {
    const authorize = (address: PrefixedHexString, authorityNonce: PrefixedHexString) =>
      eoaCode7702SignAuthorization({ chainId: '0x1', address, nonce: authorityNonce }, keys[1])
    for (const authorizationList of [
      [authorize(store, '0x0'), authorize(store, '0x9')],
      [authorize(`0x${'00'.repeat(20)}`, '0x1')],
    ]) {
      list.push(
        createEOACode7702Tx(
          { ...fees, nonce: nonce++, to: senders[1].toString(), authorizationList },
          options,
        ),
      )
    }
  }
  return list.map((tx) => tx.sign(keys[0]))
}

/** What a block gave on a VM: the result or the error, the events, and the state after it. */
interface Outcome {
  readonly result?: RunBlockResult
  readonly error?: unknown
  readonly events: string[]
}

async function outcomeOf(
  run: (vm: VM, options: RunBlockOpts) => Promise<RunBlockResult>,
  vm: VM,
  options: RunBlockOpts,
): Promise<Outcome> {
  const events: string[] = []
  vm.events.on('beforeBlock', (block, resolve) => {
    events.push(`beforeBlock ${block.header.number}`)
    setImmediate(() => resolve?.())
  })
  vm.events.on('beforeTx', (tx) => {
    events.push(`beforeTx ${tx.nonce}`)
  })
  vm.events.on('afterTx', ({ transaction, totalGasSpent }) => {
    events.push(`afterTx ${transaction.nonce} ${totalGasSpent}`)
  })
  vm.events.on('afterBlock', ({ block, gasUsed }) => {
    const { header } = block
    const fields = [header.stateRoot, header.receiptTrie, header.logsBloom, header.requestsHash]
    events.push(`afterBlock ${gasUsed} ${header.gasUsed} ${fields.map((field) => hex(field))}`)
    events.push(hex(block.hash()))
  })
  try {
    return { result: await run(vm, options), events }
  } catch (error) {
    return { error, events }
  } finally {
    vm.events.removeAllListeners()
  }
}

function hex(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '-' : Buffer.from(bytes).toString('hex')
}

/** A value as text: bytes in hex, numbers, lists, objects by their keys. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'bigint') return `${value}`
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined && typeof item !== 'function')
        .map(([key, item]) => [key, plain(item)])
        .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
    )
  }
  return value
}

function plainTransaction(result: RunTxResult): unknown {
  const { execResult, bloom, createdAddress, ...rest } = result
  const { exceptionError, executionGasUsed, gasRefund, returnValue, logs } = execResult
  return {
    ...(plain(rest) as object),
    createdAddress: createdAddress?.toString(),
    bloom: hex(bloom.bitvector),
    exceptionError: exceptionError && {
      ...exceptionError,
      // The original tells where a jump went wrong.
      error: exceptionError.error.replace(/ at .*/, ''),
    },
    execution: plain({
      executionGasUsed,
      gasRefund: gasRefund ?? 0n,
      returnValue,
      logs: logs ?? [],
    }),
  }
}

function plainResult(result: RunBlockResult): object {
  const { results, requests, ...rest } = result
  return {
    ...(plain({ ...rest, preimages: undefined }) as object),
    requests: requests?.map(({ type, data, bytes }) => plain({ type, data, bytes })),
  }
}

/** Runs a block on both sides and compares everything. */
async function compare(
  hardfork: string,
  accounts: VmAlloc,
  parts: (vm: VM) => BlockParts,
  options: Partial<RunBlockOpts> = {},
): Promise<{ result: RunBlockResult; ours: VM; block: Block }> {
  const common = commonAt(hardfork)
  const [theirs, ours] = await Promise.all([vmWith(common, accounts), vmWith(common, accounts)])
  const blockFor = (vm: VM): Block => blockOf(vm.common, parts(vm))
  const block = blockFor(ours)
  const common_ = { generate: true, skipBlockValidation: true, ...options }
  const expected = await outcomeOf(originalRunBlock, theirs, {
    block: blockFor(theirs),
    ...common_,
  })
  const actual = await outcomeOf(runBlock, ours, { block, ...common_ })
  if (expected.error !== undefined) throw expected.error
  if (actual.error !== undefined) throw new Error(`${(actual.error as Error).stack}`)
  const [wanted, result] = [expected.result as RunBlockResult, actual.result as RunBlockResult]
  wanted.results.forEach((transaction, i) => {
    assert.equal(plainTransaction(result.results[i]), plainTransaction(transaction), `${i}`)
  })
  assert.equal(plainResult(result), plainResult(wanted))
  assert.equal(actual.events, expected.events)
  const roots = await Promise.all([theirs, ours].map((vm) => vm.stateManager.getStateRoot()))
  assert.is(hex(roots[1]), hex(roots[0]))
  assert.is(hex(roots[1]), hex(result.stateRoot))
  return { result, ours, block }
}

const hardforks = [
  Hardfork.Chainstart,
  Hardfork.Homestead,
  Hardfork.TangerineWhistle,
  Hardfork.SpuriousDragon,
  Hardfork.Byzantium,
  Hardfork.Petersburg,
  Hardfork.Istanbul,
  Hardfork.Berlin,
  Hardfork.London,
  Hardfork.Paris,
  Hardfork.Shanghai,
  Hardfork.Cancun,
  Hardfork.Prague,
  Hardfork.Osaka,
]

for (const hardfork of hardforks) {
  ethereumjs(`gives the same in ${hardfork}`, async () => {
    const { result } = await compare(
      hardfork,
      commonAt(hardfork).gteHardfork(Hardfork.Prague) ? prague : alloc,
      (vm) => ({
        transactions: transactions(vm),
        ommers: vm.common.consensusType() === 'pow' ? [{ number: 98n, coinbase: fresh }] : [],
        withdrawals: [
          { address: fresh, amount: 3n },
          { address: `0x${'fe'.repeat(20)}`, amount: 0n },
        ],
      }),
    )
    assert.ok(result.results.length >= 19)
    assert.ok(result.results.some(({ gasRefund }) => gasRefund > 0n))
  })
}

ethereumjs('drains the accounts of the DAO fork', async () => {
  const drained: VmAlloc = {
    '0xd4fe7bc31cedb7bfb8a345f31e668033056b2728': { balance: 5n },
    '0x807640a13483f8ac783c557fcdf27be11ea4ac7a': { balance: 7n, nonce: 1n },
  }
  const { ours } = await compare(Hardfork.Dao, { ...alloc, ...drained }, (vm) => ({
    number: 1_920_000n,
    extraData: '0x64616f2d686172642d666f726b',
    transactions: transactions(vm),
  }))
  const refunds = createAddressFromString('0xbf4ed7b27f1d666546e30d74d50d173d20bca754')
  assert.is((await ours.stateManager.getAccount(refunds))?.balance, 12n)
})

/** A VM in Cancun, a block on its state that matches its header, and what executing it gives. */
async function validBlock(): Promise<{ vm: VM; block: Block; result: RunBlockResult }> {
  const parts = (vm: VM): BlockParts => ({
    transactions: transactions(vm),
    withdrawals: [{ address: fresh, amount: 3n }],
  })
  const { result, ours } = await compare(Hardfork.Cancun, alloc, parts)
  const vm = await vmWith(commonAt(Hardfork.Cancun), alloc)
  const draft = blockOf(ours.common, parts(ours))
  const withdrawals = (draft.withdrawals ?? []).map((withdrawal) => RLP.encode(withdrawal.raw()))
  const block = withHeader(draft, {
    stateRoot: result.stateRoot,
    receiptTrie: result.receiptsRoot,
    logsBloom: result.logsBloom,
    gasUsed: result.gasUsed,
    withdrawalsRoot: listRoot(withdrawals),
    transactionsTrie: listRoot(draft.transactions.map((tx) => tx.serialize())),
  })
  return { vm, block, result }
}

/** The block with other header fields. */
function withHeader(block: Block, fields: object): Block {
  const data = { ...block, header: { ...block.header, ...fields } }
  return createBlock(data as never, { common: block.common, skipConsensusFormatValidation: true })
}

ethereumjs('checks the header and leaves the state alone where it is wrong', async () => {
  const { vm, block, result } = await validBlock()
  const before = hex(await vm.stateManager.getStateRoot())
  const zero = new Uint8Array(32)
  for (const [field, options] of [
    ['stateRoot', { block: withHeader(block, { stateRoot: zero }) }],
    ['receiptsRoot', { block: withHeader(block, { receiptTrie: zero }) }],
    ['logsBloom', { block: withHeader(block, { logsBloom: new Uint8Array(256) }) }],
    ['gasUsed', { block: withHeader(block, { gasUsed: 1n }) }],
    ['transactionsRoot', { block: withHeader(block, { transactionsTrie: zero }) }],
    ['withdrawalsRoot', { block: withHeader(block, { withdrawalsRoot: zero }) }],
    ['gasLimit', { block: withHeader(block, { gasLimit: 1n << 63n }) }],
  ] as const) {
    const error = await errorOf(runBlock(vm, { ...options, skipHeaderValidation: true }))
    assert.is(error.code, 'BLOCK_FIELD_MISMATCH', String(error.stack))
    assert.is(error.details.field, field)
    assert.is(hex(await vm.stateManager.getStateRoot()), before)
  }
  assert.is((await errorOf(runBlock(vm, { block }))).code, 'OPTION_INVALID')

  const given = await runBlock(vm, { block, skipHeaderValidation: true })
  assert.equal(plainResult(given), plainResult(result))
  assert.is(hex(await vm.stateManager.getStateRoot()), hex(block.header.stateRoot))
  // The checkpoints are even: the state can be set back.
  await vm.stateManager.setStateRoot(Buffer.from(before, 'hex'))
  assert.ok(
    await runBlock(vm, { block, skipHeaderValidation: true, root: Buffer.from(before, 'hex') }),
  )
  const late = await errorOf(runBlock(vm, { block, skipHeaderValidation: true }))
  assert.is(late.code, 'TX_NONCE_TOO_LOW')
  assert.is(late.details.txIndex, 0)
})

ethereumjs('asks the blockchain for header checks and for old hashes', async () => {
  const asker: PrefixedHexString = `0x${'da'.repeat(20)}`
  // SSTORE(0, BLOCKHASH(NUMBER - 1)), SSTORE(1, BLOCKHASH(NUMBER - 7))
  const accounts: VmAlloc = {
    [asker]: { nonce: 1n, code: '0x600143034060005560074303406001550000' },
  }
  const common = commonAt(Hardfork.Shanghai)
  const vm = await vmWith(common, accounts)
  const asked: unknown[] = []
  const validated: unknown[] = []
  Object.assign(vm.blockchain, {
    getBlock: async (number: number) => {
      asked.push(number)
      return { hash: () => new Uint8Array(32).fill(number) }
    },
    validateHeader: async (header: unknown) => {
      validated.push(header)
    },
  })
  const tx = createLegacyTx(
    { nonce: 0n, gasPrice: 2_000n, gasLimit: 100_000n, to: asker },
    { common: vm.common },
  ).sign(keys[0])
  const draft = blockOf(vm.common, { transactions: [tx] })
  const block = withHeader(draft, { transactionsTrie: listRoot([tx.serialize()]) })
  await runBlock(vm, { block, generate: true })
  assert.equal(asked, [93])
  assert.equal(validated, [block.header])
  const read = async (number: number): Promise<string> =>
    hex(await vm.stateManager.getStorage(createAddressFromString(asker), hexToBytes(slot(number))))
  assert.is(await read(0), '11'.repeat(32))
  assert.is(await read(1), '5d'.repeat(32))

  vm.blockchain.getBlock = async () => {
    throw new Error('no such block')
  }
  const next = createLegacyTx(
    { nonce: 1n, gasPrice: 2_000n, gasLimit: 100_000n, to: asker },
    { common: vm.common },
  ).sign(keys[0])
  const error = await errorOf(
    runBlock(vm, {
      block: blockOf(vm.common, { transactions: [next] }),
      generate: true,
      skipBlockValidation: true,
    }),
  )
  assert.is(error.code, 'STATE_UNAVAILABLE')
  assert.is((error.cause as Error).message, 'no such block')
})

ethereumjs('skips the checks of nonces and balances', async () => {
  const { ours } = await compare(
    Hardfork.Cancun,
    alloc,
    (vm) => {
      const fees = { gasLimit: 50_000n, gasPrice: 2_000n }
      return {
        transactions: [
          createLegacyTx({ ...fees, nonce: 9n, to: fresh, value: 1n }, vm).sign(keys[0]),
          createLegacyTx({ ...fees, nonce: 3n, to: fresh, value: 10n ** 30n }, vm).sign(keys[0]),
          createFeeMarket1559Tx(
            {
              chainId: 1n,
              nonce: 7n,
              gasLimit: 60_000n,
              maxFeePerGas: 10n ** 28n,
              maxPriorityFeePerGas: 1n,
              to: fresh,
            },
            vm,
          ).sign(keys[1]),
        ],
      }
    },
    { skipNonce: true, skipBalance: true },
  )
  const account = await ours.stateManager.getAccount(createAddressFromString(fresh))
  assert.is(account?.balance, 10n ** 30n + 1n)
})

ethereumjs('follows the hardfork that the VM is set to', async () => {
  const vm = await vmWith(commonAt(Hardfork.Berlin), alloc)
  const late = blockOf(commonAt(Hardfork.London), {
    number: 12_965_001n,
    timestamp: 1_628_200_000n,
  })
  const options = { generate: true, skipBlockValidation: true }
  const error = await errorOf(runBlock(vm, { block: late, ...options }))
  assert.is(error.code, 'BLOCK_FIELD_UNEXPECTED')
  await runBlock(vm, { block: late, ...options, setHardfork: true })
  assert.is(vm.common.hardfork(), 'london')

  const tx = createLegacyTx({ nonce: 0n, gasPrice: 2_000n, gasLimit: 50_000n, to: fresh }, vm)
  const other = blockOf(commonAt(Hardfork.Berlin), { transactions: [tx.sign(keys[0])] })
  const mismatch = await errorOf(runBlock(vm, { block: other, ...options }))
  assert.is(mismatch.code, 'OPTION_INVALID')
  assert.is(mismatch.details.field, 'block.common')
})

ethereumjs('refuses what it cannot follow', async () => {
  const common = commonAt(Hardfork.Cancun)
  const options = { generate: true, skipBlockValidation: true }
  const check = async (change: (vm: VM) => VM | Promise<VM>, more: object = {}): Promise<void> => {
    const vm = await change(await vmWith(common, alloc))
    const block = blockOf(vm.common, {})
    const error = await errorOf(runBlock(vm, { block, ...options, ...more }))
    assert.is(error.code, 'OPTION_UNSUPPORTED', String(error.stack))
  }
  for (const event of ['step', 'newContract', 'beforeMessage', 'afterMessage'] as const) {
    await check((vm) => {
      vm.evm.events?.on(event, () => {})
      return vm
    })
  }
  await check((vm) => vm, { blockAccessList: new Uint8Array(0) })
  for (const evmOpts of [
    { customOpcodes: [{ opcode: 0x21, opcodeName: 'TEST', baseFee: 1, logicFunction() {} }] },
    {
      customPrecompiles: [
        { address: createAddressFromString(fresh), function: () => ({}) as never },
      ],
    },
    { allowUnlimitedContractSize: true },
    { allowUnlimitedInitCodeSize: true },
    { profiler: { enabled: true } },
  ]) {
    await check(() => createVM({ common, evmOpts: evmOpts as never }))
  }
  await check(() => createVM({ common, profilerOpts: { reportAfterBlock: true } }))

  const amsterdam = await vmWith(commonAt(Hardfork.Amsterdam), alloc)
  const block = blockOf(commonAt(Hardfork.Cancun), {})
  const unsupported = await errorOf(runBlock(amsterdam, { block, ...options }))
  assert.is(unsupported.code, 'UNSUPPORTED_HARDFORK')
})

ethereumjs("refuses parameters that are not the protocol's, by name", async () => {
  const hardfork = Hardfork.Cancun
  const options = { generate: true, skipBlockValidation: true }
  const check = async (vm: VM, field: string, block = blockOf(commonAt(hardfork), {})) => {
    const error = await errorOf(runBlock(vm, { block, ...options }))
    assert.is(error.code, 'OPTION_UNSUPPORTED', String(error.stack))
    assert.is(error.details.field, field)
  }
  const with607 = (maxCodeSize: number) => ({
    ...paramsEVM,
    607: { ...paramsEVM[607], maxCodeSize },
  })
  const common = commonAt(hardfork)
  const vm = await createVM({ common, evmOpts: { params: with607(50_000) } })
  await check(vm, 'vm.common params.maxCodeSize')
  // Whatever was found before: parameters may change between blocks.
  vm.common.updateParams(with607(24_576))
  await runBlock(vm, { block: blockOf(commonAt(hardfork), {}), ...options })
  vm.common.updateParams({ 2929: { coldsloadGas: 1 } })
  await check(vm, 'vm.common params.coldsloadGas')

  const evm = await createEVM({ common: commonAt(hardfork), params: with607(50_000) })
  await check(
    await createVM({ common: commonAt(hardfork), evm }),
    'vm.evm.common params.maxCodeSize',
  )
  const older = await createEVM({ common: commonAt(Hardfork.London) })
  await check(await createVM({ common: commonAt(hardfork), evm: older }), 'vm.evm.common')

  const cheap = createLegacyTx(
    { nonce: 0n, gasPrice: 2_000n, gasLimit: 50_000n, to: fresh },
    { common: commonAt(hardfork), params: { ...paramsTx, 1: { ...paramsTx[1], txGas: 1 } } },
  )
  const plain = await vmWith(commonAt(hardfork), alloc)
  const block = blockOf(commonAt(hardfork), { transactions: [cheap.sign(keys[0])] })
  // createBlock makes transactions anew, with parameters of its own.
  block.transactions[0] = cheap.sign(keys[0])
  await check(plain, 'transactions[0].common params.txGas', block)
})

ethereumjs('refuses arguments of wrong types before it touches the VM', async () => {
  const vm = await createVM({ common: new Common({ chain: Mainnet, hardfork: 'cancun' }) })
  const block = createBlock({ header: { number: 1n } }, { common: vm.common })
  const calls: [field: string, call: () => Promise<unknown>][] = []
  for (const odd of [null, 7, 'text', {}, []] as never[]) {
    calls.push(['vm', () => runBlock(odd, { block })])
    calls.push(['block', () => runBlock(vm, { block: odd })])
    calls.push(['root', () => runBlock(vm, { block, root: odd })])
    calls.push(['engine', () => runBlock(vm, { block }, { engine: odd })])
  }
  for (const odd of [null, 7, 'text'] as never[]) {
    calls.push(['opts', () => runBlock(vm, odd)])
    calls.push(['runner', () => runBlock(vm, { block }, odd)])
  }
  let events = 0
  vm.events.on('beforeBlock', () => events++)
  for (const [field, call] of calls) {
    const error = await call().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    assert.ok(isBraidError(error, 'OPTION_INVALID'), `${field}: ${error}`)
    assert.is(error.details.field, field)
  }
  assert.is(events, 0)
})

ethereumjs('tells the preimages of what the block looked at', async () => {
  const common = commonAt(Hardfork.Cancun)
  const [theirs, ours] = await Promise.all([vmWith(common, alloc), vmWith(common, alloc)])
  const options = { generate: true, skipBlockValidation: true, reportPreimages: true }
  const blockFor = (vm: VM): Block => blockOf(vm.common, { transactions: transactions(vm) })
  const expected = await originalRunBlock(theirs, { block: blockFor(theirs), ...options })
  const { preimages } = await runBlock(ours, { block: blockFor(ours), ...options })
  assert.ok((expected.preimages?.size ?? 0) > 5)
  for (const [key, preimage] of expected.preimages ?? []) {
    // Precompiles are called without a look at their accounts.
    if (preimage.subarray(0, 18).every((byte) => byte === 0)) continue
    assert.is(hex(preimages?.get(key)), hex(preimage))
  }
})

ethereumjs('runs on an engine of the caller’s', async () => {
  const engine = await Engine.create({ policy: 'optimistic', threads: 3 })
  const { vm, block, result } = await validBlock()
  const given = await runBlock(vm, { block, skipHeaderValidation: true }, { engine })
  assert.equal(plainResult(given), plainResult(result))
  engine.close()
  const error = await errorOf(runBlock(vm, { block, skipHeaderValidation: true }, { engine }))
  assert.is(error.code, 'ENGINE_CLOSED')
})

interface BlockFixture {
  readonly block: JSONRPCBlock
  readonly preState: Readonly<Record<string, VmAccount>>
  readonly blockHashes: Readonly<Record<string, PrefixedHexString>>
}

/** A state that is not whole, and so has no root of its own. */
class PartState extends SimpleStateManager {
  root = new Uint8Array(32)

  override async getStateRoot(): Promise<Uint8Array> {
    return this.root
  }
}

/** A VM on the part of the state that a mainnet block reads. */
async function mainnetVm({ preState, blockHashes }: BlockFixture, block: Block): Promise<VM> {
  const stateManager = new PartState({ common: block.common })
  stateManager.root = block.header.stateRoot as Uint8Array<ArrayBuffer>
  for (const [address, { balance = 0n, nonce = 0n, code, storage = {} }] of Object.entries(
    preState,
  )) {
    const at = createAddressFromString(address)
    await stateManager.modifyAccountFields(at, { balance: BigInt(balance), nonce: BigInt(nonce) })
    if (code !== undefined && code !== '0x') await stateManager.putCode(at, hexToBytes(code))
    for (const [key, value] of Object.entries(storage)) {
      await stateManager.putStorage(
        at,
        hexToBytes(key as PrefixedHexString),
        unpadBytes(hexToBytes(value)),
      )
    }
  }
  const vm = await createVM({ common: block.common, stateManager })
  vm.blockchain.getBlock = async (number) =>
    ({
      hash: () => hexToBytes(blockHashes[String(number)]),
    }) as never
  return vm
}

/** The original takes seconds for most blocks. */
const mainnetBlocks = ['930196', '2675000', '9068998', '19923400']
if (process.env.BRAID_LONG === '1') {
  mainnetBlocks.push('4370000', '9069000', '12244000', '17034869', '22244135')
}

for (const name of mainnetBlocks) {
  fixtures.test(`gives the same for mainnet block ${name}`, async () => {
    const fixture = readFixture<BlockFixture>('mainnet_blocks', `${name}.json.gz`)
    const common = new Common({ chain: Mainnet, customCrypto: { kzg: {} as never } })
    const blockFor = (): Block =>
      createBlockFromRPC(fixture.block, [], { common: common.copy(), setHardfork: true })
    const blocks = [blockFor(), blockFor()]
    const [theirs, ours] = await Promise.all(blocks.map((block) => mainnetVm(fixture, block)))
    const options = { generate: true, skipBlockValidation: true }
    const expected = await originalRunBlock(theirs, { block: blocks[0], ...options })
    const actual = await runBlock(ours, { block: blocks[1], ...options })
    expected.results.forEach((transaction, i) => {
      assert.equal(plainTransaction(actual.results[i]), plainTransaction(transaction), `${i}`)
    })
    assert.equal(plainResult(actual), plainResult(expected))
    assert.is(actual.gasUsed, blocks[1].header.gasUsed)
    assert.is(hex(actual.logsBloom), hex(blocks[1].header.logsBloom))
    const accounts = await Promise.all([theirs, ours].map((vm) => statesOf(vm, fixture)))
    assert.equal(accounts[1], accounts[0])
  })
}

/** Everything that state managers say about the accounts of a fixture. */
async function statesOf(vm: VM, { preState }: BlockFixture): Promise<unknown> {
  const { stateManager } = vm
  const states: unknown[] = []
  for (const [hexAddress, { storage = {} }] of Object.entries(preState)) {
    const address = createAddressFromString(hexAddress)
    const account = await stateManager.getAccount(address)
    const slots = Object.keys(storage).map(async (key) =>
      hex(await stateManager.getStorage(address, hexToBytes(key as PrefixedHexString))),
    )
    states.push([
      hexAddress,
      account && [account.nonce, account.balance, hex(account.codeHash)],
      await Promise.all(slots),
    ])
  }
  return states
}

ethereumjs.run()
fixtures.report()
