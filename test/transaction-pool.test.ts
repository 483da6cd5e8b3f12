/** Pools that follow a chain. */

import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RLP } from '@ethereumjs/rlp'
import { createTx, type TypedTxData } from '@ethereumjs/tx'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Chain, Engine, MemoryState } from '../lib/index.js'
import { type AddOutcome, TransactionPool, type TransactionPoolOptions } from '../lib/pool/index.js'
import { buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'
import { secretKeys, signers } from './support/chain-generator/keys.js'
import { errorOf } from './support/thrown.js'

const pools = suite('pools of transactions')

const recipe = generateChain({ seed: 3, blocks: 1, blocksPerFork: 1, firstFork: 'osaka' })
const built = await buildChain(recipe)
const common = commonOf(recipe)
common.setHardfork('prague') // whose library has no limit of gas
const engine = await Engine.create({ common: commonOf(recipe) })
const folder = await mkdtemp(join(tmpdir(), 'braid-pool-'))
pools.after(() => rm(folder, { recursive: true }))

const gwei = 1_000_000_000n
const recipient = `0x${'77'.repeat(20)}` as const

async function opened(options: Partial<TransactionPoolOptions> = {}) {
  const state = new MemoryState(built.alloc, { trie: true, history: 64 })
  const chain = await Chain.open({ engine, state, head: built.genesis })
  const pool = await TransactionPool.open({ chain, ...options })
  return { chain, state, pool }
}

/** A signed transaction; type 2 where it is not said. */
function signed(by: number, fields: Partial<TypedTxData> & { readonly nonce: bigint | number }) {
  const data = {
    type: 2,
    chainId: common.chainId(),
    gasLimit: 21_000n,
    maxFeePerGas: 100n * gwei,
    maxPriorityFeePerGas: gwei,
    to: recipient,
    value: 1n,
    ...fields,
  }
  return createTx(data as TypedTxData, { common })
    .sign(secretKeys[by])
    .serialize()
}

const codeOf = ({ error }: AddOutcome) => error?.code
async function mined(chain: Chain, transactions: Uint8Array[]) {
  const timestamp = (chain.header?.timestamp ?? 0n) + 12n
  return chain.import(await chain.buildBlock({ timestamp, transactions }))
}

pools('take signed transactions of every kind and say where they wait', async () => {
  const { pool, state } = await opened()
  const nonces = await Promise.all(
    signers.map(async (each) => (await state.getAccount(each))?.nonce ?? 0n),
  )
  const given = [
    signed(0, { type: 0, nonce: nonces[0], gasPrice: 100n * gwei } as never),
    signed(1, { type: 1, nonce: nonces[1], gasPrice: 100n * gwei, accessList: [] } as never),
    signed(2, { nonce: nonces[2] }),
    signed(2, { nonce: nonces[2] + 2n }),
    signed(3, { nonce: nonces[3], maxFeePerGas: 2n, maxPriorityFeePerGas: 2n }),
  ]
  const outcomes = await pool.addMany(given)
  assert.equal(
    outcomes.map(codeOf),
    given.map(() => undefined),
  )
  assert.equal(
    outcomes.map(({ transaction }) => transaction?.sender),
    [0, 1, 2, 2, 3].map((i) => signers[i]),
  )
  assert.equal(pool.counts, { pending: 3, baseFee: 1, blob: 0, queued: 1 })
  assert.is(pool.size, 5)
  assert.is(await pool.nextNonce(signers[2]), nonces[2] + 1n)
  assert.is(await pool.nextNonce(signers[5]), nonces[5])
  const first = outcomes[0].transaction
  assert.is(pool.get(first?.hash ?? ''), first)
  assert.equal(Buffer.from(first?.encoded ?? []), Buffer.from(given[0]))
  assert.equal(
    pool.of(signers[2]).map(({ place }) => place),
    ['pending', 'queued'],
  )
  const added = await pool.add(
    `0x${Buffer.from(signed(2, { nonce: nonces[2] + 1n })).toString('hex')}`,
  )
  assert.is(added.place, 'pending')
  assert.is(pool.counts.pending, 5)
  await pool[Symbol.asyncDispose]()
})

pools('give what pays the most first, and what arrives meanwhile', async () => {
  const { pool, state } = await opened()
  const nonces = await Promise.all(
    signers.map(async (each) => (await state.getAccount(each))?.nonce ?? 0n),
  )
  const tip = (gweis: bigint) => ({ maxPriorityFeePerGas: gweis * gwei })
  await pool.addMany([
    signed(0, { nonce: nonces[0], ...tip(1n) }),
    signed(0, { nonce: nonces[0] + 1n, ...tip(50n) }),
    signed(1, { nonce: nonces[1], ...tip(2n) }),
    signed(2, { nonce: nonces[2], ...tip(3n) }),
    signed(2, { nonce: nonces[2] + 1n, ...tip(4n) }),
  ])
  const best = pool.best()
  const next = () => {
    const transaction = best.next().value
    return (
      transaction && [signers.indexOf(transaction.sender), transaction.maxPriorityFeePerGas / gwei]
    )
  }
  assert.equal(next(), [2, 3n])
  await pool.addMany([
    signed(3, { nonce: nonces[3], ...tip(9n) }),
    signed(2, { nonce: nonces[2] + 1n, ...tip(8n), maxFeePerGas: 110n * gwei }), // in place of the one with 4
  ])
  assert.equal(next(), [3, 9n])
  assert.equal(next(), [2, 8n])
  assert.equal(next(), [1, 2n])
  assert.equal(next(), [0, 1n])
  assert.equal(next(), [0, 50n])
  assert.is(next(), undefined)
  await pool.add(signed(2, { nonce: nonces[2] + 2n }))
  assert.equal(next(), [2, 1n])
  best.return()
  assert.equal([...pool.best({ baseFee: 10_000n * gwei })], [])
  const skipping = pool.best()
  const first = skipping.next().value
  if (first !== undefined) skipping.skip(first)
  assert.is(
    [...skipping].some(({ sender }) => sender === first?.sender),
    false,
  )
  await pool[Symbol.asyncDispose]()
})

pools('refuse what they must, each for its reason, and nothing else', async () => {
  const limits = { ofAccount: 3, transactionBytes: 2000 }
  const { pool, state } = await opened({ limits, minimumTip: 10n })
  const nonce = (await state.getAccount(signers[0]))?.nonce ?? 0n
  const good = signed(0, { nonce })
  const wrong = signed(0, { nonce })
  wrong[wrong.length - 1] ^= 1
  const cases: [Uint8Array, string | undefined, string?][] = [
    [good, undefined],
    [good, 'POOL_KNOWN'],
    [new Uint8Array(0), 'POOL_MALFORMED', 'DECODE_RLP_TRUNCATED'],
    [Uint8Array.of(2, 0xc0), 'POOL_MALFORMED'],
    [Uint8Array.of(0x7f, 0xc0), 'POOL_MALFORMED', 'TX_TYPE_NOT_SUPPORTED'],
    [Buffer.concat([good, Uint8Array.of(0)]), 'POOL_MALFORMED'],
    [signed(0, { nonce, gasLimit: 20_999n }), 'POOL_INVALID', 'TX_INTRINSIC_GAS_TOO_LOW'],
    [signed(0, { nonce, gasLimit: 2n ** 24n + 1n }), 'POOL_INVALID', 'TX_GAS_LIMIT_EXCEEDS_CAP'],
    [signed(0, { nonce, data: new Uint8Array(2001), gasLimit: 200_000n }), 'POOL_TOO_LARGE'],
    [signed(0, { nonce: nonce + 1n, maxPriorityFeePerGas: 9n }), 'POOL_UNDERPRICED'],
    [signed(0, { nonce: nonce + 1n, value: 2n ** 255n }), 'POOL_OVERDRAFT'],
    [signed(0, { nonce, value: 2n }), 'POOL_REPLACEMENT_UNDERPRICED'],
    [signed(0, { nonce: nonce + 1n }), undefined],
    [signed(0, { nonce: nonce + 2n }), undefined],
    [signed(0, { nonce: nonce + 3n }), 'POOL_SENDER_FULL'],
    [
      signed(0, { nonce, maxFeePerGas: 110n * gwei, maxPriorityFeePerGas: (11n * gwei) / 10n }),
      undefined,
    ],
  ]
  if (nonce > 0n) cases.push([signed(0, { nonce: nonce - 1n }), 'POOL_NONCE_TOO_LOW'])
  for (const [bytes, code, cause] of cases) {
    const [outcome] = await pool.addMany([bytes])
    assert.is(codeOf(outcome), code, JSON.stringify(outcome))
    if (cause !== undefined) assert.is((outcome.error?.cause as { code?: string })?.code, cause)
  }
  // All at once they are what they are one after another.
  const again = await opened({ limits, minimumTip: 10n })
  const outcomes = await again.pool.addMany(cases.map(([bytes]) => bytes))
  assert.equal(
    outcomes.map(codeOf),
    cases.map(([, code]) => code),
  )
  assert.is((await errorOf(() => pool.add(good))).code, 'POOL_REPLACEMENT_UNDERPRICED')
  assert.is((await errorOf(() => pool.add('0x0'))).code, 'OPTION_INVALID')
  assert.is(
    (await errorOf(() => pool.add(good, { origin: 'abroad' as never }))).code,
    'OPTION_INVALID',
  )
  assert.is((await errorOf(() => pool.addMany(7 as never))).code, 'OPTION_INVALID')
  assert.is((await errorOf(() => opened({ limits: { bytes: 0 } }))).code, 'OPTION_INVALID')
  assert.is((await errorOf(() => opened({ priceBump: -1 }))).code, 'OPTION_INVALID')
  await pool[Symbol.asyncDispose]()
  assert.is((await errorOf(() => pool.add(good))).code, 'POOL_CLOSED')
})

pools('keep one transaction under way of accounts that delegate', async () => {
  const { pool, state } = await opened()
  const nonces = await Promise.all(
    signers.map(async (each) => (await state.getAccount(each))?.nonce ?? 0n),
  )
  const util = await import('@ethereumjs/util')
  const authorize = (by: number) =>
    util.eoaCode7702SignAuthorization(
      {
        chainId: `0x${common.chainId().toString(16)}`,
        address: recipient,
        nonce: nonces[by] === 0n ? '0x' : `0x${nonces[by].toString(16)}`,
      } as never,
      secretKeys[by],
    )
  const setCode = (by: number, authority: number) =>
    signed(by, {
      type: 4,
      nonce: nonces[by],
      gasLimit: 100_000n,
      authorizationList: [authorize(authority)],
    } as never)
  const [outcome] = await pool.addMany([setCode(0, 1)])
  assert.is(codeOf(outcome), undefined)
  assert.equal(outcome.transaction?.authorities, [signers[1]])
  const of1 = [signed(1, { nonce: nonces[1] }), signed(1, { nonce: nonces[1] + 1n })]
  assert.equal((await pool.addMany(of1)).map(codeOf), [undefined, 'POOL_IN_FLIGHT_LIMIT'])
  const of2 = [signed(2, { nonce: nonces[2] }), signed(2, { nonce: nonces[2] + 1n }), setCode(3, 2)]
  assert.equal((await pool.addMany(of2)).map(codeOf), [
    undefined,
    undefined,
    'POOL_AUTHORITY_RESERVED',
  ])
  await pool[Symbol.asyncDispose]()
})

pools('follow the chain, forwards and back', async () => {
  const { pool, chain, state } = await opened()
  const nonces = await Promise.all(
    signers.map(async (each) => (await state.getAccount(each))?.nonce ?? 0n),
  )
  const told: string[] = []
  for (const name of ['added', 'replaced', 'dropped', 'included'] as const) {
    pool.on(name, ({ transaction }) =>
      told.push(
        `${name} ${signers.indexOf(transaction.sender)} ${transaction.nonce - nonces[signers.indexOf(transaction.sender)]}`,
      ),
    )
  }
  const [a, b, c] = [0n, 1n, 2n].map((i) => signed(0, { nonce: nonces[0] + i }))
  const d = signed(1, { nonce: nonces[1] })
  await pool.addMany([a, b, c, d])
  const elsewhere = signed(1, { nonce: nonces[1], value: 5n })
  await mined(chain, [a, b, elsewhere])
  assert.equal(told.splice(0), [
    'added 0 0',
    'added 0 1',
    'added 0 2',
    'added 1 0',
    'included 0 0',
    'included 0 1',
    'dropped 1 0',
  ])
  assert.equal(
    [...pool].map(({ place }) => place),
    ['pending'],
  )
  assert.is(await pool.nextNonce(signers[0]), nonces[0] + 3n)
  assert.is(pool.fees.baseFee > 0n, true)
  await chain.revert()
  await pool.settled()
  assert.equal(told.splice(0), ['added 0 0', 'added 0 1', 'added 1 0'])
  assert.equal([...pool.best()].length, 4)
  assert.equal(pool.counts, { pending: 4, baseFee: 0, blob: 0, queued: 0 })
  pool.remove(pool.of(signers[0])[0].hash)
  assert.equal(told.splice(0), ['dropped 0 0'])
  assert.equal(pool.counts, { pending: 1, baseFee: 0, blob: 0, queued: 2 })
  await pool[Symbol.asyncDispose]()
})

/** A transaction with a blob, as it travels, and what is wrong with it. */
function withBlob(nonce: bigint, damage: (parts: Uint8Array[][]) => void = () => {}) {
  const blob = new Uint8Array(131_072).fill(1)
  const commitment = new Uint8Array(48).fill(0xc0)
  const hash = createHash('sha256').update(commitment).digest()
  hash[0] = 1
  const signedOne = signed(4, {
    type: 3,
    nonce,
    maxFeePerBlobGas: gwei,
    blobVersionedHashes: [`0x${hash.toString('hex')}`],
  } as never)
  const proofs = Array.from({ length: 128 }, (_, i) => new Uint8Array(48).fill(i))
  const parts = [[blob], [commitment], proofs]
  damage(parts)
  const list = RLP.encode([RLP.decode(signedOne.subarray(1)), 1, ...parts])
  return Buffer.concat([Uint8Array.of(3), list])
}

pools(
  'take blobs with their sidecars, and look whether they are those of the transaction',
  async () => {
    const asked: number[][] = []
    const checked = commonOf(recipe)
    let holds = true
    checked.customCrypto.kzg = {
      computeCells: (blob: string) => Array(128).fill(blob.slice(0, 10)),
      verifyCellKzgProofBatch(
        commitments: string[],
        indices: number[],
        cells: string[],
        given: string[],
      ) {
        asked.push([commitments.length, indices.length, cells.length, given.length, indices[127]])
        if (given[0] === `0x${'ff'.repeat(48)}`) throw new Error('no point')
        return holds
      },
    } as never
    const checking = await Engine.create({ common: checked })
    const state = new MemoryState(built.alloc, { trie: true })
    const chain = await Chain.open({ engine: checking, state, head: built.genesis })
    const pool = await TransactionPool.open({ chain })
    const nonce = (await state.getAccount(signers[4]))?.nonce ?? 0n
    const refusals: [Uint8Array, string][] = [
      [withBlob(nonce, ([blobs]) => blobs.pop()), 'POOL_SIDECAR_INVALID'],
      [withBlob(nonce, ([blobs]) => blobs.push(blobs[0])), 'POOL_SIDECAR_INVALID'],
      [withBlob(nonce, ([, , proofs]) => proofs.pop()), 'POOL_SIDECAR_INVALID'],
      [withBlob(nonce, ([, commitments]) => commitments[0].fill(7)), 'POOL_SIDECAR_INVALID'],
      [withBlob(nonce, ([, , proofs]) => proofs[0].fill(0xff)), 'POOL_SIDECAR_INVALID'],
      [withBlob(nonce, ([blobs]) => blobs.splice(0, 1, new Uint8Array(9))), 'POOL_SIDECAR_INVALID'],
      [withBlob(nonce + 1n), 'POOL_NONCE_GAP'],
      [withBlob(nonce).subarray(0, 1000), 'POOL_MALFORMED'],
    ]
    for (const [bytes, code] of refusals) assert.is(codeOf((await pool.addMany([bytes]))[0]), code)
    holds = false
    assert.is(codeOf((await pool.addMany([withBlob(nonce)]))[0]), 'POOL_SIDECAR_INVALID')
    holds = true
    asked.length = 0
    const whole = withBlob(nonce)
    const added = await pool.add(whole)
    assert.equal(asked, [[128, 128, 128, 128, 127]])
    assert.is(added.place, 'pending')
    assert.is(added.size > 131_072, true)
    assert.is(pool.get(added.hash), added)
    assert.is(
      codeOf((await pool.addMany([signed(4, { nonce: nonce + 1n })]))[0]),
      'POOL_SENDER_RESERVED',
    )
    const naked = signed(5, {
      type: 3,
      nonce: (await state.getAccount(signers[5]))?.nonce ?? 0n,
      maxFeePerBlobGas: gwei,
      blobVersionedHashes: added.blobVersionedHashes,
    } as never)
    assert.is(codeOf((await pool.addMany([naked]))[0]), 'POOL_SIDECAR_MISSING')
    await pool[Symbol.asyncDispose]()
    const unchecked = await opened()
    assert.is(codeOf((await unchecked.pool.addMany([whole]))[0]), 'POOL_BLOBS_UNSUPPORTED')
  },
)

pools('look again where the chain has moved meanwhile', async () => {
  const { pool, chain, state } = await opened()
  const nonces = await Promise.all(
    signers.map(async (each) => (await state.getAccount(each))?.nonce ?? 0n),
  )
  const first = signed(0, { nonce: nonces[0] })
  const timestamp = (chain.header?.timestamp ?? 0n) + 12n
  const block = await chain.buildBlock({ timestamp, transactions: [first] })
  // Several batches, the last of which are looked at before the block is imported.
  const many = Array.from({ length: 2991 }, (_, i) =>
    i < 2990 ? signed(1, { nonce: nonces[1], value: BigInt(i) }) : first,
  )
  const [outcomes] = await Promise.all([pool.addMany(many), chain.import(block)])
  assert.is(codeOf(outcomes[0]), undefined)
  assert.is(codeOf(outcomes[1]), 'POOL_REPLACEMENT_UNDERPRICED')
  assert.is(codeOf(outcomes[2990]), 'POOL_NONCE_TOO_LOW')
  assert.is(await pool.nextNonce(signers[0]), nonces[0] + 1n)
  assert.is(pool.size, 1)
  await pool[Symbol.asyncDispose]()
})

pools('find local transactions again after the process was killed', async () => {
  const journal = join(folder, 'journal')
  const { pool, state } = await opened({ journal })
  const nonces = await Promise.all(
    signers.map(async (each) => (await state.getAccount(each))?.nonce ?? 0n),
  )
  await pool.add(signed(0, { nonce: nonces[0] }), { origin: 'local' })
  await pool.add(signed(1, { nonce: nonces[1] }), { origin: 'private' })
  await pool.add(signed(2, { nonce: nonces[2] }))
  // Nobody closes it. The last record of another one was not written to its end.
  await appendFile(journal, Buffer.of(200, 0, 0, 0, 1, 2, 3, 4, 5))
  const second = await opened({ journal })
  assert.equal(
    [...second.pool].map(({ sender, origin }) => [sender, origin]),
    [
      [signers[0], 'local'],
      [signers[1], 'private'],
    ],
  )
  await second.pool.add(signed(3, { nonce: nonces[3] }), { origin: 'local' })
  await second.pool[Symbol.asyncDispose]()
  const third = await opened({ journal })
  assert.is(third.pool.size, 3)
  await third.pool[Symbol.asyncDispose]()
  await pool[Symbol.asyncDispose]()
  const error = await errorOf(() => opened({ journal: join(folder, 'nowhere', 'journal') }))
  assert.is(error.code, 'POOL_JOURNAL_FAILED')
})

pools.run()
