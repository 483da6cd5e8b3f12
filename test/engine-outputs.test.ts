/** Both sides of every change, requests, and blob prices: what is read out of packed outputs. */

import { createHash } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTransactions } from '../lib/block/index.js'
import { blobBaseFee, rulesetForFork } from '../lib/chain/index.js'
import { Engine, type Hex, isBraidError, MemoryState } from '../lib/index.js'
import { keccak256 } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { BlockOutput, Request } from '../lib/native/wire.js'
import { readRequests, requestsHash } from '../lib/output/requests.js'
import { blockOfCalls, endlessAlloc, endlessKinds } from './support/endless.js'

const outputs = suite('packed outputs')

const engine = await Engine.create({ threads: 1 })
const sender: Hex = `0x${'aa'.repeat(20)}`
const contract: Hex = `0x${'bb'.repeat(20)}`

const hashOf = (code: string): Hex =>
  `0x${Buffer.from(keccak256(Buffer.from(code.slice(2), 'hex'))).toString('hex')}`

outputs('a change has both sides of everything', async () => {
  // Stores 9 in slot 1, and makes a contract whose code is one zero byte.
  const code = '0x6009600155 6460016000f3 6000 52 6005 601b 6000 f0 00'.replaceAll(' ', '') as Hex
  const state = new MemoryState({
    [sender]: { balance: 10n ** 18n, nonce: 3 },
    [contract]: { code, nonce: 5, balance: 2n, storage: { '0x1': '0x4' } },
  })
  const result = await engine.executeTransactions(
    { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: `0x${'cb'.repeat(20)}` },
    [{ sender, to: contract, nonce: 3n, value: 7n, gasLimit: 200_000n, gasPrice: 0n }],
    { state, hardfork: 'berlin' },
  )
  const json = (address: string) => JSON.parse(JSON.stringify(result.stateDiff.get(address)))
  const changed = json(contract)
  assert.equal(changed.exists, { before: true, after: true })
  assert.equal(changed.balance, { before: '0x2', after: '0x9' })
  assert.equal(changed.nonce, { before: '0x5', after: '0x6' })
  assert.equal(changed.codeHash, { before: hashOf(code), after: hashOf(code) })
  assert.is(changed.code, undefined)
  const word = (number: number) => `0x${number.toString(16).padStart(64, '0')}`
  assert.equal(changed.slots, [{ slot: word(1), before: word(4), after: word(9) }])
  assert.equal(json(sender).nonce, { before: '0x3', after: '0x4' })
  const [made] = [...result.stateDiff].filter(({ exists }) => !exists.before)
  assert.equal(made.codeHash.after, hashOf('0x00'))
  assert.is(made.codeHash.before, hashOf('0x'))
  assert.is(made.code, '0x00')
})

/** A packed output with requests. */
function outputWith(requests: readonly (readonly [type: number, data: Buffer])[]): PackedReader {
  const at = BlockOutput.SIZE
  const pool = at + requests.length * Request.SIZE
  const data = Buffer.concat([Buffer.from([0xee]), ...requests.map(([, bytes]) => bytes)])
  const output = Buffer.concat([Buffer.alloc(pool), data])
  output.writeUInt32LE(at, BlockOutput.requests)
  output.writeUInt32LE(requests.length, BlockOutput.requests + 4)
  output.writeUInt32LE(pool, BlockOutput.pool)
  output.writeUInt32LE(data.length, BlockOutput.pool + 4)
  let offset = 1
  requests.forEach(([type, bytes], i) => {
    output.writeUInt32LE(type, at + i * Request.SIZE + Request.type)
    output.writeUInt32LE(offset, at + i * Request.SIZE + Request.offset)
    output.writeUInt32LE(bytes.length, at + i * Request.SIZE + Request.size)
    offset += bytes.length
  })
  return new PackedReader(output)
}

outputs('requests are read type by type, and hashed without those that are empty', () => {
  const sha256 = (...parts: readonly Uint8Array[]) =>
    createHash('sha256').update(Buffer.concat(parts)).digest()
  const given = [
    [0, Buffer.from('010203', 'hex')],
    [1, Buffer.alloc(0)],
    [2, Buffer.from('0405', 'hex')],
  ] as const
  const output = outputWith(given)
  assert.equal(readRequests(output), [
    { type: 0, data: '0x010203' },
    { type: 1, data: '0x' },
    { type: 2, data: '0x0405' },
  ])
  const filled = [given[0], given[2]].map(([type, data]) => sha256(Uint8Array.of(type), data))
  assert.ok(sha256(...filled).equals(requestsHash(output)))
  assert.ok(sha256().equals(requestsHash(outputWith([]))))
})

outputs('blobs outside of a block cost what the environment says', async () => {
  const state = new MemoryState({ [sender]: { balance: 10n ** 20n } })
  const run = async (hardfork: string, excessBlobGas: bigint | undefined, blobs: object) => {
    const result = await engine.executeTransactions(
      {
        number: 1n,
        timestamp: 1n,
        gasLimit: 30_000_000n,
        coinbase: sender,
        ...(excessBlobGas === undefined ? {} : { excessBlobGas }),
      },
      [{ sender, to: sender, nonce: 0n, gasLimit: 21_000n, maxFeePerGas: 0n, ...blobs }],
      { state, hardfork },
    )
    return result.receipts[0].blobGasPrice
  }
  const blobs = { maxFeePerBlobGas: 10n ** 9n, blobVersionedHashes: [`0x01${'00'.repeat(31)}`] }
  const { baseFeeUpdateFraction } = rulesetForFork('Cancun').blobSchedule ?? {}
  const price = blobBaseFee(40_000_000n, baseFeeUpdateFraction ?? 0n)
  assert.ok(price > 1n)
  assert.is(await run('cancun', 40_000_000n, blobs), price)
  assert.is(await run('cancun', undefined, blobs), 1n)
  assert.is(await run('cancun', 40_000_000n, {}), undefined)
  assert.is(await run('london', undefined, {}), undefined)
})

outputs('a packed input gives a packed output, or the error in it', async () => {
  const state = new MemoryState({ [sender]: { balance: 10n ** 18n } })
  const run = (nonce: bigint) => {
    const environment = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: sender }
    const call = { sender, to: contract, nonce, gasLimit: 21_000n, gasPrice: 0n }
    const packed = packTransactions(environment, rulesetForFork('Berlin'), [call])
    return engine.executePacked(packed, state)
  }
  assert.is(new PackedReader(await run(0n)).u64(BlockOutput.gasUsed), 21_000n)
  const error = await run(1n).catch((reason: unknown) => reason)
  assert.ok(isBraidError(error, 'TX_NONCE_TOO_HIGH'))
  assert.is(error.details.field, 'nonce')
})

outputs('what was not asked for is not done', async () => {
  const state = new MemoryState(endlessAlloc)
  const { address } = endlessKinds.computing
  const block = blockOfCalls([address], 30_000n)
  const errorOf = async (run: () => unknown) => {
    try {
      await run()
    } catch (error) {
      if (isBraidError(error)) return [error.code, error.details.field]
      throw error
    }
    return []
  }
  const verify = false
  assert.is((await errorOf(() => engine.executeBlock(block, { state, verify })))[0], 'TX_UNSIGNED')
  assert.is(
    (await errorOf(() => engine.executeBlockSync(block, { state, verify })))[0],
    'TX_UNSIGNED',
  )
  const trusting = { state, verify, trustSenders: true }
  assert.is((await engine.executeBlock(block, trusting)).transactionCount, 1)
  // Prague fails without the contracts of its requests.
  const root = `0x${'00'.repeat(32)}` as const
  const prague = { ...block, timestamp: 1_750_000_000, number: 22_500_000, requestsHash: root }
  const [code] = await errorOf(() => engine.executeBlock(prague, trusting))
  assert.is(code, 'BLOCK_SYSTEM_CONTRACT_MISSING')
  const forgiving = { ...trusting, forgiveMissingSystemContracts: true }
  assert.is((await engine.executeBlock(prague, forgiving)).transactionCount, 1)
  // On the calling thread nothing ends an execution.
  const { signal } = new AbortController()
  const sync = (options: unknown) => errorOf(() => engine.executeBlockSync(block, options as never))
  assert.equal(await sync(undefined), ['OPTION_INVALID', 'options'])
  assert.equal(await sync({ ...trusting, signal }), ['OPTION_INVALID', 'signal'])
  assert.equal(await sync({ ...trusting, timeout: 5 }), ['OPTION_INVALID', 'timeout'])
  const hollow = { ...trusting, state: Object.create(MemoryState.prototype) }
  assert.equal(await sync(hollow), ['OPTION_INVALID', 'state'])
})

outputs.run()
