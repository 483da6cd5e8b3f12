/** What simulated transactions give back: the code of creations, and no ether that nobody had. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Alloc,
  Engine,
  type ExecutionResult,
  type Hex,
  MemoryState,
  type TransactionFields,
} from '../lib/index.js'

const simulation = suite('simulation')

const engines = [
  await Engine.create({ policy: 'sequential' }),
  await Engine.create({ policy: 'ahead', threads: 2 }),
]

const sender: Hex = `0x${'5e'.repeat(20)}`
const other: Hex = `0x${'5f'.repeat(20)}`
const coinbase: Hex = `0x${'dd'.repeat(20)}`
const target: Hex = `0x${'a1'.repeat(20)}`
const reverter: Hex = `0x${'a2'.repeat(20)}`

const environment = {
  number: 13_000_000n,
  timestamp: 1_630_000_000n,
  gasLimit: 30_000_000n,
  coinbase,
}

/** Runs transactions in order and ahead of their turn, and compares. */
async function run(
  transactions: TransactionFields[],
  alloc: Alloc,
  hardfork = 'london',
): Promise<ExecutionResult> {
  const results = []
  for (const engine of engines) {
    const state = new MemoryState(alloc)
    results.push(await engine.executeTransactions(environment, transactions, { state, hardfork }))
  }
  const [first, second] = results.map((result) => [
    [...result.stateDiff].map((diff) => [diff.address, diff.balance, diff.nonce]),
    result.receipts.map(({ output, status, gasUsed }) => [output, status, gasUsed]),
  ])
  assert.equal(second, first)
  return results[0]
}

/** How balances changed, by address. */
function changes(result: ExecutionResult): Record<string, bigint> {
  return Object.fromEntries(
    [...result.stateDiff].map(({ address, balance }) => [address, balance.after - balance.before]),
  )
}

/** Initcode that returns the code: PUSH code PUSH1 0 MSTORE, PUSH1 size PUSH1 offset RETURN. */
function initcode(code: string): Hex {
  const size = code.length / 2
  const push = (0x5f + size).toString(16)
  const byte = (number: number) => number.toString(16).padStart(2, '0')
  return (`0x${push}${code}600052` + `60${byte(size)}60${byte(32 - size)}f3`) as Hex
}

simulation('the output of a creation is the code of the contract', async () => {
  const alloc = { [sender]: { balance: 10n ** 18n } }
  const create = { sender, nonce: 0n, gasLimit: 200_000n, gasPrice: 0n }
  const code = '6001600055' // stores 1
  const [receipt] = (await run([{ ...create, data: initcode(code) }], alloc)).receipts
  assert.is(receipt.status, 'success')
  assert.is(receipt.output, `0x${code}`)

  // Also where the contract is gone again at the end.
  const contract = receipt.contractAddress as Hex
  const doomed = await run(
    [
      { ...create, data: initcode('33ff') }, // CALLER SELFDESTRUCT
      { ...create, nonce: 1n, to: contract },
    ],
    alloc,
  )
  assert.is(doomed.receipts[0].output, '0x33ff')
  assert.is(doomed.receipts[1].output, '0x')

  const outputs = async (data: Hex, more: object = {}, hardfork = 'london') => {
    const result = await run([{ ...create, ...more, data }], alloc, hardfork)
    const [{ status, output }] = result.receipts
    return [status, output]
  }
  assert.equal(await outputs('0x'), ['success', '0x'])
  assert.equal(await outputs('0x60aa60005260206000fd'), ['reverted', `0x${'aa'.padStart(64, '0')}`])
  // EIP-3541; too little gas for the code, which Frontier lets pass without any.
  assert.equal(await outputs(initcode('ef00')), ['reverted', '0x'])
  const gasLimit = { gasLimit: 22_000n }
  assert.equal(await outputs(initcode(code), gasLimit, 'chainstart'), ['success', '0x'])
})

simulation('code that a frame within creates is not the output', async () => {
  // CREATE with the input as initcode, then STOP.
  const factory = '0x3660006000373660006000f000'
  const alloc = { [sender]: { balance: 10n ** 18n }, [target]: { code: factory } }
  const call = { sender, nonce: 0n, gasLimit: 200_000n, gasPrice: 0n, to: target }
  const result = await run([{ ...call, data: initcode('6001600055') }], alloc)
  assert.is(result.receipts[0].output, '0x')
  assert.ok([...result.stateDiff].some(({ code }) => code === '0x6001600055'))
})

const free = { sender, gasLimit: 1_000_000n, gasPrice: 10n, skipBalanceCheck: true }

simulation('fees that the sender does not have are paid to nobody', async () => {
  const result = await run([{ ...free, nonce: 0n, to: target }], {})
  assert.equal(changes(result), { [sender]: 0n })
})

simulation('fees that the sender has are paid as ever', async () => {
  const result = await run([{ ...free, nonce: 0n, to: target }], {
    [sender]: { balance: 300_000n },
  })
  assert.equal(changes(result), { [sender]: -210_000n, [coinbase]: 210_000n })
  // Some of them.
  const part = await run([{ ...free, nonce: 0n, to: target }], { [sender]: { balance: 50_000n } })
  assert.equal(changes(part), { [sender]: -50_000n, [coinbase]: 50_000n })
})

simulation('value stays where it went, and comes back where nothing came of it', async () => {
  const value = 10n ** 18n
  const moved = await run([{ ...free, nonce: 0n, to: target, value }], {})
  assert.equal(changes(moved), { [sender]: 0n, [target]: value })
  const alloc = { [reverter]: { code: '0x60006000fd' } }
  const reverted = await run([{ ...free, nonce: 0n, to: reverter, value }], alloc)
  assert.is(reverted.receipts[0].status, 'reverted')
  assert.equal(changes(reverted), { [sender]: 0n })
})

simulation('one transaction after another', async () => {
  const value = 1000n
  const result = await run(
    [
      { ...free, nonce: 0n, to: other, value },
      { ...free, nonce: 1n, to: target },
      { ...free, sender: other, nonce: 0n, to: target, value: 400n, gasPrice: 0n },
      { ...free, nonce: 2n, to: coinbase },
    ],
    {},
  )
  assert.equal(changes(result), { [sender]: 0n, [other]: 600n, [target]: 400n })
})

simulation('the coinbase as the sender', async () => {
  const own = { ...free, sender: coinbase, nonce: 0n, to: target }
  assert.equal(changes(await run([own], {})), { [coinbase]: 0n })
  const rich = { [coinbase]: { balance: 300_000n } }
  assert.equal(changes(await run([own], rich)), { [coinbase]: 0n })
})

simulation.run()
