import { createBlockFromRLP } from '@ethereumjs/block'
import { Common, Mainnet } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { createVM, type RunBlockOpts } from '@ethereumjs/vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { alloc, makeChain, people } from '../examples/support/chain.mjs'
import { runBlock } from '../lib/ethereumjs/index.js'
import {
  adaptive,
  type BlockEnvironment,
  type BraidError,
  Engine,
  type ErrorCode,
  type ExecutionPlan,
  MemoryState,
  type SourceAccount,
  SourceState,
  StateTrie,
  type TransactionFields,
  validateBlock,
  validateBlockBody,
  validateHeader,
  WitnessState,
} from '../lib/index.js'
import { errorOf } from './support/thrown.js'

const unknown = suite('unknown options')

const [first, second] = await makeChain(2)
const engine = await Engine.create({ policy: 'sequential' })
const state = new MemoryState(alloc)
const { header } = await engine.executeBlock(first, { state })

const environment: BlockEnvironment = {
  number: 20_000_000n,
  timestamp: 1_720_000_000n,
  gasLimit: 30_000_000n,
  coinbase: people[0],
}
const transaction: TransactionFields = {
  sender: people[0],
  nonce: 0,
  gasLimit: 21_000,
  gasPrice: 0,
  to: people[1],
}

async function refused(
  call: () => unknown,
  field: string,
  meant: string | undefined,
  code: ErrorCode = 'OPTION_INVALID',
): Promise<BraidError> {
  const error = await errorOf(call)
  assert.is(error.code, code, `${field}: ${error}`)
  assert.is(error.details.field, field)
  assert.is(error.details.expected, meant)
  assert.ok(error.message.includes(`'${field}'`), error.message)
  const guess = meant === undefined ? /is not known$/ : new RegExp(`, did you mean '${meant}'\\?$`)
  assert.match(error.message, guess)
  return error
}

const simulate = (tx: object, around: object = environment) =>
  engine.executeTransactions(around as BlockEnvironment, [tx as TransactionFields], { state })

async function chain(options: object): Promise<void> {
  for await (const _ of engine.executeBlocks([first], { state: state.clone(), ...options }));
}

unknown('every function and constructor refuses options that it does not have', async () => {
  const trie = new StateTrie(state)
  const nodes = { root: trie.root, nodes: [] }
  const witness = { parentStateRoot: trie.root, state: [], codes: [] }
  const traced = { state, tracer: 'callTracer' } as const
  const calls: readonly [slip: string, meant: string, call: (slip: object) => unknown][] = [
    ['thread', 'threads', (slip) => Engine.create(slip)],
    ['singal', 'signal', (slip) => engine.executeBlock(first, { state, ...slip })],
    ['verfy', 'verify', (slip) => engine.executeBlockSync(first, { state, ...slip })],
    ['confg', 'config', (slip) => engine.traceBlock(first, { ...traced, ...slip })],
    ['timeuot', 'timeout', (slip) => engine.traceTransaction(first, 0, { ...traced, ...slip })],
    ['stateroot', 'stateRoot', (slip) => chain(slip)],
    [
      'hardFork',
      'hardfork',
      (slip) => engine.executeTransactions(environment, [], { state, ...slip }),
    ],
    ['histroy', 'history', (slip) => new MemoryState({}, slip)],
    ['History', 'history', (slip) => new StateTrie(state, slip)],
    ['node', 'nodes', (slip) => StateTrie.fromWitness({ ...nodes, ...slip })],
    ['historry', 'history', (slip) => StateTrie.fromWitness(nodes, slip)],
    ['probeinterval', 'probeInterval', (slip) => adaptive(slip)],
    ['proofofwork', 'proofOfWork', (slip) => validateHeader(header, header, slip)],
    ['ancestor', 'ancestors', (slip) => validateBlock(second, { parent: header, ...slip })],
    ['comon', 'common', (slip) => validateBlockBody(first, slip)],
  ]
  for (const [slip, meant, call] of calls) {
    for (const value of [undefined, true]) await refused(() => call({ [slip]: value }), slip, meant)
    await refused(() => call({ frobnicate: 1 }), 'frobnicate', undefined)
  }
  const call = () => new WitnessState({ ...witness, blockhashes: {} } as typeof witness)
  await refused(call, 'blockhashes', 'blockHashes', 'STATE_MALFORMED')
})

unknown('so does runBlock, with its own options and those of @ethereumjs/vm', async () => {
  const common = new Common({ chain: Mainnet, hardfork: 'cancun' })
  const vm = await createVM({ common, stateManager: new MerkleStateManager({ common }) })
  const block = createBlockFromRLP(first as Uint8Array, { common })
  const options = { block, skipnonce: true } as RunBlockOpts
  await refused(() => runBlock(vm, options), 'skipnonce', 'skipNonce')
  await refused(() => runBlock(vm, { block }, { engin: engine } as object), 'engin', 'engine')
})

unknown('an environment has no other members; those of headers are named as here', async () => {
  for (const [slip, meant] of [
    ['basefee', 'baseFee'],
    ['baseFeePerGas', 'baseFee'],
    ['mixHash', 'prevRandao'],
    ['miner', 'coinbase'],
    ['excessBlobgas', 'excessBlobGas'],
  ]) {
    await refused(() => simulate(transaction, { ...environment, [slip]: 7n }), slip, meant)
  }
  assert.is((await simulate(transaction)).transactionCount, 1)
})

unknown('a transaction has no other members, and the error says which one it is in', async () => {
  for (const [slip, meant] of [
    ['gass', 'gasLimit'],
    ['gas', 'gasLimit'],
    ['from', 'sender'],
    ['input', 'data'],
    ['gasprice', 'gasPrice'],
    ['maxFeePerGass', 'maxFeePerGas'],
    ['skipNonce', 'skipNonceCheck'],
  ] as const) {
    const slipped = { ...transaction, [slip]: '0x1' }
    if (slip === 'gas' || slip === 'from') delete (slipped as Record<string, unknown>)[meant]
    const list = [transaction, slipped]
    const call = () => engine.executeTransactions(environment, list, { state })
    const error = await errorOf(call)
    assert.is(error.code, 'OPTION_INVALID')
    assert.is(error.details.field, slip)
    assert.is(error.details.txIndex, 1)
    assert.match(error.message, new RegExp(`'${slip}' in transaction 1 is not known`))
    assert.is(error.details.expected, meant)
  }
})

unknown('what a node says of a transaction may come along', async () => {
  const answer = {
    hash: header.hash,
    blockHash: header.hash,
    blockNumber: '0x1',
    blockTimestamp: '0x1',
    transactionIndex: '0x0',
    from: people[0],
    gas: '0x5208',
    input: '0x',
    v: '0x1',
    r: '0x1',
    s: '0x1',
    yParity: '0x1',
    typeHex: '0x0',
  }
  const result = await simulate({ ...answer, ...transaction, data: answer.input })
  assert.is(result.receipts[0].status, 'success')
})

unknown('flags of a transaction are true or false', async () => {
  for (const flag of ['skipNonceCheck', 'skipBalanceCheck']) {
    const error = await errorOf(() => simulate({ ...transaction, [flag]: 1 }))
    assert.is(error.code, 'DECODE_FIELD_TYPE')
    assert.equal(error.details, {
      txIndex: 0,
      field: flag,
      expected: 'true or false',
      actual: 'number',
    })
  }
})

unknown('neither have plans of policies, nor what they prefetch', async () => {
  for (const [plan, field, meant] of [
    [{ mode: 'sequential', worker: 1 }, 'policy.worker', 'workers'],
    [{ mode: 'optimistic', predecesors: [-1] }, 'policy.predecesors', 'predecessors'],
    [
      {
        mode: 'optimistic',
        prefetch: [{ address: people[0] }, { address: people[0], keys: '0x' }],
      },
      'policy.prefetch[1].keys',
      'key',
    ],
  ] as const) {
    const policy = { name: 'mine', plan: () => plan as unknown as ExecutionPlan }
    const mine = await Engine.create({ policy })
    await refused(() => mine.executeBlock(first, { state }), field, meant)
  }
})

unknown('accounts of allocs and of sources have no other members', async () => {
  const code = 'STATE_MALFORMED'
  for (const [slip, meant] of [
    ['balence', 'balance'],
    ['Nonce', 'nonce'],
    ['storge', 'storage'],
    ['wei', undefined],
  ] as const) {
    const error = await refused(
      () => new MemoryState({ [people[0]]: { [slip]: '0x1' } }),
      slip,
      meant,
      code,
    )
    assert.is(error.details.address, people[0])
  }
  const dumped = { address: people[0], root: '0x', key: '0x', balance: 1n }
  assert.is(new MemoryState({ [people[0]]: dumped }).getAccount(people[0])?.balance, 1n)

  const sourceOf = (account: object) =>
    new SourceState({
      getAccount: () => account as SourceAccount,
      getStorage: () => 0n,
      getCode: () => undefined,
    })
  const call = () =>
    engine.executeTransactions(environment, [transaction], {
      state: sourceOf({ nonce: 0, balance: 1n, codehash: '0x' }),
    })
  await refused(call, 'codehash', 'codeHash', code)

  class AccountOfAnother {
    _balance = 1n
    get nonce() {
      return 0n
    }
    get balance() {
      return this._balance
    }
  }
  for (const account of [
    new AccountOfAnother(),
    state.getAccount(people[0]) ?? {},
    { nonce: 0n, balance: 1n, storageHash: '0x', accountProof: [], storageProof: [] },
  ]) {
    const options = { state: sourceOf(account) }
    const { receipts } = await engine.executeTransactions(environment, [transaction], options)
    assert.is(receipts.length, 1)
  }
})

unknown('what options inherit is read, and is for others as well', async () => {
  const shared = Object.create({ state, loggingLevel: 3 }) as { state: MemoryState }
  assert.is((await engine.executeBlock(first, shared)).transactionCount, 3)
})

unknown.run()
