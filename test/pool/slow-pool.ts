/** A pool that is easy to believe: a list, looked at from the start for every question. */

import type { PooledTransaction, SubPool } from '../../lib/pool/pooled-transaction.js'
import type { PoolFees, SenderAccount } from '../../lib/pool/sender-queue.js'

/** How much it holds. */
export interface SlowLimits {
  readonly transactions: number
  readonly bytes: number
  readonly blobTransactions: number
  readonly blobBytes: number
  readonly ofAccount: number
  readonly local: number
}

const levels: Readonly<Record<SubPool, number>> = { queued: 0, baseFee: 1, blob: 1, pending: 2 }

export class SlowPool {
  transactions: PooledTransaction[] = []
  fees: PoolFees = { baseFee: 0n, blobFee: 1n }
  readonly accounts = new Map<string, SenderAccount>()
  readonly #limits: SlowLimits

  constructor(limits: SlowLimits) {
    this.#limits = limits
  }

  of(sender: string): PooledTransaction[] {
    const own = this.transactions.filter((each) => each.sender === sender)
    return own.sort((a, b) => (a.nonce < b.nonce ? -1 : 1))
  }

  place(transaction: PooledTransaction): SubPool {
    const account = this.#account(transaction.sender)
    let cost = 0n
    let isPayable = true
    for (const [i, each] of this.of(transaction.sender).entries()) {
      cost += each.cost
      const isReady = each.nonce === account.nonce + BigInt(i) && cost <= account.balance
      const isCheap = each.maxFeePerGas < this.fees.baseFee
      const isCheapBlob = each.type === 3 && each.maxFeePerBlobGas < this.fees.blobFee
      isPayable &&= isReady && !isCheap && !isCheapBlob
      if (each !== transaction) {
        if (!isReady) return each.type === 3 ? 'blob' : 'queued'
        continue
      }
      if (isPayable) return 'pending'
      return each.type === 3 ? 'blob' : isReady ? 'baseFee' : 'queued'
    }
    throw new Error('not here')
  }

  /** Adds a transaction; the code of the refusal, or those that had to go. */
  add(transaction: PooledTransaction, account: SenderAccount): string | PooledTransaction[] {
    const { sender, nonce, hash, origin } = transaction
    const hasBlobs = transaction.type === 3
    if (this.transactions.some((each) => each.hash === hash)) return 'POOL_KNOWN'
    if (nonce < account.nonce) return 'POOL_NONCE_TOO_LOW'
    this.setAccount(sender, account)
    const own = this.of(sender)
    const old = own.find((each) => each.nonce === nonce)
    if (own.some((each) => (each.type === 3) !== hasBlobs)) return 'POOL_SENDER_RESERVED'
    const isBound =
      account.isDelegated || this.transactions.some((each) => each.authorities.includes(sender))
    if (isBound && old === undefined && own.length > 0) return 'POOL_IN_FLIGHT_LIMIT'
    const isNext = nonce === account.nonce + BigInt(own.length)
    if ((isBound || hasBlobs) && old === undefined && !isNext) return 'POOL_NONCE_GAP'
    for (const authority of transaction.authorities) {
      const theirs = authority === sender ? [] : this.of(authority)
      if (theirs.length > 1 || theirs.some(({ type }) => type === 3))
        return 'POOL_AUTHORITY_RESERVED'
    }
    const spent = own.reduce((sum, each) => sum + each.cost, 0n) - (old?.cost ?? 0n)
    if (spent + transaction.cost > account.balance) return 'POOL_OVERDRAFT'
    if (old !== undefined && !paysMore(transaction, old, hasBlobs ? 200n : 110n)) {
      return 'POOL_REPLACEMENT_UNDERPRICED'
    }
    const before = this.transactions
    const gone: PooledTransaction[] = []
    if (old === undefined) {
      const locals = before.filter((each) => each.origin !== 'external').length
      if (origin !== 'external' && locals >= this.#limits.local) return 'POOL_LOCAL_LIMIT'
      const tail = own.at(-1)
      if (own.length >= this.#limits.ofAccount && tail !== undefined) {
        if (nonce > tail.nonce || tail.origin !== 'external') return 'POOL_SENDER_FULL'
        gone.push(tail)
      }
    }
    const leaving = [...gone, ...(old === undefined ? [] : [old])]
    this.transactions = [...before.filter((each) => !leaving.includes(each)), transaction]
    while (this.#isOverfull(hasBlobs)) {
      const victim = this.#least(hasBlobs)
      if (victim === undefined || !this.#isBelow(victim, transaction)) {
        this.transactions = before
        return 'POOL_FULL'
      }
      this.transactions = this.transactions.filter((each) => each !== victim)
      gone.push(victim)
    }
    return gone
  }

  /** Those that had to go. */
  setAccount(sender: string, account: SenderAccount): void {
    this.accounts.set(sender, account)
    this.transactions = this.transactions.filter(
      (each) => each.sender !== sender || each.nonce >= account.nonce,
    )
  }

  best({ baseFee, blobFee }: PoolFees): PooledTransaction[] {
    const fees = this.fees
    this.fees = { baseFee, blobFee }
    let left = this.transactions.filter((each) => this.place(each) === 'pending')
    this.fees = fees
    const chosen: PooledTransaction[] = []
    while (left.length > 0) {
      const heads = left.filter(
        (each) => !left.some(({ sender, nonce }) => sender === each.sender && nonce < each.nonce),
      )
      const best = heads.reduce((a, b) => (b.tipAt(baseFee) > a.tipAt(baseFee) ? b : a))
      chosen.push(best)
      left = left.filter((each) => each !== best)
    }
    return chosen
  }

  #account(sender: string): SenderAccount {
    return this.accounts.get(sender) ?? { nonce: 0n, balance: 0n, isDelegated: false }
  }

  #isOverfull(hasBlobs: boolean): boolean {
    const shelf = this.transactions.filter(({ type }) => (type === 3) === hasBlobs)
    const bytes = shelf.reduce((sum, { size }) => sum + size, 0)
    const { transactions, bytes: most, blobTransactions, blobBytes } = this.#limits
    return hasBlobs
      ? shelf.length > blobTransactions || bytes > blobBytes
      : shelf.length > transactions || bytes > most
  }

  #least(hasBlobs: boolean): PooledTransaction | undefined {
    const tails = this.transactions.filter(
      (each) => (each.type === 3) === hasBlobs && this.of(each.sender).at(-1) === each,
    )
    return tails.reduce<PooledTransaction | undefined>(
      (least, each) => (least === undefined || this.#isBelow(each, least) ? each : least),
      undefined,
    )
  }

  #isBelow(a: PooledTransaction, b: PooledTransaction): boolean {
    const level = (each: PooledTransaction) =>
      each.origin !== 'external' ? 3 : levels[this.place(each)]
    if (level(a) !== level(b)) return level(a) < level(b)
    return a.tipAt(this.fees.baseFee) < b.tipAt(this.fees.baseFee)
  }
}

function paysMore(by: PooledTransaction, old: PooledTransaction, percent: bigint): boolean {
  const isMore = (a: bigint, b: bigint) => a * 100n >= b * percent && a > b
  return (
    isMore(by.maxFeePerGas, old.maxFeePerGas) &&
    isMore(by.maxPriorityFeePerGas, old.maxPriorityFeePerGas) &&
    by.maxFeePerBlobGas * 100n >= old.maxFeePerBlobGas * percent
  )
}
