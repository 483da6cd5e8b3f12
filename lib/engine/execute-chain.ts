/** Blocks one after another on a state that moves on: while one executes, its neighbours are prepared and finished. */

import type { BlockSource, DecodedBlock } from '../block/index.js'
import type { BlockHashes } from '../chain/index.js'
import { errorInBlock } from '../errors.js'
import { withJson } from '../json.js'
import { onAbort } from '../on-abort.js'
import type { Advance } from '../state/state.js'
import type { Awaitable } from '../state/state-source.js'
import type { BlockResult } from './block-result.js'
import { untilAborted } from './cancellation.js'
import type { ChainLink } from './chain-link.js'
import {
  aheadOf,
  type BlockSequence,
  type ChainProgress,
  type ExecuteBlocksOptions,
  iteratorOf,
} from './chain-options.js'
import { throwFirstDifference } from './header-check.js'

/** What an engine does with one block of a chain. */
export interface BlockSteps<Prepared extends PreparedStep> {
  decode(source: BlockSource): DecodedBlock
  /** Makes a decoded block ready to be executed. */
  prepare(block: DecodedBlock, blockHashes: BlockHashes): Prepared
  /** Executes a block off the JavaScript thread, on the state as it is now. */
  execute(prepared: Prepared, signal: AbortSignal): Promise<Uint8Array>
  /** Throws the error that an output reports. */
  check(prepared: Prepared, packed: Uint8Array): void
  /** Makes the result of an output without an error. */
  complete(prepared: Prepared, packed: Uint8Array): Promise<BlockResult>
  /** Forgets what was prepared and not executed. */
  end(): void
}

/** A block that is ready to be executed. */
export interface PreparedStep {
  readonly block: DecodedBlock
  /** The packed block. */
  readonly input: Uint8Array
  /** Whether completing it looks at the state before the block. */
  readonly needsStateBefore: boolean
}

/** A block that executes. */
interface Running<Prepared> {
  readonly prepared: Prepared
  readonly output: Promise<Uint8Array>
}

/** The most that packed blocks may take before no more are read. */
const mostBytesAhead = 64 << 20

/**
 * Executes the blocks of a chain.
 *
 * While a block executes, the one before it is finished on the JavaScript thread (receipts, roots,
 * checks) and yielded, and those after it are decoded, packed, and handed to threads that have nothing
 * better to do. The next one begins once the state has moved on by the block before. So at most one block
 * is executed ahead of what was yielded, and some more are read from the source. What was executed ahead
 * is not committed: dropping it changes nothing.
 */
export class ChainExecution<Prepared extends PreparedStep> {
  readonly #blocks: BlockSequence
  readonly #options: ExecuteBlocksOptions
  readonly #link: ChainLink
  readonly #steps: BlockSteps<Prepared>
  /** Ends whatever is under way. */
  readonly #aborter = new AbortController()
  #running: Running<Prepared> | undefined
  /** The blocks after the one that executes, in their order. */
  readonly #upcoming: Promise<Prepared | undefined>[] = []
  /** What those take that are there. */
  #bytesAhead = 0
  /** How many blocks the source was asked for, and is to be asked for by now. */
  #asked = 0
  #wanted = 0
  #isReadingAhead = false
  /** The block that was asked for last. */
  #latest: Promise<Prepared | undefined> | undefined
  #isPulling = false

  constructor(
    blocks: BlockSequence,
    options: ExecuteBlocksOptions,
    link: ChainLink,
    steps: BlockSteps<Prepared>,
  ) {
    this.#blocks = blocks
    this.#options = options
    this.#link = link
    this.#steps = steps
  }

  results(): AsyncGenerator<BlockResult, void, undefined> {
    const results = this.#generate()
    const finish = results.return.bind(results)
    // A generator ends at its next yield, which may be as far away as a source that never answers.
    results.return = (value) => {
      this.#aborter.abort()
      return finish(value)
    }
    return results
  }

  async *#generate(): AsyncGenerator<BlockResult, void, undefined> {
    const { signal, onProgress } = this.#options
    const forget = signal && onAbort(signal, () => this.#aborter.abort(signal.reason))
    const source = iteratorOf(this.#blocks)
    let isExhausted = false
    try {
      if (signal?.aborted) this.#aborter.abort(signal.reason)
      const progress = new ProgressCount()
      let upcoming = this.#begin(this.#next(source))
      for (;;) {
        const running = await untilAborted(upcoming, this.#aborter.signal)
        if (running === undefined) {
          isExhausted = true
          return
        }
        void this.#readAhead(source)
        const begin = () => {
          upcoming = this.#begin(this.#upcoming.shift() ?? this.#next(source))
        }
        const result = await this.#advance(running, begin)
        const thrown = report(onProgress, progress.add(result))
        yield result
        if (thrown !== undefined) throw thrown.reason
      }
    } finally {
      forget?.()
      await this.#stop()
      this.#steps.end()
      // A source that is waiting for its next block would not answer.
      if (!isExhausted && !this.#isPulling) await source.return?.()
    }
  }

  /**
   * Takes the block that executes to its end and the state behind it. Calls `begin` as soon as the next
   * one can execute. Where it throws, the state is as it was.
   */
  async #advance({ prepared, output }: Running<Prepared>, begin: () => void): Promise<BlockResult> {
    const { state } = this.#options
    try {
      const packed = await output
      this.#steps.check(prepared, packed)
      const early = prepared.needsStateBefore
        ? await this.#steps.complete(prepared, packed)
        : undefined
      const { number, hash } = prepared.block
      const rootAfter = state.rootsAfter()
      const advance = await state.advance({ packed, number, hash })
      if (advance === undefined) {
        const result = await this.#steps.complete(prepared, packed)
        await this.#finish(result, () => rootAfter(result))
        await state.commit(result)
        begin()
        return result
      }
      begin()
      // Where the next block is there, it begins now, before this thread is busy with this one.
      await undefined
      return await this.#keep(advance, () => early ?? this.#steps.complete(prepared, packed))
    } catch (error) {
      throw errorInBlock(error, prepared.block.number)
    }
  }

  /** Decides on a step that the state has taken. */
  async #keep(advance: Advance, complete: () => Awaitable<BlockResult>): Promise<BlockResult> {
    try {
      const result = await complete()
      await this.#finish(result, () => advance.root())
      await advance.keep()
      return result
    } catch (error) {
      await this.#stop()
      await advance.drop()
      throw error
    }
  }

  /** Checks a result against its header, the root of the state after it included. */
  async #finish(result: BlockResult, root: Advance['root']): Promise<void> {
    const { verify = true, stateRoot = true } = this.#options
    if (verify) throwFirstDifference(result)
    if (!stateRoot) return
    const after = await root()
    if (after === undefined) return
    result.setStateRoot(after)
    if (verify) throwFirstDifference(result)
  }

  /** Has blocks read until there are enough behind the one that executes, or they take too much memory. */
  async #readAhead(source: ReturnType<typeof iteratorOf>): Promise<void> {
    const upcoming = this.#upcoming
    this.#wanted = this.#asked - upcoming.length + Math.max(1, aheadOf(this.#options))
    if (this.#isReadingAhead) return
    this.#isReadingAhead = true
    const hasRoom = () => upcoming.length === 0 || this.#bytesAhead < mostBytesAhead
    try {
      while (this.#asked < this.#wanted && hasRoom()) {
        const next = this.#next(source)
        upcoming.push(next)
        if ((await next) === undefined) return
      }
    } catch {
      // Told when it is that block's turn.
    } finally {
      this.#isReadingAhead = false
    }
  }

  /** The next block of the source, which is asked once it has answered for the one before. */
  #next(source: ReturnType<typeof iteratorOf>): Promise<Prepared | undefined> {
    const next =
      this.#latest === undefined
        ? this.#pull(source)
        : this.#latest.then((block) => (block === undefined ? undefined : this.#pull(source)))
    ignoreFailure(next)
    this.#asked++
    this.#latest = next
    return next
  }

  /** Reads, checks and packs the next block; undefined at the end of the source. */
  async #pull(source: ReturnType<typeof iteratorOf>): Promise<Prepared | undefined> {
    this.#isPulling = true
    const next = await source.next()
    this.#isPulling = false
    if (next.done === true || this.#aborter.signal.aborted) return undefined
    let number = this.#link.nextNumber
    try {
      const decoded = this.#steps.decode(next.value)
      number = decoded.number
      const prepared = this.#steps.prepare(decoded, this.#link.follow(decoded))
      this.#link.advance(decoded)
      this.#bytesAhead += prepared.input.length
      return prepared
    } catch (error) {
      throw errorInBlock(error, number)
    }
  }

  /** Executes a block once it is there. */
  #begin(pulled: Promise<Prepared | undefined>): Promise<Running<Prepared> | undefined> {
    const { signal } = this.#aborter
    const running = pulled.then((prepared) => {
      if (prepared === undefined || signal.aborted) return undefined
      this.#bytesAhead -= prepared.input.length
      const output = this.#steps.execute(prepared, signal)
      this.#running = { prepared, output }
      ignoreFailure(output)
      return this.#running
    })
    ignoreFailure(running)
    return running
  }

  /** Ends what executes and lets nothing begin any more. */
  async #stop(): Promise<void> {
    this.#aborter.abort()
    await this.#running?.output.catch(() => undefined)
  }
}

/** Adds up what was executed. */
class ProgressCount {
  readonly #start = performance.now()
  #blocks = 0
  #transactions = 0
  #gasUsed = 0n

  add({ number, hash, transactionCount, gasUsed }: BlockResult): ChainProgress {
    this.#blocks++
    this.#transactions += transactionCount
    this.#gasUsed += gasUsed
    const elapsed = performance.now() - this.#start
    return withJson({
      blockNumber: number,
      blockHash: hash,
      blocks: this.#blocks,
      transactions: this.#transactions,
      gasUsed: this.#gasUsed,
      elapsed,
      mgasPerSecond: Number(this.#gasUsed) / 1000 / elapsed,
    })
  }
}

/** Tells the caller; gives what the callback threw. */
function report(
  onProgress: ExecuteBlocksOptions['onProgress'],
  progress: ChainProgress,
): { readonly reason: unknown } | undefined {
  try {
    onProgress?.(progress)
    return undefined
  } catch (reason) {
    return { reason }
  }
}

/** Keeps a failure that is looked at later from ending the process until then. */
function ignoreFailure(promise: Promise<unknown>): void {
  promise.catch(() => undefined)
}
