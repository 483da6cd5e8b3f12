/** Contracts that send value rest on having enough, not on how much they have. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, type ExecutionResult, MemoryState, type PolicyName } from '../lib/index.js'

const values = suite('calls with value')

const account = (byte: string, number: number) =>
  `0x${byte.repeat(2)}${number.toString(16).padStart(36, '0')}`

const wallet = account('c0', 1)
const count = 30

/** 1.7 million gas of counting down: long enough for the runs of several workers to overlap. */
const delay = '61ffff5b600190038060035750'

/** Each takes its time and notes its operation's result in the caller's slot; a word of input says to whom it goes. */
const codes = {
  CALL: `0x${delay}5f5f5f5f60015f3561fffff13355`,
  CALLCODE: `0x${delay}5f5f5f5f60015f3561fffff23355`,
  // Into contracts of different callers: the salt is the caller.
  CREATE2: `0x${delay}335f5f6001f53355`,
}

interface Outcome {
  readonly result: ExecutionResult
  readonly stateRoot: string
}

/** A block of transactions, each by a sender of its own, to the contract. */
async function run(code: string, balance: bigint, policy: PolicyName): Promise<Outcome> {
  const engine = await Engine.create({ policy, threads: 4 })
  const senders = Array.from({ length: count }, (_, i) => account('5e', i))
  const state = new MemoryState({
    ...Object.fromEntries(senders.map((sender) => [sender, { balance: 10n ** 18n }])),
    [wallet]: { nonce: 1n, balance, code },
  })
  const transactions = senders.map((sender, i) => ({
    sender,
    to: wallet,
    nonce: 0n,
    gasLimit: 4_000_000n,
    gasPrice: 7n,
    data: `0x${account('7a', i).slice(2).padStart(64, '0')}`,
  }))
  const environment = {
    number: 1n,
    timestamp: 1n,
    gasLimit: 300_000_000n,
    coinbase: account('cb', 0),
  }
  try {
    const result = await engine.executeTransactions(environment, transactions, {
      state,
      hardfork: 'cancun',
    })
    state.commit(result)
    return { result, stateRoot: state.stateRoot() }
  } finally {
    engine.close()
  }
}

const balanceConflicts = ({ result }: Outcome) =>
  result.report.transactions.flatMap(({ conflicts }) =>
    conflicts.filter(({ kind }) => kind === 'balance'),
  )

/** What does not depend on the order that things are done in. */
const outcomeOf = ({ result, stateRoot }: Outcome) => ({
  gasUsed: result.receipts.map((receipt) => receipt.gasUsed),
  stateRoot,
})

for (const [operation, code] of Object.entries(codes)) {
  values(`${operation}: no conflict about the balance while there is enough`, async () => {
    const result = await run(code, 10n ** 6n, 'ahead')
    assert.equal(balanceConflicts(result), [])
    assert.equal(outcomeOf(result), outcomeOf(await run(code, 10n ** 6n, 'sequential')))
  })

  values(`${operation}: whoever comes when nothing is left gets nothing`, async () => {
    const balance = operation === 'CALLCODE' ? 0n : BigInt(count / 2)
    const result = await run(code, balance, 'ahead')
    assert.equal(outcomeOf(result), outcomeOf(await run(code, balance, 'sequential')))
  })
}

values.run()
