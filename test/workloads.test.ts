import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import { type BlockResult, BraidError, Engine } from '../lib/index.js'
import { initCodeOf } from '../lib/workloads/artifacts.js'
import {
  makeWorkload,
  type Workload,
  type WorkloadName,
  type WorkloadOptions,
  workloadNames,
} from '../lib/workloads/index.js'
import { runOnEthereumjs } from './support/ethereumjs-workload.js'

const workloads = suite('workloads')

const sequential = await Engine.create()
const optimistic = await Engine.create({ policy: 'optimistic', threads: 4 })

function execute(engine: Engine, { block, state }: Workload): Promise<BlockResult> {
  return engine.executeBlock(block, { state })
}

/** Everything a result says. */
function contentOf(result: BlockResult): unknown {
  return {
    receiptsRoot: result.receiptsRoot,
    receipts: result.receipts.map((receipt) => receipt.toJSON()),
    changes: [...result.stateDiff].map((account) => account.toJSON()),
  }
}

function rootOf({ block }: Workload): string {
  return decodeBlock(block).header.transactionsRoot
}

/** The code of the error that making a workload ends with. */
async function codeOf(name: string, options?: WorkloadOptions): Promise<string | undefined> {
  try {
    await makeWorkload(name as WorkloadName, options)
  } catch (error) {
    if (error instanceof BraidError) return error.code
    throw error
  }
  return undefined
}

const small = { transactions: 12, accounts: 5, hotRatio: 0.5, seed: 7 }

for (const name of workloadNames) {
  workloads(`${name}: every transaction succeeds, under every policy alike`, async () => {
    const workload = await makeWorkload(name, { transactions: 24 })
    const expected = await execute(sequential, workload)
    assert.is(expected.transactionCount, 24)
    assert.is(expected.gasUsed, expected.header.gasUsed)
    assert.ok(expected.receipts.every(({ status }) => status === 'success'))
    for (let round = 0; round < 3; round++) {
      const result = await execute(optimistic, workload)
      assert.equal(contentOf(result), contentOf(expected))
    }
    const after = workload.state.clone()
    after.commit(expected)
    assert.is(after.stateRoot(), expected.header.stateRoot)
  })

  workloads(`${name}: @ethereumjs/vm comes to the same`, async () => {
    const workload = await makeWorkload(name, small)
    const { gasUsed, receipts } = await runOnEthereumjs(workload)
    assert.is(gasUsed, (await execute(sequential, workload)).gasUsed)
    assert.is(receipts.length, small.transactions)
  })

  workloads(`${name}: the same options make the same block, another seed another one`, async () => {
    const [one, same, other] = await Promise.all([
      makeWorkload(name, small),
      makeWorkload(name, small),
      makeWorkload(name, { ...small, seed: 8 }),
    ])
    assert.equal(one.block, same.block)
    assert.is(one.state.stateRoot(), same.state.stateRoot())
    assert.is.not(rootOf(one), rootOf(other))
  })
}

workloads('the comparison with @ethereumjs/vm can fail', async () => {
  const workload = await makeWorkload('erc20', small)
  const { header } = await execute(sequential, workload)
  for (const field of ['stateRoot', 'receiptsRoot', 'transactionsRoot'] as const) {
    const block = Buffer.from(workload.block)
    block[block.indexOf(Buffer.from(header[field].slice(2), 'hex'))] ^= 1
    const error = await runOnEthereumjs({ ...workload, block }).catch((reason: Error) => reason)
    assert.instance(error, Error, field)
  }
})

workloads('accounts says how many senders there are', async () => {
  for (const name of workloadNames) {
    if (name === 'transfers-chain') continue
    const workload = await makeWorkload(name, { transactions: 9, accounts: 3 })
    const { receipts } = await execute(sequential, workload)
    const senders = new Set(receipts.map(({ from }) => from))
    assert.is(senders.size, 3, name)
  }
})

workloads('hotRatio says how many go to one place', async () => {
  const transactions = 100
  for (const [hotRatio, least, most] of [
    [0, 0, 0],
    [0.5, 30, 70],
    [1, 100, 100],
  ] as const) {
    const options = { transactions, hotRatio }
    const transfers = await makeWorkload('transfers-independent', options)
    const { receipts } = await execute(sequential, transfers)
    const recipients = receipts.map(({ to }) => to)
    const hottest = transactions - new Set(recipients).size + (hotRatio === 0 ? 0 : 1)
    assert.ok(hottest >= least && hottest <= most, `${hottest} of ${hotRatio}`)
  }
})

workloads('in the chain of transfers each sender has only what the one before paid', async () => {
  const workload = await makeWorkload('transfers-chain', { transactions: 20 })
  const { receipts } = await execute(sequential, workload)
  receipts.forEach(({ from, to }, index) => {
    assert.is(from, index === 0 ? from : receipts[index - 1].to)
    assert.is.not(from, to)
    if (index > 0) assert.is(workload.state.getAccount(from), undefined)
  })
})

workloads('the pools of independent swaps are disjoint', async () => {
  const pools = async (options: WorkloadOptions) => {
    const workload = await makeWorkload('uniswap-pools', { transactions: 8, ...options })
    const result = await execute(sequential, workload)
    // The last log of a swap is the pool's.
    return new Set(result.receipts.map(({ logs }) => logs.at(-1)?.address))
  }
  assert.is((await pools({})).size, 8)
  assert.is((await pools({ hotRatio: 1 })).size, 1)
  assert.is((await pools({ accounts: 2 })).size, 2)
})

/** Places that more than one transaction changes when each runs alone on the state before the block. */
async function sharedPlaces(name: WorkloadName): Promise<Map<string, number>> {
  const { block, state } = await makeWorkload(name, { transactions: 20 })
  const { header, number, transactions } = decodeBlock(block)
  const { timestamp, gasLimit, coinbase, baseFeePerGas } = header
  const environment = { number, timestamp, gasLimit, coinbase, baseFee: baseFeePerGas }
  const changes = new Map<string, number>()
  for (const transaction of transactions.encodings.toArray()) {
    const result = await sequential.executeTransactions(environment, [transaction], { state })
    for (const { address, balance, nonce, slots } of result.stateDiff) {
      const places = slots.map(({ slot }) => `${address} ${slot}`)
      const isChanged = balance.before !== balance.after || nonce.before !== nonce.after
      if (isChanged && address !== coinbase) places.push(address)
      for (const place of places) changes.set(place, (changes.get(place) ?? 0) + 1)
    }
  }
  return new Map([...changes].filter(([, count]) => count > 1))
}

workloads('independent workloads share nothing but the proposer', async () => {
  for (const name of ['transfers-independent', 'erc20', 'uniswap-pools'] as const) {
    assert.equal([...(await sharedPlaces(name)).keys()], [], name)
  }
})

workloads('in the others all transactions meet in one place', async () => {
  for (const name of [
    'transfers-to-one',
    'deposits',
    'uniswap-one-pool',
    'nft-mint',
    'worst-case',
  ] as const) {
    const counts = [...(await sharedPlaces(name)).values()]
    assert.is(Math.max(...counts), 20, name)
  }
})

workloads('a block of the usual size uses about 30 million gas', async () => {
  for (const name of workloadNames) {
    const { gasUsed } = await execute(sequential, await makeWorkload(name))
    const megagas = Number(gasUsed) / 1e6
    assert.ok(megagas > 28 && megagas < 32, `${name}: ${megagas}`)
  }
})

workloads('names and numbers that make no sense are typed errors', async () => {
  assert.is(await codeOf('fastest'), 'OPTION_INVALID')
  assert.is(await codeOf('toString'), 'OPTION_INVALID')
  for (const options of [
    { transactions: 0 },
    { transactions: 1.5 },
    { transactions: Number.NaN },
    { accounts: -1 },
    { hotRatio: 1.1 },
    { hotRatio: Number.NaN },
    { seed: -1 },
  ]) {
    assert.is(await codeOf('transfers-to-one', options), 'OPTION_INVALID', JSON.stringify(options))
  }
})

workloads('a missing package is named, with how to get it', () => {
  try {
    initCodeOf('@uniswap/v3-core', 'artifacts/Nothing.json')
    assert.unreachable()
  } catch (error) {
    assert.instance(error, BraidError)
    assert.is((error as BraidError).code, 'WORKLOAD_PACKAGE_MISSING')
    assert.match((error as BraidError).message, /npm install .*@uniswap\/v3-core@/)
  }
})

workloads.run()
