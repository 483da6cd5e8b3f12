/** A tiny block, executed by the given copy of braid-evm. */
const assert = require('node:assert/strict')

const sender = `0x${'aa'.repeat(20)}`
const recipient = `0x${'bb'.repeat(20)}`

/** Stores 42 at slot 0 and logs it. */
const contract = `0x${'cc'.repeat(20)}`
const code = '0x602a600055602a60005260206000a000'

module.exports = async function executeTinyBlock({ Engine, MemoryState }) {
  const engine = await Engine.create({ threads: 2 })
  const state = new MemoryState({
    [sender]: { balance: 10n ** 18n },
    [contract]: { code },
  })
  const environment = {
    number: 23_000_000n,
    timestamp: 1_754_000_000n,
    gasLimit: 30_000_000n,
    coinbase: `0x${'00'.repeat(20)}`,
    baseFee: 7n,
    prevRandao: `0x${'00'.repeat(32)}`,
    excessBlobGas: 0n,
  }
  const base = { sender, gasLimit: 100_000n, maxFeePerGas: 10n }
  const result = await engine.executeTransactions(
    environment,
    [
      { ...base, nonce: 0n, to: recipient, value: 5n },
      { ...base, nonce: 1n, to: contract },
    ],
    { state },
  )
  assert.deepEqual(
    Array.from(result.receipts, (receipt) => receipt.status),
    ['success', 'success'],
  )
  assert.equal(result.logs.length, 1)
  assert.equal(BigInt(result.logs[0].data), 42n)
  state.commit(result)
  assert.equal(state.getAccount(recipient)?.balance, 5n)
  assert.equal(BigInt(state.getStorage(contract, 0)), 42n)
}
