/**
 * The scheduler of native/parallel/optimistic_loop.{hpp,cpp} in simulated time: the same decisions in
 * the same order, with costs where the native one executes. Methods have the native ones' names. What
 * takes time yields it.
 *
 * Simplified: a run ahead reads everything at one moment (`readAt`), and where something that it read
 * is wrong, all that it writes is; claiming, atomics and waiting for memory cost nothing; nothing is
 * prefetched, every transaction has one signature, and no block fails.
 */

import { belongsToLane, cutBatches } from './batches.js'
import type { BlockModel } from './model.js'
import type { Process } from './processes.js'
import { Recovery } from './recovery.js'
import { StaleWindow } from './stale-window.js'
import { Turn } from './turn.js'
import { Versions } from './versions.js'

/** When a run ahead reads what others write: after this share of its time. */
const readAt = 0.5

/** How often a worker looks whether the sender it waits for is known, in microseconds. */
export const pause = 0.1

/** One of the workers. */
interface Worker {
  /** Whether it executes while senders are recovered. */
  readonly runsHeads: boolean
  /** Transactions that it has claimed, in order. */
  batch: number[]
  /** Those whose waiting its runs have ended: its to run. */
  released: number[]
}

/** The transactions of a block on several workers. */
export class SimulatedLoop {
  readonly #block: BlockModel
  readonly #batches: readonly number[][]
  readonly #turns: readonly Turn[]
  readonly #versions: Versions
  readonly #senders: Recovery
  readonly #latest = new StaleWindow()
  #nextBatch = 0
  #claimers = 0
  #committed = 0
  #laneRequests = 0
  #reExecutions = 0

  constructor(block: BlockModel) {
    this.#block = block
    this.#batches = cutBatches(block.transactions)
    this.#turns = block.transactions.map(() => new Turn())
    this.#versions = new Versions(block.transactions.length)
    this.#senders = new Recovery(block.transactions.length)
  }

  /** How many runs were thrown away. */
  get reExecutions(): number {
    return this.#reExecutions
  }

  /** Whether every transaction was committed. */
  get isComplete(): boolean {
    return this.#committed === this.#turns.length
  }

  /** The workers, at most so many: as many as find something to claim. */
  workers(limit: number): Process[] {
    const claimable = this.#batches.reduce((sum, { length }) => sum + length, 0)
    const count = Math.min(limit, Math.max(claimable, this.#senders.chunkCount))
    this.#claimers = count
    return Array.from({ length: count }, (_, number) =>
      this.#work({ runsHeads: number === 0, batch: [], released: [] }),
    )
  }

  *#work(worker: Worker): Process {
    yield* this.#recoverSenders(worker)
    do {
      while (yield* this.#takeBatch(worker)) yield* this.#runBatch(worker)
      yield* this.#renewStale(worker)
    } while (worker.released.length > 0)
  }

  *#recoverSenders(worker: Worker): Process {
    while (yield* this.#senders.recoverNext(this.#block.recovery)) {
      if (worker.runsHeads) yield* this.#runRecovered(worker)
    }
    yield* this.#requestCommits(worker)
  }

  *#runRecovered(worker: Worker): Process {
    yield* this.#requestCommits(worker)
    while (this.#nextBatchIsHead() && (yield* this.#takeBatch(worker)))
      yield* this.#runBatch(worker)
  }

  #nextBatchIsHead(): boolean {
    const before = this.#batches[this.#nextBatch - 1]?.at(-1) ?? -1
    const batch = this.#batches[this.#nextBatch]
    return (
      this.#committed > before && batch?.every((index) => this.#senders.isReady(index)) === true
    )
  }

  *#takeBatch(worker: Worker): Generator<number, boolean, void> {
    worker.batch = []
    while (worker.batch.length === 0) {
      const released = worker.released.pop()
      if (released !== undefined) {
        this.#turns[released]!.state = 'running'
        worker.batch = [released]
        return true
      }
      if (this.#retires()) return false
      const batch = this.#batches[this.#nextBatch++]
      if (batch === undefined) return false
      for (const index of batch) yield* this.#claim(worker, index)
      if (worker.batch.length === 0) yield* this.#requestCommits(worker)
    }
    return true
  }

  *#runBatch(worker: Worker): Process {
    if (yield* this.#tryHead(worker)) return
    for (const index of worker.batch) yield* this.#runAhead(worker, index)
    yield* this.#requestCommits(worker)
  }

  #retires(): boolean {
    if (!this.#latest.inVain || this.#claimers <= 1) return false
    this.#claimers--
    return true
  }

  *#claim(worker: Worker, index: number): Process {
    const turn = this.#turns[index]!
    turn.state = 'running'
    while (!this.#senders.isReady(index)) yield pause
    const { predecessor } = this.#block.transactions[index]!
    if (predecessor !== undefined && this.#turns[predecessor]!.park(turn, index)) return
    worker.batch.push(index)
  }

  *#runAhead(worker: Worker, index: number): Process {
    const turn = this.#turns[index]!
    if (this.#block.transactions[index]!.isTransfer) {
      turn.state = 'transfer'
      return
    }
    yield* this.#speculate(index)
    turn.state = 'executed'
    this.#releaseWaiting(worker, index)
  }

  *#speculate(index: number): Process {
    const { ahead, dependsOn } = this.#block.transactions[index]!
    const turn = this.#turns[index]!
    yield ahead * readAt
    turn.seen = this.#versions.observe(dependsOn)
    yield ahead * (1 - readAt)
    this.#versions.publish(index, turn.seen)
  }

  #releaseWaiting(worker: Worker, index: number): void {
    worker.released.push(...this.#turns[index]!.close())
  }

  *#renewStale(worker: Worker): Process {
    for (let index = this.#committed; index < this.#turns.length; index++) {
      if (this.#latest.inVain) return
      const turn = this.#turns[index]!
      if (!turn.take('running')) continue
      if (!turn.isRenewed && !this.#agrees(index)) {
        turn.isRenewed = true
        yield* this.#speculate(index)
      }
      turn.state = 'executed'
      yield* this.#requestCommits(worker)
    }
  }

  /** Whether a run would still see what it saw. */
  #agrees(index: number): boolean {
    const { dependsOn } = this.#block.transactions[index]!
    const { seen } = this.#turns[index]!
    return this.#versions.observe(dependsOn).every((version, i) => version === seen[i])
  }

  // The lane.

  *#tryHead(worker: Worker): Generator<number, boolean, void> {
    if (this.#laneRequests !== 0) return false
    this.#laneRequests = 1
    yield* this.#commitReady(worker)
    while (worker.batch.length > 0 && worker.batch[0] === this.#committed) {
      const index = worker.batch.shift()!
      yield* this.#runAtHead(worker, index)
      this.#committed = index + 1
      yield* this.#commitReady(worker)
    }
    yield* this.#drainRequests(worker)
    return worker.batch.length === 0
  }

  *#requestCommits(worker: Worker): Process {
    if (this.#laneRequests++ === 0) yield* this.#drainRequests(worker)
  }

  *#drainRequests(worker: Worker): Process {
    for (;;) {
      const seen = this.#laneRequests
      yield* this.#commitReady(worker)
      if (this.#laneRequests === seen) break
    }
    this.#laneRequests = 0
  }

  *#commitReady(worker: Worker): Process {
    while (this.#committed < this.#turns.length) {
      if (!(yield* this.#commitNext(worker, this.#committed))) return
      this.#committed++
    }
  }

  *#commitNext(worker: Worker, index: number): Generator<number, boolean, void> {
    const turn = this.#turns[index]!
    if (belongsToLane(this.#block.transactions[index]!)) {
      if (!this.#senders.isReady(index)) return false
    } else if (turn.take('committing')) {
      yield* this.#commit(worker, index)
      return true
    } else if (turn.state === 'parked') {
      const place = worker.released.indexOf(index)
      if (place === -1) return false
      worker.released.splice(place, 1)
    } else if (turn.state !== 'transfer') {
      return false
    }
    yield* this.#runAtHead(worker, index)
    return true
  }

  *#commit(worker: Worker, index: number): Process {
    const { seen, isRenewed } = this.#turns[index]!
    yield this.#block.commit
    const isStale = !this.#versions.holds(seen)
    this.#reExecutions += Number(isRenewed) + Number(isStale)
    this.#latest.note(isStale)
    if (isStale) yield* this.#runAtHead(worker, index)
  }

  *#runAtHead(worker: Worker, index: number): Process {
    const { atHead, isTransfer } = this.#block.transactions[index]!
    yield atHead
    // What a plain transfer changes is not published.
    if (!isTransfer) this.#versions.publishFinal(index)
    this.#releaseWaiting(worker, index)
  }
}
