import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isBraidError } from '../lib/index.js'
import { BestTransactions } from '../lib/pool/best-transactions.js'
import { resolveLimits } from '../lib/pool/limits.js'
import { PoolBook } from '../lib/pool/pool-book.js'
import { PooledTransaction, type TransactionOrigin } from '../lib/pool/pooled-transaction.js'
import type { SenderAccount } from '../lib/pool/sender-queue.js'
import { SlowPool } from './pool/slow-pool.js'
import { Random } from './random.js'

const book = suite('what is in a pool')

const senders = Array.from({ length: 12 }, (_, i) => `0x${String(i).padStart(40, '0')}` as const)
const bumps = { plain: 10n, blob: 100n }
const rounds = process.env.BRAID_LONG === '1' ? 100 : 10
const stepsOfRound = 10_000

/** Does the same to a book and to a slow pool, and compares what comes of it. */
class Comparison {
  readonly #random: Random
  readonly #limits = {
    transactions: 25,
    bytes: 4000,
    blobTransactions: 5,
    blobBytes: 4000,
    ofAccount: 5,
    local: 6,
  }
  readonly #slow = new SlowPool(this.#limits)
  #told: PooledTransaction[] = []
  readonly #book: PoolBook
  #count = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
    this.#book = new PoolBook(resolveLimits(this.#limits), bumps, {
      added() {},
      replaced() {},
      dropped: (transaction, reason) => {
        if (reason === 'evicted') this.#told.push(transaction)
      },
    })
  }

  step(): void {
    switch (this.#random.below(16)) {
      case 0:
        this.#moveFees()
        break
      case 1:
      case 2:
        this.#moveAccount()
        break
      case 3:
        this.#remove()
        break
      default:
        this.#add()
    }
  }

  /** Everything that can be asked says the same. */
  compare(): void {
    const sorted = (list: Iterable<PooledTransaction>) => [...list].map(({ hash }) => hash).sort()
    assert.equal(sorted(this.#book.transactions()), sorted(this.#slow.transactions))
    const counts = { pending: 0, baseFee: 0, blob: 0, queued: 0 }
    for (const transaction of this.#slow.transactions) {
      const place = this.#slow.place(transaction)
      assert.is(transaction.place, place, `${transaction.sender} ${transaction.nonce}`)
      counts[place]++
    }
    assert.equal(this.#book.counts(), counts)
    const bytes = this.#slow.transactions.reduce((sum, { size }) => sum + size, 0)
    assert.is(this.#book.bytes, bytes)
    const { fees } = this.#slow
    const best = new BestTransactions(this.#book, fees, () => () => {})
    assert.equal(
      [...best].map(({ hash }) => hash),
      this.#slow.best(fees).map(({ hash }) => hash),
    )
  }

  #account(sender: string): SenderAccount {
    const known = this.#slow.accounts.get(sender)
    if (known !== undefined) return known
    const account = { nonce: 0n, balance: 3000n, isDelegated: false }
    this.#slow.accounts.set(sender, account)
    return account
  }

  #add(): void {
    const random = this.#random
    const sender = random.pick(senders)
    const account = this.#account(sender)
    const transaction = this.#transaction(sender, account.nonce + BigInt(random.below(7)) - 1n)
    const expected = this.#slow.add(transaction, account)
    this.#told = []
    let actual: string | PooledTransaction[]
    try {
      this.#book.add(transaction, account)
      actual = this.#told
    } catch (error) {
      if (!isBraidError(error)) throw error
      actual = error.code
    }
    assert.equal(actual, expected)
  }

  /** One whose tip no other one has. */
  #transaction(sender: (typeof senders)[number], nonce: bigint): PooledTransaction {
    const random = this.#random
    const id = BigInt(++this.#count)
    const type = Number(sender.at(-1)) < 4 ? 3 : random.below(8) === 0 ? 4 : 2
    const origins: TransactionOrigin[] = ['local', 'private']
    const isAgain = random.below(20) === 0 && this.#slow.transactions.length > 0
    const again = isAgain ? random.pick(this.#slow.transactions) : undefined
    const tip = BigInt(random.below(100)) * 1_000_000n + id
    const facts = again ?? {
      hash: `0x${id.toString(16).padStart(64, '0')}` as const,
      sender,
      nonce: nonce < 0n ? 0n : nonce,
      type,
      to: undefined,
      value: 0n,
      gasLimit: 21_000n,
      maxFeePerGas: tip + BigInt(random.below(50)) * 1_000_000n,
      maxPriorityFeePerGas: tip,
      maxFeePerBlobGas: type === 3 ? BigInt(1 + random.below(30)) : 0n,
      blobVersionedHashes: [],
      authorities: type === 4 ? [random.pick(senders), random.pick(senders)] : [],
      cost: BigInt(random.below(1200)),
      encoded: new Uint8Array(50 + random.below(400)),
      sidecar: type === 3 ? new Uint8Array(random.below(600)) : undefined,
    }
    const origin = random.below(12) === 0 ? random.pick(origins) : 'external'
    return new PooledTransaction(facts, origin, this.#count)
  }

  #moveFees(): void {
    const random = this.#random
    const fees = {
      baseFee: BigInt(random.below(80)) * 1_000_000n,
      blobFee: BigInt(1 + random.below(20)),
    }
    this.#slow.fees = fees
    this.#book.setFees(fees)
  }

  #moveAccount(): void {
    const random = this.#random
    const sender = random.pick(senders)
    const { nonce } = this.#account(sender)
    const account = {
      nonce: nonce + BigInt(random.below(3)) - (nonce > 0n && random.below(4) === 0 ? 1n : 0n),
      balance: BigInt(random.below(6000)),
      isDelegated: random.below(6) === 0,
    }
    this.#slow.setAccount(sender, account)
    this.#book.setAccount(sender, account)
  }

  #remove(): void {
    const { transactions } = this.#slow
    if (transactions.length === 0) return
    const gone = this.#random.pick(transactions)
    this.#slow.transactions = transactions.filter((each) => each !== gone)
    assert.is(this.#book.remove(gone.hash, 'removed'), true)
  }
}

book('is what a list that is looked at from the start for every question says', () => {
  for (let seed = 1; seed <= rounds; seed++) {
    const comparison = new Comparison(seed)
    for (let step = 0; step < stepsOfRound; step++) {
      comparison.step()
      if (step % 5 === 0) comparison.compare()
    }
  }
})

book.run()
